"""An SQL expression as small frozen values: what the parser makes, and the evaluator and the inference read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any, get_args
from typing import Literal as OneOf

from app.errors import SeedbedError
from app.generator.snapshot.model import TypeRef


class ExpressionUnknown(SeedbedError):
    """The expression holds something that is not understood; `what` names it."""

    code = "expression_unknown"

    def __init__(self, what: str, sql: str = "") -> None:
        super().__init__(f"{what} is not understood" + (f" in {sql}" if sql else ""), what=what, sql=sql)
        self.what = what
        self.sql = sql


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column of the row; in a domain's check the value itself is the column `value`."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of an SQL function, until its call is inlined."""

    number: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. Text is of no type yet, as Postgres' quoted literals are; None is NULL."""

    value: bool | int | Decimal | str | None


@dataclass(frozen=True, slots=True)
class Cast:
    argument: "Expr"
    type: TypeRef


@dataclass(frozen=True, slots=True)
class Collate:
    argument: "Expr"
    collation: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; COALESCE, NULLIF, GREATEST, CURRENT_DATE and the like are calls too. `schema` as written."""

    name: str
    arguments: "tuple[Expr, ...]" = ()
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """Any operator that is not a comparison; `left` is None for a prefix operator."""

    name: str
    left: "Expr | None"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Compare:
    operator: OneOf["=", "<>", "<", "<=", ">", ">="]
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Distinct:
    """IS DISTINCT FROM, or with `negated` IS NOT DISTINCT FROM."""

    left: "Expr"
    right: "Expr"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class And:
    arguments: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    arguments: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    argument: "Expr"


@dataclass(frozen=True, slots=True)
class IsNull:
    argument: "Expr"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsTruth:
    """IS [NOT] TRUE, FALSE or, with None, UNKNOWN."""

    argument: "Expr"
    value: bool | None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Quantified:
    """`left operator ANY (array)`, or with `every` ALL; IN lists are such an ANY."""

    operator: str
    left: "Expr"
    array: "Expr"
    every: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    whens: "tuple[tuple[Expr, Expr], ...]"
    default: "Expr"


@dataclass(frozen=True, slots=True)
class ArrayOf:
    elements: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class RowOf:
    elements: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A field of a composite value."""

    argument: "Expr"
    name: str


@dataclass(frozen=True, slots=True)
class Subscript:
    argument: "Expr"
    index: "Expr"


@dataclass(frozen=True, slots=True)
class Strict:
    """An inlined call of a STRICT function: NULL when one of the arguments is, else the body."""

    arguments: "tuple[Expr, ...]"
    body: "Expr"


@dataclass(frozen=True, slots=True)
class Lookup:
    """(SELECT column FROM table WHERE key = argument), as functions that checks call have it.

    Where it is `loose`, the function's argument is meant if it has one of the column's name.
    """

    schema: str | None
    table: str
    column: str
    key: str
    argument: "Expr"
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A column of a set inside a sub-select, by the numbers of the set and of the column."""

    source: int
    place: int


@dataclass(frozen=True, slots=True)
class Aggregate:
    """count(*), sum(x), count(DISTINCT x): over the rows of the sub-select that it stands in."""

    name: str
    arguments: "tuple[Expr, ...]" = ()
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Inner:
    """A sub-select from what values of the row have inside.

    `shape` is `exists`, `value` for aggregates, or `list` for ARRAY(SELECT ...) and the right side of ANY. Each source
    is a call of a function of sets whose last argument is the first item that it gives.
    """

    shape: str
    sources: "tuple[Expr, ...]"
    where: "Expr"
    target: "Expr | None" = None
    order: str = ""


Expr = (
    ColumnRef
    | Parameter
    | Literal
    | Cast
    | Collate
    | Call
    | Operator
    | Compare
    | Distinct
    | And
    | Or
    | Not
    | IsNull
    | IsTruth
    | Quantified
    | Case
    | ArrayOf
    | RowOf
    | FieldOf
    | Subscript
    | Strict
    | Lookup
    | Item
    | Aggregate
    | Inner
)

TRUE = Literal(True)
FALSE = Literal(False)
NULL_LITERAL = Literal(None)


_PARTS: dict[type, tuple[str, ...]] = {kind: tuple(f.name for f in fields(kind)) for kind in get_args(Expr)}


def children(expr: Expr) -> list[Expr]:
    """The direct sub-expressions."""
    found: list[Expr] = []
    for name in _PARTS[type(expr)]:
        _gather(getattr(expr, name), found)
    return found


def _gather(value: Any, found: list[Expr]) -> None:
    # By its type: to ask whether it is one of the union's would go through all of them.
    if type(value) in _PARTS:
        found.append(value)
    elif isinstance(value, tuple):
        for item in value:
            _gather(item, found)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything in it."""
    pending = [expr]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(children(node))


def columns_of(expr: Expr) -> frozenset[str]:
    """The names of the columns that it reads."""
    return frozenset(node.name for node in walk(expr) if isinstance(node, ColumnRef))


def transform(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """The expression with parts replaced, from the top: where `change` gives None, the parts are looked at."""
    changed = change(expr)
    if changed is not None:
        return changed
    updates = {}
    for name in _PARTS[type(expr)]:
        old = getattr(expr, name)
        new = _transformed(old, change)
        if new is not old:
            updates[name] = new
    return replace(expr, **updates) if updates else expr


def _transformed(value: Any, change: Callable[[Expr], Expr | None]) -> Any:
    if isinstance(value, tuple):
        items = tuple(_transformed(item, change) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return transform(value, change) if type(value) in _PARTS else value


def rename(expr: Expr, names: "dict[str, str]") -> Expr:
    """The expression about other columns: `{"value": "email"}` makes a domain's check one about a column."""

    def change(node: Expr) -> Expr | None:
        if isinstance(node, ColumnRef) and node.name in names:
            return ColumnRef(names[node.name])
        return None

    return transform(expr, change)


def array_elements(expr: Expr) -> tuple[Expr, ...] | None:
    """The elements of ARRAY[...], through casts of the whole; None for other arrays."""
    inner = expr
    while isinstance(inner, Cast) and inner.type.array_dims:
        inner = inner.argument
    if inner is not expr and isinstance(expr, Cast) and isinstance(inner, Literal) and expr.type.name == "interval":
        # No array holds intervals here: '{1 day,2 days}' is taken apart.
        items = str(inner.value).strip("{}").split(",") if inner.value is not None else []
        kind = replace(expr.type, array_dims=0)
        return tuple(Cast(Literal(item.strip().strip('"')), kind) for item in items)
    return inner.elements if isinstance(inner, ArrayOf) else None


def both(*arguments: Expr) -> Expr:
    """The conjunction, flattened."""
    found: list[Expr] = []
    for argument in arguments:
        found.extend(argument.arguments if isinstance(argument, And) else (argument,))
    return found[0] if len(found) == 1 else And(tuple(found))


def either(*arguments: Expr) -> Expr:
    """The disjunction, flattened."""
    found: list[Expr] = []
    for argument in arguments:
        found.extend(argument.arguments if isinstance(argument, Or) else (argument,))
    return found[0] if len(found) == 1 else Or(tuple(found))
