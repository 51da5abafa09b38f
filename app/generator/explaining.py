"""A plan explained: what fills each column and why, how tables hang together, how large and how long it will be.

Sizes and seconds come from a few hundred rows that are made for it; they are estimates, of this machine and one core.
"""

import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from app.errors import OptionInvalid
from app.generator.engine.axes import MAX_PLACES, Axis, places_of
from app.generator.engine.batches import batches
from app.generator.engine.compiler import axis_of, make_generator
from app.generator.engine.constraints import Constraints
from app.generator.engine.nodes import relation_axis
from app.generator.engine.slots import GENERATOR as SLOT
from app.generator.formats.form import Format
from app.generator.formats.registry import FORMATS
from app.generator.plan import KeyPlan, Plan, RelationPlan, TablePlan
from app.generator.snapshot.model import Column, QName
from app.generator.snapshot.type_names import format_type

_SAMPLED_ROWS = 256
_TIMED_ROWS = 2_048
_MILLION = 1_000_000
_LEAST_CELL_S = 2e-8


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
    tables = tuple(_table(plan, table, order, formats, timed) for order, table in enumerate(plan.tables, start=1))
    total = {name: sum(table.expected_bytes[name] for table in tables) for name in formats}
    return Explanation(tables, total, round(sum(table.expected_seconds for table in tables), 3))


def _table(plan: Plan, table: TablePlan, order: int, formats: Sequence[str], timed: bool) -> TableFacts:
    sizes, seconds = _expected(plan, table, formats, timed)
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
        keys=tuple(_key(plan, table, key) for key in table.keys),
        expected_bytes=sizes,
        expected_seconds=seconds,
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
    return next((table.rows for table in plan.tables if table.name == name), 0)


_HOW = {
    "by_row": "the row's number",
    "injective": "a permutation",
    "product": "a permutation of all combinations",
    "ordinal": "counted for each parent",
    "place": "counted among the parent's children",
    "pairs": "a permutation of the pairs that its check allows",
    "ledger": "duplicates are drawn again",
}


def _key(plan: Plan, table: TablePlan, key: KeyPlan) -> KeyFacts:
    columns = tuple(key.axes) or tuple(key.elements)
    capacity: int | None = None
    if key.axes and key.mode not in ("place", "pairs"):
        places = places_of(key.mode, [_axis(plan, table, axis) for axis in key.axes])
        capacity = places if 0 < places < MAX_PLACES else None
    return KeyFacts(key.name, _HOW.get(key.mode, key.mode), columns, capacity)


def _axis(plan: Plan, table: TablePlan, name: str) -> Axis:
    relation = next((r for r in table.relations if relation_axis(r.name) == name), None)
    if relation is not None:
        rows = _rows_of(plan, relation.ref_table)
        return Axis(rows, rows)
    column = next((c for c in table.columns if c.name == name), None)
    if column is None or column.generator == SLOT:
        return Axis(MAX_PLACES, MAX_PLACES)
    known = {c.name: Column(c.name, c.type, nullable=c.nullable) for c in table.columns}
    domain = Constraints(table.checks, known, plan.catalog, plan.functions, plan.reference).domain(name)
    try:
        return axis_of(make_generator(plan, table, column, domain))
    except OptionInvalid:
        return Axis(MAX_PLACES, MAX_PLACES)


def _expected(plan: Plan, table: TablePlan, formats: Sequence[str], timed: bool) -> tuple[dict[str, int], float]:
    """Bytes by format and seconds, from the table's first rows."""
    if table.rows == 0:
        return dict.fromkeys(formats, 0), 0.0
    sample = list(batches(plan, table.name, 0, _SAMPLED_ROWS, _SAMPLED_ROWS))
    rows = sum(batch.num_rows for batch in sample)
    sizes = {name: round(_bytes(FORMATS[name], table, sample) / rows * table.rows) for name in formats}
    return sizes, _seconds(plan, table) if timed else 0.0


def _bytes(form: Format, table: TablePlan, sample: Sequence[pa.RecordBatch]) -> int:
    if form.encoder is not None:
        encoder = form.encoder(table)
        written = [encoder.encode(batch, 0) for batch in sample]
        return sum(len(zlib.compress(part, 1) if form.workbook else part) for part in written)
    assert form.pieces is not None
    return len(form.pieces(table).encode_piece(sample)[0])


def _seconds(plan: Plan, table: TablePlan) -> float:
    """What making all rows would take: what a batch costs whatever its size, and what each row adds to it."""
    few = min(_timed(plan, table, 0, min(_SAMPLED_ROWS, table.rows)) for _ in range(2))
    if table.rows <= _SAMPLED_ROWS:
        return round(few, 4)
    many_rows = min(_TIMED_ROWS, table.rows)
    many = _timed(plan, table, 0, many_rows)
    # Two short runs may differ by chance alone; nothing takes less than so much for a cell.
    each = max(_LEAST_CELL_S * len(table.columns), (many - few) / max(1, many_rows - _SAMPLED_ROWS))
    return round(few + each * (table.rows - _SAMPLED_ROWS), 4)


def _timed(plan: Plan, table: TablePlan, start: int, stop: int) -> float:
    """Making rows and writing them as CSV: batches may put their text together no sooner than it is written."""
    encoder = FORMATS["csv"].encoder
    assert encoder is not None
    writer = encoder(table)
    begun = time.process_time()
    for batch in batches(plan, table.name, start, stop, stop - start):
        writer.encode(batch, start)
    return time.process_time() - begun
