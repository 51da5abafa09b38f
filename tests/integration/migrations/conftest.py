"""Servers and roles as migrations meet them in the wild."""

from collections.abc import Iterator

import psycopg
import pytest

from app.embedded import EmbeddedPostgres


@pytest.fixture(scope="module")
def bare_server() -> Iterator[EmbeddedPostgres]:
    """A server of these tests' own, on which nobody has made the roles anon, authenticated and service_role yet."""
    with EmbeddedPostgres.start(durable=False) as server:
        yield server


@pytest.fixture
def roleless(bare_server: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    """That server; afterwards the roles and databases a test made are gone again."""
    yield bare_server
    with psycopg.connect(bare_server.url(), autocommit=True) as connection:
        for (name,) in connection.execute("select datname from pg_database where datname ~ '^app'").fetchall():
            connection.execute(psycopg.sql.SQL("drop database {} with (force)").format(psycopg.sql.Identifier(name)))
        roles = connection.execute("select rolname from pg_roles where rolname !~ '^pg_' and rolname <> 'postgres'")
        for (name,) in roles.fetchall():
            connection.execute(psycopg.sql.SQL("drop owned by {} cascade").format(psycopg.sql.Identifier(name)))
            connection.execute(psycopg.sql.SQL("drop role {}").format(psycopg.sql.Identifier(name)))
