"""COPY text: what `COPY ... FROM stdin` reads, and a script of such blocks that psql loads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.formats.form import Format
from app.generator.formats.identifiers import quote_name, quote_qualified
from app.generator.formats.pgtext import input_form, never_special
from app.generator.formats.portions import portions_of
from app.generator.formats.rows import contains, halves, join_lines
from app.generator.kernel.lines import Dialect
from app.generator.plan import TablePlan
from app.generator.spelling import Batch

# Backslash first: the others bring backslashes of their own.
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_DELIMITER, _NULL = "\t", "\\N"


@dataclass(frozen=True, slots=True)
class CopyEncoder:
    """Rows of one table as a `COPY ... FROM stdin` block."""

    takes_pieces: ClassVar[bool] = True
    table: TablePlan

    def header(self) -> bytes:
        """The COPY statement, after which psql sends the lines that follow."""
        return f"{self.statement('stdin')};\n".encode()

    def statement(self, source: str) -> str:
        """`COPY "schema"."table" ("column", ...) FROM source`."""
        columns = ", ".join(quote_name(name) for name in self.table.schema.names)
        listed = f" ({columns})" if columns else ""
        return f"COPY {quote_qualified(self.table.name)}{listed} FROM {source}"

    def encode(self, batch: Batch, first_row: int = 0) -> bytes:
        """One line per row, in COPY's text format; this is also what `copy.write` of psycopg takes."""
        return b"".join(self.portions(batch))

    def portions(self, batch: Batch, first_row: int = 0) -> Iterator[bytes]:
        """What `encode` gives, some rows at a time."""
        yield from portions_of(self, batch, _plain_text)

    @property
    def dialect(self) -> Dialect:
        """How the kernel is to keep values apart."""
        return _DIALECT

    def encode_plainly(self, batch: pa.RecordBatch) -> bytes:
        """The same bytes by Arrow alone: for what the kernel declines, and for comparison."""
        parts = halves(batch)
        if len(parts) > 1:
            return b"".join(self.encode_plainly(part) for part in parts)
        plain = True
        columns = []
        for index in range(batch.num_columns):
            column = input_form(batch.column(index), batch.schema.field(index))
            if never_special(batch.schema.field(index).type):
                columns.append(column)
                continue
            # A quote means nothing to COPY, but Arrow's writer of plain lines refuses it.
            plain = plain and not contains(column, b'"')
            columns.append(_escape(column))
        return join_lines(columns, _DELIMITER, _NULL, plain=plain) if columns else b"\n" * batch.num_rows

    def footer(self) -> bytes:
        """The end-of-data mark."""
        return b"\\.\n\n"


def _escape(column: pa.Array) -> pa.Array:
    for character, escaped in _ESCAPES:
        if contains(column, character.encode()):
            column = pc.replace_substring(column, character, escaped)
    return column


def _plain_text(array: pa.Array, field: pa.Field) -> tuple[pa.Array, bool]:
    return input_form(array, field), not never_special(array.type)


_DIALECT = Dialect("copy", _DELIMITER, _NULL, _escape, quoted=False, booleans=("f", "t"))

FORMATS = (
    Format("copy", "sql", "application/sql; charset=utf-8", CopyEncoder, script=True, for_psql=True, in_portions=True),
)
