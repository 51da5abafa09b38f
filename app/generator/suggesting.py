"""What to change about a request that was refused: for a fault, the part of `config` that would help."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.errors import Fault
from app.generator.snapshot.model import Column, Snapshot, Table
from app.generator.values.kinds import MOMENT_TYPES, NUMBER_TYPES, TEXT_TYPES

_EXAMPLES: Mapping[str, Any] = {"bool": True, "uuid": "00000000-0000-4000-8000-000000000001", "jsonb": {}, "json": {}}


def with_suggestions(faults: list[Fault], snapshot: Snapshot) -> list[Fault]:
    """The faults, each with a `suggestion` among its facts where one is known: to be merged into `config`."""
    return [_with_suggestion(fault, snapshot) for fault in faults]


def _with_suggestion(fault: Fault, snapshot: Snapshot) -> Fault:
    if "suggestion" in fault.facts:
        return fault
    suggestion = _suggested(fault, snapshot)
    if suggestion is None:
        return fault
    return replace(fault, facts={**fault.facts, "suggestion": suggestion})


def _suggested(fault: Fault, snapshot: Snapshot) -> dict[str, Any] | None:
    table = _table(fault, snapshot)
    possible = fault.facts.get("possible")
    if fault.code in ("capacity_exceeded", "parent_empty") and isinstance(possible, int) and table is not None:
        return {"rows": {str(table.name): possible}}
    if fault.code in ("unknown_column", "unknown_table", "ambiguous_table") or table is None:
        return None
    column = _column(fault, table)
    return None if column is None else {"overrides": {str(table.name): {column.name: _override(column)}}}


def _table(fault: Fault, snapshot: Snapshot) -> Table | None:
    name = fault.facts.get("table")
    found = [t for t in snapshot.tables if name in (str(t.name), t.name.name)] if isinstance(name, str) else []
    if found:
        return found[0]
    # `public.guilds.guilds_tag_check: …`: faults of checks begin with the table's name.
    return next((t for t in snapshot.tables if fault.message.startswith((f"{t.name}.", f"{t.name}:"))), None)


def _column(fault: Fault, table: Table) -> Column | None:
    names = {column.name: column for column in table.columns}
    named = fault.facts.get("column")
    if isinstance(named, str):
        return names.get(named)
    columns = fault.facts.get("columns")
    if isinstance(columns, list | tuple) and columns and isinstance(columns[0], str):
        return names.get(columns[0])
    check = fault.message.partition(":")[0].removeprefix(f"{table.name}.")
    mentioned = [c for c in table.columns if c.name in check]
    return max(mentioned, key=lambda column: len(column.name), default=None)


def _override(column: Column) -> dict[str, Any]:
    """An override to begin with: NULL where that may be, else a value of the type to be replaced by a better one."""
    if column.nullable:
        return {"nullRate": 1}
    name = column.type.name
    if name in _EXAMPLES:
        return {"values": [_EXAMPLES[name]]}
    if name in NUMBER_TYPES:
        return {"generator": "number", "options": {"min": 1, "max": 100}}
    if name in MOMENT_TYPES:
        return {"generator": "timestamp", "options": {"min": "2025-01-01", "max": "2025-12-31"}}
    return {"values": ["a value that its checks accept"]} if name in TEXT_TYPES else {"generator": "type"}
