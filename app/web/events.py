"""The event streams: of one export, and of all that a user may see."""

import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from app.exports.models import Caller, ExportEvent
from app.exports.states import TERMINAL
from app.web.access import caller_of, identity_of, services_of, streams_of
from app.web.errors import ServiceClosing, TooManyRequests
from app.web.parameters import read_last_event_id
from app.web.streams import LIFETIME_S, EventStream
from app.web.views import BASE, TicketView

_PAGE = 500
AnyRequest = Request[Any, Any, Any]


@get("/export/{export_id:uuid}/events", name="export_events")
async def export_events(request: AnyRequest, export_id: FromPath[UUID]) -> ASGIApp:
    """Follows one export: everything since `Last-Event-ID`, then what happens, until it has ended."""
    services, streams = services_of(request), streams_of(request)
    caller = await identity_of(request).follower(request, export_id)
    after = read_last_event_id(request)
    if streams.closing:
        raise ServiceClosing("the service is restarting; connect again")
    standing, first = await services.exports.follow(caller, export_id, after, _PAGE)
    if not first:
        if standing.status in TERMINAL:
            # 204 tells an EventSource not to come back.
            return ASGIResponse(status_code=204)
        after = min(after, standing.last_seq)

    async def replay() -> AsyncIterator[Sequence[ExportEvent]]:
        events = first
        while events:
            yield events
            if len(events) < _PAGE:
                return
            events = await services.exports.events_after(caller, export_id, events[-1].seq, _PAGE)

    streams.admit(caller.user_id)
    stream = EventStream(
        streams,
        streams.by_export,
        after=after,
        replay=replay(),
        lifetime_s=_lifetime_s(caller),
        owner=caller.user_id,
    )
    stream.follows(services.hub.follow(export_id, stream.wake, caller.user_id))
    return stream


@get("/events", name="user_events")
async def user_events(request: AnyRequest) -> ASGIApp:
    """Follows every export the caller may see, from `Last-Event-ID` or from now on.

    Across reconnections an event may be told twice; `jobId` and `seq` say which it is.
    """
    services, streams = services_of(request), streams_of(request)
    caller = await identity_of(request).follower(request, None)
    since = _since(read_last_event_id(request))
    if streams.closing:
        raise ServiceClosing("the service is restarting; connect again")
    streams.admit(caller.user_id)
    stream = EventStream(
        streams, streams.by_user, ends_at_terminal=False, lifetime_s=_lifetime_s(caller), owner=caller.user_id
    )
    stream.follows(await services.hub.follow_user(caller.user_id, since, stream.wake))
    try:
        # Once more: while one waited, others were let in. From here to the first byte nothing waits.
        streams.admit(caller.user_id)
    except TooManyRequests:
        stream.abandon()
        raise
    return stream


@post("/export/{export_id:uuid}/events-ticket", name="export_ticket", status_code=201)
async def export_ticket(request: AnyRequest, export_id: FromPath[UUID]) -> TicketView:
    """A single-use ticket for the stream of one export, good for a minute."""
    ticket = await services_of(request).exports.issue_ticket(await caller_of(request), export_id)
    url = f"{BASE}/export/{export_id}/events?ticket={ticket.token}"
    return TicketView(ticket=ticket.token, expires_at=ticket.expires_at, url=url)


@post("/events-ticket", name="user_ticket", status_code=201)
async def user_ticket(request: AnyRequest) -> TicketView:
    """A single-use ticket for the caller's own stream, good for a minute."""
    ticket = await services_of(request).exports.issue_ticket(await caller_of(request), None)
    return TicketView(ticket=ticket.token, expires_at=ticket.expires_at, url=f"{BASE}/events?ticket={ticket.token}")


def events_router() -> Router:
    return Router(BASE, route_handlers=[export_events, user_events, export_ticket, user_ticket])


def _since(mark: int) -> datetime | None:
    if mark <= 0:
        return None
    try:
        return datetime.fromtimestamp(mark / 1_000_000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _lifetime_s(caller: Caller) -> float:
    """A stream does not outlive the token it was opened with."""
    expires = caller.claims.get("exp")
    if not isinstance(expires, int | float):
        return LIFETIME_S
    return max(1.0, min(LIFETIME_S, expires - time.time()))
