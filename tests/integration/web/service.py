"""A whole API on a port of its own, and clients that hold every answer to the OpenAPI document."""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import psycopg

from app.adapters.auth import DevelopmentIssuer
from app.main import Server, create_app, open_server, open_services
from app.settings import Settings
from app.web.openapi.document import build_document
from tests.json_schema import violations

T = TypeVar("T")
BASE = "/api/data-generator"
SHOP = """
create table customers (id int primary key, email text not null unique, joined date not null);
create table orders (id int primary key, customer_id int not null references customers, total numeric(8,2) not null);
"""
REQUEST: dict[str, Any] = {
    "schema": {"ddl": SHOP},
    "config": {"format": "csv", "rows": {"customers": 20, "orders": 40}},
    "seed": "web",
}


@dataclass(frozen=True, slots=True)
class Service:
    """A running API."""

    url: str
    settings: Settings
    database_url: str
    server: Server
    loop: asyncio.AbstractEventLoop
    answered: set[tuple[str, str, str]] = field(default_factory=set)

    def person(self, name: str) -> "Person":
        """A client of somebody's; the same name is the same user."""
        issuer = DevelopmentIssuer.of(self.settings)
        email = f"{name}@example.com"
        user_id = issuer.user_id(email)
        token = issuer.issue(user_id, email)
        return Person(self, user_id, token, self.client(authorization=f"Bearer {token}"))

    def client(self, **headers: str) -> httpx.Client:
        """A client that notes, and checks, what it is answered."""
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=30, event_hooks={"response": [self._check]}, trust_env=False
        )

    def sql(self, statement: str, *parameters: Any) -> list[Any]:
        """Runs a statement as the database's owner."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs something on the server's own event loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def _check(self, response: httpx.Response) -> None:
        found = _operation(response.request.method, response.request.url.path)
        if found is None:
            return
        path, operation = found
        status = str(response.status_code)
        self.answered.add((response.request.method, path, status))
        documented = operation["responses"].get(status)
        assert documented is not None, f"{path} answered {status}, which is not documented: {_text(response)}"
        content = documented.get("content", {})
        kind = response.headers.get("content-type", "").split(";")[0]
        if content:
            assert kind in content, f"{path} answered {status} as {kind!r}"
        else:
            assert not response.read(), f"{path} answered {status} with a body"
        if kind.endswith("json"):
            response.read()
            wrong = violations(response.json(), content[kind]["schema"], build_document())
            assert not wrong, f"{path} answered {status} with {wrong}: {response.text[:500]}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the API."""

    service: Service
    id: UUID
    token: str
    http: httpx.Client

    def ask(self, **changes: Any) -> str:
        """Asks for an export; its id."""
        answer = self.http.post(f"{BASE}/export", json={**REQUEST, **changes})
        assert answer.status_code == 202, answer.text
        job_id: str = answer.json()["jobId"]
        return job_id

    def complete(self, job_id: str, content: bytes = b"id\n1\n") -> None:
        """What a worker does in the end: the file, and the row that tells of it."""
        ((key,),) = self.service.sql("select object_path from generator_exports where id = %s", job_id)
        path = Path(self.service.settings.local_store_dir) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.service.sql(
            """
            update generator_exports
            set status = 'completed', bytes = %s, progress_percent = 100, rows_generated = rows_total,
                started_at = now(), finished_at = now(), expires_at = now() + interval '1 day'
            where id = %s
            """,
            len(content),
            job_id,
        )
        self.service.sql("select generator_append_event(%s, 'completed')", job_id)


@contextmanager
def serving(settings: Settings) -> Iterator[Service]:
    """The API of these settings, in a thread with an event loop of its own, on a free port."""
    started = threading.Event()
    found: list[Service] = []
    failed: list[BaseException] = []

    async def serve() -> None:
        try:
            async with open_services(settings) as services:
                server = open_server(settings, create_app(settings, services))
                task = asyncio.create_task(server.serve())
                while not server.started and not task.done():  # noqa: ASYNC110  # uvicorn has no event for it
                    await asyncio.sleep(0.01)
                if not server.started:
                    await task
                port = server.servers[0].sockets[0].getsockname()[1]
                url = f"http://127.0.0.1:{port}"
                found.append(Service(url, settings, settings.database_url, server, asyncio.get_running_loop()))
                started.set()
                await task
        except Exception as error:  # told by the test that started it
            failed.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    started.wait(60)
    if failed:
        raise failed[0]
    try:
        yield found[0]
    finally:
        found[0].server.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the server did not end"


@dataclass(slots=True)
class Event:
    """One event of a stream, by the HTML standard's rules."""

    id: str | None = None
    name: str = "message"
    data: Mapping[str, Any] | None = None
    retry_ms: int | None = None

    @property
    def seq(self) -> int:
        assert self.data is not None
        seq: int = self.data["seq"]
        return seq


def read_events(response: httpx.Response, until: Callable[[list[Event]], bool] | None = None) -> list[Event]:
    """The events of a stream, until it ends or there are enough."""
    events: list[Event] = []
    event = Event()
    for line in response.iter_lines():
        if not line:
            if event.data is not None:
                events.append(event)
                if until is not None and until(events):
                    return events
            event = Event()
            continue
        name, _, value = line.partition(": ")
        match name:
            case "id":
                event.id = value
            case "event":
                event.name = value
            case "data":
                event.data = json.loads(value)
    return events


def _operation(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    for template, methods in build_document()["paths"].items():
        if method.lower() in methods and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), path):
            return template, methods[method.lower()]
    return None


def _text(response: httpx.Response) -> str:
    response.read()
    return response.text[:500]
