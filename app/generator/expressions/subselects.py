"""Sub-selects over what a value has inside: EXISTS (SELECT FROM unnest(tags) AS tag WHERE tag = '').

A check cannot have one, but a function that it calls can.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.generator.expressions.nodes import (
    TRUE,
    Aggregate,
    Call,
    Expr,
    Inner,
    Item,
    Quantified,
    both,
)

SET_FUNCTIONS: Mapping[str, tuple[str | None, ...]] = {
    "unnest": (None,),
    "generate_series": (None,),
    "jsonb_object_keys": (None,),
    "json_object_keys": (None,),
    "jsonb_array_elements": ("value",),
    "json_array_elements": ("value",),
    "jsonb_array_elements_text": ("value",),
    "json_array_elements_text": ("value",),
    "jsonb_each": ("key", "value"),
    "json_each": ("key", "value"),
    "jsonb_each_text": ("key", "value"),
    "json_each_text": ("key", "value"),
    "regexp_split_to_table": (None,),
    "string_to_table": (None,),
}
"""The functions of sets that are known, with their columns' names: None for the function's own, or its alias."""

AGGREGATES = frozenset({"count", "sum", "min", "max", "bool_and", "bool_or", "every", "array_agg"})

_CLAUSES = "intoClause groupClause havingClause windowClause valuesLists limitOffset lockingClause withClause".split()


@dataclass(slots=True)
class Scope:
    """What names mean inside a sub-select: of a column alone, of a column of an alias, and of an alias alone."""

    names: dict[tuple[str, ...], Expr] = field(default_factory=dict)

    def add(self, alias: str, columns: Sequence[tuple[str, Expr]]) -> None:
        """The columns of one item of the FROM."""
        for name, meant in columns:
            self.names[(name,)] = self.names[(alias, name)] = meant
        if len(columns) == 1:
            self.names.setdefault((alias,), columns[0][1])


class Selects:
    """Reads sub-selects for a reader of expressions: `read` reads what stands inside."""

    def __init__(self, read: Callable[[Any], Expr]) -> None:
        self._read = read
        self._scopes: list[Scope] = []
        self._count = 0

    @property
    def open(self) -> bool:
        """Whether a sub-select is being read, so that aggregates may stand."""
        return bool(self._scopes)

    def meaning(self, names: tuple[str, ...]) -> Expr | None:
        """What a name stands for in the innermost sub-select that has it; None for a column of the table."""
        for scope in reversed(self._scopes):
            if names in scope.names:
                return scope.names[names]
        return None

    def read_link(self, node: Any) -> Expr | None:
        """A sub-select as an expression; None for one that is about more than values of this row."""
        kind, query = node.subLinkType.name.removesuffix("_SUBLINK"), node.subselect
        shapes = {"EXISTS": "exists", "EXPR": "value", "ARRAY": "list", "ANY": "list", "ALL": "list"}
        if kind not in shapes or type(query).__name__ != "SelectStmt":
            return None
        # The other side of ANY is outside.
        left = self._read(node.testexpr) if kind in ("ANY", "ALL") else None
        found = self._select(query, shapes[kind])
        if found is None or left is None:
            return found
        operator = node.operName[-1].sval if node.operName else "="
        return Quantified("<>" if operator == "!=" else operator, left, found, kind == "ALL")

    def _select(self, query: Any, shape: str) -> Expr | None:
        if any(getattr(query, name) for name in _CLAUSES) or query.op.value or not query.fromClause:
            return None
        if query.distinctClause and shape != "exists":
            return None
        scope = Scope()
        self._scopes.append(scope)
        try:
            sources: list[Expr] = []
            conditions: list[Expr] = []
            if not all(self._source(item, scope, sources, conditions) for item in query.fromClause):
                return None
            if query.whereClause is not None:
                conditions.append(self._read(query.whereClause))
            where = both(*conditions) if conditions else TRUE
            if shape == "exists":
                return Inner(shape, tuple(sources), where)
            if len(query.targetList or ()) != 1 or (query.limitCount is not None):
                return None
            target = self._read(query.targetList[0].val)
            if shape == "value" and not sources and not conditions:
                return target  # names for values, and nothing to go over
            order = self._order(query, target) if shape == "list" else ""
            return None if order is None else Inner(shape, tuple(sources), where, target, order)
        finally:
            self._scopes.pop()

    def _order(self, query: Any, target: Expr) -> str | None:
        """ "" for the order of the sources, "ascending" or "descending" by the target itself; None for any other."""
        if not query.sortClause:
            return ""
        if len(query.sortClause) != 1:
            return None
        by = query.sortClause[0]
        first = type(by.node).__name__ == "A_Const" and getattr(by.node.val, "ival", None) == 1
        if not first and self._read(by.node) != target:
            return None
        if by.sortby_nulls.name != "SORTBY_NULLS_DEFAULT":
            return None
        return "descending" if by.sortby_dir.name == "SORTBY_DESC" else "ascending"

    def _source(self, node: Any, scope: Scope, sources: list[Expr], conditions: list[Expr]) -> bool:
        kind = type(node).__name__
        if kind == "RangeFunction":
            return self._function(node, scope, sources)
        if kind == "JoinExpr":
            if node.jointype.name != "JOIN_INNER" or node.isNatural or node.usingClause:
                return False
            if not all(self._source(side, scope, sources, conditions) for side in (node.larg, node.rarg)):
                return False
            if node.quals is not None:
                conditions.append(self._read(node.quals))
            return True
        return kind == "RangeSubselect" and self._derived(node, scope, sources, conditions)

    def _function(self, node: Any, scope: Scope, sources: list[Expr]) -> bool:
        if node.is_rowsfrom or len(node.functions) != 1 or node.functions[0][1]:
            return False
        call = self._read(node.functions[0][0])
        if not isinstance(call, Call) or call.name not in SET_FUNCTIONS or call.schema is not None:
            return False
        if call.name == "unnest" and len(call.arguments) != 1:
            return False
        alias = node.alias.aliasname if node.alias is not None else call.name
        given = [name.sval for name in (node.alias.colnames or ())] if node.alias is not None else []
        names = [name or alias for name in SET_FUNCTIONS[call.name]] + (["ordinality"] if node.ordinality else [])
        names = given + names[len(given) :]
        self._count += 1
        items = [Item(self._count, place) for place in range(len(names))]
        scope.add(alias, list(zip(names, items, strict=True)))
        if len(SET_FUNCTIONS[call.name]) == 1:
            scope.names.setdefault((alias,), items[0])
        sources.append(Call(call.name, (*call.arguments, items[0])))
        return True

    def _derived(self, node: Any, scope: Scope, sources: list[Expr], conditions: list[Expr]) -> bool:
        """A sub-select in the FROM: its columns are expressions over what it selects from."""
        query = node.subquery
        clauses = (*_CLAUSES, "distinctClause", "limitCount")
        if type(query).__name__ != "SelectStmt" or any(getattr(query, name) for name in clauses) or query.op.value:
            return False
        inner = Scope()
        self._scopes.append(inner)
        try:
            if not all(self._source(item, inner, sources, conditions) for item in query.fromClause or ()):
                return False
            if query.whereClause is not None:
                conditions.append(self._read(query.whereClause))
            columns = []
            for target in query.targetList:
                meant = self._read(target.val)
                fields = getattr(target.val, "fields", None)
                name = target.name or (fields[-1].sval if fields else getattr(meant, "name", ""))
                columns.append((str(name), meant))
        finally:
            self._scopes.pop()
        scope.add(node.alias.aliasname if node.alias is not None else "", columns)
        return True


def aggregate(node: Any, name: str, arguments: Sequence[Expr]) -> Aggregate | None:
    """A call of an aggregate; None where it orders or filters its input."""
    if node.agg_order or node.agg_filter or node.over or node.agg_within_group:
        return None
    if node.agg_distinct and name != "count":
        return None
    return Aggregate(name, tuple(arguments), bool(node.agg_distinct))
