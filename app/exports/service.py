"""The use cases: what a caller may ask of the service, each a transaction or two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import pyarrow as pa

from app.exports.models import (
    Caller,
    Created,
    Export,
    ExportEvent,
    Limits,
    Page,
    Role,
    SchemaEntry,
    Share,
    SignedUrl,
    Status,
    Ticket,
)
from app.exports.ports import ObjectStore, SchemaResolver, Store
from app.exports.requests import ExportRequest, SchemaSource
from app.generator.plan import Plan
from app.generator.snapshot.model import QName, Snapshot


@dataclass(frozen=True, slots=True)
class Planned:
    """A resolved request that nothing was started for."""

    plan: Plan
    snapshot: Snapshot
    schema_id: UUID | None


class Exports:
    """Everything a caller can do. Each method runs as that caller: what they may not see is not found."""

    def __init__(
        self,
        store: Store,
        objects: ObjectStore,
        schemas: SchemaResolver,
        *,
        limits: Limits | None = None,
        part_bytes: int = 32 * 1024**2,
        download_url_ttl_s: int = 86_400,
        channels: frozenset[str] = frozenset(),
    ) -> None:
        """`channels` are the ways of notification that are configured: "webhook", "email"."""
        self._store = store
        self._objects = objects
        self._schemas = schemas
        self._limits = limits or Limits()
        self._part_bytes = part_bytes
        self._download_url_ttl_s = download_url_ttl_s
        self._channels = channels

    async def plan(self, caller: Caller, request: ExportRequest) -> Planned:
        """The resolved plan of a request. Raises what `create` raises but for quotas."""
        raise NotImplementedError

    async def preview(self, caller: Caller, request: ExportRequest, rows: int) -> Mapping[QName, pa.RecordBatch]:
        """The first `rows` rows of each table, in load order: the very rows that the export would begin with."""
        raise NotImplementedError

    async def create(
        self,
        caller: Caller,
        request: ExportRequest,
        *,
        idempotency_key: str | None = None,
        body_sha256: str = "",
        request_id: str | None = None,
    ) -> Created:
        """Accepts an export: the row, its first event and its job are committed together, or not at all.

        Raises RequestRefused and its kin (with every fault), SchemaNotFound, QuotaExceeded, IdempotencyInFlight,
        IdempotencyMismatch, DatabaseUnavailable.
        """
        raise NotImplementedError

    async def get(self, caller: Caller, export_id: UUID) -> Export:
        """Raises ExportNotFound, also for an export of others that is not shared with the caller."""
        raise NotImplementedError

    async def list(
        self, caller: Caller, *, status: Status | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Export]:
        """The caller's exports and those shared with them, newest first. Raises RequestRefused for a bad cursor."""
        raise NotImplementedError

    async def cancel(self, caller: Caller, export_id: UUID) -> Export:
        """Ends an export soon; one that is cancelling or cancelled stays so. Raises ExportNotFound, NotPermitted
        (viewers), StateConflict (it has ended in another way)."""
        raise NotImplementedError

    async def retry(self, caller: Caller, export_id: UUID) -> Export:
        """Runs a failed, cancelled or expired export again; a failed one goes on from its finished parts.
        Raises ExportNotFound, NotPermitted, StateConflict, QuotaExceeded."""
        raise NotImplementedError

    async def delete(self, caller: Caller, export_id: UUID) -> None:
        """Removes the file, then the export and all that refers to it. Raises ExportNotFound, NotPermitted (all
        but the owner), StateConflict (it is running: cancel it first), StorageFailed."""
        raise NotImplementedError

    async def list_shares(self, caller: Caller, export_id: UUID) -> "Sequence[Share]":
        """Raises ExportNotFound."""
        raise NotImplementedError

    async def put_share(self, caller: Caller, export_id: UUID, user_id: UUID, role: Role) -> Share:
        """Lets another user in, or changes how. Raises ExportNotFound, NotPermitted (all but the owner)."""
        raise NotImplementedError

    async def delete_share(self, caller: Caller, export_id: UUID, user_id: UUID) -> None:
        """Raises ExportNotFound (also when there is no such share), NotPermitted."""
        raise NotImplementedError

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
        raise NotImplementedError

    async def events_after(
        self, caller: Caller, export_id: UUID, seq: int = 0, limit: int = 500
    ) -> "Sequence[ExportEvent]":
        """The events with a higher `seq`, in order. Raises ExportNotFound."""
        raise NotImplementedError

    async def store_schema(self, caller: Caller, name: str | None, source: SchemaSource) -> SchemaEntry:
        """Stores a snapshot; the same content is stored once for a user. Raises as `create` does."""
        raise NotImplementedError

    async def get_schema(self, caller: Caller, schema_id: UUID) -> SchemaEntry:
        """With its snapshot. Raises SchemaNotFound."""
        raise NotImplementedError

    async def list_schemas(self, caller: Caller, *, cursor: str | None = None, limit: int = 50) -> Page[SchemaEntry]:
        """Without the snapshots, newest first."""
        raise NotImplementedError

    async def issue_ticket(self, caller: Caller, export_id: UUID | None = None, *, ttl_s: int = 60) -> Ticket:
        """A single-use ticket for the stream of one export, or of all of the caller's. Raises ExportNotFound."""
        raise NotImplementedError

    async def redeem_ticket(self, token: str, export_id: UUID | None = None) -> Caller:
        """Whom a ticket admits. Raises NotAuthenticated when it is unknown, used, too old or for another stream."""
        raise NotImplementedError
