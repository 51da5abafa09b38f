"""Waiting for the database at start: services come up in any order, and the migration may be under way."""

import asyncio
from pathlib import Path

import psycopg

from app.adapters.postgres.connections import with_keepalives
from app.errors import ConfigurationInvalid
from app.logging import get_logger

log = get_logger(__name__)

_REVISIONS = Path(__file__).resolve().parents[3] / "migrations" / "versions"
WAITS_S = (0.2, 0.5, 1.0, 2.0, 5.0)
# What no waiting mends. libpq gives no code for a connection that was refused, only the server's words.
_FINAL = ("authentication failed", "no password supplied", "does not exist", "no pg_hba.conf entry")


def is_final(told: str) -> bool:
    """Whether the server's refusal, in its words, is one that no waiting mends."""
    return any(word in told for word in _FINAL)


def needed_revision() -> str:
    """The newest revision that this code knows; the files are numbered."""
    return max(path.name.partition("_")[0] for path in _REVISIONS.glob("[0-9]*_*.py"))


async def wait_for_database(database_url: str) -> None:
    """Returns when the database answers and has at least the tables that this code needs.

    Raises ConfigurationInvalid when the server answers that it will not let this account in.
    """
    tries = 0
    while True:
        try:
            reason = await _unready(database_url)
        except (psycopg.OperationalError, OSError, TimeoutError) as error:
            told = " ".join(str(error).split())
            if is_final(told):
                raise ConfigurationInvalid(f"DATABASE_URL does not lead to a database we may use: {told}") from None
            reason = f"{type(error).__name__}: {told}"
        if reason is None:
            if tries:
                log.info("database_ready", tries=tries)
            return
        wait_s = WAITS_S[min(tries, len(WAITS_S) - 1)]
        log.warning("waiting_for_database", reason=reason, next_try_s=wait_s)
        tries += 1
        await asyncio.sleep(wait_s)


async def _unready(database_url: str) -> str | None:
    """What is missing in a database that answers."""
    needed = needed_revision()
    async with await psycopg.AsyncConnection.connect(
        with_keepalives(database_url, "seedbed start"), autocommit=True, prepare_threshold=None
    ) as connection:
        found = await (await connection.execute("select to_regclass('seedbed.alembic_version')")).fetchone()
        if found is None or found[0] is None:
            return "the tables are not there yet: `seedbed migrate` makes them"
        row = await (await connection.execute("select version_num from seedbed.alembic_version")).fetchone()
    # Newer is well: a release's tables serve the release before it, see docs/ops/migrations.md.
    if row is None or str(row[0]) < needed:
        return f"the tables are at {row[0] if row else 'nothing'} and this version needs {needed}: `seedbed migrate`"
    return None
