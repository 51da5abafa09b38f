"""Second half of planning: row counts down to what the keys have room for, and what fills each column."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from app.errors import Fault, OptionInvalid, PlanRefused
from app.generator.config import GeneratorConfig, PerParent
from app.generator.domain import Domain
from app.generator.engine import slots
from app.generator.engine.axes import MAX_PLACES, Axis
from app.generator.engine.compiler import Compiler, axis_of
from app.generator.engine.fanout import fanout_of
from app.generator.engine.programs import NotSettled, Programs
from app.generator.keys import make_key
from app.generator.meaning import Choice
from app.generator.plan import ColumnPlan, KeyPlan, Plan, RelationPlan, TablePlan
from app.generator.planning.aggregates import Aggregates
from app.generator.planning.checks import carried_keys
from app.generator.planning.columns import TableColumns, choose_generator, described
from app.generator.planning.counting import counts_up, is_span
from app.generator.planning.drafting import Draft, Findings
from app.generator.planning.elusive import elusive_columns
from app.generator.planning.keys import KeyChoice, KeyChooser
from app.generator.planning.mates import cut_off, most_rows, needs_parent
from app.generator.planning.overlaps import axis_of_slots, limits_of, span_last
from app.generator.planning.overrides import PICKS, faults_of, override_of
from app.generator.planning.pairs import Pairs
from app.generator.planning.partitions import has_partition
from app.generator.planning.proving import room_that_stays, rows_that_hold
from app.generator.planning.restrictions import impossible, is_unrestricted, needless_override
from app.generator.planning.states import without_idle_conditions
from app.generator.planning.trying import circles, problems_of_rows
from app.generator.snapshot.model import Column, QName, Snapshot, Table
from app.generator.types import TypeCatalog
from app.generator.values.aggregates import NAME as AGGREGATE
from app.generator.values.choice import OVERRIDE
from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator
from app.generator.values.nasty import NAME as NASTY
from app.generator.values.overrides import in_place, override_choice
from app.generator.values.registry import build, build_unique, null_rate

_SAMPLE_ROWS = 64
# Of tables whose parents have at most so many rows each, so many rows are tried where checks compare references.
_FEW_PARENTS, _MOST_CHOOSING_ROWS = 8, 256
# A key that is kept by looking looks at all rows: of larger tables that is left to the export.
_MOST_TRIED_ROWS = 100_000


class Settler:
    """Settles the drafts of one request, parents first."""

    def __init__(
        self,
        snapshot: Snapshot,
        config: GeneratorConfig,
        blank: Plan,
        drafts: Mapping[QName, Draft],
        findings: Findings,
    ) -> None:
        """`blank` is the plan without tables: they join it one by one, so that a child can look at its parents."""
        self._snapshot = snapshot
        self._config = config
        self._seed = blank.seed
        self._types: TypeCatalog = blank.catalog
        self._by_name: Mapping[QName, Table] = {t.name: t for t in snapshot.tables}
        self._findings = findings
        self._faults, self._warnings = findings.faults, findings.warnings
        self._drafts = drafts
        self._programs = Programs(
            blank, {n: draft.rows for n, draft in drafts.items()}, {n: draft.relations for n, draft in drafts.items()}
        )
        self._choices: dict[tuple[QName, str], int] = {}
        self._chosen: dict[tuple[QName, str], Choice] = {}
        self._table_columns_of: dict[QName, TableColumns] = {}
        self._aggregates = Aggregates(drafts, self._types)

    def settle(self) -> tuple[TablePlan, ...]:
        """The tables' plans, in load order."""
        for draft in self._drafts.values():
            self._settle_rows(draft)
            draft.columns = self._columns(draft)
            self._programs.plan = self._programs.plan.with_table(self._table_plan(draft))
            if any(key.mode == "ledger" for key in draft.keys.plans) and 0 < draft.rows <= _MOST_TRIED_ROWS:
                self._prove_ledger(draft)
            self._prove_choice(draft)
            self._table_columns_of.pop(draft.table.name, None)
        for draft in self._drafts.values():
            self._try_overrides(draft)
        return self._programs.plan.tables

    def _try_overrides(self, draft: Draft) -> None:
        """Makes some rows of a table with overrides, so that one that its constraints refuse is refused now."""
        asked = [c for c in draft.columns if c.why == OVERRIDE]
        name = draft.table.name
        problems = circles(asked)
        if not problems and (self._faults or not asked or not 0 < draft.rows <= _MOST_TRIED_ROWS):
            return
        for column, problem in problems or problems_of_rows(self._programs.of(name), asked, draft.rows):
            found = override_of(self._config, name, column)
            if found is not None:
                self._faults += faults_of(found, name, column, [problem])

    def _settle_rows(self, draft: Draft) -> None:
        """The row count, down to what the keys have room for and what the parents offer."""
        asked = draft.wish.rows
        draft.rows = self._fanout_rows(draft, asked) if isinstance(asked, PerParent) else asked
        cut_off(draft.relations, self._drafts)
        for plan in draft.relations:
            if needs_parent(plan, draft.table.name) and self._parent_rows(draft, plan) == 0:
                draft.rows = 0
            draft.rows = min(draft.rows, most_rows(plan, draft.table.name, self._drafts))
        draft.keys = self._choose_keys(draft)
        if draft.keys.capacity is not None:
            draft.rows = min(draft.rows, draft.keys.capacity)
        if draft.table.name in self._findings.impossible:
            draft.rows = 0
        elif isinstance(asked, int) and draft.rows < asked:
            self._shortfall(draft, asked)

    def _prove_ledger(self, draft: Draft) -> None:
        """Brings the rows down to those whose keys differ, where only making them can tell."""
        name, asked = draft.table.name, draft.rows
        if any(c.why == OVERRIDE for c in draft.columns):
            return  # rows are made with the overrides in any case, and those are told of by name
        try:
            ledger = self._programs.of(name).salts
            room = ledger.room() if ledger is not None else asked
        except PlanRefused as refusal:
            self._findings.refuse(name, draft.wish, refusal.faults)
            draft.rows = 0
            self._programs.shorten(name, 0)
            return
        except NotSettled:
            return
        if ledger is None or room == asked:
            return
        draft.rows = draft.keys.capacity = room = room_that_stays(self._programs, name, room)
        draft.keys.limiting = f"{name}: unique ({ledger.names}) has room for the first {room:,} rows"
        self._shortfall(draft, asked)

    def _prove_choice(self, draft: Draft) -> None:
        """Brings the rows down where checks compare references and parents are few: sender <> recipient takes two.

        So it does where they are of a reference to the table itself, which has but the rows that are made before.
        """
        own_name = draft.table.name
        few = [
            r
            for r in draft.relations
            if r.pick != "null" and (r.ref_table == own_name or self._drafts[r.ref_table].rows <= _FEW_PARENTS)
        ]
        own = frozenset(c for relation in few for c in relation.columns)
        tests = [check for check in draft.constraints.residual if own & check.columns] if own else []
        if not tests or not draft.rows:
            return
        name, asked = draft.table.name, draft.rows
        read = frozenset().union(*(check.columns for check in tests))
        count, made, faults = min(_MOST_CHOOSING_ROWS, asked), asked, list[Fault]()
        try:
            while count:
                made, found = rows_that_hold(self._programs.of(name), read, count)
                if not found:
                    break
                # With fewer rows to make, a row that fails has more places to go to.
                faults, count = found, max(made, count // 2)
                self._programs.shorten(name, count)
        except NotSettled:
            return
        if faults and not count:
            self._findings.refuse(name, draft.wish, faults)
            draft.rows = 0
        elif faults:
            draft.rows = draft.keys.capacity = count
            draft.keys.limiting = f"{faults[0].message}; the first {count:,} rows are possible"
            self._shortfall(draft, asked)

    def _parent_rows(self, draft: Draft, plan: RelationPlan) -> int:
        """The parent's rows that the relation can refer to: those that agree with its checks and its followers."""
        parent = self._drafts[plan.ref_table]
        if plan.pick not in PICKS or not self._programs.plan.has(plan.ref_table) or parent.rows == 0:
            return parent.rows
        place = (draft.table.name, plan.name)
        if place not in self._choices:
            columns = tuple(described(self._types, c, "reference", {}, "") for c in draft.table.columns)
            provisional = replace(self._table_plan(draft), rows=max(draft.rows, 1), columns=columns, keys=())
            try:
                self._choices[place] = Compiler(self._programs, provisional).choices(plan)
            except PlanRefused as refusal:
                self._findings.refuse(draft.table.name, draft.wish, refusal.faults)
                self._choices[place] = 0
            except NotSettled:
                return parent.rows  # which of them agree is known when all tables are there
        return self._choices[place]

    def _fanout_rows(self, draft: Draft, wish: PerParent) -> int:
        plan = next(p for p in draft.relations if p.per_parent is not None)
        key = make_key(self._seed, draft.table.name.schema, draft.table.name.name, plan.name, "parent")
        return fanout_of(key, wish, self._drafts[plan.ref_table].rows).total

    def _choose_keys(self, draft: Draft) -> KeyChoice:
        filled = [r.columns for r in draft.relations if r.pick != "null"]
        spans = [span_last(k, draft.table, self._types, filled) for k in (*draft.table.keys, *draft.overlaps.keys)]
        table = replace(draft.table, keys=tuple(carried_keys(spans, draft.constraints)))
        columns = self._table_columns(draft)
        axes: dict[tuple[str, bool], Axis] = {}
        free = [c for c in table.columns if override_of(self._config, table.name, c.name) is None]
        distinct = partial(self._distinct, draft, columns)
        elusive = elusive_columns(free, table.keys, draft.constraints, distinct, draft.relations, table.name)
        uncountable = (self._uncountable(draft, columns) | elusive) - draft.counting.outlines.keys()

        def column_axis(name: str, counting: bool) -> Axis:
            if name in draft.overlaps.kinds:
                return axis_of_slots(draft.overlaps, name, draft.constraints.domain, self._config.reference)
            if name in uncountable:
                return Axis(MAX_PLACES, MAX_PLACES)
            if (name, counting) not in axes:
                found = self._distinct(draft, columns, table.column(name), counting)
                axes[name, counting] = Axis(0, 0) if found is None else axis_of(found)
            return axes[name, counting]

        chooser = KeyChooser(
            table,
            draft.rows,
            draft.relations,
            lambda plan: self._parent_rows(draft, plan),
            column_axis,
            lambda name: name not in draft.overlaps.kinds and self._may_count(draft, columns, table.column(name)),
            {column: axis for column, (axis, _) in draft.overlaps.axes.items()},
            self._identifies,
            (draft.constraints.tied - draft.counting.numbered) | uncountable,
            draft.counting.numbered,
            draft.referenced,
            self._pairs(draft, columns),
        )
        choice = chooser.choose()
        choice.plans = [plan for plan in choice.plans if self._is_understood(draft, plan)]
        if not has_partition(draft.table, self._snapshot):
            choice.capacity, choice.limiting = 0, f"{draft.table.name} has no partition that could take a row"
        return choice

    def _pairs(self, draft: Draft, columns: TableColumns) -> Pairs:
        def generator(name: str) -> Generator | None:
            found = (c for c in draft.table.columns if c.name == name)
            return next((self._distinct(draft, columns, column) for column in found), None)

        return Pairs(draft.constraints, draft.table.keys, generator, lambda r: self._drafts[r.ref_table].rows)

    def _uncountable(self, draft: Draft, columns: TableColumns) -> frozenset[str]:
        """Columns whose override makes values that cannot be numbered: their keys are kept by looking."""
        found = set()
        for column in draft.table.columns:
            if override_of(self._config, draft.table.name, column.name) is None or column.name in draft.overlaps.kinds:
                continue
            context = columns.context(column, unique=True, rows=draft.rows)
            try:
                if build(self._choice(draft, columns, column, report=False), context).capacity is None:
                    found.add(column.name)
            except OptionInvalid:
                continue
        return frozenset(found)

    def _is_understood(self, draft: Draft, plan: KeyPlan) -> bool:
        """Whether a ledger can compute the key; a warning where it cannot."""
        parts = (*plan.elements, *([plan.predicate] if plan.predicate else []))
        computed = {c.name: c.generated for c in draft.table.columns if c.generated is not None}
        reason = draft.constraints.not_understood(parts, computed)
        if reason is None:
            return True
        self._warnings.append(
            f"{draft.table.name}.{plan.name}: {reason}, so this unique index may be violated; override its columns"
        )
        return False

    def _identifies(self, relation: RelationPlan, columns: frozenset[str]) -> bool:
        """Whether those of `columns` that a relation fills make up a unique key of its parent."""
        refs = {r for c, r in zip(relation.columns, relation.ref_columns, strict=True) if c in columns}
        parent = self._by_name[relation.ref_table]
        return any(k.columns is not None and k.predicate is None and set(k.columns) <= refs for k in parent.keys)

    def _table_columns(self, draft: Draft) -> TableColumns:
        domains = {c.name: draft.constraints.domain(c.name) for c in draft.table.columns}
        made = TableColumns(draft.table, self._config, self._seed, self._types, domains)
        return self._table_columns_of.setdefault(draft.table.name, made)

    def _distinct(self, draft: Draft, of: TableColumns, column: Column, counting: bool = False) -> Generator | None:
        choice = self._choice(draft, of, column, report=False)
        if counting and self._is_counter(draft, of, column):
            choice = draft.counting.choice(column.name, of.domains[column.name])
        try:
            return build_unique(choice, of.context(column, unique=True, rows=draft.rows), max(draft.rows, 1))
        except OptionInvalid:
            return None

    def _is_counter(self, draft: Draft, columns: TableColumns, column: Column) -> bool:
        return self._may_count(draft, columns, column) and not override_of(
            self._config, columns.table.name, column.name
        )

    def _may_count(self, draft: Draft, columns: TableColumns, column: Column) -> bool:
        """Whether the column's distinct values are 1, 2, 3, ...; an override says itself what they are."""
        found = override_of(self._config, columns.table.name, column.name)
        if found is None:
            whole = counts_up(self._types, column) and is_span(columns.domains[column.name])
            return whole or column.name in draft.counting.outlines
        return isinstance(found.wanted, Mapping) and "sequence" in (*found.wanted, found.wanted.get("generator"))

    def _shortfall(self, draft: Draft, asked: int) -> None:
        name = draft.table.name
        if draft.keys.capacity is not None and draft.rows == draft.keys.capacity:
            text = f"{draft.keys.limiting}, {asked:,} rows asked{draft.keys.limiting_key}"
            code = "capacity_exceeded"
        else:
            empty = [str(p.ref_table) for p in draft.relations if self._parent_rows(draft, p) == 0]
            text = f"{name} refers to {', '.join(empty)}, which has no rows, {asked:,} rows asked"
            code = "parent_empty"
        if draft.wish.ordered:
            facts = {"table": str(name), "asked": asked, "possible": draft.rows}
            self._faults.append(Fault(f"/config/rows/{name.name}", code, text, facts))
        else:
            self._warnings.append(f"{text}; {draft.rows:,} are made")

    def _choice(self, draft: Draft, columns: TableColumns, column: Column, *, report: bool) -> Choice:
        override = override_of(self._config, columns.table.name, column.name)
        context = columns.context(column)
        if override is None:
            return self._guess(draft, context)
        try:
            choice = override_choice(override.wanted, context)
            if choice.generator == AGGREGATE:
                choice = self._resolved(override.wanted, choice, draft, column)
        except OptionInvalid as error:
            if report:
                self._faults += faults_of(override, context.table, column.name, error.problems)
            return self._guess(draft, context)
        if choice.generator == "type" and isinstance(override.wanted, Mapping) and "generator" not in override.wanted:
            guess = self._guess(draft, context)
            options = {name: value for name, value in guess.options.items() if name != "when"}
            return Choice(guess.generator, {**options, **choice.options}, f"{guess.why}; nulls by override")
        return choice

    def _guess(self, draft: Draft, context: ColumnContext) -> Choice:
        """What the column's name, type and checks suggest."""
        place = (context.table, context.column.name)
        if place not in self._chosen:
            found = draft.counting.outlines.get(place[1]) or self._aggregates.guess(draft, context, self._line_choice)
            if found is None and self._config.nasty and is_unrestricted(draft, context):
                found = Choice(NASTY, {}, "nasty text, as asked")
            # What differs by itself in every row is not chosen from a handful.
            unique = any([e.column for e in key.elements] == [place[1]] for key in draft.table.keys)
            natural = replace(context, unique=True) if unique else context
            self._chosen[place] = found or self._fitting(draft, context, choose_generator(natural))
        return self._chosen[place]

    def _resolved(self, wanted: Any, choice: Choice, draft: Draft, column: Column) -> Choice:
        try:
            return self._aggregates.resolve(choice, draft, column)
        except OptionInvalid as error:
            raise in_place(wanted, error) from None

    def _line_choice(self, draft: Draft, column: Column) -> Choice:
        """What a column of a table of lines would be by itself."""
        return choose_generator(self._table_columns(draft).context(column))

    def _fitting(self, draft: Draft, context: ColumnContext, choice: Choice) -> Choice:
        """The choice, or the type's own generator where its values would mostly fail the column's checks."""
        name = context.column.name
        if choice.generator == "type" or not draft.checks or context.domain == Domain():
            return choice
        tests = draft.constraints.tests_of(frozenset((name,)))
        try:
            sample = build(choice, context).draw(make_key(self._seed, name), np.arange(_SAMPLE_ROWS), {}, 0)
        except OptionInvalid:
            return choice
        passed = np.ones(_SAMPLE_ROWS, dtype=np.bool_)
        for test in tests:
            passed &= test.accepts({name: sample}).astype(np.bool_)
        if 4 * int(passed.sum()) >= _SAMPLE_ROWS:
            return choice
        return Choice("type", {}, f"its checks leave no room for {choice.generator}")

    def _columns(self, draft: Draft) -> tuple[ColumnPlan, ...]:
        columns = self._table_columns(draft)
        related = {c: p for p in draft.relations for c in p.columns if c not in p.shared}
        plans = []
        not_distinct = {a for k in draft.keys.plans if k.nulls_not_distinct for a in k.axes}
        draft.relations = [draft.keys.relations[p.name] for p in draft.relations]
        for column in draft.table.columns:
            self._faults += needless_override(draft, column, self._config)
            if column.generated is not None:
                plan = described(self._types, column, "generated", {}, f"computed by Postgres: {column.generated}")
            elif column.name in related:
                key = related[column.name]
                filled = f"foreign key {key.name} to {key.ref_table}"
                why = filled if key.pick != "null" else f"{key.name} has no parent here"
                plan = described(self._types, column, "reference", {"relation": key.name}, why, key.null_ppm)
            elif column.name in draft.overlaps.axes:
                axis, part = draft.overlaps.axes[column.name]
                options = {"axis": axis, "part": part, **limits_of(draft.overlaps, axis, draft.constraints.domain)}
                plan = described(self._types, column, slots.GENERATOR, options, f"side by side, for {axis[2:]}")
            else:
                fixed = column.name in draft.referenced or column.name in not_distinct
                plan = self._value_column(draft, columns, column, never_null=fixed)
            plans.append(plan)
        return without_idle_conditions(plans, columns.domains)

    def _value_column(self, draft: Draft, columns: TableColumns, column: Column, *, never_null: bool) -> ColumnPlan:
        choice = self._choice(draft, columns, column, report=True)
        mode = draft.keys.distinct.get(column.name)
        if mode in ("by_row", "ordinal", "lines", "place") and self._is_counter(draft, columns, column):
            choice = draft.counting.choice(column.name, columns.domains[column.name])
        context = columns.context(column, unique=mode is not None, rows=draft.rows)
        try:
            if mode is not None:
                build_unique(choice, context, max(draft.rows, 1))
            else:
                build(choice, context)
        except OptionInvalid as error:
            fault = impossible(draft, column, str(error))
            if choice.why != OVERRIDE and column.nullable and not never_null and mode is None:
                self._warnings.append(f"{fault.message}: it is NULL")
            else:
                told = self._findings.impossible.get(draft.table.name, ())
                if all(column.name not in str(one.facts.get("columns")).split(", ") for one in told):
                    self._findings.refuse(draft.table.name, draft.wish, [fault])
                draft.rows = 0
            return described(self._types, column, "constant", {"value": ""}, "nothing is known of its type", 1_000_000)
        domain = columns.domains[column.name]
        may_be_null = column.nullable and domain.nullable and not never_null
        nulls = null_rate(choice, context) if may_be_null and mode in (None, "injective") else 0
        if domain.null_only or column.name in draft.counting.outlines:
            nulls = 1_000_000 if domain.null_only else 0
        return described(
            self._types, column, choice.generator, choice.options, choice.why, nulls, unique=mode is not None
        )

    def _table_plan(self, draft: Draft) -> TablePlan:
        return TablePlan(
            name=draft.table.name,
            rows=draft.rows,
            columns=draft.columns,
            relations=tuple(draft.relations),
            keys=tuple(draft.keys.plans),
            checks=draft.checks,
            comment=draft.table.comment,
        )
