"""Record batches of a plan's tables."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pyarrow as pa

from app.generator.engine.compiler import Programs
from app.generator.plan import Plan
from app.generator.snapshot.model import QName

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
    programs = _programs(plan)
    program = programs.of(table)
    schema = program.table.schema
    end = program.table.rows if stop is None else min(stop, program.table.rows)
    names = schema.names
    for at in range(start, end, chunk_rows):
        rows = np.arange(at, min(at + chunk_rows, end), dtype=np.int64)
        arrays = program.evaluate(rows, names)
        columns = [_conform(arrays[name], schema.field(name)) for name in names]
        if not columns:
            # A table of generated columns alone still has rows.
            yield pa.RecordBatch.from_struct_array(pa.array([{}] * rows.size, pa.struct([])))
            continue
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _conform(array: pa.Array, field: pa.Field) -> pa.Array:
    return array if array.type == field.type else array.cast(field.type)


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
