"""Values that a check shapes after other columns: `path LIKE parent || '.%'`, `extract(year FROM starts) = year`.

Two texts drawn apart never agree like that. So the one that is free is drawn, and then poured into the mold.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal as OneOf

from app.generator.expressions.evaluate import ValueExpr, compile_value
from app.generator.expressions.findings import as_text, column_of, uncast
from app.generator.expressions.kinds import DATES, STRINGS, Kind, kind_of
from app.generator.expressions.nodes import (
    Call,
    Cast,
    ColumnRef,
    Compare,
    Expr,
    ExpressionUnknown,
    Literal,
    Operator,
    Subscript,
    columns_of,
)
from app.generator.snapshot.model import Column, TypeRef
from app.generator.types import TypeCatalog

Form = OneOf[
    "like", "regex", "text", "year", "month", "day", "of year", "of month", "of day", "second", "within", "inside",
    "first", "last", "year from", "year to",
]  # fmt: skip
_TEXTS = frozenset({"like", "regex", "text"})
_TEXT_KINDS = STRINGS | {"ltree"}
_ARRAYS, _ITEMS = frozenset({"array"}), frozenset({"first", "last"})
_ADDRESSES = frozenset({"inet"})
TEXT = TypeRef("pg_catalog", "text")
_INT, _DATE = TypeRef("pg_catalog", "int8"), TypeRef("pg_catalog", "date")
_FIELDS: Mapping[str, Form] = {"year": "year", "month": "month", "day": "day"}
_SPANS: Mapping[str, Form] = {"year": "of year", "month": "of month", "day": "of day"}
_LIKE = frozenset({"~~", "~~*"})
_REGEX = frozenset({"~", "~*"})
_MOST = 64


@dataclass(frozen=True, slots=True)
class Mold:
    """What a check asks of a column, as a pattern that other columns give.

    A `like` or `regex` pattern, or a plain `text` that stands behind `before` characters of any kind, with the LIKE
    pattern `behind` after it. Of a day its `year`, `month` or `day`, or another day whose year, month or day it is of;
    of a moment another one from which it is whole seconds away (`second`); of an address the network it is `within`,
    and of a range, or several, the range that it is `inside` of.
    `instead` is the column that could be computed of this one by the same check.
    """

    check: str
    column: str
    value: ValueExpr
    form: Form
    before: str = ""
    behind: str = ""
    ignore_case: bool = False
    instead: str | None = None

    @property
    def of_text(self) -> bool:
        """Whether it is a text that is shaped, rather than a day or an address."""
        return self.form in _TEXTS

    @property
    def of_day(self) -> bool:
        """Whether it is a day that is shaped after what a key gives."""
        return not self.of_text and self.form not in ("first", "last", "second", "within", "inside")


def molds_of(
    check: str, expr: Expr, columns: Mapping[str, Column], types: TypeCatalog, reference: datetime
) -> Iterator[Mold]:
    """The ways to keep a condition by shaping one of its columns after others; none for any other condition."""
    readings = list(_readings(expr))
    declared = {name: column.type for name, column in columns.items()} if readings else {}
    for column, pattern, form, before, behind, ignore_case in readings:
        declaration = columns.get(column)
        names = columns_of(pattern)
        if declaration is None or declaration.generated is not None or not names or column in names:
            continue
        kind = kind_of(declaration.type, types)
        held = _TEXT_KINDS if form in _TEXTS else _ADDRESSES if form == "within" else DATES
        held = _ARRAYS if form in _ITEMS else held
        if kind.name not in held if form != "inside" else not _fits(kind, kind_of(declared[min(names)], types)):
            continue
        target = TEXT if form in _TEXTS or form == "within" else _INT if form.startswith(tuple(_FIELDS)) else _DATE
        if form in _ITEMS:
            target = replace(declaration.type, array_dims=0)
        target = declaration.type if form == "second" else declared[min(names)] if form == "inside" else target
        try:
            value = compile_value(Cast(pattern, target), declared, types, reference, target=target)
        except ExpressionUnknown:
            continue
        yield Mold(check, column, value, form, before, behind, ignore_case)


def _fits(kind: Kind, outer: Kind) -> bool:
    """Whether what is of that kind may be a part of a range, or of several."""
    return outer.name == "range" and kind in (outer, Kind("multirange", outer))


_Reading = tuple[str, Expr, Form, str, str, bool]


def _readings(expr: Expr) -> Iterator[_Reading]:
    if isinstance(expr, Operator) and expr.left is not None:
        column = column_of(as_text(expr.left))
        if column is not None and expr.name in _LIKE:
            yield column, expr.right, "like", "", "", expr.name.endswith("*")
        elif column is not None and expr.name in _REGEX:
            yield column, expr.right, "regex", "", "", expr.name.endswith("*")
        elif column is not None and expr.name == "^@":
            yield column, expr.right, "text", "", "%", False
        if expr.name in ("<@", "@>"):
            below, above = (expr.left, expr.right) if expr.name == "<@" else (expr.right, expr.left)
            if isinstance(uncast(below), ColumnRef):
                yield str(column_of(uncast(below))), above, "text", "", ".%", False
        inner, outer = (expr.left, expr.right) if expr.name in ("<<", "<<=") else (expr.right, expr.left)
        address = column_of(uncast(inner)) if expr.name in ("<<", "<<=", ">>", ">>=") else None
        if address is not None:
            yield address, outer, "within", "", "", False
        inner, outer = (expr.left, expr.right) if expr.name == "<@" else (expr.right, expr.left)
        if expr.name in ("<@", "@>") and isinstance(inner, ColumnRef) and isinstance(outer, ColumnRef):
            yield inner.name, outer, "inside", "", "", False
    elif isinstance(expr, Call) and expr.name == "starts_with" and len(expr.arguments) == 2:
        column = column_of(as_text(expr.arguments[0]))
        if column is not None:
            yield column, expr.arguments[1], "text", "", "%", False
    elif isinstance(expr, Compare) and expr.operator == "=":
        for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
            part = as_text(side)
            if isinstance(part, Call):
                yield from _parts(part, other)
            yield from _days(side, other)
            yield from _items(side, other)
    elif isinstance(expr, Compare) and expr.operator in (">=", "<="):
        turned: Mapping[str, Form] = {">=": "year from", "<=": "year to"}
        for column, other, form, before, behind, fold in _days(expr.left, expr.right):
            if form == "year":
                yield column, other, turned[expr.operator], before, behind, fold
    if isinstance(expr, Compare) and expr.operator in ("=", ">", ">="):
        yield from _found_in(expr)


def _parts(part: Call, other: Expr) -> Iterator[_Reading]:
    """left(x, 2) = y, right(x, 2) = y, substr(x, 5, 2) = y, split_part(x, '-', 1) = y, subpath(x, -1, 1) = y."""
    column = column_of(as_text(part.arguments[0])) if part.arguments else None
    numbers = [_number(argument) for argument in part.arguments[1:]]
    if column is None:
        return
    if part.name == "left" and len(numbers) == 1:
        yield column, other, "text", "", "%", False
    elif part.name == "right" and len(numbers) == 1:
        yield column, other, "text", "%", "", False
    elif part.name in ("substr", "substring") and numbers and (start := numbers[0]) is not None and 0 < start < _MOST:
        yield column, other, "text", "_" * (start - 1), "%" if len(numbers) > 1 else "", False
    elif part.name in ("subpath", "subltree") and numbers and numbers[0] == 0:
        yield column, other, "text", "", ".%", False
    elif part.name == "subpath" and numbers and numbers[0] == -1:
        yield column, Operator("||", Literal("."), Cast(other, TEXT)), "text", "%", "", False
    elif part.name == "split_part" and len(numbers) == 2 and numbers[1] == 1:
        separator = _text(part.arguments[1])
        if separator:
            yield column, other, "text", "", escaped(separator) + "%", False


def _days(side: Expr, other: Expr) -> Iterator[_Reading]:
    """extract(year FROM d) = y, date_trunc('month', d)::date = m, t::date = d."""
    part = uncast(side)
    if isinstance(part, Call) and len(part.arguments) == 2 and isinstance(part.arguments[0], Literal):
        column, field = column_of(uncast(part.arguments[1])), str(part.arguments[0].value).lower()
        forms = _FIELDS if part.name in ("extract", "date_part") else _SPANS if part.name == "date_trunc" else {}
        if column is not None and field in forms:
            yield column, other, forms[field], "", "", False
        elif field == "epoch":
            yield from _seconds(uncast(part.arguments[1]))
    elif isinstance(side, Cast) and side.type.name == "date" and (column := column_of(part)) is not None:
        yield column, other, "of day", "", "", False


def _items(side: Expr, other: Expr) -> Iterator[_Reading]:
    """stops[1] = x, path[array_upper(path, 1)] = x."""
    if isinstance(side, Subscript) and isinstance(side.argument, ColumnRef):
        index = uncast(side.index)
        last = isinstance(index, Call) and index.name in ("array_upper", "array_length", "cardinality")
        if _number(index) == 1 or (last and columns_of(index) == {side.argument.name}):
            yield side.argument.name, other, "last" if last else "first", "", "", False


def paired(molds: Sequence[Mold]) -> list[Mold]:
    """The molds, years between two others as the first of these; those with but one end stay as they are drawn."""
    ends = {(m.check, m.column) for m in molds if m.form == "year to"}
    bounds = ("year from", "year to")
    between = {id(m) for m in molds if m.form == "year from" and (m.check, m.column) in ends}
    kept = (m for m in molds if m.form not in bounds or id(m) in between)
    return [replace(m, form="year") if id(m) in between else m for m in kept]


def _seconds(span: Expr) -> Iterator[_Reading]:
    """Either end of b - a: what is to be a whole number of seconds."""
    if isinstance(span, Operator) and span.name == "-" and span.left is not None:
        first, last = uncast(span.right), uncast(span.left)
        if isinstance(first, ColumnRef) and isinstance(last, ColumnRef):
            yield last.name, first, "second", "", "", False
            yield first.name, last, "second", "", "", False


def _found_in(expr: Compare) -> Iterator[_Reading]:
    """strpos(x, y) = 1, position(y in x) > 0."""
    call, number = uncast(expr.left), _number(expr.right)
    if not isinstance(call, Call) or call.name not in ("strpos", "position") or len(call.arguments) != 2:
        return
    column = column_of(as_text(call.arguments[0]))
    first = number == 1 and expr.operator == "="
    if column is not None and (first or (expr.operator, number) in ((">", 0), (">=", 1))):
        yield column, call.arguments[1], "text", "" if first else "%", "%", False


def escaped(text: str) -> str:
    """The text as a LIKE pattern that matches it alone."""
    return "".join("\\" + char if char in "\\%_" else char for char in text)


def _number(expr: Expr) -> int | None:
    inner = uncast(expr)
    value = inner.value if isinstance(inner, Literal) else None
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value):
        return int(value)  # '-1'::integer, as Postgres prints what is less than nothing
    return value if isinstance(value, int) else None


def _text(expr: Expr) -> str | None:
    inner = uncast(expr)
    return inner.value if isinstance(inner, Literal) and isinstance(inner.value, str) else None
