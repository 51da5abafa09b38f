"""Streams through what goes wrong: each event once, in order, without a gap."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from app.adapters.postgres.migrations import upgrade
from app.embedded import EmbeddedPostgres
from app.embedded.folders import temporary_folder
from app.main import raise_file_limit
from app.web import streams
from tests.conftest import Databases, Server
from tests.integration.events.exports import append_event, append_silently, insert_export
from tests.integration.events.test_hub import ANN, follow, follow_user, opened
from tests.integration.web.conftest import settings_for
from tests.integration.web.service import BASE, Person, Service, serving
from tests.integration.web.test_events import append

CROWD = 1_000
_ID = re.compile(rb"id: (\d+)\nevent: \w+\ndata: [^\n]*\n\n")


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as found:
        yield found


@pytest.fixture
def service(databases: Databases, postgres: Server, tmp_path: Path) -> Iterator[Service]:
    name = databases.create(databases.migrated_template())
    with serving(settings_for(databases.url(name), postgres.url(), tmp_path)) as running:
        yield running
    databases.drop(name)


@pytest.mark.slow
async def test_a_restart_of_postgres_leaves_no_gap(tmp_path: Path) -> None:
    """Stopped and started again under open streams: what was written before and after arrives, once."""
    folder = temporary_folder(readable_by_others=True)
    server = await asyncio.to_thread(EmbeddedPostgres.start, folder, durable=False)
    try:
        await asyncio.to_thread(upgrade, server.url())
        async with opened(server.url(), sweep_s=1.0, canary_s=1.0) as hub:
            async with await psycopg.AsyncConnection.connect(server.url(), autocommit=True) as connection:
                export_id = await insert_export(connection, ANN)
                follower, user = follow(hub, export_id), await follow_user(hub, ANN)
                for _ in range(5):
                    await append_event(connection, export_id)
                await follower.has(export_id, 5)
                # Of these nobody hears any more: the server goes down right after.
                for _ in range(3):
                    await append_silently(connection, export_id)
            await asyncio.to_thread(server.stop)
            assert await _comes(lambda: not hub.healthy)
            server = await asyncio.to_thread(EmbeddedPostgres.start, folder, durable=False, port=server.port)
            async with await psycopg.AsyncConnection.connect(server.url(), autocommit=True) as connection:
                for _ in range(5):
                    await append_event(connection, export_id)
            await follower.has(export_id, 13)
            await user.has(export_id, 13)
            assert follower.seqs(export_id) == user.seqs(export_id) == list(range(1, 14))
            assert await _comes(lambda: hub.healthy)
    finally:
        await asyncio.to_thread(server.stop)


async def _comes(holds: Callable[[], bool]) -> bool:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  # the hub's inside has no event for it
            await asyncio.sleep(0.02)
    return True


async def test_commits_out_of_order_and_told_twice(database_url: str, connection: Any) -> None:
    """A transaction that began first may commit last, and anybody may notify any number of times."""
    async with (
        opened(database_url, sweep_s=0.2) as hub,
        await psycopg.AsyncConnection.connect(database_url) as slow,
        await psycopg.AsyncConnection.connect(database_url) as undone,
    ):
        first, second = await insert_export(connection, ANN), await insert_export(connection, ANN)
        user, one = await follow_user(hub, ANN), follow(hub, first)
        await slow.execute("select generator_append_event(%s, 'progress')", [first])
        for _ in range(3):
            await append_event(connection, second)
        await user.has(second, 3)
        for _ in range(20):
            for export_id in (first, second):
                await connection.execute("select pg_notify('test-data-exports-progress', %s)", [str(export_id)])
        await slow.commit()
        await user.has(first, 1)
        # One that is taken back leaves no number behind that others would wait for.
        await undone.execute("select generator_append_event(%s, 'progress')", [second])
        await undone.rollback()
        for export_id in (first, second):
            await append_event(connection, export_id)
        await user.has(second, 4)
        await user.has(first, 2)
        await one.has(first, 2)
        # Whoever comes back by the time of the last thing they saw has also what was committed late.
        again = await follow_user(hub, ANN)
        await again.has(first, 2)
        await again.has(second, 4)
    assert user.seqs(first) == one.seqs(first) == [1, 2]
    assert user.seqs(second) == [1, 2, 3, 4]


class Crowd:
    """A thousand clients on one event loop; each remembers what it saw across its connections."""

    def __init__(self, service: Service, person: Person, job_id: str) -> None:
        self._address = urlsplit(service.url)
        self._request = (
            f"GET {BASE}/export/{job_id}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {person.token}\r\n"
        )
        self.seen: list[list[int]] = [[] for _ in range(CROWD)]
        self.refused = 0

    async def follow_until(self, enough: Callable[[list[int]], bool]) -> None:
        """Everybody connects at once, saying where they left off, and reads until it is enough."""
        async with asyncio.timeout(120):
            await asyncio.gather(*(self._one(seen, enough) for seen in self.seen))

    async def _one(self, seen: list[int], enough: Callable[[list[int]], bool]) -> None:
        while not enough(seen):
            reader, writer = await asyncio.open_connection(self._address.hostname, self._address.port)
            last = f"Last-Event-ID: {seen[-1]}\r\n" if seen else ""
            writer.write(f"{self._request}{last}\r\n".encode())
            buffer = b""
            while not enough(seen) and (read := await reader.read(65_536)):
                buffer += read
                if buffer.startswith(b"HTTP/1.1 503"):  # too many at once: comes again, as browsers' code does
                    self.refused += 1
                    break
                for match in _ID.finditer(buffer):
                    seen.append(int(match[1]))
                    end = match.end()
                buffer = buffer[end:] if _ID.search(buffer) else buffer
            writer.close()


@pytest.mark.slow
async def test_a_thousand_come_back_at_once(service: Service) -> None:
    """In the middle of events, with the listener killed: nobody misses one or sees one twice."""
    raise_file_limit()
    ann = service.person("ann")
    job_id = ann.ask()
    crowd = Crowd(service, ann, job_id)
    for _ in range(4):
        append(service, job_id)
    await crowd.follow_until(lambda seen: len(seen) >= 3)
    last = 5 + 20 + 1

    def go_on() -> None:
        for number in range(20):
            append(service, job_id)
            if number % 10 == 5:
                service.sql(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                    " and application_name in ('seedbed-listener', 'seedbed-hub')"
                )
        ann.complete(job_id)

    writing = threading.Thread(target=go_on)
    writing.start()
    await crowd.follow_until(lambda seen: bool(seen) and seen[-1] == last)
    await asyncio.to_thread(writing.join)
    assert all(seen == list(range(1, last + 1)) for seen in crowd.seen)
    ann.http.close()


def test_a_client_that_reads_a_byte_a_second_harms_nobody(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its buffers are small and bounded: it is let go, the others have everything, and it resumes where it was."""
    ann = service.person("ann")
    job_id = ann.ask()
    # A second a byte, with the patience of half a minute, in a tenth of the time.
    monkeypatch.setattr(streams, "WRITE_TIMEOUT_S", 3.0)
    address = urlsplit(service.url)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
    slow.connect((address.hostname, address.port))
    path = f"{BASE}/export/{job_id}/events"
    slow.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ann.token}\r\n\r\n".encode())
    slow.settimeout(30)
    got = slow.recv(1)
    deadline = time.monotonic() + 60
    while not len(service.server._app.state.streams):
        assert time.monotonic() < deadline
    # Events of a size that fill whatever buffers there are between; then some more, which nobody waits for.
    for _ in range(2):
        service.sql(
            "select generator_append_event(%s, 'progress', jsonb_build_object('note', repeat('y', 100000)))"
            " from generate_series(1, 60)",
            job_id,
        )
        (stream,) = service.server._app.state.streams._open or (None,)
        while stream is not None and stream.waiting_since is None:
            assert time.monotonic() < deadline, "nothing waits for the slow one"
            time.sleep(0.01)  # until the stream waits for its client; bounded above
    ann.complete(job_id)
    with ann.http.stream("GET", path) as response:
        quick = [int(line[4:]) for line in response.iter_lines() if line.startswith("id: ")]
    ((last,),) = service.sql("select last_seq from generator_exports where id = %s", job_id)
    assert quick == list(range(1, last + 1))
    hub = service.server._app.state.services.hub
    while hub.followers:
        assert time.monotonic() < deadline, "the slow follower is still kept"
        got += slow.recv(1)
        time.sleep(0.1)  # the fault itself: a client that reads a byte at a time
    while chunk := slow.recv(1 << 20):
        got += chunk
    slow.close()
    seen = [int(match[1]) for match in re.finditer(rb"\nid: (\d+)\nevent", got)]
    assert seen == list(range(1, seen[-1] + 1))
    assert seen[-1] < last, "it was let go before the end"
    with ann.http.stream("GET", path, headers={"last-event-id": str(seen[-1])}) as response:
        rest = [int(line[4:]) for line in response.iter_lines() if line.startswith("id: ")]
    assert rest == list(range(seen[-1] + 1, last + 1))
    ann.http.close()
