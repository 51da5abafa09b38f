"""From a request to a plan: every decision that the bytes depend on, or every reason why there can be none."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.errors import Fault, PlanRefused
from app.generator.config import GeneratorConfig, PerParent
from app.generator.engine import slots
from app.generator.engine.axes import Axis
from app.generator.engine.compiler import axis_of
from app.generator.engine.constraints import Constraints
from app.generator.engine.fanout import Fanout
from app.generator.keys import make_key
from app.generator.meaning import Choice
from app.generator.plan import ColumnPlan, KeyPlan, Plan, RelationPlan, TablePlan
from app.generator.planning.checks import all_checks, carried_keys
from app.generator.planning.columns import (
    TableColumns,
    choose_generator,
    counts_up,
    described,
    override_of,
    unknown_overrides,
)
from app.generator.planning.keys import KeyChoice, KeyChooser
from app.generator.planning.overlaps import Overlaps, overlaps_of, span_last
from app.generator.planning.partitions import has_partition
from app.generator.planning.references import Edge, effective_keys, load_order, relation, without_implied
from app.generator.planning.selection import Wish, is_required, resolve_table, select
from app.generator.snapshot.model import Check, Column, ForeignKey, QName, Snapshot, Table
from app.generator.types import TypeCatalog
from app.generator.values.registry import OptionInvalid, build, build_unique, null_rate, override_choice
from app.generator.version import ENGINE_VERSION


@dataclass(slots=True)
class _Draft:
    """One table while the plan is made."""

    table: Table
    wish: Wish
    rows: int
    relations: list[RelationPlan]
    checks: tuple[Check, ...]
    constraints: Constraints
    overlaps: Overlaps
    referenced: set[str] = field(default_factory=set)
    keys: KeyChoice = field(default_factory=KeyChoice)
    columns: tuple[ColumnPlan, ...] = ()


class Planner:
    """Makes one plan. `make_plan` is the way in."""

    def __init__(self, snapshot: Snapshot, config: GeneratorConfig, seed: str) -> None:
        self._snapshot = snapshot
        self._config = config
        self._seed = seed
        self._types = TypeCatalog.of(snapshot)
        self._by_name: Mapping[QName, Table] = {t.name: t for t in snapshot.tables}
        self._faults: list[Fault] = []
        self._warnings: list[str] = []
        self._drafts: dict[QName, _Draft] = {}

    def make(self) -> Plan:
        """The plan; raises PlanRefused with every fault."""
        wishes = select(self._snapshot, self._config, self._faults, self._warnings)
        self._check_overrides()
        self._raise_faults()
        order = self._draft(wishes)
        self._raise_faults()
        self._settle_rows(order)
        for name in order:
            self._drafts[name].columns = self._columns(self._drafts[name])
        self._raise_faults()
        return Plan(
            seed=self._seed,
            tables=tuple(self._table_plan(self._drafts[n]) for n in order),
            engine_version=ENGINE_VERSION,
            locale=self._config.locale,
            reference=self._config.reference,
            types=self._snapshot.types,
            functions=self._snapshot.functions,
            warnings=tuple(self._warnings),
        )

    def _raise_faults(self) -> None:
        if self._faults:
            raise PlanRefused(self._faults)

    def _check_overrides(self) -> None:
        for name in self._config.overrides:
            found = resolve_table(self._snapshot, name, f"/config/overrides/{name}", self._faults)
            if found is not None:
                self._faults += unknown_overrides(self._by_name[found], self._config)

    def _draft(self, wishes: Mapping[QName, Wish]) -> list[QName]:
        compiled = {n: self._compile(self._by_name[n]) for n in sorted(wishes)}
        tables = {n: self._with_nullability(self._by_name[n], c) for n, (_, c) in compiled.items()}
        keys = {n: effective_keys(t, self._by_name) for n, t in tables.items()}
        edges = [
            Edge(n, k.ref_table, k, not is_required(t, k))
            for n, t in tables.items()
            for k in keys[n]
            if k.ref_table in tables
        ]
        order, broken = load_order(tables, edges, self._faults)
        cut = {(e.table, e.key.name) for e in broken}
        for edge in sorted(broken, key=lambda e: (e.table, e.key.name)):
            if not edge.key.deferrable:
                self._warnings.append(
                    f"{edge.table}.{edge.key.name} is left NULL: it closes a cycle and is not DEFERRABLE"
                )
        for name, table in tables.items():
            checks, constraints = compiled[name]
            relations = self._relations(table, without_implied(name, keys, cut), cut, tables)
            wish = wishes[name]
            rows = wish.rows if isinstance(wish.rows, int) else 0
            overlaps = overlaps_of(table, self._types)
            self._warnings += overlaps.unserved
            self._drafts[name] = _Draft(table, wish, rows, relations, checks, constraints, overlaps)
        for draft in self._drafts.values():
            for plan in draft.relations:
                if plan.pick != "null":
                    self._drafts[plan.ref_table].referenced |= set(plan.ref_columns)
        return order

    def _compile(self, table: Table) -> tuple[tuple[Check, ...], Constraints]:
        checks = all_checks(table, self._snapshot, self._types)
        columns = {c.name: c for c in table.columns}
        constraints = Constraints(checks, columns, self._types, self._snapshot.functions, self._config.reference)
        self._faults += constraints.contradictions(table.name)
        self._warnings += [f"{table.name}.{u}" for u in constraints.unknown]
        return checks, constraints

    def _with_nullability(self, table: Table, constraints: Constraints) -> Table:
        """The table with columns that a domain or a check keeps from NULL declared so."""

        def nullable(column: Column) -> bool:
            resolved = self._types.resolve(column.type)
            return column.nullable and resolved.nullable and constraints.domain(column.name).nullable

        return replace(table, columns=tuple(replace(c, nullable=nullable(c)) for c in table.columns))

    def _relations(
        self, table: Table, keys: tuple[ForeignKey, ...], cut: set[tuple[QName, str]], made: Mapping[QName, Table]
    ) -> list[RelationPlan]:
        """Relations in the order in which they are picked: the one that decides the row count first."""
        filled: set[str] = set()
        plans: list[RelationPlan] = []
        wish = self._per_parent(table.name)
        generated = {c.name for c in table.columns if c.generated is not None}
        ordered = sorted(
            keys,
            key=lambda k: (
                not _decides(wish, k),
                any(table.column(c).nullable for c in k.columns),
                -len(k.columns),
                k.name,
            ),
        )
        for key in ordered:
            if generated & set(key.columns):
                self._warnings.append(f"{table.name}.{key.name}: a generated column refers to {key.ref_table}")
                continue
            plan = relation(table, key, filled, broken=(table.name, key.name) in cut, made=key.ref_table in made)
            if plan.pick == "null" and not plan.columns:
                continue
            if plan.pick != "null" and wish is not None and _decides(wish, key):
                plan = replace(plan, pick="per_parent", per_parent=wish, null_ppm=0, null_columns=())
                wish = None
            filled |= set(plan.columns)
            plans.append(plan)
        if wish is not None:
            message = f"{table.name}: perParent needs a foreign key to a table of the export" + (
                f" ({wish.parent or wish.foreign_key})" if wish.parent or wish.foreign_key else ""
            )
            self._faults.append(Fault(f"/config/rows/{table.name.name}", "no_parent", message))
        return plans

    def _per_parent(self, name: QName) -> PerParent | None:
        rows = self._config.rows
        if not isinstance(rows, Mapping):
            return None
        found = rows.get(str(name), rows.get(name.name))
        return found if isinstance(found, PerParent) else None

    def _settle_rows(self, order: list[QName]) -> None:
        """Row counts down to what the keys have room for: parents first, again until nothing changes."""
        for _ in range(len(order) + 1):
            changed = False
            for name in order:
                changed |= self._settle_table(self._drafts[name])
            if not changed:
                break
        for name in order:
            draft = self._drafts[name]
            asked = draft.wish.rows
            if isinstance(asked, int) and draft.rows < asked:
                self._shortfall(draft, asked)

    def _settle_table(self, draft: _Draft) -> bool:
        before = draft.rows
        asked = draft.wish.rows
        draft.rows = self._fanout_rows(draft, asked) if isinstance(asked, PerParent) else asked
        for plan in draft.relations:
            needs_parent = plan.pick != "null" and not plan.null_columns and plan.ref_table != draft.table.name
            if needs_parent and self._drafts[plan.ref_table].rows == 0:
                draft.rows = 0
        draft.keys = self._choose_keys(draft)
        if draft.keys.capacity is not None:
            draft.rows = min(draft.rows, draft.keys.capacity)
        return draft.rows != before

    def _fanout_rows(self, draft: _Draft, wish: PerParent) -> int:
        plan = next(p for p in draft.relations if p.per_parent is not None)
        key = make_key(self._seed, draft.table.name.schema, draft.table.name.name, plan.name, "parent")
        return Fanout(key, wish, self._drafts[plan.ref_table].rows).total

    def _choose_keys(self, draft: _Draft) -> KeyChoice:
        spans = [span_last(k, draft.table, self._types) for k in (*draft.table.keys, *draft.overlaps.keys)]
        table = replace(draft.table, keys=tuple(carried_keys(spans, draft.constraints)))
        columns = self._table_columns(draft)
        axes: dict[tuple[str, bool], Axis] = {}

        def column_axis(name: str, counting: bool) -> Axis:
            if name in draft.overlaps.kinds:
                return slots.axis_of(draft.overlaps.kinds[name]) or Axis(0, 0)
            if (name, counting) not in axes:
                axes[name, counting] = self._unique_axis(draft, columns, table.column(name), counting)
            return axes[name, counting]

        chooser = KeyChooser(
            table,
            draft.rows,
            draft.relations,
            lambda plan: self._drafts[plan.ref_table].rows,
            column_axis,
            lambda name: name not in draft.overlaps.kinds and counts_up(self._types, table.column(name)),
            {column: axis for column, (axis, _) in draft.overlaps.axes.items()},
            self._identifies,
        )
        choice = chooser.choose()
        if not has_partition(draft.table, self._snapshot):
            choice.capacity, choice.limiting = 0, f"{draft.table.name} has no partition that could take a row"
        return choice

    def _identifies(self, relation: RelationPlan, columns: frozenset[str]) -> bool:
        """Whether those of `columns` that a relation fills make up a unique key of its parent."""
        refs = {r for c, r in zip(relation.columns, relation.ref_columns, strict=True) if c in columns}
        parent = self._by_name[relation.ref_table]
        return any(k.columns is not None and k.predicate is None and set(k.columns) <= refs for k in parent.keys)

    def _table_columns(self, draft: _Draft) -> TableColumns:
        domains = {c.name: draft.constraints.domain(c.name) for c in draft.table.columns}
        return TableColumns(draft.table, self._config, self._seed, self._types, domains)

    def _unique_axis(self, draft: _Draft, columns: TableColumns, column: Column, counting: bool) -> Axis:
        choice = self._choice(columns, column, report=False)
        if counting and self._is_counter(columns, column):
            choice = self._counter(columns, column)
        context = columns.context(column, unique=True, rows=draft.rows)
        try:
            return axis_of(build_unique(choice, context, max(draft.rows, 1)))
        except OptionInvalid:
            return Axis(0, 0)

    def _is_counter(self, columns: TableColumns, column: Column) -> bool:
        overridden = override_of(self._config, columns.table.name, column.name) is not None
        return not overridden and counts_up(self._types, column)

    def _counter(self, columns: TableColumns, column: Column) -> Choice:
        low = columns.domains[column.name].low
        start = max(1, int(low)) if isinstance(low, int | Decimal) else 1
        return Choice("sequence", {"start": start}, "a key that counts up")

    def _shortfall(self, draft: _Draft, asked: int) -> None:
        name = draft.table.name
        if draft.keys.capacity is not None and draft.rows == draft.keys.capacity:
            text = f"{draft.keys.limiting}, {asked:,} rows asked"
            code = "capacity_exceeded"
        else:
            empty = [str(p.ref_table) for p in draft.relations if self._drafts[p.ref_table].rows == 0]
            text = f"{name} refers to {', '.join(empty)}, which has no rows, {asked:,} rows asked"
            code = "parent_empty"
        if draft.wish.ordered:
            facts = {"table": str(name), "asked": asked, "possible": draft.rows}
            self._faults.append(Fault(f"/config/rows/{name.name}", code, text, facts))
        else:
            self._warnings.append(f"{text}; {draft.rows:,} are made")

    def _choice(self, columns: TableColumns, column: Column, *, report: bool) -> Choice:
        override = override_of(self._config, columns.table.name, column.name)
        context = columns.context(column)
        if override is None:
            return choose_generator(context)
        pointer, wanted = override
        try:
            return override_choice(wanted, context)
        except OptionInvalid as error:
            if report:
                facts = {"table": str(columns.table.name), "column": column.name}
                self._faults.append(
                    Fault(pointer, "invalid_override", f"{context.table}.{column.name}: {error}", facts)
                )
            return choose_generator(context)

    def _columns(self, draft: _Draft) -> tuple[ColumnPlan, ...]:
        columns = self._table_columns(draft)
        related = {c: p for p in draft.relations for c in p.columns if c not in p.shared}
        plans = []
        not_distinct = {a for k in draft.keys.plans if k.nulls_not_distinct for a in k.axes}
        draft.relations = [draft.keys.relations[p.name] for p in draft.relations]
        for column in draft.table.columns:
            if column.generated is not None:
                plan = described(self._types, column, "generated", {}, f"computed by Postgres: {column.generated}")
            elif column.name in related:
                key = related[column.name]
                why = (
                    f"foreign key {key.name} to {key.ref_table}"
                    if key.pick != "null"
                    else f"{key.name} has no parent here"
                )
                plan = described(self._types, column, "reference", {"relation": key.name}, why, key.null_ppm)
            elif column.name in draft.overlaps.axes:
                axis, part = draft.overlaps.axes[column.name]
                options = {"axis": axis, "part": part}
                plan = described(self._types, column, slots.GENERATOR, options, f"side by side, for {axis[2:]}")
            else:
                fixed = column.name in draft.referenced or column.name in not_distinct
                plan = self._value_column(draft, columns, column, never_null=fixed)
            plans.append(plan)
        return tuple(plans)

    def _value_column(self, draft: _Draft, columns: TableColumns, column: Column, *, never_null: bool) -> ColumnPlan:
        choice = self._choice(columns, column, report=True)
        mode = draft.keys.distinct.get(column.name)
        if mode in ("by_row", "ordinal", "place") and self._is_counter(columns, column):
            choice = self._counter(columns, column)
        context = columns.context(column, unique=mode is not None, rows=draft.rows)
        try:
            if mode is not None:
                build_unique(choice, context, max(draft.rows, 1))
            else:
                build(choice, context)
        except OptionInvalid as error:
            message = f"{draft.table.name}.{column.name}: {error}; override it in config.overrides"
            facts = {"table": str(draft.table.name), "column": column.name}
            self._faults.append(Fault("/config/overrides", "no_generator", message, facts))
        domain = columns.domains[column.name]
        nulls = null_rate(choice, context) if column.nullable and not never_null and mode in (None, "injective") else 0
        if domain.null_only:
            nulls = 1_000_000
        return described(
            self._types, column, choice.generator, choice.options, choice.why, nulls, unique=mode is not None
        )

    def _table_plan(self, draft: _Draft) -> TablePlan:
        keys: tuple[KeyPlan, ...] = tuple(draft.keys.plans)
        return TablePlan(
            name=draft.table.name,
            rows=draft.rows,
            columns=draft.columns,
            relations=tuple(draft.relations),
            keys=keys,
            checks=draft.checks,
            comment=draft.table.comment,
        )


def _decides(wish: PerParent | None, key: ForeignKey) -> bool:
    """Whether this foreign key is the one that a perParent count means."""
    if wish is None:
        return False
    if wish.foreign_key is not None:
        return key.name == wish.foreign_key
    return wish.parent is None or wish.parent in (key.ref_table.name, str(key.ref_table))


def make_plan(snapshot: Snapshot, config: GeneratorConfig, seed: str | int) -> Plan:
    """Resolves a request into a plan. Raises PlanRefused with every fault found; makes no row."""
    return Planner(snapshot, config, str(seed)).make()
