"""A whole service without HTTP: real Postgres, a real folder as object store, and an engine that counts.

The counting engine stands in for the real one where a test is about exports, not about data: rows are numbers, a part
can be made to fail or to wait, and what ought to be in a file is plain to see.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pyarrow as pa

from app.adapters.objects.local import LocalObjectStore
from app.adapters.postgres.connections import Database, open_engine
from app.adapters.postgres.ledger import PostgresLedger
from app.adapters.postgres.queue import JobQueue
from app.adapters.postgres.store import PostgresStore
from app.adapters.postgres.upkeep import PostgresUpkeep
from app.exports.file_renderer import FileRenderer
from app.exports.models import Caller, Limits
from app.exports.planning import Outline
from app.exports.ports import ResolvedSchema
from app.exports.rendering import OnChunk, Order, Rendered
from app.exports.requests import ExportConfig, ExportRequest, Notify, SchemaById, SchemaBySnapshot, SchemaSource
from app.exports.retrying import RetryPolicy
from app.exports.running import ExportRunner, RunnerOptions
from app.exports.service import Exports
from app.generator.layout import File, Layout, Output, render_part, render_tail
from app.generator.layout.cutting import Cutter
from app.generator.layout.sizes import Source
from app.generator.plan import ColumnPlan, Plan, TablePlan
from app.generator.snapshot.form import snapshot_from_json
from app.generator.snapshot.model import Column, QName, Snapshot, Table, TypeRef

INT8 = TypeRef("pg_catalog", "int8")
NUMBERS = QName("public", "numbers")
SNAPSHOT = Snapshot(tables=(Table(NUMBERS, (Column("n", INT8, nullable=False),)),))


def counted(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[pa.RecordBatch]:
    """Rows `start` to `stop`, each its own number."""
    schema = plan.table(table).schema
    for first in range(start, stop, chunk_rows):
        yield pa.RecordBatch.from_arrays(
            [pa.array(range(first, min(first + chunk_rows, stop)), pa.int64())], schema=schema
        )


def cut_small(
    plan: Plan, output: Output, part_bytes: int, *, least: int = 0, piece_rows: int = 100, row_bytes: float = 5.0
) -> Layout:
    """A layout in parts far smaller than real ones, so that a test of many parts is done in moments."""
    zipped = output.zipped(len(plan.tables))
    files = [
        File(index, 0, table.rows, piece_rows, f"{table.name.name}.csv" if zipped else "")
        for index, table in enumerate(plan.tables)
    ]
    cutter = Cutter([str(table.name) for table in plan.tables], files, [row_bytes] * len(files))
    parts = cutter.cut_archive(part_bytes, part_bytes / 4) if zipped else cutter.cut_stream(part_bytes, least)
    tables = len(plan.tables)
    return Layout(output, zipped, tuple(files), tuple(parts), output.extension(tables), output.content_type(tables))


class CountingPlanning:
    """The `Planning` of the counting engine. Parts have about `part_bytes`, however few those are."""

    def plan(self, snapshot: Snapshot, config: Mapping[str, Any], seed: str) -> Plan:
        tables = tuple(
            TablePlan(table.name, config["rows"], (ColumnPlan("n", INT8, INT8, "count"),)) for table in snapshot.tables
        )
        return Plan(seed, tables, 1, "en_US", datetime(2026, 1, 1, tzinfo=UTC))

    def revise(self, snapshot: Snapshot, document: Mapping[str, Any]) -> Plan:
        return Plan.from_json(document)

    def outline(self, plan: Plan, output_format: str, compression: str | None, part_bytes: int) -> Outline:
        shape = cut_small(plan, Output(output_format, compression), part_bytes)
        document = {**shape.to_json(), "late": [part.number for part in shape.parts if part.late]}
        return Outline(shape.extension, shape.content_type, len(shape.parts), document, shape.expected_bytes)


class ThreadRenderer:
    """Carries orders out in a thread, with the counting engine or another. `before_chunk` may wait or raise."""

    def __init__(self, engine: Source = counted) -> None:
        self.orders: list[Order] = []
        self._engine = engine
        self.before_chunk: Callable[[Order], None] = lambda order: None

    async def render(self, order: Order, on_chunk: OnChunk) -> Rendered:
        self.orders.append(order)
        loop = asyncio.get_running_loop()
        ended = threading.Event()

        def source(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[pa.RecordBatch]:
            for batch in self._engine(plan, table, start, stop, chunk_rows):
                self.before_chunk(order)
                if ended.is_set():
                    raise InterruptedError
                yield batch

        def told(rows: int) -> None:
            loop.call_soon_threadsafe(on_chunk, rows)

        try:
            return await asyncio.to_thread(FileRenderer(source).carry_out, order, told)
        finally:
            ended.set()


class FixedSchemas:
    """A resolver that knows snapshots by value and stored ones through the store."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self.snapshot = SNAPSHOT
        self.warnings: tuple[str, ...] = ()

    def recall(self, caller: Caller, schema: SchemaSource) -> ResolvedSchema | None:
        return None

    async def resolve(self, caller: Caller, schema: SchemaSource) -> ResolvedSchema:
        if isinstance(schema, SchemaById):
            async with self._store.as_user(caller) as work:
                entry = await work.find_schema(schema.id)
            assert entry is not None
            assert entry.snapshot is not None
            return ResolvedSchema(snapshot_from_json(entry.snapshot.read()), schema.id)
        return ResolvedSchema(self.snapshot, warnings=self.warnings)


@dataclass
class World:
    """Everything of one test, on one database."""

    database_url: str
    folder: Path
    limits: Limits = field(default_factory=Limits)
    part_bytes: int = 4_000

    def __post_init__(self) -> None:
        self.database = Database(open_engine(self.database_url, pool_size=10, application_name="test"))
        self.queue = JobQueue()
        self.store = PostgresStore(self.database, self.queue)
        self.ledger = PostgresLedger(self.database, self.queue, retention_s=3_600)
        self.upkeep = PostgresUpkeep(self.database, self.queue)
        self.objects = LocalObjectStore(self.folder / "objects", "not a secret: a test's")
        self.renderer = ThreadRenderer()
        self.schemas = FixedSchemas(self.store)
        self.exports = Exports(
            self.store,
            self.objects,
            self.schemas,
            limits=self.limits,
            part_bytes=self.part_bytes,
            planning=CountingPlanning(),
        )
        (self.folder / "work").mkdir()

    def runner(self, **options: Any) -> ExportRunner:
        """A worker's use cases. Its retries come at once unless it is told otherwise."""
        chosen = {"chunk_rows": 100, "retry": RetryPolicy(base_s=0.0), "lease_s": 30.0, **options}
        return ExportRunner(self.ledger, self.objects, self.renderer, RunnerOptions(self.folder / "work", **chosen))

    async def close(self) -> None:
        await self.database.close()
        self.objects.close()

    async def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What a query finds, asked as the superuser."""
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as connection:
            return await (await connection.execute(query.encode(), parameters)).fetchall()

    async def change(self, statement: str, *parameters: Any) -> None:
        """Runs a statement as the superuser."""
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as connection:
            await connection.execute(statement.encode(), parameters)

    async def jobs(self) -> list[tuple[str, dict[str, Any]]]:
        """Task and arguments of the jobs that wait, in the order in which they would be fetched."""
        return await self.rows(
            "select task_name, args from queue.procrastinate_jobs where status = 'todo' order by priority desc, id"
        )

    async def work_off(self, runner: ExportRunner | None = None) -> None:
        """Does every job that waits, one after the other, as one worker would; failures come back at once."""
        runner = runner or self.runner()
        while True:
            taken = await self.rows(
                "update queue.procrastinate_jobs set status = 'doing' where id = ("
                "select id from queue.procrastinate_jobs where status = 'todo' order by priority desc, id limit 1"
                ") returning id, task_name, args"
            )
            if not taken:
                return
            ((job_id, task, arguments),) = taken
            status = await perform(runner, task, arguments)
            await self.change("update queue.procrastinate_jobs set status = %s where id = %s", status, job_id)

    async def kinds(self, export_id: UUID) -> list[str]:
        """The kinds of the export's events, in order."""
        found = await self.rows("select kind from generator_export_events where export_id = %s order by seq", export_id)
        return [kind for (kind,) in found]

    def reference(self, rows: int, output_format: str = "csv", tables: int = 1) -> bytes:
        """The file's bytes as one process makes them, one after the other."""
        plan = CountingPlanning().plan(several(tables), {"rows": rows}, "7")
        shape = cut_small(plan, Output(output_format), self.part_bytes)
        made = b""
        facts: list[Mapping[str, Any]] = []
        for part in shape.parts:
            rendered = render_part(plan, shape, part, earlier=facts, source=counted)
            made += b"".join(rendered)
            facts.append(rendered.facts)
        return made + render_tail(plan, shape, facts)


async def perform(runner: ExportRunner, task: str, arguments: Mapping[str, Any]) -> str:
    """Does one job as a worker would; the status it ends with."""
    from app.exports.retrying import RetryLater, WorkFailed

    export_id = UUID(arguments["export_id"])
    try:
        match task:
            case "run_export":
                await runner.run_export(export_id)
            case "generate_part":
                await runner.generate_part(export_id, arguments["part_no"])
            case "finalise_export":
                await runner.finalise_export(export_id)
            case "settle_cancel":
                await runner.settle_cancel(export_id)
    except RetryLater:
        return "todo"
    except WorkFailed:
        return "failed"
    return "succeeded"


def several(tables: int) -> Snapshot:
    """A schema of so many tables of numbers."""
    if tables == 1:
        return SNAPSHOT
    return Snapshot(tables=tuple(replace(SNAPSHOT.tables[0], name=QName("public", f"t{n}")) for n in range(tables)))


def caller(user_id: UUID | None = None) -> Caller:
    user_id = user_id or uuid4()
    return Caller(user_id, {"sub": str(user_id), "role": "authenticated"})


def request(rows: int = 100, *, notify: Notify | None = None, **config: Any) -> ExportRequest:
    """A well-formed request for so many numbers."""
    return ExportRequest(SchemaBySnapshot({}), ExportConfig("csv", rows, **config), "7", notify=notify)
