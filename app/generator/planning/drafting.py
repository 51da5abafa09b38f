"""First half of planning: which tables are made, in what order, what they refer to and what they have to satisfy."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.errors import Fault, OptionInvalid
from app.generator.config import GeneratorConfig, PerParent
from app.generator.engine.constraints import Constraints
from app.generator.plan import ColumnPlan, RelationPlan
from app.generator.planning.absent import wanting_parents
from app.generator.planning.agreeing import agreed_values
from app.generator.planning.checks import all_checks
from app.generator.planning.counting import Counting, counting_of, in_line
from app.generator.planning.cycles import Edge, circular
from app.generator.planning.joining import in_joining_order
from app.generator.planning.keys import KeyChoice
from app.generator.planning.kinds import listed_for_parents, room_for_parents
from app.generator.planning.mates import mated, without_nulls_below
from app.generator.planning.outlines import Tree, tree_of
from app.generator.planning.overlaps import Overlaps, overlaps_of
from app.generator.planning.overrides import PICKS, faults_of, override_of, unknown_columns, with_override
from app.generator.planning.references import (
    by_own_columns,
    effective_keys,
    kept_columns,
    load_order,
    relation,
    with_computed,
    without_implied,
)
from app.generator.planning.roots import with_roots
from app.generator.planning.selection import Wish, is_required, resolve_table, select
from app.generator.snapshot.model import Check, Column, ForeignKey, QName, Snapshot, Table, TypeRef
from app.generator.types import TypeCatalog

if TYPE_CHECKING:
    from app.generator.expressions import Expr

_NUMERIC = TypeRef("pg_catalog", "numeric")
_MOST_DIGITS = 38
_SPATIAL = frozenset({"geometry", "geography"})


@dataclass(slots=True)
class Draft:
    """One table while the plan is made."""

    table: Table
    wish: Wish
    rows: int
    relations: list[RelationPlan]
    checks: tuple[Check, ...]
    constraints: Constraints
    overlaps: Overlaps
    counting: Counting
    referenced: set[str] = field(default_factory=set)
    keys: KeyChoice = field(default_factory=KeyChoice)
    columns: tuple[ColumnPlan, ...] = ()


@dataclass(slots=True)
class Findings:
    """What planning has to say: faults refuse the request, warnings go into the plan.

    `impossible` has the faults of tables that were not asked for by name: they stay empty, and the others are made.
    """

    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    impossible: dict[QName, list[Fault]] = field(default_factory=dict)

    def all_faults(self) -> list[Fault]:
        """Every fault, whether or not it refuses the request."""
        return [*self.faults, *(fault for faults in self.impossible.values() for fault in faults)]

    def refuse(self, table: QName, wish: Wish, faults: list[Fault]) -> None:
        """Puts down why a table cannot be made: against the request where it names the table."""
        if wish.ordered:
            self.faults += faults
        elif faults:
            self.impossible.setdefault(table, []).extend(faults)
            self.warnings += [f"{fault.message}; {table} stays empty" for fault in faults]


# A list is handed on to the parents of parents, so far.
_MOST_STEPS_UP = 4


class Drafter:
    """Drafts the tables of one request."""

    def __init__(
        self, snapshot: Snapshot, config: GeneratorConfig, types: TypeCatalog, findings: Findings, *, agreeing: bool
    ) -> None:
        """`agreeing` gives columns that rows have to find alike in several tables a few values (`agreed_values`)."""
        self._agreeing = agreeing
        self._snapshot = snapshot
        self._config = config
        self._types = types
        self._by_name: Mapping[QName, Table] = {t.name: t for t in snapshot.tables}
        self._findings = findings
        self._faults = findings.faults
        self._warnings = findings.warnings
        self._override_faults: list[Fault] = []

    def draft(self) -> dict[QName, Draft]:
        """The drafts in load order; empty when a fault was found before there could be any."""
        wishes = select(self._snapshot, self._config, self._faults, self._warnings)
        if self._faults:
            self._check_overrides()
            return {}
        # A wrong name among the overrides is no reason to keep the other faults of the request back.
        drafts = self._draft(wishes)
        drafted = not self._faults
        self._faults += self._override_faults
        self._check_overrides()
        return drafts if drafted else {}

    def _check_overrides(self) -> None:
        for name in self._config.overrides:
            found = resolve_table(self._snapshot, name, f"/config/overrides/{name}", self._faults)
            if found is not None:
                self._faults += unknown_columns(self._by_name[found], self._config)

    def _draft(self, wishes: Mapping[QName, Wish]) -> dict[QName, Draft]:
        asked = {n: self._by_name[n] for n in sorted(wishes)}
        room = dict(room_for_parents(asked, self._types))
        for name, checks in agreed_values(asked, self._types).items() if self._agreeing else ():
            room[name] = (*room.get(name, ()), *checks)
        compiled = {n: self._compile(self._by_name[n], wishes[n], room.get(n, ())) for n in sorted(wishes)}
        self._spread_lists(wishes, compiled, room)
        tables = {n: self._as_checked(self._by_name[n], c) for n, (_, c, _) in compiled.items()}
        keys = {n: effective_keys(t, self._by_name) for n, t in tables.items()}
        edges = [
            Edge(n, k.ref_table, k, not is_required(t, k))
            for n, t in tables.items()
            for k in keys[n]
            if k.ref_table in tables
        ]
        order, broken, forced = load_order(tables, edges, self._warnings)
        cut = {(e.table, e.key.name) for e in broken}
        for edge in sorted(broken, key=lambda e: (e.table, e.key.name)):
            if not edge.key.deferrable and edge not in forced:
                self._warnings.append(
                    f"{edge.table}.{edge.key.name} is left NULL: it closes a cycle and is not DEFERRABLE"
                )
        drafts: dict[QName, Draft] = {}
        loops = circular([e for e in edges if e not in broken or e.key.deferrable or e in forced])
        forced_keys = {(e.table, e.key.name) for e in forced}
        for name in order:
            table = tables[name]
            checks, constraints, overlaps = compiled[name]
            counting = counting_of(table, constraints, self._types)
            relations = self._relations(table, without_implied(table, keys, cut), cut, tables, loops, forced_keys)
            tree = self._tree(table, keys[name], constraints)
            if tree is not None:
                counting = counting.along(tree)
                relations = [r for r in relations if r.name != tree.foreign_key]
            own = [k for k in keys[name] if k.ref_table == name and not self._is_overridden(table, k)]
            relations = with_roots(table, own if tree is None else [], relations, constraints)
            relations = [self._overridden(table, in_line(name, r, constraints, counting)) for r in relations]
            wish = wishes[name]
            absent = wanting_parents(table, relations, tables, constraints, self._types)
            self._findings.refuse(name, wish, absent)
            rows = wish.rows if isinstance(wish.rows, int) else 0
            drafts[name] = Draft(table, wish, rows, relations, checks, constraints, overlaps, counting)
        couples = mated({name: draft.relations for name, draft in drafts.items()})
        couples = without_nulls_below(couples, tables)
        for name, draft in drafts.items():
            draft.relations = couples[name]
            for plan in draft.relations:
                if plan.pick != "null":
                    drafts[plan.ref_table].referenced |= set(plan.ref_columns)
        self._warn_of_lookups(drafts)
        return drafts

    def _compile(
        self, table: Table, wish: Wish, lists: tuple[Check, ...] = ()
    ) -> tuple[tuple[Check, ...], Constraints, Overlaps]:
        overlaps = overlaps_of(table, self._types)
        checks = (*all_checks(table, self._snapshot, self._types), *overlaps.checks, *lists)
        columns = {c.name: c for c in table.columns}
        constraints = Constraints(checks, columns, self._types, self._snapshot.functions, self._config.reference)
        overridden = {c.name for c in table.columns if override_of(self._config, table.name, c.name) is not None}
        self._findings.refuse(table.name, wish, constraints.contradictions(table.name, overridden))
        self._warnings += [f"{table.name}.{u}" for u in constraints.unknown(self._kept_by_parents(table, constraints))]
        return checks, constraints, overlaps

    def _kept_by_parents(self, table: Table, constraints: Constraints) -> set[str]:
        """The checks that look at rows of other tables, and are kept by picking among those."""
        found: set[str] = set()
        for key in table.foreign_keys:
            parent = self._by_name.get(key.ref_table)
            if parent is not None and parent.name != table.name:
                declared = {column.name: column.type for column in parent.columns}
                references = dict(zip(key.columns, key.ref_columns, strict=True))
                found |= constraints.parent_tests(references, parent.name, declared).keys()
        return found

    def _warn_of_lookups(self, drafts: Mapping[QName, Draft]) -> None:
        """Warns of checks that look at rows of other tables where none can be picked for what they have.

        The rows of a table that refers back are not there yet, and those that another rule picks are not chosen.
        """
        parents = {n: {r.ref_table for r in d.relations if r.pick != "null"} for n, d in drafts.items()}
        for name, draft in drafts.items():
            possible = self._kept_by_parents(draft.table, draft.constraints) if draft.checks else set()
            if not possible:
                continue
            kept: set[str] = set()
            for plan in draft.relations:
                if plan.pick in PICKS and name not in _above(plan.ref_table, parents):
                    declared = {column.name: column.type for column in self._by_name[plan.ref_table].columns}
                    references = dict(zip(plan.columns, plan.ref_columns, strict=True))
                    kept |= draft.constraints.parent_tests(references, plan.ref_table, declared).keys()
            said = draft.constraints.unknown(possible)
            self._warnings += [f"{name}.{u}" for u in draft.constraints.unknown(kept) if u not in said]

    def _spread_lists(
        self,
        wishes: Mapping[QName, Wish],
        compiled: dict[QName, tuple[tuple[Check, ...], Constraints, Overlaps]],
        room: Mapping[QName, tuple[Check, ...]],
    ) -> None:
        """Gives a table of kinds the kinds that the checks of its children list, where it has no list of its own."""
        own = {n: c for n, (_, c, _) in compiled.items()}
        given: dict[QName, tuple[Check, ...]] = {}
        for _ in range(_MOST_STEPS_UP):
            constraints = {n: c for n, (_, c, _) in compiled.items()}
            lists = listed_for_parents(constraints, own, self._by_name, self._types)
            for name in sorted(n for n in lists if lists[n] != given.get(n)):
                compiled[name] = self._compile(self._by_name[name], wishes[name], (*room.get(name, ()), *lists[name]))
            if lists == given:
                return
            given = lists

    def _as_checked(self, table: Table, constraints: Constraints) -> Table:
        """The table with columns declared as its domains and checks have them: without NULL, with so many digits."""

        def nullable(column: Column) -> bool:
            resolved = self._types.resolve(column.type)
            return column.nullable and resolved.nullable and not constraints.forbids_null(column.name)

        def typed(column: Column) -> TypeRef:
            if column.type.name in _SPATIAL and column.type.shape is None and not column.type.array_dims:
                said = constraints.spatial(column.name)
                modifiers = column.type.modifiers if said.srid is None else (said.srid,)
                return replace(column.type, shape=said.word, modifiers=modifiers)
            # scale() counts the digits that are written, and a number without a scale is written with all it can have.
            digits = constraints.most_digits(column.name) if column.type == _NUMERIC else None
            return column.type if digits is None else replace(_NUMERIC, modifiers=(_MOST_DIGITS, digits))

        def checked(column: Column) -> Column:
            kept = (nullable(column), typed(column))
            same = kept == (column.nullable, column.type)
            return column if same else replace(column, nullable=kept[0], type=kept[1])

        return replace(table, columns=tuple(map(checked, table.columns)))

    def _relations(
        self,
        table: Table,
        keys: tuple[ForeignKey, ...],
        cut: set[tuple[QName, str]],
        made: Mapping[QName, Table],
        loops: set[tuple[QName, str]],
        forced: set[tuple[QName, str]],
    ) -> list[RelationPlan]:
        """Relations in the order in which they are picked: the one that decides the row count first.

        Those of a cycle come last: a column that another one can fill would wait for itself there. So does a column
        that a reference to the table itself hands on from row to row: whatever else fills it decides for the first.
        """
        filled: set[str] = set()
        plans: list[RelationPlan] = []
        wish = self._per_parent(table.name)
        generated = {c.name for c in table.columns if c.generated is not None}
        ordered = sorted(
            keys,
            key=lambda k: (
                not _decides(wish, k),
                (table.name, k.name) in loops,
                bool(kept_columns(table, k)),
                any(table.column(c).nullable for c in k.columns),
                -len(k.columns),
                k.name,
            ),
        )
        for key in in_joining_order(ordered, {c.name for c in table.columns if c.nullable} | generated):
            computed = generated & set(key.columns)
            turned = key
            if computed and not self._follows(table, key, computed):
                by_own = by_own_columns(table, key, computed, self._parsed)
                if by_own is None:
                    self._warnings.append(f"{table.name}.{key.name}: a generated column refers to {key.ref_table}")
                    continue
                turned = by_own
            place = (table.name, key.name)
            given = filled | (computed if turned is key else set())
            here = key.ref_table in made
            plan = relation(table, turned, given, broken=place in cut, forced=place in forced, made=here)
            if plan.pick == "null" and not plan.columns:
                continue
            if turned is not key and plan.pick != "null":
                plan = with_computed(plan, key, computed)
            if plan.pick != "null" and wish is not None and _decides(wish, key):
                plan = replace(plan, pick="per_parent", per_parent=wish, null_ppm=0, null_columns=())
                wish = None
            # What a reference to the table itself hands on is yet to be filled, by a cycle's reference if by any.
            filled |= set(plan.columns) - (kept_columns(table, key) - given)
            plans.append(plan)
        if wish is not None:
            message = f"{table.name}: perParent needs a foreign key to a table of the export" + (
                f" ({wish.parent or wish.foreign_key})" if wish.parent or wish.foreign_key else ""
            )
            self._faults.append(Fault(f"/config/rows/{table.name.name}", "no_parent", message))
        return plans

    def _tree(self, table: Table, keys: tuple[ForeignKey, ...], constraints: Constraints) -> Tree | None:
        """The tree that the table's rows make up, where no override says what its keys are."""
        found = tree_of(table, keys, constraints, self._types) if constraints.has_checks else None
        if found is None or any(override_of(self._config, table.name, n) for n in (found.number, found.above)):
            return None
        return found

    def _follows(self, table: Table, key: ForeignKey, computed: set[str]) -> bool:
        """Whether a reference can be picked by what its generated columns are: by then they have to be known.

        kind = 'company' in (id, kind) -> parties (id, kind) leads to those parties that are companies.
        """
        from app.generator.expressions import columns_of

        own = set(key.columns) - computed
        read = [self._parsed(table.column(c).generated or "") for c in computed]
        return bool(own) and all(expr is not None and columns_of(expr).isdisjoint(own) for expr in read)

    def _parsed(self, sql: str) -> "Expr | None":
        """An expression; None for one that is not understood."""
        from app.generator.expressions import ExpressionUnknown, parse_expression

        try:
            return parse_expression(sql, self._snapshot.functions)
        except ExpressionUnknown:
            return None

    def _is_overridden(self, table: Table, key: ForeignKey) -> bool:
        return any(override_of(self._config, table.name, column) for column in key.columns)

    def _overridden(self, table: Table, plan: RelationPlan) -> RelationPlan:
        """The relation as overrides of its columns want it."""
        for name in plan.columns:
            found = override_of(self._config, table.name, name) if name not in plan.shared else None
            if found is not None:
                try:
                    plan = with_override(plan, found, nullable=table.column(name).nullable)
                except OptionInvalid as error:
                    self._override_faults += faults_of(found, table.name, name, error.problems)
        return plan

    def _per_parent(self, name: QName) -> PerParent | None:
        rows = self._config.rows
        if not isinstance(rows, Mapping):
            return None
        found = rows.get(str(name), rows.get(name.name))
        return found if isinstance(found, PerParent) else None


def _decides(wish: PerParent | None, key: ForeignKey) -> bool:
    """Whether this foreign key is the one that a perParent count means."""
    if wish is None:
        return False
    if wish.foreign_key is not None:
        return key.name == wish.foreign_key
    return wish.parent is None or wish.parent in (key.ref_table.name, str(key.ref_table))


def _above(table: QName, parents: Mapping[QName, set[QName]]) -> set[QName]:
    """The table, and those that it refers to over whatever is between."""
    found, todo = {table}, [table]
    while todo:
        new = parents.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found
