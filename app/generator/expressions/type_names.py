"""Type names as they stand in expressions -> type references."""

from app.generator.snapshot.model import TypeRef
from app.generator.types import BUILTIN_SCHEMA

# Names that the parser leaves as written, and the catalogue names they stand for.
_ALIASES = {
    "int": "int4",
    "integer": "int4",
    "smallint": "int2",
    "bigint": "int8",
    "real": "float4",
    "double precision": "float8",
    "boolean": "bool",
    "decimal": "numeric",
    "character varying": "varchar",
    "string": "text",
}

_BUILTIN = frozenset(
    """bool bytea char name int8 int2 int2vector int4 regproc text oid tid xid cid json xml jsonb jsonpath point
    lseg path box polygon line circle float4 float8 money macaddr macaddr8 inet cidr bpchar varchar date
    time timestamp timestamptz interval timetz bit varbit numeric uuid pg_lsn tsvector tsquery txid_snapshot
    pg_snapshot int4range numrange tsrange tstzrange daterange int8range int4multirange nummultirange
    tsmultirange tstzmultirange datemultirange int8multirange regclass regtype regrole regnamespace regoper
    regoperator regprocedure regconfig regdictionary xid8""".split()
)

# The masks by which the grammar says which fields an interval has (utils/timestamp.h: INTERVAL_MASK).
_INTERVAL_FIELDS = {
    1 << 2: "year",
    1 << 1: "month",
    1 << 3: "day",
    1 << 10: "hour",
    1 << 11: "minute",
    1 << 12: "second",
    (1 << 2) | (1 << 1): "year to month",
    (1 << 3) | (1 << 10): "day to hour",
    (1 << 3) | (1 << 10) | (1 << 11): "day to minute",
    (1 << 3) | (1 << 10) | (1 << 11) | (1 << 12): "day to second",
    (1 << 10) | (1 << 11): "hour to minute",
    (1 << 10) | (1 << 11) | (1 << 12): "hour to second",
    (1 << 11) | (1 << 12): "minute to second",
}


def read_type(names: tuple[str, ...], modifiers: tuple[int, ...], array_dims: int) -> TypeRef:
    """A reference to the type of that name; a name without schema that is not built in keeps an empty schema."""
    name = names[-1]
    schema = names[-2] if len(names) > 1 else ""
    if schema in ("", BUILTIN_SCHEMA):
        name = _ALIASES.get(name, name)
        if name.startswith("_") and name[1:] in _BUILTIN:
            name, array_dims = name[1:], max(1, array_dims)
        if name in _BUILTIN:
            schema = BUILTIN_SCHEMA
    if name == "interval" and schema == BUILTIN_SCHEMA and modifiers:
        fields = _INTERVAL_FIELDS.get(modifiers[0])
        return TypeRef(schema, name, modifiers[1:], array_dims, fields)
    return TypeRef(schema, name, modifiers, min(array_dims, 1))
