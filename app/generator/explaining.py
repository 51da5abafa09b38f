"""A plan explained: what fills each column and why, how tables hang together, how large and how long it will be.

Sizes and seconds come from a few hundred rows that are made for it (`expecting.py`); they are estimates, of this
machine and one core.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.errors import OptionInvalid
from app.generator.engine.axes import MAX_PLACES, Axis, places_of
from app.generator.engine.compiler import axis_of, make_generator
from app.generator.engine.constraints import Constraints
from app.generator.engine.nodes import relation_axis
from app.generator.engine.slots import GENERATOR as SLOT
from app.generator.expecting import Expectation, expect
from app.generator.formats.registry import FORMATS
from app.generator.plan import KeyPlan, Plan, RelationPlan, TablePlan
from app.generator.snapshot.model import Column, QName
from app.generator.snapshot.type_names import format_type

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What fills a column. `null_rate` is a share, 0 to 1; `note` is what a prompt or statistics changed."""

    name: str
    type: str
    generator: str
    options: Mapping[str, Any]
    why: str
    note: str
    null_rate: float
    unique: bool


@dataclass(frozen=True, slots=True)
class RelationFacts:
    """How a foreign key picks parents: on average so many rows for each, between `least` and `most` where known."""

    name: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    pick: str
    average: float
    least: int
    most: int | None
    null_rate: float
    deferred: bool


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """How a unique key is kept. `capacity` is how many rows it has room for; None where that is not counted."""

    name: str
    how: str
    columns: tuple[str, ...]
    capacity: int | None


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table: the place in the order in which tables load, and what is to be expected of it."""

    name: str
    order: int
    rows: int
    columns: tuple[ColumnFacts, ...]
    relations: tuple[RelationFacts, ...]
    keys: tuple[KeyFacts, ...]
    expected_bytes: Mapping[str, int]
    expected_seconds: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole plan. Bytes are by format; without gzip or zstd, which are asked for apart from the format."""

    tables: tuple[TableFacts, ...]
    expected_bytes: Mapping[str, int]
    expected_seconds: float


def explain(plan: Plan, formats: Sequence[str] = tuple(FORMATS), *, timed: bool = True) -> Explanation:
    """Explains a plan. Makes a few hundred rows of each table; without `timed` it takes no time, and tells none."""
    expected = expect(plan, formats, timed=timed)
    tables = tuple(_table(plan, table, order, expected[table.name]) for order, table in enumerate(plan.tables, start=1))
    total = {name: sum(table.expected_bytes[name] for table in tables) for name in formats}
    return Explanation(tables, total, round(sum(table.expected_seconds for table in tables), 3))


def _table(plan: Plan, table: TablePlan, order: int, expected: Expectation) -> TableFacts:
    judge = _Axes(plan, table)
    return TableFacts(
        name=str(table.name),
        order=order,
        rows=table.rows,
        columns=tuple(
            ColumnFacts(
                name=column.name,
                type=format_type(column.type),
                generator=column.generator,
                options=dict(column.options),
                why=column.why,
                note=column.note,
                null_rate=column.null_ppm / _MILLION,
                unique=column.unique,
            )
            for column in table.columns
        ),
        relations=tuple(_relation(plan, table, relation) for relation in table.relations),
        keys=tuple(_key(key, judge) for key in table.keys),
        expected_bytes=expected.sizes,
        expected_seconds=expected.seconds,
    )


def _relation(plan: Plan, table: TablePlan, relation: RelationPlan) -> RelationFacts:
    parents = _rows_of(plan, relation.ref_table)
    filled = table.rows * (1 - relation.null_ppm / _MILLION) if relation.pick != "null" else 0
    axis = relation_axis(relation.name)
    alone = any(key.axes == (axis,) and key.mode in ("injective", "by_row") for key in table.keys)
    least, most = (relation.per_parent.low, relation.per_parent.high) if relation.per_parent else (0, None)
    return RelationFacts(
        name=relation.name,
        columns=relation.columns,
        parent=str(relation.ref_table),
        parent_columns=relation.ref_columns,
        pick=relation.pick,
        average=round(filled / parents, 3) if parents else 0,
        least=least,
        most=1 if alone or relation.pick == "previous" else most,
        null_rate=1 if relation.pick == "null" else relation.null_ppm / _MILLION,
        deferred=relation.deferred,
    )


def _rows_of(plan: Plan, name: QName) -> int:
    return plan.table(name).rows if plan.has(name) else 0


_HOW = {
    "by_row": "the row's number",
    "injective": "a permutation",
    "product": "a permutation of all combinations",
    "ordinal": "counted for each parent",
    "lines": "some of each, counted",
    "place": "counted among the parent's children",
    "pairs": "a permutation of the pairs that its check allows",
    "ledger": "duplicates are drawn again",
}


def _key(key: KeyPlan, axes: "_Axes") -> KeyFacts:
    columns = tuple(key.axes) or tuple(key.elements)
    capacity: int | None = None
    if key.axes and key.mode not in ("place", "pairs"):
        places = places_of(key.mode, [axes.of(axis) for axis in key.axes])
        capacity = places if 0 < places < MAX_PLACES else None
    return KeyFacts(key.name, _HOW.get(key.mode, key.mode), columns, capacity)


class _Axes:
    """How many values there are along the axes of a table's keys."""

    def __init__(self, plan: Plan, table: TablePlan) -> None:
        self._plan = plan
        self._table = table

    def of(self, name: str) -> Axis:
        """The parents of a relation, or the values that a column's generator has."""
        relation = next((r for r in self._table.relations if relation_axis(r.name) == name), None)
        if relation is not None:
            rows = _rows_of(self._plan, relation.ref_table)
            return Axis(rows, rows)
        column = next((c for c in self._table.columns if c.name == name), None)
        if column is None or column.generator == SLOT:
            return Axis(MAX_PLACES, MAX_PLACES)
        try:
            return axis_of(make_generator(self._plan, self._table, column, self._constraints.domain(name)))
        except OptionInvalid:
            return Axis(MAX_PLACES, MAX_PLACES)

    @cached_property
    def _constraints(self) -> Constraints:
        """Read once for all keys of the table: a check is a tree that has to be walked."""
        known = {c.name: Column(c.name, c.type, nullable=c.nullable) for c in self._table.columns}
        plan = self._plan
        return Constraints(self._table.checks, known, plan.catalog, plan.functions, plan.reference)
