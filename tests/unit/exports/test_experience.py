"""What ended exports show of those to come."""

import pytest

from app.exports.experience import Memory
from app.exports.pace import Pace, Speed


def test_a_process_remembers_its_store() -> None:
    """How long putting together takes is found out, the last times counting; and how fast parts were taken."""
    memory = Memory()
    first = memory.finishing_s(500e6)
    assert first > 0.5
    for _ in range(5):
        memory.note_finishing(1e9, 10.05)
    assert memory.finishing_s(500e6) == pytest.approx(5.05)
    memory.note_storing(Speed(50.0, 0.5))
    memory.note_storing(Speed())
    assert memory.storing().seconds_for(50.0) == pytest.approx(0.5)


def test_a_file_is_expected_to_be_made_as_the_last_ones_of_its_kind_were() -> None:
    """One that was disturbed does not decide, and what is known of other formats says nothing."""
    memory = Memory()
    assert memory.making("csv", 160.0, 1e9) == Speed()
    for rate in (90e6, 100e6, 5e6, 110e6):
        memory.note_making("csv", 160.0, Speed(rate * 2, 2.0))
    expected = memory.making("csv", 165.0, 1e9)
    assert expected.seconds_for(1e9) == pytest.approx(10.0)
    assert memory.making("parquet", 165.0, 1e9) == Speed()


def test_much_the_same_table_is_worth_more_than_another() -> None:
    """Rows of another table cost other than these; what is known of them counts until the first are made."""
    memory = Memory()
    memory.note_making("csv", 160.0, Speed(100e6, 1.0))
    memory.note_making("csv", 9.0, Speed(40e6, 1.0))
    same, other = memory.making("csv", 161.0, 1e9), memory.making("csv", 60.0, 1e9)
    assert same.seconds_for(1e9) == pytest.approx(10.0)
    assert same.seconds > 5 * other.seconds > 0


def test_what_took_no_time_shows_nothing() -> None:
    """A file of a chunk or two: its speed would be anything."""
    memory = Memory()
    memory.note_making("csv", 160.0, Speed(1e6, 0.01))
    memory.note_making("csv", 0.0, Speed(1e6, 1.0))
    assert memory.making("csv", 160.0, 1e9) == Speed()


def test_an_export_of_a_known_kind_has_an_end_before_its_first_rows() -> None:
    """And keeps near it as they come, half as fast as expected as they may be."""
    memory = Memory()
    memory.note_making("csv", 100.0, Speed(200e6, 2.0))
    memory.note_storing(Speed(1e9, 1.0))
    pace = Pace(400e6, 400e6, 12, expected=memory.making("csv", 100.0, 400e6), believed=memory.storing()).start(100.0)
    assert pace.seconds_left(100.0) == pytest.approx(4.0, rel=0.1)
    told = []
    for tick in range(33):
        pace = pace.gain(1, 33e6, 12.5e6).step(100.0 + tick / 4)
        left = pace.seconds_left(100.0 + tick / 4)
        assert left is not None
        told.append(tick / 4 + left)
    assert told[0] == pytest.approx(4.0, rel=0.2)
    assert told == sorted(told)
    assert told[16] == pytest.approx(8.0, rel=0.1)
