"""Plans and rows made by hand: the formats are tested without the engine, with values it would rarely make.

A cell is taken from a short list by its row number; the lists have lengths without a common divisor, so that rows
combine them in many ways.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.arrow_types import arrow_type
from app.generator.plan import ColumnPlan, Plan, RelationPlan, TablePlan
from app.generator.snapshot.model import QName, TypeRef

HOSTILE_TEXTS = (
    "plain",
    "",
    None,
    "comma, quote \" and 'apostrophe'",
    "tab\tand\\backslash",
    "line\nbreak",
    "carriage\rreturn\r\n",
    "\\.",
    "\\N",
    "NULL",
    " blanks around ",
    "Zoë Ångström 日本語 🎉",
    "{braces}",
    "=1+1",
    "\x01\x02\x1f",
    "$$dollar$$",
    "-- no comment",
)


def _type(name: str, *modifiers: int, array_dims: int = 0) -> TypeRef:
    return TypeRef("pg_catalog", name, modifiers, array_dims)


AWKWARD_NAME = "odd \"name\", with\nline\\break and 'é'"

# Column -> its type and the values it goes through. The text is what Postgres should have after a load.
VALUES: Mapping[str, tuple[TypeRef, Sequence[Any]]] = {
    "id": (_type("int8"), (1, 2**63 - 1, -(2**63), 0, 42)),
    "small": (_type("int2"), (None, 32767, -32768)),
    "text": (_type("text"), HOSTILE_TEXTS),
    "flag": (_type("bool"), (True, False, None)),
    "price": (_type("numeric", 12, 2), (Decimal("0.00"), Decimal("-0.05"), Decimal("9999999999.99"), None)),
    "wide": (
        _type("numeric", 38, 10),
        (Decimal("0.0000000001"), Decimal("-1234567890123456789012345678.0123456789"), Decimal("1.5")),
    ),
    "ratio": (_type("float8"), (0.1, 1e300, -2.5e-7, float("nan"), float("inf"), float("-inf"), -0.0, None)),
    "single": (_type("float4"), (0.5, 16777216.0, None)),
    "day": (_type("date"), (date(2024, 2, 29), date(1, 1, 1), date(9999, 12, 31), None, date(1850, 6, 1))),
    "at": (
        _type("timestamp"),
        # Without a zone, as the type has none.
        tuple(
            moment and datetime.fromisoformat(moment)
            for moment in ("2024-02-29 23:59:59", "1999-12-31 00:00:00.250000", None, "0001-01-01 00:00:00")
        ),
    ),
    "at_zone": (
        _type("timestamptz"),
        (datetime(2024, 2, 29, 12, 30, tzinfo=UTC), datetime(2000, 1, 1, 0, 0, 0, 1, tzinfo=UTC), None),
    ),
    "clock": (_type("time"), (time(0, 0), time(23, 59, 59, 999_999), None, time(12, 30))),
    "bytes": (_type("bytea"), (b"", b"\x00\xff\\", None, b"plain")),
    "json": (_type("jsonb"), ('{"a": "quote \\" here"}', "[]", '"text"', None, '{"n": null}')),
    "numbers": (_type("int4", array_dims=1), ([1, 2, 3], [], [None, -1], None)),
    "words": (
        _type("text", array_dims=1),
        (["a", "", "NULL", "null", None, 'q"', "b\\", "c,d", "{e}", " f ", "g\nh", "\t"], [], None, [""]),
    ),
    "moments": (_type("timestamptz", array_dims=1), ([datetime(2024, 2, 29, 12, tzinfo=UTC), None], None)),
    "blobs": (_type("bytea", array_dims=1), ([b"\x01\x02", None, b""], [])),
    "flags": (_type("bool", array_dims=1), ([True, None, False], None)),
    "boxes": (_type("box", array_dims=1), (["(1,1),(0,0)", "(2,2),(1,1)"], [])),
    "documents": (_type("jsonb", array_dims=1), (['{"a": [1, "x"]}', None, "2"], [], None)),
    "grid": (_type("int4", array_dims=2), ("{{1,2},{3,NULL}}", "{}", None)),
    "signs": (
        _type("text", array_dims=2),
        ('{{a,"b c"},{"d,{e}","q\\"\\\\"}}', '{{NULL,"NULL"},{"",é}}', None, '{{"line\nbreak","\t"}}'),
    ),
    "instants": (
        _type("timestamptz", array_dims=2),
        ('{{"2024-02-29 12:00:00+00"},{NULL}}', None, '{{"2024-02-29 12:00:00.25+00"}}'),
    ),
    "answers": (_type("bool", array_dims=2), ("{{t,f},{NULL,t}}", None)),
    # More digits than Arrow's decimals have.
    "exact": (_type("numeric", 100, 30), ("NaN", None, "1" * 60 + "." + "0" * 29 + "1", "-0.5", "100")),
    "spans": (_type("datemultirange"), ("{[2024-01-01,2024-02-29),[2024-03-01,)}", "{}", None)),
    "zoned": (_type("timetz"), ("23:59:59.999999+05:45", None, "00:00:00-12")),
    "span": (_type("int4range"), ("[1,10)", "empty", None, "(,5)")),
    "address": (_type("inet"), ("192.0.2.1", "2001:db8::/32", None)),
    AWKWARD_NAME: (_type("text"), ("x", None)),
    "number": (_type("int4"), (1, 7, 3)),
    "length": (_type("interval"), ("1 day 02:03:04.5", "-3 mons", None, "-1 day 02:03:04")),
}


def column_plan(name: str, type_ref: TypeRef, **more: Any) -> ColumnPlan:
    """A column that is written, filled by `rows_of`."""
    return ColumnPlan(name, type_ref, type_ref, "sample", null_ppm=1, **more)


def table_plan(name: str, rows: int, columns: Sequence[str] = tuple(VALUES), schema: str = "public") -> TablePlan:
    """A table with some of the columns in `VALUES`."""
    return TablePlan(QName(schema, name), rows, tuple(column_plan(c, VALUES[c][0]) for c in columns))


def make_plan(*tables: TablePlan, seed: str = "7") -> Plan:
    """A plan of these tables."""
    return Plan(seed, tables, 1, "en_US", datetime(2026, 1, 1, tzinfo=UTC))


def with_deferred_cycle(table: TablePlan) -> TablePlan:
    """The table with a foreign key to itself that holds only at the end of the load."""
    relation = RelationPlan("loop", ("id",), table.name, ("id",), deferred=True)
    return TablePlan(table.name, table.rows, table.columns, (relation,))


def rows_of(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[pa.RecordBatch]:
    """Stands in for the engine's `batches`."""
    schema = plan.table(table).schema
    for first in range(start, stop, chunk_rows):
        rows = np.arange(first, min(first + chunk_rows, stop))
        columns = [_values(field.name).take(pa.array(rows % len(VALUES[field.name][1]))) for field in schema]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


@cache
def _values(column: str) -> pa.Array:
    ref, values = VALUES[column]
    return pa.array(values, arrow_type(ref))


def batch_of(table: TablePlan, rows: int = 400) -> pa.RecordBatch:
    """The first rows of a table, in one batch."""
    return next(rows_of(make_plan(table), table.name, 0, rows, rows))


def values_of(table: TablePlan, rows: int) -> list[tuple[Any, ...]]:
    """The same rows as Python values."""
    names = [c.name for c in table.columns]
    return [tuple(VALUES[name][1][row % len(VALUES[name][1])] for name in names) for row in range(rows)]


def infinity_batch() -> pa.RecordBatch:
    """Infinite dates and time stamps, which Arrow holds as the extreme integers, and years before Christ."""
    table = TablePlan(
        QName("public", "ends"), 4, (column_plan("day", _type("date")), column_plan("at_zone", _type("timestamptz")))
    )
    days = pa.array([2**31 - 1, -(2**31), -719_528, None], pa.int32()).cast(pa.date32())
    instants = pa.array([2**63 - 1, -(2**63), 253_402_300_800_000_000, None], pa.int64()).cast(table.schema[1].type)
    return pa.RecordBatch.from_arrays([days, instants], schema=table.schema)
