"""What a worker process tells of itself."""

import asyncio
import socket
from urllib.parse import urlsplit

import httpx

from tests.chaos.arena import through
from tests.fixtures.tcp_proxy import TcpProxy
from tests.integration.tasks.workers import Site


async def test_a_worker_tells_how_it_is_and_what_it_did(site: Site) -> None:
    """Its own port has its health, and figures of the export it made."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # A lease of a worker's own length: how quick a busy machine is does not matter here.
    await site.start_worker(WORKER_PORT=str(port), LEASE_S="60")
    done = await site.ended(await site.start(1_000))
    assert done.bytes
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/healthz")).status_code == 200
        text = (await client.get("/metrics")).text
    figures = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}
    assert figures["seedbed_rows_generated_total"] == 1_000
    assert figures["seedbed_file_bytes_total"] == figures["seedbed_bytes_generated_total"] == done.bytes
    assert figures['seedbed_exports_ended_total{outcome="completed"}'] == 1
    assert figures['seedbed_exports_ended_total{outcome="failed"}'] == 0
    assert figures['seedbed_parts_total{outcome="done",work="make_whole"}'] == 1
    assert figures["seedbed_export_queue_wait_seconds_count"] == 1
    assert figures['seedbed_export_duration_seconds_count{outcome="completed"}'] == 1
    assert figures['seedbed_storage_calls_total{operation="put_file",outcome="ok"}'] == 1


async def test_a_worker_that_cannot_reach_its_database_is_ill_until_it_can(site: Site) -> None:
    """It says that it neither fetches nor tells that it lives, and with the database back it works on as it was."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TcpProxy(urlsplit(site.database_url).port or 5432) as proxy:
        worker = await site.start_worker(WORKER_PORT=str(port), DATABASE_URL=through(proxy, site.database_url))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await _tells(client, 200, set())
            proxy.set("refuse")
            await _tells(client, 503, {"heartbeat", "fetch"})
            proxy.set("pass")
            await _tells(client, 200, set())
        done = await site.ended(await site.start(1_000))
        assert done.bytes, done.error_details
        assert worker.process.returncode is None


async def _tells(client: httpx.AsyncClient, status: int, faults: set[str]) -> None:
    """Waits until the worker says this of its health."""
    async with asyncio.timeout(60):
        while True:
            answer = await client.get("/healthz")
            if (answer.status_code, set(answer.json()["checks"])) == (status, faults):
                return
            await asyncio.sleep(0.1)
