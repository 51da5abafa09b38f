"""Texts that a check shapes after other columns: `path LIKE parent || '.%'`, `left(code, 2) = country`.

Two texts drawn apart never agree like that. So the one that is free is drawn, and then poured into the mold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal as OneOf

from app.generator.expressions.evaluate import ValueExpr, compile_value
from app.generator.expressions.findings import as_text, column_of, uncast
from app.generator.expressions.kinds import STRINGS, kind_of
from app.generator.expressions.nodes import Call, Cast, Compare, Expr, ExpressionUnknown, Literal, Operator, columns_of
from app.generator.snapshot.model import Column, TypeRef
from app.generator.types import TypeCatalog

TEXT = TypeRef("pg_catalog", "text")
_LIKE = frozenset({"~~", "~~*"})
_REGEX = frozenset({"~", "~*"})
_MOST = 64


@dataclass(frozen=True, slots=True)
class Mold:
    """What a check asks of a column, as a pattern that other columns give.

    A `like` or `regex` pattern, or a plain `text` that stands behind `before` characters of any kind, with the LIKE
    pattern `behind` after it. `instead` is the column that could be computed of this one by the same check.
    """

    check: str
    column: str
    value: ValueExpr
    form: OneOf["like", "regex", "text"]
    before: str = ""
    behind: str = ""
    ignore_case: bool = False
    instead: str | None = None


def molds_of(
    check: str, expr: Expr, columns: Mapping[str, Column], types: TypeCatalog, reference: datetime
) -> Iterator[Mold]:
    """The ways to keep a condition by shaping one of its columns after others; none for any other condition."""
    declared = {name: column.type for name, column in columns.items()}
    for column, pattern, form, before, behind, ignore_case in _readings(expr):
        declaration = columns.get(column)
        names = columns_of(pattern)
        if declaration is None or declaration.generated is not None or not names or column in names:
            continue
        if kind_of(declaration.type, types).name not in STRINGS:
            continue
        try:
            value = compile_value(Cast(pattern, TEXT), declared, types, reference, target=TEXT)
        except ExpressionUnknown:
            continue
        yield Mold(check, column, value, form, before, behind, ignore_case)


_Reading = tuple[str, Expr, OneOf["like", "regex", "text"], str, str, bool]


def _readings(expr: Expr) -> Iterator[_Reading]:
    if isinstance(expr, Operator) and expr.left is not None:
        column = column_of(as_text(expr.left))
        if column is not None and expr.name in _LIKE:
            yield column, expr.right, "like", "", "", expr.name.endswith("*")
        elif column is not None and expr.name in _REGEX:
            yield column, expr.right, "regex", "", "", expr.name.endswith("*")
        elif column is not None and expr.name == "^@":
            yield column, expr.right, "text", "", "%", False
    elif isinstance(expr, Call) and expr.name == "starts_with" and len(expr.arguments) == 2:
        column = column_of(as_text(expr.arguments[0]))
        if column is not None:
            yield column, expr.arguments[1], "text", "", "%", False
    elif isinstance(expr, Compare) and expr.operator == "=":
        for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
            part = as_text(side)
            if isinstance(part, Call):
                yield from _parts(part, other)
    if isinstance(expr, Compare) and expr.operator in ("=", ">", ">="):
        yield from _found_in(expr)


def _parts(part: Call, other: Expr) -> Iterator[_Reading]:
    """left(x, 2) = y, right(x, 2) = y, substr(x, 5, 2) = y, split_part(x, '-', 1) = y."""
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
    elif part.name == "split_part" and len(numbers) == 2 and numbers[1] == 1:
        separator = _text(part.arguments[1])
        if separator:
            yield column, other, "text", "", escaped(separator) + "%", False


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
    return inner.value if isinstance(inner, Literal) and isinstance(inner.value, int) else None


def _text(expr: Expr) -> str | None:
    inner = uncast(expr)
    return inner.value if isinstance(inner, Literal) and isinstance(inner.value, str) else None
