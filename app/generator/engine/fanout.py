"""So many children for each parent, addressable: which parent a child row belongs to, without a list of them.

Children stand in the order of their parents. A running total is kept for each block of parents only; within a block
the counts are drawn again, so memory is 8 bytes for every 4,096 parents.
"""

import numpy as np

from app.generator.config import PerParent
from app.generator.keys import Rows, bounded, draw

_BLOCK = 4096


class Fanout:
    """Children per parent: drawn between `low` and `high`, uniform or skewed towards `low`."""

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

    def _counts(self, start: int, stop: int) -> Rows:
        rows = np.arange(start, stop, dtype=np.int64)
        span = self._wish.high - self._wish.low + 1
        words = draw(self._key, rows)
        if self._wish.distribution == "skewed":
            # The square of a uniform draw, in integers: most parents have few children, some have many.
            share = bounded(words, 1 << 20)
            return self._wish.low + ((share * share >> 20) * span >> 20)
        return self._wish.low + bounded(words, span)

    def _running_totals(self) -> Rows:
        totals = [0]
        for start in range(0, self._parents, _BLOCK):
            totals.append(totals[-1] + int(self._counts(start, min(start + _BLOCK, self._parents)).sum()))
        return np.array(totals, dtype=np.int64)
