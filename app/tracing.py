"""Traces by OpenTelemetry, where it is installed (`seedbed[otel]`) and an endpoint is named for them.

Without both nothing of it is imported, and a span is a look at a variable. What goes out are ids, names of our own,
numbers and outcomes: never a message of an error, a key, a URL's query or what a request holds.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.logging import bind, bound, get_logger

if TYPE_CHECKING:
    from opentelemetry.trace import Span

log = get_logger(__name__)

_LAST_S = 2.0
# What W3C asks everybody to hand on at least.
_MOST_STATE = 512
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


@dataclass(frozen=True, slots=True)
class Link:
    """Where in a trace something is, in the form of W3C's headers `traceparent` and `tracestate`: ids, the flag that
    says whether it is sampled, and what vendors on the way have added."""

    parent: str
    state: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"traceparent": self.parent, **({"tracestate": self.state} if self.state else {})}


class Traced:
    """A span that may not be there."""

    __slots__ = ("_span",)

    def __init__(self, span: "Span | None" = None) -> None:
        self._span = span

    def note(self, **facts: str | int | float | None) -> None:
        """Adds what is known by now: export_id, part, rows, outcome and the like."""
        if self._span is not None:
            self._span.set_attributes(_attributes(facts))

    def answered(self, method: str, route: str, status: int) -> None:
        """Ends the span of a request: its answer has begun. Safe to call twice."""
        if self._span is None or not self._span.is_recording():
            return
        from opentelemetry.trace import StatusCode

        self._span.update_name(f"{method} {route}")
        self._span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= 500:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


class _Nothing(AbstractContextManager[Traced]):
    def __enter__(self) -> Traced:
        return _UNTRACED

    def __exit__(self, *error: object) -> None:
        pass


_UNTRACED = Traced()
_NOTHING = _Nothing()


class _Tracing:
    """OpenTelemetry at work: one tracer for this process, and the W3C form of contexts."""

    def __init__(self, service: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are read by `create`, and come first.
        named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": service}
        self.provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self.tracer = self.provider.get_tracer("seedbed")
        self.propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(
        self, name: str, kind: str, parent: Link | None, facts: Mapping[str, Any], *, ends: bool
    ) -> Iterator[Traced]:
        from opentelemetry.trace import SpanKind

        context = self.propagator.extract(parent.headers) if parent else None
        with (
            self.tracer.start_as_current_span(
                name,
                context=context,
                kind=SpanKind[kind],
                attributes=_attributes(facts),
                # Their messages may quote what nobody else is to read.
                record_exception=False,
                set_status_on_exception=False,
                end_on_exit=ends,
            ) as span,
            self._failing(span),
        ):
            yield Traced(span)

    @contextmanager
    def leaf(self, name: str, facts: Mapping[str, Any]) -> Iterator[Traced]:
        from opentelemetry.trace import SpanKind, get_current_span

        if not get_current_span().get_span_context().is_valid:
            yield _UNTRACED
            return
        span = self.tracer.start_span(name, kind=SpanKind.CLIENT, attributes=_attributes(facts))
        try:
            with self._failing(span):
                yield Traced(span)
        finally:
            span.end()

    @contextmanager
    def _failing(self, span: "Span") -> Iterator[None]:
        from opentelemetry.trace import StatusCode

        try:
            yield
        except BaseException as error:
            # A name of ours, or of the error's class.
            span.set_attribute("error.type", str(getattr(error, "code", None) or type(error).__name__))
            if isinstance(error, Exception):
                span.set_status(StatusCode.ERROR)
            raise


_tracing: _Tracing | None = None


@contextmanager
def tracing(service: str) -> Iterator[None]:
    """Sends the traces of this process, named `service`, while inside, if the environment names an OTLP endpoint
    (HTTP, protobuf). The other OTEL_* variables hold too; OTEL_SDK_DISABLED or OTEL_TRACES_EXPORTER=none is off."""
    global _tracing
    if _tracing is not None or not _wanted(os.environ):
        yield
        return
    try:
        _tracing = _Tracing(service)
    except ImportError:
        log.warning("traces_not_sent", why="OpenTelemetry is not installed: pip install 'seedbed[otel]'")
        yield
        return
    log.info("traces_sent", service=service)
    try:
        yield
    finally:
        made, _tracing = _tracing, None
        # What is left is sent; but a collector that does not answer must not use up the time a platform gives to end.
        ending = threading.Thread(target=made.provider.shutdown, name="last traces", daemon=True)
        ending.start()
        ending.join(_LAST_S)


def enabled() -> bool:
    """Whether traces are sent."""
    return _tracing is not None


def span(name: str, *, kind: str = "INTERNAL", **facts: str | int | float | None) -> AbstractContextManager[Traced]:
    """Work of ours, below what is going on around it."""
    return _NOTHING if _tracing is None else _tracing.span(name, kind, None, facts, ends=True)


def leaf(name: str, **facts: str | int | float | None) -> AbstractContextManager[Traced]:
    """A call of something else, where it is part of something that is traced: nothing of ours happens below it."""
    return _NOTHING if _tracing is None else _tracing.leaf(name, facts)


@contextmanager
def job(name: str, parent: Link | None, **facts: str | int | float | None) -> Iterator[None]:
    """A job, below the request that asked for it: `parent` is what `here()` said there."""
    if _tracing is None:
        yield
        return
    with _tracing.span(f"job {name}", "CONSUMER", parent, facts, ends=True), bind(trace_id=_trace_id()):
        yield


@contextmanager
def request(method: str, parent: Link | None, *, wanted: bool = True) -> Iterator[Traced]:
    """A request that is being answered. `parent`: its own headers, so that it joins the caller's trace."""
    if _tracing is None or not wanted:
        yield _UNTRACED
        return
    facts = {"http.request.method": method, "request_id": bound("request_id")}
    with _tracing.span(method, "SERVER", parent, facts, ends=False) as traced, bind(trace_id=_trace_id()):
        try:
            yield traced
        finally:
            traced.answered(method, "unanswered", 499)


def note(**facts: str | int | float | None) -> None:
    """Adds facts to the innermost span that is open."""
    if _tracing is not None:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes(_attributes(facts))


def here() -> Link | None:
    """Where we are; None where nothing is traced."""
    if _tracing is None:
        return None
    carrier: dict[str, str] = {}
    _tracing.propagator.inject(carrier)
    parent = carrier.get("traceparent")
    return Link(parent, _short(carrier.get("tracestate"))) if parent else None


def _short(state: str | None) -> str | None:
    """As many of its members, from the newest on, as have to be handed on: never a part of one."""
    while state and len(state) > _MOST_STATE:
        state = state.rpartition(",")[0]
    return state or None


def _trace_id() -> str | None:
    link = here()
    return link.parent.split("-")[1] if link else None


def _wanted(environ: Mapping[str, str]) -> bool:
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"
    return not off and any(environ.get(name) for name in ENDPOINTS)


def _attributes(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name if "." in name else f"seedbed.{name}": value for name, value in facts.items() if value is not None}
