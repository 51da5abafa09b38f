"""Bounded differences between two columns: `ends_at <= starts_at + interval '1 day'`.

Two values drawn apart are seldom that close, so the larger one is computed from the smaller: a distance within the
bounds, which depends on nothing but the smaller value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import gcd
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.expressions.casts import checked_integers, to_arrow
from app.generator.expressions.findings import uncast
from app.generator.expressions.intervals import MICROS_PER_DAY, MICROS_PER_SECOND, comparable, parse_interval
from app.generator.expressions.kinds import DATES, INTEGERS, INTERVAL, Kind
from app.generator.expressions.leaves import LeafReader
from app.generator.expressions.nodes import (
    Call,
    ColumnRef,
    Compare,
    Expr,
    Literal,
    Operator,
    Quantified,
    array_elements,
    columns_of,
)
from app.generator.expressions.normal import MIRRORED
from app.generator.expressions.operands import Outcome
from app.generator.expressions.vectors import Spans, Vector, conjoined, from_arrow
from app.generator.keys import bounded, draw

_KEY = 0x6A95
_MOST_HALF_HOURS = 12


@dataclass(frozen=True, slots=True)
class Difference:
    """`low <= larger - smaller <= high`, in days, microseconds or units; None where there is no bound.

    With a `step` it is a multiple of that.
    """

    smaller: str
    larger: str
    low: int | None = None
    high: int | None = None
    step: int | None = None

    def turned(self) -> "Difference":
        """The same said of smaller - larger."""
        low = None if self.high is None else -self.high
        high = None if self.low is None else -self.low
        return Difference(self.larger, self.smaller, low, high, self.step)

    def joined(self, other: "Difference") -> "Difference":
        """Both bounds of the same pair."""
        lows = [bound for bound in (self.low, other.low) if bound is not None]
        highs = [bound for bound in (self.high, other.high) if bound is not None]
        low, high = max(lows, default=None), min(highs, default=None)
        return Difference(self.smaller, self.larger, low, high, self.step or other.step)


def difference_of(expr: Expr, reader: LeafReader) -> Difference | None:
    """The bound that a comparison puts on the difference of two columns of one kind; None for any other."""
    if isinstance(expr, Quantified):
        return _of_list(expr, reader)
    if not isinstance(expr, Compare) or expr.operator not in ("<", "<=", ">", ">="):
        return None
    operator, left, right = str(expr.operator), expr.left, expr.right
    if not columns_of(left):
        operator, left, right = MIRRORED[operator], right, left
    if not columns_of(right):
        return _of_distance(operator, left, right, reader) or _of_span(operator, left, right, reader)
    return _of_shifted(operator, left, right, reader)


def _of_list(expr: Quantified, reader: LeafReader) -> Difference | None:
    """`b - a IN ('15 minutes', '30 minutes')`: between the least and the most of them, in steps that meet them all."""
    listed = array_elements(expr.array)
    amounts = [_amount(element, reader) for element in listed or ()]
    known = [(amount[0], element) for amount, element in zip(amounts, listed or (), strict=True) if amount]
    known.sort(key=lambda pair: pair[0])
    if expr.every or expr.operator != "=" or not known or len(known) < len(amounts):
        return None
    low = difference_of(Compare(">=", expr.left, known[0][1]), reader)
    high = difference_of(Compare("<=", expr.left, known[-1][1]), reader)
    if low is None or high is None:
        return None
    both = low.joined(high if high.smaller == low.smaller else high.turned())
    return replace(both, step=gcd(*(amount for amount, _ in known)) or None)


def _of_distance(operator: str, left: Expr, right: Expr, reader: LeafReader) -> Difference | None:
    """`abs(b - a) <= bound`: no further away on either side."""
    apart = uncast(left)
    if not isinstance(apart, Call) or apart.name != "abs" or operator[0] != "<":
        return None
    found = _of_span(operator, apart.arguments[0], right, reader)
    if found is None or found.high is None or found.high < 0:
        return None
    return found.joined(Difference(found.smaller, found.larger, low=-found.high))


def _of_span(operator: str, left: Expr, right: Expr, reader: LeafReader) -> Difference | None:
    """`b - a <= bound`, `extract(epoch from b - a) / 60 <= bound`, `age(b, a) <= bound`."""
    bound, scale = _amount(right, reader), 1
    left = uncast(left)
    while isinstance(left, Operator) and left.name in ("/", "*") and left.left is not None:
        factor = _amount(left.right, reader)
        if factor is None or factor[1] or factor[0] <= 0 or left.name == "*":
            return None
        scale *= factor[0]
        left = uncast(left.left)
    seconds = isinstance(left, Call) and left.name in ("extract", "date_part") and left.arguments[0] == Literal("epoch")
    if isinstance(left, Call) and seconds:
        left = uncast(left.arguments[1])
    if isinstance(left, Call) and left.name == "age" and len(left.arguments) == 2:
        left = Operator("-", *left.arguments)
    if bound is None or not isinstance(left, Operator) or left.name != "-" or left.left is None:
        return None
    larger, smaller = uncast(left.left), uncast(left.right)
    if not isinstance(larger, ColumnRef) or not isinstance(smaller, ColumnRef):
        return None
    amount, is_span = bound
    kind = _common_unit(larger, smaller, reader)
    if kind is None or (scale != 1 and not seconds):
        return None
    if seconds:
        amount = amount * scale * MICROS_PER_SECOND
        amount = amount // MICROS_PER_DAY if kind == "date" else amount
    elif is_span != (kind == "timestamp"):
        return None
    return _bounded(operator, smaller.name, larger.name, amount)


def _of_shifted(operator: str, left: Expr, right: Expr, reader: LeafReader) -> Difference | None:
    """`b <= a + shift`, `b - shift <= a`, `a + shift >= b`."""
    (larger, plus), (smaller, minus) = _shift(left, reader), _shift(right, reader)
    if larger is None or smaller is None or larger == smaller:
        return None
    kind = _common_unit(larger, smaller, reader)
    shift = minus - plus
    if kind is None:
        return None
    if kind == "date" and abs(shift) >= MICROS_PER_DAY:
        shift //= MICROS_PER_DAY  # shifted by an interval, not by a number of days
    return _bounded(operator, smaller.name, larger.name, shift)


def _shift(expr: Expr, reader: LeafReader) -> tuple[ColumnRef | None, int]:
    """The column of `column + constant`, and the constant."""
    expr = uncast(expr)
    if isinstance(expr, ColumnRef):
        return expr, 0
    if isinstance(expr, Operator) and expr.name in ("+", "-") and expr.left is not None:
        inner, amount = uncast(expr.left), _amount(expr.right, reader)
        if isinstance(inner, ColumnRef) and amount is not None:
            return inner, amount[0] if expr.name == "+" else -amount[0]
    return None, 0


def _amount(expr: Expr, reader: LeafReader) -> tuple[int, bool] | None:
    """A constant whole number, or an interval in microseconds with True."""
    found = reader.value_of(expr)
    if found is None:
        return None
    kind, value = found
    if kind.name == "unknown":
        span = parse_interval(str(value))
        return None if span is None else (comparable(span), True)
    if kind.name == "interval":
        return comparable(value), True
    if kind.name in INTEGERS:
        return int(value), False
    if kind.name == "numeric" and value == int(value):
        return int(value), False
    return None


def _common_unit(left: ColumnRef, right: ColumnRef, reader: LeafReader) -> str | None:
    """`date`, `timestamp` or `integer` when both columns count in it."""
    names = {reader.kind_of_column(left.name).name, reader.kind_of_column(right.name).name}
    if names == {"date"}:
        return "date"
    if names <= DATES and len(names) == 1:
        return "timestamp"
    return "integer" if names <= INTEGERS else None


def _bounded(operator: str, smaller: str, larger: str, amount: int) -> Difference:
    strict = len(operator) == 1
    if operator[0] == "<":
        return Difference(smaller, larger, high=amount - strict)
    return Difference(smaller, larger, low=amount + strict)


@dataclass(frozen=True, slots=True)
class Grid:
    """Moments (or the distance of two) that are multiples of a number of seconds since 1970, plus a remainder."""

    columns: tuple[str, ...]
    step_s: int
    remainder_s: int


def grid_of(expr: Expr, reader: LeafReader) -> Grid | None:
    """`extract(epoch from t)::bigint % 1800 = 0`, or the same of t2 - t1."""
    if not isinstance(expr, Compare) or expr.operator != "=":
        return None
    left, remainder = uncast(expr.left), _amount(expr.right, reader)
    if isinstance(left, Call) and left.name == "mod":
        left = Operator("%", *left.arguments)
    if not isinstance(left, Operator) or left.name != "%" or left.left is None or remainder is None:
        return None
    step, inner = _amount(left.right, reader), uncast(left.left)
    if isinstance(inner, Call) and inner.name in ("floor", "round", "trunc"):
        inner = uncast(inner.arguments[0])
    if step is None or step[0] <= 0 or not isinstance(inner, Call) or inner.name not in ("extract", "date_part"):
        return None
    if inner.arguments[0] != Literal("epoch"):
        return None
    subject = uncast(inner.arguments[1])
    sides = [subject]
    if isinstance(subject, Operator) and subject.name == "-" and subject.left is not None:
        # Of a difference from a constant on the grid, or from a column that is put on the grid as well.
        sides = [side for side in (uncast(subject.left), uncast(subject.right)) if columns_of(side)]
    names = [side.name for side in sides if isinstance(side, ColumnRef)]
    known = all(reader.kind_of_column(name).name.startswith("timestamp") for name in names)
    if not names or len(names) != len(sides) or not known or (len(names) > 1 and remainder[0]):
        return None
    return Grid(tuple(names), step[0], remainder[0])


class Gap:
    """A computed column: another one, and a distance of `low` to `high` in steps."""

    def __init__(self, smaller: str, source: Kind, target: Kind, low: int, high: int, step: int) -> None:
        self.columns = frozenset((smaller,))
        self.kind = target
        self._smaller = smaller
        self._source = source
        self._step = step
        self._first = -(-low // step) * step
        self._count = max(1, (high - self._first) // step + 1)

    def evaluate(self, arrays: Mapping[str, pa.Array], length: int) -> pa.Array:
        """One value per row; NULL where the smaller one is."""
        vector = from_arrow(self._source, arrays[self._smaller])
        base = vector.data.astype(np.int64)
        moved: Any = base + self._first + bounded(draw(_KEY, base, 0), self._count) * self._step
        valid = vector.valid
        if self.kind.name in INTEGERS:
            moved = checked_integers(moved, self.kind.name)
            if isinstance(moved, Outcome):
                assert moved.failed is not None
                moved, valid = moved.data, conjoined((valid, ~moved.failed))
        return to_arrow(self.kind, Vector(moved, valid), length)


class SpanGap:
    """A computed interval: longer than another one by half an hour to six hours."""

    def __init__(self, smaller: str) -> None:
        self.columns = frozenset((smaller,))
        self._smaller = smaller

    def evaluate(self, arrays: Mapping[str, pa.Array], length: int) -> pa.Array:
        """One value per row; NULL where the smaller one is."""
        vector = from_arrow(INTERVAL, arrays[self._smaller])
        spans = vector.data
        chance = draw(_KEY, spans.months * 31 + spans.days + spans.micros, 0)
        longer = spans.micros + (1 + bounded(chance, _MOST_HALF_HOURS)) * 1800 * MICROS_PER_SECOND
        return to_arrow(INTERVAL, Vector(Spans(spans.months, spans.days, longer), vector.valid), length)


def gap_of(difference: Difference, reader: LeafReader, step: int | None = None) -> Gap | None:
    """The larger column computed from the smaller one; None unless the difference is bounded on both sides."""
    low, high = difference.low, difference.high
    if low is None or high is None or high < low:
        return None
    source, target = reader.kind_of_column(difference.smaller), reader.kind_of_column(difference.larger)
    step = step or difference.step
    if step is None:
        step = _usual_step(high - low) if source.name.startswith("timestamp") else 1
    if -(-low // step) * step > high:
        step = 1
    return Gap(difference.smaller, source, target, low, high, step)


def _usual_step(width: int) -> int:
    """Minutes over hours, seconds over minutes: times as people write them."""
    if width >= 3600 * MICROS_PER_SECOND:
        return 60 * MICROS_PER_SECOND
    return MICROS_PER_SECOND if width >= 60 * MICROS_PER_SECOND else 1
