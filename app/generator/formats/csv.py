"""CSV and TSV, exactly as `COPY ... (FORMAT csv)` writes and reads them.

NULL is an empty field; the empty string is `""`. Quotes stand only where they are needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.formats.form import Format
from app.generator.formats.pgtext import input_form, never_special
from app.generator.formats.portions import portions_of
from app.generator.formats.rows import contains, halves, has_empty, join_lines
from app.generator.kernel.lines import Dialect
from app.generator.plan import TablePlan
from app.generator.spelling import Batch


@dataclass(frozen=True, slots=True)
class CsvEncoder:
    """Rows of one table as delimited lines below a line of column names."""

    takes_pieces: ClassVar[bool] = True
    table: TablePlan
    delimiter: str = ","

    def header(self) -> bytes:
        """The line of column names."""
        names = [pa.array([name]) for name in self.table.schema.names]
        return self._lines(names, [True] * len(names)) if names else b""

    def encode(self, batch: Batch, first_row: int = 0) -> bytes:
        """One line per row; batches that are written one after the other make one file."""
        return b"".join(self.portions(batch))

    def portions(self, batch: Batch, first_row: int = 0) -> Iterator[bytes]:
        """What `encode` gives, some rows at a time."""
        yield from portions_of(self, batch, _plain_text)

    @property
    def dialect(self) -> Dialect:
        """How the kernel is to keep values apart."""
        return _dialect(self.delimiter)

    def encode_plainly(self, batch: pa.RecordBatch) -> bytes:
        """The same bytes by Arrow alone: for what the kernel declines, and for comparison."""
        parts = halves(batch)
        if len(parts) > 1:
            return b"".join(self.encode_plainly(part) for part in parts)
        columns = [_csv_text(batch.column(i), batch.schema.field(i)) for i in range(batch.num_columns)]
        wordy = [not never_special(kind) for kind in batch.schema.types]
        return self._lines(columns, wordy) if columns else b"\n" * batch.num_rows

    def footer(self) -> bytes:
        """Nothing: the last line is ended already."""
        return b""

    def _lines(self, columns: list[pa.Array], wordy: list[bool]) -> bytes:
        plain = True
        for index, column in enumerate(columns):
            if wordy[index]:
                columns[index], quoted = _quote(column, self.delimiter)
                plain = plain and not quoted
        return join_lines(columns, self.delimiter, "", plain=plain)


@dataclass(frozen=True, slots=True)
class TsvEncoder(CsvEncoder):
    """The same with tabs: quotes keep NULL and the empty string apart here too."""

    delimiter: str = "\t"


@cache
def _dialect(delimiter: str) -> Dialect:
    def escape(array: pa.Array) -> pa.Array:
        return _quote(array, delimiter)[0]

    return Dialect(f"csv{delimiter}", delimiter, "", escape, quoted=True, booleans=("false", "true"))


def _plain_text(array: pa.Array, field: pa.Field) -> tuple[pa.Array, bool]:
    return _csv_text(array, field), not never_special(array.type)


def _csv_text(array: pa.Array, field: pa.Field) -> pa.Array:
    # Postgres reads both forms of a boolean; other readers of CSV know only the long one.
    return pc.if_else(array, "true", "false") if pa.types.is_boolean(array.type) else input_form(array, field)


def _quote(column: pa.Array, delimiter: str) -> tuple[pa.Array, bool]:
    """The column with quotes around the values that need them, and whether any does."""
    special = contains(column, b'"', delimiter.encode(), b"\n", b"\r", b"\\")
    if not special and not has_empty(column):
        return column, False
    # `\.` alone on a line ends the data for Postgres before 18, unless it is quoted.
    needy = pc.match_substring_regex(column, f'^$|^\\\\\\.$|["\\r\\n{delimiter}]')
    escaped = pc.replace_substring(column, '"', '""')
    return pc.if_else(needy, pc.binary_join_element_wise('"', escaped, '"', ""), column), True


FORMATS = (
    Format("csv", "csv", "text/csv; charset=utf-8", CsvEncoder, loadable=True, in_portions=True),
    Format("tsv", "tsv", "text/tab-separated-values; charset=utf-8", TsvEncoder, loadable=True, in_portions=True),
)
