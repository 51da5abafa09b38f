"""Distributions have the shapes that their names promise."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from app.errors import OptionInvalid
from app.generator.values.choice import Choice
from app.generator.values.registry import build
from app.generator.values.shares import Weights, Zipf, from_weights
from tests.unit.values.columns import column

_ROWS = np.arange(200_000)


def _drawn(options: dict[str, object], kind: str = "int4") -> np.ndarray:
    generator = build(Choice("number", options), column(kind))
    return np.asarray(generator.draw(9, _ROWS, {}, 0).to_numpy(zero_copy_only=False))


def test_uniform() -> None:
    """Each value as often as the others, ends included."""
    counts = np.bincount(_drawn({"min": 0, "max": 9}))
    assert len(counts) == 10
    assert counts.min() > 19_000
    assert counts.max() < 21_000


def test_normal() -> None:
    """A bell in the middle, a standard deviation of an eighth of the width."""
    values = _drawn({"min": 0, "max": 8000, "distribution": "normal"})
    assert abs(values.mean() - 4000) < 20
    assert 950 < values.std() < 1050
    assert values.min() >= 0
    assert values.max() <= 8000


def test_zipf() -> None:
    """The second value comes half as often as the first, the tenth a tenth."""
    counts = np.bincount(_drawn({"min": 1, "max": 1000, "distribution": "zipf"}))
    assert 1.9 < counts[1] / counts[2] < 2.1
    assert 9 < counts[1] / counts[10] < 11


def test_zipf_over_many_values_keeps_its_head_and_tail() -> None:
    """A million ranks follow the curve as well."""
    drawn = Zipf(Decimal(1)).draw(3, _ROWS, 0, 1_000_000)
    assert drawn.min() == 0
    assert drawn.max() > 900_000
    below = [np.count_nonzero(drawn < n) / len(drawn) for n in (10, 100, 1000, 10_000, 100_000)]
    # Each tenfold has the same share, one sixth.
    steps = [b - a for a, b in pairwise(below)]
    assert all(0.15 < step < 0.18 for step in steps)


def test_skewed() -> None:
    """Low values more often; the median lies below a fifth of the range."""
    values = _drawn({"min": 0, "max": 1000, "distribution": "skewed"})
    assert 140 < np.median(values) < 180
    assert values.max() > 850


def test_weights() -> None:
    """Shares are as given."""
    generator = build(Choice("one_of", {"values": ["a", "b", "c"], "weights": [7, 2, 1]}), column("text"))
    counts = Counter(generator.draw(1, _ROWS, {}, 0).to_pylist())
    assert abs(counts["a"] - 140_000) < 1500
    assert abs(counts["c"] - 20_000) < 800


def test_weights_must_make_sense() -> None:
    """Neither negative nor all zero, one for each value."""
    for weights in ([1, -1], [0, 0], [1], ["x", 1]):
        with pytest.raises(OptionInvalid):
            build(Choice("one_of", {"values": ["a", "b"], "weights": weights}, "override"), column("text"))
    with pytest.raises(ValueError, match="positive"):
        Weights.of([0])


def test_inverse_cdf_of_cells() -> None:
    """Half the probability lies in the heavier cell."""
    table = from_weights([3, 1]).table
    assert table[0] == 0
    assert table[-1] == 1 << 32
    assert abs(int(table[len(table) * 3 // 4]) - (1 << 31)) < 1 << 24


def _moments(pattern: object) -> np.ndarray:
    options = {"min": "2025-01-06", "max": "2025-12-28", "pattern": pattern}
    generator = build(Choice("timestamp", options), column("timestamptz"))
    return np.asarray(generator.draw(5, _ROWS, {}, 0).cast("int64").to_numpy()) // 1_000_000


def test_daily_seasonality() -> None:
    """Noon is busier than the small hours."""
    hours = np.bincount(_moments("daily") // 3600 % 24)
    assert hours[12] > 8 * hours[3]


def test_weekly_seasonality() -> None:
    """Weekends are quieter."""
    days = np.bincount((_moments({"weekly": True}) // 86_400 + 3) % 7)
    assert days[1] > 1.5 * days[6]


def test_growth() -> None:
    """With a growth of 1 the last month has about twice the first month's rows."""
    seconds = _moments({"growth": 1})
    start, end = seconds.min(), seconds.max()
    month = 30 * 86_400
    ratio = np.count_nonzero(seconds > end - month) / np.count_nonzero(seconds < start + month)
    assert 1.6 < ratio < 2.1
    assert datetime.fromtimestamp(int(end), UTC).year == 2025


def test_steady_is_uniform() -> None:
    """Every tenth of the time has a tenth of the rows."""
    seconds = _moments("steady")
    counts, _ = np.histogram(seconds, 10)
    assert counts.min() > 19_000
