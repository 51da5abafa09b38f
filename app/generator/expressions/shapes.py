"""What an expression is by its looks: constants, conditions, and sums that count conditions."""

from dataclasses import dataclass

from app.generator.expressions.nodes import (
    And,
    Call,
    Case,
    Cast,
    ColumnRef,
    Compare,
    Distinct,
    Expr,
    IsNull,
    IsTruth,
    Literal,
    Not,
    Operator,
    Or,
    Quantified,
)

MATCHES = {"~": "!~", "~*": "!~*", "~~": "!~~", "~~*": "!~~*"}
MATCHES |= {negated: plain for plain, negated in MATCHES.items()}
"""Pattern operators and their negations."""

COMPARED = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def plain_constant(expr: Expr) -> object:
    while isinstance(expr, Cast) and expr.type.name in ("text", "varchar", "int4", "int8", "numeric", "bpchar"):
        expr = expr.argument
    return expr.value if isinstance(expr, Literal) and not isinstance(expr.value, bool) else None


def is_boolean(expr: Expr) -> bool:
    """Whether it is boolean by its shape; a column's type is not known here."""
    if isinstance(expr, Literal):
        return isinstance(expr.value, bool)
    if isinstance(expr, Cast):
        return expr.type.name == "bool" and not expr.type.array_dims
    shapes = And | Or | Not | IsNull | IsTruth | Compare | Distinct | Quantified
    return isinstance(expr, shapes) or (isinstance(expr, Operator) and expr.name in MATCHES)


@dataclass(frozen=True, slots=True)
class Indicator:
    """A condition that counts `weight` when it is true, and nothing otherwise."""

    condition: Expr
    weight: int


def indicators(expr: Expr) -> tuple[int, list[Indicator]] | None:
    """A constant, and the conditions that add to it; None when the expression is no such sum."""
    if isinstance(expr, Literal) and isinstance(expr.value, int) and not isinstance(expr.value, bool):
        return expr.value, []
    if isinstance(expr, Call) and expr.name in ("num_nonnulls", "num_nulls"):
        return 0, [Indicator(IsNull(a, expr.name == "num_nonnulls"), 1) for a in expr.arguments]
    if isinstance(expr, Cast) and expr.type.name in ("int2", "int4", "int8"):
        return (0, [Indicator(expr.argument, 1)]) if is_boolean(expr.argument) else indicators(expr.argument)
    if isinstance(expr, Call) and expr.name == "coalesce" and len(expr.arguments) == 2:
        first, second = expr.arguments
        if isinstance(second, Literal) and second.value == 0 and isinstance(first, Cast):
            # A boolean column cast: only its being true counts, which NULL is not either.
            if first.type.name in ("int2", "int4", "int8") and isinstance(first.argument, ColumnRef):
                return 0, [Indicator(first.argument, 1)]
            return indicators(first)
        return None
    if isinstance(expr, Case) and len(expr.whens) == 1:
        condition, result = expr.whens[0]
        yes, no = plain_constant(result), plain_constant(expr.default)
        if isinstance(yes, int) and isinstance(no, int):
            return no, [Indicator(condition, yes - no)]
        return None
    if isinstance(expr, Operator) and expr.name == "+" and expr.left is not None:
        left, right = indicators(expr.left), indicators(expr.right)
        if left is None or right is None:
            return None
        return left[0] + right[0], left[1] + right[1]
    return None
