"""Small exports: how soon the answer, the first progress and the file are there, and how many a worker makes."""

import asyncio
import json
import signal
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.exporting.service import BASE, Service
from benchmarks.figures import Figure, judge

_ROWS = 1_000
_TIMES = 30
_FLOOD = 300
_AT_ONCE = 8
_DOWNLOADABLE_MS = {"local": 75.0, "s3": 250.0}


class _Stream:
    """The user's event stream, read as it comes: when each export's first event of a kind arrived."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._seen: dict[tuple[str, str], asyncio.Future[float]] = {}
        self._open = asyncio.Event()

    async def __aenter__(self) -> "_Stream":
        self._task = asyncio.create_task(self._read())
        await self._open.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        async with self._service.http.stream("GET", f"{BASE}/events") as answer:
            self._open.set()
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    event = json.loads(line[5:])
                    arrived = self._of(event["jobId"], event["kind"])
                    if not arrived.done():
                        arrived.set_result(time.perf_counter())

    def _of(self, job_id: str, kind: str) -> "asyncio.Future[float]":
        return self._seen.setdefault((job_id, kind), asyncio.get_running_loop().create_future())

    async def arrival(self, job_id: str, kind: str) -> float:
        """When the event arrived, waiting for it."""
        async with asyncio.timeout(60):
            return await self._of(job_id, kind)


async def measure_latency(service: Service, snapshot: Mapping[str, Any], store: str) -> list[Figure]:
    """One export after the other, each followed to its file; every other one's plan was asked for before."""
    schema_id = await service.register(snapshot)
    posts: tuple[list[float], list[float]] = ([], [])
    progresses, downloadable, downloaded = [], [], []
    async with _Stream(service) as stream:
        for number in range(2 * _TIMES + 5):
            began = time.perf_counter()
            job_id = await service.post(schema_id, _ROWS, seed=str(number * (number % 2)))
            answered = time.perf_counter()
            progress = await stream.arrival(job_id, "progress")
            completed = await stream.arrival(job_id, "completed")
            (await service.http.get(f"{BASE}/export/{job_id}/download", follow_redirects=True)).raise_for_status()
            fetched = time.perf_counter()
            if number >= 5:  # the first ones open connections
                posts[number % 2].append((answered - began) * 1e3)
                progresses.append(max(0.0, progress - answered) * 1e3)
                downloadable.append((completed - began) * 1e3)
                downloaded.append((fetched - began) * 1e3)
            await asyncio.sleep(0.02)
    return [
        judge(f"POST, {store} store", posts[1], "ms", target=15),
        judge(f"POST for the plan of the one before, {store} store", posts[0], "ms", target=15),
        judge(f"first progress event after the answer, {store} store", progresses, "ms", target=50),
        judge(
            f"1,000 rows from POST to downloadable, {store} store",
            downloadable,
            "ms",
            target=_DOWNLOADABLE_MS[store],
        ),
        judge(f"1,000 rows from POST to downloaded, {store} store", downloaded, "ms"),
    ]


async def measure_throughput(service: Service, snapshot: Mapping[str, Any], store: str) -> Figure:
    """Exports that wait in the queue already, made by one worker process: from the first start to the last end."""
    schema_id = await service.register(snapshot)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def post() -> str:
        async with gate:
            return await service.post(schema_id, _ROWS)

    rates = []
    for _ in range(3):
        worker = service.processes[-1]
        worker.send_signal(signal.SIGSTOP)
        try:
            job_ids = await asyncio.gather(*(post() for _ in range(_FLOOD)))
        finally:
            worker.send_signal(signal.SIGCONT)
        await asyncio.gather(*(service.ended(job_id) for job_id in job_ids[-20:]))
        left = "select 1 from generator_exports where status in ('queued', 'running') limit 1"
        while await asyncio.to_thread(service.sql, left):  # noqa: ASYNC110  # it happens in the database
            await asyncio.sleep(0.05)
        rates.append(_FLOOD / service.work_s(job_ids))
    return judge(
        f"exports of 1,000 rows by one worker process, {store} store",
        rates,
        "exports/s",
        target=60,
        better="more",
    )
