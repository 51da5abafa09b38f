"""Who is calling, by whichever credential a request brings."""

import base64
import json
from urllib.parse import quote

import pytest

from app.web.sessions import cookie_name, session_cookie, session_token

NAME = "sb-abcdefgh-auth-token"


def encoded(session: object) -> str:
    return "base64-" + base64.urlsafe_b64encode(json.dumps(session).encode()).decode().rstrip("=")


def test_the_cookie_is_named_by_the_project() -> None:
    """As @supabase/ssr names it: by the first label of the project's host."""
    assert cookie_name("https://abcdefgh.supabase.co") == NAME
    assert cookie_name("http://127.0.0.1:54321") == "sb-127-auth-token"


@pytest.mark.parametrize("padding", ["", "x", "xx", "xxx"])
def test_a_session_in_one_cookie(padding: str) -> None:
    """The base64 form, whatever its length leaves of padding."""
    assert session_token({NAME: encoded({"access_token": "tok" + padding})}, NAME) == "tok" + padding


def test_a_session_in_chunks() -> None:
    """Long sessions are cut at some three thousand characters, anywhere."""
    value = encoded({"access_token": "t" * 9_000, "user": {"name": "Ännchen"}})
    cookies = {f"{NAME}.{n}": value[n * 3180 : (n + 1) * 3180] for n in range(4)}
    assert session_token(cookies, NAME) == "t" * 9_000


def test_a_session_of_an_older_library() -> None:
    """JSON, percent-encoded, without base64."""
    assert session_token({NAME: quote(json.dumps({"access_token": "tok"}))}, NAME) == "tok"


def test_our_own_form_reads_back() -> None:
    """What the development sign-in writes."""
    assert session_token({NAME: session_cookie("tok")}, NAME) == "tok"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "base64-",
        "base64-!!!!",
        "base64-" + base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        "{",
        "[]",
        "null",
        '"text"',
        "%7B%22access_token%22%3A5%7D",
        "%7B%7D",
        "%",
        "[" * 60_000,
        "x" * 100_000,
    ],
)
def test_a_broken_session_is_none(value: str) -> None:
    """Whatever stands in the cookie, the visitor is then simply not signed in."""
    assert session_token({NAME: value}, NAME) is None


def test_chunks_without_the_first_are_no_session() -> None:
    """A chunk that is missing ends the value; without the first there is none."""
    assert session_token({f"{NAME}.1": encoded({"access_token": "tok"})}, NAME) is None


def test_endless_chunks_are_not_read() -> None:
    """A browser of an attacker's may send as many cookies as it likes."""
    assert session_token({f"{NAME}.{n}": "x" * 4_000 for n in range(1_000)}, NAME) is None
