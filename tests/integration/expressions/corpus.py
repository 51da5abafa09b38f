"""Expressions to be evaluated here and by Postgres, over a table that has a column of nearly every type."""

from tests.integration.expressions.document_conditions import DOCUMENTS
from tests.integration.expressions.scalar_conditions import LOGIC, NUMBERS, TEXTS
from tests.integration.expressions.time_conditions import TIMES
from tests.integration.expressions.values import VALUES

__all__ = ["COLUMNS", "NEWER_PREDICATES", "NEWER_VALUES", "PREDICATES", "VALUES"]

COLUMNS: dict[str, str] = {
    "i2": "smallint",
    "i4": "integer",
    "i4b": "integer",
    "i8": "bigint",
    "n": "numeric(10,2)",
    "n0": "numeric(6,0)",
    "nu": "numeric",
    "f4": "real",
    "f8": "double precision",
    "s": "text",
    "s2": "text",
    "v": "character varying(20)",
    "c": "character(4)",
    "ci": "citext",
    "b": "boolean",
    "b2": "boolean",
    "d": "date",
    "d2": "date",
    "ts": "timestamp without time zone",
    "tz": "timestamp with time zone",
    "tz2": "timestamp with time zone",
    "t": "time without time zone",
    "tt": "time with time zone",
    "iv": "interval",
    "iv2": "interval",
    "j": "jsonb",
    "jn": "json",
    "u": "uuid",
    "u2": "uuid",
    "ip": "inet",
    "cd": "cidr",
    "mac": "macaddr",
    "ia": "integer[]",
    "ta": "text[]",
    "ir": "int4range",
    "nr": "numrange",
    "dr": "daterange",
    "tr": "tstzrange",
    "im": "int4multirange",
    "m": "mood",
    "by": "bytea",
    "bt": "bit(4)",
    "mo": "money",
    "co": "pair",
    "hs": "hstore",
    "lt": "ltree",
}

# What an older server cannot parse, or gives other digits for: by server_version_num of the first that agrees.
NEWER_PREDICATES = {"s IS JSON": 160000, "s IS JSON OBJECT": 160000}
NEWER_VALUES = {"power(n, 2)": 180000}

PREDICATES = [
    line.strip()
    for block in (NUMBERS, TEXTS, LOGIC, TIMES, DOCUMENTS)
    for line in block.replace("\\\\", "\\").splitlines()
    if line.strip()
]
