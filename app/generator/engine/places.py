"""A key over a parent and a count of its children, where the plan says how many children each parent has."""

import numpy as np

from app.generator.engine.axes import NO_PLACE, Axis
from app.generator.engine.fanout import Fanout
from app.generator.keys import Rows, bounded, draw, make_key
from app.generator.permutation import Permutation
from app.generator.plan import KeyPlan


class PlaceIndex:
    """The second axis' index: distinct among the children of one parent.

    A counting column takes 0, 1, 2, ...; any other goes through a permutation that each parent starts elsewhere.
    """

    def __init__(
        self, key: KeyPlan, fanout: Fanout, axis: Axis, seed: str, table: tuple[str, str], *, counting: bool
    ) -> None:
        self._axis_name = key.axes[1]
        self._fanout = fanout
        self._axis = axis
        self._counting = counting
        self._key = make_key(seed, *table, key.name, "place")
        self._permutation = Permutation(self._key, axis.natural) if axis.natural else None

    @property
    def fixed(self) -> bool:
        """A child's place among its siblings is the same at every attempt."""
        return True

    def at(self, rows: Rows, salt: int) -> dict[str, Rows]:
        """The index on the second axis; NO_PLACE where a parent has more children than there are values."""
        parents, places = self._fanout.parents_of(rows)
        if self._counting:
            return {self._axis_name: places}
        if self._permutation is None:
            return {self._axis_name: np.full(rows.size, NO_PLACE)}
        natural = self._axis.natural
        start = bounded(draw(self._key, parents), natural)
        turned = (self._permutation.at(places % natural) + start) % natural + places // natural * natural
        return {self._axis_name: np.where(turned < self._axis.size, turned, NO_PLACE)}
