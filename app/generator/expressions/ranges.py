"""Range values: read from text with bounds in their Python forms, compared and asked as Postgres does."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.generator.expressions.kinds import Kind
from app.generator.expressions.literals import RangeText, read_multirange, read_range
from app.generator.expressions.text_forms import read_text

_DISCRETE = frozenset({"int4", "int8", "date"})


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds in Python form, None for unbounded. Of discrete kinds the canonical form: low in, high out."""

    low: Any
    high: Any
    low_inclusive: bool
    high_inclusive: bool
    empty: bool = False


EMPTY = Range(None, None, False, False, empty=True)


@lru_cache(maxsize=16384)
def range_of(text: str, subtype: Kind) -> Range:
    """A range from its text. Raises Fails, or ValueError for text that is none."""
    return _made(read_range(text), subtype)


@lru_cache(maxsize=4096)
def ranges_of(text: str, subtype: Kind) -> tuple[Range, ...]:
    """The ranges of a multirange, joined where they touch, in order."""
    found = [_made(part, subtype) for part in read_multirange(text)]
    return normalised([item for item in found if not item.empty])


def _made(text: RangeText, subtype: Kind) -> Range:
    if text.empty:
        return EMPTY
    low = None if text.low is None else read_text(text.low, subtype)
    high = None if text.high is None else read_text(text.high, subtype)
    return make_range(low, high, text.low_inclusive, text.high_inclusive, subtype)


def make_range(low: Any, high: Any, low_inclusive: bool, high_inclusive: bool, subtype: Kind) -> Range:
    """A range in canonical form. Raises ValueError when low is above high."""
    low_inclusive, high_inclusive = low_inclusive and low is not None, high_inclusive and high is not None
    if low is not None and high is not None and low > high:
        raise ValueError("range lower bound must be less than or equal to range upper bound")
    if low is not None and high is not None and low == high and not (low_inclusive and high_inclusive):
        return EMPTY
    if subtype.name in _DISCRETE:
        if low is not None and not low_inclusive:
            low, low_inclusive = low + 1, True
        if high is not None and high_inclusive:
            high, high_inclusive = high + 1, False
        if low is not None and high is not None and low >= high:
            return EMPTY
    return Range(low, high, low_inclusive, high_inclusive)


# A bound as a key that orders: (0 minus infinity, 1 value, 2 infinity), the value, and which side of it.
_Bound = tuple[int, Any, int]


def lower_key(item: Range) -> _Bound:
    """Where the range begins: an exclusive bound lies just above its value."""
    return (0, 0, 0) if item.low is None else (1, item.low, 0 if item.low_inclusive else 1)


def upper_key(item: Range) -> _Bound:
    """Where the range ends: an exclusive bound lies just below its value."""
    return (2, 0, 0) if item.high is None else (1, item.high, 0 if item.high_inclusive else -1)


def range_key(item: Range) -> tuple[Any, ...]:
    """What ranges are ordered by: an empty one first, then by lower, then by upper bound."""
    return (0,) if item.empty else (1, lower_key(item), upper_key(item))


def has_value(item: Range, value: Any) -> bool:
    """`range @> value`."""
    point = (1, value, 0)
    return not item.empty and lower_key(item) <= point <= upper_key(item)


def contains(outer: Range, inner: Range) -> bool:
    """`outer @> inner`."""
    if inner.empty:
        return True
    return not outer.empty and lower_key(outer) <= lower_key(inner) and upper_key(inner) <= upper_key(outer)


def overlaps(left: Range, right: Range) -> bool:
    """`left && right`."""
    if left.empty or right.empty:
        return False
    return lower_key(left) <= upper_key(right) and lower_key(right) <= upper_key(left)


def before(left: Range, right: Range) -> bool:
    """`left << right`."""
    return not left.empty and not right.empty and upper_key(left) < lower_key(right)


def adjacent(left: Range, right: Range) -> bool:
    """`left -|- right`."""
    if left.empty or right.empty:
        return False
    return _touch(left, right) or _touch(right, left)


def _touch(left: Range, right: Range) -> bool:
    return (
        left.high is not None
        and right.low is not None
        and bool(left.high == right.low)
        and left.high_inclusive != right.low_inclusive
    )


def intersection(left: Range, right: Range, subtype: Kind) -> Range:
    """`left * right`."""
    if not overlaps(left, right):
        return EMPTY
    low = max(left, right, key=lower_key)
    high = min(left, right, key=upper_key)
    return make_range(low.low, high.high, low.low_inclusive, high.high_inclusive, subtype)


def normalised(items: list[Range]) -> tuple[Range, ...]:
    """Joined where they overlap or touch, in order: a multirange's canonical form."""
    found: list[Range] = []
    for item in sorted(items, key=range_key):
        if found and (overlaps(found[-1], item) or _touch(found[-1], item)):
            last = max(found[-1], item, key=upper_key)
            found[-1] = Range(found[-1].low, last.high, found[-1].low_inclusive, last.high_inclusive)
        else:
            found.append(item)
    return tuple(found)


def write_range(item: Range, write: Callable[[Any], str]) -> str:
    """The text of a range, bounds written by `write`."""
    if item.empty:
        return "empty"
    low, high = ("" if bound is None else _bound_text(write(bound)) for bound in (item.low, item.high))
    return f"{'[' if item.low_inclusive else '('}{low},{high}{']' if item.high_inclusive else ')'}"


def _bound_text(text: str) -> str:
    if text and not any(char in ' ,()[]"\\' for char in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '""') + '"'
