"""What a worker process tells of itself."""

import socket

import httpx

from tests.integration.tasks.workers import Site


async def test_a_worker_tells_how_it_is_and_what_it_did(site: Site) -> None:
    """Its own port has its health, and figures of the export it made."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    await site.start_worker(WORKER_PORT=str(port))
    done = await site.ended(await site.start(1_000))
    assert done.bytes
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/healthz")).status_code == 200
        text = (await client.get("/metrics")).text
    figures = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}
    assert figures["seedbed_rows_generated_total"] == 1_000
    assert figures["seedbed_file_bytes_total"] == done.bytes
    assert figures['seedbed_exports_ended_total{outcome="completed"}'] == 1
    assert figures['seedbed_exports_ended_total{outcome="failed"}'] == 0
    assert figures['seedbed_parts_total{outcome="done",work="make_whole"}'] == 1
    assert figures["seedbed_export_queue_wait_seconds_count"] == 1
    assert figures['seedbed_export_duration_seconds_count{outcome="completed"}'] == 1
    assert figures['seedbed_storage_calls_total{operation="put_file",outcome="ok"}'] == 1
