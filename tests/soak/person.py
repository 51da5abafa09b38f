"""One user of the crowd: an HTTP client that does what people and their programs do, and checks what comes back."""

import asyncio
import hashlib
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from benchmarks.exporting.service import BASE
from tests.soak.book import Book
from tests.soak.pace import Pace
from tests.soak.shapes import SHAPES, Shape

_ENDS = ("completed", "failed", "cancelled")
_WITHIN_S = 240.0
_RECONNECT_S = 0.5
_COME_BACK = (429, 503)
_MOST_TRIES = 30


@dataclass
class Person:
    """`schemas` are the person's own, by name. Whatever is not as it should be goes into `book.faults`."""

    id: UUID
    http: httpx.AsyncClient
    book: Book
    pace: Pace
    random: random.Random
    schemas: Mapping[str, str] = field(default_factory=dict)
    friend: "Person | None" = None
    own: set[str] = field(default_factory=set)

    # -- what they do ------------------------------------------------------------------------------------------------

    async def act(self) -> None:
        """Does one thing."""
        deeds: list[Callable[[], Awaitable[None]]] = [self.export, self.preview, self.plan, self.look_around]
        (deed,) = self.random.choices(deeds, weights=(70, 10, 8, 12))
        async with self.book.noting(deed.__name__):
            await deed()

    async def preview(self) -> None:
        """The first rows of a request."""
        shape = self.random.choice(SHAPES)
        rows = self.random.randint(1, 20)
        found = await self._json("POST", f"{BASE}/preview?rows={rows}", shape.body(self.schemas[shape.schema]))
        assert all(len(table["rows"]) <= rows for table in found["tables"]), "more rows than were asked for"
        self.book.previews += 1

    async def plan(self) -> None:
        """What a request would do."""
        shape = self.random.choice(SHAPES)
        found = await self._json("POST", f"{BASE}/plan", shape.body(self.schemas[shape.schema]))
        assert found["plan"], "a plan without a plan"
        self.book.plans += 1

    async def look_around(self) -> None:
        """The lists, and what is used of the quota."""
        found = await self._json("GET", f"{BASE}/export?limit=20")
        assert len(found["items"]) <= 20, "a page longer than was asked for"
        await self._json("GET", f"{BASE}/schema")
        self.book.looks += 1

    async def export(self) -> None:
        """Asks for an export and sees it to one of its ends; some are cancelled, shared, run again or deleted."""
        (shape,) = self.random.choices(SHAPES, weights=[shape.weight for shape in SHAPES])
        job_id = await self._ask(shape)
        if self.random.random() < 0.1 and not await self._cancel(job_id):
            return
        follow = self._watch if self.random.random() < 0.65 else self._poll
        async with asyncio.timeout(_WITHIN_S):
            end = await follow(job_id)
        if end == "cancelled":
            return
        assert end == "completed", f"{job_id} ({shape.name}) ended {end}"
        self.book.completed.add(job_id)
        await self.download(job_id, shape)
        if self.random.random() < 0.15 and self.friend is not None:
            await self._share(job_id, shape, self.friend)
        if self.random.random() < 0.3:
            await self._send("DELETE", f"{BASE}/export/{job_id}", expect=204)
            self.book.deleted.add(job_id)

    async def download(self, job_id: str, shape: Shape) -> None:
        """The whole file, by the link that people keep; it has to have the reference's digest."""
        link = (await self._send("GET", f"{BASE}/export/{job_id}/download", expect=302)).headers["location"]
        digest = hashlib.sha256()
        # The URL is the permission: the store would take our token for another kind of signature.
        async with self.book.stranger.stream("GET", link) as answer:
            assert answer.status_code == 200, f"the store answered {answer.status_code} to a signed URL"
            async for chunk in answer.aiter_bytes():
                digest.update(chunk)
                self.book.downloaded_bytes += len(chunk)
        self.book.downloads += 1
        if digest.hexdigest() != self.book.references[shape]:
            self.book.wrong_downloads += 1
            self.book.fault(f"{job_id} ({shape.name}) is not the file it should be")

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator[None]:
        """Follows the person's own stream, as the page with the toasts does."""
        following = asyncio.create_task(self._hear())
        try:
            yield
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    # -- how they do it ----------------------------------------------------------------------------------------------

    async def _ask(self, shape: Shape) -> str:
        body = shape.body(self.schemas[shape.schema])
        key = {"Idempotency-Key": str(uuid4())}
        answer = await self._send("POST", f"{BASE}/export", body, headers=key, expect=202)
        job_id: str = answer.json()["jobId"]
        self.book.accepted.add(job_id)
        self.own.add(job_id)
        if self.random.random() < 0.1:  # the answer was lost on its way
            again = await self._send("POST", f"{BASE}/export", body, headers=key, expect=202)
            assert again.json()["jobId"] == job_id, "one key made two exports"
        return job_id

    async def _cancel(self, job_id: str) -> bool:
        """Cancels it at any moment; whether it is to be followed further, since it was too late or is run again."""
        await asyncio.sleep(self.random.random() * 0.5)
        answer = await self._send("POST", f"{BASE}/export/{job_id}/cancel", expect=None)
        if answer.status_code == 409:
            return True  # it had ended
        assert answer.status_code == 202, f"cancel answered {answer.status_code}: {answer.text[:200]}"
        self.book.cancels += 1
        end = await self._poll(job_id)
        if end == "cancelled" and self.random.random() < 0.5:
            await self._send("POST", f"{BASE}/export/{job_id}/retry", expect=202)
            self.book.retries += 1
            return True
        return end != "cancelled"

    async def _share(self, job_id: str, shape: Shape, friend: "Person") -> None:
        await self._send("GET", f"{BASE}/export/{job_id}", of=friend, expect=404)
        path = f"{BASE}/export/{job_id}/shares/{friend.id}"
        await self._send("PUT", path, {"role": "editor"})
        await friend.download(job_id, shape)
        await self._send("DELETE", path)
        await self._send("GET", f"{BASE}/export/{job_id}", of=friend, expect=404)
        self.book.shares += 1

    async def _watch(self, job_id: str) -> str:
        """Reads the export's stream to the end; its events come in order, each once."""
        last, kind = 0, ""
        while True:
            headers = {"Last-Event-ID": str(last)} if last else {}
            async with self.http.stream("GET", f"{BASE}/export/{job_id}/events", headers=headers) as stream:
                if stream.status_code == 204:
                    return kind if kind in _ENDS else await self._poll(job_id)
                if stream.status_code in _COME_BACK:
                    await self._put_off(stream)
                    continue
                assert stream.status_code == 200, f"the stream answered {stream.status_code}"
                async for event in _events(stream):
                    assert event["seq"] == last + 1, f"event {event['seq']} came after {last}"
                    last, kind = event["seq"], event["kind"]
                    self.book.events += 1
            if kind in _ENDS:
                return kind
            await asyncio.sleep(_RECONNECT_S)

    async def _poll(self, job_id: str) -> str:
        """Asks for the status until the export has ended, as a page without streams does."""
        etag: str | None = None
        while True:
            headers = {"If-None-Match": etag} if etag else {}
            answer = await self._send("GET", f"{BASE}/export/{job_id}/status", headers=headers, expect=None)
            self.book.polls += 1
            assert answer.status_code in (200, 304), f"status answered {answer.status_code}"
            if answer.status_code == 200 and answer.json()["status"] in _ENDS:
                status: str = answer.json()["status"]
                return status
            etag = answer.headers["etag"]
            await asyncio.sleep(1.0)

    async def _hear(self) -> None:
        mark = ""
        while True:
            headers = {"Last-Event-ID": mark} if mark else {}
            with suppress(httpx.HTTPError):
                async with self.http.stream("GET", f"{BASE}/events", headers=headers) as stream:
                    if stream.status_code in _COME_BACK:
                        await self._put_off(stream)
                        continue
                    if stream.status_code != 200:
                        self.book.fault(f"a user's stream answered {stream.status_code}")
                    async for event in _events(stream):
                        mark = event["id"]
                        self.book.events += 1
                        if event["kind"] == "completed":
                            self.book.heard.add(event["jobId"])
            await asyncio.sleep(_RECONNECT_S)

    async def _json(self, method: str, path: str, body: Any = None) -> Any:
        return (await self._send(method, path, body)).json()

    async def _send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        expect: int | None = 0,
        of: "Person | None" = None,
    ) -> httpx.Response:
        """A request and its answer, whose status is `expect`: any success when 0, whatever it is when None.

        When it is told to come back, it does, after the time that it was told.
        """
        for _ in range(_MOST_TRIES):
            began = time.monotonic()
            answer = await (of or self).http.request(method, path, json=body, headers=headers)
            self.pace.answered(time.monotonic() - began)
            self.book.requests += 1
            if answer.status_code not in _COME_BACK:
                break
            await self._put_off(answer)
        right = expect is None or (answer.is_success if expect == 0 else answer.status_code == expect)
        assert right, f"{method} {path} answered {answer.status_code}: {answer.text[:200]}"
        return answer

    async def _put_off(self, answer: httpx.Response) -> None:
        self.book.put_off += 1
        self.pace.answered(float("inf"))
        # Not all at once.
        await asyncio.sleep(float(answer.headers["retry-after"]) * (1 + self.random.random()))


async def _events(stream: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The events of a stream as their data, with the stream's own `id` beside it."""
    mark = ""
    async for line in stream.aiter_lines():
        if line.startswith("id:"):
            mark = line[3:].strip()
        elif line.startswith("data:"):
            yield {"id": mark, **json.loads(line[5:])}
