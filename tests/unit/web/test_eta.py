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


def test_nothing_is_predicted_without_ground() -> None:
    """Not before there are rows, and not after the end."""
    assert eta_seconds(EXPORT) is None
    assert eta_seconds(replace(at(0.5, 60.0), status=Status.COMPLETED)) == 0
    assert eta_seconds(replace(at(0.5, 60.0), status=Status.FAILED)) is None


def test_one_part_needs_no_putting_together() -> None:
    """Half of the rows are made: it takes as long again."""
    assert eta_seconds(replace(at(0.5, 60.0), parts_total=1, parts_done=0)) == 30
