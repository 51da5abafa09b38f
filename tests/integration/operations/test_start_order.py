"""API and workers may be started before Postgres is there, and before it is migrated."""

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from psycopg.conninfo import make_conninfo

from app.adapters.postgres.migrations import head, upgrade
from app.adapters.postgres.readiness import needed_revision, wait_for_database
from app.embedded import EmbeddedPostgres
from app.embedded.folders import temporary_folder
from app.errors import ConfigurationInvalid
from tests.conftest import Databases

PROJECT = Path(__file__).resolve().parents[3]
SECRET = "not a secret: a test's"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(folder: Path, name: str, *command: str, **variables: str) -> AsyncIterator[Path]:
    """A process of the product's; the path of its log. It is told to end, and has to end well."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(PROJECT), "HOME": str(folder)}
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *command, cwd=folder, env=environment | variables, stdout=output, stderr=output
        )
        try:
            yield log
            assert process.returncode is None, log.read_text()
            process.terminate()
            async with asyncio.timeout(20):
                # uvicorn ends in good order, and then by the signal that it was sent.
                assert await process.wait() in (0, -signal.SIGTERM), log.read_text()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def says(log: Path, words: str) -> None:
    async with asyncio.timeout(60):
        while words not in await asyncio.to_thread(log.read_text):  # noqa: ASYNC110  # another process writes it
            await asyncio.sleep(0.05)


async def answers(url: str) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while True:
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)


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
    variables = {
        "DATABASE_URL": url, "OBJECT_STORE": "local", "LOCAL_STORE_DIR": str(tmp_path / "objects"),
        "LOCAL_STORE_SECRET": SECRET, "DEV_AUTH": "1", "DEV_AUTH_KEY": SECRET, "PORT": str(api), "WORKER_PORT": str(worker),
    }  # fmt: skip
    with ExitStack() as servers:  # ends after the processes, which take their leave of it
        async with (
            running(tmp_path, "api", "app.cli", "serve", **variables) as api_log,
            running(tmp_path, "worker", "procrastinate", "--app=tasks.app", "worker", **variables) as worker_log,
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


async def test_what_no_waiting_mends_is_said_at_once(databases: Databases) -> None:
    """A database that is not there, named by its variable."""
    url = make_conninfo(databases.url(databases.create()), dbname="nobody_made_this")
    with pytest.raises(ConfigurationInvalid, match="DATABASE_URL does not lead to"):
        await wait_for_database(url)


def test_the_newest_file_is_the_newest_revision() -> None:
    """Found by name at start, where loading Alembic would take longer than everything else."""
    assert needed_revision() == head()
