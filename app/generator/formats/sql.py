"""INSERT statements of many rows, for whatever runs SQL."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.formats.form import Format
from app.generator.formats.identifiers import quote_name, quote_qualified
from app.generator.formats.pgtext import input_form, kind_of
from app.generator.formats.rows import contains, halves, value_bytes
from app.generator.plan import TablePlan

# Rows of one statement: enough that parsing is not the work, few enough for a server's memory.
_STATEMENT_ROWS = 500
_NUMBERS = (pa.types.is_integer, pa.types.is_decimal)
# Types that whole numbers are not assigned to.
_NO_NUMBERS = ("xid", "cid")


@dataclass(frozen=True, slots=True)
class InsertEncoder:
    """Rows of one table as INSERT statements, which begin at every 500th row of the table."""

    takes_pieces: ClassVar[bool] = False
    table: TablePlan

    def header(self) -> bytes:
        """Nothing: the first row begins the first statement."""
        return b""

    def encode(self, batch: pa.RecordBatch, first_row: int = 0) -> bytes:
        """The rows, each with what ends the row before it; the footer ends the last."""
        parts = halves(batch)
        if len(parts) > 1:
            middle = parts[0].num_rows
            return self.encode(parts[0], first_row) + self.encode(parts[1], first_row + middle)
        if batch.num_columns == 0:
            rows: int = batch.num_rows
            return f"INSERT INTO {quote_qualified(self.table.name)} DEFAULT VALUES;\n".encode() * rows
        pieces: list[pa.Array | str] = [self._before(first_row, batch.num_rows)]
        between = ""
        for index, field in enumerate(batch.schema):
            text, quoted = _literal(batch.column(index), field)
            quote = "'" if quoted else ""
            pieces += [between + quote, text]
            between = quote + ", "
        pieces.append(between[:-2] + ")")
        return value_bytes(pc.binary_join_element_wise(*pieces, ""))

    def footer(self) -> bytes:
        """The end of the last statement."""
        return b";\n\n" if self.table.rows and self.table.schema.names else b"\n"

    def _before(self, first_row: int, rows: int) -> pa.Array:
        columns = ", ".join(quote_name(name) for name in self.table.schema.names)
        always = any(column.identity == "always" for column in self.table.columns)
        overriding = " OVERRIDING SYSTEM VALUE" if always else ""
        opening = f"INSERT INTO {quote_qualified(self.table.name)} ({columns}){overriding} VALUES\n("
        numbers = np.arange(first_row, first_row + rows)
        which = np.where(numbers == 0, 0, np.where(numbers % _STATEMENT_ROWS == 0, 1, 2))
        return pa.array([opening, ";\n" + opening, ",\n("]).take(pa.array(which))


def _literal(array: pa.Array, field: pa.Field) -> tuple[pa.Array, bool]:
    """SQL literals, without NULLs; and whether the quotes around each of them are left to the caller."""
    if pa.types.is_boolean(array.type):
        return _or_null(pc.if_else(array, "true", "false")), False
    text = input_form(array, field)
    if any(is_kind(array.type) for is_kind in _NUMBERS) and kind_of(field) not in _NO_NUMBERS:
        return _or_null(text), False
    if pa.types.is_floating(array.type):
        # Without quotes, -0 would be the whole number 0, and NaN a column.
        plain = pc.match_substring_regex(text, r"^-?[0-9]*[1-9.]")
        return _or_null(pc.if_else(plain, text, pc.binary_join_element_wise("'", text, "'", ""))), False
    if contains(text, b"'"):
        text = pc.replace_substring(text, "'", "''")
    if text.null_count == 0:
        return text, True
    return _or_null(pc.binary_join_element_wise("'", text, "'", "")), False


def _or_null(text: pa.Array) -> pa.Array:
    return pc.fill_null(text, "NULL") if text.null_count else text


FORMATS = (Format("sql", "sql", "application/sql; charset=utf-8", InsertEncoder, script=True),)
