"""Keys by which values that are held as text are compared."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.generator.expressions.addresses import address_key, canonical_mac
from app.generator.expressions.intervals import comparable
from app.generator.expressions.kinds import Kind
from app.generator.expressions.literals import read_composite
from app.generator.expressions.moments import read_timetz
from app.generator.expressions.ranges import range_key, range_of, ranges_of
from app.generator.expressions.text_forms import read_money, read_text
from app.generator.expressions.vectors import Fails

# Kinds whose order is not worked out here, or that have none.
EQUALITY_ONLY = frozenset({"jsonb", "hstore", "ltree", "point", "tsvector", "tsquery", "composite"})


def sort_key(kind: Kind) -> Callable[[Any], Any] | None:
    """A function from a value's Python form to what it is compared by; None when values do not compare."""
    name = kind.name
    if name in ("range", "multirange") and kind.element is not None:
        return _range_key(kind)
    if name == "array" and kind.element is not None:
        element = sort_key(kind.element)
        # NULL sorts above every element, and equals itself inside arrays.
        return None if element is None else lambda items: [(1, 0) if i is None else (0, element(i)) for i in items]
    if name == "composite":
        return _composite_key(kind)
    if name == "enum":
        ranks = {label: i for i, label in enumerate(kind.labels)}
        return lambda label: ranks.get(label, -1)
    return _KEYS.get(name)


def _range_key(kind: Kind) -> Callable[[str], Any]:
    element = kind.element
    assert element is not None
    if kind.name == "range":
        return lambda text: range_key(range_of(text, element))
    subtype = element.element
    assert subtype is not None
    return lambda text: [range_key(item) for item in ranges_of(text, subtype)]


def _composite_key(kind: Kind) -> Callable[[str], Any]:
    def key(text: str) -> Any:
        values = read_composite(text)
        found = []
        for value, (_, field) in zip(values, kind.fields, strict=False):
            inner = sort_key(field)
            if inner is None:
                raise Fails(f"a field of type {field}")
            found.append(None if value is None else inner(read_text(value, field)))
        return found

    return key


def json_key(value: Any) -> Any:
    """A JSON value in a form in which equal documents are equal: 1 and 1.0 are, true and 1 are not."""
    if isinstance(value, dict):
        return ("o", tuple(sorted((key, json_key(item)) for key, item in value.items())))
    if isinstance(value, list):
        return ("a", tuple(json_key(item) for item in value))
    if isinstance(value, bool) or value is None:
        return ("b", str(value))
    if isinstance(value, int | float | Decimal):
        return ("n", str(Decimal(str(value)).normalize()))
    return ("s", value)


def _json(text: str) -> Any:
    return json_key(json.loads(text, parse_float=Decimal))


def _timetz(text: str) -> Any:
    found = read_timetz(text)
    if found is None:
        raise Fails(f"{text!r} is no time with time zone")
    return found


def _same(value: Any) -> Any:
    return value


def _float_key(value: float) -> tuple[int, float]:
    return (1, 0.0) if value != value else (0, value)


_KEYS: dict[str, Callable[[Any], Any]] = {
    "jsonb": _json,
    "inet": address_key,
    "cidr": address_key,
    "macaddr": lambda text: canonical_mac(text, 6),
    "macaddr8": lambda text: canonical_mac(text, 8),
    "timetz": _timetz,
    "money": read_money,
    "interval": comparable,
    "float4": _float_key,
    "float8": _float_key,
    "bpchar": lambda text: text.rstrip(" "),
    "citext": str.lower,
    **dict.fromkeys(
        ("bit", "varbit", "text", "varchar", "name", "char", "uuid", "bool", "int2", "int4", "int8", "oid", "numeric"),
        _same,
    ),
    **dict.fromkeys(("date", "timestamp", "timestamptz", "time", "bytea", "ltree", "pg_lsn"), _same),
}
