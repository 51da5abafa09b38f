"""Record batches of a plan's tables."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa

from app.generator.engine.programs import Programs
from app.generator.plan import Plan
from app.generator.snapshot.model import QName
from app.generator.spelling import Column, Counted, LooseBatch, Spelled

DEFAULT_CHUNK_ROWS = 10_000
# A batch is made in slices that stay in the processor's cache, whatever size is asked for.
_KEPT_PLANS = 4


def batches(
    plan: Plan, table: QName, start: int = 0, stop: int | None = None, chunk_rows: int = DEFAULT_CHUNK_ROWS
) -> Iterator[pa.RecordBatch]:
    """Rows `start` to `stop` (exclusive; the table's end when None) as batches of at most `chunk_rows`.

    Cells do not depend on how the rows are cut. Raises PlanRefused when a check turns out to be unkeepable, KeyError
    for a table that the plan has not.
    """
    for batch in loose_batches(plan, table, start, stop, chunk_rows):
        if not batch.columns:
            # A table of generated columns alone still has rows.
            yield pa.RecordBatch.from_struct_array(pa.array([{}] * batch.num_rows, pa.struct([])))
            continue
        yield batch.record_batch()


def loose_batches(
    plan: Plan, table: QName, start: int = 0, stop: int | None = None, chunk_rows: int = DEFAULT_CHUNK_ROWS
) -> Iterator[LooseBatch]:
    """As `batches`, with text that has not been put together yet: for encoders that write its pieces."""
    planned = plan.table(table)
    end = planned.rows if stop is None else min(stop, planned.rows)
    if start >= end:
        return  # a table that cannot be made has no rows, and no program either
    program = _programs(plan).of(table)
    schema = program.table.schema
    names = schema.names
    for at in range(start, end, chunk_rows):
        rows = np.arange(at, min(at + chunk_rows, end), dtype=np.int64)
        made = program.columns(rows, names)
        columns = tuple(_conform(made.column(name), schema.field(name)) for name in names)
        yield LooseBatch(columns, schema, rows.size)


def columns_of(plan: Plan, table: QName, names: Sequence[str], chunk_rows: int = DEFAULT_CHUNK_ROWS) -> pa.Table:
    """Some columns of all rows, without making the others. Raises as `batches` does."""
    planned = plan.table(table)
    schema = pa.schema([planned.schema.field(name) for name in names])
    end = planned.rows
    if not end:
        return schema.empty_table()
    program = _programs(plan).of(table)
    made = []
    for at in range(0, end, chunk_rows):
        rows = np.arange(at, min(at + chunk_rows, end), dtype=np.int64)
        found = program.columns(rows, names)
        columns = tuple(_conform(found.column(name), schema.field(name)) for name in names)
        made.append(LooseBatch(columns, schema, rows.size).record_batch())
    return pa.Table.from_batches(made, schema=schema)


def _conform(column: Column, field: pa.Field) -> Column:
    if isinstance(column, Spelled):
        return column if pa.types.is_string(field.type) else column.text().cast(field.type)
    if isinstance(column, Counted):
        return column if column.type == field.type else column.array().cast(field.type)
    return column if column.type == field.type else column.cast(field.type)


class _ById:
    """A plan as a cache key by identity: comparing plans would cost more than it saves."""

    __slots__ = ("plan",)

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __hash__(self) -> int:
        return id(self.plan)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.plan is self.plan


@lru_cache(maxsize=_KEPT_PLANS)
def _cached_programs(plan: _ById) -> Programs:
    return Programs(plan.plan)


def _programs(plan: Plan) -> Programs:
    return _cached_programs(_ById(plan))
