"""Looks into other tables: (SELECT type FROM roles WHERE id = $1), a parent's column where a reference leads there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.generator.expressions.nodes import Cast, ColumnRef, Expr, Lookup, Parameter, columns_of, transform, walk
from app.generator.snapshot.model import QName

_CLAUSES = (
    "distinctClause intoClause groupClause havingClause windowClause valuesLists sortClause limitOffset lockingClause "
    "withClause"
).split()


def read_subquery(node: Any, read: Callable[[Any], Expr]) -> Lookup | None:
    """The lookup that pglast's sub-link is; None for any other query."""
    query = node.subselect
    if node.subLinkType.name != "EXPR_SUBLINK" or type(query).__name__ != "SelectStmt":
        return None
    if any(getattr(query, name) for name in _CLAUSES) or query.op.value:
        return None
    if len(query.targetList or ()) != 1 or len(query.fromClause or ()) != 1 or query.whereClause is None:
        return None
    source, where = query.fromClause[0], query.whereClause
    column = _name(query.targetList[0].val)
    plain = type(source).__name__ == "RangeVar" and type(where).__name__ == "A_Expr"
    if column is None or not plain or [part.sval for part in where.name] != ["="]:
        return None
    sides = (where.lexpr, where.rexpr)
    # A column that says whose it is comes first, and a parameter last: either may stand on either side.
    sides = tuple(
        sorted(sides, key=lambda side: (type(side).__name__ != "ColumnRef", len(getattr(side, "fields", ())) < 2))
    )
    key = _name(sides[0])
    argument = read(sides[1]) if type(sides[1]).__name__ in ("ColumnRef", "ParamRef") else None
    if key is None or not isinstance(argument, ColumnRef | Parameter):
        return None
    return Lookup(source.schemaname, source.relname, column, key, argument)


def _name(node: Any) -> str | None:
    if type(node).__name__ != "ColumnRef" or type(node.fields[-1]).__name__ != "String":
        return None
    return str(node.fields[-1].sval)


def with_argument(lookup: Lookup, positions: Mapping[str, int], arguments: Sequence[Expr]) -> Lookup | None:
    """The lookup within a function's call; None where it cannot be told which side is the function's."""
    argument, key = lookup.argument, lookup.key
    if isinstance(argument, ColumnRef) and argument.name not in positions:
        argument, key = ColumnRef(key), argument.name
    if isinstance(argument, Parameter):
        found = arguments[argument.number - 1] if 0 < argument.number <= len(arguments) else None
    else:
        named = isinstance(argument, ColumnRef) and argument.name in positions and key not in positions
        found = arguments[positions[argument.name]] if named and isinstance(argument, ColumnRef) else None
    return None if found is None else Lookup(lookup.schema, lookup.table, lookup.column, key, found)


def looks_elsewhere(expr: Expr) -> bool:
    """Whether it looks at rows of other tables."""
    return any(isinstance(node, Lookup) for node in walk(expr))


def of_parent(expr: Expr, references: Mapping[str, str], parent: QName) -> Expr | None:
    """A condition as one on the row of the parent that a reference leads to, by the parent's columns.

    `references` gives the parent's column that each of the reference's own leads to. None where the condition looks
    elsewhere, or reads anything else.
    """
    if not looks_elsewhere(expr):
        return None
    elsewhere = False

    def change(node: Expr) -> Expr | None:
        nonlocal elsewhere
        if not isinstance(node, Lookup):
            return None
        argument = node.argument
        while isinstance(argument, Cast):
            argument = argument.argument
        here = node.table == parent.name and node.schema in (None, parent.schema)
        if not (here and isinstance(argument, ColumnRef) and references.get(argument.name) == node.key):
            elsewhere = True
            return node
        return ColumnRef(_MARK + node.column)

    changed = transform(expr, change)
    if elsewhere or any(not name.startswith(_MARK) for name in columns_of(changed)):
        return None
    return transform(changed, _unmarked)


# Marks a parent's column: no column's name has it.
_MARK = "\0"


def _unmarked(node: Expr) -> Expr | None:
    return ColumnRef(node.name.removeprefix(_MARK)) if isinstance(node, ColumnRef) else None
