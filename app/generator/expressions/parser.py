"""SQL text -> nodes, by Postgres' own parser.

Takes what `pg_get_expr` prints (`((status)::text = ANY ((ARRAY['a'::character varying])::text[]))`) as well as what
people write. Expressions come from users too (overrides), so size and depth are limited.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.generator.expressions.inlining import inline
from app.generator.expressions.lookups import read_subquery
from app.generator.expressions.nodes import (
    NULL_LITERAL,
    And,
    ArrayOf,
    Call,
    Case,
    Cast,
    Collate,
    ColumnRef,
    Compare,
    Distinct,
    Expr,
    ExpressionUnknown,
    FieldOf,
    IsNull,
    IsTruth,
    Literal,
    Not,
    Operator,
    Or,
    Parameter,
    Quantified,
    RowOf,
    Subscript,
    array_elements,
    both,
    either,
)
from app.generator.expressions.subselects import AGGREGATES, Selects, aggregate
from app.generator.expressions.type_names import read_type
from app.generator.snapshot.model import SqlFunction

MAX_CHARACTERS = 100_000
MAX_NODES = 20_000
MAX_DEPTH = 120

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_BITS_PER_HEX_DIGIT = 4
# What makes a SELECT more than an expression.
_CLAUSES = (
    "distinctClause intoClause fromClause whereClause groupClause havingClause windowClause valuesLists sortClause "
    "limitOffset limitCount lockingClause withClause"
).split()


def parse_expression(sql: str, functions: Sequence[SqlFunction] = ()) -> Expr:
    """One expression, with the calls of `functions` replaced by their bodies.

    Raises ExpressionUnknown for text that is no single expression, and for what the nodes cannot represent.
    """
    return inline(parse_plain(sql), functions, parse_plain)


@lru_cache(maxsize=8192)
def parse_plain(sql: str) -> Expr:
    """One expression, calls left as they are."""
    return _Reader(sql).read(select_target("SELECT " + sql, sql))


def select_target(statement: str, sql: str) -> Any:
    """The one output expression of a bare SELECT, as pglast's tree."""
    from pglast import parse_sql  # 0.1 s: only when there is something to parse
    from pglast.parser import ParseError

    if len(statement) > MAX_CHARACTERS:
        raise ExpressionUnknown(f"an expression of more than {MAX_CHARACTERS} characters", sql[:80])
    try:
        found: Any = parse_sql(statement)
    except (ParseError, RecursionError, UnicodeError, ValueError) as error:
        raise ExpressionUnknown(f"text that is no expression ({error})", sql) from None
    if len(found) != 1 or type(found[0].stmt).__name__ != "SelectStmt":
        raise ExpressionUnknown("text that is not one expression", sql)
    select = found[0].stmt
    if any(getattr(select, name) for name in _CLAUSES) or select.op.value or len(select.targetList or ()) != 1:
        raise ExpressionUnknown("a query", sql)
    return select.targetList[0].val


class _Reader:
    """Turns pglast's nodes into ours, counting them."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._count = 0
        self._depth = 0
        self.selects = Selects(self.read)

    def read(self, node: Any) -> Expr:
        self._count += 1
        self._depth += 1
        if self._count > MAX_NODES or self._depth > MAX_DEPTH:
            raise ExpressionUnknown("an expression this large or deep", self._sql[:80])
        name = type(node).__name__
        reader = _READERS.get(name)
        if reader is None:
            raise self.unknown(_NAMES.get(name, name))
        found = reader(self, node)
        self._depth -= 1
        return found

    def read_all(self, nodes: Any) -> tuple[Expr, ...]:
        return tuple(self.read(node) for node in nodes or ())

    def unknown(self, what: str) -> ExpressionUnknown:
        return ExpressionUnknown(what, self._sql)


def _constant(reader: _Reader, node: Any) -> Expr:
    if node.isnull:
        return NULL_LITERAL
    value, kind = node.val, type(node.val).__name__
    if kind == "Integer":
        return Literal(int(value.ival))
    if kind == "Float":
        return Literal(_number(value.fval))
    if kind == "Boolean":
        return Literal(bool(value.boolval))
    if kind == "String":
        return Literal(value.sval)
    if kind == "BitString":
        digits = value.bsval[1:]
        if value.bsval[0] == "x":
            digits = "".join(f"{int(digit, 16):0{_BITS_PER_HEX_DIGIT}b}" for digit in digits)
        return Cast(Literal(digits), read_type(("pg_catalog", "varbit"), (), 0))
    raise reader.unknown(f"a constant of kind {kind}")


def _number(text: str) -> int | Decimal:
    plain = text.replace("_", "").lower()
    for prefix, base in (("0x", 16), ("0o", 8), ("0b", 2)):
        if plain.lstrip("-").startswith(prefix):
            return int(plain, base)
    return int(plain) if plain.lstrip("-").isdigit() else Decimal(plain)


def _column(reader: _Reader, node: Any) -> Expr:
    last = node.fields[-1]
    if type(last).__name__ != "String":
        raise reader.unknown("a whole-row reference")
    return reader.selects.meaning(tuple(part.sval for part in node.fields)) or ColumnRef(last.sval)


def _parameter(reader: _Reader, node: Any) -> Expr:
    return Parameter(node.number)


def _cast(reader: _Reader, node: Any) -> Expr:
    return Cast(reader.read(node.arg), _type_of(reader, node.typeName))


def _type_of(reader: _Reader, node: Any) -> Any:
    if node.setof or node.pct_type:
        raise reader.unknown("a type taken from a column")
    modifiers = []
    for modifier in node.typmods or ():
        value = getattr(modifier, "val", None)
        text = getattr(value, "ival", None)
        if text is None and hasattr(modifier, "fields"):
            continue  # geometry(Point,4326): names say nothing to us
        if text is not None:
            modifiers.append(int(text))
    names = tuple(part.sval for part in node.names)
    return read_type(names, tuple(modifiers), len(node.arrayBounds or ()))


def _collate(reader: _Reader, node: Any) -> Expr:
    return Collate(reader.read(node.arg), node.collname[-1].sval)


def _boolean(reader: _Reader, node: Any) -> Expr:
    arguments = reader.read_all(node.args)
    kind = node.boolop.name
    if kind == "NOT_EXPR":
        return Not(arguments[0])
    return both(*arguments) if kind == "AND_EXPR" else either(*arguments)


def _null_test(reader: _Reader, node: Any) -> Expr:
    argument = reader.read(node.arg)
    negated = node.nulltesttype.name == "IS_NOT_NULL"
    if isinstance(argument, RowOf):
        # Of a row, both tests ask about every field: (a, b) IS NOT NULL is not NOT ((a, b) IS NULL).
        return both(*(IsNull(element, negated) for element in argument.elements))
    return IsNull(argument, negated)


def _boolean_test(reader: _Reader, node: Any) -> Expr:
    kind = node.booltesttype.name  # IS_TRUE, IS_NOT_TRUE, IS_FALSE, ...
    value = {"TRUE": True, "FALSE": False, "UNKNOWN": None}[kind.rsplit("_", 1)[1]]
    return IsTruth(reader.read(node.arg), value, negated="NOT" in kind)


def _case(reader: _Reader, node: Any) -> Expr:
    subject = reader.read(node.arg) if node.arg is not None else None
    whens = []
    for when in node.args:
        condition = reader.read(when.expr)
        whens.append((Compare("=", subject, condition) if subject is not None else condition, reader.read(when.result)))
    default = reader.read(node.defresult) if node.defresult is not None else NULL_LITERAL
    return Case(tuple(whens), default)


def _array(reader: _Reader, node: Any) -> Expr:
    return ArrayOf(reader.read_all(node.elements))


def _row(reader: _Reader, node: Any) -> Expr:
    return RowOf(reader.read_all(node.args))


def _coalesce(reader: _Reader, node: Any) -> Expr:
    return Call("coalesce", reader.read_all(node.args))


def _min_max(reader: _Reader, node: Any) -> Expr:
    return Call("greatest" if node.op.name == "IS_GREATEST" else "least", reader.read_all(node.args))


def _sql_value(reader: _Reader, node: Any) -> Expr:
    name = node.op.name.removeprefix("SVFOP_").removesuffix("_N").lower()
    return Call(name)


# The arguments of built-in functions that are called by name, in order; those left out are 0.
_ARGUMENT_NAMES = {
    "make_interval": ("years", "months", "weeks", "days", "hours", "mins", "secs"),
    "make_date": ("year", "month", "day"),
    "make_timestamp": ("year", "month", "mday", "hour", "min", "sec"),
    "make_timestamptz": ("year", "month", "mday", "hour", "min", "sec"),
}


def _arguments(reader: _Reader, nodes: Sequence[Any], name: str) -> tuple[Expr, ...]:
    named = {node.name: reader.read(node.arg) for node in nodes if type(node).__name__ == "NamedArgExpr"}
    if not named:
        return reader.read_all(nodes)
    order = _ARGUMENT_NAMES.get(name, ())
    plain = reader.read_all(nodes[: len(nodes) - len(named)])
    if not named.keys() <= set(order[len(plain) :]):
        raise reader.unknown(f"a call of {name} by argument names")
    return plain + tuple(named.get(argument, Literal(0)) for argument in order[len(plain) :])


def _call(reader: _Reader, node: Any) -> Expr:
    if reader.selects.open and node.funcname[-1].sval in AGGREGATES:
        found = aggregate(node, node.funcname[-1].sval, reader.read_all(node.args or ()))
        if found is not None:
            return found
    if node.agg_star or node.agg_order or node.agg_filter or node.over or node.agg_distinct or node.agg_within_group:
        raise reader.unknown("an aggregate")
    names = [part.sval for part in node.funcname]
    schema = names[-2] if len(names) > 1 and names[-2] != "pg_catalog" else None
    arguments, name = _arguments(reader, node.args or (), names[-1]), names[-1]
    if node.func_variadic:
        # f(VARIADIC ARRAY[a, b]) is f(a, b); of an array that is not spelled out the arguments cannot be told.
        listed = array_elements(arguments[-1])
        if listed is None:
            raise reader.unknown(f"{name} with a variadic array")
        arguments = arguments[:-1] + listed
    return Call(name, arguments, schema)


def _indirection(reader: _Reader, node: Any) -> Expr:
    found = reader.read(node.arg)
    for step in node.indirection:
        kind = type(step).__name__
        if kind == "String":
            found = FieldOf(found, step.sval)
        elif kind == "A_Indices" and not step.is_slice:
            found = Subscript(found, reader.read(step.uidx))
        elif kind == "A_Indices":
            low = reader.read(step.lidx) if step.lidx is not None else NULL_LITERAL
            high = reader.read(step.uidx) if step.uidx is not None else NULL_LITERAL
            found = Call("array_slice", (found, low, high))
        else:
            raise reader.unknown("a whole-row reference")
    return found


def _subquery(reader: _Reader, node: Any) -> Expr:
    found = read_subquery(node, reader.read) or reader.selects.read_link(node)
    if found is None:
        raise reader.unknown("a subquery")
    return found


def _json_predicate(reader: _Reader, node: Any) -> Expr:
    kind = node.item_type.name.removeprefix("JS_TYPE_").lower()
    if node.unique_keys:
        raise reader.unknown("IS JSON WITH UNIQUE KEYS")
    return Call("is_json", (reader.read(node.expr), Literal(kind)))


def _expression(reader: _Reader, node: Any) -> Expr:
    kind = node.kind.name.removeprefix("AEXPR_")
    name = node.name[-1].sval
    if kind in ("BETWEEN", "NOT_BETWEEN", "BETWEEN_SYM", "NOT_BETWEEN_SYM"):
        return _between(reader.read(node.lexpr), reader.read_all(node.rexpr), kind)
    if kind == "IN":
        left, elements = reader.read(node.lexpr), reader.read_all(node.rexpr)
        if isinstance(left, RowOf):
            found = either(*(_binary("=", left, element, reader) for element in elements))
        elif len(elements) == 1:
            found = Compare("=", left, elements[0])
        else:
            found = Quantified("=", left, ArrayOf(elements))
        return Not(found) if name == "<>" else found
    left_node = node.lexpr
    if left_node is None:
        return _prefix(name, reader.read(node.rexpr))
    left, right = reader.read(left_node), reader.read(node.rexpr)
    if kind in ("OP_ANY", "OP_ALL"):
        return Quantified("<>" if name == "!=" else name, left, right, kind == "OP_ALL")
    if kind in ("DISTINCT", "NOT_DISTINCT"):
        negated = kind == "NOT_DISTINCT"
        if isinstance(left, RowOf) and isinstance(right, RowOf) and len(left.elements) == len(right.elements):
            pairs = [Distinct(a, b, negated) for a, b in zip(left.elements, right.elements, strict=True)]
            return both(*pairs) if negated else either(*pairs)
        return Distinct(left, right, negated)
    if kind == "NULLIF":
        return Call("nullif", (left, right))
    if kind in ("OP", "LIKE", "ILIKE", "SIMILAR"):
        return _binary("<>" if name == "!=" else name, left, right, reader)
    raise reader.unknown(kind)


def _prefix(name: str, right: Expr) -> Expr:
    if (
        name == "-"
        and isinstance(right, Literal)
        and isinstance(right.value, int | Decimal)
        and right.value is not True
    ):
        return Literal(-right.value)
    return right if name == "+" else Operator(name, None, right)


def _between(subject: Expr, bounds: Sequence[Expr], kind: str) -> Expr:
    low, high = bounds
    found = both(Compare(">=", subject, low), Compare("<=", subject, high))
    if kind.endswith("SYM"):
        found = either(found, both(Compare(">=", subject, high), Compare("<=", subject, low)))
    return Not(found) if kind.startswith("NOT") else found


def _binary(name: str, left: Expr, right: Expr, reader: _Reader) -> Expr:
    if name in ("#>", "#>>") and (keys := _path(right)):
        for key in keys[:-1]:
            left = Operator("->", left, Literal(key))
        return Operator("->>" if name == "#>>" else "->", left, Literal(keys[-1]))
    if name not in _COMPARISONS:
        return Operator(name, left, right)
    if isinstance(left, RowOf) and isinstance(right, RowOf):
        return _compare_rows(name, left.elements, right.elements, reader)
    return Compare(name, left, right)  # type: ignore[arg-type]  # one of the six, by the test above


def _path(expr: Expr) -> tuple[str, ...]:
    """The keys of '{a,b}', a path in a document; none where some may be places in arrays."""
    expr = expr.argument if isinstance(expr, Cast) else expr
    if isinstance(expr, ArrayOf):
        elements = [e.argument if isinstance(e, Cast) else e for e in expr.elements]
        keys = [e.value if isinstance(e, Literal) else None for e in elements]
    else:
        text = expr.value if isinstance(expr, Literal) else None
        keys = [k.strip() for k in text[1:-1].split(",")] if isinstance(text, str) and text.startswith("{") else []
    plain = all(isinstance(key, str) and re.fullmatch(r"[A-Za-z_][\w -]*", key) for key in keys)
    return tuple(str(key) for key in keys) if plain else ()


def _compare_rows(name: str, left: tuple[Expr, ...], right: tuple[Expr, ...], reader: _Reader) -> Expr:
    if len(left) != len(right) or not left:
        raise reader.unknown("a comparison of rows of different sizes")
    pairs = list(zip(left, right, strict=True))
    if name in ("=", "<>"):
        equal: Expr = both(*(Compare("=", a, b) for a, b in pairs))
        return equal if name == "=" else Not(equal)
    # (a, b) < (c, d) is a < c OR (a = c AND b < d): the last pair alone decides whether equality passes.
    strict = name[0]
    a, b = pairs[-1]
    found: Expr = Compare(name, a, b)  # type: ignore[arg-type]  # one of the four orders
    for a, b in reversed(pairs[:-1]):
        found = Or((Compare(strict, a, b), And((Compare("=", a, b), found))))  # type: ignore[arg-type]  # < or >
    return found


_READERS: Mapping[str, Callable[[_Reader, Any], Expr]] = {
    "A_Const": _constant,
    "ColumnRef": _column,
    "ParamRef": _parameter,
    "TypeCast": _cast,
    "CollateClause": _collate,
    "BoolExpr": _boolean,
    "NullTest": _null_test,
    "BooleanTest": _boolean_test,
    "CaseExpr": _case,
    "A_ArrayExpr": _array,
    "RowExpr": _row,
    "CoalesceExpr": _coalesce,
    "MinMaxExpr": _min_max,
    "SQLValueFunction": _sql_value,
    "FuncCall": _call,
    "A_Indirection": _indirection,
    "JsonIsPredicate": _json_predicate,
    "A_Expr": _expression,
    "SubLink": _subquery,
}

_NAMES = {"XmlExpr": "an XML expression", "JsonFuncExpr": "an SQL/JSON query function"}
