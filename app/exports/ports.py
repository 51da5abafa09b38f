"""What the use cases need of the world, as protocols that `app.adapters` implements."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from app.exports.models import (
    Caller,
    EventKind,
    Export,
    ExportEvent,
    Limits,
    Page,
    Role,
    SchemaEntry,
    Share,
    Status,
    StoredObject,
)
from app.exports.requests import SchemaSource
from app.generator.snapshot.model import Snapshot


class ObjectStore(Protocol):
    """Where files go. Every method raises StorageFailed, with `facts["retryable"]`; a full disk has
    `facts["reason"] = "storage_full"`, a multipart upload that is no more there `facts["reason"] = "upload_missing"`.

    Writing a key again replaces the object as a whole: a reader sees the old bytes or the new ones.
    """

    async def put_file(self, key: str, path: Path, content_type: str) -> StoredObject: ...

    async def open_upload(self, key: str, content_type: str) -> str:
        """Starts an upload in parts; returns its id. Nothing can be read under `key` until it is completed."""
        ...

    async def put_part(self, key: str, upload_id: str, part_no: int, body: Path | bytes) -> str:
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

    def read(self, key: str, chunk_bytes: int = 1 << 20) -> AsyncIterator[bytes]:
        """The object's bytes in order, from the store itself."""
        ...

    async def delete(self, key: str) -> None:
        """Removes the object; one that is not there is no error."""
        ...

    def list(self, prefix: str) -> AsyncIterator[StoredObject]: ...

    async def sign(self, key: str, ttl_s: int, download_name: str, *, caller: Caller) -> str:
        """A URL that downloads the object under the name `download_name` for `ttl_s` seconds."""
        ...

    async def check(self) -> None:
        """Raises StorageFailed when files could not be written now."""
        ...


class SchemaResolver(Protocol):
    """Finds the snapshot that a request speaks of."""

    async def resolve(self, caller: Caller, schema: SchemaSource) -> tuple[Snapshot, UUID | None]:
        """The snapshot, and its id when it is a stored one.

        Raises SchemaNotFound, SnapshotInvalid, DdlRefused, RequestRefused.
        """
        ...


class Events(Protocol):
    """Wakes those who follow exports; the rows are the truth."""

    def subscribe(self, export_id: UUID) -> AbstractAsyncContextManager[AsyncIterator[None]]: ...


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str
    html: str | None = None


class Mailer(Protocol):
    async def send(self, mail: Mail) -> None: ...


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
    config: Mapping[str, Any]
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
    retention_s: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What the caller uses at the moment, and what they may."""

    active_exports: int
    exports_today: int
    stored_bytes: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """What was found under an idempotency key."""

    request_sha256: str
    export_id: UUID | None


class UserWork(Protocol):
    """One transaction as the caller: what row-level security hides is not there.

    What a method does beyond a caller's rights (queueing, counting) it does in the same transaction; all of it is
    committed at the end of the `async with`, or none.
    """

    async def find(self, export_id: UUID) -> Export | None: ...

    async def list_exports(self, *, status: Status | None, cursor: str | None, limit: int) -> Page[Export]: ...

    async def can_edit(self, export_id: UUID) -> bool: ...

    async def claim_key(self, key: str, request_sha256: str) -> KeyClaim | None:
        """Claims an idempotency key for this transaction; what another request left under it, or None when it is
        ours now. Raises IdempotencyInFlight."""
        ...

    async def find_key(self, key: str) -> KeyClaim | None: ...

    async def usage(self, defaults: Limits) -> Usage:
        """Usage and limits; until the transaction ends no other of this user gets here."""
        ...

    async def insert_schema(self, name: str | None, sha256: str, snapshot_json: str) -> UUID: ...

    async def find_schema(self, schema_id: UUID) -> SchemaEntry | None: ...

    async def list_schemas(self, *, cursor: str | None, limit: int) -> Page[SchemaEntry]: ...

    async def insert_export(self, export: NewExport) -> Export: ...

    async def answer_key(self, key: str, export_id: UUID) -> None: ...

    async def append_event(self, export_id: UUID, kind: EventKind, details: Mapping[str, Any] | None = None) -> int: ...

    async def change_status(self, export_id: UUID, origins: Sequence[Status], target: Status) -> Export | None:
        """Compare-and-set; the changed export, or None when its status is none of `origins`."""
        ...

    async def reopen_export(self, export_id: UUID, origins: Sequence[Status], retention_s: int) -> Export | None:
        """Compare-and-set back to `queued`, with the failures forgotten and the finished parts kept."""
        ...

    async def delete_export(self, export_id: UUID, origins: Sequence[Status]) -> bool: ...

    async def upload_of(self, export_id: UUID) -> str | None:
        """The id of the upload in parts that the export has open."""
        ...

    async def list_shares(self, export_id: UUID) -> list[Share]: ...

    async def put_share(self, export_id: UUID, user_id: UUID, role: Role) -> Share: ...

    async def delete_share(self, export_id: UUID, user_id: UUID) -> bool: ...

    async def record_download(
        self, export_id: UUID, kind: str, expires_at: datetime | None, request_id: str | None
    ) -> None: ...

    async def events_after(self, export_id: UUID, seq: int, limit: int) -> list[ExportEvent]: ...

    async def insert_ticket(
        self, token_sha256: str, export_id: UUID | None, claims: Mapping[str, Any], ttl_s: int
    ) -> datetime: ...

    async def defer(self, jobs: Sequence[Job]) -> None:
        """Queues jobs, which workers see when this transaction commits."""
        ...


class Store(Protocol):
    """The database."""

    def as_user(self, caller: Caller) -> AbstractAsyncContextManager[UserWork]:
        """A transaction as the caller. Raises DatabaseUnavailable."""
        ...

    async def use_ticket(self, token_sha256: str, export_id: UUID | None) -> Caller | None:
        """Redeems a ticket, once; None when it is unknown, used, too old, or for something else."""
        ...
