"""Brings a database to the schema this version of the code needs.

Two kinds of SQL make the schema. Tables change by Alembic revisions, once each. Functions, policies and views are
*definitions*: files that say how things are now and can be run again, executed after the revisions whenever their
text differs from what the database was last given. Everything happens in one transaction.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from migrations.files import SQL_FOLDER, run_file

_FOLDER = Path(__file__).resolve().parents[3] / "migrations"
# Any number will do, as long as every version of this code uses the same one.
_LOCK = 7_315_246_002
_LOCK_WAIT = "120s"
_STATEMENT_WAIT = "150s"
# Alembic keeps its environment in module globals: one migration at a time in one process.
_PROCESS_LOCK = threading.Lock()
_POLICY = re.compile(r'^create policy "([^"]+)" on public\.(\w+)', re.MULTILINE)
# Functions first: policies call them. The views come last: they read tables as the policies allow.
_DEFINITIONS = ("functions", "policies", "audit")


def upgrade(database_url: str, revision: str = "head") -> None:
    """Migrates up to `revision`. Does nothing to a database that is there already; any number may start at once.

    Raises psycopg or SQLAlchemy errors as they are, with the database unchanged.
    """
    config = _config()
    with _locked(database_url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if _revision(connection) == ScriptDirectory.from_config(config).get_current_head():
            _apply_definitions(connection)


def downgrade(database_url: str, revision: str) -> None:
    """Migrates down to `revision`; "base" removes everything but the roles, which belong to the server."""
    config = _config()
    with _locked(database_url) as connection:
        config.attributes["connection"] = connection
        # Definitions stand on the newest tables. An `upgrade` of whichever code comes next brings its own.
        run_file("versions/views.down.sql", connection)
        run_file("versions/definitions.down.sql", connection)
        command.downgrade(config, revision)
        if _revision(connection) is None:
            connection.execute(text("drop schema seedbed cascade"))


def current(database_url: str) -> str | None:
    """The revision a database is at, None before the first."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute("select to_regclass('seedbed.alembic_version')").fetchone()
        if found is None or found[0] is None:
            return None
        row = connection.execute("select version_num from seedbed.alembic_version").fetchone()
        return None if row is None else str(row[0])


def head() -> str:
    """The revision this code needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def policies() -> frozenset[tuple[str, str]]:
    """The policies of this version's tables in `public`: (table, name)."""
    text = "".join(file.read_text(encoding="utf-8") for file in (SQL_FOLDER / "policies").glob("*.sql"))
    return frozenset((table, name) for name, table in _POLICY.findall(text))


def _config() -> Config:
    config = Config()
    # The option file's parser takes a % for the start of a reference.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _locked(database_url: str) -> Iterator[Connection]:
    """A connection in a transaction that holds the migration lock, committed in the end."""
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(database_url, prepare_threshold=None),
        poolclass=NullPool,
    )
    # This lock before the database's: in the other order two threads could wait for each other.
    with _PROCESS_LOCK, engine.begin() as connection:
        # The transaction's, not the session's: it holds through a transaction pooler too.
        connection.execute(
            text("select set_config('lock_timeout', :lock, true), set_config('statement_timeout', :statement, true)"),
            {"lock": _LOCK_WAIT, "statement": _STATEMENT_WAIT},
        )
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text("create schema if not exists seedbed"))
        yield connection


def _revision(connection: Connection) -> str | None:
    if connection.scalar(text("select to_regclass('seedbed.alembic_version')")) is None:
        return None
    found: str | None = connection.scalar(text("select version_num from seedbed.alembic_version"))
    return found


def _apply_definitions(connection: Connection) -> None:
    files = [file for folder in _DEFINITIONS for file in sorted((SQL_FOLDER / folder).glob("*.sql"))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    connection.execute(text("create table if not exists seedbed.definitions (digest text primary key)"))
    if connection.scalar(text("select digest from seedbed.definitions")) == digest:
        # Supabase's storage server may have come to this database after us.
        run_file("policies/storage_objects.sql", connection)
        return
    run_file("versions/views.down.sql", connection)
    for file in files:
        run_file(str(file.relative_to(SQL_FOLDER)), connection)
    connection.execute(text("delete from seedbed.definitions"))
    connection.execute(text("insert into seedbed.definitions (digest) values (:digest)"), {"digest": digest})
