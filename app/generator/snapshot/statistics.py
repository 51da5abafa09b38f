"""Statistics in the snapshot's JSON form: optional, and no part of what a schema means."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from app.generator.snapshot.model import ColumnStatistics, QName, Table, TableStatistics

MOST_ROWS = 10**15
_MOST_COMMON = 10_000
_MOST_VALUE_CHARS = 1_000
_MOST_TABLES = 100_000
_TABLE_KEYS = frozenset({"schema", "table", "rows", "columns"})
_COLUMN_KEYS = frozenset({"column", "nullFraction", "distinct", "correlation", "common"})
Tell = Callable[[str, str, str], None]


def statistics_to_json(statistics: Sequence[TableStatistics]) -> list[dict[str, Any]]:
    """The form, tables and columns in name order; what says nothing is left out."""
    return [
        {
            **({} if found.table.schema == "public" else {"schema": found.table.schema}),
            "table": found.table.name,
            "rows": found.rows,
            "columns": [_column(column) for column in sorted(found.columns, key=lambda column: column.column)],
        }
        for found in sorted(statistics, key=lambda found: found.table)
    ]


def _column(column: ColumnStatistics) -> dict[str, Any]:
    found: dict[str, Any] = {"column": column.column}
    if column.null_fraction:
        found["nullFraction"] = column.null_fraction
    if column.distinct:
        found["distinct"] = column.distinct
    if column.correlation is not None:
        found["correlation"] = column.correlation
    if column.common:
        found["common"] = [{"value": value, "share": share} for value, share in column.common]
    return found


def read_statistics(form: object, tables: Sequence[Table], tell: Tell) -> tuple[TableStatistics, ...]:
    """What can be read of the form; `tell` is given pointer, code and sentence of each fault."""
    if form is None:
        return ()
    if not isinstance(form, list) or len(form) > _MOST_TABLES:
        tell("/statistics", "snapshot_form", "a list of tables' statistics is expected")
        return ()
    known = {table.name: {column.name for column in table.columns} for table in tables}
    found = [_read_table(entry, f"/statistics/{n}", known, tell) for n, entry in enumerate(form)]
    read = [one for one in found if one is not None]
    if len({one.table for one in read}) != len(read):
        tell("/statistics", "duplicate_name", "a table has its statistics twice")
    return tuple(sorted(read, key=lambda one: one.table))


def _read_table(form: object, at: str, known: dict[QName, set[str]], tell: Tell) -> TableStatistics | None:
    if not isinstance(form, dict) or set(form) - _TABLE_KEYS or not {"table", "rows"} <= set(form):
        tell(at, "snapshot_form", f"an object of {', '.join(sorted(_TABLE_KEYS))} is expected")
        return None
    schema, table, rows = form.get("schema", "public"), form["table"], form["rows"]
    if not isinstance(schema, str) or not isinstance(table, str) or QName(schema, table) not in known:
        tell(f"{at}/table", "missing_table", "the snapshot has no such table")
        return None
    if isinstance(rows, bool) or not isinstance(rows, int) or not 0 <= rows <= MOST_ROWS:
        tell(f"{at}/rows", "snapshot_form", f"a whole number from 0 to {MOST_ROWS:,} is expected")
        return None
    name = QName(schema, table)
    columns = form.get("columns", [])
    if not isinstance(columns, list) or len(columns) > len(known[name]):
        tell(f"{at}/columns", "snapshot_form", "a list is expected, of no more columns than the table has")
        return None
    read = [_read_column(entry, f"{at}/columns/{n}", known[name], tell) for n, entry in enumerate(columns)]
    return TableStatistics(name, rows, tuple(column for column in read if column is not None))


def _read_column(form: object, at: str, known: set[str], tell: Tell) -> ColumnStatistics | None:
    if not isinstance(form, dict) or set(form) - _COLUMN_KEYS or not isinstance(form.get("column"), str):
        tell(at, "snapshot_form", f"an object of {', '.join(sorted(_COLUMN_KEYS))} is expected")
        return None
    if form["column"] not in known:
        tell(f"{at}/column", "missing_column", f"the table has no column {form['column'][:100]!r}")
        return None
    numbers = {"nullFraction": (0, 1), "distinct": (-1, MOST_ROWS), "correlation": (-1, 1)}
    for name, (low, high) in numbers.items():
        if name in form and not _within(form[name], low, high):
            tell(f"{at}/{name}", "snapshot_form", f"a number from {low} to {high:,} is expected")
            return None
    common = form.get("common", [])
    if not isinstance(common, list) or len(common) > _MOST_COMMON or not all(_is_share(pair) for pair in common):
        tell(f"{at}/common", "snapshot_form", "a list of values with their shares is expected")
        return None
    return ColumnStatistics(
        form["column"],
        form.get("nullFraction", 0.0),
        form.get("distinct", 0.0),
        form.get("correlation"),
        tuple((pair["value"], pair["share"]) for pair in common),
    )


def _within(value: object, low: float, high: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and low <= value <= high


def _is_share(pair: object) -> bool:
    if not isinstance(pair, dict) or set(pair) != {"value", "share"}:
        return False
    value, share = pair["value"], pair["share"]
    if not isinstance(value, str) or "\0" in value or len(value) > _MOST_VALUE_CHARS:
        return False
    return not any("\ud800" <= c <= "\udfff" for c in value) and _within(share, 0, 1)
