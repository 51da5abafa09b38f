"""While a release is rolled out, the one before it works on the new tables."""

import asyncio
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

from app.adapters.postgres.migrations import upgrade
from tests.conftest import Databases
from tests.integration.operations.processes import (
    PROJECT,
    answers,
    free_port,
    make_export,
    running,
    service_environment,
)

# The commit that was released last; docs/ops/migrations.md says when it changes.
PREVIOUS = Path(__file__).with_name("previous_release.txt").read_text().strip()


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The previous release's code, out of this repository's history; Python compiles it once for all tests."""
    archive = subprocess.run(
        ["git", "archive", "--format=zip", PREVIOUS, "app", "tasks", "migrations", "sql"],
        cwd=PROJECT,
        capture_output=True,
    )
    if archive.returncode != 0:
        pytest.skip(f"the history of this checkout does not reach back to {PREVIOUS[:12]}")
    folder = tmp_path_factory.mktemp("previous")
    with zipfile.ZipFile(io.BytesIO(archive.stdout)) as files:
        files.extractall(folder)
    return folder


@pytest.mark.slow
async def test_the_tables_may_change_under_the_previous_release(
    databases: Databases, previous: Path, tmp_path: Path
) -> None:
    """Its API and worker run on the tables that it made itself; this release migrates them meanwhile. What was there
    stays, event by event, and the next export goes through."""
    name = databases.create()
    url = databases.url(name)
    port = free_port()
    variables = service_environment(url, tmp_path, port, free_port())
    migrate = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "migrate", cwd=previous, env={"PYTHONPATH": str(previous), **variables}
    )
    assert await migrate.wait() == 0
    events = "select export_id, seq, kind, details, created_at from generator_export_events order by export_id, seq"
    worker = ("procrastinate", "--app=tasks.app", "worker")
    async with (
        running(tmp_path, "api", "app.cli", "serve", checkout=previous, variables=variables),
        running(tmp_path, "worker", *worker, checkout=previous, variables=variables),
        await psycopg.AsyncConnection.connect(url, autocommit=True) as connection,
    ):
        await answers(f"http://127.0.0.1:{port}/readyz")
        assert (await make_export(f"http://127.0.0.1:{port}"))["status"] == "completed"
        before = await (await connection.execute(events)).fetchall()
        await asyncio.to_thread(upgrade, url)
        assert await (await connection.execute(events)).fetchall() == before
        found = await make_export(f"http://127.0.0.1:{port}")
        assert (found["status"], found["rowsGenerated"]) == ("completed", 100)
        assert len(await (await connection.execute(events)).fetchall()) > len(before) > 0
    databases.drop(name)


@pytest.mark.slow
async def test_the_previous_release_works_on_the_new_tables(
    databases: Databases, previous: Path, tmp_path: Path
) -> None:
    """Its API takes an export and its worker completes it, in a database that this release has migrated."""
    name = databases.create(databases.migrated_template())
    port = free_port()
    variables = service_environment(databases.url(name), tmp_path, port, free_port())
    worker = ("procrastinate", "--app=tasks.app", "worker")
    async with (
        running(tmp_path, "api", "app.cli", "serve", checkout=previous, variables=variables),
        running(tmp_path, "worker", *worker, checkout=previous, variables=variables),
    ):
        await answers(f"http://127.0.0.1:{port}/readyz")
        found = await make_export(f"http://127.0.0.1:{port}")
        assert (found["status"], found["rowsGenerated"]) == ("completed", 100)
    databases.drop(name)
