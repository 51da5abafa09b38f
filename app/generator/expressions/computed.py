"""Conditions on generated columns, as conditions on what these are computed from."""

from collections.abc import Mapping, Sequence

from app.generator.expressions.nodes import Cast, ColumnRef, Expr, ExpressionUnknown, columns_of, transform
from app.generator.expressions.parser import parse_expression
from app.generator.snapshot.model import Column, SqlFunction

_PLAIN = frozenset({"text", "bool", "jsonb"})


def without_generated(expr: Expr, columns: Mapping[str, Column], functions: Sequence[SqlFunction]) -> Expr:
    """The expression with the expressions of generated columns in their places; those not understood stay."""
    found: dict[str, Expr] = {}
    for name in columns_of(expr):
        column = columns.get(name)
        if column is not None and column.generated is not None:
            try:
                made = parse_expression(column.generated, functions)
            except ExpressionUnknown:
                continue
            if columns_of(made):
                plain = column.type.name in _PLAIN and not column.type.array_dims
                found[name] = made if plain else Cast(made, column.type)
    if not found:
        return expr
    return transform(expr, lambda node: found.get(node.name) if isinstance(node, ColumnRef) else None)
