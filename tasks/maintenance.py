"""What workers do beside their jobs: take up what was left behind, and remove what is over."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from procrastinate.exceptions import ConnectorException
from prometheus_client import Counter

from app.adapters.postgres.upkeep import PostgresUpkeep
from app.errors import SeedbedError
from app.exports.ports import ObjectStore

log = structlog.get_logger(__name__)

SWEEP_INTERVAL_S = 300.0


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed, or would remove."""

    exports_expired: int = 0
    bytes_freed: int = 0
    objects_removed: int = 0
    uploads_aborted: int = 0
    keys_deleted: int = 0
    tickets_deleted: int = 0
    jobs_deleted: int = 0


class Sweeper:
    """Removes what is over: files past their time, uploads nobody will finish, rows nobody reads any more."""

    def __init__(
        self,
        upkeep: PostgresUpkeep,
        objects: ObjectStore,
        *,
        retention_s: int,
        on_swept: Callable[[Swept], None] | None = None,
    ) -> None:
        """`on_swept` hears of each sweep that removed something."""
        self._upkeep = upkeep
        self._objects = objects
        self._retention_s = retention_s
        self._on_swept = on_swept

    async def sweep(self, *, dry_run: bool = False) -> Swept:
        """Goes over everything once, in small batches. With `dry_run` it only counts (at most a batch of files)."""
        if dry_run:
            return await self._count()
        exports, freed = 0, 0
        for expired in await self._upkeep.find_expired():
            if await self._upkeep.expire(expired.export_id):
                exports, freed = exports + 1, freed + expired.bytes
        await self._upkeep.release_stale_uploads(self._retention_s)
        await self._note_strays()
        objects, uploads = await self._remove_orphans()
        swept = Swept(
            exports_expired=exports,
            bytes_freed=freed,
            objects_removed=objects,
            uploads_aborted=uploads,
            keys_deleted=await self._upkeep.delete_old("old_keys"),
            tickets_deleted=await self._upkeep.delete_old("old_tickets"),
            jobs_deleted=await self._upkeep.delete_old("old_jobs"),
        )
        if swept != Swept():
            log.info("swept", **{name: getattr(swept, name) for name in Swept.__slots__})
            if self._on_swept is not None:
                self._on_swept(swept)
        return swept

    async def _count(self) -> Swept:
        expired = await self._upkeep.find_expired()
        orphans = await self._upkeep.find_orphans()
        stale = await self._upkeep.count("stale_uploads", retention_s=self._retention_s)
        strays = await self._note_strays(dry_run=True)
        return Swept(
            exports_expired=len(expired),
            bytes_freed=sum(one.bytes for one in expired),
            objects_removed=len(expired) + sum(orphan.upload_id is None for orphan in orphans),
            uploads_aborted=stale + strays + sum(orphan.upload_id is not None for orphan in orphans),
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

    async def _remove_orphans(self) -> tuple[int, int]:
        objects, uploads = 0, 0
        for orphan in await self._upkeep.find_orphans():
            try:
                async with self._upkeep.settling(orphan) as removable:
                    if not removable:
                        continue
                    if orphan.upload_id is not None:
                        await self._objects.abort_upload(orphan.object_path, orphan.upload_id)
                        uploads += 1
                    else:
                        await self._objects.delete(orphan.object_path)
                        objects += 1
            except SeedbedError as error:
                # It stays noted, and the next sweep tries again.
                log.warning("orphan_not_removed", object_path=orphan.object_path, code=error.code)
        return objects, uploads


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
        except Exception:
            log.exception("upkeep_failed", upkeep=name)
        await asyncio.sleep(interval_s)
