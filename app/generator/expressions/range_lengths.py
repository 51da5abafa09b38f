"""How long a range has to be: `upper(term) - lower(term) >= 30`."""

from typing import Any

from app.generator.domain import Domain
from app.generator.expressions.findings import Finding, exact_number, uncast
from app.generator.expressions.intervals import comparable
from app.generator.expressions.kinds import Kind
from app.generator.expressions.nodes import Call, ColumnRef, Expr, Operator


def length_compared(operator: str, expr: Expr, kind: Kind, value: Any) -> Finding | None:
    """What a comparison of a range's length with a constant says of the range; None for any other."""
    if not isinstance(expr, Operator) or expr.name != "-" or expr.left is None:
        return None
    column = _end(uncast(expr.left), "upper")
    if column is None or column != _end(uncast(expr.right), "lower"):
        return None
    number = exact_number(comparable(value) if kind.name == "interval" else value)
    if number is None or number != int(number) or operator == "<>":
        return None
    amount = int(number)
    least = {">": amount + 1, ">=": amount, "=": amount}.get(operator)
    most = {"<": amount - 1, "<=": amount, "=": amount}.get(operator)
    return Finding(column, Domain(span_least=least, span_most=most), enough=False, needed=False)


def _end(expr: Expr, name: str) -> str | None:
    """The column of upper(column) or lower(column)."""
    if not isinstance(expr, Call) or expr.name != name or len(expr.arguments) != 1:
        return None
    inner = uncast(expr.arguments[0])
    return inner.name if isinstance(inner, ColumnRef) else None
