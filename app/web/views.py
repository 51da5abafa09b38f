"""What answers look like: the domain's values as JSON, in camelCase.

The classes are the contract that OpenAPI shows; their JSON Schema is made from them, so that it cannot drift.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType
from msgspec.structs import replace

from app.exports.camel import camel
from app.exports.documents import Document
from app.exports.models import (
    Created,
    Delivery,
    Export,
    ExportEvent,
    Page,
    SchemaEntry,
    Share,
    SignedUrl,
    Status,
)
from app.exports.pace import told_seconds
from app.exports.ports import Usage
from app.exports.states import TERMINAL
from app.web.delivery_views import Count, DeliveryView, delivery_view
from app.web.telling import sentence

BASE = "/api/data-generator"
StatusName = Literal["queued", "running", "cancelling", "completed", "failed", "cancelled", "expired"]
Percent = Annotated[float, Meta(ge=0, le=100, description="How much of the rows is written, 0 to 100.")]
Eta = Annotated[
    Annotated[float, Meta(ge=0)] | None,
    Meta(
        description="Seconds until it is completed, at the speed it has; with a decimal below ten, with two below one."
        " Null when that cannot be told, as for an export that waits for its turn."
    ),
]


class ExportLinks(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where to go from here; paths on this server."""

    self: str
    status: str
    events: str
    download: str
    cancel: str
    retry: str
    shares: str
    ticket: Annotated[str, Meta(description="POST here for a ticket, to follow `events` with an EventSource.")]


class AcceptedView(Struct, frozen=True, kw_only=True, rename="camel"):
    """An export that was accepted, or whose state was changed."""

    job_id: UUID
    status: StatusName
    links: ExportLinks
    warnings: Annotated[
        list[str] | UnsetType,
        Meta(description="What was left out of the schema or is other than asked for; absent when there is nothing."),
    ] = UNSET


class StatusView(Struct, frozen=True, kw_only=True, rename="camel"):
    """How far an export is, for polling every few seconds."""

    job_id: UUID
    status: StatusName
    progress_percent: Percent
    rows_generated: Count
    rows_total: Count
    bytes_generated: Annotated[Count, Meta(description="Bytes that are stored so far.")]
    eta_seconds: Eta


class ExportView(Struct, frozen=True, kw_only=True, rename="camel"):
    """An export as its owner, and those it is shared with, see it."""

    job_id: UUID
    status: StatusName
    access: Annotated[
        Literal["owner", "editor", "viewer"] | None, Meta(description="How the caller comes to see this export.")
    ]
    owner_id: UUID
    schema_id: UUID | None
    format: str
    compression: str | None
    file_name: str
    content_type: str
    config: Annotated[dict[str, Any] | None, Meta(description="What was asked for; null in lists where it is large.")]
    seed: str
    prompt_context: str | None
    engine_version: int
    plan_sha256: str | None
    rows_total: Count
    rows_generated: Count
    parts_total: Count
    parts_done: Count
    progress_percent: Percent
    bytes: Annotated[Count | None, Meta(description="The size of the finished file.")]
    bytes_generated: Annotated[Count, Meta(description="Bytes that are stored so far.")]
    sha256: Annotated[str | None, Meta(description="The SHA-256 of the finished file, in hex.")]
    crc32: Annotated[str | None, Meta(description="The CRC-32 of the finished file, as eight hex digits.")]
    attempts: Count
    error_details: Annotated[dict[str, Any] | None, Meta(description="Why it failed: code, message, part, attempt.")]
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: Annotated[datetime | None, Meta(description="When the file will be removed.")]
    updated_at: datetime
    download_url: Annotated[
        str | UnsetType | None,
        Meta(description="A URL that downloads the file; null while there is none, or none for the caller."),
    ] = UNSET
    download_expires_at: datetime | UnsetType | None = UNSET
    deliveries: Annotated[
        list[DeliveryView] | UnsetType,
        Meta(description="The webhooks and mails that were asked for; the owner's to see, and not in lists."),
    ] = UNSET
    links: ExportLinks


class ExportPage(Struct, frozen=True, kw_only=True, rename="camel"):
    """Some exports, newest first; `nextCursor` fetches the page after this one, null on the last."""

    items: list[ExportView]
    next_cursor: str | None


class EventView(Struct, frozen=True, kw_only=True, rename="camel"):
    """The `data` of an event: what happened, and how far the export was then."""

    job_id: UUID
    seq: Annotated[int, Meta(ge=1, description="Counts from 1 in each export, without gaps; the event's `id`.")]
    kind: str
    status: StatusName
    progress_percent: Percent
    rows_generated: Count
    bytes_generated: Annotated[
        Count | UnsetType, Meta(description="Bytes that were stored then. There for progress.")
    ] = UNSET
    eta_seconds: Annotated[Eta | UnsetType, Meta(description="As in the status. There for progress.")] = UNSET
    file_name: Annotated[str | None, Meta(description="The name of the export's file.")]
    text: Annotated[
        str | UnsetType,
        Meta(description="What to tell a person, in a sentence. There for ends and deliveries, not for progress."),
    ] = UNSET
    details: dict[str, Any]
    created_at: datetime


class ShareView(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who else may see an export; editors may also cancel, re-run and download it."""

    id: Annotated[UUID, Meta(description="What the share is taken back by.")]
    user_id: Annotated[UUID | None, Meta(description="Null while nobody has come by with the address it was given to.")]
    email: Annotated[str | None, Meta(description="The address that it was given to, when it was given to one.")]
    role: Literal["editor", "viewer"]
    created_at: datetime
    created_by: UUID | None


class ShareList(Struct, frozen=True, kw_only=True, rename="camel"):
    items: list[ShareView]


class TicketView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A ticket admits one EventSource, once: open `url` before it expires."""

    ticket: str
    expires_at: datetime
    url: str


class SchemaView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A stored schema snapshot. The snapshot itself is there when one schema is asked for, not in lists."""

    id: UUID
    name: str | None
    sha256: str
    created_at: datetime
    snapshot: dict[str, Any] | UnsetType = UNSET
    warnings: Annotated[
        list[str] | UnsetType, Meta(description="What was left out, since it mentions what you may not read.")
    ] = UNSET


class SchemaPage(Struct, frozen=True, kw_only=True, rename="camel"):
    items: list[SchemaView]
    next_cursor: str | None


class UsedView(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is used of a quota."""

    used: Count
    allowed: Count


class UsageView(Struct, frozen=True, kw_only=True, rename="camel"):
    """What the caller uses at the moment, and what they may."""

    active_exports: Annotated[UsedView, Meta(description="Exports queued or running.")]
    exports_per_day: Annotated[UsedView, Meta(description="Exports asked for in the last 24 hours.")]
    stored_bytes: Annotated[UsedView, Meta(description="Bytes of finished files.")]
    rows_per_export: Annotated[Count, Meta(description="Rows that one export may have.")]


class TokenView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A token of the development issuer."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    user_id: UUID
    email: str


class HealthView(Struct, frozen=True, kw_only=True, rename="camel"):
    """`checks` says of each thing the service needs whether it answers."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str]


def links_of(export_id: UUID) -> ExportLinks:
    here = f"{BASE}/export/{export_id}"
    return ExportLinks(
        self=here,
        status=f"{here}/status",
        events=f"{here}/events",
        download=f"{here}/download",
        cancel=f"{here}/cancel",
        retry=f"{here}/retry",
        shares=f"{here}/shares",
        ticket=f"{here}/events-ticket",
    )


def accepted_view(accepted: "Created | Export") -> AcceptedView:
    export = accepted.export if isinstance(accepted, Created) else accepted
    warnings = list(accepted.warnings) if isinstance(accepted, Created) else []
    return AcceptedView(
        job_id=export.id, status=export.status.value, links=links_of(export.id), warnings=warnings or UNSET
    )


def status_view(export: Export) -> StatusView:
    return StatusView(
        job_id=export.id,
        status=export.status.value,
        progress_percent=export.progress_percent,
        rows_generated=export.rows_generated,
        rows_total=export.rows_total,
        bytes_generated=export.bytes_generated,
        eta_seconds=eta_seconds(export),
    )


def export_view(export: Export) -> ExportView:
    return ExportView(
        job_id=export.id,
        status=export.status.value,
        access=export.access.value if export.access else None,
        owner_id=export.owner_id,
        schema_id=export.schema_id,
        format=export.format,
        compression=export.compression,
        file_name=export.file_name,
        content_type=export.content_type,
        config=None if export.config is None else as_it_is(export.config),
        seed=export.seed,
        prompt_context=export.prompt_context,
        engine_version=export.engine_version,
        plan_sha256=export.plan_sha256,
        rows_total=export.rows_total,
        rows_generated=export.rows_generated,
        parts_total=export.parts_total,
        parts_done=export.parts_done,
        progress_percent=export.progress_percent,
        bytes=export.bytes,
        bytes_generated=export.bytes_generated,
        sha256=export.sha256,
        crc32=None if export.crc32 is None else f"{export.crc32:08x}",
        attempts=export.attempts,
        error_details=_camel(export.error_details),
        requested_at=export.requested_at,
        started_at=export.started_at,
        finished_at=export.finished_at,
        expires_at=export.expires_at,
        updated_at=export.updated_at,
        links=links_of(export.id),
    )


def downloadable_view(
    export: Export, signed: SignedUrl | None, deliveries: Sequence[Delivery] | None = None
) -> ExportView:
    """With the URL of the file; without one when there is none for the caller."""
    view = export_view(export)
    if deliveries is not None:
        view = replace(view, deliveries=[delivery_view(delivery) for delivery in deliveries])
    if signed is None:
        return replace(view, download_url=None, download_expires_at=None)
    return replace(view, download_url=signed.url, download_expires_at=signed.expires_at)


def export_page(page: Page[Export]) -> ExportPage:
    return ExportPage(items=[export_view(export) for export in page.items], next_cursor=page.next_cursor)


def usage_view(usage: Usage) -> UsageView:
    limits = usage.limits
    return UsageView(
        active_exports=UsedView(used=usage.active_exports, allowed=limits.active_exports),
        exports_per_day=UsedView(used=usage.exports_today, allowed=limits.exports_per_day),
        stored_bytes=UsedView(used=usage.stored_bytes, allowed=limits.stored_bytes),
        rows_per_export=limits.rows_per_export,
    )


def event_view(event: ExportEvent) -> EventView:
    details = dict(event.details)
    return EventView(
        job_id=event.export_id,
        seq=event.seq,
        kind=event.kind.value,
        status=event.status.value,
        progress_percent=event.progress_percent,
        rows_generated=event.rows_generated,
        bytes_generated=details.pop("bytes_generated", UNSET),
        eta_seconds=details.pop("eta_seconds", UNSET),
        file_name=event.file_name,
        text=sentence(event) or UNSET,
        details=_camel(details) or {},
        created_at=event.created_at,
    )


def share_view(share: Share) -> ShareView:
    return ShareView(
        id=share.id,
        user_id=share.user_id,
        email=share.email,
        role=share.role.value,
        created_at=share.created_at,
        created_by=share.created_by,
    )


def as_it_is(document: Document) -> Any:
    """JSON that goes into an answer unread."""
    return Raw(document.text)


def schema_view(entry: SchemaEntry) -> SchemaView:
    return SchemaView(
        id=entry.id,
        name=entry.name,
        sha256=entry.sha256,
        created_at=entry.created_at,
        snapshot=UNSET if entry.snapshot is None else as_it_is(entry.snapshot),
        warnings=list(entry.warnings) or UNSET,
    )


def schema_page(page: Page[SchemaEntry]) -> SchemaPage:
    return SchemaPage(items=[schema_view(entry) for entry in page.items], next_cursor=page.next_cursor)


def eta_seconds(export: Export) -> float | None:
    """Seconds until the export is completed; None while that cannot be told."""
    if export.status in TERMINAL:
        return 0 if export.status is Status.COMPLETED else None
    return told_seconds(export.seconds_left)


def _camel(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {camel(name): inner for name, inner in value.items()}
