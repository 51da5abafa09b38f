"""What the rows of a plan look like: counts, shares of nulls, distinct values, how children spread over parents.

A cell is a function of where it stands, so that rows are made again to be looked at: generating is not slowed down by
it, and a file need not be read. A table of up to so many rows is looked at whole, and then every figure is exact. Of a
larger one blocks of rows are looked at, evenly apart; then figures are estimates, and `exact` says so. Memory is
bounded by the rows that are looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.engine.batches import batches, columns_of
from app.generator.plan import Plan, RelationPlan, TablePlan
from app.generator.snapshot.type_names import format_type

# A cell that is looked at costs some thirty bytes, and a tenth of a microsecond.
CELLS = 10_000_000
_MOST_ROWS = 1_000_000
_LEAST_ROWS = 1_000
_BLOCKS = 16
_COMMON = 3
# What is rarer is no news.
_LEAST_SHARE = 0.001
# Lists and composites are compared one by one, in Python.
_MOST_NESTED = 100_000
# Up to so many children each number has a bar of its own; beyond, bars double in width.
_SINGLE_BARS = 8
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Common:
    """A value that many rows have, and the share of them that do, 0 to 1."""

    value: Any
    share: float


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """A column. `distinct` counts values, without NULL; None where that is not counted. `least` and `most` are None for
    types without an order, and where every value is NULL."""

    name: str
    type: str
    null_rate: float
    distinct: int | None
    least: Any
    most: Any
    common: tuple[Common, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """How many parents have from `low` to `high` children, both included."""

    low: int
    high: int
    parents: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How the children of a foreign key are spread over its parents. Without `counted` there are too many of them to
    look at: then `average` is what the plan expects, and `most` and `bars` are empty."""

    name: str
    columns: tuple[str, ...]
    parent: str
    parents: int
    counted: bool
    average: float
    most: int | None
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class TableSummary:
    """A table of which `looked` rows were looked at: all of them, when it is `exact`. `sample` are its first rows."""

    name: str
    rows: int
    looked: int
    exact: bool
    columns: tuple[ColumnSummary, ...]
    relations: tuple[Spread, ...]
    sample: tuple[Mapping[str, Any], ...]


def summarise(plan: Plan, *, cells: int = CELLS, sample: int = 5) -> tuple[TableSummary, ...]:
    """Each table in load order. `cells` bounds what is looked at of all of them together, `sample` is in rows.

    Raises PlanRefused as making the rows does.
    """
    looked = rows_looked_at(plan, cells)
    rows_of = {table.name: table.rows for table in plan.tables}
    # Of a table that is too large to be looked at whole, the keys alone often are not.
    spare = max(cells // max(1, len(plan.tables)), cells // 8)
    return tuple(_table(plan, table, looked[str(table.name)], rows_of, sample, spare) for table in plan.tables)


def rows_looked_at(plan: Plan, cells: int) -> Mapping[str, int]:
    """How many rows of each table: small ones whole, and what they leave of `cells` goes to the large ones."""
    found: dict[str, int] = {}
    left = cells
    waiting = sorted(plan.tables, key=lambda table: table.rows * len(table.columns))
    for position, table in enumerate(waiting):
        fair = left // (len(waiting) - position) // max(1, len(table.columns))
        rows = min(table.rows, max(_LEAST_ROWS, fair), _MOST_ROWS)
        found[str(table.name)] = rows
        left = max(0, left - rows * len(table.columns))
    return found


def _table(
    plan: Plan, table: TablePlan, looked: int, rows_of: Mapping[Any, int], sample: int, spare: int
) -> TableSummary:
    made = _rows(plan, table, looked)
    exact = looked >= table.rows
    types = {column.name: format_type(column.type) for column in table.columns}
    unique = {column.name for column in table.columns if column.unique}
    columns = tuple(
        _column(name, types.get(name, ""), made.column(name), table.rows, exact=exact, unique=name in unique)
        for name in made.column_names
    )
    return TableSummary(
        name=str(table.name),
        rows=table.rows,
        looked=looked,
        exact=exact,
        columns=columns,
        relations=tuple(
            _spread(table, relation, _keys(plan, table, relation, made if exact else None, spare), rows_of)
            for relation in table.relations
        ),
        sample=tuple(made.slice(0, sample).to_pylist()),
    )


def _rows(plan: Plan, table: TablePlan, looked: int) -> pa.Table:
    """The whole table, or blocks of it evenly apart; the first begins with the first row."""
    if looked >= table.rows:
        spans = [(0, table.rows)]
    else:
        size = max(1, looked // _BLOCKS)
        starts = np.linspace(0, table.rows - size, min(_BLOCKS, looked), dtype=np.int64)
        spans = [(int(start), int(start) + size) for start in starts]
    made = [batch for start, stop in spans for batch in batches(plan, table.name, start, stop)]
    return pa.Table.from_batches(made, schema=None if made else table.schema)


def _column(name: str, type_: str, values: pa.ChunkedArray, rows: int, *, exact: bool, unique: bool) -> ColumnSummary:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    null_rate = values.null_count / len(values) if len(values) else 0.0
    present = values.drop_null()
    found = _tally(present)
    distinct: int | None = None
    common: tuple[Common, ...] = ()
    if found is not None:
        kinds, counts = found
        filled = round(rows * (1 - null_rate))
        if unique and not exact:
            distinct = filled
        else:
            distinct = len(counts) if exact else estimate_distinct(counts, filled)
        common = _common(kinds, counts, len(values))
    least, most = _ends(present)
    return ColumnSummary(name, type_, round(null_rate, 6), distinct, least, most, common)


def _tally(values: pa.ChunkedArray) -> tuple[Any, Counts] | None:
    """The different values, and how often each occurs; None where they are too many to compare one by one."""
    if not len(values):
        return [], np.zeros(0, np.int64)
    try:
        counted = pc.value_counts(values)
        return counted.field("values"), counted.field("counts").to_numpy()
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        if len(values) > _MOST_NESTED:
            return None
    times: dict[str, int] = {}
    kinds: dict[str, Any] = {}
    for value in values.to_pylist():
        text = repr(value)  # lists are no keys
        times[text] = times.get(text, 0) + 1
        kinds.setdefault(text, value)
    return list(kinds.values()), np.array(list(times.values()), np.int64)


def estimate_distinct(counts: Counts, rows: int) -> int:
    """How many different values `rows` rows have, of which a sample has values that occur `counts` times.

    Duj1 of Haas, Naughton, Seshadri and Stokes, "Sampling-based estimation of the number of distinct values of an
    attribute" (VLDB 1995), which Postgres' ANALYZE uses as well.
    """
    looked, different = int(counts.sum()), len(counts)
    if looked == 0 or looked >= rows:
        return different
    once = int((counts == 1).sum())
    guess = looked * different / (looked - once + once * looked / rows)
    return int(min(max(different, round(guess)), rows))


def _common(kinds: Any, counts: Counts, looked: int) -> tuple[Common, ...]:
    if not len(counts):
        return ()
    order = np.argsort(-counts, kind="stable")[:_COMMON] if len(counts) < 10_000 else _largest(counts)
    least = max(2, _LEAST_SHARE * looked)
    listed = [(kinds[int(at)], int(counts[at])) for at in order if counts[at] >= least]
    return tuple(
        Common(value.as_py() if isinstance(value, pa.Scalar) else value, round(times / looked, 6))
        for value, times in listed
    )


def _largest(counts: Counts) -> Counts:
    best = np.argpartition(-counts, _COMMON)[:_COMMON]
    ordered: Counts = best[np.argsort(-counts[best], kind="stable")]
    return ordered


def _ends(values: pa.ChunkedArray) -> tuple[Any, Any]:
    if not len(values):
        return None, None
    try:
        ends = pc.min_max(values).as_py()
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return None, None
    return ends["min"], ends["max"]


def _keys(plan: Plan, table: TablePlan, relation: RelationPlan, made: pa.Table | None, spare: int) -> pa.Table | None:
    """The foreign key's columns of all rows; None where they are more than `spare` cells for all such keys together."""
    if made is not None:
        return made.select(list(relation.columns))
    if table.rows * sum(len(one.columns) for one in table.relations) > spare:
        return None
    return columns_of(plan, table.name, relation.columns)


def _spread(table: TablePlan, relation: RelationPlan, made: pa.Table | None, rows_of: Mapping[Any, int]) -> Spread:
    parents = rows_of.get(relation.ref_table, 0)
    told = (relation.name, relation.columns, str(relation.ref_table), parents)
    if made is None:
        filled = 0 if relation.pick == "null" else table.rows * (1 - relation.null_ppm / 1_000_000)
        return Spread(*told, False, round(filled / parents, 3) if parents else 0.0, None, ())
    keys = made.drop_null()
    counts: Counts = np.zeros(0, np.int64)
    if keys.num_rows:
        grouped = keys.group_by(list(relation.columns)).aggregate([([], "count_all")])
        counts = grouped.column("count_all").to_numpy()
    average = round(keys.num_rows / parents, 3) if parents else 0.0
    return Spread(*told, True, average, int(counts.max(initial=0)), bars(counts, parents))


def bars(counts: Counts, parents: int) -> tuple[Bar, ...]:
    """A histogram of `counts`, one for each parent that has children; the other `parents` have none."""
    most = int(counts.max(initial=0))
    edges = list(range(min(most, _SINGLE_BARS) + 1))
    while edges[-1] < most:
        edges.append(edges[-1] * 2)
    none = max(0, parents - len(counts))
    places = np.searchsorted(np.array(edges), counts, side="left")
    heights = np.bincount(places, minlength=len(edges))
    heights[0] += none
    lows = [edges[0], *(edge + 1 for edge in edges[:-1])]
    return tuple(Bar(low, high, int(n)) for low, high, n in zip(lows, edges, heights, strict=True))
