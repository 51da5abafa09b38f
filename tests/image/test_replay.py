"""The Dockerfile's steps, carried out in a clean root where no container engine is at hand: `make image`.

An engine would begin with its own base image, and keep the network and the processes apart as well; this has the steps,
the files and the account. It needs Linux, root, and what pip installs from.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.embedded import EmbeddedPostgres
from tests.integration.operations.processes import PROJECT, SECRET, answers, free_port, make_export

_BUILD_S = 900.0


@pytest.mark.image
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="making a root takes Linux, and to be root")
async def test_the_image_is_built_and_serves() -> None:
    """As the account without rights: the migration, then API and worker; an export goes through, and both end well."""
    assert shutil.which("unshare") is not None
    fly = tomllib.loads((PROJECT / "fly.toml").read_text())
    port, worker = free_port(), free_port()
    with EmbeddedPostgres.start(durable=False) as server:
        order = {
            "env": {
                **fly["env"],
                "DATABASE_URL": server.url(),
                "SCRATCH_DATABASE_URL": server.url(),
                "HOST": "127.0.0.1",
                "PORT": str(port),
                "WORKER_PORT": str(worker),
                "DEV_AUTH": "1",
                "DEV_AUTH_KEY": SECRET,
                # Supabase is not here; its account may write to its home.
                "OBJECT_STORE": "local",
                "LOCAL_STORE_SECRET": SECRET,
                "LOCAL_STORE_DIR": "/var/lib/seedbed/objects",
            },
            "release": fly["deploy"]["release_command"].split(),
            # The image's own command, and the other process that Fly starts from it.
            "processes": {"web": None, "worker": fly["processes"]["worker"].split()},
        }
        async with _replayed(order) as (facts, ended):
            assert facts.get("failed") is None, facts["failed"]
            assert facts["release"] == 0, facts["said"]
            assert facts["user"] not in (None, "root")
            assert all(facts["uids"].values()), f"something runs as root, or not at all: {facts['uids']}"
            assert facts["writable"] == []
            assert facts["exposed"] == [fly["env"]["PORT"]]
            assert facts["command"] == fly["processes"]["web"].split()
            for url in (f"http://127.0.0.1:{port}/healthz", f"http://127.0.0.1:{port}/readyz"):
                await answers(url)
            await answers(f"http://127.0.0.1:{worker}/healthz")
            found = await make_export(f"http://127.0.0.1:{port}")
            assert (found["status"], found["rowsGenerated"]) == ("completed", 100)
            ends = (await ended())["ends"]
        # uvicorn ends in good order and then by the signal that it was told to end by.
        assert ends["web"] in (0, -signal.SIGTERM)
        assert ends["worker"] == 0


@asynccontextmanager
async def _replayed(order: dict[str, Any]) -> AsyncIterator[tuple[dict[str, Any], Any]]:
    """The replay with its processes running: what it said of them, and what ends them and tells how they ended."""
    process = await asyncio.create_subprocess_exec(
        "unshare", "--mount", "--pid", "--fork", "--kill-child", sys.executable, "-m", "tests.image.replay",
        cwd=PROJECT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    lines = process.stdout

    async def said() -> dict[str, Any]:
        # What the image's processes log goes there too.
        while line := await lines.readline():
            if line.startswith((b'{"release"', b'{"ends"', b'{"failed"')):
                return dict(json.loads(line))
        return {"failed": "the replay ended without a word"}

    async def ended() -> dict[str, Any]:
        assert process.stdin is not None
        process.stdin.close()
        return await said()

    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        await process.stdin.drain()
        async with asyncio.timeout(_BUILD_S):
            yield await said(), ended
    finally:
        if process.returncode is None:
            process.stdin.close()
            try:
                async with asyncio.timeout(90):
                    while await lines.readline():
                        pass
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


def test_the_base_image_has_a_python_that_is_supported() -> None:
    """What stands in for it has one too, or nothing here would run."""
    text = (Path(PROJECT) / "Dockerfile").read_text()
    versions = {line.split(":")[1].split("-")[0] for line in text.splitlines() if line.startswith("FROM python:")}
    assert len(versions) == 1
    major, minor = map(int, versions.pop().split("."))
    wanted = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert (major, minor) >= tuple(map(int, wanted.removeprefix(">=").split(".")))
