"""What is told of a part that is on its way to the store."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.exports import progress as module
from app.exports.progress import Progress


class Clock:
    """Seconds, as they are set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    time = monotonic


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def a_part() -> Progress:
    claim: Any = SimpleNamespace(rows=10)
    return Progress(claim)


async def test_the_time_on_the_way_begins_with_its_first_bytes(clock: Clock) -> None:
    """Digests and the store's leave come before. Of a store that tells nothing, all of it counts, with the part."""
    told, untold = a_part(), a_part()
    with told.storing(100), untold.storing(100):
        clock.now += 2.0
        told.send(1)
        clock.now += 3.0
        told.send(60)
        assert told.take_busy_s() == pytest.approx(3.0)
        clock.now += 4.0
    assert told.take_busy_s() == pytest.approx(4.0)
    assert untold.take_busy_s() == pytest.approx(9.0)
    assert told.take_busy_s() == 0.0


async def test_what_goes_at_once_is_in_buffers(clock: Clock) -> None:
    """It is not counted as sent: as much is in them later."""
    part = a_part()
    with part.storing(100):
        part.send(10)
        clock.now += 0.05
        part.send(40)
        assert part.sent() == 0.0
        clock.now += 1.0
        part.send(60)
        assert part.sent() == pytest.approx(0.2)


async def test_it_is_looked_for_the_first_bytes_at_every_report(clock: Clock) -> None:
    """Until something was told of them, unless the store tells nothing; then twice a second. Not while it is made."""
    part = a_part()
    assert part.silence_s(0.0) == 0.0
    with part.storing(100):
        assert part.silence_s(0.0) < 0.1
        clock.now += 1.25
        assert part.silence_s(0.0) == pytest.approx(0.25)
        part.send(10)
        clock.now += 0.5
        part.send(30)
        assert part.silence_s(0.0) < 0.1
        assert part.silence_s(0.2) == pytest.approx(0.25)
    assert part.silence_s(0.2) == 0.0
