"""What the service speaks of: exports, their parts, events and shares, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from app.exports.documents import Document

T = TypeVar("T")


class Status(StrEnum):
    """Where an export stands; `app.exports.states` says which may follow which."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class EventKind(StrEnum):
    """What an event tells."""

    QUEUED = "queued"
    STARTED = "started"
    PROGRESS = "progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DELIVERY = "delivery"
    RETRY = "retry"


class Role(StrEnum):
    """What a share allows: editors see, cancel, re-run and download; viewers see."""

    EDITOR = "editor"
    VIEWER = "viewer"


class Access(StrEnum):
    """How the caller comes to see an export."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class PartState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf something is done. `claims` are a verified token's; `token` is the token itself, for stores
    that sign on the caller's own authority, and stands in no log."""

    user_id: UUID
    claims: Mapping[str, Any]
    role: str = "authenticated"
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SchemaEntry:
    """A stored snapshot; `snapshot` is its JSON document, None in lists.

    `warnings` are those of the reading that it came from; they are not stored.
    """

    id: UUID
    owner_id: UUID
    name: str | None
    sha256: str
    created_at: datetime
    snapshot: Document | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """One export, as its row says. Times are in UTC; `error_details` holds code, message, part, attempt, cause.

    `config` is None where it was not asked for, and for a large one in a list.
    """

    id: UUID
    owner_id: UUID
    status: Status
    config: Document | None
    seed: str
    engine_version: int
    format: str
    compression: str | None
    file_name: str
    extension: str
    object_path: str
    content_type: str
    rows_total: int
    requested_at: datetime
    updated_at: datetime
    schema_id: UUID | None = None
    prompt_context: str | None = None
    plan_sha256: str | None = None
    rows_generated: int = 0
    bytes_generated: int = 0
    parts_total: int = 1
    parts_done: int = 0
    progress_percent: float = 0.0
    bytes: int | None = None
    sha256: str | None = None
    crc32: int | None = None
    attempts: int = 0
    error_details: Mapping[str, Any] | None = None
    request_id: str | None = None
    last_seq: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    access: Access | None = None
    # Until it will be completed, as far as that could be told when the row was read.
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class ExportPart:
    """A part of an export's file. Part 0 stands for the export as a whole: its upload opened, and completed."""

    export_id: UUID
    part_no: int
    state: PartState
    rows: int
    rows_done: int = 0
    runs: int = 0
    attempts: int = 0
    etag: str | None = None
    bytes: int | None = None
    crc32: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ExportEvent:
    """One line of an export's story; `seq` counts from 1 without a gap, `status` and the counters are of then."""

    export_id: UUID
    seq: int
    kind: EventKind
    status: Status
    progress_percent: float
    rows_generated: int
    details: Mapping[str, Any]
    created_at: datetime
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an export's story is."""

    status: Status
    last_seq: int


@dataclass(frozen=True, slots=True)
class Share:
    """`id` is what it is taken back by: the user's, or the invitation's while nobody has come by it. `email` is there
    when it was given to an address."""

    export_id: UUID
    id: UUID
    user_id: UUID | None
    email: str | None
    role: Role
    created_at: datetime
    created_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook call or a mail that tells of an export, and how it went."""

    id: UUID
    export_id: UUID
    channel: Literal["webhook", "email"]
    target: str
    event: Literal["completed", "failed"]
    state: Literal["pending", "delivering", "delivered", "failed"]
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    last_status: int | None = None
    last_response: str | None = None
    last_error: str | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryCount:
    """How many deliveries of a channel are in a state, and how many attempts were made at them."""

    channel: str
    state: str
    deliveries: int
    attempts: int


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """Which of a user's signing secrets is in force; `secret` itself is there only when it was just made. The one
    before is good until `previous_until`. Without `created_at`, nobody has asked for one yet."""

    version: int
    created_at: datetime | None
    previous_until: datetime | None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, newest first, and the cursor that the next page starts from; None on the last."""

    items: tuple[T, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """An accepted export. When `replayed`, it is the one that an earlier request with the same key made, shown as it
    was first answered (`queued`)."""

    export: Export
    replayed: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """A URL that downloads the file until `expires_at`."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """A single-use admission to an event stream, for an EventSource, which cannot send headers."""

    token: str = field(repr=False)
    expires_at: datetime = field()


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What an object store says of an object. `proven`: the store named a digest of the bytes that it has, and it is
    the one of the bytes that it was sent."""

    key: str
    size: int
    etag: str | None = None
    modified_at: datetime | None = None
    proven: bool = False


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """An upload in parts that was neither completed nor dropped."""

    key: str
    upload_id: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """What one user may use, unless `generator_quotas` says otherwise."""

    active_exports: int = 10
    rows_per_export: int = 100_000_000
    exports_per_day: int = 1_000
    stored_bytes: int = 50 * 1024**3
    retention_s: int = 7 * 86_400
    # Of all users together; 0 is no limit.
    bucket_bytes: int = 0
