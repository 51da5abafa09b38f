"""The outermost layer: what every answer has, whichever handler or error made it."""

import json
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Litestar
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from app import tracing
from app.exports.asking import ASKING
from app.exports.models import DeliveryCount
from app.logging import bind, get_logger
from app.web.errors import TooManyRequests

log = get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
# Of less it is not counted how much of it was read, and it is sent as it is.
_LARGE_BYTES = 64 * 1024
# For what is not a page: nothing in it is to be run, shown in a frame, or looked at as another type.
API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_BUCKETS = (0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The figures of one application; a registry of its own, so that two in one process do not meet."""

    def __init__(self, streams_open: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "seedbed_http_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "seedbed_http_request_duration_seconds",
            "Time until the answer began",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.quota_refusals = Counter(
            "seedbed_quota_refusals", "Exports refused because a quota was used up", ["quota"], registry=self.registry
        )
        streams = Gauge("seedbed_event_streams_open", "Event streams open now", registry=self.registry)
        streams.set_function(lambda: float(streams_open()))

        # Counted in the database, where workers write them down: any process can tell, and a restart forgets none.
        self.deliveries = Gauge(
            "seedbed_deliveries", "Webhooks and mails", ["channel", "state"], registry=self.registry
        )
        self.delivery_attempts = Gauge(
            "seedbed_delivery_attempts", "Attempts at webhooks and mails", ["channel", "state"], registry=self.registry
        )

    def show_deliveries(self, counts: Sequence[DeliveryCount]) -> None:
        self.deliveries.clear()
        self.delivery_attempts.clear()
        for count in counts:
            self.deliveries.labels(count.channel, count.state).set(count.deliveries)
            self.delivery_attempts.labels(count.channel, count.state).set(count.attempts)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def render(self, *others: CollectorRegistry) -> tuple[bytes, str]:
        """The figures of this registry and of others in the text format, and its content type."""
        return b"".join(generate_latest(registry) for registry in (self.registry, *others)), CONTENT_TYPE_LATEST


class Application(Litestar):
    """A Litestar application whose every answer carries a request id and the security headers, and is logged.

    Around the whole, since an error that is answered before routing passes no middleware of a route.
    """

    strict_transport = False

    async def __call__(
        self,
        scope: "Scope | LifeSpanScope",
        receive: "Receive | LifeSpanReceive",
        send: "Send | LifeSpanSend",
    ) -> None:
        if scope["type"] != ScopeType.HTTP:
            await super().__call__(scope, receive, send)
            return
        http: Any = scope
        request_id = _request_id(http)
        http.setdefault("state", {})["request_id"] = request_id
        method, parent = _method(http), _link(http)
        wanted = http["path"] not in _QUIET_PATHS
        with bind(request_id=request_id), tracing.request(method, parent, wanted=wanted) as request:
            try:
                await super().__call__(http, receive, self._answering(http, request_id, send, request))
            finally:
                for held in ("body", "answer"):
                    if (body := http["state"].get(held)) is not None:
                        body.release()

    def _answering(
        self, scope: Any, request_id: str, send: Any, request: tracing.Traced
    ) -> Callable[[Message], Awaitable[None]]:
        began = time.perf_counter()
        refused = False

        async def answering(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start":
                if not refused and (refusal := self._hold(scope, message, request_id)) is not None:
                    refused = True
                    for part in refusal:
                        await answering(part)
                    return
                self._finish(scope, message, request_id, time.perf_counter() - began)
                # Ended now, not with the last byte: a stream of events is open for a quarter of an hour.
                request.answered(_method(scope), scope.get("path_template") or "unmatched", message["status"])
            elif refused and not message.get("refusal"):
                return
            elif "answer" in scope["state"]:
                # As fast as the client reads: handed over at once, all of it would be kept twice.
                await _send_in_pieces(message, send)
                return
            await send(message)

        return answering

    def _hold(self, scope: Any, start: Any, request_id: str) -> "list[Any] | None":
        """Counts a large answer among what its user has not read; what is answered instead when there is no room."""
        owner, length = ASKING.get(), _content_length(start)
        if owner is None or length <= _LARGE_BYTES:
            return None
        held = self.state.answer_room.open(owner)
        try:
            held.add(length)
        except TooManyRequests as error:
            told = {
                "type": f"/schema#{error.code}", "title": "Too many requests", "status": 429, "detail": error.message,
                "code": error.code, "instance": scope["path"], "requestId": request_id,
            }  # fmt: skip
            body = json.dumps(told).encode()
            headers = [
                (b"content-type", b"application/problem+json"),
                (b"content-length", str(len(body)).encode()),
                (b"retry-after", str(error.facts["retry_after_s"]).encode()),
            ]
            return [
                {"type": "http.response.start", "status": 429, "headers": headers},
                {"type": "http.response.body", "body": body, "more_body": False, "refusal": True},
            ]
        scope["state"]["answer"] = held
        return None

    def _finish(self, scope: Any, message: Any, request_id: str, seconds: float) -> None:
        headers = MutableScopeHeaders.from_message(message)
        headers["x-request-id"] = request_id
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("content-security-policy", API_POLICY)
        headers.setdefault("cache-control", "no-store")
        for cookie in scope["state"].get("cookies", ()):
            headers.add("set-cookie", cookie.to_header(header=""))
        if self.strict_transport:
            headers.setdefault("strict-transport-security", "max-age=31536000; includeSubDomains")
        status, method = message["status"], scope["method"]
        route = scope.get("path_template") or "unmatched"
        self.state.metrics.observe(_method(scope), route, status, seconds)
        if scope["path"] not in _QUIET_PATHS:
            # The path without its query: tickets and signatures stand there.
            log.info("request_answered", method=method, path=scope["path"], status=status, ms=round(seconds * 1000, 2))


async def _send_in_pieces(message: Any, send: Any) -> None:
    body, more = message.get("body", b""), message.get("more_body", False)
    for at in range(0, max(1, len(body)), _LARGE_BYTES):
        last = at + _LARGE_BYTES >= len(body)
        await send({**message, "body": body[at : at + _LARGE_BYTES], "more_body": more or not last})


def _content_length(start: Any) -> int:
    for name, value in start.get("headers", ()):
        if name.lower() == b"content-length":
            return int(value)
    return 0


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _method(scope: Any) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else "OTHER"


def _request_id(scope: Any) -> str:
    """The caller's own id where it is a sane one, so that their logs and ours can be laid side by side."""
    given = _header(scope, b"x-request-id")
    return given if given is not None and _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _link(scope: Any) -> tracing.Link | None:
    """Where in the caller's trace the request is; the members of the state may come in several headers."""
    parent = _header(scope, b"traceparent")
    states = [value.decode("latin-1") for name, value in scope["headers"] if name == b"tracestate"]
    return tracing.Link(parent, ",".join(states)) if parent else None


def _header(scope: Any, wanted: bytes) -> str | None:
    for name, value in scope["headers"]:
        if name == wanted:
            given: str = value.decode("latin-1")
            return given
    return None
