"""What the use cases need of the world, as protocols that `app.adapters` implements."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from app.exports.documents import Document
from app.exports.models import (
    Caller,
    Delivery,
    EventKind,
    Export,
    ExportEvent,
    Limits,
    OpenUpload,
    Page,
    Role,
    SchemaEntry,
    Share,
    Standing,
    Status,
    StoredObject,
    WebhookSecret,
)
from app.exports.requests import SchemaByDatabase, SchemaSource
from app.generator.snapshot.model import Snapshot

OnSent = Callable[[int], None]


class ObjectStore(Protocol):
    """Where files go. Every method raises StorageFailed, with `facts["retryable"]`; a full disk has
    `facts["reason"] = "storage_full"`, a multipart upload that is no more there `facts["reason"] = "upload_missing"`.

    Writing a key again replaces the object as a whole: a reader sees the old bytes or the new ones.

    `on_sent` is told now and then, in any thread, how many bytes of the body are sent; a store need not tell.
    """

    async def put_file(
        self, key: str, path: Path, content_type: str, on_sent: OnSent | None = None
    ) -> StoredObject: ...

    async def open_upload(self, key: str, content_type: str) -> str:
        """Starts an upload in parts; returns its id. Nothing can be read under `key` until it is completed."""
        ...

    async def put_part(
        self, key: str, upload_id: str, part_no: int, body: Path | bytes, on_sent: OnSent | None = None
    ) -> str:
        """Stores part `part_no` (from 1), replacing an earlier one of that number; returns its etag."""
        ...

    async def complete_upload(
        self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], size: int
    ) -> StoredObject:
        """Makes the object out of the (part number, etag)s and checks that it has `size` bytes.
        Completing one that was completed before is no error."""
        ...

    async def abort_upload(self, key: str, upload_id: str) -> None:
        """Drops an upload and its parts; one that is not there is no error."""
        ...

    async def head(self, key: str) -> int | None:
        """The object's size in bytes; None when there is none."""
        ...

    def read(self, key: str, chunk_bytes: int = 1 << 20, *, start: int = 0) -> AsyncIterator[bytes]:
        """The object's bytes in order, from the store itself, from byte `start` on, which must be one of it."""
        ...

    async def delete(self, key: str) -> None:
        """Removes the object; one that is not there is no error."""
        ...

    def list(self, prefix: str) -> AsyncIterator[StoredObject]: ...

    def list_uploads(self) -> AsyncIterator[OpenUpload]:
        """The uploads in parts that are neither completed nor dropped, for those who tidy up."""
        ...

    async def sign(self, key: str, ttl_s: int, download_name: str, *, caller: Caller) -> str:
        """A URL that downloads the object under the name `download_name` for `ttl_s` seconds."""
        ...

    async def check(self) -> None:
        """Raises StorageFailed when files could not be written now."""
        ...


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the first request with an idempotency key was answered."""

    export_id: UUID
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedSchema:
    """A snapshot, or its JSON that is yet to be read; its id when it is a stored one, and what had to be left out of
    it."""

    snapshot: Snapshot | Document
    id: UUID | None = None
    warnings: tuple[str, ...] = ()


class SchemaResolver(Protocol):
    """Finds the snapshot that a request speaks of."""

    async def resolve(self, caller: Caller, schema: SchemaSource) -> ResolvedSchema:
        """Raises SchemaNotFound, SchemaNotPermitted, SnapshotInvalid, DdlRefused, RequestRefused."""
        ...

    def recall(self, caller: Caller, schema: SchemaSource) -> ResolvedSchema | None:
        """What this was when the caller was last let read it, if that is remembered. Whether they still may, and
        whether it still is that, is for `resolve` to say."""
        ...


class DatabaseReader(Protocol):
    """Reads the schema of the live database, as the caller."""

    async def read_database(self, caller: Caller, schema: SchemaByDatabase) -> ResolvedSchema:
        """The snapshot of what the caller may see, with a sentence for each constraint that is not in it since it
        mentions what they may not. Raises SchemaNotPermitted."""
        ...


class Events(Protocol):
    """Wakes those who follow exports; the rows are the truth."""

    def subscribe(self, export_id: UUID) -> AbstractAsyncContextManager[AsyncIterator[None]]: ...


class WebhookSecrets(Protocol):
    """The users' signing secrets, which stand nowhere."""

    def secret(self, user_id: UUID, version: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Job:
    """Work for a worker. `arguments` are ids alone: they are logged."""

    task: str
    arguments: Mapping[str, Any]
    priority: int = 0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class NewExport:
    """The columns of an export's row that the use case decides."""

    id: UUID
    schema_id: UUID | None
    config: Document
    plan_json: str
    plan_sha256: str
    seed: str
    prompt_context: str | None
    engine_version: int
    format: str
    compression: str | None
    file_name: str
    extension: str
    content_type: str
    rows_total: int
    parts_total: int
    notify: Mapping[str, Any] | None
    request_id: str | None
    retention_s: int | None
    bytes_expected: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What somebody uses at the moment, and what they may. Stored bytes count what active exports are expected to
    have; `bucket_bytes` are those of everybody, when there is a limit to them."""

    active_exports: int
    exports_today: int
    stored_bytes: int
    limits: Limits
    bucket_bytes: int = 0


@dataclass(frozen=True, slots=True)
class DownloadGrant:
    """What signing a URL needs to know; given out together with the line in the audit."""

    object_path: str
    file_name: str


class UserWork(Protocol):
    """One transaction as the caller: what row-level security hides is not there.

    Who may do a thing is decided by Postgres, as the caller; what follows from it (the first event, the job) is
    written as the service, in the same transaction. All of it is committed at the end of the `async with`, or none.
    Methods that name an export raise ExportNotFound when the caller cannot see it.
    """

    async def find(self, export_id: UUID, *, with_config: bool = False) -> Export | None: ...

    async def find_plan(self, export_id: UUID) -> tuple[Document, str]:
        """The plan that an export is made by, and its hash."""
        ...

    async def list_exports(self, *, status: Status | None, cursor: str | None, limit: int) -> Page[Export]:
        """Raises RequestRefused for a cursor that is not one of ours."""
        ...

    async def find_key(self, key: str, request_sha256: str) -> Earlier | None:
        """What came of this key before. Raises IdempotencyMismatch."""
        ...

    async def claim_key(self, key: str, request_sha256: str) -> Earlier | None:
        """None when the key is this transaction's now, else what came of it before.
        Raises IdempotencyInFlight, IdempotencyMismatch."""
        ...

    async def settle_key(self, key: str, earlier: Earlier) -> None: ...

    async def usage(self, defaults: Limits) -> Usage:
        """Usage and limits. Until this transaction ends, others of the same user wait here, and everybody where the
        whole bucket has a limit."""
        ...

    async def usage_beside(self, export: Export, defaults: Limits) -> tuple[Usage, int]:
        """What the owner of an export, whom the caller need not be, uses beside it, and the bytes that its file is
        expected to have. Others wait as for `usage`; what comes after in this transaction is done by the service."""
        ...

    async def insert_schema(
        self, name: str | None, sha256: str, snapshot_json: str, *, called: str | None = None
    ) -> SchemaEntry:
        """Stores a snapshot, or finds the one of that content; a name that is given replaces the one it had. `called`
        is for a new one without a name."""
        ...

    async def find_schema(self, schema_id: UUID) -> SchemaEntry | None: ...

    async def delete_schema(self, schema_id: UUID) -> bool:
        """Whether there was one. Raises SchemaInUse."""
        ...

    async def list_schemas(self, *, cursor: str | None, limit: int) -> Page[SchemaEntry]: ...

    async def insert_export(self, export: NewExport) -> Callable[[], Export]:
        """Stores a row, at the latest when the transaction ends: then it can be asked what it has become."""
        ...

    async def store_layout(self, export_id: UUID, layout: Mapping[str, Any], rows: int) -> None:
        """Writes down what the file's parts will be; `rows` are those of a file of one part, else 0."""
        ...

    async def cancel(self, export_id: UUID) -> Status:
        """Raises NotPermitted, StateConflict."""
        ...

    async def retry(self, export_id: UUID) -> Status:
        """Raises NotPermitted, StateConflict."""
        ...

    async def delete(self, export_id: UUID) -> str:
        """The path of the file, which is to be removed now. Raises NotPermitted, StateConflict."""
        ...

    async def list_shares(self, export_id: UUID) -> Sequence[Share]: ...

    async def put_share(self, export_id: UUID, user_id: UUID, role: Role) -> Share:
        """Raises NotPermitted."""
        ...

    async def put_invitation(self, export_id: UUID, email: str, role: Role) -> Share:
        """`email` in small letters. Raises NotPermitted."""
        ...

    async def delete_share(self, export_id: UUID, share_id: UUID) -> bool:
        """Whether there was one, of that user or of that invitation, that the caller may take back."""
        ...

    async def claim_invitations(self) -> int:
        """Makes shares of the invitations to the address that is proven to be the caller's; how many there were."""
        ...

    async def claim_with_next(self) -> None:
        """The same, along with whatever is asked next: for lists, which are asked for often."""
        ...

    async def authorise_download(
        self, export_id: UUID, kind: str, expires_at: datetime, request_id: str | None
    ) -> DownloadGrant:
        """Raises NotPermitted, ExportNotReady."""
        ...

    async def events_after(self, export_id: UUID, seq: int, limit: int) -> Sequence[ExportEvent]: ...

    async def list_deliveries(self, export_id: UUID) -> Sequence[Delivery]:
        """Those that the caller may see: the owner's."""
        ...

    async def redeliver(self, export_id: UUID, delivery_id: UUID) -> None:
        """Makes a delivery due again. Raises NotPermitted, DeliveryNotFound, StateConflict (it is being sent)."""
        ...

    async def find_webhook_secret(self) -> WebhookSecret | None: ...

    async def rotate_webhook_secret(self) -> WebhookSecret:
        """Puts the caller's next secret in force."""
        ...

    async def standing(self, export_id: UUID) -> Standing:
        """How far the export's story is."""
        ...

    async def issue_ticket(self, token_sha256: str, export_id: UUID | None, ttl_s: int) -> datetime:
        """When the ticket ends."""
        ...

    async def append_event(
        self, export_id: UUID, kind: EventKind, details: Mapping[str, Any] | None = None
    ) -> None: ...

    async def defer(self, jobs: Sequence[Job]) -> None:
        """Queues jobs; workers see them when this transaction commits."""
        ...


class Store(Protocol):
    """The database, as far as callers' requests need it."""

    def as_user(self, caller: Caller, limits: Limits | None = None) -> AbstractAsyncContextManager[UserWork]:
        """A transaction as the caller. One that begins with asking for `usage` says so by `limits`, and saves a visit.
        Raises DatabaseUnavailable."""
        ...

    async def schema_digest(self, caller: Caller, schema_id: UUID) -> str | None:
        """The digest of a stored snapshot, if the caller sees it. Raises DatabaseUnavailable."""
        ...

    async def use_ticket(self, token_sha256: str, export_id: UUID | None) -> Caller | None:
        """Redeems a ticket, once; None when it is unknown, used, too old, or for another stream."""
        ...

    async def forget_object(self, object_path: str) -> None:
        """Notes that the file of a deleted export is gone from the store."""
        ...
