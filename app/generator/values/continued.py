"""Distinct values of a small pool, and then others: where the natural ones are used up, they stay where they are."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.spelling import Column
from app.generator.values.generator import Generator, Siblings, spell_drawn
from app.generator.values.strings import gather

# Pools of more values are taken as a whole or not at all: what follows has to be compared with each of them.
MOST_KEPT = 1 << 17


class Continued:
    """The values of one generator, then those of another that are none of them, whatever case they are in."""

    def __init__(self, first: Generator, then: Generator) -> None:
        if first.capacity is None or then.capacity is None or then.block is None:
            raise ValueError("only values that are numbered can be continued")
        self._first, self._then = first, then
        self.arrow_type = first.arrow_type
        self.needs = first.needs
        self._size = first.capacity
        known = _canonical(first.at(np.arange(self._size)))
        self._known = known
        # Each of the known values may come up among the others once; one from their end stands for it.
        spare = min(2 * self._size, then.capacity)
        end = then.at(np.arange(then.capacity - spare, then.capacity, dtype=np.int64))
        self._substitutes = end.filter(pc.invert(pc.is_in(_canonical(end), known)))
        self.capacity = self._size + max(0, then.capacity - spare)
        self.block = first.block

    def at(self, index: Rows) -> pa.Array:
        """The first generator's values below its capacity, the other's from there on."""
        later = index >= self._size
        if not later.any():
            return self._first.at(index)
        others = self._then.at(index[later] - self._size)
        place = pc.index_in(_canonical(others), self._known)
        if place.null_count < len(place):
            stands_in = gather(
                self._substitutes, pc.fill_null(place, 0).to_numpy(zero_copy_only=False).astype(np.int64)
            )
            others = pc.if_else(pc.is_valid(place), stands_in, others)
        order = np.empty(len(index), np.int64)
        order[~later] = np.arange(len(index) - len(others))
        order[later] = np.arange(len(index) - len(others), len(index))
        return pa.concat_arrays([self._first.at(index[~later]), others]).take(pa.array(order))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The first generator's values, which need not be distinct."""
        return self._first.draw(key, rows, siblings, salt)

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Column:
        """The first generator's pieces."""
        return spell_drawn(self._first, key, rows, siblings, salt)


def continued(first: Generator, then: Generator) -> Generator | None:
    """One generator after the other; None where that comes to no more values, or cannot be told at a fair price."""
    if first.capacity is None or then.capacity is None or first.arrow_type != then.arrow_type or first.needs:
        return None
    if not 0 < first.capacity <= MOST_KEPT or then.capacity <= 3 * first.capacity:
        return None
    return Continued(first, then)


def _canonical(values: pa.Array) -> pa.Array:
    """What a key compares by: letters without their case, blanks around left out."""
    if not pa.types.is_string(values.type):
        return values
    return pc.utf8_lower(pc.utf8_trim_whitespace(values))
