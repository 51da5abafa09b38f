"""Distributions over 0..n-1, from integer tables: no logarithm or exponential is asked of the machine's libm."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from app.generator.keys import Rows, chance
from app.generator.values.generator import MAX_CAPACITY, pick, word

# A table's resolution: one 65,536th. Fine enough that a quantile is not seen to be a step.
_STEPS = 65_536


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
        n = len(weights)
        total = sum(Fraction(w) for w in weights)
        if total <= 0 or any(w < 0 for w in weights):
            raise ValueError("weights must be positive")
        scaled = [Fraction(w) * n / total for w in weights]
        small = [i for i, w in enumerate(scaled) if w < 1]
        large = [i for i, w in enumerate(scaled) if w >= 1]
        threshold = np.full(n, 1 << 32, np.uint64)
        alias = np.arange(n, dtype=np.int64)
        while small and large:
            less, more = small.pop(), large[-1]
            threshold[less] = int(scaled[less] * (1 << 32))
            alias[less] = more
            scaled[more] -= 1 - scaled[less]
            if scaled[more] < 1:
                small.append(large.pop())
        return cls(threshold, alias)

    def draw(self, key: int, rows: Rows, salt: int, n: int = 0) -> Rows:
        """The chosen places."""
        words = word(key, rows, salt, n)
        count = np.uint64(len(self.alias))
        place = ((words >> np.uint64(32)) * count >> np.uint64(32)).astype(np.int64)
        stays = (words & np.uint64(0xFFFFFFFF)) < self.threshold[place]
        return np.where(stays, place, self.alias[place])


def normal(deviations: int = 4) -> Shares:
    """A bell over the whole range, whose ends are `deviations` standard deviations from the middle.

    The sum of twelve uniform numbers (Irwin-Hall) stands for the normal curve: its density is a polynomial, so that
    the table comes out of integer arithmetic alone.
    """
    cells = 4096
    counts = np.zeros(1, np.int64) + 1
    # Convolving twelve boxes of 16 cells each: exact integer counts.
    box = 16
    exact = [1]
    for _ in range(12):
        following = [0] * (len(exact) + box - 1)
        for i, c in enumerate(exact):
            for j in range(box):
                following[i + j] += c
        exact = following
    del counts, cells
    # One standard deviation of that sum is sqrt(12 * (16^2 - 1) / 12) = sqrt(255) cells, just under 16.
    middle, half = (len(exact) - 1) // 2, min(deviations * 16, (len(exact) - 1) // 2)
    return from_weights(exact[middle - half : middle + half + 1])


def from_weights(weights: Sequence[int], slices: int = 1024) -> Shares:
    """The inverse CDF of a density given by equally wide cells."""
    total = sum(weights)
    edges = [0]
    for weight in weights:
        edges.append(edges[-1] + weight)
    table = []
    cell = 0
    for i in range(slices + 1):
        target = Fraction(total * i, slices)
        while cell < len(weights) - 1 and edges[cell + 1] <= target:
            cell += 1
        within = (target - edges[cell]) / weights[cell] if weights[cell] else Fraction(0)
        table.append(int((cell + within) / len(weights) * (1 << 32)))
    return Shares(np.array(table, np.int64))
