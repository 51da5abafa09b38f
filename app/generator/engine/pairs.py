"""Unique pairs of two columns, or two references, that a check orders: (low, high) with low < high.

Each pair has a number, and the pairs that the check allows are just those that have one: so the space can be filled to
the last. A place of the key is that number, permuted, together with the digits of the key's other axes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Literal, Protocol, cast, get_args

import numpy as np
import pyarrow as pa

from app.errors import Fault, PlanRefused
from app.generator.engine.axes import MAX_PLACES, NO_PLACE, Axis, place_of
from app.generator.engine.bending import to_units, unit_family
from app.generator.engine.nodes import Mask
from app.generator.keys import Rows, make_key
from app.generator.permutation import Permutation
from app.generator.plan import KeyPlan
from app.generator.values.generator import Generator

if TYPE_CHECKING:
    from app.generator.expressions import Predicate

PairKind = Literal["below", "at_most", "differ", "either", "either_or_same"]
"""below: a < b. at_most: a <= b. differ: a <> b. either, either_or_same: (a, b) and (b, a) count as one pair."""

# The values of two columns of different domains are listed and sorted: of more than so many, none are.
_MOST_LISTED = 1 << 17
# Indexes above this are left alone: their pairs would not fit 62 bits.
_MOST_INDEXES = 1 << 31
_SAMPLED = 64


class Zone(Protocol):
    """Numbered pairs of indexes."""

    @property
    def places(self) -> int:
        """How many there are."""

    def at(self, numbers: Rows) -> tuple[Rows, Rows]:
        """The two indexes of each pair."""


@dataclass(frozen=True, slots=True)
class Triangle:
    """Pairs of indexes below `size` of one axis, not both below `first`; by the larger index, so that they may grow."""

    kind: PairKind
    first: int
    size: int

    @property
    def places(self) -> int:
        return self._below(self.size) - self._below(self.first)

    def _below(self, size: int) -> int:
        if self.kind == "differ":
            return size * (size - 1)
        return size * (size + 1) // 2 if self._with_same else size * (size - 1) // 2

    @property
    def _with_same(self) -> bool:
        return self.kind in ("at_most", "either_or_same")

    def at(self, numbers: Rows) -> tuple[Rows, Rows]:
        ranks = numbers + self._below(self.first)
        halves = ranks // 2 if self.kind == "differ" else ranks
        # Of the pairs whose larger index is j, the first has the number j (j - 1) / 2: the root of a square.
        larger = (np.sqrt(2.0 * halves.astype(np.float64) + 0.25) + 0.5).astype(np.int64)
        larger -= _triangular(larger) > halves
        larger += _triangular(larger + 1) <= halves
        rest = halves - _triangular(larger)
        if self.kind == "differ":
            turned = ranks % 2 == 1
            return np.where(turned, larger, rest), np.where(turned, rest, larger)
        return rest, larger - 1 if self._with_same else larger


def _triangular(n: Rows) -> Rows:
    return n * (n - 1) // 2


class Ladder:
    """Pairs of values from two lists, the first below the second: each first value with all that lie above it."""

    def __init__(self, kind: PairKind, lows: tuple[Rows, Rows], highs: tuple[Rows, Rows]) -> None:
        """Each list is its indexes and their values, the values distinct."""
        self._lows = lows[0]
        order = np.argsort(highs[1], kind="stable")
        self._highs, values = highs[0][order], highs[1][order]
        self._differ = kind == "differ"
        self._first = np.searchsorted(values, lows[1], "left" if kind != "below" else "right").astype(np.int64)
        counts = values.size - self._first
        if self._differ:
            known = np.minimum(self._first, max(0, values.size - 1))
            self._holes = np.where((values[known] == lows[1]) if values.size else False, self._first, values.size)
            self._first = np.zeros_like(self._first)
            counts = values.size - (self._holes < values.size)
        self._ends = np.cumsum(counts, dtype=np.int64)

    @property
    def places(self) -> int:
        return int(self._ends[-1]) if self._ends.size else 0

    def at(self, numbers: Rows) -> tuple[Rows, Rows]:
        step = np.searchsorted(self._ends, numbers, "right")
        before = np.where(step > 0, self._ends[np.maximum(step - 1, 0)], 0)
        place = self._first[step] + numbers - before
        if self._differ:
            place += place >= self._holes[step]
        return self._lows[step], self._highs[place]


@dataclass(frozen=True, slots=True)
class PairSpace:
    """The allowed pairs, the natural ones first. `by_value` where the larger value has to come second."""

    zones: tuple[Zone, ...]
    by_value: bool = False
    by_chance: bool = False

    @property
    def places(self) -> int:
        """How many pairs there are."""
        return sum(zone.places for zone in self.zones)


def pairs_of_axis(axis: Axis, kind: PairKind) -> PairSpace:
    """The pairs of an axis with itself: of two references to one table, or of two columns with the same values."""
    size = min(axis.size, _MOST_INDEXES)
    natural = min(axis.natural, size)
    zones = (Triangle(kind, 0, natural), Triangle(kind, natural, size))
    return PairSpace(
        tuple(zone for zone in zones if zone.places),
        by_value=kind in ("below", "at_most"),
        by_chance=kind in ("either", "either_or_same"),
    )


def pairs_of_columns(low: Generator, high: Generator, kind: PairKind) -> PairSpace | None:
    """The pairs of two columns' values; None where they can neither be listed nor are the same."""
    if low.needs or high.needs or not low.capacity or not high.capacity or low.arrow_type != high.arrow_type:
        return None
    if _have_same_values(low, high):
        return pairs_of_axis(Axis(min(low.block or low.capacity, low.capacity), low.capacity), kind)
    listed = max(low.capacity, high.capacity) <= _MOST_LISTED and unit_family(low.arrow_type) is not None
    if not listed or kind in ("either", "either_or_same"):
        return None
    (natural_lows, other_lows), (natural_highs, other_highs) = _listed(low), _listed(high)
    every_high = tuple(np.concatenate(both) for both in zip(natural_highs, other_highs, strict=True))
    zones = (
        Ladder(kind, natural_lows, natural_highs),
        Ladder(kind, natural_lows, other_highs),
        Ladder(kind, other_lows, (every_high[0], every_high[1])),
    )
    return PairSpace(tuple(zone for zone in zones if zone.places))


def _listed(generator: Generator) -> tuple[tuple[Rows, Rows], tuple[Rows, Rows]]:
    """The indexes and values of the natural ones, and of the others."""
    assert generator.capacity is not None
    index = np.arange(generator.capacity, dtype=np.int64)
    values = to_units(generator.at(index))
    natural = min(generator.block or index.size, index.size)
    return (index[:natural], values[:natural]), (index[natural:], values[natural:])


def _have_same_values(low: Generator, high: Generator) -> bool:
    """Whether both give the same value for the same index, going by some of them."""
    if (low.capacity, low.block) != (high.capacity, high.block) or low.capacity is None:
        return False
    few = np.arange(min(_SAMPLED, low.capacity), dtype=np.int64)
    index = np.unique(np.concatenate([few, low.capacity - 1 - few, few * (low.capacity // _SAMPLED)]))
    return bool(low.at(index).equals(high.at(index)))


@dataclass(frozen=True, slots=True)
class Side:
    """One axis of a pair: its columns, and what gives their values at its indexes."""

    columns: tuple[str, ...]
    values: Callable[[Rows], Mapping[str, pa.Array]]


def misplaced_in(sides: tuple[Side, Side], tests: "Iterable[Predicate]") -> Callable[[Rows, Rows], Mask]:
    """What says of the indexes on both sides whether a check over both of them fails."""
    read = [frozenset(side.columns) for side in sides]
    over_both = [test for test in tests if test.columns & read[0] and test.columns & read[1]]

    def misplaced(first: Rows, second: Rows) -> Mask:
        arrays = {**sides[0].values(first), **sides[1].values(second)}
        wrong = np.zeros(first.size, dtype=np.bool_)
        for test in over_both:
            wrong |= ~test.accepts(arrays).astype(np.bool_)
        return wrong

    return misplaced


def pair_kind(key: KeyPlan) -> PairKind:
    """The kind of pairs of a key. Raises PlanRefused for a plan that names none."""
    if key.pair not in get_args(PairKind):
        message = f"{key.name}: {key.pair!r} is no kind of pairs; make a new plan"
        raise PlanRefused([Fault("/plan", "plan_invalid", message, {"constraint": key.name})])
    return cast(PairKind, key.pair)


class PairIndex:
    """The indexes on the axes of a key whose first two axes are a pair."""

    def __init__(
        self,
        key: KeyPlan,
        space: PairSpace | None,
        others: Sequence[Axis],
        misplaced: Callable[[Rows, Rows], Mask],
        seed: str,
        table: tuple[str, str],
        rows: int,
    ) -> None:
        """`others` are the axes after the pair. `misplaced` says of two indexes whether their values stand wrong.

        Without a space, whose generators a changed plan may have taken away, there is no place.
        """
        self.axes = key.axes
        self._space = space = space or PairSpace(())
        self._others = list(others)
        self._misplaced = misplaced
        self._rows = rows
        self._natural = prod(axis.natural for axis in others)
        self._widest = max(range(len(others)), key=lambda i: others[i].rounds, default=None)
        self._turns = min(MAX_PLACES, self._natural * space.places)
        self.places = pair_places(space, others)
        own_key = make_key(seed, *table, key.name, "pairs")
        self._zones: list[tuple[int, Zone, Permutation]] = []
        start = 0
        for number, zone in enumerate(space.zones):
            count = min(self._natural * zone.places, MAX_PLACES - start)
            if count:
                zone_key = make_key(f"{own_key:x}", "zone", str(number))
                self._zones.append((start, zone, Permutation(zone_key, count)))
            start += count

    @property
    def fixed(self) -> bool:
        """A row may take another pair at another attempt."""
        return False

    def at(self, rows: Rows, salt: int) -> dict[str, Rows]:
        """The index on each axis; NO_PLACE past the last pair."""
        if not self._zones:
            return {axis: np.full(rows.size, NO_PLACE) for axis in self.axes}
        places = place_of(rows, salt, self.places, self._rows)
        inside = (places >= 0) & (places < self.places)
        places = np.where(inside, places, 0)
        rounds, within = places // self._turns, places % self._turns
        first, second = np.zeros(rows.size, np.int64), np.zeros(rows.size, np.int64)
        codes = np.zeros(rows.size, np.int64)
        for start, zone, permutation in self._zones:
            members = np.flatnonzero((within >= start) & (within < start + permutation.n))
            if members.size:
                image = permutation.at(within[members] - start)
                codes[members] = image % self._natural
                first[members], second[members] = zone.at(image // self._natural)
        turned = self._turned(first, second)
        out = {self.axes[0]: np.where(turned, second, first), self.axes[1]: np.where(turned, first, second)}
        for i, (name, axis) in enumerate(zip(self.axes[2:], self._others, strict=True)):
            digit, codes = codes % axis.natural, codes // axis.natural
            out[name] = digit + rounds * axis.natural if i == self._widest else digit
        return {name: np.where(inside, index, NO_PLACE) for name, index in out.items()}

    def _turned(self, first: Rows, second: Rows) -> Mask:
        if self._space.by_chance:
            turned: Mask = (first + second) % 2 == 1
            return turned
        return self._misplaced(first, second) if self._space.by_value else np.zeros(first.size, dtype=np.bool_)


def pair_places(space: PairSpace, others: Sequence[Axis]) -> int:
    """How many rows a key over a pair and other axes has room for."""
    whole = prod(axis.natural for axis in others) * space.places
    return min(MAX_PLACES, whole * max((axis.rounds for axis in others), default=1))
