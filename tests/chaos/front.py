"""The API in the arena: processes that people's requests come to, through the same proxies as the workers' work."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.adapters.auth import DevelopmentIssuer
from app.generator.snapshot.form import snapshot_to_json
from app.settings import Settings
from tests.chaos.arena import SHAPES, Arena
from tests.integration.operations.processes import SECRET, free_port
from tests.integration.tasks.workers import PROJECT, SHOP

_ROUTE = "/api/data-generator/export"
# What a client may meet while a server is killed and connections are cut, and what it then does: ask again.
_AGAIN = frozenset({409, 429, 503})


class Api:
    """One API process on a port of its own; `start` after `kill` brings it back there."""

    def __init__(self, arena: Arena) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self._log = arena.folder / f"api-{port}.log"
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(PROJECT),
            **arena.environment(),
            "SCRATCH_DATABASE_URL": arena.url,
            "DEV_AUTH": "1",
            "DEV_AUTH_KEY": SECRET,
            "PORT": str(port),
            "MAX_ACTIVE_EXPORTS": "10000",
            "MAX_EXPORTS_PER_DAY": "1000000",
        }
        self._process: asyncio.subprocess.Process | None = None

    @property
    def issuer(self) -> DevelopmentIssuer:
        return DevelopmentIssuer.of(Settings.from_env(self._environment, needs=frozenset({"database"})))

    async def start(self) -> None:
        """Starts it; it takes requests a moment later."""
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.cli", "serve", cwd=PROJECT, env=self._environment,
            stdout=descriptor, stderr=descriptor,
        )  # fmt: skip
        os.close(descriptor)

    async def ready(self, client: httpx.AsyncClient) -> None:
        """Waits until it takes requests."""
        async with asyncio.timeout(60):
            while True:
                assert self._process is not None, "start it first"
                assert self._process.returncode is None, self._log.read_text()[-2000:]
                try:
                    if (await client.get(f"{self.url}/healthz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()


@asynccontextmanager
async def two_apis(arena: Arena) -> AsyncIterator[tuple[list[Api], httpx.AsyncClient]]:
    """Two of them, as behind a load balancer, and a client that is the arena's user."""
    apis = [Api(arena), Api(arena)]
    token = apis[0].issuer.issue(arena.caller.user_id, "ann@example.com")
    async with httpx.AsyncClient(timeout=20, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
        await asyncio.gather(*(api.start() for api in apis))
        try:
            await asyncio.gather(*(api.ready(client) for api in apis))
            yield apis, client
        finally:
            await asyncio.gather(*(api.kill() for api in apis))


async def post(client: httpx.AsyncClient, api: Api, key: str) -> str:
    """Asks for the arena's small export until it is accepted, as a client with an `Idempotency-Key` does; its id."""
    body: dict[str, Any] = {
        "schema": {"snapshot": snapshot_to_json(SHOP)},
        "config": {"format": "csv", "rows": SHAPES["small"].rows, "tables": ["customers"]},
        "seed": "7",
    }
    async with asyncio.timeout(90):
        while True:
            try:
                answer = await client.post(api.url + _ROUTE, json=body, headers={"Idempotency-Key": key})
                if answer.status_code == 202:
                    return str(answer.json()["jobId"])
                assert answer.status_code in _AGAIN, answer.text
            except httpx.TransportError:
                pass  # killed before, during or after it did what it was asked: who knows
            await asyncio.sleep(0.02)
