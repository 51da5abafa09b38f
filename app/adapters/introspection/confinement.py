"""An unprivileged role for DDL that strangers send, and limits on what it may use up."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]

# Settings of the role, which only a superuser can lift.
_LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "temp_file_limit": "64MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "16MB",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    "lc_messages": "C",
}
_MEMORY_BYTES = 256 * 1024 * 1024


@contextmanager
def confined_connection(admin: Connection, database_url: str, role: str) -> Iterator[Connection]:
    """A connection as a new role that owns nothing and may make things in this database alone.

    `admin` is a superuser's connection to the same database. The role is left for the caller to drop, after the
    database that holds what it made.
    """
    password = secrets.token_urlsafe(24)
    name = sql.Identifier(role)
    admin.execute(
        sql.SQL(
            "create role {} login nosuperuser nocreatedb nocreaterole noreplication noinherit connection limit 1"
            " password {}"
        ).format(name, sql.Literal(password))
    )
    for setting, value in _LIMITS.items():
        admin.execute(sql.SQL("alter role {} set {} = {}").format(name, sql.Identifier(setting), sql.Literal(value)))
    database = sql.Identifier(admin.info.dbname)
    admin.execute(sql.SQL("revoke all on database {} from public").format(database))
    admin.execute(sql.SQL("grant connect, create, temporary on database {} to {}").format(database, name))
    admin.execute(sql.SQL("grant usage, create on schema public to {}").format(name))
    with psycopg.connect(_as_user(database_url, role, password), autocommit=True) as connection:
        _limit_memory(connection)
        yield connection


def _as_user(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"))


def _limit_memory(connection: Connection) -> None:
    """Bounds the memory of the session's process, where it runs on this machine and we may.

    An expression of a few characters can ask for a gigabyte; Postgres has no setting against it.
    """
    pid = connection.info.backend_pid
    with suppress(OSError, ImportError, AttributeError, ValueError, subprocess.TimeoutExpired):
        import resource

        # A process of that number may be anything else, when the server runs elsewhere.
        title = Path(f"/proc/{pid}/cmdline").read_bytes()
        if not title.startswith(b"postgres:") or connection.info.dbname.encode() not in title:
            return
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + _MEMORY_BYTES
        try:
            resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
        except PermissionError:
            _limit_as_its_owner(pid, limit)


def _limit_as_its_owner(pid: int, limit: int) -> None:
    """Even root may not limit another user's process in many containers; that user may."""
    program = shutil.which("prlimit")
    if program is not None and os.geteuid() == 0:
        owner = Path(f"/proc/{pid}").stat()
        command = [program, f"--pid={pid}", f"--as={limit}"]
        subprocess.run(
            command, user=owner.st_uid, group=owner.st_gid, extra_groups=[], timeout=5, check=False, capture_output=True
        )
