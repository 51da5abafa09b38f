"""Statistics of the real tables, put into a plan: how often columns are null, how many values they have, their order.

What a request says of a column stands, and so does what its name and its checks call for: statistics change how often
and how many, never what. The most common values are used only where the snapshot has them.
"""

from collections.abc import Iterator
from typing import Any

from app.generator.config import GeneratorConfig
from app.generator.plan import ColumnPlan, Plan, TablePlan
from app.generator.planning.editing import Edit, Edits, noted, settle
from app.generator.planning.making import plan_without_statistics
from app.generator.snapshot.model import ColumnStatistics, Snapshot, TableStatistics
from app.generator.values.kinds import NUMBER_TYPES
from app.generator.values.shaped import DISTINCT, ORDER

# Columns of the row's person or place agree with each other; these stand alone, and may repeat.
_REPEATABLE = frozenset(
    """number price pool words code serial pattern description comment product company timestamp token hash url headline
    note numbered job_title version host_name domain_name work_title colour_code duration time_of_day ip_address
    mac_address message ticket template regex type""".split()
)
_ORDERED = frozenset({"number", "price", "timestamp"})
_LEAST_CORRELATION = 0.9
_MOST_REPEATED = 100_000
_LEAST_COMMON = 0.5
_UNITS = 1_000_000


def shaped(snapshot: Snapshot, config: GeneratorConfig, plan: Plan) -> Plan:
    """The plan in the shape of the statistics. `plan` is the one without them."""
    work = Edits()
    by_table = {found.table: found for found in snapshot.statistics}
    for table in plan.tables:
        found = by_table.get(table.name)
        if found is not None:
            work.edits += _edits(config, table, found)
    made, _ = settle(config, plan, work, lambda changed: plan_without_statistics(snapshot, changed, plan.seed))
    return noted(made, work, "statistics")


def _edits(config: GeneratorConfig, table: TablePlan, found: TableStatistics) -> Iterator[Edit]:
    columns = {column.name: column for column in table.columns}
    for statistics in found.columns:
        column = columns.get(statistics.column)
        if column is None or _is_overridden(config, table, column.name):
            continue
        override, text = _override(table, column, statistics, found.rows)
        if override:
            yield Edit(text, column=(table.name, column.name), override=override)


def _is_overridden(config: GeneratorConfig, table: TablePlan, column: str) -> bool:
    return any(column in config.overrides.get(name, {}) for name in (str(table.name), table.name.name))


def _override(table: TablePlan, column: ColumnPlan, found: ColumnStatistics, rows: int) -> tuple[dict[str, Any], str]:
    """The override that gives a column its shape, and what it does in words; nothing where it has it already."""
    told: list[str] = []
    nulls: dict[str, Any] = {}
    free = column.nullable and column.generator not in ("generated", "slot") and "when" not in column.options
    if free and column.null_ppm != round(found.null_fraction * _UNITS):
        nulls = {"nullRate": found.null_fraction}
        told.append(f"{found.null_fraction * 100:.3g} % null")
    if column.generator == "reference":
        optional = any(column.name in relation.null_columns for relation in table.relations)
        return (nulls, ", ".join(told)) if optional else ({}, "")
    if column.unique or column.base.array_dims or column.generator in ("generated", "slot", "sequence"):
        return {}, ""
    if (listed := _common(column, found)) is not None:
        told.append(f"the {len(found.common)} most common values")
        return {"generator": "one_of", "options": listed, **nulls}, ", ".join(told)
    shape = _shape(column, found, rows, told)
    if not shape:
        return nulls, ", ".join(told)
    kept = {name: value for name, value in column.options.items() if name != "null_rate"}
    if column.nullable and not nulls and "when" not in column.options:
        nulls = {"nullRate": column.null_ppm / _UNITS}
    return {"generator": column.generator, "options": {**kept, **shape}, **nulls}, ", ".join(told)


def _common(column: ColumnPlan, found: ColumnStatistics) -> dict[str, Any] | None:
    """The most common values with their weights, where they are most of all there is."""
    if sum(share for _, share in found.common) < _LEAST_COMMON * (1 - found.null_fraction) or not found.common:
        return None
    values: list[Any] = [value for value, _ in found.common]
    name = column.base.name
    if name == "bool":
        values = [value in ("t", "true") for value in values]
    elif name in NUMBER_TYPES:
        try:
            values = [_number(value) for value in values]
        except ValueError:
            return None
    return {"values": values, "weights": [max(1, round(share * _UNITS)) for _, share in found.common]}


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def _shape(column: ColumnPlan, found: ColumnStatistics, rows: int, told: list[str]) -> dict[str, Any]:
    correlation = found.correlation or 0.0
    orderly = column.generator in _ORDERED and "when" not in column.options
    if orderly and abs(correlation) >= _LEAST_CORRELATION:
        order = "rising" if correlation > 0 else "falling"
        told.append(f"{order} with the rows (correlation {correlation:.2f})")
        return {ORDER: order}
    count = round(found.distinct if found.distinct > 0 else -found.distinct * rows)
    if column.generator in _REPEATABLE and 0 < count <= _MOST_REPEATED and found.distinct != -1 and count < rows:
        told.append(f"{count:,} different values")
        return {DISTINCT: count}
    return {}
