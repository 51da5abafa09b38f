"""How large a table will be, from a few of its rows.

A small export is one part whatever its size, so nothing is made to find out: it is planned while a caller waits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from app.generator.archive.packing import Packing, packer
from app.generator.formats.registry import Format
from app.generator.plan import Plan, TablePlan
from app.generator.snapshot.model import QName

Source = Callable[[Plan, QName, int, int, int], Iterator[pa.RecordBatch]]

# Exports of no more rows are one part.
SMALL_ROWS = 20_000
_SAMPLED_ROWS = 256
# A piece is compressed on its own. Small enough to be held a few times, large enough to be compressed well.
_PIECE_BYTES = 2 * 1024 * 1024
_PIECE_ROWS = 10_000
_GUESSED_ROW_BYTES = 200
# A sample is compressed less well than a whole piece. Parts must not come out smaller than expected.
_PACKED_MARGIN = 0.75


@dataclass(frozen=True, slots=True)
class TableSize:
    """Expected bytes of a row, before and after compression, and the rows of a piece."""

    row_bytes: float
    packed_row_bytes: float
    piece_rows: int


def expect_size(plan: Plan, table: TablePlan, form: Format, packing: Packing, source: Source) -> TableSize:
    """The expected size of a table; depends on the plan, the format and the compression alone."""
    if plan.rows_total <= SMALL_ROWS or table.rows <= _SAMPLED_ROWS:
        return TableSize(_GUESSED_ROW_BYTES, _GUESSED_ROW_BYTES, _PIECE_ROWS)
    encoder = form.encoder(table)
    half = _SAMPLED_ROWS // 2
    sample = b""
    for start in (0, table.rows - half):
        for batch in source(plan, table.name, start, start + half, half):
            sample += encoder.encode(batch, start)
    row_bytes = max(1.0, len(sample) / _SAMPLED_ROWS)
    packed = row_bytes
    if packing != "none":
        packed = max(0.05, len(packer(packing).pack(sample)) / _SAMPLED_ROWS * _PACKED_MARGIN)
    return TableSize(row_bytes, packed, _piece_rows(row_bytes))


def _piece_rows(row_bytes: float) -> int:
    rows = int(_PIECE_BYTES / row_bytes)
    # Whole tens of thousands where that comes close: chunks of the usual size then fill pieces exactly.
    return max(1, rows) if rows < _PIECE_ROWS // 2 else max(1, round(rows / _PIECE_ROWS)) * _PIECE_ROWS
