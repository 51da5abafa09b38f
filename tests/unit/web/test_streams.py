"""One event stream by itself: pings, slow readers, old age, and the end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from app.exports.models import EventKind, ExportEvent, Status
from app.web.errors import TooManyRequests
from app.web.streams import PING_S, WRITE_TIMEOUT_S, EventStream, Frames, Streams

EXPORT = UUID("7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001")


def event(seq: int, kind: EventKind = EventKind.PROGRESS, status: Status = Status.RUNNING) -> ExportEvent:
    return ExportEvent(EXPORT, seq, kind, status, 1.0, seq, {}, datetime(2025, 1, 1, tzinfo=UTC))


class Subscription:
    """A hub's subscription that is filled by hand."""

    def __init__(self) -> None:
        self.closed: str | None = None
        self.pending: list[ExportEvent] = []
        self.resumed: int | None = None
        self.wake: Callable[[], None] = lambda: None

    def take(self) -> Sequence[ExportEvent]:
        taken, self.pending = self.pending, []
        return taken

    def resume(self, seq: int) -> None:
        self.resumed = seq

    def close(self, reason: str = "left") -> None:
        self.closed = self.closed or reason

    def give(self, *events: ExportEvent) -> None:
        self.pending += events
        self.wake()


@dataclass
class Client:
    """What the server has sent; it reads as fast as it is let."""

    body: bytes = b""
    complete: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    reads: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.reads.set()

    async def receive(self) -> Any:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            return
        await self.reads.wait()
        # As a server does.
        assert not self.complete, "something was sent after the end"
        self.body += message["body"]
        if not message["more_body"]:
            self.complete = True
            self.gone.set()


class Open:
    """A stream that is open, with everything around it."""

    def __init__(self, *, after: int = 0, replay: list[list[ExportEvent]] | None = None, **options: Any) -> None:
        self.streams = Streams()
        self.client = Client()
        self.subscription = Subscription()

        async def pages() -> AsyncIterator[Sequence[ExportEvent]]:
            for page in replay or []:
                yield page

        self.stream = EventStream(self.streams, Frames(), after=after, replay=pages(), **options)
        self.stream.follows(self.subscription)
        self.subscription.wake = self.stream.wake
        self.task = asyncio.create_task(self.stream({}, self.client.receive, self.client.send))  # type: ignore[arg-type]  # no scope is looked at

    async def settle(self) -> "Open":
        for _ in range(20):
            await asyncio.sleep(0)
        return self


async def test_pings_come_when_nothing_else_does() -> None:
    """A comment after a quiet while; none while there are events."""
    opened = await Open().settle()
    now = opened.stream.last_sent
    opened.stream.tick(now + PING_S - 1)
    await opened.settle()
    assert b": ping" not in opened.client.body
    opened.stream.tick(now + PING_S)
    await opened.settle()
    assert opened.client.body.endswith(b": ping\n\n")
    opened.client.gone.set()
    await opened.task


async def test_a_client_that_left_leaves_nothing() -> None:
    """The subscription is closed, and the stream is not among the open ones."""
    opened = await Open().settle()
    assert len(opened.streams) == 1
    opened.client.gone.set()
    await opened.task
    assert len(opened.streams) == 0
    assert opened.subscription.closed == "left"


async def test_it_follows_from_where_the_replay_ended() -> None:
    """The hub is told the last number that was sent; without any, where the client was."""
    opened = await Open(after=2, replay=[[event(3)], [event(4)]]).settle()
    quiet = await Open(after=7).settle()
    assert opened.subscription.resumed == 4
    assert quiet.subscription.resumed == 7
    for one in (opened, quiet):
        one.client.gone.set()
        await one.task


async def test_the_terminal_event_is_the_last() -> None:
    """It is sent, and then the response ends by itself."""
    opened = await Open().settle()
    opened.subscription.give(event(1), event(2, EventKind.COMPLETED, Status.COMPLETED))
    await opened.task
    assert b"id: 2\nevent: status\n" in opened.client.body
    assert opened.client.complete


async def test_nothing_is_sent_after_the_end() -> None:
    """Whatever wakes it before the server has said that the response is over."""
    opened = await Open(ends_at_terminal=False).settle()
    opened.stream.end()
    assert opened.client.complete
    with capture_logs() as logs:
        opened.subscription.give(event(1))
        opened.stream.end()
        await opened.task
    assert logs == []


async def test_a_users_stream_goes_on_after_an_end() -> None:
    """One export is finished; others are not."""
    opened = await Open(ends_at_terminal=False).settle()
    opened.subscription.give(event(1, EventKind.COMPLETED, Status.COMPLETED))
    await opened.settle()
    assert not opened.task.done()
    opened.client.gone.set()
    await opened.task


async def test_a_stream_that_overflowed_ends() -> None:
    """What is on its way is sent, then the client comes back and resumes."""
    opened = await Open().settle()
    opened.client.reads.clear()
    opened.subscription.give(event(1))
    await opened.settle()
    opened.subscription.close("overflow")
    opened.client.reads.set()
    opened.stream.wake()
    await opened.task
    assert b"id: 1\n" in opened.client.body
    assert opened.client.complete
    assert b"retry: " in opened.client.body.rsplit(b"\n\n", 2)[1]


@pytest.mark.parametrize("replaying", [False, True])
async def test_a_client_that_never_reads_is_dropped(replaying: bool) -> None:
    """Writing to it does not wait for ever, during the replay neither, and nothing of it stays."""
    opened = Open(replay=[[event(1)]]) if replaying else await Open().settle()
    opened.client.reads.clear()
    if not replaying:
        opened.subscription.give(event(1))
    await opened.settle()
    assert opened.stream.waiting_since is not None
    opened.stream.tick(opened.stream.waiting_since + WRITE_TIMEOUT_S - 1)
    await opened.settle()
    assert len(opened.streams) == 1
    opened.stream.tick(opened.stream.waiting_since + WRITE_TIMEOUT_S)
    async with asyncio.timeout(10):
        await opened.task
    assert len(opened.streams) == 0
    assert opened.subscription.closed


async def test_a_client_that_reads_again_goes_on() -> None:
    """What waited is sent in order, together with what came meanwhile."""
    opened = await Open().settle()
    opened.client.reads.clear()
    for seq in (1, 2, 3):
        opened.subscription.give(event(seq))
        await opened.settle()
    assert b"id: 1\n" not in opened.client.body
    opened.client.reads.set()
    await opened.settle()
    assert [line for line in opened.client.body.splitlines() if line.startswith(b"id")] == [
        b"id: 1",
        b"id: 2",
        b"id: 3",
    ]
    assert opened.stream.waiting_since is None
    opened.client.gone.set()
    await opened.task


async def test_a_stream_that_breaks_harms_nobody() -> None:
    """Whoever wakes it has others to wake: no error comes back, and the stream ends."""
    opened = await Open().settle()

    async def breaks(message: Any) -> None:
        raise RuntimeError("no")

    opened.stream._send = breaks
    opened.subscription.give(event(1))
    await opened.task
    assert len(opened.streams) == 0


async def test_a_stream_grows_old() -> None:
    """After its lifetime it ends, so that its follower is asked who they are again."""
    opened = await Open(lifetime_s=5).settle()
    opened.stream.tick(opened.stream.deadline)
    await opened.task
    assert opened.client.complete


async def test_all_streams_end_together() -> None:
    """And one that comes too late ends at once."""
    opened = [await Open().settle() for _ in range(3)]
    streams = opened[0].streams
    for one in opened[1:]:
        one.stream._streams = streams
        streams.add(one.stream)
    await streams.close()
    await asyncio.gather(*(one.task for one in opened))
    assert all(one.client.complete for one in opened)
    late = Open()
    late.stream._streams = streams
    await late.task
    assert late.client.complete


async def test_being_cancelled_is_not_swallowed() -> None:
    """Whoever cancels the request's task means it."""
    opened = await Open().settle()
    opened.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opened.task
    assert opened.subscription.closed


def test_a_frame_is_one_event() -> None:
    """Line breaks in what people wrote do not begin a new field."""
    details = {"message": "a\n\nevent: x\r\ndata: y"}
    odd = ExportEvent(EXPORT, 3, EventKind.FAILED, Status.FAILED, 1.0, 3, details, datetime(2025, 1, 1, tzinfo=UTC))
    frame = Frames().of(odd).decode()
    assert frame.count("\n\n") == 1
    assert [line.split(":")[0] for line in frame.strip().splitlines()] == ["id", "event", "data"]


def test_a_frame_is_written_once() -> None:
    """However many follow; and only so many are kept."""
    frames = Frames()
    assert frames.of(event(1)) is frames.of(event(1))
    for seq in range(5_000):
        frames.of(event(seq + 1))
    assert len(frames._kept) <= 2_048


async def test_a_user_has_only_so_many_streams() -> None:
    """As many as the setting says, another user as many again; one that ends makes room."""
    ann, ben = uuid4(), uuid4()
    first = await Open(owner=ann).settle()
    first.streams.__init__(1)  # type: ignore[misc]  # as the application makes it
    first.streams.add(first.stream)
    with pytest.raises(TooManyRequests) as refused:
        first.streams.admit(ann)
    assert refused.value.facts["retry_after_s"] > 0
    first.streams.admit(ben)
    first.client.gone.set()
    await first.task
    first.streams.admit(ann)
    first.streams.discard(first.stream)
    first.streams.admit(ann)
