"""Where faults are made: a Postgres of our own, a real S3 server, worker processes, and proxies in between.

Exports are asked for all the while. What is accepted has to end as if nothing had happened; `audit` looks.
"""

import asyncio
import contextlib
import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg

from app.adapters.objects.s3 import S3ObjectStore
from app.adapters.postgres.migrations import upgrade
from app.adapters.postgres.queue import JobQueue
from app.adapters.postgres.store import PostgresStore
from app.embedded import EmbeddedPostgres
from app.errors import DatabaseUnavailable
from app.exports.models import Caller, Export, Limits
from app.exports.planning import EnginePlanning
from app.exports.service import Exports
from app.settings import Settings
from tests.fixtures.s3 import SeaweedServer
from tests.fixtures.tcp_proxy import TcpProxy
from tests.integration.tasks.workers import PROJECT, ShopSchema, Site

LEASE_S = 3.0
# Longer than a lease: whoever does nothing for so long has lost its parts.
BEYOND_LEASE_S = LEASE_S * 1.5
_ENDED = ("completed", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of export; all of one shape have the same bytes."""

    rows: int
    tables: tuple[str, ...] | None = ("customers",)
    compression: str | None = None


# Three parts or so, of the least size that S3 takes; one part; a handful of small files in one.
SHAPES: Mapping[str, Shape] = {
    "large": Shape(240_000),
    "small": Shape(1_000),
    "zip": Shape(20_000, None),
}
# Not of the usual mix: some fifty parts.
HUGE = Shape(6_000_000)


class Worker:
    """A worker process."""

    def __init__(self, process: "asyncio.subprocess.Process", log: Path) -> None:
        self.process = process
        self.log = log

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    def send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    async def kill(self) -> None:
        self.send(signal.SIGKILL)
        await self.process.wait()


@dataclass
class Arena:
    """`workers_wanted` worker processes serve exports; `random` decides what happens to them, and when."""

    folder: Path
    s3: SeaweedServer
    seed: int
    workers_wanted: int = 2
    settings: Mapping[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> "Arena":
        self.random = random.Random(self.seed)
        self.caller = Caller(uid := uuid4(), {"sub": str(uid)})
        self.workers: list[Worker] = []
        self.started = 0
        self.references: dict[str, str] = {}
        # Not below pytest's folder, which the account that the server runs as cannot enter.
        self.data = Path(tempfile.mkdtemp(prefix="seedbed-chaos-"))
        # Durable: a server that is killed must have kept what it said it had.
        self.server = await asyncio.to_thread(EmbeddedPostgres.start, self.data)
        self.url = self.server.url()
        await asyncio.to_thread(upgrade, self.url)
        self.database_proxy = TcpProxy(self.server.port)
        self.store_proxy = TcpProxy(urlsplit(self.s3.endpoint_url).port or 80)
        self.site = Site(self.url, self.folder, self.caller, s3=self.s3)
        assert isinstance(self.site.objects, S3ObjectStore)
        await self.site.objects.create_bucket()
        self.site.exports = Exports(
            PostgresStore(self.site.database, JobQueue()),
            self.site.objects,
            ShopSchema(),
            limits=Limits(active_exports=10_000, exports_per_day=1_000_000),
            part_bytes=2_000_000,
            # Smaller than in production, and large enough that no part is below what S3 takes.
            planning=EnginePlanning(least_part_bytes=8_000_000),
        )
        self.exports = self.site.exports
        await asyncio.gather(*(self.start_worker() for _ in range(self.workers_wanted)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.send(signal.SIGCONT)
            await worker.kill()
        await self.site.close()
        self.database_proxy.close()
        self.store_proxy.close()
        await asyncio.to_thread(self.server.stop)
        await asyncio.to_thread(shutil.rmtree, self.data, ignore_errors=True)

    # -- workers -----------------------------------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        return {
            **self.site.environment(),
            "DATABASE_URL": through(self.database_proxy, self.url),
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{self.store_proxy.port}",
            "LEASE_S": str(LEASE_S),
            "DATABASE_TIMEOUT_S": "4",
            "RETRY_BASE_S": "0.3",
            "WORKER_CONCURRENCY": "3",
            "BLOCK_S": str(BEYOND_LEASE_S),
            **self.settings,
        }

    def worker_settings(self) -> Settings:
        return Settings.from_env(self.environment(), needs=frozenset({"database", "store"}))

    async def start_worker(self, **more: str) -> Worker:
        """Starts one; it is at work a moment later."""
        log = self.folder / f"worker-{self.started}.log"
        self.started += 1
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT)
        environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(PROJECT)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chaos.worker", cwd=PROJECT, env={**environment, **self.environment(), **more},
            stdout=descriptor, stderr=descriptor,
        )  # fmt: skip
        os.close(descriptor)
        worker = Worker(process, log)
        self.workers.append(worker)
        return worker

    async def at_work(self, worker: Worker) -> None:
        """Waits until it has started; before that, a signal ends it as it ends any program."""
        async with asyncio.timeout(60):
            while worker.alive and "worker_started" not in worker.log.read_text(errors="replace"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def replace(self, worker: Worker) -> None:
        """As a platform does: whoever is gone has a successor."""
        if worker in self.workers:
            self.workers.remove(worker)
        await self.start_worker()

    def some_workers(self, most: int = 1) -> list[Worker]:
        count = self.random.randint(1, min(most, len(self.workers)))
        return self.random.sample(self.workers, count)

    async def stop_workers(self) -> list[int]:
        """Ends them all as a deploy does; their exit codes."""
        await asyncio.gather(*(self.at_work(worker) for worker in self.workers))
        for worker in self.workers:
            worker.send(signal.SIGTERM)
        async with asyncio.timeout(60):
            codes = await asyncio.gather(*(worker.process.wait() for worker in self.workers))
        self.workers.clear()
        return [code or 0 for code in codes]

    # -- exports -----------------------------------------------------------------------------------------------------

    async def submit(self, name: str | None = None) -> Export:
        """Asks for an export, until it is accepted."""
        name = name or self.random.choice(sorted(SHAPES))
        shape = HUGE if name == "huge" else SHAPES[name]
        while True:
            try:
                return await self.site.start(shape.rows, tables=shape.tables, compression=shape.compression)
            except DatabaseUnavailable:
                await asyncio.sleep(0.2)

    async def reference(self, name: str) -> str:
        """SHA-256 of the file of a shape, as this process makes it alone."""
        if name not in self.references:
            export = await self.submit(name)
            self.references[name] = hashlib.sha256(await self.site.reference(export)).hexdigest()
            if name == "huge":
                await self.exports.cancel(self.caller, export.id)
        return self.references[name]

    async def claims(self) -> list[tuple[UUID, int, UUID]]:
        """Who works on what at this moment: export, part, token."""
        rows = await self.rows("select export_id, part_no, token from generator_export_parts where state = 'running'")
        return [(row[0], row[1], row[2]) for row in rows]

    async def recovery_s(self, held: "list[tuple[UUID, int, UUID]]", since: float, within_s: float = 90.0) -> float:
        """Waits until what was worked on at the fault is done, by whomever, and a new export goes through.

        Seconds since `since`. Raises TimeoutError when it does not come to that.
        """
        async with asyncio.timeout(within_s):
            probe = await self.submit("small")
            held = [*held, (probe.id, -1, probe.id)]
            while await self._open(held):  # noqa: ASYNC110  # it happens in the database
                await asyncio.sleep(0.05)
        assert (await self.site.get(probe)).status == "completed"
        return time.monotonic() - since

    async def _open(self, held: "list[tuple[UUID, int, UUID]]") -> bool:
        found = await self.rows(
            "select 1 from unnest(%s::uuid[], %s::int[], %s::uuid[]) as h (export_id, part_no, token)"
            " join generator_exports as e on e.id = h.export_id and e.status in ('queued', 'running', 'cancelling')"
            " left join generator_export_parts as p on p.export_id = h.export_id and p.part_no = h.part_no"
            " where h.part_no = -1 or p.state <> 'done' limit 1",
            *map(list, zip(*held, strict=True)),
        )
        return bool(found)

    async def drained(self, within_s: float = 180.0) -> None:
        """Waits until every export has ended."""
        async with asyncio.timeout(within_s):
            while await self.rows("select 1 from generator_exports where status <> all(%s) limit 1", list(_ENDED)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What a query finds, asked past the proxy; while the server is away, it is asked again."""
        while True:
            try:
                return await self.site.rows(query, *parameters)
            except psycopg.OperationalError:
                await asyncio.sleep(0.2)

    @contextlib.asynccontextmanager
    async def load(self, exports: int = 4) -> AsyncIterator[None]:
        """So many exports are under way at any moment inside."""
        going = asyncio.create_task(self._keep_going(exports))
        try:
            yield
        finally:
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)

    async def _keep_going(self, exports: int) -> None:
        query = "select count(*) from generator_exports where status <> all(%s)"
        while True:
            ((active,),) = await self.rows(query, list(_ENDED))
            for _ in range(exports - active):
                await self.submit()
            await asyncio.sleep(0.1)

    async def restart_database(self, away_s: float) -> None:
        """Immediate shutdown, as when the machine fails; the same data come back after a while."""
        port = self.server.port
        await asyncio.to_thread(self.server.stop, immediate=True)
        await asyncio.sleep(away_s)
        self.server = await asyncio.to_thread(EmbeddedPostgres.start, self.data, port=port)


def through(proxy: TcpProxy, url: str) -> str:
    """The URL, by way of the proxy."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{proxy.port}"))
