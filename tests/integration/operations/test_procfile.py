"""The Procfile, run by a program that runs Procfiles."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.conftest import Databases
from tests.integration.operations.processes import (
    PROJECT,
    answers,
    free_port,
    make_export,
    running,
    service_environment,
)


@pytest.mark.slow
async def test_the_procfile_makes_a_service(databases: Databases, tmp_path: Path) -> None:
    """Release, then web and worker: an export goes through, and a SIGTERM to the whole ends all of it."""
    name = databases.create()
    port, worker = free_port(), free_port()
    variables = service_environment(databases.url(name), tmp_path, port, worker)
    release = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "honcho", "-f", str(PROJECT / "Procfile"), "start", "release",
        cwd=tmp_path, env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONPATH": str(PROJECT), **variables},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await release.communicate()
    assert release.returncode == 0, output.decode()
    command = ("honcho", "-f", str(PROJECT / "Procfile"), "start", "web", "worker")
    async with running(tmp_path, "honcho", *command, variables=variables):
        await answers(f"http://127.0.0.1:{port}/readyz")
        await answers(f"http://127.0.0.1:{worker}/healthz")
        found = await make_export(f"http://127.0.0.1:{port}")
        assert (found["status"], found["rowsGenerated"]) == ("completed", 100)
    databases.drop(name)
