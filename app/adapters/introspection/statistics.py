"""What ANALYZE found of a database's tables, for a snapshot that is to give data their shape."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psycopg
from psycopg.rows import dict_row

from app.adapters.introspection.sql_files import read_sql
from app.generator.snapshot.model import ColumnStatistics, QName, Snapshot, TableStatistics

_DIGITS = 6
_MOST_VALUE_CHARS = 200


def with_statistics(connection: "psycopg.Connection[Any]", snapshot: Snapshot, *, values: bool = False) -> Snapshot:
    """The snapshot with its tables' statistics, as far as the connection's role may see them (`pg_stats`).

    Without `values` no value of any column is read. Tables that were never analysed have none.
    """
    names = [str(table.name) for table in snapshot.tables if table.kind != "partition"]
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(read_sql("introspection", "statistics"), {"tables": names}).fetchall()
        common = (
            cursor.execute(read_sql("introspection", "statistics_values"), {"tables": names}).fetchall()
            if values
            else []
        )
    shares = {(QName(row["schema"], row["table"]), row["column"]): _shares(row) for row in common}
    known = {table.name: {column.name for column in table.columns} for table in snapshot.tables}
    found: dict[QName, list[ColumnStatistics]] = defaultdict(list)
    counts: dict[QName, int] = {}
    for row in rows:
        name = QName(row["schema"], row["table"])
        counts[name] = row["rows"]
        if row["column"] in known[name]:
            found[name].append(_column(row, shares.get((name, row["column"]), ())))
    statistics = tuple(
        TableStatistics(name, rows, tuple(found[name])) for name, rows in sorted(counts.items()) if rows or found[name]
    )
    return replace(snapshot, statistics=statistics)


def _column(row: Mapping[str, Any], common: tuple[tuple[str, float], ...]) -> ColumnStatistics:
    correlation = row["correlation"]
    return ColumnStatistics(
        row["column"],
        round(row["null_fraction"], _DIGITS),
        round(row["distinct"], _DIGITS),
        None if correlation is None else round(correlation, _DIGITS),
        common,
    )


def _shares(row: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    pairs = zip(row["values"], row["frequencies"], strict=True)
    return tuple((value, round(share, _DIGITS)) for value, share in pairs if len(value) <= _MOST_VALUE_CHARS)
