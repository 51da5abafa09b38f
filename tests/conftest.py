"""Real databases for tests: one server for the session, a fresh database for the test that asks for one.

Without DATABASE_URL each pytest-xdist worker starts an embedded server of its own. With DATABASE_URL that server is
used: the databases made there have names of their own and are dropped at the end, whatever happens in between.
"""

import functools
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import hypothesis
import psycopg
import pytest
from psycopg import sql

from tests.in_memory import move_into_memory

# How long an example takes says more of the machine than of what is tested.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Any number will do, as long as every worker of every run uses the same one.
_TEMPLATE_LOCK = 7_315_246_001


def pytest_configure(config: pytest.Config) -> None:
    """Before any fixture, and in front of xdist's workers, who inherit where temporary files are."""
    config.add_cleanup(move_into_memory(config.option.markexpr))


class Server(Protocol):
    """A running Postgres in which this session may create databases."""

    def url(self, database: str = "postgres") -> str:
        """A URL for `database` on this server."""
        ...


class NamedServer:
    """The server that DATABASE_URL names; its database serves for maintenance alone, nothing is written there."""

    def __init__(self, database_url: str) -> None:
        self._parts = urlsplit(database_url)

    def url(self, database: str | None = None) -> str:
        """A URL for `database` with everything else as in DATABASE_URL; without a name, DATABASE_URL's own."""
        if database is None:
            return urlunsplit(self._parts)
        return urlunsplit(self._parts._replace(path="/" + quote(database)))


class Databases:
    """Creates databases with unique names on one server, and drops every one of them in the end."""

    def __init__(self, maintenance_url: str, server: Server) -> None:
        self._maintenance_url = maintenance_url
        self._server = server
        self._prefix = f"seedbed_test_{os.getpid()}_{secrets.token_hex(4)}"
        self._made = 0
        self._template: str | None = None

    def create(self, template: str | None = None) -> str:
        """The name of a new database, empty or a copy of `template`."""
        self._made += 1
        name = f"{self._prefix}_{self._made}"
        # template0 takes no connections, so creating from it never waits for one to leave. Copying files takes half of
        # the time that writing every page into the log takes, on a server that nobody shares.
        statement = sql.SQL("create database {} template {} strategy {}").format(
            sql.Identifier(name),
            sql.Identifier(template or "template0"),
            sql.SQL("wal_log" if isinstance(self._server, NamedServer) else "file_copy"),
        )
        with psycopg.connect(self._maintenance_url, autocommit=True) as connection:
            connection.execute(statement)
        return name

    def url(self, name: str) -> str:
        """The URL of a database that `create` made."""
        return self._server.url(name)

    def drop(self, name: str) -> None:
        """Drops a database even while a test that failed still has connections to it."""
        with psycopg.connect(self._maintenance_url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def migrated_template(self) -> str:
        """The name of the migrated database that others are copied from; migrated once per session."""
        if self._template is None:
            from app.adapters.postgres.migrations import upgrade

            name = self.create()
            # Roles belong to the whole server, so runs that share it migrate one after another. Advisory locks
            # belong to a database: this one is taken in the database that all runs know.
            with _exclusive(self._maintenance_url):
                upgrade(self.url(name))
            self._template = name
        return self._template

    def drop_all(self) -> None:
        """Drops what this session made and is still there."""
        with psycopg.connect(self._maintenance_url, autocommit=True) as connection:
            names = connection.execute(
                "select datname from pg_database where starts_with(datname, %s)", [self._prefix]
            ).fetchall()
        for (name,) in names:
            self.drop(name)


@contextmanager
def _exclusive(maintenance_url: str) -> Iterator[None]:
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_TEMPLATE_LOCK])
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_reading_of_what_s3_is() -> Iterator[None]:
    """botocore reads its description of S3 for every client, which takes a tenth of a second; tests make hundreds."""
    import botocore.session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", functools.cache(botocore.session.create_loader))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The session's server: the one DATABASE_URL names, else an embedded one of this process's own."""
    named = os.environ.get("DATABASE_URL")
    if named:
        yield NamedServer(named)
        return
    from app.embedded import EmbeddedPostgres

    with EmbeddedPostgres.start(durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: Server) -> Iterator[Databases]:
    """The maker of databases, for tests that need more than one."""
    made = Databases(postgres.url(), postgres)
    try:
        yield made
    finally:
        made.drop_all()


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """The URL of a database with nothing in it, of this test's own."""
    name = databases.create()
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of a migrated database, of this test's own."""
    name = databases.create(databases.migrated_template())
    yield databases.url(name)
    databases.drop(name)
