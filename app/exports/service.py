"""The use cases: what a caller may ask of the service, each a transaction or two."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from app.errors import (
    ExportNotFound,
    NotAuthenticated,
    SchemaNotFound,
    SeedbedError,
)
from app.exports.desk import Desk, ThreadDesk
from app.exports.documents import Document
from app.exports.drafting import Draughtsman, PlanSheet, Prepared
from app.exports.jobs import run_job, settle_job
from app.exports.models import (
    Access,
    Caller,
    Created,
    Delivery,
    EventKind,
    Export,
    ExportEvent,
    Limits,
    Page,
    SchemaEntry,
    SignedUrl,
    Standing,
    Status,
    Ticket,
)
from app.exports.planning import EnginePlanning, Planning
from app.exports.ports import (
    DatabaseReader,
    DownloadGrant,
    Earlier,
    Job,
    NewExport,
    ObjectStore,
    ResolvedSchema,
    SchemaResolver,
    Store,
    Usage,
    UserWork,
)
from app.exports.posting import INLINE_BYTES, Asked, Kind, Posting, read_posting
from app.exports.previewing import Expected, Previews, ThreadPreviews, check_tables
from app.exports.prompting import BuiltinPlanner, Judged, Material, PromptPlanner, PromptReading
from app.exports.quotas import check_active, check_quota, check_stored
from app.exports.requests import RequestLimits, SchemaByDatabase, SchemaSource
from app.exports.sharing import Sharing, has_address

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Planned:
    """A resolved request that nothing was started for."""

    plan: PlanSheet
    schema_id: UUID | None


class Exports(Sharing):
    """Everything a caller can do. Each method runs as that caller: what they may not see is not found."""

    def __init__(
        self,
        store: Store,
        objects: ObjectStore,
        schemas: SchemaResolver,
        *,
        database: DatabaseReader | None = None,
        limits: Limits | None = None,
        part_bytes: int = 32 * 1024**2,
        download_url_ttl_s: int = 86_400,
        channels: frozenset[str] = frozenset(),
        planning: Planning | None = None,
        prompts: PromptPlanner | None = None,
        previews: Previews | None = None,
        desk: Desk | None = None,
    ) -> None:
        """`channels` are the ways of notification that are configured: "webhook", "email". Without a `desk`, plans are
        made in threads of this process, by `planning`."""
        self._store = store
        self._objects = objects
        self._schemas = schemas
        self._database = database
        self._limits = limits or Limits()
        self._download_url_ttl_s = download_url_ttl_s
        self._desk = desk or ThreadDesk(Draughtsman(planning or EnginePlanning(), channels, part_bytes))
        self._prompts = prompts or BuiltinPlanner()
        self._previews = previews or ThreadPreviews()

    # -- asking ------------------------------------------------------------------------------------------------------

    async def read(self, raw: bytes, kind: Kind, limits: RequestLimits) -> Posting:
        """What a body asks for. Raises RequestMalformed, RequestRefused, PlanningFailed, PlanningBusy."""
        return await self._desk.read(raw, kind, limits) if len(raw) > INLINE_BYTES else read_posting(raw, kind, limits)

    async def plan(self, caller: Caller, request: Asked) -> Planned:
        """The resolved plan of a request. Raises what `create` raises but for quotas."""
        found = await self._schemas.resolve(caller, request.schema)
        return Planned(await self._desk.plan(request, found, await self._reading(request, found)), found.id)

    async def explain(self, plan: PlanSheet) -> Expected:
        """What is to be expected of a plan. Raises PreviewFailed, PlanRefused, PlanningBusy."""
        return await self._previews.explain(plan.document)

    async def preview(
        self, caller: Caller, request: Asked, rows: int, tables: "Sequence[str] | None" = None
    ) -> Document:
        """The first `rows` rows of each table, or of those named, in load order: the very rows that the export would
        begin with. Raises as `plan` does, and PreviewFailed."""
        planned = await self.plan(caller, request)
        if tables is not None:
            check_tables(planned.plan, tables)
        return await self._previews.preview(planned.plan.document, rows, tables)

    async def stored_plan(self, caller: Caller, export_id: UUID) -> PlanSheet:
        """The plan of an export. Raises ExportNotFound, and PlanRefused when another engine made it."""
        async with self._store.as_user(caller) as work:
            document, sha256 = await work.find_plan(export_id)
        return replace(await self._desk.show(document), sha256=sha256)

    async def summary(self, caller: Caller, export_id: UUID, rows: int) -> Document:
        """What the rows of an export look like, made again for it. Raises as `stored_plan` does, and PreviewFailed,
        PlanningBusy."""
        async with self._store.as_user(caller) as work:
            document, _ = await work.find_plan(export_id)
        return await self._previews.summarise(document, rows)

    async def create(
        self,
        caller: Caller,
        request: Asked,
        *,
        idempotency_key: str | None = None,
        body_sha256: str = "",
        request_id: str | None = None,
    ) -> Created:
        """Accepts an export: the row, its first event and its job are committed together, or not at all.

        Raises RequestRefused and its kin (with every fault), SchemaNotFound, QuotaExceeded, IdempotencyInFlight,
        IdempotencyMismatch, DatabaseUnavailable.
        """
        if idempotency_key is not None:
            # Looked at before the plan is made, which takes long; decided below, under the key's lock.
            async with self._store.as_user(caller) as work:
                if earlier := await work.find_key(idempotency_key, body_sha256):
                    return await _replayed(work, earlier)
        prepared = await self._prepare(caller, request, request_id)
        # A key is decided about first: who asks again while it is in use is told so, and waits for nothing.
        async with self._store.as_user(caller, None if idempotency_key else self._limits) as work:
            if idempotency_key is not None:
                earlier = await work.claim_key(idempotency_key, body_sha256)
                if earlier is not None:
                    return await _replayed(work, earlier)
            row = prepared.row
            check_quota(await work.usage(self._limits), row)
            if (new := prepared.schema) is not None:
                stored = await work.insert_schema(None, new.sha256, new.text, called=new.called)
                row = replace(row, schema_id=stored.id)
            inserted = await work.insert_export(row)
            if idempotency_key is not None:
                await work.settle_key(idempotency_key, Earlier(row.id, prepared.warnings))
            await work.store_layout(row.id, prepared.layout, row.rows_total if row.parts_total == 1 else 0)
            await work.append_event(row.id, EventKind.QUEUED)
            await work.defer([_first_job(row, caller.user_id)])
        export = inserted()
        log.info("export_queued", export_id=str(export.id), request_id=request_id, rows=export.rows_total)
        return Created(replace(export, last_seq=1), warnings=prepared.warnings)

    async def _prepare(self, caller: Caller, request: Asked, request_id: str | None) -> Prepared:
        """What is to be stored. All that computes is one visit to the desk: a request waits for its turn there only
        once, unless a model is asked about its prompt."""
        known = None if _has_prompt(request) else self._schemas.recall(caller, request.schema)
        if known is None:
            found = await self._schemas.resolve(caller, request.schema)
            return await self._desk.prepare(request, found, request_id, await self._reading(request, found))
        # Whether the caller may still read it is asked while the plan is made; nothing is told of it before the answer.
        preparing = asyncio.create_task(self._desk.prepare(request, known, request_id, None))
        # Should nobody want it, it ends by itself: ending it would end the process that it is made in.
        preparing.add_done_callback(_forget)
        found = await self._schemas.resolve(caller, request.schema)
        if found.snapshot is known.snapshot:
            return await preparing
        return await self._desk.prepare(request, found, request_id, None)

    # -- looking -----------------------------------------------------------------------------------------------------

    async def get(self, caller: Caller, export_id: UUID) -> Export:
        """Raises ExportNotFound, also for an export of others that is not shared with the caller."""

        async def look() -> Export:
            async with self._store.as_user(caller) as work:
                return await _found(work, export_id)

        return await self._as_invited(caller, look)

    async def describe(self, caller: Caller, export_id: UUID) -> tuple[Export, "Sequence[Delivery]"]:
        """An export with its configuration, and its deliveries, which are its owner's alone to see.
        Raises ExportNotFound."""

        async def look() -> "tuple[Export, Sequence[Delivery]]":
            async with self._store.as_user(caller) as work:
                export = await _found(work, export_id, with_config=True)
                return export, await work.list_deliveries(export_id) if export.access is Access.OWNER else []

        return await self._as_invited(caller, look)

    async def list(
        self, caller: Caller, *, status: Status | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Export]:
        """The caller's exports and those shared with them, newest first. Raises RequestRefused for a bad cursor."""
        async with self._store.as_user(caller) as work:
            if cursor is None and has_address(caller):
                await work.claim_with_next()
            return await work.list_exports(status=status, cursor=cursor, limit=limit)

    async def follow(
        self, caller: Caller, export_id: UUID, seq: int, limit: int
    ) -> tuple[Standing, "Sequence[ExportEvent]"]:
        """How far the export is, and its first events after `seq`, in one visit to the database: after a fault
        everybody comes back at once, and to most of them nothing is new. Raises ExportNotFound."""
        async with self._store.as_user(caller) as work:
            standing = await work.standing(export_id)
            new = standing.last_seq > seq
            return standing, await work.events_after(export_id, seq, limit) if new else []

    async def events_after(
        self, caller: Caller, export_id: UUID, seq: int = 0, limit: int = 500
    ) -> "Sequence[ExportEvent]":
        """The events with a higher `seq`, in order. Raises ExportNotFound."""
        async with self._store.as_user(caller) as work:
            return await work.events_after(export_id, seq, limit)

    async def download(
        self,
        caller: Caller,
        export_id: UUID,
        *,
        ttl_s: int | None = None,
        kind: str = "signed",
        request_id: str | None = None,
    ) -> SignedUrl:
        """A URL for the finished file, and a line in the audit of downloads. `kind`: "signed" or "download".
        Raises ExportNotFound, NotPermitted (viewers), ExportNotReady, StorageFailed."""
        ttl_s = self._download_url_ttl_s if ttl_s is None else ttl_s
        expires_at = datetime.now(UTC) + timedelta(seconds=ttl_s)

        async def ask() -> DownloadGrant:
            async with self._store.as_user(caller) as work:
                return await work.authorise_download(export_id, kind, expires_at, request_id)

        grant = await self._as_invited(caller, ask)
        url = await self._objects.sign(grant.object_path, ttl_s, grant.file_name, caller=caller)
        return SignedUrl(url, expires_at)

    async def usage(self, caller: Caller) -> Usage:
        """What the caller uses at the moment, and what they may."""
        async with self._store.as_user(caller) as work:
            return await work.usage(self._limits)

    # -- changing ----------------------------------------------------------------------------------------------------

    async def cancel(self, caller: Caller, export_id: UUID) -> Export:
        """Ends an export soon; one that is cancelling or cancelled stays so. Raises ExportNotFound, NotPermitted
        (viewers), StateConflict (it has ended in another way)."""
        async with self._store.as_user(caller) as work:
            status = await work.cancel(export_id)
            export = await _found(work, export_id)
            if status is Status.CANCELLING:
                # Its workers notice by themselves; this is for the case that it has none at the moment.
                await work.defer([settle_job(export_id)])
        log.info("export_cancel_requested", export_id=str(export_id), status=status.value)
        return export

    async def retry(self, caller: Caller, export_id: UUID) -> Export:
        """Runs a failed, cancelled or expired export again; a failed one goes on from its finished parts.
        Raises ExportNotFound, NotPermitted, StateConflict, QuotaExceeded."""
        async with self._store.as_user(caller) as work:
            # First whether there is anything to run again at all: no wait for a free place would change that.
            await work.retry(export_id)
            export = await _found(work, export_id)
            usage, expected = await work.usage_beside(export, self._limits)
            check_active(usage)
            check_stored(usage, expected)
            await work.defer([_first_job(export, export.owner_id)])
        log.info("export_queued_again", export_id=str(export_id))
        return export

    async def delete(self, caller: Caller, export_id: UUID) -> None:
        """Removes the export, all that refers to it, and the file. Raises ExportNotFound, NotPermitted (all but the
        owner), StateConflict (it is running: cancel it first)."""
        async with self._store.as_user(caller) as work:
            object_path = await work.delete(export_id)
        # The deletion has left a note of the file; whatever happens here, the sweeper removes what is left.
        try:
            await self._objects.delete(object_path)
            await self._store.forget_object(object_path)
        except SeedbedError as error:
            log.warning("file_left_to_sweeper", export_id=str(export_id), code=error.code)

    # -- schemas -----------------------------------------------------------------------------------------------------

    async def store_schema(self, caller: Caller, name: str | None, source: SchemaSource) -> SchemaEntry:
        """Stores a snapshot; the same content is stored once for a user. Raises as `create` does."""
        if isinstance(source, SchemaByDatabase) and self._database is not None:
            # For an export a foreign key that leads out of sight is a refusal; here it is the caller's to look at.
            found = await self._database.read_database(caller, source)
        else:
            found = await self._schemas.resolve(caller, source)
        new = await self._desk.schema(found)
        async with self._store.as_user(caller) as work:
            return replace(await work.insert_schema(name, new.sha256, new.text), warnings=found.warnings)

    async def get_schema(self, caller: Caller, schema_id: UUID) -> SchemaEntry:
        """With its snapshot. Raises SchemaNotFound."""
        async with self._store.as_user(caller) as work:
            entry = await work.find_schema(schema_id)
        if entry is None:
            raise SchemaNotFound("there is no such schema", id=str(schema_id))
        return entry

    async def list_schemas(self, caller: Caller, *, cursor: str | None = None, limit: int = 50) -> Page[SchemaEntry]:
        """Without the snapshots, newest first."""
        async with self._store.as_user(caller) as work:
            return await work.list_schemas(cursor=cursor, limit=limit)

    async def delete_schema(self, caller: Caller, schema_id: UUID) -> None:
        """Removes the stored snapshot. Raises SchemaNotFound, SchemaInUse (exports were made of it)."""
        async with self._store.as_user(caller) as work:
            found = await work.delete_schema(schema_id)
        if not found:
            raise SchemaNotFound("there is no such schema", id=str(schema_id))

    # -- tickets -----------------------------------------------------------------------------------------------------

    async def issue_ticket(self, caller: Caller, export_id: UUID | None = None, *, ttl_s: int = 60) -> Ticket:
        """A single-use ticket for the stream of one export, or of all of the caller's. Raises ExportNotFound."""
        token = secrets.token_urlsafe(32)
        async with self._store.as_user(caller) as work:
            expires_at = await work.issue_ticket(_digest(token), export_id, ttl_s)
        return Ticket(token, expires_at)

    async def redeem_ticket(self, token: str, export_id: UUID | None = None) -> Caller:
        """Whom a ticket admits. Raises NotAuthenticated when it is unknown, used, too old or for another stream."""
        caller = await self._store.use_ticket(_digest(token), export_id)
        if caller is None:
            raise NotAuthenticated("the ticket is unknown, used or too old; ask for a new one")
        return caller

    # -- within ------------------------------------------------------------------------------------------------------

    async def _reading(self, request: Asked, found: ResolvedSchema) -> PromptReading | None:
        """What the prompt says; None without a prompt. A plan that is given has had its prompt."""
        if not _has_prompt(request):
            return None
        return await self._prompts.read(request.prompt_context or "", _Reader(self._desk, request, found))


def _has_prompt(request: Asked) -> bool:
    return not request.has_plan and bool((request.prompt_context or "").strip())


def _forget(preparing: "asyncio.Task[Prepared]") -> None:
    """Looks at how it ended, for nobody."""
    if not preparing.cancelled():
        preparing.exception()


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a planner of prompts may ask the desk about a request."""

    desk: Desk
    request: Asked
    found: ResolvedSchema

    async def describe(self) -> Material:
        return await self.desk.describe(self.request, self.found)

    async def judge(self, plan: Document, answer: str) -> Judged:
        return await self.desk.judge(plan, answer)


def _first_job(export: Export | NewExport, owner_id: UUID) -> Job:
    # Cutting a large export up costs nothing; its parts do.
    return run_job(export.id, owner_id, export.rows_total if export.parts_total == 1 else 0)


async def _found(work: UserWork, export_id: UUID, *, with_config: bool = False) -> Export:
    export = await work.find(export_id, with_config=with_config)
    if export is None:
        raise ExportNotFound("there is no such export")
    return export


async def _replayed(work: UserWork, earlier: Earlier) -> Created:
    """The export as it was first answered, whatever has become of it since."""
    export = replace(await _found(work, earlier.export_id), status=Status.QUEUED)
    return Created(export, replayed=True, warnings=earlier.warnings)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
