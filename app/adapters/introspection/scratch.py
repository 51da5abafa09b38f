"""A database that lives as long as a `with` block: made empty, filled with DDL, dropped."""

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from app.adapters.introspection.confinement import confined_connection
from app.adapters.introspection.ddl_gate import pass_gate
from app.adapters.introspection.ddl_loading import DdlLoader
from app.adapters.introspection.ddl_parsing import prepare_statements
from app.adapters.introspection.sql_files import read_sql
from app.errors import DatabaseUnavailable

Connection = psycopg.Connection[Any]

_PREFIX = "seedbed_scratch_"
_ROLE_PREFIX = "seedbed_confined_"
_HOSTILE_DEADLINE_S = 30.0
_LEFT_BEHIND_S = 24 * 3600
_END_MAKERS = """
with makers as materialized (select pid from pg_stat_activity where application_name = %s and usename = current_user)
select pg_terminate_backend(pid, %s) from makers
"""
_END_WAIT_MS = 10_000
# An empty database is made or dropped in some 50 ms; a server that does not come to it is not the DDL's fault.
_OWN_STATEMENTS_S = 15.0


def with_database(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path="/" + quote(database, safe="")))


def new_name() -> str:
    """A name for a scratch database that no other one has; it says when it was made."""
    return f"{_PREFIX}{int(time.time())}_{secrets.token_hex(6)}"


def _role_of(name: str) -> str:
    return name.replace(_PREFIX, _ROLE_PREFIX)


def discard(server_url: str, name: str) -> bool:
    """Drops the scratch database of that name and its role, as far as they are there, whoever is connected; whether
    nothing is left. A backend in the middle of a long expression hears of its end when that is computed. What cannot be
    dropped now is swept up later: this raises nothing."""
    with suppress(psycopg.Error), psycopg.connect(server_url, autocommit=True) as admin:
        # A backend whose client was killed goes on making the database: it is not there yet, and would be afterwards.
        admin.execute(_END_MAKERS, (name, _END_WAIT_MS))
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(_role_of(name))))
        return True
    return False


class ScratchDatabase:
    """An empty database on the server of `server_url`, or on an embedded one started for it when there is none.

    On a server of the user's, the URL's role needs the right to create databases. Dropped on exit, whatever
    happens; those that a killed process left behind are dropped a day later. Entering raises DatabaseUnavailable.
    """

    def __init__(self, server_url: str | None = None, name: str | None = None) -> None:
        """`name` is one of `new_name`'s, for whoever may have to `discard` it."""
        self._server_url = server_url
        self._stack = ExitStack()
        self.name = name or new_name()
        self._role: str | None = None
        self.warnings: list[str] = []

    def __enter__(self) -> "ScratchDatabase":
        with ExitStack() as stack:
            url = self._server_url
            if url is None:
                from app.embedded import EmbeddedPostgres

                url = stack.enter_context(EmbeddedPostgres.start(durable=False)).url()
            try:
                self._admin = stack.enter_context(psycopg.connect(url, autocommit=True, application_name=self.name))
            except psycopg.OperationalError as error:
                raise DatabaseUnavailable(f"the server for scratch databases cannot be reached: {error}") from error
            self.server_url = url
            self._admin.execute(f"set statement_timeout = '{_OWN_STATEMENTS_S:g}s'".encode())
            self._sweep()
            create = sql.SQL("create database {} template template0 encoding 'UTF8'")
            try:
                self._admin.execute(create.format(sql.Identifier(self.name)))
            except psycopg.errors.QueryCanceled as error:
                raise DatabaseUnavailable(
                    "the server for scratch databases is too busy to make one", reason="busy"
                ) from error
            stack.callback(self._drop)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """The URL of the scratch database."""
        return with_database(self.server_url, self.name)

    @contextmanager
    def connect(self, *, autocommit: bool = True) -> Iterator[Connection]:
        """A connection to the scratch database, as the role that made it."""
        with psycopg.connect(self.url, autocommit=autocommit) as connection:
            yield connection

    def load(self, ddl: str, *, tolerated: frozenset[str] = frozenset()) -> None:
        """Loads the user's own DDL, such as pg_dump writes; warnings are collected in `warnings`.

        Raises DdlRefused with line, token and Postgres' message for what cannot be loaded; errors with a SQLSTATE
        that is `tolerated` are warnings.
        """
        statements = prepare_statements(ddl)
        with self.connect() as connection:
            with suppress(psycopg.Error):  # the messages are read; only a superuser may choose their language
                connection.execute("set lc_messages = 'C'")
            loader = DdlLoader(connection, connection, tolerated=tolerated)
            try:
                loader.load(statements)
                connection.execute(read_sql("introspection", "empty_tables"))
            finally:
                self.warnings += loader.warnings

    def load_hostile(self, ddl: str) -> None:
        """Loads a stranger's DDL: what passes the gate, as a role of its own, within limits.

        Raises DdlRefused with every fault.
        """
        passed = pass_gate(ddl)
        self.warnings += passed.warnings
        self._role = _role_of(self.name)
        with self.connect() as admin, confined_connection(admin, self.url, self._role) as connection:
            loader = DdlLoader(connection, admin, deadline_s=_HOSTILE_DEADLINE_S, vet=passed.vet)
            try:
                # Before anything of the stranger's is there to meet what the superuser runs.
                for extension, schema, line in passed.extensions:
                    loader.create_extension(extension, schema, line)
                loader.load(passed.statements)
            finally:
                self.warnings += loader.warnings

    def _drop(self) -> None:
        with suppress(psycopg.errors.QueryCanceled):  # left to a later sweep; what was read of it is whole
            self._drop_now()

    def _drop_now(self) -> None:
        self._admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(self.name)))
        if self._role is not None:
            self._admin.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(self._role)))

    def _sweep(self) -> None:
        """Drops what killed processes left behind, databases before the roles that own things in them."""
        for query, prefix, drop in (
            ("select datname from pg_database where starts_with(datname, %s)", _PREFIX, sql.SQL("drop database {}")),
            ("select rolname from pg_roles where starts_with(rolname, %s)", _ROLE_PREFIX, sql.SQL("drop role {}")),
        ):
            for (name,) in self._admin.execute(query, (prefix,)).fetchall():
                made_at = name.removeprefix(prefix).partition("_")[0]
                if made_at.isdigit() and int(made_at) < time.time() - _LEFT_BEHIND_S:
                    with suppress(psycopg.Error):  # in use, or somebody else's to drop
                        self._admin.execute(drop.format(sql.Identifier(name)))
