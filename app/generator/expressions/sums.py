"""Arithmetic on a column compared with a constant: x + 5 > 10, x % 5 = 0, 100 - x >= 0."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.generator.domain import Domain
from app.generator.expressions.findings import Finding, column_of, exact_number
from app.generator.expressions.kinds import DATES, INTEGERS, NUMBERS, Kind
from app.generator.expressions.nodes import And, Call, Cast, ColumnRef, Compare, Expr, Operator
from app.generator.expressions.normal import MIRRORED
from app.generator.expressions.shapes import plain_constant

if TYPE_CHECKING:
    from app.generator.expressions.leaves import LeafReader


def operator_compared(reader: "LeafReader", operator: str, expr: Operator, kind: Kind, value: Any) -> Finding | None:
    if expr.left is None:
        if expr.name == "-" and kind.name in NUMBERS:
            return reader.compared(MIRRORED[operator], expr.right, kind, -value)
        return None
    if kind.name not in NUMBERS | DATES:
        return None
    if expr.name == "%":
        return remainder(reader, operator, expr.left, expr.right, value)
    left_constant, right_constant = reader.number(expr.left), reader.number(expr.right)
    if kind.name == "date" and right_constant is not None and reader.kind(expr.left).name == "date":
        days = int(right_constant) if expr.name == "+" else -int(right_constant)
        return reader.compared(operator, expr.left, kind, value - days) if expr.name in ("+", "-") else None
    if expr.name in ("+", "-") and kind.name in NUMBERS:
        return _shifted(reader, operator, expr, kind, value, left_constant, right_constant)
    if expr.name == "*" and kind.name in NUMBERS:
        factor = left_constant if left_constant is not None else right_constant
        side = expr.right if left_constant is not None else expr.left
        exact = exact_number(value)
        if factor is None or factor <= 0 or exact is None or operator in ("=", "<>"):
            return None
        # Divided with many digits: off by less than any stored value's unit, and tested besides.
        found = reader.compared(operator, side, Kind("numeric"), exact / Decimal(factor))
        return found.narrowed(enough=False, needed=False) if found else None
    return None


def _shifted(
    reader: "LeafReader", operator: str, expr: Operator, kind: Kind, value: Any, left: Any, right: Any
) -> Finding | None:
    """x + 5 > 10, 100 - x >= 0; dates shifted by days, too."""
    exact = exact_number(value)
    assert expr.left is not None
    if exact is None:
        return None
    if right is not None:
        moved = exact - Decimal(right) if expr.name == "+" else exact + Decimal(right)
        return _number_or_none(reader, operator, expr.left, moved)
    if left is not None:
        if expr.name == "+":
            return _number_or_none(reader, operator, expr.right, exact - Decimal(left))
        return _number_or_none(reader, MIRRORED[operator], expr.right, Decimal(left) - exact)
    for side, other, sign in ((expr.left, expr.right, 1), (expr.right, expr.left, -1)):
        # date - date is a number of days.
        constant = reader.constant(other, ">" if (operator[0] == ">") == (sign > 0) else "<")
        if constant is None or constant.kind.name != "date" or expr.name != "-" or exact != int(exact):
            continue
        days = constant.constant() + sign * int(exact)
        return reader.compared(operator if sign > 0 else MIRRORED[operator], side, Kind("date"), days)
    return None


def _number_or_none(reader: "LeafReader", operator: str, expr: Expr, value: Decimal) -> Finding | None:
    return reader.compared(operator, expr, Kind("numeric"), value) if reader.kind(expr).name in NUMBERS else None


def remainder(reader: "LeafReader", operator: str, dividend: Expr, divisor: Expr, value: Any) -> Finding | None:
    """x % 5 = 0, x % 2 = 1 (the remainder has the sign of x)."""
    if (
        isinstance(dividend, Cast)
        and reader.kind(dividend.argument).name in INTEGERS
        and reader.kind(dividend).name
        in (
            *INTEGERS,
            "numeric",
        )
    ):
        return remainder(reader, operator, dividend.argument, divisor, value)
    modulus, column = reader.number(divisor), column_of(dividend)
    rest = exact_number(value)
    if modulus is None or column is None or rest is None or operator != "=" or modulus == 0:
        return None
    size = abs(Decimal(modulus))
    if abs(rest) >= size:
        return Finding(column, Domain(values=()))
    whole = rest == int(rest) and size == int(size)
    period, rests = (int(size), int(rest)) if whole else (Decimal(size), rest)
    own = reader.kind(ColumnRef(column))
    if own.name not in NUMBERS:
        return None
    bound: Any = 0 if own.name in INTEGERS else Decimal(0)
    low, high = (bound if rest > 0 else None), (bound if rest < 0 else None)
    return Finding(column, Domain(multiple_of=period, remainder=rests, low=low, high=high))


def most_digits(expr: Expr, column: str) -> int | None:
    """The digits after the point that `scale(column) <= n` leaves, within an AND too; None where nothing says so."""
    if isinstance(expr, And):
        found = [most_digits(part, column) for part in expr.arguments]
        return min((digits for digits in found if digits is not None), default=None)
    if not isinstance(expr, Compare):
        return None
    for operator, side, other in (
        (expr.operator, expr.left, expr.right),
        (MIRRORED[expr.operator], expr.right, expr.left),
    ):
        constant = plain_constant(other)
        asked = isinstance(side, Call) and side.name == "scale" and column_of(side.arguments[0]) == column
        if asked and isinstance(constant, int) and operator in ("=", "<=", "<"):
            return max(0, constant - (operator == "<"))
    return None
