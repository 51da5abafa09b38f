"""What a model is told of a schema: names, types, keys and comments; no row, and no value that statistics have seen."""

from typing import Any

from app.generator.plan import Plan
from app.generator.prompt.overrides import PlanOverrides
from app.generator.prompt.schema_words import SchemaWords
from app.generator.snapshot.model import Snapshot
from app.generator.snapshot.type_names import format_type

_MOST_COLUMNS = 2_000
_MOST_COMMENT_CHARS = 300
_MOST_VALUES = 50
_MOST_NAMES = 20


def describe_schema(snapshot: Snapshot, plan: Plan) -> list[dict[str, Any]]:
    """The plan's tables with their columns; of a huge schema the first two thousand columns."""
    words = SchemaWords(snapshot, plan)
    found: list[dict[str, Any]] = []
    left = _MOST_COLUMNS
    for table in plan.tables:
        columns: list[dict[str, Any]] = []
        for column in table.columns[: max(0, left)]:
            told: dict[str, Any] = {"name": column.name, "type": format_type(column.type)}
            if column.nullable:
                told["nullable"] = True
            if column.comment:
                told["comment"] = column.comment[:_MOST_COMMENT_CHARS]
            values = words.listed_values(table, column)
            if values:
                told["values"] = list(values[:_MOST_VALUES])
            columns.append(told)
        left -= len(columns)
        entry: dict[str, Any] = {"table": words.written(table.name), "rows": table.rows, "columns": columns}
        if table.comment:
            entry["comment"] = table.comment[:_MOST_COMMENT_CHARS]
        if table.relations:
            entry["refersTo"] = sorted({words.written(r.ref_table) for r in table.relations if r.pick != "null"})
        found.append(entry)
    return found


def unknown_names(overrides: PlanOverrides, plan: Plan) -> list[str]:
    """A sentence for each table or column that the plan has not."""
    columns: dict[str, set[str]] = {}
    for table in plan.tables:
        names = {column.name for column in table.columns}
        columns[str(table.name)] = names
        columns.setdefault(table.name.name, names)
    tables = [
        *(count.table for count in overrides.rows if count.table != "*"),
        *(name for ratio in overrides.ratios for name in (ratio.table, ratio.parent)),
        *(span.table for span in overrides.dates if span.table is not None),
        *(country.table for country in overrides.countries if country.table is not None),
    ]
    places = [
        *((wish.table, wish.column) for wish in overrides.columns),
        *((bond.table, name) for bond in overrides.correlations for name in (bond.column, *bond.of)),
    ]
    found = [f"there is no table {name[:100]!r}" for name in tables if name not in columns]
    for table_name, column_name in places:
        if table_name not in columns:
            found.append(f"there is no table {table_name[:100]!r}")
        elif column_name not in columns[table_name]:
            known = ", ".join(sorted(columns[table_name])[:_MOST_NAMES])
            found.append(f"{table_name} has no column {column_name[:100]!r}; it has {known}")
    return list(dict.fromkeys(found))
