"""How many parts a worker has in hand: as many as it can make at once, and another when one of them is nearly made.

What one worker has fetched no other can have. A part that waits in a worker for its generators is a part that another
worker, which has nothing to do, is missing; and what is small waits behind it. Only parts are counted: other jobs take
longer to begin and to end than to make, and are best done several at a time.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from app.exports.rendering import OnChunk, Order, Rendered, Renderer

# A part is fetched and claimed in about this time, some visits to a database in the same region.
_LEAD_S = 0.2

_part_job: ContextVar[int | None] = ContextVar("part_job", default=None)


class Room:
    """Room for `places` parts, each known by its job."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken: set[int] = set()
        self._changed = asyncio.Event()
        self._open = True

    async def wait(self) -> bool:
        """Waits for room; False when there is to be none any more."""
        while self._open and len(self._taken) >= self._places:
            self._changed.clear()
            await self._changed.wait()
        return self._open

    def take(self, job_id: int) -> None:
        """A part was fetched."""
        self._taken.add(job_id)

    def leave(self, job_id: int) -> None:
        """It is made, or nearly, or will not be; saying so again does nothing."""
        self._taken.discard(job_id)
        self._changed.set()

    def open(self) -> None:
        """Begins anew, with nothing in hand."""
        self._taken.clear()
        self._open = True
        self._changed.set()

    def close(self) -> None:
        """Whoever waits for room waits no longer: nothing is to be fetched."""
        self._open = False
        self._changed.set()

    @contextmanager
    def making(self, job_id: int) -> Iterator[None]:
        """While the block runs the job: its part leaves at the latest with it."""
        token = _part_job.set(job_id)
        try:
            yield
        finally:
            _part_job.reset(token)
            self.leave(job_id)


class LeavingRenderer:
    """A `Renderer` that makes room for another part when one is nearly made."""

    def __init__(self, renderer: Renderer, room: Room) -> None:
        self._renderer, self._room = renderer, room

    async def render(self, order: Order, on_chunk: OnChunk) -> Rendered:
        """As the renderer itself."""
        job_id = _part_job.get()
        if job_id is None or order.part is None:
            return await self._renderer.render(order, on_chunk)
        pace = _Pace(sum(segment["stop"] - segment["start"] for segment in order.part["segments"]))

        def tell(rows: int) -> None:
            on_chunk(rows)
            if pace.ends_within(_LEAD_S, rows):
                self._room.leave(job_id)

        try:
            return await self._renderer.render(order, tell)
        finally:
            self._room.leave(job_id)


class _Pace:
    """How fast rows are made, from the first chunk on: before it there may have been a wait."""

    def __init__(self, rows: int) -> None:
        self._left = rows
        self._since: float | None = None
        self._made = 0

    def ends_within(self, seconds: float, rows: int) -> bool:
        """Whether, now that so many more rows are made, the rest takes no longer than that."""
        self._left -= rows
        if self._since is None:
            self._since = monotonic()
            return False
        self._made += rows
        return self._left * (monotonic() - self._since) <= seconds * self._made
