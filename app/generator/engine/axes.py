"""Where unique keys come from: an index per row on each axis of a key, distinct by construction.

An axis is a column (its generator has so many values, the first of them the natural ones) or a relation (its parent
has so many rows).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from app.generator.keys import Rows, bounded, draw, make_key
from app.generator.permutation import Permutation
from app.generator.plan import KeyPlan

# How often a row whose values fail a check may be given another place. Retries take the places at the far end, so
# that they neither move other rows nor, while there are so many places for each row, depend on how many rows there are.
# In a fuller key the two meet: were the row to keep such a place, one of those that come later would have none.
PLACES_PER_ROW = 16
# The rows of a key with at least so many places have so many more of them, wherever the others lie.
_AMPLE, _MORE_PLACES = 1 << 34, 240
# So many rows in a line have the same values on all axes but the last (see `KeyPlan`).
LINE_ROWS = 4
NO_PLACE = -1
MAX_PLACES = 1 << 62


@dataclass(frozen=True, slots=True)
class Axis:
    """`natural` of the axis' `size` indexes are used first; a relation's are all natural."""

    natural: int
    size: int

    @property
    def rounds(self) -> int:
        """How many times the natural count fits the size."""
        return self.size // self.natural if self.natural else 0


def places_of(mode: str, axes: Sequence[Axis]) -> int:
    """How many rows a key with these axes has room for."""
    if mode == "by_row":
        return axes[0].size
    if mode == "ordinal":
        return min(MAX_PLACES, prod(a.size for a in axes))
    if mode == "lines":
        return min(MAX_PLACES, places_of("product", axes[:-1]) * min(LINE_ROWS, axes[-1].size))
    return min(MAX_PLACES, prod(a.natural for a in axes) * max(a.rounds for a in axes))


def place_of(rows: Rows, salt: int, places: int, count: int) -> Rows:
    """Each row's place at an attempt, of a key with so many places in a table of `count` rows."""
    if salt == 0:
        return rows
    near = PLACES_PER_ROW - 1
    retry = (salt - 1) % near
    spare = places - 1 - (rows * near + retry)
    spare = np.where(spare >= count, spare, rows)  # a full key has no spare places: the row stays where it is
    if salt <= near or places < _AMPLE or 2 * near * count > places:
        return spare
    # In a key with so much room a row that has tried all those has others, from the middle down.
    more = rows * _MORE_PLACES + (salt - near - 1) % _MORE_PLACES
    return np.where(more < places // 4, places // 2 - 1 - more, spare)


class KeyIndex:
    """The indexes on the axes of one key, for any rows. `NO_PLACE` where the axes are used up: the value is NULL.

    A round gives each combination of natural values one turn, in an order of its own; later rounds move on along the
    axis that has most to give. So small tables get natural values, and more rows change no earlier row.
    """

    def __init__(self, key: KeyPlan, axes: Sequence[Axis], seed: str, table: tuple[str, str], rows: int) -> None:
        self.axes = key.axes
        self._rows = rows
        self.mode = key.mode
        self._axes = list(axes)
        self._key = make_key(seed, *table, key.name, "key")
        self.places = places_of(key.mode, axes)
        self._line_rows = max(1, min(LINE_ROWS, axes[-1].size))
        if key.mode == "lines":
            self._axes = self._axes[:-1]
        natural = axes[0].size if key.mode in ("by_row", "ordinal") else prod(a.natural for a in self._axes)
        self._turns = min(natural, MAX_PLACES)
        self._widest = max(range(len(self._axes)), key=lambda i: self._axes[i].rounds)
        self._permutation = Permutation(self._key, self._turns) if self._turns else None

    @property
    def fixed(self) -> bool:
        """Whether a row has the same index at every attempt."""
        return self.mode in ("by_row", "ordinal", "lines")

    def at(self, rows: Rows, salt: int) -> dict[str, Rows]:
        """The index on each axis."""
        if self.mode == "by_row":
            return {self.axes[0]: rows}
        if self._permutation is None:
            return {axis: np.full(rows.size, NO_PLACE) for axis in self.axes}
        places = rows if self.fixed else place_of(rows, salt, self.places, self._rows)
        inside: np.ndarray | None = None
        if places.size and (int(places.min()) < 0 or int(places.max()) >= self.places):
            inside = (places >= 0) & (places < self.places)
            places = np.where(inside, places, 0)
        numbers = None
        if self.mode == "lines":
            numbers, places = places % self._line_rows, places // self._line_rows
        # Unsigned: twice as fast, since it need not round towards the smaller number.
        rounds = (places.view(np.uint64) // np.uint64(self._turns)).view(np.int64)
        codes = self._permutation.at(places - rounds * self._turns)
        if self.mode == "ordinal":
            # Each parent has one turn a round; the number of the round counts its children.
            codes = (codes + bounded(draw(self._key, rounds), self._turns)) % self._turns
            return {self.axes[0]: codes, self.axes[1]: rounds}
        out: dict[str, Rows] = {}
        for i, (name, axis) in enumerate(zip(self.axes, self._axes, strict=False)):
            last = i == len(self._axes) - 1
            rest = codes if last else (codes.view(np.uint64) // np.uint64(axis.natural)).view(np.int64)
            digit = codes if last else codes - rest * axis.natural
            if i == self._widest:
                digit = digit + rounds * axis.natural
            out[name] = digit if inside is None else np.where(inside, digit, NO_PLACE)
            codes = rest
        if numbers is not None:
            out[self.axes[-1]] = numbers if inside is None else np.where(inside, numbers, NO_PLACE)
        return out
