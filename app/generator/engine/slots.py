"""Start and end columns whose spans must not overlap: the rows take slots that lie side by side.

For an exclusion constraint over `tsrange(starts_at, ends_at) WITH &&`. Columns of a range type need no slots: their
generator's numbered values lie side by side themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.domain import Domain, Value
from app.generator.engine.axes import Axis
from app.generator.keys import Rows, bounded, draw, make_key
from app.generator.snapshot.model import TypeRef
from app.generator.values.generator import Siblings

GENERATOR = "slot"
_NATURAL_YEARS, _ALL_YEARS = 3, 100
# Where checks leave little room, slots are made so short that there are about so many.
_FEWEST = 20


@dataclass(frozen=True, slots=True)
class Grid:
    """A slot is `units` steps of `step`, the first at `first`; `natural` slots come first, of `count`."""

    step: int
    units: int
    natural: int
    count: int
    first: int = 0

    @property
    def axis(self) -> Axis:
        """The slots as an axis of a key."""
        return Axis(self.natural, self.count)

    @property
    def length(self) -> int:
        """What a span must stay below, so that it ends before the next slot begins."""
        return self.units * self.step


_DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1)
_GRIDS = {
    "date": Grid(1, 14, _NATURAL_YEARS * 26, _ALL_YEARS * 26),
    "timestamp": Grid(1_800_000_000, 16, _NATURAL_YEARS * 365 * 3, _ALL_YEARS * 365 * 3),
    "timestamptz": Grid(1_800_000_000, 16, _NATURAL_YEARS * 365 * 3, _ALL_YEARS * 365 * 3),
    "int2": Grid(1, 20, 1000, 1600),
    "int4": Grid(1, 100, 100_000, 20_000_000),
    "int8": Grid(1, 100, 1_000_000, 1 << 50),
}
KINDS = frozenset(_GRIDS)


def grid_of(kind: str, reference: datetime, low: int | None = None, high: int | None = None) -> Grid:
    """The slots that a pair of columns of this type has within low..high (see `number_of`). KeyError without any."""
    usual, first = _GRIDS[kind], _first(kind, reference)
    whole = usual.count * usual.length
    if low is None and high is None:
        return Grid(usual.step, usual.units, usual.natural, usual.count, first)
    start = low if low is not None else min(first, (high or 0) - whole + 1)
    end = high if high is not None else start + whole - 1
    if start < first and first + usual.natural * usual.length <= end:
        start = first
    steps = max(0, (end - start) // usual.step + 1)
    units = max(2, min(usual.units, steps // _FEWEST))
    count = min(usual.count, steps // units)
    return Grid(usual.step, units, min(usual.natural, count), count, start)


def length_of(kind: str) -> int:
    """How long the usual slot of a type is, in its units. KeyError for a type without."""
    return _GRIDS[kind].length


def number_of(kind: str, bound: Value | None) -> int | None:
    """A bound of a domain in the units of the slots: days, microseconds, or the number itself."""
    if bound is None or isinstance(bound, bool):
        return None
    if not isinstance(bound, str):
        return int(bound)
    try:
        moment = datetime.fromisoformat(bound)
    except ValueError:
        return None  # infinity bounds nothing
    if kind == "date":
        return (moment.date() - _EPOCH).days
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Marks:
    """Slots that begin where checks list the starts: the first of a month. `ends` are theirs, where those are listed.

    Each slot ends before the next one begins; the `natural` ones come first.
    """

    starts: tuple[int, ...]
    rooms: tuple[int, ...]
    ends: tuple[int, ...] | None
    natural: int

    @property
    def axis(self) -> Axis:
        """The slots as an axis of a key."""
        return Axis(self.natural, len(self.starts))


def marks_of(
    columns: Mapping[str, str], domain_of: Callable[[str], Domain], kind: str, reference: datetime
) -> Marks | None:
    """The slots of columns (name -> part) whose checks list where they begin; None where no check does.

    Raises KeyError for a type without slots.
    """
    usual, first = _GRIDS[kind], _first(kind, reference)
    listed: dict[str, list[int]] = {}
    for name, part in columns.items():
        domain = domain_of(name)
        if domain.values is not None:
            numbers = (number_of(kind, value) for value in domain.values if domain.permits(value))
            listed[part] = sorted({number for number in numbers if number is not None})
    if "start" not in listed:
        return None
    slots = _side_by_side(listed["start"], listed.get("end"), usual.length)
    # Those of the last years before the others, the latest of these last.
    last = first + usual.natural * usual.length
    slots.sort(key=lambda slot: (not first <= slot[0] < last, slot[0]))
    natural = sum(first <= start < last for start, _, _ in slots)
    starts, rooms, ends = (tuple(slot[i] for slot in slots) for i in range(3))
    return Marks(starts, rooms, ends if "end" in listed else None, natural or len(slots))


def _side_by_side(starts: Sequence[int], ends: Sequence[int] | None, usual: int) -> list[tuple[int, int, int]]:
    """Start, room and end of slots of which none begins before the one before it has ended."""
    found: list[tuple[int, int, int]] = []
    taken = None
    for place, start in enumerate(starts):
        if taken is not None and start <= taken:
            continue
        end = next((e for e in ends if e > start), None) if ends is not None else start
        if end is None:
            break
        following = starts[place + 1] if place + 1 < len(starts) else start + usual
        if ends is None and following - start < 2:
            continue
        found.append((start, following - start, end))
        taken = end
    return found


class SlotGenerator:
    """The start (option `part` "start") or the end of the slots; distinct indexes give spans that do not touch."""

    needs: tuple[str, ...] = ()

    def __init__(
        self,
        kind: TypeRef,
        arrow_type: pa.DataType,
        options: Mapping[str, Any],
        reference: datetime,
        seed: str,
        marks: Marks | None = None,
    ) -> None:
        """`options` has the `part`, and `low` and `high` where checks bound the columns; `marks` where they list it."""
        self.arrow_type = arrow_type
        self._marks = marks
        self._grid = grid_of(kind.name, reference, options.get("low"), options.get("high"))
        self._part = options["part"]
        self._key = make_key(seed, "slot length")
        axis = self._grid.axis if marks is None else marks.axis
        self.capacity, self.block = axis.size, axis.natural

    def at(self, index: Rows) -> pa.Array:
        """The bound of the slots number `index`."""
        numbers = self._numbers(index) if self._marks is None else self._marked(index, self._marks)
        if pa.types.is_date32(self.arrow_type):
            return pa.array(numbers.astype(np.int32)).view(self.arrow_type)
        if pa.types.is_timestamp(self.arrow_type):
            return pa.array(numbers).view(self.arrow_type)
        return pa.array(numbers).cast(self.arrow_type)

    def _numbers(self, index: Rows) -> Rows:
        units = index * self._grid.units
        if self._part == "end":
            # The last step stays free, so that spans that include both ends do not touch either.
            units = units + 1 + bounded(draw(self._key, index), self._grid.units - 1)
        return self._grid.first + units * self._grid.step

    def _marked(self, index: Rows, marks: Marks) -> Rows:
        if self._part == "start":
            return np.array(marks.starts, dtype=np.int64)[index]
        if marks.ends is not None:
            return np.array(marks.ends, dtype=np.int64)[index]
        rooms = np.array(marks.rooms, dtype=np.int64)[index] // self._grid.step
        steps = 1 + (draw(self._key, index) % np.maximum(rooms - 1, 1).astype(np.uint64)).astype(np.int64)
        return np.array(marks.starts, dtype=np.int64)[index] + steps * self._grid.step

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A natural slot, taken without regard to others."""
        return self.at(bounded(draw(key, rows, salt), max(1, self.block)))


def _first(kind: str, reference: datetime) -> int:
    start = reference - timedelta(days=365 * _NATURAL_YEARS)
    days = (start.date() - _EPOCH).days
    if kind == "date":
        return days
    return days * _DAY_US if kind.startswith("timestamp") else 1
