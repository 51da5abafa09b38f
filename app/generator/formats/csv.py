"""CSV and TSV, exactly as `COPY ... (FORMAT csv)` writes and reads them.

NULL is an empty field; the empty string is `""`. Quotes stand only where they are needed.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.formats.pgtext import input_form, never_special
from app.generator.formats.rows import contains, halves, has_empty, join_lines
from app.generator.plan import TablePlan


@dataclass(frozen=True, slots=True)
class CsvEncoder:
    """Rows of one table as delimited lines below a line of column names."""

    table: TablePlan
    delimiter: str = ","

    def header(self) -> bytes:
        """The line of column names."""
        names = [pa.array([name]) for name in self.table.schema.names]
        return self._lines(names, [True] * len(names)) if names else b""

    def encode(self, batch: pa.RecordBatch, first_row: int = 0) -> bytes:
        """One line per row; batches that are written one after the other make one file."""
        parts = halves(batch)
        if len(parts) > 1:
            return b"".join(self.encode(part) for part in parts)
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
