"""What tables will weigh, and how long they take to make: measured on a few hundred rows of them.

Of plans with very many tables only some are measured. What a column weighs in those is what another one like it is
taken to weigh in the rest, so that a plan of hundreds of tables is told about in seconds, and of its sum a good
estimate: the largest tables are always among those that are measured.
"""

import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from app.generator.engine.batches import batches
from app.generator.formats.form import Format
from app.generator.formats.registry import FORMATS
from app.generator.plan import ColumnPlan, Plan, TablePlan
from app.generator.snapshot.model import QName
from app.generator.snapshot.type_names import format_type

# Half of them the largest.
MOST_MEASURED = 24
_SAMPLED_ROWS = 256
_TIMED_ROWS = 2_048
_LEAST_CELL_S = 2e-8
# Beside its value a cell has a separator, a length, a place in an index of pages.
_CELL_BYTES = 4


@dataclass(frozen=True, slots=True)
class Expectation:
    """Bytes of a whole table by format, and the seconds that it takes as CSV; 0 where nothing was timed."""

    sizes: Mapping[str, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Measure:
    """Bytes of a row by format, the share of each column in them, and what a batch and each row behind it take."""

    row_bytes: Mapping[str, float]
    shares: tuple[float, ...]
    batch_s: float
    row_s: float


def expect(plan: Plan, formats: Sequence[str], *, timed: bool) -> Mapping[QName, Expectation]:
    """What to expect of each table of the plan; which of them are looked at depends on the plan alone."""
    measures = {table.name: _measure(plan, table, formats, timed) for table in measured_tables(plan)}
    likely = _Likely([(plan.table(name), measure) for name, measure in measures.items()], formats)
    return {table.name: _expectation(table, measures.get(table.name) or likely.of(table)) for table in plan.tables}


def measured_tables(plan: Plan) -> list[TablePlan]:
    """The tables that rows are made of: all that have any, or the largest ones, those whose columns are like none that
    was looked at before, and some from all over the plan."""
    filled = [table for table in plan.tables if table.rows]
    if len(filled) <= MOST_MEASURED:
        return filled
    filled.sort(key=lambda table: table.rows * len(table.columns), reverse=True)
    chosen, rest = filled[: MOST_MEASURED // 2], filled[MOST_MEASURED // 2 :]
    seen = {_kinds(column)[0] for table in chosen for column in table.columns}
    ordinary = []
    for table in rest:
        kinds = {_kinds(column)[0] for column in table.columns}
        if len(chosen) < MOST_MEASURED and not kinds <= seen:
            chosen.append(table)
            seen |= kinds
        else:
            ordinary.append(table)
    more = MOST_MEASURED - len(chosen)
    return chosen + [ordinary[place * len(ordinary) // more] for place in range(more)]


def _measure(plan: Plan, table: TablePlan, formats: Sequence[str], timed: bool) -> _Measure:
    sample = list(batches(plan, table.name, 0, _SAMPLED_ROWS, _SAMPLED_ROWS))
    rows = sum(batch.num_rows for batch in sample)
    row_bytes = {name: _bytes(FORMATS[name], table, sample) / rows for name in formats}
    weights = [
        sum(batch.column(i).nbytes for batch in sample) / rows + _CELL_BYTES for i in range(len(table.written_columns))
    ]
    whole = sum(weights)
    batch_s, row_s = _seconds(plan, table) if timed else (0.0, 0.0)
    return _Measure(row_bytes, tuple(weight / whole for weight in weights), batch_s, row_s)


def _bytes(form: Format, table: TablePlan, sample: Sequence[pa.RecordBatch]) -> int:
    if form.encoder is not None:
        encoder = form.encoder(table)
        written = [encoder.encode(batch, 0) for batch in sample]
        return sum(len(zlib.compress(part, 1) if form.workbook else part) for part in written)
    assert form.pieces is not None
    return len(form.pieces(table).encode_piece(sample)[0])


def _seconds(plan: Plan, table: TablePlan) -> tuple[float, float]:
    """What a batch costs whatever its size, and what each row adds to it."""
    few = min(_timed(plan, table, min(_SAMPLED_ROWS, table.rows)) for _ in range(2))
    if table.rows <= _SAMPLED_ROWS:
        return few, 0.0
    many_rows = min(_TIMED_ROWS, table.rows)
    many = _timed(plan, table, many_rows)
    # Two short runs may differ by chance alone; nothing takes less than so much for a cell.
    return few, max(_LEAST_CELL_S * len(table.columns), (many - few) / max(1, many_rows - _SAMPLED_ROWS))


def _timed(plan: Plan, table: TablePlan, stop: int) -> float:
    """Making rows and writing them as CSV: batches may put their text together no sooner than it is written."""
    encoder = FORMATS["csv"].encoder
    assert encoder is not None
    writer = encoder(table)
    begun = time.process_time()
    for batch in batches(plan, table.name, 0, stop, stop):
        writer.encode(batch, 0)
    return time.process_time() - begun


def _expectation(table: TablePlan, measure: _Measure) -> Expectation:
    sizes = {name: round(size * table.rows) for name, size in measure.row_bytes.items()}
    if not table.rows:
        return Expectation(sizes, 0.0)
    return Expectation(sizes, round(measure.batch_s + measure.row_s * max(0, table.rows - _SAMPLED_ROWS), 4))


class _Likely:
    """What tables that were not measured are likely to weigh, by their columns."""

    def __init__(self, measured: Sequence[tuple[TablePlan, _Measure]], formats: Sequence[str]) -> None:
        self._formats = formats
        # By what fills a column and by its type; where there is none like it by the type, and by nothing at all.
        found: dict[tuple[str, ...], list[_Measure]] = {}
        for table, measure in measured:
            each = len(table.written_columns)
            for column, share in zip(table.written_columns, measure.shares, strict=True):
                own = {name: size * share for name, size in measure.row_bytes.items()}
                of_column = _Measure(own, (), measure.batch_s / each, measure.row_s / each)
                for kind in _kinds(column):
                    found.setdefault(kind, []).append(of_column)
        self._of_kind = {kind: self._average(measures) for kind, measures in found.items()}

    def of(self, table: TablePlan) -> _Measure:
        """The sum of what its columns are likely to weigh."""
        written = table.written_columns if table.rows else ()
        columns = [next(self._of_kind[kind] for kind in _kinds(c) if kind in self._of_kind) for c in written]
        return _Measure(
            {name: sum(column.row_bytes[name] for column in columns) for name in self._formats},
            (),
            sum(column.batch_s for column in columns),
            sum(column.row_s for column in columns),
        )

    def _average(self, measures: Sequence[_Measure]) -> _Measure:
        n = len(measures)
        return _Measure(
            {name: sum(one.row_bytes[name] for one in measures) / n for name in self._formats},
            (),
            sum(one.batch_s for one in measures) / n,
            sum(one.row_s for one in measures) / n,
        )


def _kinds(column: ColumnPlan) -> tuple[tuple[str, ...], ...]:
    kind = format_type(column.type)
    return (column.generator, kind), (kind,), ()
