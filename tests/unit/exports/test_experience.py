"""What ended exports show of those to come."""

import json
from dataclasses import replace

import pytest

from app.exports.experience import Memory, Shown
from app.exports.pace import Pace
from app.exports.speeds import Speed

NOTHING = Speed()


def made(rate: float, row_bytes: float = 160.0, kind: str = "csv", seconds: float = 2.0) -> Shown:
    return Shown(kind, row_bytes, Speed(rate * seconds, seconds))


def test_a_file_is_expected_to_be_made_as_the_last_ones_of_its_kind_were() -> None:
    """One that was disturbed does not decide, and what is known of other formats says nothing."""
    memory = Memory([made(1e6), made(90e6), made(100e6), made(110e6), made(5e6)])
    assert memory.making("csv", 165.0, 1e9).seconds_for(1e9) == pytest.approx(1e9 / 100e6)
    assert memory.making("parquet", 165.0, 1e9) == NOTHING
    assert Memory().making("csv", 160.0, 1e9) == NOTHING


def test_much_the_same_table_is_worth_more_than_another() -> None:
    """Rows of another table cost other than these; what is known of them counts until the first are made."""
    memory = Memory([made(100e6), made(40e6, row_bytes=9.0)])
    same, other = memory.making("csv", 161.0, 1e9), memory.making("csv", 60.0, 1e9)
    assert same.seconds_for(1e9) == pytest.approx(10.0)
    assert same.seconds > 5 * other.seconds > 0


def test_what_took_no_time_shows_nothing() -> None:
    """A file of a chunk or two: its speed would be anything."""
    small = Shown("csv", 160.0, Speed(1e6, 0.01), connection=Speed(1e3, 0.01))
    memory = Memory([small, made(1e6, row_bytes=0.0)])
    assert memory.making("csv", 160.0, 1e9) == NOTHING
    assert memory.of_the_store(Pace(1.0, 1.0)) == Memory().of_the_store(Pace(1.0, 1.0))


def test_how_long_putting_together_took_is_found_out() -> None:
    """The last times count, and replace what was merely believed."""
    assert Memory().finishing_s(500e6) > 0.5
    shown = [Shown("csv", 1.0, joined=Speed(1e9, seconds)) for seconds in (99.0, 10.05, 10.05, 10.05)]
    assert Memory(shown).finishing_s(500e6) == pytest.approx(5.05)


def test_an_export_shows_what_it_had() -> None:
    """As plain data, when it is completed."""
    pace = Pace(100.0, 50e6, 1, began=10.0, began_with=10.0, at=12.0, connection=Speed(40e6, 0.5))
    pace = replace(pace, storing=Speed(70e6, 0.5), width=4).rest(12.0)
    shown = Shown.by("csv.gz", 1_000, pace, 12.25)
    assert shown == Shown(
        "csv.gz", 50e3, Speed(45e6, 2.0), Speed(40e6, 0.5), Speed(50e6, 0.25), Speed(70e6, 0.5), width=4
    )
    assert Shown.from_json(json.loads(json.dumps(shown.to_json()))) == shown
    assert Shown.by("csv", 0, Pace(0.0, 0.0), 12.0).made == NOTHING


def test_an_export_of_a_known_kind_has_an_end_before_its_first_rows() -> None:
    """And keeps near it as they come, half as fast as expected as they may be."""
    memory = Memory([Shown("csv", 100.0, Speed(200e6, 2.0), Speed(1e9, 1.0))])
    pace = memory.of_the_store(Pace(400e6, 400e6, 12, expected=memory.making("csv", 100.0, 400e6))).start(100.0)
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


def test_an_export_over_a_link_that_is_known_has_an_end_from_the_beginning() -> None:
    """Before one of its connections is open: as many are expected as there were."""
    connection, storing = Speed(5e6, 1.0), Speed(50e6, 1.0)
    memory = Memory([Shown("csv", 100.0, Speed(400e6, 2.0), connection=connection, storing=storing, width=10)])
    pace = Pace(500e6, 500e6, 100, expected=memory.making("csv", 100.0, 500e6))
    assert memory.of_the_store(pace).start(100.0).seconds_left(100.0) == pytest.approx(10.0, rel=0.1)


def test_what_another_release_has_written_down_is_read() -> None:
    """As far as it goes."""
    shown = Shown.from_json({"kind": "csv", "rowBytes": 100.0, "made": [1e6, 2.0], "new": [1, 2]})
    assert shown == Shown("csv", 100.0, Speed(1e6, 2.0))
