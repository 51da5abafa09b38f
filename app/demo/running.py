"""Runs the demonstration: Postgres, API, worker and one export, until it is told to stop."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from app.demo.client import Client, DemoFailed, Downloaded
from app.demo.export import make_export
from app.demo.place import DemoPlace
from app.settings import Settings

_START_TIMEOUT_S = 30.0

Say = Callable[[str], None]


async def run_service(place: DemoPlace, settings: Settings, listener: socket.socket, *, once: bool, say: Say) -> None:
    """Serves, makes the export, and goes on serving until SIGINT or SIGTERM; with `once` it ends after the export.

    Raises DemoFailed when the export, the API or the worker fails.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with _api(settings, listener) as api, _worker(settings) as worker:
        export = asyncio.create_task(_export(place, settings, say))
        stopped = asyncio.create_task(_wait_for(stop))
        try:
            await asyncio.wait({export, stopped, api, worker}, return_when=asyncio.FIRST_COMPLETED)
            if export.done():
                await export
                if not once and not stop.is_set():
                    say("Ctrl-C ends it.")
                    await asyncio.wait({stopped, api, worker}, return_when=asyncio.FIRST_COMPLETED)
            for name, task in (("API", api), ("worker", worker)):
                if task.done():
                    raise DemoFailed(f"the {name} ended: {task.exception() or 'for no reason it gave'}")
        finally:
            for waiting in (export, stopped):
                waiting.cancel()
            await asyncio.gather(export, stopped, return_exceptions=True)
            if not once:
                say("stopping")


async def _wait_for(event: asyncio.Event) -> None:
    await event.wait()


@contextlib.asynccontextmanager
async def _api(settings: Settings, listener: socket.socket) -> "AsyncIterator[asyncio.Task[None]]":
    from app.demo.server import open_demo_server

    server = open_demo_server(settings)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        ready = asyncio.create_task(server.ready.wait())
        await asyncio.wait({ready, task}, timeout=_START_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not server.ready.is_set():
            raise DemoFailed("the API did not start")
        yield task
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def _worker(settings: Settings) -> "AsyncIterator[asyncio.Task[None]]":
    from tasks.app import run_worker

    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(settings, stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


async def _export(place: DemoPlace, settings: Settings, say: Say) -> None:
    from app.adapters.auth import DevelopmentIssuer

    issuer = DevelopmentIssuer.of(settings)
    token = issuer.issue(issuer.user_id(place.email), place.email, ttl_s=24 * 3600)
    assert settings.public_url is not None
    say(f"API     {settings.public_url}  (OpenAPI at /schema)")
    say("export  a bicycle shop: POST, queue, worker, store")
    async with Client(settings.public_url, token) as client:
        job_id, metadata, file = await make_export(client, place, say)
    environment = write_environment(place.results() / "demo.env", settings.public_url, token)
    for line in _result(file, metadata["rowsTotal"]):
        say(line)
    say(f"open    {settings.public_url}/exports/{job_id}  (sign in as {place.email}, without a password)")
    say(f"shell   source {environment}  sets SEEDBED_URL and TOKEN: docs/quickstart.md goes on from there")
    say("yours   .venv/bin/seedbed generate schema.sql --rows 1000 -o data.zip")


def _result(file: Downloaded, rows: int) -> list[str]:
    return [
        f"file    {file.path}",
        f"size    {file.bytes:,} bytes, {rows:,} rows",
        f"sha256  {file.sha256}",
    ]


def write_environment(path: Path, url: str, token: str) -> Path:
    """Address and token for a shell to `source`; for the user's eyes alone."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"export SEEDBED_URL={url}\nexport TOKEN={token}\n")
    return path
