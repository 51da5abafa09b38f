"""The predicted end of an export."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.exports.models import Export, Status
from app.web.views import eta_seconds

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS, BYTES, PARTS = 10_000_000, 2_000_000_000, 40
EXPORT = Export(
    uuid4(), uuid4(), Status.RUNNING, {}, "7", 1, "csv", None, "f.csv", "csv", "a/b.csv", "text/csv", ROWS, START, START,
    started_at=START, parts_total=PARTS,
)  # fmt: skip


def at(share: float, making_s: float) -> Export:
    """The export when so much of its rows is made, at a steady pace; the parts in the making are not stored yet."""
    done = max(0, int(share * PARTS) - 2)
    return replace(
        EXPORT,
        rows_generated=int(share * ROWS),
        parts_done=done,
        bytes_generated=done * BYTES // PARTS,
        updated_at=START + timedelta(seconds=share * making_s),
    )


@pytest.mark.parametrize("finishing_s", [4.0, 8.0, 16.0])
@pytest.mark.parametrize("making_s", [60.0, 600.0])
def test_the_end_is_predicted_within_a_fifth_after_the_first_tenth(making_s: float, finishing_s: float) -> None:
    """At a steady pace, however fast the store puts the file together: never off by a fifth of the whole."""
    whole_s = making_s + finishing_s
    for percent in range(10, 101):
        export = at(percent / 100, making_s)
        predicted = eta_seconds(export)
        assert predicted is not None
        real = whole_s - (export.updated_at - START).total_seconds()
        assert abs(predicted - real) <= 0.2 * whole_s


# An export of 24 parts by one worker into an S3 server that was slower than it, as it was recorded: when each part was
# begun and stored, in seconds; making one took 0.3 s.
BEGUN = (
    *(0.1, 0.1, 0.1, 0.1, 0.2, 6.5, 8.0, 8.1, 8.2, 8.3, 11.3, 13.4),
    *(13.8, 14.1, 14.4, 17.8, 20.1, 20.9, 21.0, 22.8, 25.5, 26.2, 26.5, 27.1),
)
STORED = (
    *(6.4, 8.0, 8.0, 8.1, 8.2, 11.3, 13.3, 14.3, 13.8, 14.0, 17.8, 20.0),
    *(20.9, 20.9, 22.8, 25.5, 26.2, 26.5, 27.0, 28.2, 30.3, 30.5, 30.5, 30.5),
)


def test_the_end_is_predicted_where_the_store_is_slow() -> None:
    """From when the store has taken as many parts as it has in hand: within a fifth nine times out of ten, and never far
    beyond, since how much it has of those in hand is not known."""
    parts, end = len(BEGUN), 30.8
    predicted_from = None
    errors = []
    for moment in sorted({*STORED, *(begun + 0.3 for begun in BEGUN)}):
        made = sum(begun + 0.3 <= moment for begun in BEGUN)
        done = sum(stored <= moment for stored in STORED)
        export = replace(
            EXPORT,
            parts_total=parts,
            parts_done=done,
            rows_generated=ROWS * made // parts,
            bytes_generated=855_000_000 * done // parts,
            updated_at=START + timedelta(seconds=moment),
        )
        predicted = eta_seconds(export)
        if predicted is None:
            assert predicted_from is None
            continue
        predicted_from = predicted_from or moment
        errors.append(abs(moment + predicted - end) / end)
    assert sorted(errors)[int(0.9 * len(errors))] <= 0.2
    assert max(errors) <= 0.25
    assert predicted_from is not None
    assert predicted_from < 0.3 * end


@pytest.mark.parametrize("whole_s", [4.0, 10.0])
def test_the_end_of_a_short_export_is_predicted(whole_s: float) -> None:
    """Whole seconds are what is told, and they are the nearest: a few seconds are no reason to be a second off."""
    for percent in range(10, 90):
        export = replace(at(percent / 100, whole_s), parts_total=1, parts_done=0)
        predicted = eta_seconds(export)
        assert predicted is not None
        assert abs(predicted - whole_s * (1 - percent / 100)) <= 0.2 * whole_s


def test_nothing_is_predicted_without_ground() -> None:
    """Not before there are rows, and not after the end."""
    assert eta_seconds(EXPORT) is None
    assert eta_seconds(replace(at(0.5, 60.0), status=Status.COMPLETED)) == 0
    assert eta_seconds(replace(at(0.5, 60.0), status=Status.FAILED)) is None


def test_one_part_needs_no_putting_together() -> None:
    """Half of the rows are made: it takes as long again."""
    assert eta_seconds(replace(at(0.5, 60.0), parts_total=1, parts_done=0)) == 30
