"""A worker fetches a part when it can make one soon, and leaves the others to other workers."""

import asyncio

import pytest

from app.exports.rendering import OnChunk, Order, Rendered
from tasks import room as rooms
from tasks.room import LeavingRenderer, Room

PART = {"segments": [{"start": 0, "stop": 60}, {"start": 0, "stop": 40}]}


async def waits(room: Room) -> bool:
    """Whether there is no room, when everybody has had their turn."""
    waiting = asyncio.create_task(room.wait())
    for _ in range(5):
        await asyncio.sleep(0)
    if waiting.done():
        return False
    waiting.cancel()
    return True


async def test_there_is_room_for_as_many_parts_as_are_made_at_once() -> None:
    """The next one waits until one leaves, which it may say twice."""
    room = Room(2)
    room.take(1)
    assert not await waits(room)
    room.take(2)
    assert await waits(room)
    waiting = asyncio.create_task(room.wait())
    await asyncio.sleep(0)
    room.leave(1)
    room.leave(1)
    assert await waiting
    room.take(3)
    assert await waits(room)


async def test_who_waits_is_let_go_when_the_worker_stops() -> None:
    """There is no room then; when it begins anew there is, whatever was in hand before."""
    room = Room(1)
    room.take(1)
    waiting = asyncio.create_task(room.wait())
    await asyncio.sleep(0)
    room.close()
    assert not await waiting
    room.open()
    assert await room.wait()


class Chunks:
    """A renderer of ten chunks of 10 rows, a second each, which notes after each whether there is room; or it fails after `until`."""

    def __init__(self, room: Room, clock: "Clock | None" = None, until: int = 10) -> None:
        self.room, self.clock, self.until = room, clock, until
        self.full: list[bool] = []

    async def render(self, order: Order, on_chunk: OnChunk) -> Rendered:
        for _ in range(self.until):
            if self.clock is not None:
                self.clock.now += 1.0
            on_chunk(10)
            self.full.append(await waits(self.room))
        if self.until < 10:
            raise BrokenPipeError
        return Rendered(100, "", 0)


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, lead_s: float) -> None:
        self.now = 0.0
        monkeypatch.setattr(rooms, "monotonic", lambda: self.now)
        monkeypatch.setattr(rooms, "_LEAD_S", lead_s)
        monkeypatch.setattr(rooms, "_LONGEST_LEAD_S", 1_000.0)


@pytest.mark.parametrize(("lead_s", "full"), [(0.0, 9), (2.0, 7), (100.0, 1)])
async def test_the_next_part_is_fetched_shortly_before_one_is_made(
    monkeypatch: pytest.MonkeyPatch, lead_s: float, full: int
) -> None:
    """So long before as its pace lets expect; the first chunk tells nothing of that."""
    clock = Clock(monkeypatch, lead_s)
    room = Room(1)
    chunks = Chunks(room, clock)
    room.take(7, clock.now - lead_s)
    with room.making(7):
        await LeavingRenderer(chunks, room).render(Order("part", "", "", {}, part=PART), lambda _: None)
    assert chunks.full == [True] * full + [False] * (10 - full)


async def made(room: Room, clock: Clock, job_id: int, lead_s: float) -> None:
    """A part is fetched, and made in ten seconds."""
    room.take(job_id, clock.now - lead_s)
    with room.making(job_id):
        await LeavingRenderer(Chunks(room, clock), room).render(Order("part", "", "", {}, part=PART), lambda _: None)


@pytest.mark.parametrize(
    ("places", "lead_s", "most"), [(1, 5.0, 1), (1, 15.0, 2), (1, 35.0, 4), (2, 15.0, 4), (3, 1.0, 3)]
)
async def test_as_many_wait_as_are_made_while_one_is_fetched(
    monkeypatch: pytest.MonkeyPatch, places: int, lead_s: float, most: int
) -> None:
    """Of a database that is far away, or of parts that are small, several are fetched ahead; of no others."""
    clock = Clock(monkeypatch, lead_s)
    room = Room(places)
    await made(room, clock, 0, lead_s)
    taken = 0
    while not await waits(room):
        taken += 1
        room.take(taken)
    assert taken == most


async def test_how_long_fetching_takes_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was thought at first, the latest few tell."""
    clock = Clock(monkeypatch, 0.2)
    room = Room(1)
    for job_id in range(20):
        await made(room, clock, job_id, 15.0)
    room.take(100)
    assert not await waits(room)
    room.take(101)
    assert await waits(room)
    for job_id in range(20):
        await made(room, clock, job_id, 0.1)
    room.leave(101)
    assert await waits(room)


async def test_a_part_that_fails_leaves_too() -> None:
    """As does one whose job ends before it is made; and what is no part takes no room."""
    room = Room(1)
    chunks = Chunks(room, until=2)
    room.take(7)
    with room.making(7), pytest.raises(BrokenPipeError):
        await LeavingRenderer(chunks, room).render(Order("part", "", "", {}, part=PART), lambda _: None)
    assert not await waits(room)
    room.take(8)
    with room.making(8):
        assert await waits(room)
        with pytest.raises(BrokenPipeError):
            await LeavingRenderer(chunks, room).render(Order("whole", "", "", {}), lambda _: None)
        assert await waits(room)
    assert not await waits(room)
