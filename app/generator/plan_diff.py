"""What two plans differ in: the cells that change, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.generator.plan import ColumnPlan, Plan, RelationPlan, TablePlan
from app.generator.records import to_plain

_MOST_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `place` is a table, a column or a foreign key by name, "" for the plan as a whole.

    `cells` says whether cells of the output change by it; remarks and warnings change none.
    """

    place: str
    what: str
    before: Any
    after: Any
    cells: bool = True

    def to_json(self) -> dict[str, Any]:
        return {
            "place": self.place, "what": self.what, "before": self.before, "after": self.after, "cells": self.cells,
        }  # fmt: skip

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.what} {_shown(self.before)} -> {_shown(self.after)}"


def compare(before: Plan, after: Plan) -> list[Change]:
    """Every difference between two plans, tables in the order in which the newer one loads them."""
    return list(_changes(before, after))


def _changes(before: Plan, after: Plan) -> Iterator[Change]:
    for name in ("engine_version", "seed", "locale"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change("", name.replace("_", " "), old, new)
    if before.reference != after.reference:
        yield Change("", "reference", before.reference.isoformat(), after.reference.isoformat())
    older = {table.name: table for table in before.tables}
    newer = {table.name: table for table in after.tables}
    for gone in sorted(older.keys() - newer.keys()):
        yield Change(str(gone), "table", f"{older[gone].rows:,} rows", None)
    for table in after.tables:
        if table.name in older:
            yield from _table_changes(older[table.name], table)
        else:
            yield Change(str(table.name), "table", None, f"{table.rows:,} rows")
    for name in ("types", "functions"):
        if getattr(before, name) != getattr(after, name):
            old, new = (len(getattr(plan, name)) for plan in (before, after))
            yield Change("", name, f"{old} of the schema", f"{new} of the schema, not the same")
    yield from _remarks(before, after)


def _table_changes(before: TablePlan, after: TablePlan) -> Iterator[Change]:
    name = str(after.name)
    if before.rows != after.rows:
        yield Change(name, "rows", before.rows, after.rows)
    older = {column.name: column for column in before.columns}
    newer = {column.name: column for column in after.columns}
    for gone in older.keys() - newer.keys():
        yield Change(f"{name}.{gone}", "column", older[gone].generator, None)
    for column in after.columns:
        if column.name in older:
            yield from _column_changes(name, older[column.name], column)
        else:
            yield Change(f"{name}.{column.name}", "column", None, column.generator)
    yield from _relation_changes(name, before, after)
    for part in ("keys", "checks"):
        old, new = ({one.name: to_plain(one) for one in getattr(table, part)} for table in (before, after))
        for one in sorted(old.keys() | new.keys()):
            if old.get(one) != new.get(one):
                yield Change(f"{name}.{one}", part.removesuffix("s"), old.get(one), new.get(one))


def _column_changes(table: str, before: ColumnPlan, after: ColumnPlan) -> Iterator[Change]:
    place = f"{table}.{after.name}"
    if before.generator != after.generator:
        yield Change(place, "generator", before.generator, after.generator)
    yield from _option_changes(place, before.options, after.options)
    if before.null_ppm != after.null_ppm:
        yield Change(place, "null", f"{before.null_ppm / 10_000:g} %", f"{after.null_ppm / 10_000:g} %")
    if before.type != after.type or before.base != after.base:
        yield Change(place, "type", to_plain(before.type), to_plain(after.type))
    for name in ("unique", "nullable", "generated", "sequence", "identity"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(place, name, old, new)
    for name in ("why", "note"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            # An override is served or refused, where a choice would give way: that word decides.
            yield Change(place, name, old, new, cells=name == "why" and "override" in (old, new))


def _option_changes(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if name != "null_rate" and before.get(name) != after.get(name):
            yield Change(place, name, before.get(name), after.get(name))


def _relation_changes(table: str, before: TablePlan, after: TablePlan) -> Iterator[Change]:
    older: dict[str, RelationPlan] = {relation.name: relation for relation in before.relations}
    newer: dict[str, RelationPlan] = {relation.name: relation for relation in after.relations}
    for name in sorted(older.keys() | newer.keys()):
        old, new = older.get(name), newer.get(name)
        if old is None or new is None:
            yield Change(f"{table}.{name}", "foreign key", old and str(old.ref_table), new and str(new.ref_table))
        elif old != new:
            first, second = to_plain(old), to_plain(new)
            for key in sorted(first.keys() | second.keys()):
                if first.get(key) != second.get(key):
                    yield Change(f"{table}.{name}", key, first.get(key), second.get(key))


def _remarks(before: Plan, after: Plan) -> Iterator[Change]:
    for warning in after.warnings:
        if warning not in before.warnings:
            yield Change("", "warning", None, warning, cells=False)
    for warning in before.warnings:
        if warning not in after.warnings:
            yield Change("", "warning", warning, None, cells=False)
    old, new = (plan.prompt.text if plan.prompt else None for plan in (before, after))
    if old != new:
        yield Change("", "prompt", old, new, cells=False)


def _shown(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
