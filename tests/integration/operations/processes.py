"""Processes of the product, run as a platform runs them, and what they are waited for."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

PROJECT = Path(__file__).resolve().parents[3]
SECRET = "not a secret: a test's"


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def service_environment(database_url: str, folder: Path, port: int, worker_port: int) -> dict[str, str]:
    """The settings of a whole service on one machine, with development tokens."""
    return {
        "DATABASE_URL": database_url,
        "SCRATCH_DATABASE_URL": database_url,
        "OBJECT_STORE": "local",
        "LOCAL_STORE_DIR": str(folder / "objects"),
        "LOCAL_STORE_SECRET": SECRET,
        "DEV_AUTH": "1",
        "DEV_AUTH_KEY": SECRET,
        "PORT": str(port),
        "WORKER_PORT": str(worker_port),
    }


@asynccontextmanager
async def running(
    folder: Path, name: str, *command: str, variables: Mapping[str, str], checkout: Path = PROJECT
) -> AsyncIterator[Path]:
    """`python -m command…` of a checkout; the path of its log. In the end it is told to go, and has to go well."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(checkout),
        "HOME": str(folder),
        "TMPDIR": tempfile.gettempdir(),
    }
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *command, cwd=checkout, env={**environment, **variables}, stdout=output, stderr=output
        )
        try:
            yield log
            assert process.returncode is None, log.read_text()
            process.terminate()
            async with asyncio.timeout(20):
                # uvicorn ends in good order and then by the signal that it was sent; honcho says so as shells do.
                assert await process.wait() in (0, -signal.SIGTERM, 128 + signal.SIGTERM), log.read_text()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def says(log: Path, words: str) -> None:
    """Waits until a process has logged these words."""
    async with asyncio.timeout(60):
        while words not in log.read_text():  # noqa: ASYNC110, ASYNC240  # another process writes it
            await asyncio.sleep(0.05)


async def answers(url: str) -> None:
    """Waits until a URL answers with 200."""
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while True:
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)


async def make_export(url: str, *, rows: int = 100, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Signs in, asks for an export over HTTP, with these headers, and waits for its end; its metadata."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        token = (await client.post("/dev/token", json={"email": "ann@example.com"})).json()["accessToken"]
        client.headers["Authorization"] = f"Bearer {token}"
        return await _make_export(client, rows, headers or {})


async def _make_export(client: httpx.AsyncClient, rows: int, headers: Mapping[str, str]) -> dict[str, Any]:
    body = {
        "schema": {"ddl": "create table t (id int primary key, name text not null)"},
        "config": {"format": "csv", "rows": rows},
        "seed": 7,
    }
    async with asyncio.timeout(60):
        asked = await client.post("/api/data-generator/export", json=body, headers=dict(headers))
        while asked.status_code == 503:  # a server may be busy for a moment, and says when to come back
            await asyncio.sleep(float(asked.headers["retry-after"]))
            asked = await client.post("/api/data-generator/export", json=body, headers=dict(headers))
    assert asked.status_code == 202, asked.text
    path = f"/api/data-generator/export/{asked.json()['jobId']}"
    async with asyncio.timeout(60):
        while True:
            found: dict[str, Any] = (await client.get(path)).json()
            if found["status"] in ("completed", "failed", "cancelled"):
                return found
            await asyncio.sleep(0.05)
