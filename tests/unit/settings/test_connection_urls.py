"""URLs of databases: shown without their passwords, and refused where a driver would repeat them."""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from app.connection_urls import UNREADABLE, fault_of, without_password
from app.redaction import passwords_of


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://app:hush@h:5432/db?a=b", "postgresql://app:***@h:5432/db?a=b"),
        ("postgresql://h/db", "postgresql://h/db"),
        ("postgresql://h:5432/db", "postgresql://h:5432/db"),
        ("postgresql://bob@h/db", "postgresql://bob@h/db"),
        ("postgresql://bob@corp.example:hush@h/db", "postgresql://bob@corp.example:***@h/db"),
        ("postgresql://bob:hu@s/h?#:@h/db", "postgresql://bob:***@h/db"),
        ("postgresql://bob:hu\nsh@[::1/db", "postgresql://bob:***@[::1/db"),
        ("postgresql://h/db?password=hush hush&sslpassword=hush", "postgresql://h/db?password=***&sslpassword=***"),
        ("mysql://bob:hush@h/db", "mysql://bob:***@h/db"),
        ("jdbc:postgresql://h/db?user=x&Password=hush", "jdbc:postgresql://h/db?user=x&Password=***"),
        ("bob:hush@h/db", "bob:***@h/db"),
        ("host=h password = 'hu\\' sh' user=bob", "host=h password = *** user=bob"),
        ("host=h password=hush user=bob", "host=h password=*** user=bob"),
        ("schema.sql", "schema.sql"),
    ],
)
def test_it_is_shown_without_passwords(url: str, shown: str) -> None:
    """User, host and database tell people what they need, in whatever they gave for a URL."""
    assert without_password(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bob:hu%zzsh@h/db",
        "postgresql://bob:hush%@h/db",
        "postgresql://bob:%00hush@h/db",
        "postgresql://bob:hu@sh@h/db",
        "postgresql://bob:hu/sh@h/db",
        "postgresql://bob:5/hush@h/db",
        "postgresql://bob:hu sh@h/db",
        "postgresql://bob:hush",
        "postgresql://bob:hush@[::1/db",
        "postgresql://bob:hush@h:port/db",
    ],
)
def test_what_libpq_reads_otherwise_is_refused(url: str) -> None:
    """It would quote the password in what it says of it, or ask the network for a host of that name."""
    assert fault_of(url) == UNREADABLE
    try:
        read = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return
    assert (read.get("password"), read.get("host")) != ("hush", "h") or read["port"] == "port"


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("postgresql://bob:hu:sh@h/db", "hu:sh"),
        ("postgresql://bob:hu#sh@h:5432/db", "hu#sh"),
        ("postgresql://bob:hu?sh@h1,h2:5433/db?target_session_attrs=any", "hu?sh"),
        ("postgres://bob:hu%40%2Fsh@[::1]:5432/db", "hu@/sh"),
        ("postgresql://bob:%5Bhush@%2Frun%2Fpostgresql/db%40home", "[hush"),
        ("postgresql:///db?host=h&password=hush", "hush"),
    ],
)
def test_what_libpq_reads_as_it_is_meant_is_taken(url: str, password: str) -> None:
    """And its password is known, to be hidden wherever it may turn up."""
    assert fault_of(url) is None
    assert conninfo_to_dict(url)["password"] == password
    assert password in passwords_of(url)
