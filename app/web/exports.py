"""The routes of exports: ask for one, look, cancel, run again, delete, download."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import MediaType, Request, Response, Router, delete, get, post
from litestar.params import FromPath

from app import tracing
from app.errors import ExportNotReady, NotPermitted, StorageFailed
from app.exports.models import Access, Export, SignedUrl, Status
from app.exports.states import TERMINAL
from app.logging import get_logger
from app.web.access import caller_of, request_id_of, services_of
from app.web.bodies import read_posting, requested
from app.web.faults import pointing_at
from app.web.parameters import (
    LISTED,
    read_cursor,
    read_expiry,
    read_idempotency_key,
    read_limit,
    read_previewed,
    read_query,
)
from app.web.plan_views import StoredPlanView, stored_plan_view
from app.web.sharing import sharing_handlers
from app.web.summary_views import SummaryView, summary_view
from app.web.views import (
    BASE,
    AcceptedView,
    ExportPage,
    ExportView,
    StatusView,
    accepted_view,
    downloadable_view,
    export_page,
    status_view,
)

POLL_S = 3
DOWNLOAD_TTL_S = 60
SUMMARISED = 5
log = get_logger(__name__)

AnyRequest = Request[Any, Any, Any]


@post("/", name="create_export", status_code=202)
async def create_export(request: AnyRequest) -> Response[AcceptedView]:
    """Asks for an export. The answer comes when it is safely queued; a repeated Idempotency-Key gets the same one."""
    services = services_of(request)
    caller = await caller_of(request)
    key = read_idempotency_key(request)
    posting = await read_posting(request, "export")
    with pointing_at(posting.source, "/schema"):
        created = await services.exports.create(
            caller,
            requested(posting),
            idempotency_key=key,
            body_sha256=posting.sha256,
            request_id=request_id_of(request),
        )
    tracing.note(export_id=str(created.export.id))
    headers = {"Location": f"{BASE}/export/{created.export.id}", "Retry-After": str(POLL_S)}
    if created.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(accepted_view(created), status_code=202, headers=headers)


@get("/", name="list_exports")
async def list_exports(request: AnyRequest) -> ExportPage:
    """The caller's exports and those shared with them, newest first."""
    caller = await caller_of(request)
    status, cursor, limit = read_query(request, status=_status, cursor=read_cursor, limit=read_limit)
    page = await services_of(request).exports.list(caller, status=status, cursor=cursor, limit=limit or LISTED)
    return export_page(page)


@get("/{export_id:uuid}", name="get_export")
async def get_export(request: AnyRequest, export_id: FromPath[UUID]) -> Response[ExportView]:
    """An export, and when it is finished a URL to download it by, good for `expiresIn` seconds."""
    caller = await caller_of(request)
    services = services_of(request)
    (ttl_s,) = read_query(request, expiresIn=partial(read_expiry, most_s=services.limits.download_ttl_s))
    exports = services.exports
    export, deliveries = await exports.describe(caller, export_id)
    signed: SignedUrl | None = None
    headers = {} if export.status in TERMINAL else {"Retry-After": str(POLL_S)}
    if export.status is Status.COMPLETED:
        try:
            signed = await exports.download(caller, export_id, ttl_s=ttl_s, request_id=request_id_of(request))
        except (NotPermitted, ExportNotReady):  # a viewer, or the file was removed in between
            signed = None
        except StorageFailed as error:
            # All else is known and can be told; whoever wants the URL comes back for it.
            log.warning("not_signed", export_id=str(export_id), reason=error.facts.get("reason"))
            headers = {"Retry-After": str(POLL_S)}
    shown = deliveries if export.access is Access.OWNER else None
    return Response(downloadable_view(export, signed, shown), headers=headers)


@get("/{export_id:uuid}/status", name="export_status")
async def export_status(request: AnyRequest, export_id: FromPath[UUID]) -> "Response[StatusView | None]":
    """How far an export is. Ask with `If-None-Match`: while nothing has changed the answer is an empty 304."""
    export = await services_of(request).exports.get(await caller_of(request), export_id)
    etag = _etag(export)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if export.status not in TERMINAL:
        headers["Retry-After"] = str(POLL_S)
    if _matches(request.headers.get("if-none-match"), etag):
        return Response(None, status_code=304, headers=headers)
    return Response(status_view(export), headers=headers)


@get("/{export_id:uuid}/download", name="download_export", status_code=302)
async def download_export(request: AnyRequest, export_id: FromPath[UUID]) -> Response[bytes]:
    """Sends the browser to a URL that is good for a minute: the link to keep, since it asks anew each time."""
    signed = await services_of(request).exports.download(
        await caller_of(request), export_id, ttl_s=DOWNLOAD_TTL_S, kind="download", request_id=request_id_of(request)
    )
    headers = {"Location": signed.url, "Cache-Control": "no-store"}
    return Response(b"", status_code=302, media_type=MediaType.TEXT, headers=headers)


@get("/{export_id:uuid}/plan", name="export_plan")
async def export_plan(request: AnyRequest, export_id: FromPath[UUID]) -> StoredPlanView:
    """The plan that an export is made by: sent back with a request for the same schema, it makes the same bytes."""
    return stored_plan_view(await services_of(request).exports.stored_plan(await caller_of(request), export_id))


@get("/{export_id:uuid}/summary", name="export_summary")
async def export_summary(request: AnyRequest, export_id: FromPath[UUID]) -> SummaryView:
    """What the rows of an export look like: counts, shares of nulls, values, how children spread over parents."""
    caller = await caller_of(request)
    (rows,) = read_query(request, rows=read_previewed)
    found = await services_of(request).exports.summary(caller, export_id, rows or SUMMARISED)
    return summary_view(found)


@post("/{export_id:uuid}/cancel", name="cancel_export", status_code=202)
async def cancel_export(request: AnyRequest, export_id: FromPath[UUID]) -> AcceptedView:
    """Ends an export soon; what was written of it is dropped."""
    return accepted_view(await services_of(request).exports.cancel(await caller_of(request), export_id))


@post("/{export_id:uuid}/retry", name="retry_export", status_code=202)
async def retry_export(request: AnyRequest, export_id: FromPath[UUID]) -> AcceptedView:
    """Runs an export again that failed, was cancelled or has expired; finished parts are not made again."""
    return accepted_view(await services_of(request).exports.retry(await caller_of(request), export_id))


@delete("/{export_id:uuid}", name="delete_export")
async def delete_export(request: AnyRequest, export_id: FromPath[UUID]) -> None:
    """Removes an export and its file."""
    await services_of(request).exports.delete(await caller_of(request), export_id)


def exports_router() -> Router:
    return Router(
        f"{BASE}/export",
        route_handlers=[
            create_export,
            list_exports,
            get_export,
            export_status,
            download_export,
            export_plan,
            export_summary,
            cancel_export,
            retry_export,
            delete_export,
            *sharing_handlers(),
        ],
    )


def _status(text: str) -> Status:
    if text not in Status.__members__.values():
        raise ValueError(f"is to be one of {', '.join(Status)}")
    return Status(text)


def _etag(export: Export) -> str:
    # Parts count rows between two events too, and tell what they have sent, hence not `last_seq` alone.
    return f'"{export.last_seq}-{export.rows_generated}-{export.updated_at.timestamp():.6f}-{export.status.value}"'


def _matches(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    given = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in given or etag in given
