"""Distributions over 0..n-1, from integer tables: no logarithm or exponential is asked of the machine's libm."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import lcm
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.generator.keys import Rows, chance
from app.generator.values.generator import MAX_CAPACITY, pick, word

# Up to so many values each has a probability of its own; beyond, a curve is followed.
_EXACT_RANKS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """An inverse CDF: `table[i]` is where, of 2^32, the i-th of `len(table) - 1` equal slices of probability begins.

    Draws interpolate within the slice, in integers.
    """

    table: npt.NDArray[np.int64]

    def draw(self, key: int, rows: Rows, salt: int, count: int) -> Rows:
        """0 <= value < count."""
        words = word(key, rows, salt)
        slices = len(self.table) - 1
        slice_of = ((words >> np.uint64(40)) * np.uint64(slices) >> np.uint64(24)).astype(np.int64)
        start = self.table[slice_of]
        within = (words & np.uint64(0xFFFF)).astype(np.int64)
        place = start + ((self.table[slice_of + 1] - start) * within >> 16)
        if count <= 1 << 30:
            return place * count >> 32
        # Wide ranges: the place chooses one of 2^32 strips, a further draw a value of the strip.
        strip = min(count, MAX_CAPACITY) >> 32
        return np.minimum(place * strip + pick(key, rows, salt, max(1, strip), 1), count - 1)

    @staticmethod
    def threshold(key: int, rows: Rows, salt: int, per_million: int) -> npt.NDArray[np.bool_]:
        """True for `per_million` of a million rows."""
        return chance(word(key, rows, salt), per_million)


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A choice among few, by weight (alias method: Walker 1974, with Vose's construction of 1991, in integers)."""

    threshold: npt.NDArray[np.uint64]
    alias: npt.NDArray[np.int64]

    @classmethod
    def of(cls, weights: Sequence[int | Fraction]) -> "Weights":
        """Weights are any non-negative numbers, not all zero."""
        exact = [Fraction(w) for w in weights]
        if any(w < 0 for w in exact) or not any(exact):
            raise ValueError("weights must be positive")
        unit = lcm(*(w.denominator for w in exact))
        n = len(exact)
        # Each weight times n, so that the total is what a place holds on average.
        scaled = [int(w * unit) * n for w in exact]
        total = sum(scaled) // n
        small = [i for i, w in enumerate(scaled) if w < total]
        large = [i for i, w in enumerate(scaled) if w >= total]
        threshold = np.full(n, 1 << 32, np.uint64)
        alias = np.arange(n, dtype=np.int64)
        while small and large:
            less, more = small.pop(), large[-1]
            threshold[less] = (scaled[less] << 32) // total
            alias[less] = more
            scaled[more] -= total - scaled[less]
            if scaled[more] < total:
                small.append(large.pop())
        return cls(threshold, alias)

    def draw(self, key: int, rows: Rows, salt: int, n: int = 0) -> Rows:
        """The chosen places."""
        words = word(key, rows, salt, n)
        count = np.uint64(len(self.alias))
        place = ((words >> np.uint64(32)) * count >> np.uint64(32)).astype(np.int64)
        stays = (words & np.uint64(0xFFFFFFFF)) < self.threshold[place]
        return np.where(stays, place, self.alias[place])


@lru_cache(maxsize=1)
def normal() -> Shares:
    """A bell over the whole range, whose ends are four standard deviations from the middle.

    The sum of twelve uniform numbers (Irwin-Hall) stands for the normal curve: its density is made of counts, so that
    the table comes out of integer arithmetic alone.
    """
    counts = [1]
    for _ in range(12):  # one more box of 16 cells each time; one deviation is then sqrt(255) cells, just under 16
        running, total, box = [], 0, [*counts, *[0] * 15]
        for place, count in enumerate(box):
            total += count - (counts[place - 16] if 0 <= place - 16 < len(counts) else 0)
            running.append(total)
        counts = running
    middle = (len(counts) - 1) // 2
    return from_weights(counts[middle - 64 : middle + 65], 4096)


@lru_cache(maxsize=1)
def skewed() -> Shares:
    """Low values more often: the density falls with the cube of the distance from the far end."""
    return from_weights([(64 - n) ** 3 for n in range(64)], 2048)


def from_weights(weights: Sequence[int], slices: int = 1024) -> Shares:
    """The inverse CDF of a density given by equally wide cells."""
    total = sum(weights)
    edges = [0, *accumulate(weights)]
    table = []
    cell = 0
    for i in range(slices + 1):
        target = total * i
        while cell < len(weights) - 1 and edges[cell + 1] * slices <= target:
            cell += 1
        width = weights[cell] * slices
        within = ((target - edges[cell] * slices) << 32) // width if width else 0
        table.append(((cell << 32) + within) // len(weights))
    return Shares(np.array(table, np.int64))


class Cells:
    """A density of steps: a cell by its weight, any place of the cell. Cells are `share` of the range long."""

    def __init__(self, weights: Sequence[int], share: Fraction) -> None:
        self._weights = Weights.of(weights)
        self._share = share

    def draw(self, key: int, rows: Rows, salt: int, count: int) -> Rows:
        """0 <= value < count; the last cell may be cut off by the end."""
        width = max(1, int(count * self._share))
        start = np.minimum(self._weights.draw(key, rows, salt), max(0, (count - 1) // width)) * width
        room = np.minimum(width, count - start)
        placed: Rows = start + pick(key, rows, salt, MAX_CAPACITY, 1) % room
        return placed


class Zipf:
    """The n-th value has 1 / n^exponent of the first one's share. Exact for few values, continuous for many."""

    def __init__(self, exponent: Decimal) -> None:
        if not 0 < exponent <= 8:
            raise ValueError("the exponent of zipf is above 0 and at most 8")
        self._exponent = exponent

    def draw(self, key: int, rows: Rows, salt: int, count: int) -> Rows:
        """0 <= value < count, the low ones more often."""
        if count <= _EXACT_RANKS:
            return _zipf_weights(self._exponent, count).draw(key, rows, salt)
        return np.minimum(_zipf_table(self._exponent, count).draw(key, rows, salt, count), count - 1)


@lru_cache(maxsize=64)
def _zipf_weights(exponent: Decimal, count: int) -> Weights:
    with localcontext() as context:
        context.prec = 20
        weights = [int(Decimal(10) ** 15 / Decimal(n) ** exponent) for n in range(1, count + 1)]
    return Weights.of(weights)


@lru_cache(maxsize=64)
def _zipf_table(exponent: Decimal, count: int) -> Shares:
    """By the integral of the density over 1..count+1, in decimals: the same digits on every machine."""
    slices = 8192
    with localcontext() as context:
        context.prec = 30
        end, rest = Decimal(count + 1), 1 - exponent
        table = []
        for i in range(slices + 1):
            share = Decimal(i) / slices
            place = end**share if rest == 0 else (1 + share * (end**rest - 1)) ** (1 / rest)
            table.append(min(int((place - 1) / count * (1 << 32)), 1 << 32))
    return Shares(np.array(table, np.int64))


class Distribution(Protocol):
    """A way to draw 0 <= value < count."""

    def draw(self, key: int, rows: Rows, salt: int, count: int) -> Rows:
        """One value per row."""


def distribution(name: str, skew: object = None) -> Distribution | None:
    """The distribution of that name; None for uniform. Raises ValueError."""
    match name:
        case "uniform":
            return None
        case "normal":
            return normal()
        case "skewed":
            return skewed()
        case "zipf":
            return Zipf(Decimal(str(skew)) if skew is not None else Decimal(1))
    raise ValueError(f"there is no distribution {name!r}; there are uniform, normal, skewed and zipf")
