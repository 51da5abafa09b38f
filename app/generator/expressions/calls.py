"""Functions of a column compared with a constant: length(x) <= 10, date_part('year', x) >= 2000."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from app.generator.domain import Domain, Pattern
from app.generator.expressions.bounds import comparison_domain
from app.generator.expressions.calendar import calendar_values, part_range
from app.generator.expressions.compiler import reads_clock
from app.generator.expressions.evaluate import HORIZON
from app.generator.expressions.findings import (
    Finding,
    as_array,
    as_document,
    as_text,
    both,
    column_of,
    exact_number,
    together,
    uncast,
    whole_bounds,
)
from app.generator.expressions.intervals import MICROS_PER_DAY
from app.generator.expressions.keyed import may_be_document
from app.generator.expressions.kinds import DATES, INTEGERS, STRINGS, Kind
from app.generator.expressions.like import quoted
from app.generator.expressions.moments import add_months, micros_of
from app.generator.expressions.nodes import Call, ColumnRef, columns_of
from app.generator.expressions.normal import MIRRORED
from app.generator.expressions.path_queries import below, ending_in, with_levels
from app.generator.expressions.subnets import family_compared, mask_compared
from app.generator.expressions.sums import remainder
from app.generator.expressions.text_parts import TRIMS, split_into

if TYPE_CHECKING:
    from app.generator.expressions.leaves import LeafReader

_MOST_DIMENSIONS = 6
_SHAPE = re.compile(r"(\[1:\d{1,4}\]){1,6}")
_LENGTHS = frozenset({"length", "char_length", "character_length"})


def _length_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    exact = exact_number(value)
    argument = expr.arguments[0]
    if exact is None or len(expr.arguments) != 1:
        return None
    inner = as_text(argument)
    if isinstance(inner, Call) and inner.name in TRIMS | {"lower", "upper"} and len(inner.arguments) == 1:
        found = _length_compared(reader, operator, Call(expr.name, inner.arguments), kind, value)
        if found is None or inner.name in ("lower", "upper"):
            return found
        if found.domain.min_length == 1 and found.domain.max_length is None:
            return found.narrowed(domain=replace(found.domain, min_length=1, not_blank=True))
        return found.narrowed(domain=replace(found.domain, trimmed=True), needed=False)
    column = column_of(inner)
    if column is None:
        return None
    own = reader.kind(ColumnRef(column))
    if own.name in INTEGERS and operator in ("=", "<=", "<", ">=", ">"):
        return _digits(reader, operator, column, exact)
    if own.name not in STRINGS and own.name not in ("bytea", "bit", "varbit"):
        return None
    low, high = whole_bounds(operator, exact)
    if operator == "<>":
        if exact == 0:
            low = 1
        else:
            return None
    if expr.name == "octet_length" or own.name == "bytea":
        return Finding(column, Domain(min_bytes=low, max_bytes=high))
    # The blanks at the end of char(n) do not count.
    return Finding(column, Domain(min_length=low, max_length=high, trimmed=own.name == "bpchar" and bool(low)))


def _digits(reader: "LeafReader", operator: str, column: str, size: Decimal) -> Finding | None:
    """length(x::text) of an integer: the numbers that are not negative serve."""
    low, high = whole_bounds(operator, size)
    least = 0 if low is None or low <= 1 else 10 ** (low - 1)
    most = None if high is None else 10**high - 1
    return Finding(column, Domain(low=least, high=most), needed=False)


def _stored_size(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """pg_column_size: a text takes its bytes and a header, a document at most about twice its text."""
    column, exact = column_of(expr.arguments[0]), exact_number(value)
    if column is None or exact is None or operator not in ("<", "<=") or exact < 32:
        return None
    return Finding(column, Domain(max_bytes=(int(exact) - 16) // 2), needed=False)


def _absolute(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    exact = exact_number(value)
    if exact is None or operator not in ("<", "<="):
        return None
    low = reader.compared(MIRRORED[operator], expr.arguments[0], Kind("numeric"), -exact)
    high = reader.compared(operator, expr.arguments[0], Kind("numeric"), exact)
    return both(low, high)


def _modulo_call(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    return remainder(reader, operator, expr.arguments[0], expr.arguments[1], value)


def _cased(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """lower(x) = 'abc'; lower and upper of a range are its bounds."""
    argument = expr.arguments[0]
    own = reader.kind(argument)
    if own.name == "range":
        return _bound_compared(reader, operator, expr, kind, value)
    change = str.lower if expr.name == "lower" else str.upper
    if own.name not in STRINGS or not isinstance(value, str):
        return None
    if operator == "=" and change(value) != value:
        return Finding(next(iter(columns_of(expr))), Domain(values=()))
    found = reader.compared(operator, argument, kind, value) if operator in ("=", "<>") else None
    if found is None:
        return None
    return found.narrowed(enough=operator == "=", needed=operator == "<>" and not value)


def _bound_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    column = column_of(expr.arguments[0])
    own = reader.kind(expr.arguments[0]).element
    if column is None or own is None:
        return None
    domain = comparison_domain(operator, own, value, kind)
    if domain is None or operator in ("=", "<>"):
        return None
    # Both bounds are kept within: more than is asked, and always enough.
    return Finding(column, Domain(element=domain, range_bounded=True, range_not_empty=True), enough=False, needed=False)


def _trimmed(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    if operator == "<>" and value == "":
        found = reader.compared("<>", expr.arguments[0], kind, value)
        if found is None or len(expr.arguments) != 1:
            return found.narrowed(enough=False, needed=False) if found else None
        return found.narrowed(domain=replace(found.domain, not_blank=True, min_length=1))
    if operator == "=" and value == str(value).strip():
        found = reader.compared("=", expr.arguments[0], kind, value)
        return found.narrowed(needed=False) if found else None
    return None


def _part_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """date_part('year', d) >= 2000, extract(isodow from d) = 1, date_part('year', age(d)) >= 18."""
    of_age = uncast(expr.arguments[1])
    if isinstance(of_age, Call) and of_age.name == "age" and reader.text(expr.arguments[0]) in ("year", "years"):
        years = exact_number(value)
        if years is None or operator in ("=", "<>"):
            return None
        # Whole years: more than 17 is at least 18.
        whole = int(years) + (operator in (">", "<="))
        return _age_in_months(reader, operator[0] == ">", of_age, 12 * whole)
    field, column, exact = reader.text(expr.arguments[0]), column_of(uncast(expr.arguments[1])), exact_number(value)
    if field is None or column is None or exact is None or exact != int(exact):
        return None
    own = reader.kind(ColumnRef(column))
    if own.name not in DATES:
        return None
    span = part_range(field.lower(), operator, int(exact))
    if span is not None:
        low, high = span
        parts = [Finding(column, Domain())]
        if low is not None:
            parts.append(Finding(column, comparison_domain(">=", own, low, Kind("date")) or Domain()))
        if high is not None:
            parts.append(Finding(column, comparison_domain("<", own, high, Kind("date")) or Domain()))
        return together(parts)
    chosen = calendar_values(field.lower(), {int(exact)}, own.name, reader.reference) if operator == "=" else None
    return None if chosen is None else Finding(column, Domain(values=chosen), needed=False)


def _age_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """age(d) >= '18 years'."""
    if kind.name != "interval" or operator in ("=", "<>") or not value[0]:
        return None
    return _age_in_months(reader, operator[0] == ">", expr, value[0])


def _age_in_months(reader: "LeafReader", at_least: bool, age: Call, months: int) -> Finding | None:
    """Older than so many months, at load time too; or younger, then still."""
    column = column_of(uncast(age.arguments[-1]))
    now = len(age.arguments) == 1 or reads_clock(age.arguments[0])
    if column is None or not now or reader.kind_of_column(column).name not in DATES:
        return None
    moment = reader.reference if at_least else reader.reference + HORIZON
    today = np.array([micros_of(moment) // MICROS_PER_DAY], dtype=np.int64)
    day = int(add_months(today, -months)[0])
    own = reader.kind_of_column(column)
    domain = comparison_domain("<=" if at_least else ">", own, day, Kind("date"))
    return None if domain is None else Finding(column, domain, enough=False, needed=False)


def _type_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    column = column_of(as_document(expr.arguments[0]))
    if column is None or operator not in ("=", "<>") or not may_be_document(reader, column):
        return None
    known = ("object", "array", "string", "number", "boolean", "null")
    allowed = (str(value),) if operator == "=" else tuple(name for name in known if name != value)
    # A text is cast first, which any document allows but no other text.
    return Finding(column, Domain(json_types=allowed), enough=reader.kind_of_column(column).name not in STRINGS)


def _items_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    column, exact = column_of(as_array(expr.arguments[0])), exact_number(value)
    if column is None and len(expr.arguments) in (1, 2):
        return split_into(reader, operator, expr.arguments[0], value)
    if column is None or exact is None:
        return None
    own = reader.kind(ColumnRef(column))
    if own.name == "nested_array" and len(expr.arguments) == 2:
        return _size_compared(operator, column, reader.number(expr.arguments[1]), exact)
    if own.name != "array":
        return None
    if len(expr.arguments) > 1 and reader.number(expr.arguments[1]) != 1:
        return None
    low, high = whole_bounds(operator, exact)
    if operator == "<>":
        low, high = (1, None) if exact == 0 else (None, None)
    # The length of an empty array is NULL, which passes.
    lenient = expr.name != "cardinality" and (low or 0) > 0
    return Finding(column, Domain(min_items=low, max_items=high), needed=not lenient, enough=operator != "<>")


_NATURAL_SIZE = 2


def _size_compared(operator: str, column: str, dimension: int | Decimal | None, exact: Decimal) -> Finding | None:
    """array_length(x, 2) = 3 of an array of several dimensions: one of the sizes that will do."""
    low, high = whole_bounds(operator, exact)
    if dimension is None or not 1 <= dimension <= _MOST_DIMENSIONS or (low is None and high is None):
        return None
    size = low if low else min(_NATURAL_SIZE, high if high is not None else _NATURAL_SIZE)
    sizes = (0,) * (int(dimension) - 1) + (size,)
    return Finding(column, Domain(nullable=True, sizes=sizes), enough=False, needed=False)


def _shape_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """array_dims(x) = '[1:3][1:3]'."""
    column = column_of(as_array(expr.arguments[0]))
    if column is None or operator != "=" or not _SHAPE.fullmatch(str(value)):
        return None
    sizes = tuple(int(size) for size in re.findall(r":(\d+)", str(value)))
    if reader.kind(ColumnRef(column)).name == "nested_array":
        return Finding(column, Domain(sizes=sizes), enough=False, needed=False)
    return Finding(column, Domain(min_items=sizes[0], max_items=sizes[0])) if len(sizes) == 1 else None


def _prefix_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """left(x, 2) = 'ab', substr(x, 1, 2) = 'ab', right(x, 3) = 'xyz'."""
    column, text = column_of(as_text(expr.arguments[0])), str(value)
    sizes = [reader.number(argument) for argument in expr.arguments[1:]]
    if column is None or operator != "=" or any(size is None for size in sizes):
        return None
    start = sizes[0] if expr.name in ("substr", "substring") else 1
    count = sizes[-1] if expr.name in ("left", "right") or len(sizes) > 1 else None
    if start != 1 or count != len(text):
        return None
    body = "".join(map(quoted, text))
    regex = body + "$" if expr.name == "right" else "^" + body
    return Finding(column, Domain(patterns=(Pattern(regex),)), enough=False)


def _position_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """position('@' in x) > 0."""
    column, part, exact = column_of(as_text(expr.arguments[0])), reader.text(expr.arguments[1]), exact_number(value)
    if column is None or not part or exact is None:
        return None
    found = (operator, int(exact)) in ((">", 0), (">=", 1), ("<>", 0))
    absent = (operator, int(exact)) in (("=", 0), ("<", 1), ("<=", 0))
    if not (found or absent):
        return None
    body = "".join(map(quoted, part))
    return Finding(column, Domain(patterns=(Pattern(body, negated=absent),)), enough=False)


def _truncated_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """date_trunc('day', t) <= '2020-01-01': close to a range, and tested."""
    found = reader.compared(operator, expr.arguments[1], kind, value) if operator in (">", ">=", "<") else None
    return found.narrowed(enough=False, needed=False) if found else None


def _levels_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """nlevel(path) = 3."""
    column, exact = column_of(uncast(expr.arguments[0])), exact_number(value)
    low, high = whole_bounds(operator, exact) if exact is not None else (None, None)
    if column is None or (low is None and high is None) or reader.kind_of_column(column).name != "ltree":
        return None
    if high is not None and high < max(low or 1, 1):
        return None
    pattern = Pattern(with_levels(low or 1, high))
    return Finding(column, Domain(patterns=(pattern,)), enough=False)


def _subpath_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """subpath(path, 0, 1) = 'top', subpath(path, -1, 1) = 'leaf'."""
    column = column_of(uncast(expr.arguments[0]))
    numbers = [reader.number(argument) for argument in expr.arguments[1:]]
    size = len(str(value).split("."))
    if column is None or operator != "=" or reader.kind_of_column(column).name != "ltree":
        return None
    if numbers == [0, size]:
        pattern = below(str(value))
    elif expr.name == "subpath" and numbers in ([-size], [-size, size]):
        pattern = ending_in(str(value))
    else:
        return None
    return Finding(column, Domain(patterns=(Pattern(pattern),)), enough=False)


def _digits_compared(reader: "LeafReader", operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
    """scale(trim_scale(x)) <= 2, min_scale(x) <= 2: the digits that a number needs."""
    inner = uncast(expr.arguments[0])
    if expr.name == "scale":
        if not isinstance(inner, Call) or inner.name != "trim_scale":
            return None
        inner = uncast(inner.arguments[0])
    column = column_of(inner)
    most = whole_bounds(operator, Decimal(value))[1] if isinstance(value, int | Decimal) else None
    if column is None or most is None or most < 0:
        return None
    unit: Decimal | int = Decimal(1).scaleb(-most) if most else 1
    return Finding(column, Domain(multiple_of=unit), enough=operator != "=", needed=operator != "=")


Handler = Callable[["LeafReader", str, Call, Kind, Any], Finding | None]

HANDLERS: dict[str, Handler] = {
    **dict.fromkeys((*_LENGTHS, "octet_length"), _length_compared),
    **dict.fromkeys(TRIMS, _trimmed),
    **dict.fromkeys(("lower", "upper"), _cased),
    **dict.fromkeys(("extract", "date_part"), _part_compared),
    **dict.fromkeys(("jsonb_typeof", "json_typeof"), _type_compared),
    **dict.fromkeys(("array_length", "array_upper", "cardinality"), _items_compared),
    **dict.fromkeys(("left", "right", "substr", "substring"), _prefix_compared),
    **dict.fromkeys(("position", "strpos"), _position_compared),
    "array_dims": _shape_compared,
    "family": family_compared,
    "masklen": mask_compared,
    "abs": _absolute,
    "age": _age_compared,
    "mod": _modulo_call,
    "date_trunc": _truncated_compared,
    "pg_column_size": _stored_size,
    "nlevel": _levels_compared,
    **dict.fromkeys(("subpath", "subltree"), _subpath_compared),
    **dict.fromkeys(("scale", "min_scale"), _digits_compared),
}
