"""Comparisons of every kind: =, <>, <, <=, >, >=, IS DISTINCT FROM, ANY and ALL.

Text is compared by code point, which is what the C collation does; the database's own collation is not known here.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.expressions.casts import cast, coerce
from app.generator.expressions.intervals import DAYS_PER_MONTH, MICROS_PER_DAY
from app.generator.expressions.kinds import (
    BOOL,
    DATES,
    FLOATS,
    INTEGERS,
    Kind,
    common_kind,
)
from app.generator.expressions.logic import all_of, any_of, is_null, negation
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import (
    Frame,
    Operand,
    absent,
    derived,
    fixed,
    lift,
    lift_scalar,
    settled,
    take_all,
)
from app.generator.expressions.sorting import EQUALITY_ONLY, sort_key
from app.generator.expressions.vectors import (
    Exact,
    Mask,
    Spans,
    Vector,
    as_bools,
    compute,
    conjoined,
    disjoined,
    from_arrow,
    length_of,
)

Test = Callable[[Any, Any], Any]

_NUMPY: dict[str, Test] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_ARROW: dict[str, Test] = {
    "=": pc.equal,
    "<>": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_PYTHON: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "<>": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}
COMPARISONS = frozenset(_NUMPY)
# Kinds that are compared as the bytes of their text.
_AS_TEXT = frozenset({"text", "varchar", "name", "char", "uuid"})


def compare(operator: str, left: Operand, right: Operand) -> Operand:
    """`left operator right`. Raises ExpressionUnknown for kinds that are not compared."""
    kind = common_kind([left.kind, right.kind], f"{operator}")
    a, b = coerce(left, kind), coerce(right, kind)
    name = kind.name
    if name in INTEGERS or name in DATES or name in ("bool", "time"):
        return lift(BOOL, lambda x, y: _compare_integers(operator, x, y), a, b)
    if name == "numeric":
        return lift(BOOL, lambda x, y: _compare_exact(operator, x, y), a, b)
    if name in FLOATS:
        return lift(BOOL, lambda x, y: _compare_floats(operator, x, y), a, b)
    if name == "interval":
        return lift(BOOL, lambda x, y: _compare_spans(operator, x, y), a, b)
    if name in _AS_TEXT or name == "bytea":
        return lift(BOOL, lambda x, y: as_bools(compute(_ARROW[operator], x, y)), a, b)
    if name == "bpchar":
        return lift(BOOL, lambda x, y: _compare_texts(operator, _unpadded(x), _unpadded(y)), a, b)
    if name == "citext":
        return lift(BOOL, lambda x, y: _compare_texts(operator, pc.utf8_lower(x), pc.utf8_lower(y)), a, b)
    if name == "enum":
        return lift(BOOL, lambda x, y: _compare_labels(operator, kind, x, y), a, b)
    key = sort_key(kind)
    if key is None or (operator not in ("=", "<>") and name in EQUALITY_ONLY):
        raise ExpressionUnknown(f"{operator} between values of type {kind}")
    test = _PYTHON[operator]
    return lift_scalar(BOOL, lambda x, y: test(key(x), key(y)), a, b)


def _same_width(left: Any, right: Any) -> tuple[Any, Any]:
    """A constant takes the width of the column it meets, if it fits: no copy of the column then."""
    if left.dtype == right.dtype or left.dtype == np.bool_ or right.dtype == np.bool_:
        return left, right
    if len(right) == 1 and right.dtype.kind == left.dtype.kind == "i":
        info = np.iinfo(left.dtype)
        if info.min <= right[0] <= info.max:
            return left, right.astype(left.dtype)
    elif len(left) == 1:
        right, left = _same_width(right, left)
    return left, right


def _compare_integers(operator: str, left: Any, right: Any) -> Mask:
    a, b = _same_width(left, right)
    found: Mask = _NUMPY[operator](a, b)
    return found


def _compare_exact(operator: str, left: Exact, right: Exact) -> Mask:
    scale = max(left.scale, right.scale)
    found = _NUMPY[operator](left.rescaled(scale), right.rescaled(scale))
    return np.asarray(found, dtype=np.bool_)


def _compare_floats(operator: str, left: Any, right: Any) -> Mask:
    found: Mask = _NUMPY[operator](left, right)
    left_nan, right_nan = np.isnan(left), np.isnan(right)
    if left_nan.any() or right_nan.any():
        # Postgres: NaN equals NaN and is larger than every other number.
        ranked = _NUMPY[operator](left_nan.astype(np.int8), right_nan.astype(np.int8))
        found = np.where(left_nan | right_nan, ranked, found)
    return found


def _compare_spans(operator: str, left: Spans, right: Spans) -> Mask:
    (a, b), (c, d) = _days_and_rest(left), _days_and_rest(right)
    if operator in ("=", "<>"):
        equal: Mask = (a == c) & (b == d)
        return equal if operator == "=" else ~equal
    found: Mask = _NUMPY[operator[0]](a, c) | ((a == c) & _NUMPY[operator](b, d))
    return found


def _days_and_rest(spans: Spans) -> tuple[Any, Any]:
    days = spans.months * DAYS_PER_MONTH + spans.days + spans.micros // MICROS_PER_DAY
    return days, spans.micros % MICROS_PER_DAY


def _compare_texts(operator: str, left: Any, right: Any) -> Mask:
    return as_bools(compute(_ARROW[operator], left, right))


def _unpadded(array: Any) -> Any:
    return pc.utf8_rtrim(array, characters=" ")


def _compare_labels(operator: str, kind: Kind, left: Any, right: Any) -> Mask:
    if operator in ("=", "<>"):
        return _compare_texts(operator, left, right)
    labels = pa.array(kind.labels, pa.string())
    ranks = [pc.fill_null(pc.index_in(side, value_set=labels), -1).to_numpy() for side in (left, right)]
    found: Mask = _NUMPY[operator](*ranks)
    return found


def distinct(left: Operand, right: Operand, negated: bool) -> Operand:
    """IS [NOT] DISTINCT FROM: like <> and =, with NULL as an ordinary value."""
    if left.is_null or right.is_null:
        other = right if left.is_null else left
        return is_null(other, not negated)
    equal = compare("=", left, right)

    def run(frame: Frame) -> Vector:
        result, a, b = equal.run(frame), left.run(frame), right.run(frame)
        same = result.data
        if a.valid is not None and b.valid is not None:
            same = same | (~a.valid & ~b.valid)
        failed = disjoined((result.failed, a.failed, b.failed))
        return settled(BOOL, same if negated else ~same, None, failed)

    return derived(BOOL, run, [left, right])


def quantified(operator: str, left: Operand, array: Operand, every: bool, apply: Callable[..., Operand]) -> Operand:
    """`left operator ANY (array)`, or ALL. `apply(operator, left, right)` compiles operators beside comparisons."""
    if array.kind.name == "unknown" and array.literal is not None:
        array = cast(array, Kind("array", left.kind.plain if left.kind.name != "unknown" else Kind("text")))
    if array.kind.name != "array" or array.kind.element is None:
        raise ExpressionUnknown(f"ANY or ALL of a value of type {array.kind}")
    element = array.kind.element
    if array.value is not None and not array.is_null:
        return _quantified_constants(operator, left, element, array.constant(), every, apply)
    slots = (
        Operand(left.kind, lambda f: f.column("left", left.kind)),
        Operand(element, lambda f: f.column("", element)),
    )
    test = _applied(operator, slots[0], slots[1], apply)

    def run(frame: Frame) -> Vector:
        return _quantified_lists(test, left.run(frame), array.run(frame), element, every)

    return derived(BOOL, run, [left, array])


def _applied(operator: str, left: Operand, right: Operand, apply: Callable[..., Operand]) -> Operand:
    return compare(operator, left, right) if operator in COMPARISONS else apply(operator, left, right)


def _quantified_constants(
    operator: str, left: Operand, element: Kind, values: list[Any], every: bool, apply: Callable[..., Operand]
) -> Operand:
    if not values:
        return fixed(BOOL, every)
    known = list(dict.fromkeys(v for v in values if v is not None)) if element.name != "array" else values
    membership = (operator, every) in (("=", False), ("<>", True))
    found: list[Operand] = []
    if membership and len(known) > 1 and _comparison_kind_name(left, element) in _AS_TEXT | {"enum"}:
        texts = pa.array(known, pa.string())
        kind = common_kind([left.kind, element], "ANY")
        inside = lift(BOOL, lambda x: as_bools(pc.is_in(x, value_set=texts)), coerce(left, kind))
        found.append(negation(inside) if every else inside)
    else:
        found.extend(_applied(operator, left, fixed(element, value), apply) for value in known)
    if len(known) < len(values) and any(value is None for value in values):
        found.append(absent(BOOL))
    if not found:
        return absent(BOOL, left.columns)
    return all_of(found) if every else any_of(found)


def _comparison_kind_name(left: Operand, element: Kind) -> str:
    try:
        return common_kind([left.kind, element], "ANY").name
    except ExpressionUnknown:
        return ""


def _quantified_lists(test: Operand, left: Vector, array: Vector, element: Kind, every: bool) -> Vector:
    lists = array.data
    size = max(len(lists), length_of(left.data))
    if len(lists) != size:
        lists = pa.chunked_array([lists] * size).combine_chunks()
    counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    owner = np.repeat(np.arange(size), counts)
    data = left.data if length_of(left.data) == 1 else take_all(left.data, owner)
    left_valid = left.valid if left.valid is None or len(left.valid) == 1 else left.valid[owner]
    inner = Frame({}, len(owner), {"left": Vector(data, left_valid), "": from_arrow(element, lists.flatten())})
    result = test.run(inner)
    hits = np.broadcast_to(result.data, len(owner))
    unknown = np.zeros(len(owner), np.bool_) if result.valid is None else ~np.broadcast_to(result.valid, len(owner))
    # ANY is decided by a true element, ALL by a false one; failing that, an unknown one makes it unknown.
    decisive = ~hits & ~unknown if every else hits
    decided = np.bincount(owner[decisive], minlength=size) > 0
    unsure = np.bincount(owner[unknown], minlength=size) > 0
    failed = None
    if result.failed is not None:
        failed = np.bincount(owner[np.broadcast_to(result.failed, len(owner))], minlength=size) > 0
    # An empty list decides even for a NULL on the left.
    valid = conjoined((array.valid, decided | ~unsure))
    return settled(BOOL, ~decided if every else decided, valid, disjoined((failed, left.failed, array.failed)))
