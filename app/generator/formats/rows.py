"""Columns of text joined to lines."""

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

# Arrow's offsets have 32 bits: a batch is cut in halves long before its text could reach 2 GiB.
_LARGEST_BATCH_BYTES = 64 * 1024 * 1024


def halves(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, ...]:
    """The batch, or its two halves when it is too large for one text buffer."""
    if batch.num_rows < 2 or batch.nbytes <= _LARGEST_BATCH_BYTES:
        return (batch,)
    middle = batch.num_rows // 2
    return batch.slice(0, middle), batch.slice(middle)


def value_bytes(array: pa.Array) -> bytes:
    """The bytes of a string array's values, one after the other (those under NULLs may be among them)."""
    data = array.buffers()[2]
    if data is None or len(array) == 0:
        return b""
    ends = np.frombuffer(array.buffers()[1], np.int32)
    start = int(ends[array.offset])
    values: bytes = data.slice(start, int(ends[array.offset + len(array)]) - start).to_pybytes()
    return values


def contains(array: pa.Array, *needles: bytes) -> bool:
    """Whether any of `needles` is somewhere in the values: one memchr over the buffer, so nearly free."""
    data = value_bytes(array)
    return any(data.find(needle) >= 0 for needle in needles)


def has_empty(array: pa.Array) -> bool:
    """Whether any value is the empty string."""
    shortest = pc.min(pc.binary_length(array)).as_py()
    return bool(shortest == 0)


def join_lines(columns: list[pa.Array], delimiter: str, null: str, *, plain: bool) -> bytes:
    """Lines of delimited values, each ended by a newline.

    `plain` promises that no value has a quote, the delimiter, CR or LF; Arrow's CSV writer, which refuses those, is
    then twice as fast as the general way. Both write the same bytes.
    """
    if len(columns[0]) == 0:
        return b""
    if plain:
        return _write_plain(columns, delimiter, null)
    lines = pc.binary_join_element_wise(*columns, delimiter, null_handling="replace", null_replacement=null)
    whole = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines), "\n")
    return value_bytes(whole) + b"\n"


def _write_plain(columns: list[pa.Array], delimiter: str, null: str) -> bytes:
    options = pyarrow.csv.WriteOptions(
        include_header=False, batch_size=len(columns[0]), delimiter=delimiter, quoting_style="none"
    )
    if null and any(column.null_count for column in columns):
        columns = [pc.fill_null(column, null) if column.null_count else column for column in columns]
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(pa.record_batch(columns, names=_names(len(columns))), sink, options)
    return bytes(sink.getvalue())


@cache
def _names(count: int) -> list[str]:
    return [str(number) for number in range(count)]
