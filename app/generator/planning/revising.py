"""A plan that comes back: as it was handed out, or edited.

Nothing of it is believed. Its edits (rows, generators, options, shares of NULL, how parents are picked) are put as a
request, planned like any other, and the outcome is held against the document: what is in it and was not planned, is
refused. So a plan can ask for nothing that a request could not, and one that was not touched comes out as it was.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.errors import Fault, PlanRefused
from app.generator.config import MAX_ROWS, GeneratorConfig, RowCount
from app.generator.plan import ColumnPlan, Plan, PromptRecord, RelationPlan, TablePlan
from app.generator.planning.making import make_plan
from app.generator.snapshot.model import QName, Snapshot
from app.generator.values.choice import OVERRIDE
from app.generator.values.nasty import NAME as NASTY

_LOCALE = re.compile(r"[a-z]{2,3}[_-][A-Z]{2}")
_FIXED = frozenset({"reference", "generated", "slot"})
_PICKS = frozenset({"uniform", "skewed", "zipf"})
_MILLION = 1_000_000
_MOST_WARNINGS, _MOST_CHARS, _MOST_TEXTS = 10_000, 2_000, 5_000
_MOST_FAULTS = 100


def revise(snapshot: Snapshot, document: Mapping[str, Any], pointer: str = "/plan") -> Plan:
    """The plan that a document asks for, made for this snapshot.

    Equal to the document's own when nothing in it was changed. Raises PlanRefused with every fault; their pointers
    begin with `pointer`.
    """
    try:
        posted = Plan.from_json(document)
    except PlanRefused as refusal:
        raise PlanRefused([_moved(fault, pointer) for fault in refusal.faults[:_MOST_FAULTS]]) from None
    except RecursionError:
        raise PlanRefused([Fault(pointer, "invalid_value", "the plan is nested too deeply")]) from None
    faults = _plain_faults(posted, pointer)
    if faults:
        raise PlanRefused(faults[:_MOST_FAULTS])
    return _Revision(snapshot, posted, pointer).made()


def _moved(fault: Fault, pointer: str) -> Fault:
    return Fault(f"{pointer}{fault.pointer}", fault.code, fault.message, fault.facts)


def _plain_faults(posted: Plan, pointer: str) -> list[Fault]:
    """What is wrong before there is anything to compare with."""
    faults = []
    if posted.reference.tzinfo is None:
        faults.append(Fault(f"{pointer}/reference", "invalid_value", "reference has no time zone"))
    if not _LOCALE.fullmatch(posted.locale):
        faults.append(Fault(f"{pointer}/locale", "invalid_value", "locale does not look like en_US"))
    if not 0 < len(posted.seed) <= 200:
        faults.append(Fault(f"{pointer}/seed", "invalid_value", "seed must have 1 to 200 characters"))
    if not posted.tables:
        faults.append(Fault(f"{pointer}/tables", "invalid_value", "the plan has no tables"))
    seen: set[QName] = set()
    for place, table in enumerate(posted.tables):
        here = f"{pointer}/tables/{place}"
        if table.name in seen:
            faults.append(Fault(here, "duplicate", f"{table.name} is in the plan twice"))
        seen.add(table.name)
        if not 0 <= table.rows <= MAX_ROWS:
            faults.append(Fault(f"{here}/rows", "rows_out_of_range", f"rows must be between 0 and {MAX_ROWS:,}"))
        faults += [
            Fault(f"{here}/columns/{i}/nullPpm", "out_of_range", "nullPpm must be between 0 and 1,000,000")
            for i, column in enumerate(table.columns)
            if not 0 <= column.null_ppm <= _MILLION
        ]
    if len(posted.warnings) > _MOST_WARNINGS or any(len(w) > _MOST_CHARS for w in posted.warnings):
        faults.append(Fault(f"{pointer}/warnings", "too_long", "the warnings are longer than any that are made"))
    texts = [text for t in posted.tables for c in t.columns for text in (c.why, c.note)]
    if any(len(text) > _MOST_TEXTS for text in texts):
        faults.append(Fault(f"{pointer}/tables", "too_long", "why and note are remarks, and these are too long"))
    if posted.prompt is not None and _size(posted.prompt) > _MOST_WARNINGS * 100:
        faults.append(Fault(f"{pointer}/prompt", "too_long", "the prompt's record is longer than any that is made"))
    return faults


def _size(prompt: PromptRecord) -> int:
    import json

    parts = (prompt.text, prompt.overrides, prompt.applied, [dict(n) for n in prompt.not_applied])
    return len(json.dumps(parts, default=str))


class _Revision:
    def __init__(self, snapshot: Snapshot, posted: Plan, pointer: str) -> None:
        self._snapshot, self._posted, self._pointer = snapshot, posted, pointer
        self._overrides: dict[str, dict[str, Any]] = {}
        columns = (column for table in posted.tables for column in table.columns)
        self._nasty = any(column.generator == NASTY and column.why != OVERRIDE for column in columns)

    def made(self) -> Plan:
        """The plan, after as many rounds as edits may need: what differs becomes an override, then its NULLs do."""
        unknown = self._unknown_tables()
        if unknown:
            raise PlanRefused(unknown)
        fresh = self._planned()
        for nulls in (False, True):
            if self._override_differences(fresh, nulls=nulls):
                fresh = self._planned()
        faults = self._differences(fresh)
        if faults:
            raise PlanRefused(faults[:_MOST_FAULTS])
        return self._with_remarks(fresh)

    def _unknown_tables(self) -> list[Fault]:
        known = {t.name for t in self._snapshot.tables if t.kind != "partition"}
        return [
            Fault(f"{self._pointer}/tables/{i}", "unknown_table", f"the schema has no table {table.name}")
            for i, table in enumerate(self._posted.tables)
            if table.name not in known
        ]

    def _planned(self) -> Plan:
        rows: dict[str, RowCount] = {str(t.name): _rows(t) for t in self._posted.tables}
        config = GeneratorConfig(
            rows=rows,
            overrides=self._overrides,
            locale=self._posted.locale,
            reference=self._posted.reference,
            nasty=self._nasty,
        )
        try:
            return make_plan(self._snapshot, config, self._posted.seed)
        except PlanRefused as refusal:
            raise PlanRefused([self._pointing(fault) for fault in refusal.faults]) from None

    def _pointing(self, fault: Fault) -> Fault:
        """A fault of the request that was made of the plan, with a pointer into the plan."""
        steps = [step.replace("~1", "/").replace("~0", "~") for step in fault.pointer.split("/")]
        place = next((i for i, t in enumerate(self._posted.tables) if _names(t, fault, steps)), None)
        if place is None:
            return Fault(self._pointer, fault.code, fault.message, fault.facts)
        here = f"{self._pointer}/tables/{place}"
        column = fault.facts.get("column") or (steps[4] if steps[2:3] == ["overrides"] and len(steps) > 4 else None)
        names = [c.name for c in self._posted.tables[place].columns]
        if column in names:
            here += f"/columns/{names.index(column)}"
        elif steps[2:3] == ["rows"]:
            here += "/rows"
        return Fault(here, fault.code, fault.message, fault.facts)

    def _override_differences(self, fresh: Plan, *, nulls: bool) -> bool:
        """Puts what the document has otherwise as overrides; whether there was any."""
        before = sum(len(columns) for columns in self._overrides.values())
        changed = False
        for table in self._posted.tables:
            made = _table(fresh, table.name)
            if made is None:
                continue
            own = {c.name: c for c in made.columns}
            for column in table.columns:
                other = own.get(column.name)
                if other is None or _same(column, other):
                    continue
                override = _override(column, other, nulls=nulls)
                if override is not None:
                    self._overrides.setdefault(str(table.name), {})[column.name] = override
                    changed = True
            changed = self._override_picks(table, made) or changed
        return changed or sum(len(columns) for columns in self._overrides.values()) != before

    def _override_picks(self, table: TablePlan, made: TablePlan) -> bool:
        """How parents are picked, and how many rows have none."""
        own = {r.name: r for r in made.relations}
        changed = False
        for relation in table.relations:
            other = own.get(relation.name)
            column = next((c for c in relation.columns if c not in relation.shared), None)
            if other is None or column is None or relation == other:
                continue
            wanted: dict[str, Any] = {}
            if relation.pick != other.pick and {relation.pick, other.pick} <= _PICKS:
                wanted["reference"] = {"distribution": relation.pick}
            if relation.null_ppm != other.null_ppm and 0 <= relation.null_ppm <= _MILLION:
                wanted["nullRate"] = relation.null_ppm / _MILLION
            if wanted:
                self._overrides.setdefault(str(table.name), {})[column] = wanted
                changed = True
        return changed

    def _differences(self, fresh: Plan) -> list[Fault]:
        """What the document has that the schema and its own edits do not lead to."""
        posted, at = self._posted, self._pointer
        faults: list[Fault] = []
        if [t.name for t in posted.tables] != [t.name for t in fresh.tables]:
            wanted = ", ".join(str(t.name) for t in fresh.tables)
            message = f"these tables load in the order {wanted}; all of them must be there"
            faults.append(Fault(f"{at}/tables", "not_editable", message))
        faults += [
            Fault(f"{at}/{name}", "not_editable", f"{name} are the schema's: leave them as they were")
            for name in ("types", "functions")
            if getattr(posted, name) != getattr(fresh, name)
        ]
        for place, table in enumerate(posted.tables):
            made = _table(fresh, table.name)
            if made is not None:
                faults += _table_differences(table, made, f"{at}/tables/{place}")
        return faults

    def _with_remarks(self, fresh: Plan) -> Plan:
        """The plan with the remarks of the document, which decide nothing."""
        tables = []
        for table, made in zip(self._posted.tables, fresh.tables, strict=True):
            pairs = zip(table.columns, made.columns, strict=True)
            tables.append(replace(made, columns=tuple(_with_remark(posted, own) for posted, own in pairs)))
        return replace(fresh, tables=tuple(tables), warnings=self._posted.warnings, prompt=self._posted.prompt)


def _names(table: TablePlan, fault: Fault, steps: list[str]) -> bool:
    written = {str(table.name), table.name.name}
    return fault.facts.get("table") in written or (len(steps) > 3 and steps[3] in written)


def _table(plan: Plan, name: QName) -> TablePlan | None:
    return next((t for t in plan.tables if t.name == name), None)


def _rows(table: TablePlan) -> RowCount:
    """A count by parent where one relation has it, which is then what decides; else the count itself."""
    return next((r.per_parent for r in table.relations if r.per_parent is not None), table.rows)


def _same(column: ColumnPlan, other: ColumnPlan) -> bool:
    return (
        column.generator == other.generator
        and _options(column) == _options(other)
        and column.null_ppm == other.null_ppm
        # An edit makes an override of a choice; an override that came out as a choice is none yet.
        and (column.why != OVERRIDE or other.why == OVERRIDE)
    )


def _options(column: ColumnPlan) -> dict[str, Any]:
    """Options without the share of NULLs, which stands in `null_ppm`."""
    return {name: value for name, value in column.options.items() if name != "null_rate"}


def _override(column: ColumnPlan, other: ColumnPlan, *, nulls: bool) -> dict[str, Any] | None:
    """The override that makes a column as the document has it; None where there can be none."""
    if column.generator in _FIXED or other.generator in _FIXED:
        return None
    if _same(column, other):
        return None
    if (
        column.generator == other.generator
        and _options(column) == _options(other)
        and OVERRIDE not in (column.why, other.why)
    ):
        # The choice stands, with other NULLs: it stays one that gives way where its column's checks want it.
        return {"nullRate": _null_rate(column)}
    wanted: dict[str, Any] = {"generator": column.generator, "options": _options(column)}
    if "null_rate" in column.options:
        wanted["nullRate"] = _null_rate(column)
    if nulls and column.null_ppm != other.null_ppm:
        wanted["nullRate"] = column.null_ppm / _MILLION
    return wanted


def _null_rate(column: ColumnPlan) -> Any:
    """The share of NULLs: as the options write it, unless `null_ppm` was edited apart from them."""
    written = column.options.get("null_rate")
    if isinstance(written, int | float) and round(written * _MILLION) == column.null_ppm:
        return written
    return column.null_ppm / _MILLION


def _table_differences(table: TablePlan, made: TablePlan, at: str) -> list[Fault]:
    faults = []
    if table.rows != made.rows:
        message = f"{table.name}: {table.rows:,} rows are asked, and the rest of the plan leads to {made.rows:,}"
        faults.append(Fault(f"{at}/rows", "not_editable", message, {"rows": made.rows}))
    if [c.name for c in table.columns] != [c.name for c in made.columns]:
        names = ", ".join(c.name for c in made.columns)
        return [*faults, Fault(f"{at}/columns", "not_editable", f"{table.name} has the columns {names}")]
    for place, (column, own) in enumerate(zip(table.columns, made.columns, strict=True)):
        faults += _column_differences(table.name, column, own, f"{at}/columns/{place}")
    for place, relation in enumerate(table.relations):
        faults += _relation_differences(table.name, relation, made.relations, f"{at}/relations/{place}")
    if len(table.relations) != len(made.relations):
        message = f"{table.name}: the foreign keys are the schema's; leave them all in"
        faults.append(Fault(f"{at}/relations", "not_editable", message))
    faults += [
        Fault(f"{at}/{name}", "not_editable", f"{table.name}: {name} are the schema's; leave them as they were")
        for name in ("keys", "checks")
        if getattr(table, name) != getattr(made, name)
    ]
    return faults


def _column_differences(table: QName, column: ColumnPlan, own: ColumnPlan, at: str) -> list[Fault]:
    facts = {"table": str(table), "column": column.name}
    if column.generator != own.generator or _options(column) != _options(own):
        reason = (
            "Postgres, a key or a foreign key decides it" if own.generator in _FIXED else "nothing else is possible"
        )
        message = f"{table}.{column.name} is filled by {own.generator}, not {column.generator!r}: {reason}"
        return [Fault(f"{at}/generator", "not_editable", message, facts)]
    faults = []
    if column.null_ppm != own.null_ppm:
        message = f"{table}.{column.name}: {own.null_ppm:,} of a million are NULL here, not {column.null_ppm:,}"
        faults.append(Fault(f"{at}/nullPpm", "not_editable", message, facts))
    fixed = ("type", "base", "unique", "nullable", "generated", "sequence", "identity", "collation_deterministic")
    changed = [name for name in fixed if getattr(column, name) != getattr(own, name)]
    if changed:
        message = f"{table}.{column.name}: {', '.join(changed)} are the schema's; leave them as they were"
        faults.append(Fault(at, "not_editable", message, facts))
    return faults


def _relation_differences(table: QName, relation: RelationPlan, made: tuple[RelationPlan, ...], at: str) -> list[Fault]:
    own = next((r for r in made if r.name == relation.name), None)
    if own is None:
        return [Fault(at, "not_editable", f"{table} has no foreign key {relation.name!r} here")]
    if relation == own:
        return []
    message = f"{table}.{relation.name}: of a foreign key pick (uniform, skewed) and nullPpm can be edited"
    return [Fault(at, "not_editable", message, {"table": str(table), "foreignKey": relation.name})]


def _with_remark(posted: ColumnPlan, own: ColumnPlan) -> ColumnPlan:
    options = posted.options if _options(posted) == _options(own) else own.options
    why = posted.why if (posted.why == OVERRIDE) == (own.why == OVERRIDE) else own.why
    return replace(own, why=why, note=posted.note, options=options)
