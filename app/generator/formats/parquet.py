"""Parquet from row groups that were made independently, and a footer that knows where each of them is.

A piece is written as a file of its own; its row group is taken out, and the places it names are moved to where it
stands in the end. zstd, since Arrow's snappy gives other bytes on other CPUs.
"""

import base64
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.formats.form import Format
from app.generator.formats.thrift import I16, I64, LIST, STRUCT, Items, Struct, read_struct, write_struct
from app.generator.plan import TablePlan

MAGIC = b"PAR1"
_COMPRESSION, _LEVEL = "zstd", 3
# Numbers of fields, as parquet.thrift has them.
_FILE_ROWS, _FILE_GROUPS = 3, 4
_GROUP_COLUMNS, _GROUP_ROWS, _GROUP_OFFSET, _GROUP_ORDINAL = 1, 3, 5, 7
_CHUNK_OFFSET, _CHUNK_META = 2, 3
_META_OFFSETS = (9, 10, 11)  # the data page, the index page, the dictionary page
_MOST_ORDINAL = 32_767
# Rows of a piece that tell whether its values repeat.
_LOOK_ROWS, _ALL_DIFFERENT = 2_000, 1_990


@dataclass(frozen=True, slots=True)
class ParquetEncoder:
    """Rows of one table as row groups."""

    table: TablePlan

    def start(self) -> bytes:
        """What a file begins with."""
        return MAGIC

    def encode_piece(self, batches: Iterable[pa.RecordBatch]) -> tuple[bytes, str]:
        """A row group, and the note that the footer needs of it."""
        columns: list[list[pa.Array]] = [[] for _ in self.table.schema]
        count = 0
        for batch in batches:
            count += batch.num_rows
            for chunks, chunk in zip(columns, batch.columns, strict=True):
                chunks.append(chunk)
        data, footer = _written(_joined(self.table.schema, columns))
        [group] = footer[_FILE_GROUPS][1].values
        # Without columns Arrow has lost count.
        group[_GROUP_ROWS] = (I64, count)
        return data, base64.b64encode(write_struct(group)).decode()

    def end(self, notes: Sequence[tuple[int, str]]) -> bytes:
        """The footer, from the size and the note of each row group in order."""
        _, footer = _written(self.table.schema.empty_table())
        groups: list[Struct] = []
        start, rows = len(MAGIC), 0
        for size, note in notes:
            group = read_struct(base64.b64decode(note))
            _move(group, start - len(MAGIC), len(groups))
            rows += group[_GROUP_ROWS][1]
            groups.append(group)
            start += size
        footer[_FILE_ROWS] = (I64, rows)
        footer[_FILE_GROUPS] = (LIST, Items(STRUCT, groups))
        written = write_struct(footer)
        return written + struct.pack("<I", len(written)) + MAGIC


def _joined(schema: pa.Schema, columns: "list[list[pa.Array]]") -> pa.Table:
    """The columns in one chunk each: pages must not tell how the rows were cut into batches. The chunks of a column are
    let go as soon as it is joined."""
    joined = []
    for field, chunks in zip(schema, columns, strict=True):
        joined.append(pa.concat_arrays(chunks or [pa.array([], field.type)]))
        chunks.clear()
    return pa.Table.from_arrays(joined, schema=schema)


def _written(table: pa.Table) -> tuple[bytes, Struct]:
    """The row groups of a table's Parquet file, without what is around them; and its footer."""
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        row_group_size=max(1, table.num_rows),
        use_dictionary=_repetitive(table),
        version="2.6",
        compression=_COMPRESSION,
        compression_level=_LEVEL,
    )
    del table  # before its bytes are copied
    with memoryview(sink.getvalue()) as data:
        (size,) = struct.unpack("<I", data[-8:-4])
        return bytes(data[len(MAGIC) : -8 - size]), read_struct(bytes(data[-8 - size : -8]))


def _repetitive(table: pa.Table) -> list[str]:
    """The columns whose values are written once and then pointed at: those whose first rows are not all different.

    For keys, addresses and moments Arrow would gather a dictionary, find it too large, and throw it away.
    """
    found = []
    for field, column in zip(table.schema, table.columns, strict=True):
        if pa.types.is_list(field.type):
            found.append(f"{field.name}.list.element")
        elif len(column) == 0 or pc.count_distinct(column.slice(0, _LOOK_ROWS)).as_py() < _ALL_DIFFERENT:
            found.append(field.name)
    return found


def _move(group: Struct, by: int, ordinal: int) -> None:
    """Moves every place that a row group names."""
    _add(group, _GROUP_OFFSET, by)
    group.pop(_GROUP_ORDINAL, None)
    if ordinal <= _MOST_ORDINAL:
        group[_GROUP_ORDINAL] = (I16, ordinal)
    for chunk in group[_GROUP_COLUMNS][1].values:
        _add(chunk, _CHUNK_OFFSET, by)
        meta: Any = chunk[_CHUNK_META][1]
        for number in _META_OFFSETS:
            _add(meta, number, by)


def _add(fields: Struct, number: int, by: int) -> None:
    if number in fields:
        kind, value = fields[number]
        # 0 stands for "not said".
        fields[number] = (kind, value + by if value else value)


# A row group is in memory three times over while it is made; with smaller ones dictionaries cost more than they save.
_GROUP_BYTES = 12 * 1024 * 1024

FORMATS = (
    Format("parquet", "parquet", "application/vnd.apache.parquet", pieces=ParquetEncoder, piece_bytes=_GROUP_BYTES),
)
