"""Subscribers by the thousand in one process: each a socket that notes when which event arrived."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

_EVENT = re.compile(rb"id: (\d+)\r?\nevent: \w+\r?\ndata: [^\r\n]*\r?\n")
_CONNECTING = 40


@dataclass(slots=True)
class Tally:
    """What all subscribers saw: for each (topic, event number) the times at which it arrived."""

    arrived: dict[tuple[int, int], list[float]] = field(default_factory=dict)
    out_of_order: int = 0
    ended: int = 0
    total: int = 0
    # What has arrived and is not looked into yet: that waits until nothing is to be timed, so that the subscribers,
    # who share the machine with the server, cost it little.
    unread: "list[tuple[float, Subscriber, bytes]]" = field(default_factory=list)

    def read(self) -> None:
        """Looks into what has arrived."""
        unread, self.unread = self.unread, []
        for moment, subscriber, data in unread:
            subscriber.read(moment, data)


class Subscriber(asyncio.Protocol):
    """One stream over HTTP/1.1, read as it comes."""

    __slots__ = ("_buffer", "_last", "_ready", "_request", "_tally", "_topic", "connected", "transport")

    def __init__(self, request: bytes, topic: int, tally: Tally, ready: "asyncio.Future[None]") -> None:
        self._request = request
        self._topic = topic
        self._tally = tally
        self._ready = ready
        self._buffer = b""
        self._last = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are such by duck typing.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        if not self._ready.done():
            if not data.startswith(b"HTTP/1.1 200"):
                self._ready.set_exception(RuntimeError(data[:300].decode("latin-1")))
                return
            self._ready.set_result(None)
        self._tally.unread.append((now, self, data))

    def read(self, now: float, data: bytes) -> None:
        """Notes the events in what arrived at `now`."""
        buffer = self._buffer + data
        end = 0
        for match in _EVENT.finditer(buffer):
            end = match.end()
            number = int(match[1])
            if self._last and number != self._last + 1:
                self._tally.out_of_order += 1
            self._last = number
            self._tally.total += 1
            self._tally.arrived.setdefault((self._topic, number), []).append(now)
        self._buffer = buffer[end:][-4096:]

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.ended += 1
        if not self._ready.done():
            self._ready.set_exception(exc or ConnectionResetError())


async def subscribe(port: int, requests: Sequence[tuple[int, bytes]], tally: Tally) -> list[Subscriber]:
    """Opens a stream for each (topic, request), some at a time."""
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(_CONNECTING)

    async def one(topic: int, request: bytes) -> Subscriber:
        async with gate:
            ready: asyncio.Future[None] = loop.create_future()
            _, subscriber = await loop.create_connection(
                lambda: Subscriber(request, topic, tally, ready), "127.0.0.1", port
            )
            await asyncio.wait_for(ready, 60)
            return subscriber

    return await asyncio.gather(*(one(topic, request) for topic, request in requests))


def close(subscribers: Sequence[Subscriber]) -> None:
    """Hangs up."""
    for subscriber in subscribers:
        if subscriber.transport is not None:
            subscriber.transport.abort()


async def until(holds: Callable[[], bool], within_s: float) -> bool:
    """Whether it came to hold in time."""
    deadline = time.monotonic() + within_s
    while not holds():  # what other processes do has no event here
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True
