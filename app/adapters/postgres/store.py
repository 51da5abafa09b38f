"""What callers do, as SQL: each `as_user` block is one transaction under the caller's rights."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg.errors
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from app.adapters.postgres.connections import Database, Kept, Query, Row, Transaction, query
from app.adapters.postgres.queue import JobQueue
from app.adapters.postgres.refusals import export_not_found, refusals, share_faults
from app.adapters.postgres.rows import (
    event_of,
    export_of,
    read_cursor,
    schema_of,
    select_exports,
    select_schemas,
    share_of,
    write_cursor,
)
from app.adapters.postgres.tables import exports, schemas
from app.errors import (
    DeliveryNotFound,
    ExportNotFound,
    ExportNotReady,
    IdempotencyInFlight,
    IdempotencyMismatch,
    NotPermitted,
    SchemaInUse,
    StateConflict,
)
from app.exports.documents import Document
from app.exports.models import (
    Access,
    Caller,
    Delivery,
    EventKind,
    Export,
    ExportEvent,
    Limits,
    Page,
    Role,
    SchemaEntry,
    Share,
    Standing,
    Status,
    WebhookSecret,
)
from app.exports.ports import DownloadGrant, Earlier, Job, NewExport, Usage
from app.logging import bound
from app.tracing import here

# A token's own `role` claim never reaches SET ROLE: these are the roles that a request may run as.
_ROLES = frozenset({"authenticated", "anon"})


class PostgresStore:
    """The `Store` of `app.exports.ports`."""

    def __init__(self, database: Database, queue: JobQueue) -> None:
        self._database = database
        self._queue = queue

    @asynccontextmanager
    async def as_user(self, caller: Caller, limits: Limits | None = None) -> "AsyncIterator[PostgresUserWork]":
        """One transaction as the caller."""
        if limits is None:
            opening = self._database.transaction(None, _become(caller))
        else:
            before = [_become(caller), query("lock_usage", owner_id=caller.user_id)]
            if limits.bucket_bytes:
                before.append(query("lock_bucket"))
            opening = self._database.transaction(
                "usage", *before, owner_id=caller.user_id, bucket_limited=limits.bucket_bytes > 0, beside=None
            )
        async with opening as transaction:
            usage = None if limits is None else transaction.opened
            yield PostgresUserWork(transaction, caller, self._queue, usage)

    async def schema_digest(self, caller: Caller, schema_id: UUID) -> str | None:
        """The digest of a schema's snapshot; None for one that the caller does not see."""
        row = await self._database.ask("schema_digest", _become(caller), schema_id=schema_id)
        return None if row is None else str(row["sha256"])

    async def use_ticket(self, token_sha256: str, export_id: UUID | None) -> Caller | None:
        """Redeems a ticket; one for another stream is used up by the attempt."""
        async with self._database.transaction("redeem_ticket", token_sha256=token_sha256) as transaction:
            row = transaction.opened
        if row is None or row["export_id"] != export_id:
            return None
        return Caller(row["user_id"], row["claims"])

    async def forget_object(self, object_path: str) -> None:
        """Drops the note that a deleted export's file is still to be removed."""
        async with self._database.transaction() as transaction:
            transaction.later("forget_object", object_path=object_path)


class PostgresUserWork:
    """The `UserWork` of `app.exports.ports`."""

    def __init__(self, transaction: Transaction, caller: Caller, queue: JobQueue, usage: Row | None = None) -> None:
        self._transaction = transaction
        self._caller = caller
        self._queue = queue
        self._usage = usage
        self._as_service = False
        self._days: dict[UUID, tuple[datetime, datetime]] = {}

    async def find(self, export_id: UUID, *, with_config: bool = False) -> Export | None:
        statement = select_exports(self._caller.user_id, config="whole" if with_config else "none")
        rows = await self._transaction.select(statement.where(exports.c.id == export_id))
        return export_of(rows[0]) if rows else None

    async def find_plan(self, export_id: UUID) -> tuple[Document, str]:
        # As text: reading megabytes of JSON would hold up the event loop.
        plan = sa.cast(exports.c.plan, sa.Text).label("plan")
        statement = sa.select(plan, exports.c.plan_sha256).where(exports.c.id == export_id)
        rows = await self._transaction.select(statement)
        if not rows:
            raise export_not_found()
        return Document(rows[0]["plan"].encode()), rows[0]["plan_sha256"]

    async def list_exports(self, *, status: Status | None, cursor: str | None, limit: int) -> Page[Export]:
        statement = select_exports(self._caller.user_id, config="small")
        if status is not None:
            statement = statement.where(exports.c.status == status.value)
        statement = _page(statement, exports.c.requested_at, exports.c.id, cursor, limit)
        found = [export_of(row) for row in await self._transaction.select(statement)]
        last = found[limit - 1] if len(found) > limit else None
        return Page(tuple(found[:limit]), write_cursor(last.requested_at, last.id) if last else None)

    async def find_key(self, key: str, request_sha256: str) -> Earlier | None:
        row = await self._transaction.one("find_key", owner_id=self._caller.user_id, key=key)
        if row is None:
            return None
        if row["request_sha256"] != request_sha256:
            raise _mismatch(key)
        return _earlier(row)

    async def claim_key(self, key: str, request_sha256: str) -> Earlier | None:
        row = await self._transaction.only("claim_key", key=key, request_sha256=request_sha256)
        if row["outcome"] == "mismatch":
            raise _mismatch(key)
        if row["outcome"] == "in_flight":
            raise IdempotencyInFlight("a request with this Idempotency-Key is being served; ask again", key=key)
        return _earlier(row)

    async def settle_key(self, key: str, earlier: Earlier) -> None:
        told = Jsonb({"warnings": list(earlier.warnings)}) if earlier.warnings else None
        self._transaction.later("settle_key", key=key, export_id=earlier.export_id, response=told)

    async def usage(self, defaults: Limits) -> Usage:
        row = self._usage
        return _usage(await self._used(self._caller.user_id, defaults) if row is None else row, defaults)

    async def usage_beside(self, export: Export, defaults: Limits) -> tuple[Usage, int]:
        # The caller may be an editor, who does not see what else the owner has.
        self._become_service()
        row = await self._used(export.owner_id, defaults, beside=export.id)
        asked = int(row["asked"])
        return _usage({**row, "bucket_bytes": max(0, row["bucket_bytes"] - asked)}, defaults), asked

    async def _used(self, owner_id: UUID, defaults: Limits, beside: UUID | None = None) -> Row:
        self._transaction.later("lock_usage", owner_id=owner_id)
        if defaults.bucket_bytes:
            self._transaction.later("lock_bucket")
        limited = defaults.bucket_bytes > 0
        return await self._transaction.only("usage", owner_id=owner_id, bucket_limited=limited, beside=beside)

    async def insert_schema(
        self, name: str | None, sha256: str, snapshot_json: str, *, called: str | None = None
    ) -> SchemaEntry:
        content = {"owner_id": self._caller.user_id, "sha256": sha256}
        # Looked for first: a stored snapshot of megabytes is not sent again.
        row = await self._transaction.one("find_schema_by_content", **content)
        if row is None:
            new = {**content, "name": name or called, "snapshot_json": snapshot_json}
            with refusals(StateConflict):
                row = await self._transaction.one("insert_schema", **new)
        if row is None:  # another request stored it in between, and has committed by now
            row = await self._transaction.only("find_schema_by_content", **content)
        if name is not None and row["name"] != name:
            await self._transaction.run("rename_schema", name=name, schema_id=row["id"])
            row = {**row, "name": name}
        return schema_of(row)

    async def find_schema(self, schema_id: UUID) -> SchemaEntry | None:
        statement = select_schemas(with_snapshot=True).where(schemas.c.id == schema_id)
        rows = await self._transaction.select(statement)
        return schema_of(rows[0]) if rows else None

    async def list_schemas(self, *, cursor: str | None, limit: int) -> Page[SchemaEntry]:
        statement = _page(select_schemas(with_snapshot=False), schemas.c.created_at, schemas.c.id, cursor, limit)
        found = [schema_of(row) for row in await self._transaction.select(statement)]
        last = found[limit - 1] if len(found) > limit else None
        return Page(tuple(found[:limit]), write_cursor(last.created_at, last.id) if last else None)

    async def delete_schema(self, schema_id: UUID) -> bool:
        try:
            return await self._transaction.one("delete_schema", schema_id=schema_id) is not None
        except psycopg.errors.ForeignKeyViolation as error:
            raise SchemaInUse("exports were made of this schema; delete them first", id=str(schema_id)) from error

    async def insert_export(self, export: NewExport) -> Callable[[], Export]:
        link = here()
        inserted = self._transaction.later(
            "insert_export",
            id=export.id,
            owner_id=self._caller.user_id,
            schema_id=export.schema_id,
            config=export.config.text.decode(),
            plan_json=export.plan_json,
            plan_sha256=export.plan_sha256,
            seed=export.seed,
            prompt_context=export.prompt_context,
            engine_version=export.engine_version,
            format=export.format,
            compression=export.compression,
            file_name=export.file_name,
            extension=export.extension,
            content_type=export.content_type,
            rows_total=export.rows_total,
            parts_total=export.parts_total,
            notify=Jsonb(export.notify) if export.notify is not None else None,
            request_id=export.request_id,
            traceparent=link.parent if link else None,
            tracestate=link.state if link else None,
            retention_s=export.retention_s,
            bytes_expected=export.bytes_expected,
        )
        return lambda: Export(
            id=export.id,
            owner_id=self._caller.user_id,
            status=Status.QUEUED,
            config=export.config,
            seed=export.seed,
            engine_version=export.engine_version,
            format=export.format,
            compression=export.compression,
            file_name=export.file_name,
            extension=export.extension,
            content_type=export.content_type,
            rows_total=export.rows_total,
            parts_total=export.parts_total,
            schema_id=export.schema_id,
            prompt_context=export.prompt_context,
            plan_sha256=export.plan_sha256,
            request_id=export.request_id,
            access=Access.OWNER,
            **_row_of(inserted),
        )

    async def store_layout(self, export_id: UUID, layout: Mapping[str, Any], rows: int) -> None:
        self._become_service()
        self._transaction.later("insert_whole", export_id=export_id, layout=Jsonb(layout), rows=rows)

    async def cancel(self, export_id: UUID) -> Status:
        with refusals(StateConflict):
            return Status((await self._transaction.only("cancel_export", export_id=export_id))["status"])

    async def retry(self, export_id: UUID) -> Status:
        with refusals(StateConflict):
            return Status((await self._transaction.only("retry_export", export_id=export_id))["status"])

    async def delete(self, export_id: UUID) -> str:
        with refusals(StateConflict):
            return str((await self._transaction.only("delete_export", export_id=export_id))["object_path"])

    async def list_shares(self, export_id: UUID) -> Sequence[Share]:
        await self._require_visible(export_id)
        return [share_of(row) for row in await self._transaction.all("list_shares", export_id=export_id)]

    async def put_share(self, export_id: UUID, user_id: UUID, role: Role) -> Share:
        await self._require_visible(export_id)
        with share_faults():
            row = await self._transaction.only("put_share", export_id=export_id, user_id=user_id, role=role.value)
        return share_of(row)

    async def put_invitation(self, export_id: UUID, email: str, role: Role) -> Share:
        await self._require_visible(export_id)
        with share_faults():
            row = await self._transaction.only("put_invitation", export_id=export_id, email=email, role=role.value)
        return share_of(row)

    async def delete_share(self, export_id: UUID, share_id: UUID) -> bool:
        await self._require_visible(export_id)
        row = await self._transaction.only("delete_share", export_id=export_id, id=share_id)
        return bool(row["removed"])

    async def claim_invitations(self) -> int:
        return int((await self._transaction.only("claim_invitations"))["claimed"])

    async def claim_with_next(self) -> None:
        self._transaction.later("claim_invitations")

    async def authorise_download(
        self, export_id: UUID, kind: str, expires_at: datetime, request_id: str | None
    ) -> DownloadGrant:
        with refusals(ExportNotReady):
            row = await self._transaction.only(
                "authorise_download", export_id=export_id, kind=kind, expires_at=expires_at, request_id=request_id
            )
        return DownloadGrant(row["object_path"], row["file_name"])

    async def events_after(self, export_id: UUID, seq: int, limit: int) -> Sequence[ExportEvent]:
        if export_id not in self._days:
            await self.standing(export_id)
        first, last = self._days[export_id]
        rows = await self._transaction.all(
            "events_after", export_id=export_id, seq=seq, limit=limit, from_day=first, to_day=last
        )
        return [event_of(row) for row in rows]

    async def list_deliveries(self, export_id: UUID) -> Sequence[Delivery]:
        rows = await self._transaction.all("list_deliveries", export_id=export_id)
        return [Delivery(**row) for row in rows]

    async def redeliver(self, export_id: UUID, delivery_id: UUID) -> None:
        await self._require_visible(export_id)
        try:
            with refusals(StateConflict):
                await self._transaction.only("redeliver", export_id=export_id, delivery_id=delivery_id)
        except ExportNotFound as error:  # the export is there: what is missing is the delivery
            raise DeliveryNotFound("the export has no such delivery") from error

    async def find_webhook_secret(self) -> WebhookSecret | None:
        row = await self._transaction.one("webhook_secret", user_id=self._caller.user_id)
        return None if row is None else WebhookSecret(**row)

    async def rotate_webhook_secret(self) -> WebhookSecret:
        return WebhookSecret(**await self._transaction.only("rotate_webhook_secret"))

    async def standing(self, export_id: UUID) -> Standing:
        row = await self._transaction.one("standing", export_id=export_id)
        if row is None:
            raise export_not_found()
        self._days[export_id] = row["from_day"], row["to_day"]
        return Standing(Status(row["status"]), row["last_seq"])

    async def issue_ticket(self, token_sha256: str, export_id: UUID | None, ttl_s: int) -> datetime:
        with refusals(StateConflict):
            row = await self._transaction.only(
                "issue_ticket", token_sha256=token_sha256, export_id=export_id, ttl_s=ttl_s
            )
        expires_at: datetime = row["expires_at"]
        return expires_at

    async def append_event(self, export_id: UUID, kind: EventKind, details: Mapping[str, Any] | None = None) -> None:
        self._become_service()
        self._transaction.later("append_event", export_id=export_id, kind=kind.value, details=Jsonb(details or {}))

    async def defer(self, jobs: Sequence[Job]) -> None:
        self._become_service()
        await self._queue.defer(self._transaction, jobs)

    def _become_service(self) -> None:
        # There is no way back within the transaction, so that nothing of the caller's runs with the service's rights.
        if not self._as_service:
            self._transaction.later("become_service")
            self._as_service = True

    async def _require_visible(self, export_id: UUID) -> None:
        if not (await self._transaction.only("can_see_export", export_id=export_id))["allowed"]:
            raise export_not_found()


def _usage(row: Row, defaults: Limits) -> Usage:
    limits = Limits(
        active_exports=_given(row["max_active_exports"], defaults.active_exports),
        rows_per_export=_given(row["max_rows_per_export"], defaults.rows_per_export),
        exports_per_day=_given(row["max_exports_per_day"], defaults.exports_per_day),
        stored_bytes=_given(row["max_stored_bytes"], defaults.stored_bytes),
        retention_s=_given(row["retention_s"], defaults.retention_s),
        bucket_bytes=defaults.bucket_bytes,
    )
    return Usage(row["active_exports"], row["exports_today"], row["stored_bytes"], limits, row["bucket_bytes"])


def _become(caller: Caller) -> Query:
    """The statement after which a transaction runs under the caller's rights."""
    if caller.role not in _ROLES:
        raise NotPermitted("this role may not act here")
    claims = {**caller.claims, "sub": str(caller.user_id), "role": caller.role}
    request_id = bound("request_id") or ""
    return query("become_user", role=caller.role, claims=json.dumps(claims), request_id=request_id)


def _row_of(kept: Kept) -> Row:
    if kept.row is None:
        raise LookupError("asked for before the transaction has ended")
    return kept.row


def _page(
    statement: "sa.Select[Any]", moment: "sa.Column[Any]", row_id: "sa.Column[Any]", cursor: str | None, limit: int
) -> "sa.Select[Any]":
    """Newest first, from the cursor on; one row more than asked for tells whether another page follows."""
    if cursor is not None:
        statement = statement.where(sa.tuple_(moment, row_id) < sa.tuple_(*read_cursor(cursor)))
    return statement.order_by(moment.desc(), row_id.desc()).limit(limit + 1)


def _given(own: int | None, default: int) -> int:
    return default if own is None else own


def _earlier(row: Row) -> Earlier | None:
    if row["export_id"] is None:
        return None
    return Earlier(row["export_id"], tuple((row["response"] or {}).get("warnings", ())))


def _mismatch(key: str) -> IdempotencyMismatch:
    return IdempotencyMismatch("this Idempotency-Key came with another body before; use a new one", key=key)
