"""How many parts a worker has in hand: as many as its generators can make by the time that another one is there.

What one worker has fetched no other can have. A part that waits in a worker for its generators is a part that another
worker, which has nothing to do, is missing; and what is small waits behind it. A generator that waits for a part to be
fetched is as bad, and the further away the database is, the longer that takes. Only parts are counted: other jobs take
longer to begin and to end than to make, and are best done several at a time.
"""

import asyncio
import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from app.exports.rendering import OnChunk, Order, Rendered, Renderer

# Until one was seen: how long it takes to fetch a part and to claim it, some visits to a database in the same region.
_LEAD_S = 0.2
_LONGEST_LEAD_S = 1.0
# What the latest one counts for in a mean of those before.
_WEIGHT = 0.3

_part_job: ContextVar[int | None] = ContextVar("part_job", default=None)


class Room:
    """Room for parts, each known by its job, of which `places` are made at once."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._lead_s = _LEAD_S
        # How long a part takes; not known before one was made.
        self._part_s: float | None = None
        # Those in hand: since when, and, of those in the making, their paces.
        self._fetched: dict[int, float] = {}
        self._paces: dict[int, Pace] = {}
        self._changed = asyncio.Event()
        self._open = True

    async def wait(self) -> bool:
        """Waits for room; False when there is to be none any more."""
        while self._open and self._is_full():
            self._changed.clear()
            await self._changed.wait()
        return self._open

    def take(self, job_id: int, since: float | None = None) -> None:
        """A part was fetched, which was begun at the moment `since`."""
        self._fetched[job_id] = monotonic() if since is None else since

    def begin(self, job_id: int, pace: "Pace") -> None:
        """It is to be made now, at a pace that tells how far it is."""
        if job_id in self._fetched:
            lead_s = min(_LONGEST_LEAD_S, monotonic() - self._fetched[job_id])
            self._lead_s += _WEIGHT * (lead_s - self._lead_s)
            self._paces[job_id] = pace

    def look(self) -> None:
        """One of them has got on."""
        self._changed.set()

    def made(self, job_id: int) -> None:
        """It is made."""
        pace = self._paces.get(job_id)
        if pace is not None and (took_s := pace.whole_s()) is not None:
            self._part_s = took_s if self._part_s is None else self._part_s + _WEIGHT * (took_s - self._part_s)
        self.leave(job_id)

    def leave(self, job_id: int) -> None:
        """It is made, or will not be; saying so again does nothing."""
        self._paces.pop(job_id, None)
        self._fetched.pop(job_id, None)
        self._changed.set()

    def open(self) -> None:
        """Begins anew, with nothing in hand."""
        self._fetched.clear()
        self._paces.clear()
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

    def _is_full(self) -> bool:
        """Whether every generator has something to do for longer than it takes to fetch a part."""
        if len(self._fetched) < self._places:
            return False
        left = [self._left_s(self._paces.get(job_id)) for job_id in self._fetched]
        # Each goes to the generator that is free first, those that are furthest first.
        free = sorted(left)[: self._places]
        for seconds in sorted(left)[self._places :]:
            heapq.heapreplace(free, free[0] + seconds)
        return free[0] > self._lead_s

    def _left_s(self, pace: "Pace | None") -> float:
        """How long a part in hand takes yet."""
        left_s = None if pace is None else pace.left_s()
        if left_s is None:
            left_s = self._part_s
        return float("inf") if left_s is None else left_s


class LeavingRenderer:
    """A `Renderer` that makes room for another part when one is nearly made."""

    def __init__(self, renderer: Renderer, room: Room) -> None:
        self._renderer, self._room = renderer, room

    async def render(self, order: Order, on_chunk: OnChunk) -> Rendered:
        """As the renderer itself."""
        job_id = _part_job.get()
        if job_id is None or order.part is None:
            return await self._renderer.render(order, on_chunk)
        pace = Pace(sum(segment["stop"] - segment["start"] for segment in order.part["segments"]))
        self._room.begin(job_id, pace)

        def tell(rows: int) -> None:
            on_chunk(rows)
            pace.add(rows)
            self._room.look()

        try:
            rendered = await self._renderer.render(order, tell)
        except BaseException:
            self._room.leave(job_id)
            raise
        self._room.made(job_id)
        return rendered


class Pace:
    """How fast rows are made, from the first chunk on: before it there may have been a wait."""

    def __init__(self, rows: int) -> None:
        self._rows = self._left = rows
        self._since = self._at = 0.0
        self._first: int | None = None

    def add(self, rows: int) -> None:
        """So many more are made."""
        self._left -= rows
        self._at = monotonic()
        if self._first is None:
            self._first, self._since = rows, self._at

    def left_s(self) -> float | None:
        """Seconds for those that are left; None before two chunks were made, whose distance tells."""
        each_s = self._each_s()
        return None if each_s is None else self._left * each_s

    def whole_s(self) -> float | None:
        """Seconds for all of them."""
        each_s = self._each_s()
        return None if each_s is None else self._rows * each_s

    def _each_s(self) -> float | None:
        if self._first is None:
            return None
        made = self._rows - self._left - self._first
        return (self._at - self._since) / made if made > 0 else None
