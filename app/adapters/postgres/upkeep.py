"""What was left behind, as SQL: work that nobody does any more, things that nobody needs any more."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from app.adapters.postgres.connections import Database
from app.adapters.postgres.queue import QUEUE, JobQueue
from app.exports.jobs import finalise_job, part_job, run_job, settle_job
from app.exports.models import EventKind, OpenUpload
from app.exports.ports import Job

# Procrastinate's own threshold for a worker that is not heard of.
GRACE_S = 30.0
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Orphan:
    """A file, or with `upload_id` an upload, of an export that is gone or has ended without one."""

    id: int
    object_path: str
    upload_id: str | None


@dataclass(frozen=True, slots=True)
class Expired:
    export_id: UUID
    object_path: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Rescued:
    """`stalled`: jobs of workers that died. `stranded`: work that no job was going to do."""

    stalled: Sequence[Job] = ()
    stranded: Sequence[Job] = ()


class PostgresUpkeep:
    """Finds and settles what was left behind. Any number of workers may do so at once."""

    def __init__(self, database: Database, queue: JobQueue) -> None:
        self._database = database
        self._queue = queue

    async def requeue_stranded(self, grace_s: float = GRACE_S) -> Rescued:
        """Takes up the jobs of workers that died, and queues work that no job and no worker has any more.

        `grace_s`: a worker without a heartbeat for so long is dead; a job that was fetched so long ago has taken its
        part by now, or never will. One worker at a time does this: the others find nothing.
        """
        async with self._database.transaction("try_rescue_lock") as transaction:
            if transaction.opened is None or not transaction.opened["held"]:
                return Rescued()
            stalled = await transaction.all("retry_stalled_jobs", queue=QUEUE, dead_s=grace_s)
            rows = await transaction.all("stranded_work", queue=QUEUE, grace_s=grace_s)
            jobs = [
                _job(row["export_id"], row["part_no"], row["status"], row["parts_total"], row["made"]) for row in rows
            ]
            await self._queue.defer(transaction, jobs)
        return Rescued(tuple(Job(row["task"], row["args"]) for row in stalled), tuple(jobs))

    async def free_stuck_sessions(self, stuck_s: float) -> int:
        """Ends sessions of ours whose process has stopped in the middle of sending; how many."""
        async with self._database.transaction() as transaction:
            return len(await transaction.all("free_stuck_sessions", stuck_s=stuck_s))

    async def find_expired(self) -> Sequence[Expired]:
        """Completed exports whose time is over, a batch of them."""
        async with self._database.transaction() as transaction:
            rows = await transaction.all("expired_exports", limit=_BATCH)
        return [Expired(row["id"], row["object_path"], row["bytes"] or 0) for row in rows]

    async def expire(self, export_id: UUID) -> bool:
        """Marks one expired and orders the removal of its file; False when it is not due any more."""
        async with self._database.transaction() as transaction:
            if await transaction.one("expire_export", export_id=export_id) is None:
                return False
            kind = EventKind.EXPIRED.value
            transaction.later("append_event", export_id=export_id, kind=kind, details=Jsonb({}))
        return True

    async def release_stale_uploads(self, retention_s: int) -> int:
        """Orders the removal of uploads that failed exports have kept for too long."""
        async with self._database.transaction() as transaction:
            return await transaction.run("release_stale_uploads", retention_s=retention_s, limit=_BATCH)

    async def note_strays(self, uploads: Sequence[OpenUpload], *, dry_run: bool = False) -> int:
        """Orders the removal of those of the store's open uploads that no export is going to finish; their number."""
        async with self._database.transaction() as transaction:
            strays = await transaction.all(
                "stray_uploads",
                object_paths=[upload.key for upload in uploads],
                upload_ids=[upload.upload_id for upload in uploads],
                started=[upload.started_at for upload in uploads],
            )
            if not dry_run:
                await transaction.run_many("note_upload", strays)
        return len(strays)

    async def find_orphans(self) -> Sequence[Orphan]:
        """What is to be removed from the object store, a batch of it."""
        async with self._database.transaction() as transaction:
            rows = await transaction.all("orphans", limit=_BATCH)
        return [Orphan(row["id"], row["object_path"], row["upload_id"]) for row in rows]

    @asynccontextmanager
    async def settling(self, orphan: Orphan) -> AsyncIterator[bool]:
        """Holds the orphan's export, if there still is one, while the caller removes the object; then forgets the
        orphan. Gives whether it is to be removed: the file of an export that runs again is not."""
        async with self._database.transaction() as transaction:
            transaction.later("lock_export_of_object", object_path=orphan.object_path)
            row = await transaction.one("lock_orphan", id=orphan.id)
            yield row is not None and (orphan.upload_id is not None or not row["alive"])
            transaction.later("forget_orphan", id=orphan.id)

    async def count(self, what: str, **parameters: int) -> int:
        """How many rows the query `count_{what}` finds."""
        async with self._database.transaction() as transaction:
            return int((await transaction.only(f"count_{what}", **parameters))["found"])

    async def delete_old(self, what: str) -> int:
        """Runs the query `delete_{what}`; the number of rows it deleted."""
        async with self._database.transaction() as transaction:
            return await transaction.run(f"delete_{what}", limit=_BATCH * 10)


def _job(export_id: UUID, part_no: int, status: str, parts_total: int, made: bool) -> Job:
    if status == "cancelling":
        return settle_job(export_id)
    if part_no > 0:
        return part_job(export_id, part_no)
    return finalise_job(export_id) if made and parts_total > 1 else run_job(export_id, parts_total)
