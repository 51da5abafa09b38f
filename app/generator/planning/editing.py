"""Edits of a configuration that the planner itself judges: what it refuses is taken back, and told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.errors import Fault, PlanRefused
from app.generator.config import GeneratorConfig, PerParent, RowCount
from app.generator.plan import Plan, TablePlan
from app.generator.snapshot.model import QName

MOST_ROUNDS = 12
_EVERY_OTHER = "*"
Make = Callable[[GeneratorConfig], Plan]


@dataclass(slots=True)
class Edit:
    """One change of the configuration; `text` is what it does, in words."""

    text: str
    rows: tuple[str, RowCount] | None = None
    column: tuple[QName, str] | None = None
    override: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Edits:
    """Changes that are tried together; `refused` has what was taken back, with the reason."""

    edits: list[Edit] = field(default_factory=list)
    locale: str | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, text: str, reason: str) -> None:
        """Notes what has no effect."""
        self.refused.append((text[:1000], reason[:1000]))


def settle(config: GeneratorConfig, base: Plan, work: Edits, make: Make) -> tuple[Plan, GeneratorConfig]:
    """The plan with as many of the edits as can be, and the configuration that makes it."""
    for _ in range(MOST_ROUNDS):
        if not work.edits and work.locale is None:
            return base, config
        changed = _changed(config, work)
        try:
            return make(changed), changed
        except PlanRefused as refusal:
            _take_back(work, refusal.faults)
    for edit in work.edits:
        work.refuse(edit.text, "it could not be combined with the rest")
    work.edits.clear()
    work.locale = None
    return base, config


def noted(plan: Plan, work: Edits, source: str) -> Plan:
    """The plan whose columns say what the edits changed of them."""
    notes = {edit.column: f"{source}: {edit.text}" for edit in work.edits if edit.column is not None}
    return replace(plan, tables=tuple(_noted_table(table, notes) for table in plan.tables))


def _noted_table(table: TablePlan, notes: Mapping[tuple[QName, str], str]) -> TablePlan:
    if not any((table.name, column.name) in notes for column in table.columns):
        return table
    columns = tuple(replace(c, note=notes.get((table.name, c.name), c.note)) for c in table.columns)
    return replace(table, columns=columns)


def _changed(config: GeneratorConfig, work: Edits) -> GeneratorConfig:
    """The configuration with the edits in it."""
    rows = config.rows
    counts: dict[str, RowCount] = {_EVERY_OTHER: rows} if isinstance(rows, int) else dict(rows)
    counts |= {edit.rows[0]: edit.rows[1] for edit in work.edits if edit.rows is not None}
    overrides: dict[str, dict[str, Any]] = {table: dict(columns) for table, columns in config.overrides.items()}
    for edit in work.edits:
        if edit.column is not None:
            overrides.setdefault(_key(overrides, edit.column[0]), {})[edit.column[1]] = edit.override
    found = replace(config, rows=counts, overrides=overrides)
    return found if work.locale is None else replace(found, locale=work.locale)


def _key(overrides: Mapping[str, Any], table: QName) -> str:
    """The name under which a table's overrides stand already, or its full one."""
    return table.name if table.name in overrides and str(table) not in overrides else str(table)


def _take_back(work: Edits, faults: list[Fault]) -> None:
    """Removes the edits that the faults are about, or corrects counts that are too high."""
    guilty: list[tuple[Edit, str]] = []
    for fault in faults:
        for edit in work.edits:
            if _concerns(fault, edit):
                possible = fault.facts.get("possible")
                if edit.rows is not None and isinstance(possible, int) and not isinstance(edit.rows[1], PerParent):
                    work.refuse(edit.text, f"{fault.message}; {possible:,} are made")
                    edit.rows = (edit.rows[0], possible)
                    edit.text = f"{possible:,} rows of {edit.rows[0]}"
                    return
                guilty.append((edit, fault.message))
    if not guilty and work.edits:
        # The faults name none of them: the last is taken back, which ends in a plan at the latest without any.
        last = next((e for e in reversed(work.edits) if e.column is not None), work.edits[-1])
        guilty.append((last, faults[0].message if faults else "the plan cannot be made with it"))
    for edit, reason in guilty:
        if edit in work.edits:
            work.edits.remove(edit)
            work.refuse(edit.text, reason)
    if not guilty:
        work.locale = None


def _concerns(fault: Fault, edit: Edit) -> bool:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in fault.pointer.split("/")]
    if edit.column is not None:
        table, column = edit.column
        named = {str(table), table.name}
        if steps[:3] == ["", "config", "overrides"] and len(steps) >= 5:
            return steps[3] in named and steps[4] == column
        return fault.facts.get("table") in named and fault.facts.get("column") == column
    assert edit.rows is not None
    if steps[:3] == ["", "config", "rows"] and len(steps) == 4:
        return steps[3] in (edit.rows[0], edit.rows[0].rpartition(".")[2])
    return False
