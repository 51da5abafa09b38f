"""Comparisons between columns: orders that can be kept by sorting, equations by which one follows from others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.generator.expressions.evaluate import ValueExpr, compile_value
from app.generator.expressions.gaps import Gap, SpanGap
from app.generator.expressions.kinds import DATES, INTEGERS, NUMBERS, kind_of
from app.generator.expressions.nodes import (
    And,
    ArrayOf,
    Call,
    Cast,
    Collate,
    ColumnRef,
    Compare,
    Distinct,
    Expr,
    ExpressionUnknown,
    Literal,
    Not,
    Operator,
    Quantified,
    Subscript,
    columns_of,
    walk,
)
from app.generator.expressions.normal import MIRRORED
from app.generator.expressions.placed import Placed
from app.generator.expressions.shapes import plain_constant
from app.generator.snapshot.model import Column, TypeRef
from app.generator.types import TypeCatalog

_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Order:
    """`smaller <= larger`, or with `strict` <."""

    smaller: str
    larger: str
    strict: bool


@dataclass(frozen=True, slots=True)
class Equation:
    """`column = value`, over other columns: computing the column keeps the check.

    `expression` is None for a column that is only kept within a distance of another (see `gaps`), and for
    a document that has the values of others inside (see `placed`).
    """

    check: str
    column: str
    expression: Expr | None
    value: ValueExpr | Gap | SpanGap | Placed

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the expression reads."""
        return self.value.columns


def orders_of(expr: Expr, columns: Mapping[str, TypeRef], types: TypeCatalog) -> Iterator[Order]:
    """The orders that a comparison asks for; those through a sum or an interval are necessary, not sufficient."""
    if not isinstance(expr, Compare) or expr.operator not in ("<", "<=", ">", ">="):
        return
    left, right, operator = expr.left, expr.right, str(expr.operator)
    if operator[0] == ">":
        left, right, operator = right, left, MIRRORED[operator]
    strict = operator == "<"
    for small in _below(left, upper=False):
        for large in _below(right, upper=True):
            if small != large and _alike(columns[small], columns[large], types):
                yield Order(small, large, strict)


def comparisons_of(expr: Expr) -> Iterator[tuple[str, str, str]]:
    """Bare columns that a check compares, as (a, b, "<"), (a, b, "<=") or, both ways round, (a, b, "<>")."""
    if isinstance(expr, And):
        for argument in expr.arguments:
            yield from comparisons_of(argument)
        return
    negated = isinstance(expr, Not)
    inner = expr.argument if isinstance(expr, Not) else expr
    if isinstance(inner, Distinct) and inner.negated == negated:
        inner, negated = Compare("<>", inner.left, inner.right), False
    if not isinstance(inner, Compare):
        return
    operator = _OPPOSITE[inner.operator] if negated else str(inner.operator)
    left, right = _uncast(inner.left), _uncast(inner.right)
    if not isinstance(left, ColumnRef) or not isinstance(right, ColumnRef) or operator == "=":
        return
    if operator[0] == ">":
        left, right, operator = right, left, MIRRORED[operator]
    yield left.name, right.name, operator
    if operator == "<>":
        yield right.name, left.name, operator


def equals_of(expr: Expr) -> set[frozenset[str]]:
    """Pairs of columns a, b of each a = b within a condition."""
    found = set()
    for node in walk(expr):
        if isinstance(node, Compare) and node.operator == "=":
            sides = [_uncast(node.left), _uncast(node.right)]
            found.add(frozenset(side.name for side in sides if isinstance(side, ColumnRef)))
    return found


def successions_of(expr: Expr) -> Iterator[tuple[str, str]]:
    """Columns a, b of each a = b - 1 within a condition."""
    for node in walk(expr):
        if not isinstance(node, Compare) or node.operator != "=":
            continue
        left, right = _moved(node.left), _moved(node.right)
        if left is not None and right is not None and left[1] - right[1] in (1, -1):
            lower, upper = (left, right) if left[1] > right[1] else (right, left)
            yield lower[0], upper[0]
        for side, other in ((node.left, node.right), (node.right, node.left)):
            span = _uncast(side)
            if isinstance(span, Operator) and span.name == "-" and span.left is not None and other == Literal(1):
                upper_side, lower_side = _uncast(span.left), _uncast(span.right)
                if isinstance(upper_side, ColumnRef) and isinstance(lower_side, ColumnRef):
                    yield lower_side.name, upper_side.name


def _moved(expr: Expr) -> tuple[str, int] | None:
    """The column of `column`, `column + n` or `column - n`, and n."""
    expr = _uncast(expr)
    if isinstance(expr, ColumnRef):
        return expr.name, 0
    if isinstance(expr, Operator) and expr.name in ("+", "-") and expr.left is not None:
        inner, shift = _uncast(expr.left), _uncast(expr.right)
        if isinstance(inner, ColumnRef) and isinstance(shift, Literal) and isinstance(shift.value, int):
            return inner.name, shift.value if expr.name == "+" else -shift.value
    return None


def projections_of(expr: Expr, column: str) -> Iterator[Expr]:
    """The expressions f(x) of `x = f(x)` among a check's conjuncts."""
    if isinstance(expr, And):
        for argument in expr.arguments:
            yield from projections_of(argument, column)
    elif isinstance(expr, Compare) and expr.operator == "=":
        for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
            bare = _uncast(side)
            if isinstance(bare, ColumnRef) and bare.name == column and not isinstance(_uncast(other), ColumnRef):
                yield other


def least_and_greatest(exprs: Sequence[Expr]) -> tuple[str, str] | None:
    """The two columns of least(a, b) and greatest(a, b), whatever their order; None for anything else."""
    found: dict[str, list[str]] = {}
    for expr in exprs:
        bare = _uncast(expr)
        if isinstance(bare, Call):
            arguments = [_uncast(argument) for argument in bare.arguments]
            found[bare.name] = sorted(a.name for a in arguments if isinstance(a, ColumnRef))
    columns = found.get("least", [])
    if len(columns) != 2 or columns != found.get("greatest"):
        return None
    return columns[0], columns[1]


def _below(expr: Expr, upper: bool) -> Iterator[str]:
    """Columns that the expression is a bound of: greatest(a, b) <= c puts both below c."""
    expr = _uncast(expr)
    if isinstance(expr, ColumnRef):
        yield expr.name
    elif isinstance(expr, Call) and expr.name == ("least" if upper else "greatest"):
        for argument in expr.arguments:
            yield from _below(argument, upper)
    elif isinstance(expr, Operator) and expr.left is not None and expr.name in ("+", "-"):
        # a + interval '1 day' <= b, a <= b - 1: a lies below b all the more.
        grows = (expr.name == "+") != upper
        if grows and not columns_of(expr.right) and not _is_negative(expr.right):
            yield from _below(expr.left, upper)


def _is_negative(expr: Expr) -> bool:
    while isinstance(expr, Cast):
        expr = expr.argument
    if isinstance(expr, Literal):
        return str(expr.value).lstrip().startswith("-")
    return not isinstance(expr, Literal)


def _uncast(expr: Expr) -> Expr:
    while isinstance(expr, Cast | Collate):
        expr = expr.argument
    return expr


def _alike(left: TypeRef, right: TypeRef, types: TypeCatalog) -> bool:
    a, b = kind_of(left, types), kind_of(right, types)
    return a.name == b.name or {a.name, b.name} <= NUMBERS or {a.name, b.name} <= DATES


def equations_of(
    check: str, expr: Expr, columns: Mapping[str, Column], types: TypeCatalog, reference: datetime
) -> tuple[Equation, ...]:
    """The equation that a comparison is: `total = price * quantity`, `a + b = 100`, `abs(a - b * c) < 0.01`.

    Solved for one column after the other, the likeliest first; none for any other condition.
    """
    if isinstance(expr, Distinct) and expr.negated:
        expr = Compare("=", expr.left, expr.right)
    if isinstance(expr, Quantified) and expr.operator == "=" and not expr.every and isinstance(expr.array, ColumnRef):
        expr = Compare("=", expr.array, ArrayOf((expr.left,)))  # an array of that one value has it
    if not isinstance(expr, Compare):
        return ()
    expr = _with_whole_list(expr)
    left, right = expr.left, expr.right
    if expr.operator in ("<", "<=") and not columns_of(right):
        # Close is good: equal is closer.
        inner = _uncast(left)
        if not (isinstance(inner, Call) and inner.name == "abs") or _is_negative(right):
            return ()
        difference = _uncast(inner.arguments[0])
        if not isinstance(difference, Operator) or difference.name != "-" or difference.left is None:
            return ()
        if _is_far(difference, right, columns, types):
            return ()
        left, right = difference.left, difference.right
    elif expr.operator != "=":
        return ()
    found: list[Equation] = []
    declared = {name: column.type for name, column in columns.items()}
    for column, value in _solutions(left, right):
        target = columns.get(column)
        if target is None or target.generated is not None or column in columns_of(value):
            continue
        try:
            compiled = compile_value(value, declared, types, reference, target=target.type)
        except ExpressionUnknown:
            continue
        found.append(Equation(check, column, value, compiled))
    return tuple(found)


def _is_far(difference: Operator, bound: Expr, columns: Mapping[str, Column], types: TypeCatalog) -> bool:
    """Whether whole numbers, or days, may be so far apart that they are not meant to be equal (see `gaps`)."""
    sides = (_uncast(side) for side in (difference.left, difference.right) if side is not None)
    names = [side.name for side in sides if isinstance(side, ColumnRef)]
    kinds = {kind_of(columns[name].type, types).name for name in names if name in columns}
    most = plain_constant(bound)
    apart = isinstance(most, int | Decimal) and most >= 1
    return len(names) == 2 and bool(kinds) and kinds <= INTEGERS | {"date"} and apart


def _with_whole_list(expr: Compare) -> Compare:
    """path = ARRAY[id] for path[array_upper(path, 1)] = id: in an array of one value it is the first and the last."""
    for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
        if expr.operator != "=" or not isinstance(side, Subscript) or not isinstance(side.argument, ColumnRef):
            continue
        index = side.index
        last = isinstance(index, Call) and index.name in ("array_upper", "array_length", "cardinality")
        if (index == Literal(1) or (last and columns_of(index) == {side.argument.name})) and columns_of(other):
            return Compare("=", side.argument, ArrayOf((other,)))
    return expr


def _solutions(left: Expr, right: Expr) -> Iterator[tuple[str, Expr]]:
    """The ways to read left = right as column = expression."""
    for side, other in ((left, right), (right, left)):
        plain = _uncast(side)
        if isinstance(plain, ColumnRef):
            yield plain.name, other
    for side, other in ((left, right), (right, left)):
        yield from _isolated(_uncast(side), other)


def _isolated(expr: Expr, value: Expr) -> Iterator[tuple[str, Expr]]:
    """Solves sums for one of their columns, the last first: a + b = c gives b = c - a, and n * 4 = c gives c / 4."""
    if not isinstance(expr, Operator) or expr.left is None or expr.name not in ("+", "-", "*"):
        return
    if expr.name == "*":
        for part, factor in ((expr.left, expr.right), (expr.right, expr.left)):
            inner, number = _uncast(part), _uncast(factor)
            if isinstance(inner, ColumnRef) and isinstance(number, Literal) and number.value:
                yield inner.name, Operator("/", value, number)
        return
    for part, rest in (
        (expr.right, Operator("-", value, expr.left) if expr.name == "+" else Operator("-", expr.left, value)),
        (expr.left, Operator("-" if expr.name == "+" else "+", value, expr.right)),
    ):
        inner = _uncast(part)
        if isinstance(inner, ColumnRef):
            yield inner.name, rest
        else:
            yield from _isolated(inner, rest)
