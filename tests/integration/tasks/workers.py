"""Workers as they run in production: processes of `procrastinate --app=tasks.app worker`, on a real database."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from app.adapters.objects.local import LocalObjectStore
from app.adapters.objects.s3 import S3ObjectStore
from app.adapters.objects.supabase import SupabaseObjectStore, SupabaseOptions
from app.adapters.postgres.connections import Database, open_engine
from app.adapters.postgres.queue import JobQueue
from app.adapters.postgres.store import PostgresStore
from app.exports.models import Caller, Export, Status
from app.exports.planning import EnginePlanning
from app.exports.ports import ResolvedSchema
from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot, SchemaSource
from app.exports.service import Exports
from app.generator.layout import Output, render_all
from app.generator.plan import Plan
from app.generator.snapshot.model import (
    Column,
    ForeignKey,
    KeyElement,
    QName,
    Snapshot,
    Table,
    TypeRef,
    UniqueKey,
)
from app.settings import Settings
from tests.fixtures.s3 import SeaweedServer

PROJECT = Path(__file__).resolve().parents[3]
SECRET = "not a secret: a test's"


def _column(name: str, type_: str, *modifiers: int, nullable: bool = False) -> Column:
    return Column(name, TypeRef("pg_catalog", type_, modifiers), nullable)


def _primary(name: str) -> UniqueKey:
    return UniqueKey(f"{name}_pkey", (KeyElement("id"),), primary=True)


SHOP = Snapshot(
    tables=(
        Table(
            QName("public", "customers"),
            (
                _column("id", "int4"),
                _column("name", "text"),
                _column("email", "varchar", 80, nullable=True),
                _column("created_at", "timestamptz"),
            ),
            keys=(_primary("customers"),),
        ),
        Table(
            QName("public", "orders"),
            (_column("id", "int8"), _column("customer_id", "int4"), _column("total", "numeric", 10, 2)),
            keys=(_primary("orders"),),
            foreign_keys=(ForeignKey("orders_customer_fkey", ("customer_id",), QName("public", "customers"), ("id",)),),
        ),
    )
)


class ShopSchema:
    """A resolver that knows one schema."""

    def recall(self, caller: Caller, schema: SchemaSource) -> ResolvedSchema | None:
        return None

    async def resolve(self, caller: Caller, schema: SchemaSource) -> ResolvedSchema:
        return ResolvedSchema(SHOP)


@dataclass
class Site:
    """A database, a folder of objects, and the service on them; workers are started by the tests."""

    database_url: str
    folder: Path
    caller: Caller
    settings: Mapping[str, str] = field(default_factory=dict)
    workers: "list[WorkerProcess]" = field(default_factory=list)
    s3: SeaweedServer | None = None
    supabase: SupabaseOptions | None = None

    def __post_init__(self) -> None:
        self.database = Database(open_engine(self.database_url, pool_size=5, application_name="test"))
        queue = JobQueue()
        self.objects: LocalObjectStore | S3ObjectStore | SupabaseObjectStore
        if self.supabase is not None:
            self.objects = SupabaseObjectStore(self.supabase)
        elif self.s3 is not None:
            self.objects = S3ObjectStore(self.s3.options())
        else:
            self.objects = LocalObjectStore(self.folder / "objects", SECRET)
        self.exports = Exports(
            PostgresStore(self.database, queue),
            self.objects,
            ShopSchema(),
            part_bytes=2_000_000,
            # A folder takes parts of any size, and a test has no time for those of S3.
            planning=EnginePlanning(least_part_bytes=6_000_000 if self.s3 is not None else 500_000),
        )

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "OBJECT_STORE": "local",
            "LOCAL_STORE_DIR": str(self.folder / "objects"),
            "LOCAL_STORE_SECRET": SECRET,
            "RETRY_BASE_S": "0.2",
            "LEASE_S": "3",
            "SHUTDOWN_GRACE_S": "0",
            "WORKER_PROCESSES": "1",
            **self._s3_settings(),
            **self._supabase_settings(),
            **self.settings,
        }

    def _s3_settings(self) -> dict[str, str]:
        if self.s3 is None:
            return {}
        return {
            "OBJECT_STORE": "s3",
            "S3_ENDPOINT_URL": self.s3.endpoint_url,
            "S3_ACCESS_KEY_ID": self.s3.access_key_id,
            "S3_SECRET_ACCESS_KEY": self.s3.secret_access_key,
        }

    def _supabase_settings(self) -> dict[str, str]:
        if self.supabase is None:
            return {}
        return {
            "OBJECT_STORE": "supabase",
            "SUPABASE_URL": self.supabase.url,
            "SUPABASE_SERVICE_KEY": self.supabase.service_key,
            "S3_ACCESS_KEY_ID": self.supabase.s3_access_key_id or "",
            "S3_SECRET_ACCESS_KEY": self.supabase.s3_secret_access_key or "",
        }

    def worker_settings(self) -> Settings:
        return Settings.from_env(self.environment(), needs=frozenset({"database", "store"}))

    async def start_worker(self, **variables: str) -> "WorkerProcess":
        """Starts one, with more environment variables, and waits until it is registered with the queue."""
        before = await self.rows("select id from queue.procrastinate_workers")
        log = self.folder / f"worker-{len(self.workers)}.log"
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "procrastinate",
            "--app=tasks.app",
            "worker",
            cwd=PROJECT,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "PYTHONPATH": str(PROJECT),
                "TMPDIR": tempfile.gettempdir(),
                **self.environment(),
                **variables,
            },
            stdout=descriptor,
            stderr=descriptor,
        )
        os.close(descriptor)
        worker = WorkerProcess(process, log)
        self.workers.append(worker)
        async with asyncio.timeout(60):
            while await self.rows("select id from queue.procrastinate_workers") == before:
                assert process.returncode is None, worker.log()
                await asyncio.sleep(0.05)
        return worker

    async def start(
        self, rows: int = 1_000, *, tables: tuple[str, ...] | None = ("customers",), **config: Any
    ) -> Export:
        request = ExportRequest(SchemaBySnapshot({}), ExportConfig("csv", rows, tables=tables, **config), "7")
        return (await self.exports.create(self.caller, request, request_id="r-7")).export

    async def get(self, export: Export) -> Export:
        return await self.exports.get(self.caller, export.id)

    async def ended(self, export: Export, within_s: float = 60.0) -> Export:
        """Waits for the export's end. The longer it takes, the less often it is looked for: looking is work, too."""
        ends = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)
        pause_s = 0.02
        async with asyncio.timeout(within_s):
            while (found := await self.get(export)).status not in ends:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 1.25, 0.3)
        return found

    async def reached(self, export: Export, query: str, within_s: float = 60.0) -> None:
        """Waits until a query on the export's parts `p` finds something."""
        text = f"select 1 from generator_export_parts as p where p.export_id = %s and {query}"
        async with asyncio.timeout(within_s):
            while not await self.rows(text, export.id):  # noqa: ASYNC110  # it happens in the database
                await asyncio.sleep(0.01)

    def stored(self, export: Export) -> bytes:
        return (self.folder / "objects" / export.object_path).read_bytes()

    async def fetched(self, export: Export) -> bytes:
        """The file as the object store gives it."""
        return b"".join([chunk async for chunk in self.objects.read(export.object_path)])

    async def reference(self, export: Export) -> bytes:
        """The file as this process makes it from the stored plan."""
        ((plan,),) = await self.rows("select plan from generator_exports where id = %s", export.id)
        output = Output(export.format, export.compression)
        return await asyncio.to_thread(lambda: b"".join(render_all(Plan.from_json(plan), output)))

    async def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as connection:
            return await (await connection.execute(query.encode(), parameters)).fetchall()

    async def close(self) -> None:
        for worker in self.workers:
            await worker.end(signal.SIGKILL)
        await self.database.close()
        self.objects.close()


@dataclass
class WorkerProcess:
    process: asyncio.subprocess.Process
    log_path: Path

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends a signal and waits; the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(30):
            return await self.process.wait()

    def children(self) -> list[int]:
        """The pids of its generator processes."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in found]

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")
