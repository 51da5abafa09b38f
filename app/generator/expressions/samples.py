"""JSON documents that satisfy checks about their keys: found by trying.

Generators make objects with the keys that a domain names, but do not know what a check asks of the values below them.
Those rules are read like rules for columns, documents are put together from a few values for each, and the checks
themselves say which documents will do.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.domain import Domain
from app.generator.expressions.evaluate import Predicate
from app.generator.expressions.nodes import (
    And,
    Cast,
    ColumnRef,
    Expr,
    ExpressionUnknown,
    Literal,
    Operator,
    columns_of,
    transform,
    walk,
)
from app.generator.keys import draw
from app.generator.snapshot.model import TypeRef
from app.generator.types import REGISTERED

_MOST_DOCUMENTS = 64
_VALUES_EACH = 16
_TEXT = TypeRef("pg_catalog", "text")
_JSONB = TypeRef("pg_catalog", "jsonb")


@dataclass(frozen=True, slots=True)
class Place:
    """A value inside a document: the keys that lead there, and the type that a condition takes it for."""

    keys: tuple[str, ...]
    type: TypeRef

    @property
    def name(self) -> str:
        """A column name that no table has."""
        return "\0".join((*self.keys, self.type.name))


def with_places(expr: Expr, column: str) -> tuple[Expr, frozenset[Place]]:
    """The condition with `column -> 'a' ->> 'b'` replaced by columns of their own, and which those are."""
    places: set[Place] = set()

    def change(node: Expr) -> Expr | None:
        inner = _uncast(node)
        if isinstance(node, Cast) and isinstance(inner, Operator):
            keys = _keys(inner, column)
            if keys is not None and inner.name == "->>" and not node.type.array_dims:
                return _replaced(Place(keys, node.type), places)
        if isinstance(node, Operator):
            keys = _keys(node, column)
            if keys is not None:
                return _replaced(Place(keys, _TEXT if node.name == "->>" else _JSONB), places)
        return None

    return transform(expr, change), frozenset(places)


def _uncast(node: Expr) -> Expr:
    """What a cast casts, through those that an inlined function puts around its argument."""
    if not isinstance(node, Cast):
        return node
    inner = node.argument
    while isinstance(inner, Cast) and inner.type.name in ("text", "varchar", node.type.name):
        inner = inner.argument
    return inner


def _replaced(place: Place, places: set[Place]) -> ColumnRef:
    places.add(place)
    return ColumnRef(place.name)


def _keys(expr: Expr, column: str) -> tuple[str, ...] | None:
    """The keys of `column -> 'a' -> 'b'`."""
    if isinstance(expr, Cast) and expr.type.name in ("json", "jsonb"):
        expr = expr.argument
    if isinstance(expr, ColumnRef):
        return () if expr.name == column else None
    if not isinstance(expr, Operator) or expr.name not in ("->", "->>") or expr.left is None:
        return None
    key = expr.right.argument if isinstance(expr.right, Cast) else expr.right
    above = _keys(expr.left, column)
    if above is None or not isinstance(key, Literal) or not isinstance(key.value, str):
        return None
    return (*above, key.value)


def conjuncts(expr: Expr) -> Iterator[Expr]:
    """The parts of an AND, all the way down."""
    if isinstance(expr, And):
        for argument in expr.arguments:
            yield from conjuncts(argument)
    else:
        yield expr


def reads_inside(expr: Expr, column: str) -> bool:
    """Whether the condition looks into the document."""
    inside = any(isinstance(node, Operator) and bool(_keys(node, column)) for node in walk(expr))
    return inside or any(True for part in conjuncts(expr) for _ in _contained(part, column))


def _contained(part: Expr, column: str) -> Iterator[dict[str, Any]]:
    """What `document @> '{"version": 2}'` asks for."""
    if not isinstance(part, Operator) or part.name not in ("@>", "<@") or part.left is None:
        return
    whole, inner = (part.left, part.right) if part.name == "@>" else (part.right, part.left)
    while isinstance(inner, Cast):
        inner = inner.argument
    if _keys(whole, column) == () and isinstance(inner, Literal) and isinstance(inner.value, str):
        try:
            found = json.loads(inner.value)
        except ValueError:
            return
        if isinstance(found, dict):
            yield found


def contained_keys(leaf: Expr) -> tuple[str, ...]:
    """The keys that a document has to contain by this condition, which is about nothing else."""
    columns = columns_of(leaf)
    found = list(_contained(leaf, min(columns))) if len(columns) == 1 else []
    return tuple(found[0]) if found else ()


def base_of(conditions: Iterable[Expr], column: str) -> dict[str, Any]:
    """What every document has, by the conditions that say what it contains."""
    found: dict[str, Any] = {}
    for condition in conditions:
        for part in conjuncts(condition):
            for asked in _contained(part, column):
                _merge(found, asked)
    return found


def _merge(document: dict[str, Any], other: Mapping[str, Any]) -> None:
    for key, value in other.items():
        own = document.get(key)
        if isinstance(own, dict) and isinstance(value, dict):
            _merge(own, value)
        else:
            document[key] = value


def documents(
    places: dict[Place, Domain], keys: Sequence[str], column: str, predicates: Sequence[Predicate],
    base: Mapping[str, Any],
) -> tuple[str, ...]:  # fmt: skip
    """Up to 64 documents with those keys and values that all the predicates accept; each has what `base` has."""
    choices = [(place, list(islice(_values(place, domain), _VALUES_EACH))) for place, domain in places.items()]
    if any(not values for _, values in choices):
        return ()
    made: dict[str, None] = {}
    for number in range(2 * _MOST_DOCUMENTS):
        document: dict[str, Any] = {key: f"{key} {number + 1}" for key in keys} | deepcopy(dict(base))
        words = draw(0x15, np.full(1, number, dtype=np.int64), 0)[0]
        for i, (place, values) in enumerate(choices):
            put(document, place.keys, values[int(words >> np.uint64(7 * i % 57)) % len(values)])
        made[json.dumps(document, ensure_ascii=False)] = None
    texts = pa.array(list(made), pa.string())
    accepted = np.ones(len(texts), dtype=np.bool_)
    for predicate in predicates:
        accepted &= predicate.accepts({column: texts}, len(texts))
    return tuple(text for text, kept in zip(made, accepted.tolist(), strict=True) if kept)[:_MOST_DOCUMENTS]


def put(document: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    """Puts a value where the keys lead, over whatever is there."""
    for key in keys[:-1]:
        inner = document.get(key)
        if not isinstance(inner, dict):
            inner = document[key] = {}
        document = inner
    document[keys[-1]] = value


_SHAPES: dict[str, Any] = {
    "object": {"note": "a"}, "array": ["a"], "string": "a", "number": 1, "boolean": True, "null": None,
}  # fmt: skip
_WORDS = ("alpha", "beta", "gamma", "delta")


def _values(place: Place, domain: Domain) -> Iterator[Any]:
    """Values for a place, those that the domain names first."""
    name = place.type.name
    if domain.values is not None:
        yield from (_plain(value) for value in domain.values)
    elif name == "jsonb":
        yield from (_SHAPES[kind] for kind in (domain.json_types or ("string", "number", "object")))
    elif name in ("int2", "int4", "int8", "numeric", "float4", "float8"):
        low = 1 if domain.low is None else domain.low
        low = low if domain.high is None or domain.low is not None else domain.high
        # The bounds themselves, and numbers a little further in.
        candidates = [low, *(Decimal(str(low)) + step for step in (1, 2, 10, 3, 5, 20, 50, 100, 4, 7, 15, 30, 70, 200))]
        yield from (_plain(value) for value in candidates if not isinstance(value, str) and domain.permits(value))
    elif name == "bool":
        yield from (True, False)
    elif name in ("date", "timestamp", "timestamptz"):
        yield str(domain.low or domain.high or "2024-05-17")
    elif name == "interval":
        yield from ("1 hour", "90 minutes", "2 days")
    elif name in ("inet", "cidr"):
        yield from ("192.0.2.1", "192.0.2.7")
    elif name == "uuid":
        yield "00000000-0000-4000-8000-000000000001"
    elif name in REGISTERED:
        yield from REGISTERED[name]
    else:
        yield from texts_of(domain)


def texts_of(domain: Domain) -> Iterator[str]:
    """A few texts that a domain permits."""
    from app.generator.expressions.pattern import PatternGenerator  # only documents with patterns inside need it

    if domain.patterns or domain.min_length or domain.max_length:
        try:
            generator = PatternGenerator.for_domain(domain)
        except ExpressionUnknown:
            return
        if generator.capacity:
            yield from generator.draw(draw(0x7E, np.arange(_VALUES_EACH, dtype=np.int64), 0)).to_pylist()
        return
    yield from (word for word in _WORDS if domain.permits(word))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
