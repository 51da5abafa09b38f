"""Streams on their way to people: through a proxy that buffers and compresses, into a real browser."""

import http.client
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.web.sessions import cookie_name, session_cookie
from tests.fixtures.nginx import nginx
from tests.fixtures.programs import program
from tests.integration.web.service import BASE, Event, Person, Service, read_events
from tests.integration.web.test_events import append

# What a page does with the two ways there are in a browser to read a stream.
_PAGE = """<!doctype html><meta charset="utf-8"><script>
const told = {source: [], fetched: "", opened: 0};
const post = (path, body) => fetch("/test/" + path, {method: "POST", body: JSON.stringify(body)});
const events = "/api/data-generator/export/%(job)s/events";
const opened = () => { if (++told.opened === 2) post("opened", {}); };
const both = [
  new Promise((done) => {
    const source = new EventSource(events);
    source.onopen = () => { if (!told.source.length) opened(); };
    for (const name of ["status", "progress", "delivery"])
      source.addEventListener(name, (event) => told.source.push([event.type, event.lastEventId, JSON.parse(event.data).kind]));
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) done(); };
  }),
  (async () => {
    const response = await fetch(events, {headers: {authorization: "Bearer %(token)s"}, credentials: "omit"});
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    opened();
    for (let step; !(step = await reader.read()).done; ) told.fetched += step.value;
  })(),
];
Promise.all(both).then(() => post("told", told), (error) => post("told", {error: String(error)}));
</script>"""


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_buffering_and_compressing_proxy_passes_events_on(ann: Person, service: Service, encoding: str) -> None:
    """Each event is written only when the one before has arrived: anything that is held back would never end."""
    job_id = ann.ask()
    headers = {"authorization": f"Bearer {ann.token}", "accept-encoding": encoding}
    arrived: list[int] = []

    def go_on(events: list[Event]) -> bool:
        arrived.append(events[-1].seq)
        if len(events) < 20:
            append(service, job_id)
        elif len(events) == 20:
            ann.complete(job_id)
        return False

    with (
        nginx(service.url) as proxy,
        httpx.Client(timeout=20, trust_env=False) as client,
        client.stream("GET", f"{proxy}{BASE}/export/{job_id}/events", headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.http_version == "HTTP/1.1"
        assert response.headers.get("content-encoding", "identity") == encoding
        read_events(response, go_on)
    assert arrived == list(range(1, 22))


def test_an_older_client_is_served(ann: Person, service: Service) -> None:
    """HTTP/1.0 knows no chunks: the stream is the bytes until the connection ends."""
    job_id = ann.ask()
    ann.complete(job_id)
    host = urlsplit(service.url)
    connection = http.client.HTTPConnection(str(host.hostname), host.port, timeout=20)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"  # type: ignore[attr-defined]  # there is no other way
    connection.request("GET", f"{BASE}/export/{job_id}/events", headers={"authorization": f"Bearer {ann.token}"})
    body = connection.getresponse().read()
    connection.close()
    assert body.startswith(b"retry: ")
    assert body.count(b"\nevent: status\n") == 2


class Page:
    """A web page's server, and what the page posted to it."""

    def __init__(self, content: str, cookie: str) -> None:
        self.posted: dict[str, Any] = {}
        self.arrived = threading.Condition()
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.send_header("set-cookie", f"{cookie}; Path=/")
                self.end_headers()
                self.wfile.write(content.encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with page.arrived:
                    page.posted[self.path.rpartition("/")[2]] = json.loads(body)
                    page.arrived.notify_all()
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def wait_for(self, name: str) -> Any:
        with self.arrived:
            assert self.arrived.wait_for(lambda: name in self.posted, 60), f"the browser never posted {name}"
        return self.posted[name]


@contextmanager
def served(page: Page) -> Iterator[str]:
    thread = threading.Thread(target=lambda: page.server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{page.server.server_port}"
    finally:
        page.server.shutdown()
        page.server.server_close()
        thread.join(5)


@contextmanager
def browser(url: str, folder: Path) -> Iterator[None]:
    """Chromium, looking at a page."""
    command = [
        program("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-extensions", "--disable-background-networking", f"--user-data-dir={folder}",
        "--remote-debugging-port=0", url,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_a_browser_follows_to_the_end(ann: Person, service: Service, tmp_path: Path) -> None:
    """EventSource and fetch, through the proxy: every event once, and when it is over the browser does not come back."""
    job_id = ann.ask()
    page = Page(_PAGE % {"job": job_id, "token": ann.token}, f"{cookie_name(None)}={session_cookie(ann.token)}")
    with served(page) as url, nginx(service.url, url) as proxy, browser(f"{proxy}/test/page", tmp_path / "profile"):
        page.wait_for("opened")
        append(service, job_id, "started", "running")
        for _ in range(3):
            append(service, job_id)
        ann.complete(job_id)
        told = page.wait_for("told")
    expected = [("status", 1, "queued"), ("status", 2, "started")]
    expected += [("progress", seq, "progress") for seq in (3, 4, 5)]
    expected += [("status", 6, "completed")]
    assert told["source"] == [[name, str(seq), kind] for name, seq, kind in expected]
    assert [int(line[4:]) for line in told["fetched"].splitlines() if line.startswith("id: ")] == [1, 2, 3, 4, 5, 6]
