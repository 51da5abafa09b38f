"""Looks into other tables: (SELECT type FROM roles WHERE id = $1), a parent's column where a reference leads there.

EXISTS (SELECT FROM roles r WHERE r.id = $1 AND r.type = 'x') is one too: a condition on that row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from app.generator.expressions.nodes import (
    And,
    Cast,
    ColumnRef,
    Compare,
    Expr,
    ExpressionUnknown,
    IsNull,
    IsTruth,
    Lookup,
    Parameter,
    columns_of,
    transform,
    walk,
)
from app.generator.snapshot.model import QName

# Marks a parent's column: no column's name has it.
_MARK = "\0"
_CLAUSES = (
    "distinctClause intoClause groupClause havingClause windowClause valuesLists sortClause limitOffset lockingClause "
    "withClause"
).split()


def read_subquery(node: Any, read: Callable[[Any], Expr]) -> Expr | None:
    """The lookup that pglast's sub-link is; None for any other query."""
    query = node.subselect
    if node.subLinkType.name == "EXISTS_SUBLINK":
        return _existing(query, read)
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


def _existing(query: Any, read: Callable[[Any], Expr]) -> Expr | None:
    """Whether there is a row with a key, of which other things hold too."""
    if any(getattr(query, name) for name in _CLAUSES) or query.op.value or len(query.fromClause or ()) != 1:
        return None
    source: Any = query.fromClause[0]
    if type(source).__name__ != "RangeVar":
        return None
    where = deepcopy(query.whereClause)
    _mark(where, source.alias.aliasname if source.alias is not None else source.relname)
    together = type(where).__name__ == "BoolExpr" and where.boolop.name == "AND_EXPR"
    try:
        parts = [read(part) for part in (where.args if together else (where,))] if where is not None else []
    except ExpressionUnknown:
        return None
    keys = sorted((not _is_key(key), place, key, argument) for place, key, argument in _keys(parts))
    if not keys:
        return None
    _, place, key, argument = keys[0]

    def look(node: Expr) -> Expr | None:
        if not isinstance(node, ColumnRef):
            return None
        named = node.name.removeprefix(_MARK)
        return Lookup(source.schemaname, source.relname, named, key, argument, loose=named == node.name)

    there = IsNull(Lookup(source.schemaname, source.relname, key, key, argument), negated=True)
    return IsTruth(And((there, *(transform(part, look) for n, part in enumerate(parts) if n != place))), True)


def _mark(node: Any, table: str) -> None:
    """Marks the columns that are said to be the table's: it is what their names are told from arguments by."""
    if isinstance(node, tuple):
        for item in node:
            _mark(item, table)
    elif type(node).__name__ == "ColumnRef":
        if len(node.fields) > 1 and getattr(node.fields[-2], "sval", None) == table and _name(node) is not None:
            node.fields[-1].sval = _MARK + node.fields[-1].sval
    elif hasattr(node, "__slots__"):
        for slot in node.__slots__:
            _mark(getattr(node, slot, None), table)


def _keys(parts: Sequence[Expr]) -> Iterator[tuple[int, str, Expr]]:
    """The columns that have to equal an argument, by the place of the condition."""
    for place, part in enumerate(parts):
        if not isinstance(part, Compare) or part.operator != "=":
            continue
        sides = sorted((part.left, part.right), key=lambda side: not _is_marked(side))
        if isinstance(sides[0], Parameter):
            sides.reverse()
        if isinstance(sides[0], ColumnRef) and isinstance(sides[1], ColumnRef | Parameter) and not _is_marked(sides[1]):
            yield place, sides[0].name.removeprefix(_MARK), sides[1]


def _is_marked(side: Expr) -> bool:
    return isinstance(side, ColumnRef) and side.name.startswith(_MARK)


def _is_key(name: str) -> bool:
    return name == "id" or name.endswith(("_id", "uuid"))


def _name(node: Any) -> str | None:
    if type(node).__name__ != "ColumnRef" or type(node.fields[-1]).__name__ != "String":
        return None
    return str(node.fields[-1].sval)


def with_argument(lookup: Lookup, positions: Mapping[str, int], arguments: Sequence[Expr]) -> Expr | None:
    """The lookup within a function's call, or the argument that it turns out to be.

    None where it cannot be told which side is the function's.
    """
    if lookup.loose and lookup.column in positions:
        return arguments[positions[lookup.column]]
    argument, key, column = lookup.argument, lookup.key, lookup.column
    if isinstance(argument, ColumnRef) and argument.name not in positions:
        argument, key = ColumnRef(key), argument.name
        column = key if lookup.column == lookup.key else column
    if isinstance(argument, Parameter):
        found = arguments[argument.number - 1] if 0 < argument.number <= len(arguments) else None
    else:
        named = isinstance(argument, ColumnRef) and argument.name in positions and key not in positions
        found = arguments[positions[argument.name]] if named and isinstance(argument, ColumnRef) else None
    return None if found is None else Lookup(lookup.schema, lookup.table, column, key, found)


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


def _unmarked(node: Expr) -> Expr | None:
    return ColumnRef(node.name.removeprefix(_MARK)) if isinstance(node, ColumnRef) else None
