"""So many children for each parent, addressable: which parent a child row belongs to, without a list of them.

Children stand in the order of their parents. A running total is kept for each block of parents only; within a block
the counts are drawn again, so memory is 8 bytes for every 4,000 parents.
"""

from fractions import Fraction
from functools import cached_property, lru_cache
from math import floor

import numpy as np

from app.generator.config import PerParent
from app.generator.keys import Rows, bounded, draw

# A mean is kept exactly by every so many parents in a row, so that more parents change no earlier count.
GROUP = 100
_BLOCK = 40 * GROUP
# How likely it is, in so many parts, that a number of the heavy tail is at least twice as large: halves by default.
_PARTS = 1 << 10
_LEVELS = 21


@lru_cache(maxsize=4)
def fanout_of(key: int, wish: PerParent, parents: int) -> "Fanout":
    """The fanout, the same for all who ask for it: without a mean all parents are counted first."""
    return Fanout(key, wish, parents)


class Fanout:
    """Children per parent, between `low` and `high`: uniform, skewed towards `low`, or with a heavy tail (pareto)."""

    def __init__(self, key: int, wish: PerParent, parents: int) -> None:
        self._key, self._wish, self._parents = key, wish, parents
        self._starts = self._running_totals()

    @property
    def total(self) -> int:
        """Rows over all parents."""
        return int(self._starts[-1])

    def parents_of(self, rows: Rows) -> tuple[Rows, Rows]:
        """The parent's row number of each child row, and the child's place among its siblings (from 0)."""
        blocks = np.searchsorted(self._starts, rows, side="right") - 1
        parents, places = np.empty_like(rows), np.empty_like(rows)
        for block in np.unique(blocks):
            inside = blocks == block
            first = int(block) * _BLOCK
            ends = np.cumsum(self._counts(first, min(first + _BLOCK, self._parents)))
            within = rows[inside] - self._starts[block]
            local = np.searchsorted(ends, within, side="right")
            parents[inside] = first + local
            places[inside] = within - np.where(local > 0, ends[np.maximum(local - 1, 0)], 0)
        return parents, places

    def children_of(self, parents: Rows) -> tuple[Rows, Rows]:
        """The first child row of each parent, and how many it has: they stand in a row."""
        firsts, counts = np.empty_like(parents), np.empty_like(parents)
        blocks = parents // _BLOCK
        for block in np.unique(blocks):
            inside = blocks == block
            first = int(block) * _BLOCK
            own = self._counts(first, min(first + _BLOCK, self._parents))
            local = parents[inside] - first
            counts[inside] = own[local]
            firsts[inside] = self._starts[block] + (np.cumsum(own) - own)[local]
        return firsts, counts

    def _counts(self, start: int, stop: int) -> Rows:
        """How many children the parents `start` to `stop` have; `start` begins a block."""
        if self._wish.mean is None:
            return self._drawn(np.arange(start, stop, dtype=np.int64))
        # As if the last group were whole: its counts are there already when the table grows.
        whole = start + -(-(stop - start) // GROUP) * GROUP
        counts = self._drawn(np.arange(start, whole, dtype=np.int64))
        order = draw(self._key, np.arange(start, whole, dtype=np.int64), 1)
        for place in range(0, whole - start, GROUP):
            self._settle(counts[place : place + GROUP], order[place : place + GROUP], (start + place) // GROUP)
        return counts[: stop - start]

    def _drawn(self, rows: Rows) -> Rows:
        low, high = self._low_high
        span = high - low + 1
        if self._wish.distribution == "pareto":
            # A level by its share, then any number of the level: each level is twice as wide as the one before.
            level = np.searchsorted(self._levels, draw(self._key, rows) >> np.uint64(32), side="right")
            within = draw(self._key, rows, 2) >> (np.uint64(64) - level.astype(np.uint64)) % np.uint64(64)
            found = (1 << level) - 1 + np.where(level > 0, within.astype(np.int64), 0)
            tail: Rows = low + np.minimum(found, span - 1)
            return tail
        words = draw(self._key, rows)
        if self._wish.distribution == "skewed":
            # The square of a uniform draw, in integers: most parents have few children, some have many.
            share = bounded(words, 1 << 20)
            return low + ((share * share >> 20) * span >> 20)
        return low + bounded(words, span)

    @cached_property
    def _low_high(self) -> tuple[int, int]:
        """The bounds to draw between: for a uniform mean, those of which it is the middle."""
        low, high, mean = self._wish.low, self._wish.high, self._wish.mean
        if mean is None or self._wish.distribution == "pareto":
            return low, high
        reach = min(mean - low, high - mean)
        return max(low, floor(mean - reach)), min(high, floor(mean + reach))

    @cached_property
    def _levels(self) -> np.ndarray:
        """Where, of 2^32, each level of the heavy tail begins: the one whose mean comes nearest to what is wanted."""
        if self._wish.mean is None:
            return _thresholds(_PARTS // 2)
        wanted, span = self._wish.mean - self._wish.low, self._wish.high - self._wish.low + 1
        low, high = 1, _PARTS - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if _mean_of(_thresholds(middle), span) < wanted else (low, middle)
        return _thresholds(low)

    def _settle(self, counts: Rows, order: np.ndarray, group: int) -> None:
        """Moves counts of one group up or down, within the bounds, until their sum is what the mean asks for."""
        assert self._wish.mean is not None
        share = self._wish.mean * GROUP
        left = floor(share * (group + 1)) - floor(share * group) - int(counts.sum())
        ranked = np.argsort(order, kind="stable")
        while left:
            up = left > 0
            room = self._wish.high - counts if up else counts - self._wish.low
            free = ranked[room[ranked] > 0][: abs(left)]
            moved = np.minimum(room[free], abs(left) // free.size)
            counts[free] += moved if up else -moved
            left -= int(moved.sum()) if up else -int(moved.sum())

    def _running_totals(self) -> Rows:
        """The children before each block, and all of them; a mean says what the blocks come to without a count."""
        mean = self._wish.mean if self._wish.low < self._wish.high else Fraction(self._wish.low)
        if mean is None:
            starts = range(0, self._parents, _BLOCK)
            sums = (int(self._counts(start, min(start + _BLOCK, self._parents)).sum()) for start in starts)
            return np.cumsum(np.fromiter((0, *sums), np.int64))
        blocks = np.arange(self._parents // _BLOCK + 1, dtype=np.int64)
        whole, part = divmod(mean * _BLOCK, 1)
        totals: Rows = blocks * int(whole) + blocks * part.numerator // part.denominator
        rest = int(blocks[-1]) * _BLOCK
        if rest == self._parents:
            return totals
        return np.append(totals, totals[-1] + int(self._counts(rest, self._parents).sum()))


def _thresholds(part: int) -> np.ndarray:
    """Where, of 2^32, the levels' shares end: from each on, `part` of 1,024 of what is left goes to a higher level."""
    left = [(part**k << 32) // _PARTS**k for k in range(1, _LEVELS)]
    return np.array([(1 << 32) - share for share in left], np.uint64)


def _mean_of(thresholds: np.ndarray, span: int) -> Fraction:
    """The mean of the heavy tail's numbers below `span`."""
    edges = [0, *thresholds.tolist(), 1 << 32]
    total = Fraction(0)
    for level in range(_LEVELS):
        first, last = (1 << level) - 1, (2 << level) - 2
        cut = max(0, last - max(first, span - 1))
        inside = sum((first, min(last, span - 1))) * (min(last, span - 1) - first + 1) // 2 if first < span else 0
        capped = (span - 1) * (cut if first < span else 1 << level)
        total += Fraction(edges[level + 1] - edges[level], 1 << 32) * Fraction(inside + capped, 1 << level)
    return total
