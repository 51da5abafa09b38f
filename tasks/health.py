"""Whether a worker can do its work, and its figures, over HTTP on a port of its own.

The server runs in a thread: it answers, and says so, when the event loop does not.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import CollectorRegistry, Gauge, make_wsgi_app

from app.errors import ConfigurationInvalid

log = structlog.get_logger(__name__)

_StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Vitals:
    """When the worker was last heard of. Written on the event loop, read by the server's threads.

    `silent_s` is how long others wait before they hold a silent worker for dead: after that it is ill.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.silent_s = 30.0
        self._clock = clock
        self._beat_at = clock()
        # By queue: one that answers says nothing of another.
        self._failing_since: dict[str, float] = {}

    def beat(self) -> None:
        """The database was told that the worker lives."""
        self._beat_at = self._clock()

    def fetched(self, queue: str) -> None:
        """The queue answered, with a job or with none. A worker that has its hands full does not ask it."""
        self._failing_since.pop(queue, None)

    def fetch_failed(self, queue: str) -> None:
        """The queue did not answer, or who asks it has ended and is begun anew."""
        self._failing_since.setdefault(queue, self._clock())

    def silence_s(self) -> float:
        """Seconds since the last heartbeat that reached the database."""
        return self._clock() - self._beat_at

    def faults(self) -> dict[str, str]:
        """What keeps the worker from working, by what it cannot do; empty when all is well."""
        found = {}
        if self.silence_s() > self.silent_s:
            found["heartbeat"] = f"none for {self.silence_s():.0f} s"
        # Copied in one step: the event loop may change it meanwhile.
        failing = min(list(self._failing_since.values()), default=self._clock())
        if self._clock() - failing > self.silent_s:
            found["fetch"] = f"failing for {self._clock() - failing:.0f} s"
        return found


class HealthServer:
    """`/healthz` and `/metrics` of one worker; a context manager."""

    def __init__(self, host: str, port: int, vitals: Vitals, registry: CollectorRegistry) -> None:
        """`port` 0 means none: nothing is served. Raises ConfigurationInvalid when the port is taken."""
        self._vitals = vitals
        self._metrics = make_wsgi_app(registry)
        silence = Gauge("seedbed_worker_heartbeat_age_seconds", "Time since the last heartbeat", registry=registry)
        silence.set_function(vitals.silence_s)
        self._server: WSGIServer | None = None
        if port:
            try:
                self._server = make_server(host, port, self._answer, _Threads, _Quiet)
            except OSError as error:
                raise ConfigurationInvalid(f"WORKER_PORT={port} cannot be used: {error.strerror}") from error

    def __enter__(self) -> "HealthServer":
        if self._server is not None:
            threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()
            log.info("health_served", port=self._server.server_port)
        return self

    def __exit__(self, *error: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _answer(self, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            answer: Iterable[bytes] = self._metrics(environ, start_response)
            return answer
        if path != "/healthz":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"there are /healthz and /metrics\n"]
        faults = self._vitals.faults()
        status = "503 Service Unavailable" if faults else "200 OK"
        start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        return [json.dumps({"status": "unavailable" if faults else "ok", "checks": faults}).encode()]


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *arguments: Any) -> None:
        """A probe every few seconds is no news."""
