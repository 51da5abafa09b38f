"""API and workers may be started before Postgres is there, and before it is migrated."""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from app.adapters.postgres.migrations import head, upgrade
from app.adapters.postgres.readiness import needed_revision, wait_for_database
from app.embedded import EmbeddedPostgres
from app.embedded.folders import temporary_folder
from app.errors import ConfigurationInvalid
from tests.conftest import Databases
from tests.integration.operations.processes import PROJECT, answers, free_port, running, says, service_environment


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder for a server's data, where the account that the server runs as can read it."""
    folder = temporary_folder(readable_by_others=True)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
async def test_the_database_may_come_last(tmp_path: Path, data: Path) -> None:
    """Started against nothing, both wait and say for what; then Postgres comes, then its tables, and both work."""
    port, api, worker = free_port(), free_port(), free_port()
    with EmbeddedPostgres.start(data, port=port, durable=False) as server:
        url = server.url()
    variables = service_environment(url, tmp_path, api, worker)
    with ExitStack() as servers:  # ends after the processes, which take their leave of it
        async with (
            running(tmp_path, "api", "app.cli", "serve", variables=variables) as api_log,
            running(
                tmp_path, "worker", "procrastinate", "--app=tasks.app", "worker", variables=variables
            ) as worker_log,
        ):
            for log in (api_log, worker_log):
                await says(log, "waiting_for_database")
            servers.enter_context(EmbeddedPostgres.start(data, port=port, durable=False))
            for log in (api_log, worker_log):
                await says(log, "seedbed migrate")
            await asyncio.to_thread(upgrade, url)
            await answers(f"http://127.0.0.1:{api}/readyz")
            await answers(f"http://127.0.0.1:{worker}/healthz")
            await says(worker_log, "worker_started")


async def test_the_migration_may_come_before_the_database(tmp_path: Path, data: Path) -> None:
    """A release command waits too, and says for what; one that is told a wrong database does not."""
    port = free_port()
    with EmbeddedPostgres.start(data, port=port, durable=False) as server:
        url = server.url()
    with ExitStack() as servers:
        migrating = await _migrate(url)
        assert migrating.stderr is not None
        said = await migrating.stderr.readline()
        assert b"waiting for the database" in said
        servers.enter_context(EmbeddedPostgres.start(data, port=port, durable=False))
        output, error = await migrating.communicate()
        assert migrating.returncode == 0, error.decode()
        assert f"to {head()}".encode() in output
        wrong = await _migrate(url.rpartition("/")[0] + "/nobody_made_this")
        _, error = await wrong.communicate()
        assert wrong.returncode == 1
        assert b"does not lead to" in error
        assert b"waiting" not in error


async def _migrate(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "migrate", cwd=PROJECT,
        env={"PATH": os.defpath, "PYTHONPATH": str(PROJECT), "DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_what_no_waiting_mends_is_said_at_once(databases: Databases) -> None:
    """A database that is not there, named by its variable."""
    url = make_conninfo(databases.url(databases.create()), dbname="nobody_made_this")
    with pytest.raises(ConfigurationInvalid, match="DATABASE_URL does not lead to"):
        await wait_for_database(url)


def test_the_newest_file_is_the_newest_revision() -> None:
    """Found by name at start, where loading Alembic would take longer than everything else."""
    assert needed_revision() == head()
