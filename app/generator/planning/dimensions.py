"""Columns of arrays as deep as their checks want them: `int[]` may hold a matrix, and does not say so."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.generator.snapshot.model import Snapshot, SqlFunction, Table

_DEEPEST = 6
_SIZES = frozenset({"array_length", "array_upper", "array_lower"})


def with_dimensions(snapshot: Snapshot) -> Snapshot:
    """The snapshot with such columns declared with as many dimensions as the tables' checks ask for."""
    tables = tuple(_with_dimensions(table, snapshot.functions) for table in snapshot.tables)
    changed = any(new is not old for new, old in zip(tables, snapshot.tables, strict=True))
    return replace(snapshot, tables=tables) if changed else snapshot


def _with_dimensions(table: Table, functions: Sequence[SqlFunction]) -> Table:
    lists = {column.name for column in table.columns if column.type.array_dims == 1}
    depths: dict[str, int] = {}
    for check in table.checks if lists else ():
        if "array_" in check.expression:
            for name, depth in _depths_in(check.expression, functions):
                depths[name] = max(depth, depths.get(name, 1))
    deeper = {name: depth for name, depth in depths.items() if name in lists and 1 < depth <= _DEEPEST}
    if not deeper:
        return table
    columns = (
        replace(c, type=replace(c.type, array_dims=deeper[c.name])) if c.name in deeper else c for c in table.columns
    )
    return replace(table, columns=tuple(columns))


def _depths_in(sql: str, functions: Sequence[SqlFunction]) -> Iterator[tuple[str, int]]:
    """The columns that the check takes for arrays of some depth: array_ndims(x) = 2, array_length(x, 2) <= 8."""
    from app.generator.expressions.findings import column_of, uncast
    from app.generator.expressions.nodes import Call, Compare, ExpressionUnknown, Literal, walk
    from app.generator.expressions.parser import parse_expression

    try:
        expr = parse_expression(sql, functions)
    except ExpressionUnknown:
        return
    for node in walk(expr):
        if not isinstance(node, Compare):
            continue
        for side, other in ((node.left, node.right), (node.right, node.left)):
            call, value = uncast(side), uncast(other)
            if not isinstance(call, Call) or not isinstance(value, Literal) or not call.arguments:
                continue
            column = column_of(uncast(call.arguments[0]))
            if column is None:
                continue
            if call.name == "array_ndims" and node.operator in ("=", ">=") and str(value.value).isdigit():
                yield column, int(str(value.value))
            elif call.name == "array_dims" and node.operator == "=":
                yield column, str(value.value).count("[")
            elif call.name in _SIZES and len(call.arguments) == 2:
                number = uncast(call.arguments[1])
                if isinstance(number, Literal) and str(number.value).isdigit():
                    yield column, int(str(number.value))
