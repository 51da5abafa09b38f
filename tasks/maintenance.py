"""What workers do beside their jobs: take up what was left behind, and remove what is over."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import structlog
from procrastinate.exceptions import ConnectorException
from prometheus_client import Counter

from app.adapters.postgres.upkeep import BATCH, Orphan, PostgresUpkeep
from app.errors import SeedbedError
from app.exports.models import StoredObject
from app.exports.ports import ObjectStore

log = structlog.get_logger(__name__)

SWEEP_INTERVAL_S = 300.0
# Every object of the store is looked at: that takes a while, and finds next to nothing.
LISTING_INTERVAL_S = 6 * 3_600.0
# An object that was written so recently may belong to a row that is not committed yet.
STRAY_AGE_S = 3_600.0
# How long workers may be away, or the lock be held, before events go to the default partition.
EVENT_DAYS_AHEAD = 7


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed, or would remove. `event_days` are the names of partitions, the oldest first."""

    exports_expired: int = 0
    bytes_freed: int = 0
    objects_removed: int = 0
    uploads_aborted: int = 0
    event_days: tuple[str, ...] = ()
    events_deleted: int = 0
    keys_deleted: int = 0
    tickets_deleted: int = 0
    jobs_deleted: int = 0

    def counts(self) -> dict[str, int]:
        """How many of each kind, bytes among them."""
        found = asdict(self)
        days = found.pop("event_days")
        return {**found, "event_days_dropped": len(days)}


class Sweeper:
    """Removes what is over: files past their time, files and uploads that are no export's, rows nobody reads any more.

    A file is removed only while its export's row is held, and only if that export has ended without one.
    """

    def __init__(
        self,
        upkeep: PostgresUpkeep,
        objects: ObjectStore,
        *,
        retention_s: int,
        event_retention_s: int = 30 * 86_400,
        stray_age_s: float = STRAY_AGE_S,
        on_swept: Callable[[Swept], None] | None = None,
    ) -> None:
        """`stray_age_s`: how old an object is before it may be nobody's. `on_swept` hears of each sweep that removed
        something."""
        self._upkeep = upkeep
        self._objects = objects
        self._retention_s = retention_s
        self._event_retention_s = event_retention_s
        self._stray_age_s = stray_age_s
        self._on_swept = on_swept

    async def sweep_in_turn(self) -> None:
        """What each worker calls now and then: one of them sweeps, and looks through the whole store far less often."""
        # A little less than the interval, so that a worker's own next call is not too early.
        if await self._upkeep.take_turn("sweep", 0.9 * SWEEP_INTERVAL_S):
            await self.sweep(listing=await self._upkeep.take_turn("listing", 0.9 * LISTING_INTERVAL_S))

    async def sweep(self, *, dry_run: bool = False, listing: bool = True) -> Swept:
        """Goes over everything once, in small batches. With `dry_run` it only counts. With `listing` it asks the store
        for every object there is."""
        if dry_run:
            return await self._count()
        await self.make_event_partitions()
        exports, freed = await self._expire()
        await self._upkeep.release_stale_uploads(self._retention_s)
        await self._note_strays()
        if listing:
            await self._note_stray_objects()
        objects, uploads = await self._remove_orphans()
        days, events = await self._drop_old_events()
        swept = Swept(
            exports_expired=exports,
            bytes_freed=freed,
            objects_removed=objects,
            uploads_aborted=uploads,
            event_days=days,
            events_deleted=events,
            keys_deleted=await self._upkeep.delete_old("old_keys"),
            tickets_deleted=await self._upkeep.delete_old("old_tickets"),
            jobs_deleted=await self._upkeep.delete_old("old_jobs"),
        )
        if swept != Swept():
            log.info("swept", **swept.counts())
            if self._on_swept is not None:
                self._on_swept(swept)
        return swept

    async def make_event_partitions(self) -> None:
        """Sees to it that the events of the days to come have their partitions."""
        for name in await self._upkeep.make_event_partitions(EVENT_DAYS_AHEAD):
            log.info("event_partition_made", partition=name)

    async def _drop_old_events(self) -> tuple[tuple[str, ...], int]:
        """Drops whole days, and deletes row by row what is left of those that have to stay: the names of the dropped,
        and how many rows."""
        age_s, dropped, busy = self._event_retention_s, list[str](), False
        for day in await self._upkeep.find_old_days(age_s):
            if day.wanted:
                continue
            if await self._upkeep.drop_old_day(day, age_s):
                dropped.append(day.name)
                log.info("event_partition_dropped", partition=day.name, bytes=day.bytes)
            else:
                busy = True
                log.info("event_partition_busy", partition=day.name)
        # A day whose lock could not be had goes as a whole the next time: to delete its rows would be work for nothing.
        return tuple(dropped), 0 if busy else await self._upkeep.delete_old("old_events", age_s=age_s)

    async def _expire(self) -> tuple[int, int]:
        exports, freed = 0, 0
        while batch := await self._upkeep.find_expired():
            gone = [one for one in batch if await self._upkeep.expire(one.export_id)]
            exports, freed = exports + len(gone), freed + sum(one.bytes for one in gone)
            if not gone:  # others are at them
                break
        return exports, freed

    async def _count(self) -> Swept:
        expired, freed = await self._upkeep.count_expired()
        objects, uploads = await self._upkeep.count_orphans()
        stale = await self._upkeep.count("stale_uploads", retention_s=self._retention_s)
        strays = await self._note_strays(dry_run=True)
        stray_objects = await self._note_stray_objects(dry_run=True)
        return Swept(
            exports_expired=expired,
            bytes_freed=freed,
            objects_removed=expired + objects + stray_objects,
            uploads_aborted=stale + strays + uploads,
            event_days=tuple(
                day.name for day in await self._upkeep.find_old_days(self._event_retention_s) if not day.wanted
            ),
            events_deleted=await self._upkeep.count("old_events", age_s=self._event_retention_s),
            keys_deleted=await self._upkeep.count("old_keys"),
            tickets_deleted=await self._upkeep.count("old_tickets"),
            jobs_deleted=await self._upkeep.count("old_jobs"),
        )

    async def _note_strays(self, *, dry_run: bool = False) -> int:
        """Finds the uploads that the store has open and no row knows of."""
        try:
            found = [upload async for upload in self._objects.list_uploads()]
        except SeedbedError as error:
            # What is written down is removed all the same.
            log.warning("uploads_not_listed", code=error.code)
            return 0
        return await self._upkeep.note_strays(found, dry_run=dry_run) if found else 0

    async def _note_stray_objects(self, *, dry_run: bool = False) -> int:
        """Finds the objects in the store that are no export's file, a batch of keys at a time."""
        noted, batch = 0, list[StoredObject]()
        try:
            async for stored in self._objects.list(""):
                batch.append(stored)
                if len(batch) == BATCH:
                    noted += await self._upkeep.note_stray_objects(batch, self._stray_age_s, dry_run=dry_run)
                    batch.clear()
        except SeedbedError as error:
            log.warning("objects_not_listed", code=error.code)
        return noted + await self._upkeep.note_stray_objects(batch, self._stray_age_s, dry_run=dry_run)

    async def _remove_orphans(self) -> tuple[int, int]:
        objects, uploads, after = 0, 0, 0
        while batch := await self._upkeep.find_orphans(after):
            after = batch[-1].id
            for orphan in batch:
                if not await self._remove(orphan):
                    continue
                if orphan.upload_id is None:
                    objects += 1
                else:
                    uploads += 1
        return objects, uploads

    async def _remove(self, orphan: Orphan) -> bool:
        try:
            async with self._upkeep.settling(orphan) as removable:
                if not removable:
                    return False
                if orphan.upload_id is not None:
                    await self._objects.abort_upload(orphan.object_path, orphan.upload_id)
                else:
                    await self._objects.delete(orphan.object_path)
        except SeedbedError as error:
            # It stays noted, and the next sweep tries again.
            log.warning("orphan_not_removed", object_path=orphan.object_path, code=error.code)
            return False
        return True


async def rescue(upkeep: PostgresUpkeep, dead_s: float, stuck_s: float, count: Counter) -> None:
    """Takes up what dead workers left: their jobs, and parts that no job is going to make."""
    # Before the lock is asked for: it may be such a session that holds it.
    if freed := await upkeep.free_stuck_sessions(stuck_s):
        log.warning("stuck_sessions_ended", sessions=freed)
        count.labels("session").inc(freed)
    rescued = await upkeep.requeue_stranded(dead_s)
    for what, jobs in (("job", rescued.stalled), ("part", rescued.stranded)):
        for job in jobs:
            log.warning("work_rescued", what=what, task=job.task, **job.arguments)
        count.labels(what).inc(len(jobs))


async def repeat(what: Callable[[], Awaitable[object]], interval_s: float, name: str) -> None:
    """Does something at intervals until it is cancelled; that it fails once does not end it."""
    while True:
        try:
            await what()
        except (SeedbedError, ConnectorException) as error:
            log.warning("upkeep_failed", upkeep=name, cause=type(error).__name__)
        except Exception:  # whatever it is, it is logged whole, and the next round may do better
            log.exception("upkeep_failed", upkeep=name)
        await asyncio.sleep(interval_s)
