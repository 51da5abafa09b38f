"""How large a table will be, from a few of its rows.

A small export is one part whatever its size, so nothing is made to find out: it is planned while a caller waits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from app.generator.archive.packing import Packing, packer
from app.generator.formats.form import Format
from app.generator.plan import Plan, TablePlan
from app.generator.snapshot.model import QName
from app.generator.spelling import LooseBatch

Source = Callable[[Plan, QName, int, int, int], Iterator[pa.RecordBatch]]


def generated(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[pa.RecordBatch]:
    """The engine's rows."""
    from app.generator import batches

    return batches(plan, table, start, stop, chunk_rows)


def loosely_generated(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[LooseBatch]:
    """The engine's rows, with text in pieces."""
    from app.generator import loose_batches

    return loose_batches(plan, table, start, stop, chunk_rows)


# Exports of no more rows are one part.
SMALL_ROWS = 20_000
_SAMPLED_ROWS = 256
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


def expect_size(plan: Plan, table: TablePlan, form: Format, packing: Packing, source: Source | None) -> TableSize:
    """The expected size of a table; depends on the plan, the format and the compression alone."""
    if plan.rows_total <= SMALL_ROWS or table.rows <= _SAMPLED_ROWS:
        return TableSize(_GUESSED_ROW_BYTES, _GUESSED_ROW_BYTES, _PIECE_ROWS)
    half = _SAMPLED_ROWS // 2
    make = source or generated
    starts = (0, table.rows - half)
    batches = [(start, batch) for start in starts for batch in make(plan, table.name, start, start + half, half)]
    make_encoder, make_pieces = form.encoder, form.pieces
    if make_encoder is not None:
        encoder = make_encoder(table)
        sample = b"".join(encoder.encode(batch, start) for start, batch in batches)
        row_bytes = max(1.0, len(sample) / _SAMPLED_ROWS)
        packed = len(packer(packing).pack(sample)) / _SAMPLED_ROWS
    else:
        assert make_pieces is not None
        row_bytes = max(1.0, sum(batch.nbytes for _, batch in batches) / _SAMPLED_ROWS)
        packed = len(make_pieces(table).encode_piece(batch for _, batch in batches)[0]) / _SAMPLED_ROWS
    if packed != row_bytes:
        packed = max(0.05, packed * _PACKED_MARGIN)
    return TableSize(row_bytes, packed, _piece_rows(row_bytes, form.piece_bytes))


def _piece_rows(row_bytes: float, piece_bytes: int) -> int:
    rows = int(piece_bytes / row_bytes)
    # Whole tens of thousands where that comes close: chunks of the usual size then fill pieces exactly.
    return max(1, rows) if rows < _PIECE_ROWS // 2 else max(1, round(rows / _PIECE_ROWS)) * _PIECE_ROWS
