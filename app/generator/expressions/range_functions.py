"""Functions and operators of ranges and multiranges, evaluated once per distinct combination."""

from collections.abc import Callable, Sequence
from typing import Any

from app.generator.expressions.casts import cast, coerce
from app.generator.expressions.kinds import BOOL, TEXT, Kind
from app.generator.expressions.logic import coalesce
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Operand, fixed, lift_scalar
from app.generator.expressions.ranges import (
    Range,
    adjacent,
    before,
    contains,
    has_value,
    intersection,
    lower_key,
    make_range,
    overlaps,
    range_of,
    ranges_of,
    upper_key,
    write_range,
)
from app.generator.expressions.text_forms import read_text, write_text

RANGES = frozenset({"range", "multirange"})
_CONSTRUCTORS = {
    "int4range": "int4",
    "int8range": "int8",
    "numrange": "numeric",
    "daterange": "date",
    "tsrange": "timestamp",
    "tstzrange": "timestamptz",
}


def _subtype(kind: Kind) -> Kind:
    element = kind.element
    assert element is not None
    if kind.name == "range":
        return element
    assert element.element is not None
    return element.element


def _reader(kind: Kind) -> Callable[[str], tuple[Range, ...]]:
    subtype = _subtype(kind)
    if kind.name == "range":
        return lambda text: (range_of(text, subtype),)
    return lambda text: ranges_of(text, subtype)


def operator(name: str, left: Operand, right: Operand) -> Operand | None:
    """An operator on ranges; None for any other."""
    kinds = [operand.kind for operand in (left, right) if operand.kind.name in RANGES]
    if not kinds:
        return None
    if name == "@>" and right.kind.name not in RANGES | {"unknown"}:
        return _has(left, right)
    if name == "<@" and left.kind.name not in RANGES | {"unknown"}:
        return _has(right, left)
    if name == "<@":
        name, left, right = "@>", right, left
    if name == "*":
        return _intersection(left, right, kinds[0])
    test = _TESTS.get(name)
    if test is None:
        return None
    a, b = (operand if operand.kind.name in RANGES else coerce(operand, kinds[0]) for operand in (left, right))
    read_a, read_b = _reader(a.kind), _reader(b.kind)
    return lift_scalar(BOOL, lambda x, y: test(read_a(x), read_b(y)), a, b)


def _has(outer: Operand, value: Operand) -> Operand:
    read, subtype = _reader(outer.kind), _subtype(outer.kind)
    typed = coerce(value, subtype)
    return lift_scalar(BOOL, lambda text, item: any(has_value(part, item) for part in read(text)), outer, typed)


Parts = tuple[Range, ...]


def _filled(parts: Parts) -> Parts:
    return tuple(part for part in parts if not part.empty)


def _contains(left: Parts, right: Parts) -> bool:
    return all(any(contains(outer, inner) for outer in left) for inner in _filled(right))


def _overlap(left: Parts, right: Parts) -> bool:
    return any(overlaps(a, b) for a in left for b in right)


def _before(left: Parts, right: Parts) -> bool:
    a, b = _filled(left), _filled(right)
    return bool(a) and bool(b) and before(a[-1], b[0])


def _adjacent(left: Parts, right: Parts) -> bool:
    a, b = _filled(left), _filled(right)
    return bool(a) and bool(b) and (adjacent(a[-1], b[0]) or adjacent(a[0], b[-1]))


def _not_right_of(left: Parts, right: Parts) -> bool:
    a, b = _filled(left), _filled(right)
    return bool(a) and bool(b) and upper_key(a[-1]) <= upper_key(b[-1])


def _not_left_of(left: Parts, right: Parts) -> bool:
    a, b = _filled(left), _filled(right)
    return bool(a) and bool(b) and lower_key(a[0]) >= lower_key(b[0])


_TESTS: dict[str, Callable[[Parts, Parts], bool]] = {
    "@>": _contains,
    "&&": _overlap,
    "<<": _before,
    ">>": lambda a, b: _before(b, a),
    "-|-": _adjacent,
    "&<": _not_right_of,
    "&>": _not_left_of,
}


def _intersection(left: Operand, right: Operand, kind: Kind) -> Operand:
    if kind.name != "range":
        raise ExpressionUnknown("an intersection of multiranges")
    a, b = coerce(left, kind), coerce(right, kind)
    subtype = _subtype(kind)

    def meet(x: str, y: str) -> str:
        return _written(intersection(range_of(x, subtype), range_of(y, subtype), subtype), subtype)

    return lift_scalar(kind, meet, a, b)


def _written(item: Range, subtype: Kind) -> str:
    return write_range(item, lambda value: write_text(value, subtype))


def _bound(upper: bool) -> Callable[[Sequence[Operand]], Operand]:
    def build(arguments: Sequence[Operand]) -> Operand:
        (value,) = arguments
        read = _reader(value.kind)

        def bound(text: str) -> Any:
            parts = _filled(read(text))
            return None if not parts else parts[-1].high if upper else parts[0].low

        return lift_scalar(_subtype(value.kind), bound, value)

    return build


def _asked(question: Callable[[Parts], bool]) -> Callable[[Sequence[Operand]], Operand]:
    def build(arguments: Sequence[Operand]) -> Operand:
        (value,) = arguments
        if value.kind.name not in RANGES:
            raise ExpressionUnknown(f"a value of type {value.kind} where a range is expected")
        read = _reader(value.kind)
        return lift_scalar(BOOL, lambda text: question(_filled(read(text))), value)

    return build


def _constructor(subtype: Kind) -> Callable[[Sequence[Operand]], Operand]:
    kind = Kind("range", subtype)

    def build(arguments: Sequence[Operand]) -> Operand:
        if not 2 <= len(arguments) <= 3:
            raise ExpressionUnknown("a range constructor with so many arguments")
        # NULL is "unbounded" here, so the bounds travel as text, where something else can stand for NULL.
        texts = [coalesce(TEXT, [cast(coerce(a, subtype), TEXT), fixed(TEXT, "")]) for a in arguments[:2]]
        bounds = cast(arguments[2], TEXT) if len(arguments) > 2 else fixed(TEXT, "[)")

        def make(low: str, high: str, brackets: str) -> str:
            a = read_text(low, subtype) if low else None
            b = read_text(high, subtype) if high else None
            return _written(make_range(a, b, brackets[0] == "[", brackets[1] == "]", subtype), subtype)

        return lift_scalar(kind, make, *texts, bounds)

    return build


# These names belong to text and arrays too: the compiler looks here when an argument is a range.
ON_RANGES: dict[str, Callable[[Sequence[Operand]], Operand]] = {
    "lower": _bound(upper=False),
    "upper": _bound(upper=True),
    "isempty": _asked(lambda parts: not parts),
    "lower_inc": _asked(lambda parts: bool(parts) and parts[0].low_inclusive),
    "upper_inc": _asked(lambda parts: bool(parts) and parts[-1].high_inclusive),
    "lower_inf": _asked(lambda parts: bool(parts) and parts[0].low is None),
    "upper_inf": _asked(lambda parts: bool(parts) and parts[-1].high is None),
}

FUNCTIONS: dict[str, Callable[[Sequence[Operand]], Operand]] = {
    name: _constructor(Kind(subtype)) for name, subtype in _CONSTRUCTORS.items()
}
