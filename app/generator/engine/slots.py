"""Start and end columns whose spans must not overlap: the rows take slots that lie side by side.

For an exclusion constraint over `tsrange(starts_at, ends_at) WITH &&`. Columns of a range type need no slots: their
generator's numbered values lie side by side themselves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from app.generator.engine.axes import Axis
from app.generator.keys import Rows, bounded, draw, make_key
from app.generator.snapshot.model import TypeRef
from app.generator.values.generator import Siblings

GENERATOR = "slot"
_NATURAL_YEARS, _ALL_YEARS = 3, 100


@dataclass(frozen=True, slots=True)
class _Grid:
    """A slot is `units` steps of `step`; `natural` slots come first, of `count`."""

    step: int
    units: int
    natural: int
    count: int


_DAY_US = 86_400_000_000
_GRIDS = {
    "date": _Grid(1, 14, _NATURAL_YEARS * 26, _ALL_YEARS * 26),
    "timestamp": _Grid(1_800_000_000, 16, _NATURAL_YEARS * 365 * 3, _ALL_YEARS * 365 * 3),
    "timestamptz": _Grid(1_800_000_000, 16, _NATURAL_YEARS * 365 * 3, _ALL_YEARS * 365 * 3),
    "int2": _Grid(1, 20, 1000, 1600),
    "int4": _Grid(1, 100, 100_000, 20_000_000),
    "int8": _Grid(1, 100, 1_000_000, 1 << 50),
}


def axis_of(type_name: str) -> Axis | None:
    """The slots that a pair of columns of this type has; None for a type without."""
    grid = _GRIDS.get(type_name)
    return Axis(grid.natural, grid.count) if grid else None


class SlotGenerator:
    """The start (`part` "start") or the end of the slots; distinct indexes give spans that do not touch."""

    needs: tuple[str, ...] = ()

    def __init__(self, kind: TypeRef, arrow_type: pa.DataType, part: str, reference: datetime, seed: str) -> None:
        self.arrow_type = arrow_type
        self._grid = _GRIDS[kind.name]
        self._part = part
        self._key = make_key(seed, "slot length")
        self._first = _first(kind.name, reference)
        self.capacity = self._grid.count
        self.block = self._grid.natural

    def at(self, index: Rows) -> pa.Array:
        """The bound of the slots number `index`."""
        units = index * self._grid.units
        if self._part == "end":
            # The last step stays free, so that spans that include both ends do not touch either.
            units = units + 1 + bounded(draw(self._key, index), self._grid.units - 1)
        numbers = self._first + units * self._grid.step
        if pa.types.is_date32(self.arrow_type):
            return pa.array(numbers.astype(np.int32)).view(self.arrow_type)
        if pa.types.is_timestamp(self.arrow_type):
            return pa.array(numbers).view(self.arrow_type)
        return pa.array(numbers).cast(self.arrow_type)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A natural slot, taken without regard to others."""
        return self.at(bounded(draw(key, rows, salt), self._grid.natural))


def _first(kind: str, reference: datetime) -> int:
    start = reference - timedelta(days=365 * _NATURAL_YEARS)
    days = (start.date() - datetime(1970, 1, 1).date()).days  # noqa: DTZ001  # the epoch as a date has no zone
    if kind == "date":
        return days
    return days * _DAY_US if kind.startswith("timestamp") else 1
