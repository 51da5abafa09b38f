"""Kinds of column types, and the error that refuses one."""

from typing import Literal

from app.errors import OptionInvalid
from app.generator.values.context import ColumnContext

TEXT_TYPES = frozenset({"text", "varchar", "bpchar", "name", "citext", "refcursor", "char"})
INTEGER_LIMITS = {
    "int2": (-(1 << 15), (1 << 15) - 1),
    "int4": (-(1 << 31), (1 << 31) - 1),
    "int8": (-(1 << 63), (1 << 63) - 1),
    "oid": (1, (1 << 32) - 1),
    "xid": (3, (1 << 32) - 1),
    "cid": (0, (1 << 32) - 1),
    "xid8": (3, (1 << 62) - 1),
}
NUMBER_TYPES = frozenset(INTEGER_LIMITS) | {"numeric", "float4", "float8", "money"}
MOMENT_TYPES = frozenset({"date", "timestamp", "timestamptz"})


def kind_of_type(name: str) -> Literal["text", "number", "moment"] | None:
    """What kind of values a type of this name has; None for those that are of a kind of their own."""
    if name in TEXT_TYPES:
        return "text"
    if name in NUMBER_TYPES:
        return "number"
    return "moment" if name in MOMENT_TYPES else None


def refuse(context: ColumnContext, message: str) -> OptionInvalid:
    """The error that says which column cannot be made, and why."""
    return OptionInvalid(f"{context.table}.{context.column.name}: {message}")
