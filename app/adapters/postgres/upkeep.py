"""What was left behind, as SQL: work that nobody does any more, things that nobody needs any more."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from app.adapters.postgres.connections import Database, Row
from app.adapters.postgres.queue import QUEUE, JobQueue
from app.exports.jobs import finalise_job, part_job, run_job, settle_job
from app.exports.models import EventKind, OpenUpload, StoredObject
from app.exports.ports import Job

# Procrastinate's own threshold for a worker that is not heard of.
GRACE_S = 30.0
BATCH = 200
_ROWS = 2_000
# What is left after so many is for the next sweep.
_MOST_ROUNDS = 100


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
class OldDay:
    """A partition of events of a day that is over for as long as events are kept; `wanted`: not for all of them."""

    name: str
    wanted: bool
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
            jobs = [_job(row) for row in rows]
            await self._queue.defer(transaction, jobs)
        return Rescued(tuple(Job(row["task"], row["args"]) for row in stalled), tuple(jobs))

    async def free_stuck_sessions(self, stuck_s: float) -> int:
        """Ends sessions of ours whose process has stopped in the middle of sending; how many."""
        async with self._database.transaction() as transaction:
            return len(await transaction.all("free_stuck_sessions", stuck_s=stuck_s))

    async def find_expired(self) -> Sequence[Expired]:
        """Completed exports whose time is over, a batch of them."""
        async with self._database.transaction() as transaction:
            rows = await transaction.all("expired_exports", limit=BATCH)
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
            return await transaction.run("release_stale_uploads", retention_s=retention_s, limit=BATCH)

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

    async def note_stray_objects(self, objects: Sequence[StoredObject], age_s: float, *, dry_run: bool = False) -> int:
        """Orders the removal of those of the store's objects, older than `age_s`, that are no export's file."""
        async with self._database.transaction() as transaction:
            strays = await transaction.all(
                "stray_objects",
                object_paths=[stored.key for stored in objects],
                modified=[stored.modified_at for stored in objects],
                age_s=age_s,
            )
            if not dry_run:
                await transaction.run_many("note_object", strays)
        return len(strays)

    async def take_turn(self, name: str, interval_s: float) -> bool:
        """Whether this worker is to do this upkeep now: nobody has begun it in the last `interval_s` seconds."""
        async with self._database.transaction() as transaction:
            return await transaction.one("take_upkeep_turn", name=name, interval_s=interval_s) is not None

    async def count_expired(self) -> tuple[int, int]:
        """Completed exports whose time is over, and the bytes of their files."""
        async with self._database.transaction() as transaction:
            row = await transaction.only("count_expired")
        return row["found"], row["bytes"]

    async def count_orphans(self) -> tuple[int, int]:
        """Files and uploads whose removal is ordered."""
        async with self._database.transaction() as transaction:
            row = await transaction.only("count_orphans")
        return row["objects"], row["uploads"]

    async def find_orphans(self, after: int = 0) -> Sequence[Orphan]:
        """What is to be removed from the object store: a batch of it, noted after the one with the id `after`."""
        async with self._database.transaction() as transaction:
            rows = await transaction.all("orphans", after=after, limit=BATCH)
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

    async def make_event_partitions(self, days_ahead: int) -> Sequence[str]:
        """Makes the partitions that events of today and the days to come go to, where they are missing; their names."""
        async with self._database.transaction() as transaction:
            return list((await transaction.only("make_event_partitions", days_ahead=days_ahead))["made"])

    async def find_old_days(self, age_s: int) -> Sequence[OldDay]:
        """The partitions of days that ended `age_s` ago, the oldest first."""
        async with self._database.transaction() as transaction:
            rows = await transaction.all("old_event_partitions", age_s=age_s)
        return [OldDay(**row) for row in rows]

    async def drop_old_day(self, day: OldDay, age_s: int) -> bool:
        """Drops a partition of events; False when it could not be locked at once, or is wanted again."""
        async with self._database.transaction() as transaction:
            return bool((await transaction.only("drop_event_partition", name=day.name, age_s=age_s))["dropped"])

    async def count(self, what: str, **parameters: float) -> int:
        """How many rows the query `count_{what}` finds."""
        async with self._database.transaction() as transaction:
            return int((await transaction.only(f"count_{what}", **parameters))["found"])

    async def delete_old(self, what: str, **parameters: float) -> int:
        """Runs the query `delete_{what}`, in transactions of so many rows; the number of rows it deleted."""
        deleted = 0
        for _ in range(_MOST_ROUNDS):
            async with self._database.transaction() as transaction:
                found = await transaction.run(f"delete_{what}", limit=_ROWS, **parameters)
            deleted += found
            if found < _ROWS:
                break
        return deleted


def _job(row: Row) -> Job:
    export_id, owner_id, rows = row["export_id"], row["owner_id"], row["rows"] or 0
    if row["status"] == "cancelling":
        return settle_job(export_id)
    if row["part_no"] > 0:
        return part_job(export_id, owner_id, row["part_no"], rows)
    return finalise_job(export_id) if row["made"] and row["parts_total"] > 1 else run_job(export_id, owner_id, rows)
