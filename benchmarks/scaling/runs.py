"""Runs of exports by some workers that are some way from Postgres, and what each of them took."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.exporting.consumption import generators, tree_processor_s
from benchmarks.exporting.service import BASE, Service
from benchmarks.scaling.distance import Distance, distance, measured_round_trip_ms

_AT_ONCE = 8
_SETTLE_S = 300.0
_IDLE_S = 3.0
_WARM_UP = 6
_LARGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """`exports` of `rows` each, by `workers` processes at `concurrency`; times in seconds, processor time in all."""

    workers: int
    concurrency: int
    round_trip_ms: float
    exports: int
    rows: int
    parts: int
    wall_s: float
    worker_cpu_s: float
    # The generators' part of that.
    making_cpu_s: float
    database_cpu_s: float
    relay_cpu_s: float
    # Of posting them, before the workers began.
    api_cpu_s: float
    transactions: int
    wal_bytes: int
    events: int
    # On the way between the workers and Postgres, those that idle workers make not among them.
    round_trips: float
    # Processors that were ours while it ran: all, less what others used.
    cores: float

    @property
    def exports_per_s(self) -> float:
        return self.exports / self.wall_s

    @property
    def rows_per_s(self) -> float:
        return self.exports * self.rows / self.wall_s

    @property
    def cores_used(self) -> float:
        return (self.worker_cpu_s + self.database_cpu_s + self.relay_cpu_s) / self.wall_s


async def run(
    service: Service, schema_id: str, *, workers: int, concurrency: int, round_trip_ms: float, exports: int, rows: int
) -> Run:
    """Posts exports while the workers are held, lets these go, and waits until all is done."""
    with distance(service.database_url, round_trip_ms) as place:
        found_ms = _round_trip_ms(place, service.database_url)
        more = {
            "DATABASE_URL": place.url(service.database_url),
            "WORKER_CONCURRENCY": str(concurrency),
            # One generator each: a worker stands for a machine of one core.
            "WORKER_PROCESSES": "1",
        }
        started = [service.start_worker(f"worker-{n}", within=place.within, more=more) for n in range(workers)]
        try:
            await _registered(service, workers)
            return await _run(service, schema_id, started, place, found_ms, concurrency, exports, rows)
        finally:
            await asyncio.to_thread(service.end, started)


async def _run(
    service: Service,
    schema_id: str,
    workers: "Sequence[Any]",
    place: Distance,
    round_trip_ms: float,
    concurrency: int,
    exports: int,
    rows: int,
) -> Run:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def post() -> str:
        async with gate:
            return await service.post(schema_id, rows)

    # Each generator's first rows fill its pools, which is not what is measured. A large export has parts for all.
    await asyncio.gather(*(post() for _ in range(_WARM_UP * len(workers) if rows < _LARGE else 1)))
    await _drained(service)
    api = service.processes[0].pid
    with _held(workers):
        api_cpu_s = -tree_processor_s(api)
        job_ids = await asyncio.gather(*(post() for _ in range(exports)))
        api_cpu_s += tree_processor_s(api)
        before, facts = _Taken.now(service, workers, place), _facts(service)
    await _drained(service)
    after, later = _Taken.now(service, workers, place), _facts(service)
    # What they do all the time: polling, heartbeats, looking for what was left behind.
    await asyncio.sleep(_IDLE_S)
    idle = (place.round_trips() - after.round_trips) / _IDLE_S
    wall_s = service.work_s(job_ids)
    ours_s = after.all_s - before.all_s
    others_s = max(0.0, after.machine_s - before.machine_s - ours_s)
    ((failed,),) = service.sql(
        "select count(*)::int from generator_exports where id = any(%s::uuid[]) and status <> 'completed'",
        list(job_ids),
    )
    assert not failed, f"{failed} exports have not become files"
    ((parts, events),) = service.sql(
        "select sum(e.parts_total)::int, sum(e.last_seq)::int from generator_exports as e"
        " where e.id = any(%s::uuid[])", list(job_ids),
    )  # fmt: skip
    return Run(
        len(workers), concurrency, round_trip_ms, exports, rows, parts, wall_s,
        after.workers_s - before.workers_s, after.making_s - before.making_s,
        after.database_s - before.database_s, after.relay_s - before.relay_s,
        api_cpu_s, later["transactions"] - facts["transactions"], later["wal"] - facts["wal"], events,
        after.round_trips - before.round_trips - idle * (after.at_s - before.at_s),
        max(0.1, (os.cpu_count() or 1) - others_s / (after.at_s - before.at_s)),
    )  # fmt: skip


async def follow(service: Service, schema_id: str, exports: int, rows: int) -> float:
    """Processor seconds of the API for one export that is asked for, followed by its stream, looked at and fetched
    by its link: everything but the file itself, with one worker that makes them."""
    started = [service.start_worker("worker-0", more={"WORKER_PROCESSES": "1"})]
    try:
        await _registered(service, 1)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one() -> None:
            async with gate:
                job_id = await service.post(schema_id, rows)
                await service.ended(job_id)
                await service.http.get(f"{BASE}/export/{job_id}/status")
                link = await service.http.get(f"{BASE}/export/{job_id}/download")
                assert link.status_code == 302

        before = tree_processor_s(service.processes[0].pid)
        await asyncio.gather(*(one() for _ in range(exports)))
        return (tree_processor_s(service.processes[0].pid) - before) / exports
    finally:
        await asyncio.to_thread(service.end, started)


@dataclass(frozen=True, slots=True)
class _Taken:
    at_s: float
    workers_s: float
    making_s: float
    database_s: float
    relay_s: float
    round_trips: int
    own_s: float
    machine_s: float

    @property
    def all_s(self) -> float:
        return self.workers_s + self.database_s + self.relay_s + self.own_s

    @classmethod
    def now(cls, service: Service, workers: "Sequence[Any]", place: Distance) -> "_Taken":
        return cls(
            time.monotonic(),
            sum(tree_processor_s(worker.pid) for worker in workers),
            sum(tree_processor_s(child) for worker in workers for child in generators(worker.pid)),
            tree_processor_s(service.database_pid),
            tree_processor_s(place.relay_pid),
            place.round_trips(),
            tree_processor_s(service.processes[0].pid) + time.process_time(),
            _machine_s(),
        )


def _machine_s() -> float:
    """Processor time that the whole machine has used since it began."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _held(workers: "Sequence[Any]") -> Iterator[None]:
    for worker in workers:
        worker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGCONT)


def _round_trip_ms(place: Distance, database_url: str) -> float:
    # From outside the namespace: the relay is the same, and the cable takes microseconds.
    return measured_round_trip_ms(place.url(database_url))


def _facts(service: Service) -> Mapping[str, int]:
    ((transactions, wal),) = service.sql(
        "select (select xact_commit from pg_stat_database where datname = current_database()),"
        " pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
    )
    return {"transactions": int(transactions), "wal": int(wal)}


async def _registered(service: Service, workers: int) -> None:
    """Waits until each worker serves both of its queues."""
    async with asyncio.timeout(120):
        with psycopg.connect(service.database_url, autocommit=True) as connection:
            query = "select count(*) from queue.procrastinate_workers"
            while connection.execute(query).fetchall()[0][0] < 2 * workers:  # noqa: ASYNC110  # it happens in the database
                await asyncio.sleep(0.1)


async def _drained(service: Service) -> None:
    """Waits until no export is under way."""
    query = "select exists (select from generator_exports where status in ('queued', 'running'))"
    async with asyncio.timeout(_SETTLE_S):
        with psycopg.connect(service.database_url, autocommit=True) as connection:
            while connection.execute(query).fetchall()[0][0]:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.1)
