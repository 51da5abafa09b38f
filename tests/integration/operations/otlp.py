"""A collector: takes OTLP over HTTP, and keeps what it was sent."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Sent:
    """One span, by whom, and everything it says as text."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    state: str
    facts: dict[str, str]
    failed: bool


class Collector:
    """`url` is what OTEL_EXPORTER_OTLP_ENDPOINT is to be."""

    def __init__(self) -> None:
        self.spans: list[Sent] = []
        self.raw = b""
        self.arrived = threading.Condition()
        self.url = ""

    def take(self, body: bytes) -> None:
        """Notes what an exporter sent."""
        request = ExportTraceServiceRequest.FromString(body)
        with self.arrived:
            self.raw += body
            for resource in request.resource_spans:
                service = _facts(resource.resource.attributes)["service.name"]
                for scope in resource.scope_spans:
                    self.spans += [_sent(service, span) for span in scope.spans]
            self.arrived.notify_all()

    def named(self, name: str) -> list[Sent]:
        """Spans of that name, so far."""
        return [span for span in self.spans if span.name == name]

    def until(self, *names: str) -> None:
        """Waits until spans of all these names have come."""
        with self.arrived:
            came = self.arrived.wait_for(lambda: all(self.named(name) for name in names), timeout=60)
        assert came, {span.name for span in self.spans}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a port of its own."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.path == "/v1/traces"
            collector.take(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _sent(service: str, span: Any) -> Sent:
    trace_id, span_id, parent_id = (field.hex() for field in (span.trace_id, span.span_id, span.parent_span_id))
    failed = span.status.code == 2
    return Sent(service, span.name, trace_id, span_id, parent_id, span.trace_state, _facts(span.attributes), failed)


def _facts(attributes: Any) -> dict[str, str]:
    return {pair.key: str(getattr(pair.value, pair.value.WhichOneof("value"))) for pair in attributes}
