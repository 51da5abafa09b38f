"""Unique keys: which construction keeps each one, decided before any row is made.

A key holds when its columns' indexes are distinct (see `app.generator.engine.axes`). Each axis can be led by one key
only; a key that finds none free is kept by a ledger.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from itertools import permutations

from app.generator.engine.axes import MAX_PLACES, Axis, places_of
from app.generator.engine.nodes import relation_axis
from app.generator.engine.pairs import PairKind, pair_places
from app.generator.plan import KeyMode, KeyPlan, RelationPlan
from app.generator.planning.overlaps import shared_spans
from app.generator.planning.pairs import Pairs
from app.generator.snapshot.model import KeyElement, Table, UniqueKey
from app.generator.types import quote_name

# A column with at least so many values may be made distinct by itself, where its key has no free axis but it.
_AMPLE = 1 << 31

# The axis of a column that follows a relation without telling its parents apart: it can lead no key.
_PART_OF = "part of "

_COUNTING_NAMES = frozenset(
    """line lineno lineitem item itemno seq sequence position pos ordinal ord rank sort order idx index step no nr num
    number version revision rev episode chapter page slot seat week round level priority posicion numero reihenfolge
    volgorde ordre""".split()
)


@dataclass(slots=True)
class KeyChoice:
    """What came of a table's keys: the plans, the rows there is room for, and how single columns are made distinct.

    `limiting` says what has no more room, `limiting_key` in brackets which constraint it is.
    """

    plans: list[KeyPlan] = field(default_factory=list)
    capacity: int | None = None
    limiting: str = ""
    limiting_key: str = ""
    distinct: dict[str, KeyMode] = field(default_factory=dict)
    relations: dict[str, RelationPlan] = field(default_factory=dict)


class KeyChooser:
    """Chooses for one table.

    `column_axis` gives the axis of a column once it is distinct: of its generator, or of one that counts up. `tied`
    columns follow the alternative of a check that their row takes, so that no key can lead them. `numbered` ones count
    the rows of a line. `referenced` columns are never NULL, since rows of other tables stand on them.
    """

    def __init__(
        self,
        table: Table,
        rows: int,
        relations: Iterable[RelationPlan],
        parent_rows: Callable[[RelationPlan], int],
        column_axis: Callable[[str, bool], Axis],
        counts_up: Callable[[str], bool],
        slot_axes: Mapping[str, str],
        identifies: Callable[[RelationPlan, frozenset[str]], bool],
        tied: frozenset[str],
        numbered: frozenset[str],
        referenced: Set[str],
        pairs: "Pairs",
    ) -> None:
        self._table = table
        self._rows = rows
        self._relations = {relation_axis(r.name): r for r in relations}
        self._parent_rows = parent_rows
        self._column_axis = column_axis
        self._counts_up = counts_up
        self._slot_axes = slot_axes
        self._identifies = identifies
        self._tied = tied
        self._numbered = numbered
        self._referenced = referenced
        self._pairs = pairs
        # A column that Postgres computes leads no key; one that is always NULL makes every key with it distinct.
        self._computed = frozenset(c.name for c in table.columns if c.generated is not None)
        self._serial = frozenset(c.name for c in table.columns if c.identity or c.sequence)
        self._always_null = frozenset(c for r in self._relations.values() if r.pick == "null" for c in r.columns)
        self._shared_spans = shared_spans(table.keys)
        self._led: set[str] = set()
        # Of those that each lead to the row before, no two lead to the same one.
        lines = [r for r in self._relations.values() if r.pick == "previous" and not r.null_ppm]
        self._unique = {relation_axis(r.name) for r in lines if not r.shared}
        self._lines = [frozenset(r.columns) for r in lines]
        self.choice = KeyChoice(relations={r.name: r for r in self._relations.values()})

    def choose(self) -> KeyChoice:
        """Serves the keys that leave least freedom first: spans, single axes, then pairs; the primary key first."""
        for key in sorted((k for k in self._table.keys if k.without_overlaps), key=lambda k: k.name):
            self._serve_span(key)
        whole = [k for k in self._table.keys if self._plain(k)]
        for key in sorted(whole, key=lambda k: (len(self._axes(k)), not k.primary, k.name)):
            self._serve(key)
        # By what they are over: Postgres numbers the names of indexes in the order in which it comes across them.
        special = (k for k in self._table.keys if self._is_special(k))
        for key in sorted(special, key=lambda k: (repr(k.elements), k.predicate or "", k.name)):
            self._serve_special(key)
        return self.choice

    def _plain(self, key: UniqueKey) -> bool:
        return key.columns is not None and key.predicate is None and not key.without_overlaps

    def _is_special(self, key: UniqueKey) -> bool:
        return not self._plain(key) and not key.without_overlaps

    def _axes(self, key: UniqueKey) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for column in key.columns or ():
            found[self._axis_name(column, key)] = None
        return tuple(found)

    def _axis_name(self, column: str, key: UniqueKey) -> str:
        """A relation is an axis where the key has enough of its columns to tell its parents apart.

        (tenant_id, id) has no axis in a reference (tenant_id, user_id): many users are of one tenant.
        """
        names = frozenset(e.column for e in key.elements if e.column)
        for axis, relation in self._relations.items():
            if column in relation.columns and column not in relation.shared and relation.pick != "null":
                return axis if self._identifies(relation, names) else _PART_OF + axis
        return _PART_OF + column if column in self._computed else self._slot_axes.get(column, column)

    def _is_held(self, key: UniqueKey) -> bool:
        """Whether a key that is planned already makes this one's columns distinct."""
        if any(e.column in self._always_null for e in key.elements) and not key.nulls_not_distinct:
            return True
        if any(line <= {e.column for e in key.elements} for line in self._lines):
            return True
        axes = {self._axis_name(e.column, key) for e in key.elements if e.column}
        return bool(axes & self._unique) or any(p.axes and set(p.axes) <= axes for p in self.choice.plans)

    def _serve(self, key: UniqueKey) -> None:
        axes = self._axes(key)
        if self._is_held(key):
            return
        free = [a for a in axes if a not in self._led and self._can_lead(a)]
        if len(free) == len(axes) and self._serve_pair(key, axes):
            return
        if len(free) == len(axes):
            self._lead(key, axes)
            return
        ample = [a for a in free if self._is_column(a) and self._column_axis(a, False).size >= _AMPLE]
        if ample:
            self._plan(key, "injective", (ample[0],))
        else:
            self._ledger(key)

    def _serve_pair(self, key: UniqueKey, axes: tuple[str, ...]) -> bool:
        """Serves a key two of whose axes a check puts in order, or that counts (a, b) and (b, a) as one."""
        for first, second in permutations(axes, 2):
            own = self._relations.get(first), self._relations.get(second)
            kind = self._pairs.kind(own[0].columns if own[0] else (first,), own[1].columns if own[1] else (second,))
            if kind is None or key.nulls_not_distinct or not _are_alike(*own):
                continue
            relations = (own[0], own[1]) if own[0] and own[1] else None
            space = self._pairs.space(relations, (first, second), kind, self._axis)
            if space is None:
                continue
            rest = tuple(a for a in axes if a not in (first, second))
            self._plan_pair(key, kind, (first, second, *rest), pair_places(space, [self._axis(a) for a in rest]))
            return True
        return False

    def _plan_pair(self, key: UniqueKey, kind: PairKind, axes: tuple[str, ...], places: int) -> None:
        self._limit(key, places, overflow=False)
        self._led.update(axes)
        self.choice.distinct |= dict.fromkeys((a for a in axes if a not in self._relations), "pairs")
        self.choice.plans.append(KeyPlan(key.name, "pairs", axes, pair=kind))

    def _serve_span(self, key: UniqueKey) -> None:
        """Spans that do not overlap: told apart together with the key's other axes, or all over the table."""
        span = key.elements[-1].column
        if self._is_held(key) or span is None:
            return
        axes = self._axes(key)
        if span in self._shared_spans or not all(a not in self._led and self._can_lead(a) for a in axes):
            axes = (self._axis_name(span, key),)
        if all(a not in self._led for a in axes):
            self._plan(key, "injective" if len(axes) == 1 else "product", axes)

    def _serve_special(self, key: UniqueKey) -> None:
        """A partial key holds where the whole one would; an expression's only by looking."""
        if self._is_held(key):
            return
        twins = replace(key, elements=tuple(KeyElement(column) for column in self._pairs.twins(key) or ()))
        axes = self._axes(twins)
        led = any(plan.mode == "pairs" and {*plan.axes} <= {*axes} for plan in self.choice.plans)
        free = len(axes) == 2 and not self._led & set(axes) and all(map(self._can_lead, axes))
        if led or (free and self._serve_pair(twins, axes)):
            return
        ample = [a for a in self._axes(key) if a not in self._led and self._is_column(a) and self._can_lead(a)]
        ample = [a for a in ample if self._column_axis(a, False).size >= _AMPLE]
        if ample and key.columns is not None:
            self._plan(key, "injective", (ample[0],))
        else:
            self._ledger(key)

    def _is_column(self, axis: str) -> bool:
        return axis not in self._relations and not axis.startswith(_PART_OF)

    def _can_lead(self, axis: str) -> bool:
        if axis.startswith(_PART_OF) or axis in self._tied:
            return False
        relation = self._relations.get(axis)
        return relation is None or (not relation.shared and relation.pick in ("uniform", "earlier", "per_parent"))

    def _lead(self, key: UniqueKey, axes: tuple[str, ...]) -> None:
        if len(axes) == 1:
            self._lead_alone(key, axes[0])
            return
        kept = [self._relations[a] for a in axes if a in self._relations]
        by_parent = [r for r in kept if r.per_parent is not None]
        others = [a for a in axes if a not in self._relations]
        serial = [a for a in others if a in self._serial and self._counts_up(a)]
        if serial:  # As its sequence has it: 1, 2, 3, ..., whatever else the key of a partitioned table has to hold.
            self._plan(key, "by_row", (serial[0],))
        elif by_parent:
            first = relation_axis(by_parent[0].name)
            rest = [a for a in axes if a != first]
            if len(rest) == 1:
                self._plan(key, "place", (first, rest[0]))
            else:
                self._ledger(key)
        elif any(r.pick == "earlier" for r in kept):
            self._ledger(key)
        elif len(kept) == 1 and len(others) == 1 and self._counts(others[0]):
            self._plan(key, "ordinal", (relation_axis(kept[0].name), others[0]))
        elif numbered := [a for a in others if a in self._numbered and self._counts_up(a)]:
            self._plan(key, "lines", (*(a for a in axes if a != numbered[0]), numbered[0]))
        else:
            self._plan(key, "product", axes)

    def _lead_alone(self, key: UniqueKey, axis: str) -> None:
        relation = self._relations.get(axis)
        if relation is not None and relation.per_parent is not None:
            self._ledger(key)
        elif relation is not None and relation.pick == "earlier":
            # Each row may be referred to once: a chain.
            self._relations[axis] = self.choice.relations[relation.name] = replace(relation, pick="previous")
            self._unique.add(axis)
        elif relation is None and self._counts_up(axis):
            self._plan(key, "by_row", (axis,))
        else:
            self._plan(key, "injective", (axis,))

    def _counts(self, column: str) -> bool:
        name = column.lower()
        words = set(name.split("_")) | {name}
        return (bool(words & _COUNTING_NAMES) or column in self._numbered) and self._counts_up(column)

    def _plan(self, key: UniqueKey, mode: KeyMode, axes: tuple[str, ...]) -> None:
        counting = mode in ("by_row", "ordinal", "place")
        sizes = tuple(self._axis(a, counting or (mode == "lines" and a == axes[-1])) for a in axes)
        overflow = len(axes) == 1 and not key.primary and self._nullable(key) and not key.nulls_not_distinct
        if mode != "place":
            self._limit(key, places_of(mode, sizes), overflow)
        for axis in axes:
            self._led.add(axis)
            if axis not in self._relations:
                self.choice.distinct[axis] = mode if mode != "lines" or axis == axes[-1] else "product"
            elif key.nulls_not_distinct:
                self._never_null(axis)
        if len(axes) == 1:
            self._unique.add(axes[0])
        self.choice.plans.append(KeyPlan(key.name, mode, axes, nulls_not_distinct=key.nulls_not_distinct))

    def _never_null(self, axis: str) -> None:
        """NULL as a parent would be taken by more than one row, and to the key it is a value like any other."""
        relation = replace(self._relations[axis], null_ppm=0, null_columns=())
        self._relations[axis] = self.choice.relations[relation.name] = relation

    def _ledger(self, key: UniqueKey) -> None:
        axes = [self._axis(self._axis_name(e.column, key)) for e in key.elements if e.column]
        if len(axes) == len(key.elements) and key.predicate is None and not self._nullable(key):
            self._limit(key, places_of("product", axes), overflow=False)
        elements = tuple(quote_name(e.column) if e.column is not None else str(e.expression) for e in key.elements)
        plan = KeyPlan(key.name, "ledger", (), elements, key.predicate, key.nulls_not_distinct)
        self.choice.plans.append(plan)

    def _axis(self, name: str, counting: bool = False) -> Axis:
        if name.removeprefix(_PART_OF) in self._computed:
            return Axis(MAX_PLACES, MAX_PLACES)
        relation = self._relations.get(name.removeprefix(_PART_OF))
        if relation is not None:
            rows = self._parent_rows(relation)
            return Axis(rows, rows)
        return self._column_axis(name, counting)

    def _nullable(self, key: UniqueKey) -> bool:
        names: Mapping[str, bool] = {c.name: c.nullable for c in self._table.columns}
        return any(
            e.column is None or (names.get(e.column, False) and e.column not in self._referenced) for e in key.elements
        )

    def _limit(self, key: UniqueKey, places: int, overflow: bool) -> None:
        if overflow or (self.choice.capacity is not None and self.choice.capacity <= places):
            return
        self.choice.capacity = places
        columns = ", ".join(key.columns or ())
        self.choice.limiting = f"{self._table.name}.{columns}: unique over {places:,} values"
        self.choice.limiting_key = f" ({key.name})"


def _are_alike(first: RelationPlan | None, second: RelationPlan | None) -> bool:
    """Two columns, or two references to the same columns of one table whose parents are picked evenly."""
    if first is None or second is None:
        return first is second
    targets = {(r.ref_table, r.ref_columns, r.pick) for r in (first, second)}
    return len(targets) == 1 and first.pick == "uniform"
