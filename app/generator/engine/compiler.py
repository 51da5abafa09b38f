"""Plan to program: each table's steps in the order of what they need, with its checks where they can be tested."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from app.errors import OptionInvalid
from app.generator.arrow_types import arrow_type
from app.generator.domain import Domain
from app.generator.engine import slots
from app.generator.engine.aggregates import AggregateNode
from app.generator.engine.axes import MAX_PLACES, Axis, KeyIndex
from app.generator.engine.bending import Bend, bend_of
from app.generator.engine.conditions import HasValue, reference_conditions
from app.generator.engine.constraints import Constraints
from app.generator.engine.contexts import column_context, may_be_null
from app.generator.engine.ledger import Ledger, LedgerKey
from app.generator.engine.modes import ModeChoice, come_by_themselves, given_of, null_wish
from app.generator.engine.nodes import (
    ColumnNode,
    Computed,
    GeneratedNode,
    Guesses,
    Index,
    Node,
    OrderedNode,
    RelationNode,
    Variant,
    relation_axis,
    validity,
)
from app.generator.engine.pairs import PairIndex, Side, misplaced_in, pair_kind, pairs_of_axis, pairs_of_columns
from app.generator.engine.places import PlaceIndex
from app.generator.engine.program import Predicate, TableProgram
from app.generator.engine.programs import Programs
from app.generator.engine.relations import Picker, taken_over
from app.generator.engine.shapes import computed_columns, free_molds, shape
from app.generator.engine.stages import chains, compared_pairs, stages_of
from app.generator.engine.viable import as_own, has_too_many, viable_rows
from app.generator.keys import Rows, make_key
from app.generator.meaning import Choice
from app.generator.plan import ColumnPlan, KeyPlan, Plan, RelationPlan, TablePlan
from app.generator.snapshot.model import Column
from app.generator.values.aggregates import NAME as AGGREGATE
from app.generator.values.choice import OVERRIDE
from app.generator.values.choices import Constant
from app.generator.values.generator import Generator
from app.generator.values.outlines import COUNTING, PARENTS
from app.generator.values.registry import build, build_unique

if TYPE_CHECKING:
    from app.generator.expressions.molds import Mold

_ALL = 1_000_000
_BOUND_BY_DOMAIN = frozenset({"type", "sequence", "reference", "generated", slots.GENERATOR})


class Compiler:
    """Compiles one table."""

    def __init__(self, programs: Programs, table: TablePlan) -> None:
        self._programs = programs
        self._plan = programs.plan
        self._table = table
        self._seed = programs.plan.seed
        self._place = (table.name.schema, table.name.name)
        self._relation_of = {c: r for r in table.relations for c in r.columns if c not in r.shared}
        self._generators: dict[str, Generator] = {}
        self._pickers: dict[str, Picker] = {}

    @cached_property
    def _constraints(self) -> Constraints:
        columns = {c.name: _snapshot_column(c) for c in self._table.columns}
        return Constraints(self._table.checks, columns, self._plan.catalog, self._plan.functions, self._plan.reference)

    def compile(self) -> TableProgram:
        """The table's program, without its ledger."""
        nodes = self._nodes()
        self._free_first_row(nodes)
        predicates: list[Predicate] = [*reference_conditions(self._table)]
        # A sum that its column has no room for is no value.
        computed = (n.name for n in nodes if isinstance(n, GeneratedNode))
        predicates += [HasValue(n) for n in computed if not self._table.column(n).nullable and self._is_own(n)]
        # A value that is computed, or has changed places with another, is outside its generator's care.
        moved = {n.name for n in nodes if isinstance(n, GeneratedNode)}
        moved |= {name for n in nodes if isinstance(n, OrderedNode) for name in n.outputs}
        moved |= {n.plan.name for n in nodes if isinstance(n, ColumnNode) and (n.projection or n.shaping)}
        # A generator with a meaning keeps most checks, its type's own keeps all that a domain can say.
        loose = (c.name for c in self._table.columns if c.generator not in _BOUND_BY_DOMAIN)
        moved |= {name for name in loose if self._constraints.domain(name) != Domain()}
        moved |= {c for r in self._table.relations if has_too_many(self._programs, r) for c in r.columns}
        guarded = self._constraints.checks_of(frozenset(moved))
        names = {check.name for check in guarded}
        predicates += [*guarded, *(r for r in self._constraints.residual if r.name not in names)]
        pairs = compared_pairs(predicates, nodes)
        ties = [self._nodes_of_key(k, nodes) for k in self._table.keys]
        stages = stages_of(nodes, predicates, ties, self._ledger_columns(), self._anchors(), self._sought(), pairs)
        return TableProgram(self._table, stages)

    def _free_first_row(self, nodes: Sequence[Node]) -> None:
        """Lets the first row of a tree refer to itself, where what the reference leads to waits for nothing."""
        needs = {output: node.needs for node in nodes for output in node.outputs}
        for node in nodes:
            if isinstance(node, RelationNode) and node.picker.relation.pick in ("earlier", "previous"):
                refs = node.picker.relation.ref_columns
                node.may_be_own = not any(needs.get(ref, True) for ref in refs)

    def _is_own(self, column: str) -> bool:
        return self._table.column(column).generated is None

    def _anchors(self) -> frozenset[str]:
        """The columns by which a reference to the table itself looks for its parent among all rows."""
        own = (r for r in self._table.relations if r.ref_table == self._table.name and r.pick != "null")
        return frozenset(c for r in own for c in r.shared)

    def _sought(self) -> frozenset[str]:
        """The columns that the table's references to itself lead to, made by others than those references.

        Not of references that look for a row that agrees in other columns: there a row has few to go to.
        """
        own = [
            r for r in self._table.relations if r.ref_table == self._table.name and r.pick != "null" and not r.shared
        ]
        return frozenset(c for r in own for c in r.ref_columns) - {c for r in own for c in r.columns}

    def _nodes_of_key(self, key: KeyPlan, nodes: Sequence[Node]) -> frozenset[int]:
        """The steps that take their index from one key: they have to be redrawn together."""
        axes = set(key.axes)
        columns = {c.name for c in self._table.columns if _axis_name(c) in axes}
        columns |= {validity(r.name) for r in self._table.relations if relation_axis(r.name) in axes}
        return frozenset(i for i, node in enumerate(nodes) if columns & set(node.outputs))

    def _ledger_columns(self) -> frozenset[str]:
        """The columns that the ledger's keys read."""
        return frozenset().union(*(k.columns for k in self._ledger_keys))

    def ledger(self, program: TableProgram) -> Ledger | None:
        """The ledger of the keys that need one."""
        return Ledger(program, self._ledger_keys) if self._ledger_keys else None

    @cached_property
    def _ledger_keys(self) -> list[LedgerKey]:
        return [self._ledger_key(k) for k in self._table.keys if k.mode == "ledger"]

    def _ledger_key(self, key: KeyPlan) -> LedgerKey:
        elements = [self._constraints.value(e) for e in key.elements]
        condition = self._constraints.condition(key.predicate) if key.predicate else None
        sql = f"UNIQUE ({', '.join(key.elements)})" + (f" WHERE {key.predicate}" if key.predicate else "")
        return LedgerKey(key.name, elements, condition, key.nulls_not_distinct, sql)

    def _nodes(self) -> list[Node]:
        indexes = self._indexes()
        nodes: list[Node] = [self._relation_node(r, indexes) for r in self._table.relations]
        columns: dict[str, ColumnNode] = {}
        for column in self._table.columns:
            if column.generated is not None:
                expression = self._constraints.generated(column.generated, column.name)
                if expression is not None:
                    nodes.append(GeneratedNode(column.name, expression, arrow_type(column.base)))
            elif column.generator == AGGREGATE:
                nodes.append(AggregateNode(column, self._table, self._programs))
            elif column.name not in self._relation_of:
                columns[column.name] = self._column_node(column, indexes)
        for name, value in self._computed(columns, indexes).items():
            nodes.append(GeneratedNode(name, value, arrow_type(columns.pop(name).plan.base)))
        shape(self._molds, columns, indexes, nodes, self._constraints, (self._seed, *self._place))
        for group in self._ordered_groups(columns, indexes):
            members = tuple(columns.pop(name) for name in group)
            pairs = tuple((a, b) for i, a in enumerate(group) for b in group[i + 1 :])
            nodes.append(OrderedNode(members, pairs))
        return nodes + list(columns.values())

    @cached_property
    def _molds(self) -> "Sequence[Mold]":
        return free_molds(self._constraints, self._table.relations, self._table.name)

    def _computed(self, columns: Mapping[str, ColumnNode], indexes: Mapping[str, object]) -> dict[str, Computed]:
        """Columns that a check equates with an expression over others, none of which waits for the column itself."""
        found: dict[str, Computed] = {}
        keyed = self._ledger_columns().union(*(key.axes for key in self._table.keys))
        for name, value in computed_columns(self._constraints, self._molds, keyed).items():
            free = name in columns and _axis_name(columns[name].plan) not in indexes and name not in found
            free &= free and columns[name].plan.generator != PARENTS
            waits = {n for other in value.columns if other in found for n in found[other].columns} | value.columns
            if free and name not in waits:
                found[name] = value
        return found

    def _ordered_groups(self, columns: Mapping[str, ColumnNode], indexes: object) -> list[list[str]]:
        """Columns of one type that checks put in order, each group sorted from small to large."""
        taken = {c for key in self._table.keys for c in key.axes}
        after: dict[str, set[str]] = {}
        for low, high, _ in self._constraints.orders:
            if not {low, high} <= columns.keys() or low == high:
                continue
            if {_axis_name(columns[low].plan), _axis_name(columns[high].plan)} & taken:
                continue  # what a key gives stays where it is
            if OVERRIDE in (columns[low].plan.why, columns[high].plan.why):
                continue  # what a person asked for stays in its column: the other one comes to it
            if columns[low].generator.arrow_type == columns[high].generator.arrow_type:
                after.setdefault(low, set()).add(high)
        return chains(after)

    def _indexes(self) -> dict[str, tuple[Index, str, str]]:
        """Axis -> the key index that leads it."""
        out: dict[str, tuple[Index, str, str]] = {}
        relations = {relation_axis(r.name): r for r in self._table.relations}
        for key in self._table.keys:
            if key.mode == "ledger":
                continue
            axes = [self._axis(a, relations) for a in key.axes]
            index: Index
            if key.mode == "place":
                picker = self._picker(relations[key.axes[0]])
                counting = key.axes[1] not in relations and self._table.column(key.axes[1]).generator in COUNTING
                index = PlaceIndex(key, picker.fanout, axes[1], self._seed, self._place, counting=counting)
                out[key.axes[1]] = (index, key.name, key.axes[1])
                continue
            if key.mode == "pairs":
                index = self._pair_index(key, axes, relations)
            else:
                index = KeyIndex(key, axes, self._seed, self._place, self._table.rows)
            for axis in key.axes:
                out[axis] = (index, key.name, axis)
        return out

    def _pair_index(self, key: KeyPlan, axes: Sequence[Axis], relations: Mapping[str, RelationPlan]) -> PairIndex:
        sides = (self._side(key.axes[0], relations), self._side(key.axes[1], relations))
        makers = [self._generator(self._table.column(a)) for a in key.axes[:2] if a not in relations]
        tests = self._constraints.tests_of(frozenset((*sides[0].columns, *sides[1].columns)))
        kind = pair_kind(key)
        space = pairs_of_columns(makers[0], makers[1], kind) if makers else pairs_of_axis(axes[0], kind)
        misplaced = misplaced_in(sides, tests)
        return PairIndex(key, space, axes[2:], misplaced, self._seed, self._place, self._table.rows)

    def _side(self, axis: str, relations: Mapping[str, RelationPlan]) -> Side:
        if axis not in relations:
            generator = self._generator(self._table.column(axis))
            return Side((axis,), lambda index: {axis: generator.at(index)})
        relation, picker = relations[axis], self._picker(relations[axis])

        def values(index: Rows) -> dict[str, pa.Array]:
            made = self._programs.parent_columns(relation.ref_table, picker.rows_at(index), relation.ref_columns)
            pairs = zip(relation.columns, relation.ref_columns, strict=True)
            return {column: as_own(self._table, made[ref], column) for column, ref in pairs}

        return Side(relation.columns, values)

    def _axis(self, name: str, relations: Mapping[str, RelationPlan]) -> Axis:
        if name in relations:
            choices = self._picker(relations[name]).choices
            return Axis(choices, choices)
        return axis_of(self._generator(next(c for c in self._table.columns if _axis_name(c) == name)))

    def _picker(self, relation: RelationPlan) -> Picker:
        if relation.name not in self._pickers:
            viable = viable_rows(self._programs, self._table, self._constraints, relation, self._picker)
            spread = relation.pick == "uniform" and not self._ledger_columns().isdisjoint(relation.columns)
            self._pickers[relation.name] = Picker(self._programs, self._table, relation, viable, spread=spread)
        return self._pickers[relation.name]

    def choices(self, relation: RelationPlan) -> int:
        """How many rows of its parent a relation can refer to."""
        return self._picker(relation).choices

    def _relation_node(self, relation: RelationPlan, indexes: Mapping[str, tuple[Index, str, str]]) -> RelationNode:
        own = taken_over(self._table, relation)
        modes = None
        alone = relation.pick == "previous" and not relation.null_ppm  # only the first row refers to nothing
        for columns, alternatives in () if alone else self._modes:
            wishes = [null_wish(alternative, relation.null_columns) for alternative in alternatives]
            if any(w >= 0 for w in wishes):
                modes = (self._mode_choice(columns, alternatives, indexes), wishes)
        key = make_key(self._seed, *self._place, relation.name, "parent")
        picker = self._picker(relation)
        axis = relation_axis(relation.name)
        return RelationNode(picker, self._programs, own, key, indexes.get(axis), modes)

    def _column_node(self, column: ColumnPlan, indexes: Mapping[str, tuple[Index, str, str]]) -> ColumnNode:
        modes, null_modes = None, None
        for columns, alternatives in self._modes:
            if (
                column.name in columns
                and _axis_name(column) in indexes
                and may_be_null(self._plan, self._table, column)
            ):
                wishes = [null_wish(alternative, (column.name,)) for alternative in alternatives]
                null_modes = (self._mode_choice(columns, alternatives, indexes), wishes)
            elif column.name in columns and _axis_name(column) not in indexes and column.generator != PARENTS:
                variants = [self._variant(column, a.get(column.name)) for a in alternatives]
                modes = (self._mode_choice(columns, alternatives, indexes), variants)
        return ColumnNode(
            plan=column,
            generator=self._generator(column),
            key=make_key(self._seed, *self._place, column.name, "value"),
            null_key=make_key(self._seed, *self._place, column.name, "null"),
            index=indexes.get(_axis_name(column)),
            modes=modes,
            bend=self._bend(column),
            projection=self._constraints.projection(column.name) if column.why != OVERRIDE else None,
            guessing=self._guessing(column),
            null_modes=null_modes,
        )

    def _guessing(self, column: ColumnPlan) -> Guesses | None:
        material = self._constraints.material(column.name) if column.why != OVERRIDE else None
        if material is None:
            return None
        from app.generator.engine.guessing import Guessing  # a schema whose checks are all read needs none of it

        key = make_key(self._seed, *self._place, column.name, "guess")
        return Guessing.of(column.base, self._constraints.domain(column.name), material, key)

    def _bend(self, column: ColumnPlan) -> Bend | None:
        tested = any(column.name in r.columns for r in self._constraints.residual)
        if not tested or column.why == OVERRIDE:
            return None  # what a person asked for is redrawn, not bent
        key = make_key(self._seed, *self._place, column.name, "bend")
        return bend_of(arrow_type(column.base), self._constraints.domain(column.name), key)

    def _mode_choice(
        self, columns: Iterable[str], alternatives: Sequence[Mapping[str, Domain]], indexes: Mapping[str, object]
    ) -> ModeChoice:
        """How a row chooses among alternatives: by what keys give, and references that do not choose themselves."""
        own = [c for c in self._table.columns if c.name in columns and c.name not in self._relation_of]
        given = {c.name for c in own if _axis_name(c) in indexes and not may_be_null(self._plan, self._table, c)}
        related = {r.name: r for c in columns if (r := self._relation_of.get(c)) is not None}
        if not any(null_wish(a, r.null_columns) >= 0 for r in related.values() for a in alternatives):
            given |= {c for c in columns if c in self._relation_of}
        key = make_key(self._seed, *self._place, *sorted(columns), "mode")
        return ModeChoice(key, len(alternatives), given_of(given, alternatives))

    @cached_property
    def _modes(self) -> list[tuple[frozenset[str], list[Mapping[str, Domain]]]]:
        """The checks' alternatives, without those that a column's type has no value for: 40,000 in a smallint."""
        found = []
        columns = {column.name: column for column in self._table.columns}
        for group in self._constraints.modes:
            if come_by_themselves(group.alternatives, columns, self._constraints.domain):
                continue
            possible = [a for a in group.alternatives if self._is_possible(a)]
            if len(possible) > 1 or (possible and len(group.alternatives) > 1):
                found.append((frozenset(group.columns), possible))
        return found

    def _is_possible(self, alternative: Mapping[str, Domain]) -> bool:
        for name, domain in alternative.items():
            column = self._table.column(name)
            if name in self._relation_of or column.generated is not None or domain.null_only:
                continue
            left = self._constraints.domain(name).intersect(domain)
            if not left.allows_value and not (left.nullable and column.nullable):
                return False
            try:
                self._variant(column, domain)
            except OptionInvalid:
                return False
        return True

    def _variant(self, column: ColumnPlan, domain: Domain | None) -> Variant:
        if domain is None:
            return Variant(self._generator(column))
        if domain.null_only:
            return Variant(self._generator(column), null=True)
        narrowed = self._constraints.domain(column.name).intersect(domain)
        if not narrowed.allows_value and narrowed.nullable:
            return Variant(self._generator(column), null=True)  # as long as it is NULL, both of them pass
        null = False if not domain.nullable else None
        return Variant(make_generator(self._plan, self._table, column, narrowed), null)

    def _generator(self, column: ColumnPlan) -> Generator:
        if column.name not in self._generators and column.generator == slots.GENERATOR:
            kind = arrow_type(column.base)
            self._generators[column.name] = slots.SlotGenerator(
                column.base, kind, column.options, self._plan.reference, self._seed, self._marks(column)
            )
        elif column.name not in self._generators:
            domain = self._constraints.domain(column.name)
            self._generators[column.name] = make_generator(self._plan, self._table, column, domain)
        return self._generators[column.name]

    def _marks(self, column: ColumnPlan) -> slots.Marks | None:
        own = [c for c in self._table.columns if c.generator == slots.GENERATOR and _axis_name(c) == _axis_name(column)]
        parts = {c.name: str(c.options["part"]) for c in own}
        return slots.marks_of(parts, self._constraints.domain, column.base.name, self._plan.reference)


def _axis_name(column: ColumnPlan) -> str:
    return str(column.options["axis"]) if column.generator == slots.GENERATOR else column.name


def make_generator(plan: Plan, table: TablePlan, column: ColumnPlan, domain: Domain) -> Generator:
    """The generator that a column's plan names, within the domain that its checks leave."""
    context = column_context(
        table=table.name,
        table_comment=table.comment,
        column=_snapshot_column(column),
        siblings={c.name: c.base for c in table.columns},
        domain=domain,
        types=plan.catalog,
        locale=plan.locale,
        reference=plan.reference,
        seed=plan.seed,
        unique=column.unique,
        rows=table.rows,
    )
    choice = Choice(column.generator, column.options, column.why)
    try:
        return build_unique(choice, context, table.rows) if column.unique else build(choice, context)
    except OptionInvalid:
        if column.null_ppm < _ALL or column.why == OVERRIDE:
            raise
        return Constant(pa.nulls(1, arrow_type(column.base)))  # the plan says why no value is possible: all are NULL


def axis_of(generator: Generator) -> Axis:
    """A generator's counts as an axis; none for one whose values cannot be counted."""
    if generator.capacity is None:
        return Axis(0, 0)
    size = min(generator.capacity, MAX_PLACES)
    return Axis(min(generator.block or size, size), size)


def _snapshot_column(column: ColumnPlan) -> Column:
    return Column(
        name=column.name,
        type=column.type,
        nullable=column.nullable,
        generated=column.generated,
        sequence=column.sequence,
        comment=column.comment,
        collation_deterministic=column.collation_deterministic,
    )
