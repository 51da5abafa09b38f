"""Postgres type -> Arrow type, and the field metadata by which an encoder knows what a string stands for."""

import pyarrow as pa

from app.generator.snapshot.model import TypeRef
from app.generator.types import BUILTIN_SCHEMA, format_type

_MAX_DECIMAL_DIGITS = 38
# Digits after the point of a numeric without a declared scale.
UNBOUNDED_NUMERIC_SCALE = 4

_FIXED: dict[str, pa.DataType] = {
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "oid": pa.int64(),
    "xid": pa.int64(),
    "cid": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "time": pa.time64("us"),
    "bytea": pa.binary(),
}


def arrow_type(ref: TypeRef) -> pa.DataType:
    """The Arrow type of a column whose domains are unwrapped.

    Types without an Arrow counterpart are strings in the form Postgres reads: jsonb, ranges, inet, intervals, enums.
    """
    if ref.array_dims == 1:
        return pa.list_(arrow_type(TypeRef(ref.schema, ref.name, ref.modifiers)))
    if ref.array_dims > 1 or ref.schema != BUILTIN_SCHEMA:
        return pa.string()
    if ref.name == "numeric":
        return _decimal_type(ref)
    return _FIXED.get(ref.name, pa.string())


def _decimal_type(ref: TypeRef) -> pa.DataType:
    if not ref.modifiers:
        return pa.decimal128(_MAX_DECIMAL_DIGITS, UNBOUNDED_NUMERIC_SCALE)
    precision, scale = ref.modifiers[0], ref.modifiers[1] if len(ref.modifiers) > 1 else 0
    # numeric(3,5) and numeric(3,-2) are legal in Postgres and not in Arrow; neither are 39 digits.
    if precision > _MAX_DECIMAL_DIGITS or not 0 <= scale <= precision:
        return pa.string()
    return pa.decimal128(precision, scale)


def arrow_field(name: str, declared: TypeRef, base: TypeRef, nullable: bool, **extra: str) -> pa.Field:
    """A field with metadata `pg` (the declared type as Postgres prints it) and `kind` (the base type's name)."""
    kind = base.name if not base.array_dims else f"_{base.name}"
    metadata = {"pg": format_type(declared), "kind": kind} | extra
    return pa.field(name, arrow_type(base), nullable=nullable, metadata=metadata)
