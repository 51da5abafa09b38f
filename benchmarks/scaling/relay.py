"""A TCP relay that makes a way longer: `python -m benchmarks.scaling.relay HOST PORT TARGET_PORT ONE_WAY_MS COUNTER`.

What comes in on HOST:PORT goes to TARGET_PORT on loopback, and back, each byte so many milliseconds later. This is for
kernels without `tc netem`. As there, latency alone is added: bytes under way are not held up by those before them.

The file COUNTER has, in eight bytes, how many round trips there were: how often a client spoke after it had been
answered.
"""

import asyncio
import mmap
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

COUNTER_BYTES = 8


class _Way(asyncio.Protocol):
    """One direction's receiving end; what it receives is written to `other` later."""

    def __init__(self, delay_s: float, heard: Callable[[], None]) -> None:
        self._delay_s = delay_s
        self._heard = heard
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        self.transport: asyncio.Transport | None = None
        self.other: _Way | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard()
        loop = asyncio.get_running_loop()
        self._under_way.append((loop.time() + self._delay_s, data))
        if self._timer is None:
            self._timer = loop.call_at(self._under_way[0][0], self.pass_on)

    def connection_lost(self, error: Exception | None) -> None:
        self._ended = True
        if self._timer is None:
            self.pass_on()

    def pass_on(self) -> None:
        """Writes what has been under way for long enough."""
        loop, now = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        self._timer = None
        target = self.other.transport if self.other is not None else None
        if target is None:  # the far end is being connected
            if not self._ended:
                self._timer = loop.call_later(0.001, self.pass_on)
            return
        # The clock of timers has steps; what is due within one goes now, not a step later.
        while self._under_way and self._under_way[0][0] <= now + 0.0005:
            target.write(self._under_way.popleft()[1])
        if self._under_way:
            self._timer = loop.call_at(self._under_way[0][0], self.pass_on)
        elif self._ended:
            target.close()


class _Counter:
    """Counts round trips where another process can read them."""

    def __init__(self, path: Path) -> None:
        with open(path, "r+b") as file:
            self._place = mmap.mmap(file.fileno(), COUNTER_BYTES)

    def add(self) -> None:
        self._place[:] = (int.from_bytes(self._place[:], sys.byteorder) + 1).to_bytes(COUNTER_BYTES, sys.byteorder)


class _Line:
    """Both directions of one connection."""

    def __init__(self, delay_s: float, counter: _Counter) -> None:
        self.near, self.far = _Way(delay_s, self._asked), _Way(delay_s, self._answered)
        self._counter = counter
        self._client_spoke = False

    def _asked(self) -> None:
        if not self._client_spoke:
            self._counter.add()
        self._client_spoke = True

    def _answered(self) -> None:
        self._client_spoke = False


async def relay(host: str, port: int, target_port: int, delay_s: float, counter: _Counter) -> None:
    """Serves until it is cancelled."""
    loop = asyncio.get_running_loop()
    connecting = set[asyncio.Task[None]]()

    def accept() -> _Way:
        line = _Line(delay_s, counter)
        near, far = line.near, line.far

        async def connect() -> None:
            try:
                await loop.create_connection(lambda: far, "127.0.0.1", target_port)
            except OSError:
                if near.transport is not None:
                    near.transport.abort()
                return
            near.other, far.other = far, near

        task = loop.create_task(connect())
        connecting.add(task)
        task.add_done_callback(connecting.discard)
        return near

    server = await loop.create_server(accept, host, port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(
        relay(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]) / 1000, _Counter(Path(sys.argv[5])))
    )
