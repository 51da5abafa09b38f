"""Columns to make generators for: the contexts that the tests of this folder share."""

from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.domain import Domain
from app.generator.snapshot.model import Column, QName, TypeRef
from app.generator.values.choice import Choice
from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator
from app.generator.values.registry import build, entries

BUILTIN = "pg_catalog"
SIBLINGS = {
    "first_name": TypeRef(BUILTIN, "text"),
    "last_name": TypeRef(BUILTIN, "text"),
    "full_name": TypeRef(BUILTIN, "text"),
    "title": TypeRef(BUILTIN, "text"),
    "status": TypeRef(BUILTIN, "text"),
    "created_at": TypeRef(BUILTIN, "timestamptz"),
    "quantity": TypeRef(BUILTIN, "int4"),
    "unit_price": TypeRef(BUILTIN, "numeric", (10, 2)),
    "subtotal": TypeRef(BUILTIN, "numeric", (10, 2)),
    "tax": TypeRef(BUILTIN, "numeric", (10, 2)),
    "discount": TypeRef(BUILTIN, "numeric", (10, 2)),
    "birth_date": TypeRef(BUILTIN, "date"),
}
_MADE_BY = {
    "first_name": "first_name",
    "last_name": "last_name",
    "full_name": "full_name",
    "title": "work_title",
    "status": "job_title",
    "created_at": "timestamp",
    "quantity": "number",
    "unit_price": "price",
    "subtotal": "price",
    "tax": "price",
    "discount": "price",
    "birth_date": "birth_date",
}
_TYPES = {"text": "text", "number": "numeric(12,2)", "moment": "timestamptz", "boolean": "bool"}
_OWN_TYPES = {
    "ip_address": "inet", "mac_address": "macaddr", "uuid": "uuid", "geo_point": "point", "time_of_day": "time",
    "duration": "interval", "json": "jsonb", "age": "int4", "sequence": "int4", "expression": "numeric(12,2)",
}  # fmt: skip
LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "pt_BR", "nl_NL", "it_IT", "ja_JP")


def read_type(text: str) -> TypeRef:
    """`varchar(20)` or `int4[]` as a type."""
    dimensions = text.count("[]")
    name, _, inside = text.replace("[]", "").partition("(")
    modifiers = tuple(int(n) for n in inside.rstrip(")").split(",")) if inside else ()
    return TypeRef(BUILTIN, name, modifiers, dimensions)


def column(kind: str, domain: Domain | None = None, *, name: str = "c", **more: Any) -> ColumnContext:
    """A column of a table with all the siblings."""
    ref = read_type(kind)
    more.setdefault("siblings", SIBLINGS)
    more.setdefault("table_key", 77)
    return ColumnContext(QName("public", "t"), Column(name, ref), ref, domain or Domain(), **more)


def example(name: str, locale: str = "en_US", *, unique: bool = False) -> tuple[Choice, ColumnContext]:
    """The registry's own example of a generator, and a column that it serves."""
    entry = entries()[name]
    kind = _OWN_TYPES.get(name) or _TYPES.get(entry.serves[0], "text")
    return Choice(name, dict(entry.example)), column(kind, locale=locale, unique=unique)


def made(name: str, locale: str = "en_US") -> Generator:
    """The generator of the registry's example."""
    return build(*example(name, locale))


def sibling_arrays(rows: np.ndarray) -> dict[str, pa.Array]:
    """The siblings' values in those rows."""
    found = {}
    for name, ref in SIBLINGS.items():
        context = ColumnContext(QName("public", "t"), Column(name, ref), ref, Domain(), siblings=SIBLINGS, table_key=77)
        found[name] = build(Choice(_MADE_BY[name]), context).draw(len(name), rows, {}, 0)
    return found


def rows_of(*numbers: int) -> np.ndarray:
    """Row numbers as the engine passes them."""
    return np.array(numbers, np.int64)
