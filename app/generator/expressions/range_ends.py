"""Ranges whose two ends checks give: `lower(period) = make_date(year, 1, 1) AND upper(period) = ...`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.generator.expressions.evaluate import compile_value
from app.generator.expressions.findings import uncast
from app.generator.expressions.nodes import Call, ColumnRef, Compare, Expr, ExpressionUnknown, columns_of
from app.generator.expressions.range_functions import FUNCTIONS as CONSTRUCTORS
from app.generator.expressions.relations import Equation
from app.generator.snapshot.model import Column
from app.generator.types import TypeCatalog


@dataclass(frozen=True, slots=True)
class End:
    """What a check says that one end of a range is."""

    check: str
    column: str
    upper: bool
    value: Expr


def end_of(check: str, expr: Expr) -> End | None:
    """The end that a condition gives; None for any other condition."""
    if not isinstance(expr, Compare) or expr.operator != "=":
        return None
    for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
        call = uncast(side)
        if not isinstance(call, Call) or call.name not in ("lower", "upper") or len(call.arguments) != 1:
            continue
        column = call.arguments[0]
        names = columns_of(other)
        if isinstance(column, ColumnRef) and names and column.name not in names:
            return End(check, column.name, call.name == "upper", other)
    return None


def range_equations(
    ends: Mapping[tuple[str, bool], End], columns: Mapping[str, Column], types: TypeCatalog, reference: datetime
) -> list[Equation]:
    """Each range both of whose ends are given, unless both are columns of their own: those are computed from it."""
    declared = {name: column.type for name, column in columns.items()}
    found = []
    for (name, upper), low in ends.items():
        high = ends.get((name, True))
        target = columns.get(name)
        if upper or high is None or target is None or target.generated is not None:
            continue
        constructor = types.resolve(target.type).base.name
        sides = [uncast(low.value), uncast(high.value)]
        apart = all(isinstance(side, ColumnRef) for side in sides) and sides[0] != sides[1]
        if apart or constructor not in CONSTRUCTORS:
            continue
        value = Call(constructor, (low.value, high.value))
        try:
            compiled = compile_value(value, declared, types, reference, target=target.type)
        except ExpressionUnknown:
            continue
        found.append(Equation(low.check, name, value, compiled))
    return found
