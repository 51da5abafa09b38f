"""Event streams (Server-Sent Events): one open response each, which rests until there is something to send.

A stream holds no database connection, no timer and one task. Pings, ageing and the end at shutdown are one loop's
work for all of them.
"""

import asyncio
import secrets
import time
import types
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from litestar.types import Receive, Scope, Send

from app.exports.models import EventKind, ExportEvent
from app.exports.states import TERMINAL
from app.logging import get_logger
from app.web.errors import TooManyRequests
from app.web.views import event_view

log = get_logger(__name__)

PING_S = 15.0
# A stream ends and is resumed from time to time, so that whoever may not follow any more does not for long.
LIFETIME_S = 900.0
WRITE_TIMEOUT_S = 30.0
RETRY_MS = 2_000
_TICK_S = 1.0
# How long the event loop is held by pings to thousands, at most.
_TURN_S = 0.005
_FRAMES_KEPT = 2_048
# When to come back for a stream: some end every quarter of an hour, others with their export.
_FULL_PAUSE_S = 30

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    # nginx, and proxies that follow its convention, pass each event on at once.
    (b"x-accel-buffering", b"no"),
]
_PING = b": ping\n\n"


class Subscription(Protocol):
    """What one follower has not taken yet."""

    closed: str | None

    def take(self) -> Sequence[ExportEvent]: ...

    def resume(self, seq: int) -> None: ...

    def close(self, reason: str = ...) -> None: ...


class Hub(Protocol):
    """Hands events to followers, each one once and in order."""

    @property
    def healthy(self) -> bool: ...

    def follow(self, export_id: UUID, wake: Callable[[], None], user_id: UUID | None = None) -> Subscription: ...

    async def follow_user(self, user_id: UUID, since: datetime | None, wake: Callable[[], None]) -> Subscription: ...


class Frames:
    """Events as the bytes of a stream; an event that many follow is written once."""

    def __init__(self, *, by_time: bool = False) -> None:
        """With `by_time` the `id` is the event's time in microseconds: a user's stream has no other order."""
        self._kept: OrderedDict[tuple[UUID, int], bytes] = OrderedDict()
        self._by_time = by_time

    def of(self, event: ExportEvent) -> bytes:
        key = (event.export_id, event.seq)
        frame = self._kept.get(key)
        if frame is None:
            frame = self._kept[key] = self._write(event)
            if len(self._kept) > _FRAMES_KEPT:
                self._kept.popitem(last=False)
        return frame

    def _write(self, event: ExportEvent) -> bytes:
        mark = round(event.created_at.timestamp() * 1_000_000) if self._by_time else event.seq
        # JSON has no line breaks of its own, so the data is one line.
        data = msgspec.json.encode(event_view(event), enc_hook=str)
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (mark, event_name(event.kind).encode(), data)


def event_name(kind: EventKind) -> str:
    """The name under which an EventSource hears of it: progress, delivery, or status for all else."""
    return kind.value if kind in (EventKind.PROGRESS, EventKind.DELIVERY) else "status"


class EventStream:
    """The response of one stream, an ASGI application.

    First it sends what there is already: `replay` gives that page by page, from `after` on. Then it resumes its
    subscription after the last event it sent, and sends what arrives there. Without `replay` it only does the latter.
    """

    __slots__ = (
        "_after",
        "_dropped",
        "_ended",
        "_ends_at_terminal",
        "_frames",
        "_ping_due",
        "_replay",
        "_send",
        "_streams",
        "_subscription",
        "_task",
        "_writer",
        "_writing",
        "deadline",
        "last_sent",
        "owner",
        "waiting_since",
    )

    def __init__(
        self,
        streams: "Streams",
        frames: Frames,
        *,
        after: int = 0,
        replay: "AsyncIterator[Sequence[ExportEvent]] | None" = None,
        ends_at_terminal: bool = True,
        lifetime_s: float = LIFETIME_S,
        owner: UUID | None = None,
    ) -> None:
        self.owner = owner
        self._streams = streams
        self._frames = frames
        self._after = after
        self._replay = replay
        self._ends_at_terminal = ends_at_terminal
        self._subscription: Subscription | None = None
        self._send: Send | None = None
        self._task: asyncio.Task[object] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._writing = False
        self._ended = False
        self._dropped = False
        self._ping_due = False
        self.last_sent = time.monotonic()
        self.deadline = self.last_sent + lifetime_s
        # Since when a write waits for the client to read.
        self.waiting_since: float | None = None

    def follows(self, subscription: Subscription) -> None:
        """Where its events come from; it closes the subscription when it ends."""
        self._subscription = subscription

    def abandon(self) -> None:
        """For a stream that is never begun."""
        if self._subscription is not None:
            self._subscription.close()

    def wake(self) -> None:
        """There is something to do: to be called on the event loop, often, and cheap."""
        if self._writing or self._send is None:
            return
        self._writing = True
        # Written at once, without a task of its own: only a client that does not read makes it wait, and then the
        # rest goes on in a task. Ten thousand tasks for an event would cost more than their writes.
        writing = self._write()
        try:
            waited = writing.send(None)
        except StopIteration:
            return
        except Exception as error:  # whoever woke it has others to wake
            log.error("stream_crashed", error=f"{type(error).__name__}: {error}", exc_info=error)
            self._drop()
            return
        self._writer = asyncio.get_running_loop().create_task(_resumed(writing, waited))

    def end(self) -> None:
        """Ends the stream after what is on its way."""
        self._ended = True
        self.wake()

    def tick(self, now: float) -> None:
        """Once a second: a ping when it was quiet for long, the end when it is old."""
        if self.waiting_since is not None and now - self.waiting_since >= WRITE_TIMEOUT_S:
            self._drop()
        elif now >= self.deadline:
            self.end()
        elif now - self.last_sent >= PING_S:
            self._ping_due = True
            self.wake()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._task = asyncio.current_task()
        try:
            self._streams.add(self)
            await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS]})
            await self._put(send, b"retry: %d\n\n" % RETRY_MS)
            if await self._replayed(send):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            self._send = send
            self.wake()
            # Nothing is expected but the end: of the client, or of the response that the writer completes.
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not self._dropped or self._task is None:
                raise
            self._task.uncancel()
        finally:
            self._streams.discard(self)
            self._send = None
            if self._writer is not None:
                self._writer.cancel()
            if self._subscription is not None:
                self._subscription.close()
            if self._dropped:
                log.info("stream_dropped", waited_s=round(time.monotonic() - (self.waiting_since or self.last_sent)))

    async def _replayed(self, send: Send) -> bool:
        """Sends what there is already; whether that is all there will be."""
        if self._replay is None or self._subscription is None:
            return False
        last: ExportEvent | None = None
        async for events in self._replay:
            if events:
                last = events[-1]
                await self._put(send, b"".join(map(self._frames.of, events)))
        self._replay = None
        # Only the last one counts: an earlier failure is not the end of an export that was run again.
        if last is not None and self._ends_at_terminal and last.status in TERMINAL:
            return True
        self._subscription.resume(self._after if last is None else last.seq)
        return False

    async def _write(self) -> None:
        try:
            while self._send is not None and self._subscription is not None:
                events = self._subscription.take()
                if events:
                    if self._ends_at_terminal and events[-1].status in TERMINAL:
                        self._ended = True
                    await self._put(self._send, b"".join(map(self._frames.of, events)))
                elif self._ended or self._subscription.closed is not None:
                    # Everybody is told to come back, but not everybody at the same moment.
                    retry = b"retry: %d\n\n" % (500 + secrets.randbelow(3_500))
                    # Nothing may be sent after it, whatever wakes this before `receive` says that it is over.
                    send, self._send = self._send, None
                    await send({"type": "http.response.body", "body": retry, "more_body": False})
                    return
                elif self._ping_due:
                    await self._put(self._send, _PING)
                else:
                    return
        except OSError:  # the client is gone; receive() says so too
            pass
        finally:
            self._writer = None
            self._writing = False

    def _drop(self) -> None:
        """Ends it for a client that has not read for long."""
        if not self._dropped and self._task is not None:
            self._dropped = True
            self._task.cancel()

    async def _put(self, send: Send, body: bytes) -> None:
        # Waits while the client's buffers are full, but not for ever: see `tick`. Meanwhile the subscription fills up.
        self.waiting_since = time.monotonic()
        await send({"type": "http.response.body", "body": body, "more_body": True})
        self.last_sent = time.monotonic()
        self.waiting_since = None
        self._ping_due = False


@types.coroutine
def _resumed(writing: Coroutine[Any, Any, None], waited: Any) -> Generator[Any, Any, None]:
    """The rest of a coroutine that was begun without a task and now waits for `waited`."""
    while True:
        step: Callable[[Any], Any]
        try:
            value = yield waited
            step = writing.send
        except BaseException as error:
            value = error
            step = writing.throw
        try:
            waited = step(value)
        except StopIteration:
            return


class Streams:
    """Every open stream of this process."""

    def __init__(self, most_per_user: int = 0) -> None:
        """`most_per_user` are open at once at most; 0 for any number."""
        self._most_per_user = most_per_user
        self._open: set[EventStream] = set()
        self._owned: Counter[UUID] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._empty = asyncio.Event()
        self._empty.set()
        self.closing = False
        self.by_export = Frames()
        self.by_user = Frames(by_time=True)

    def __len__(self) -> int:
        return len(self._open)

    def start(self) -> None:
        """Begins to ping. Called on the event loop."""
        self.closing = False
        self._task = asyncio.create_task(self._tick())

    async def close(self, timeout_s: float = 2.0) -> None:
        """Ends every stream, so that the server finds none to wait for. Safe to call twice."""
        self.closing = True
        for stream in [*self._open]:
            stream.end()
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            log.warning("streams_left_open", count=len(self._open))
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def admit(self, owner: UUID) -> None:
        """Raises TooManyRequests when a user has as many streams open as they may."""
        if self._most_per_user and self._owned[owner] >= self._most_per_user:
            message = f"more than {self._most_per_user:,} streams at once; close some, or follow all exports in one"
            raise TooManyRequests(message, retry_after_s=_FULL_PAUSE_S)

    def add(self, stream: EventStream) -> None:
        self._open.add(stream)
        if stream.owner is not None:
            self._owned[stream.owner] += 1
        self._empty.clear()
        if self.closing:
            stream.end()

    def discard(self, stream: EventStream) -> None:
        if stream in self._open and stream.owner is not None:
            self._owned[stream.owner] -= 1
            if not self._owned[stream.owner]:
                del self._owned[stream.owner]
        self._open.discard(stream)
        if not self._open:
            self._empty.set()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            yielded_at = time.monotonic()
            for stream in [*self._open]:
                now = time.monotonic()
                stream.tick(now)
                if now - yielded_at >= _TURN_S:
                    await asyncio.sleep(0)
                    yielded_at = time.monotonic()
