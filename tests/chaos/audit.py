"""What has to be true once everything has ended, whatever was done meanwhile."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

from app.adapters.objects.s3 import S3ObjectStore
from app.exports.models import Status
from tasks.app import sweep
from tests.chaos.arena import SHAPES, Arena

# How many ways there are to be wrong in one export: each query gives the ids of the exports that are.
_QUERIES = {
    "ended once": """
        select e.id from generator_exports as e where (
            select count(*) from generator_export_events as v
            where v.export_id = e.id and v.kind in ('completed', 'failed', 'cancelled')
                and v.seq > coalesce((
                    select max(r.seq) from generator_export_events as r
                    where r.export_id = e.id and r.kind = 'retry' and r.status = 'queued'
                ), 0)
        ) <> 1 or e.status not in ('completed', 'failed', 'cancelled')""",
    "events without a gap, in order": """
        select e.id from generator_exports as e where e.last_seq <> (
            select count(*) from generator_export_events as v where v.export_id = e.id
        ) or exists (
            select from (
                select v.seq, v.created_at, row_number() over (order by v.seq) as place
                from generator_export_events as v where v.export_id = e.id
            ) as v where v.seq <> v.place
        )""",
    "progress never goes back": """
        select v.export_id from (
            select v.*, lag(v.rows_generated) over (partition by v.export_id order by v.seq) as before,
                bool_or(v.kind = 'retry') over (partition by v.export_id) as again
            from generator_export_events as v
        ) as v where v.rows_generated < v.before and not v.again""",
    "parts counted once": """
        select e.id from generator_exports as e where e.status = 'completed' and (
            e.parts_done <> e.parts_total or e.rows_generated <> e.rows_total or (
                e.parts_total > 1 and (
                    e.parts_done <> (
                        select count(*) from generator_export_parts as p
                        where p.export_id = e.id and p.part_no > 0 and p.state = 'done'
                    )
                    or e.bytes_generated <> (
                        select sum(p.bytes) from generator_export_parts as p
                        where p.export_id = e.id and p.part_no > 0
                    )
                )
            )
        )""",
    "attempts are told failures": """
        select e.id from generator_exports as e where e.attempts <> (
            select count(*) from generator_export_events as v
            where v.export_id = e.id and (v.kind = 'failed' or (v.kind = 'retry' and v.status = 'running'))
        ) or e.attempts < (select sum(p.attempts) from generator_export_parts as p where p.export_id = e.id)""",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What the audit saw. `faults` is empty when all is well."""

    exports: int
    completed: int
    attempts: int
    faults: tuple[str, ...]


async def audit(arena: Arena, *, attempts: bool = False, stop: bool = True) -> Report:
    """Looks at every export there is, then removes them. `attempts` says whether any were to be made: a fault of the
    platform is no failure of the work. With `stop` the workers are ended first, as a deploy ends them."""
    faults: list[str] = []
    if stop:
        for worker, code in zip(list(arena.workers), await arena.stop_workers(), strict=True):
            if code:
                faults.append(f"a worker ended with {code}: {worker.log.read_text(errors='replace')[-500:]}")
        faults += await _connections(arena)
    for what, query in _QUERIES.items():
        if wrong := await arena.rows(query):
            faults.append(f"not true: {what}: {[str(row[0]) for row in wrong[:3]]}")
    exports = await arena.rows(
        "select id, status, object_path, sha256, bytes, attempts, rows_total, error_details from generator_exports"
    )
    faults += await _files(arena, exports)
    faults += await _queue(arena)
    spent = sum(row[5] for row in exports)
    if spent and not attempts:
        retried = await arena.rows("select details from generator_export_events where kind = 'retry'")
        faults.append(f"{spent} attempts were spent: {retried[:3]}")
    completed = [row for row in exports if row[1] == Status.COMPLETED]
    faults += await _nothing_left(arena, {row[2] for row in completed})
    for row in exports:
        await arena.exports.delete(arena.caller, row[0])
    faults += await _nothing_left(arena, set())
    return Report(len(exports), len(completed), spent, tuple(faults))


async def _files(arena: Arena, exports: list[tuple[Any, ...]]) -> list[str]:
    """Every completed export's file has the reference's bytes, and those are what was written down."""
    faults = []
    references = {SHAPES[name].rows * (2 if SHAPES[name].tables is None else 1): name for name in SHAPES}
    for export_id, status, path, sha256, size, _, rows_total, error in exports:
        if status != Status.COMPLETED:
            if status == Status.FAILED:
                faults.append(f"{export_id} failed: {error}")
            continue
        digest, seen = hashlib.sha256(), 0
        async for chunk in arena.site.objects.read(path):
            digest.update(chunk)
            seen += len(chunk)
        expected = arena.references[references[rows_total]]
        if not digest.hexdigest() == sha256 == expected or seen != size:
            faults.append(f"{export_id} has other bytes: {digest.hexdigest()}, {sha256} written down, {expected} right")
    return faults


async def _queue(arena: Arena) -> list[str]:
    """No job is left that would do anything: what waits or seems to be worked on belongs to exports that have ended."""
    left = await arena.rows(
        "select j.id, j.task_name, j.status from queue.procrastinate_jobs as j"
        " join generator_exports as e on e.id = (j.args ->> 'export_id')::uuid"
        " where j.status in ('todo', 'doing') and e.status in ('queued', 'running', 'cancelling')"
    )
    return [f"a job is left: {row}" for row in left]


async def _connections(arena: Arena) -> list[str]:
    """Workers that are gone have left no connection."""
    query = "select pid, state, query from pg_stat_activity where application_name like 'seedbed worker%%'"
    # Those that a proxy was told to forget are its, not ours.
    arena.database_proxy.drop_dead()
    try:
        async with asyncio.timeout(15):
            while await arena.rows(query):  # noqa: ASYNC110  # it happens in the server
                await asyncio.sleep(0.1)
    except TimeoutError:
        return [f"connections are left: {await arena.rows(query)}"]
    return []


async def _nothing_left(arena: Arena, expected: set[str]) -> list[str]:
    """After a sweep the bucket holds the files of completed exports, and no upload is open."""
    assert isinstance(arena.site.objects, S3ObjectStore)
    await sweep(arena.worker_settings(), dry_run=False, stray_age_s=0.0)
    found = {stored.key async for stored in arena.site.objects.list("")}
    uploads = [upload.key async for upload in arena.site.objects.list_uploads()]
    faults = [f"an upload is left: {key}" for key in uploads[:3]]
    faults += [f"an object is left: {key}" for key in sorted(found - expected)[:3]]
    faults += [f"an object is gone: {key}" for key in sorted(expected - found)[:3]]
    return faults
