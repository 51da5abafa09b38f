"""JSON, as Postgres' own `row_to_json` writes values.

Numbers are numbers with all their digits, NaN and infinities are strings, JSON columns are part of the document, time
stamps have a `T`, arrays are arrays. Whatever else has a text form is that text.
"""

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.formats.digits import timestamp_text
from app.generator.formats.form import Format
from app.generator.formats.grids import grid_json
from app.generator.formats.lists import join_elements
from app.generator.formats.pgtext import input_form, kind_of
from app.generator.formats.rows import contains, halves, value_bytes
from app.generator.plan import TablePlan

# Backslash first: the others bring backslashes of their own.
_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_FIRST_PLAIN = 0x20
_NUMERIC = r"^-?[0-9]"


@dataclass(frozen=True, slots=True)
class NdjsonEncoder:
    """One object per line."""

    takes_pieces: ClassVar[bool] = False
    table: TablePlan

    def header(self) -> bytes:
        """Nothing: each line says what it holds."""
        return b""

    def encode(self, batch: pa.RecordBatch, first_row: int = 0) -> bytes:
        """One line per row."""
        return _objects(batch, "{", "}\n")

    def footer(self) -> bytes:
        """Nothing: the last line is ended already."""
        return b""


@dataclass(frozen=True, slots=True)
class JsonEncoder:
    """One array of objects, each on a line of its own."""

    takes_pieces: ClassVar[bool] = False
    table: TablePlan

    def header(self) -> bytes:
        """The opening bracket."""
        return b"["

    def encode(self, batch: pa.RecordBatch, first_row: int = 0) -> bytes:
        """The rows, each with the comma before it that all but the table's first need."""
        rows = _objects(batch, ",\n{", "}")
        return rows[1:] if first_row == 0 else rows

    def footer(self) -> bytes:
        """The closing bracket."""
        return b"\n]\n"


def _objects(batch: pa.RecordBatch, start: str, end: str) -> bytes:
    parts = halves(batch)
    if len(parts) > 1:
        return b"".join(_objects(part, start, end) for part in parts)
    if batch.num_columns == 0:
        rows: int = batch.num_rows
        return (start + end).encode() * rows
    # Quotes that every value of a column has stand in the text before and after it: one copy less.
    pieces: list[pa.Array | str] = []
    before = start
    for index, field in enumerate(batch.schema):
        text, quoted = json_text(batch.column(index), field)
        pieces += [before + json.dumps(field.name, ensure_ascii=False) + (':"' if quoted else ":"), text]
        before = '",' if quoted else ","
    pieces.append(before[:-1] + end)
    return value_bytes(pc.binary_join_element_wise(*pieces, ""))


def json_text(array: pa.Array, field: pa.Field) -> tuple[pa.Array, bool]:
    """JSON values, without NULLs; and whether the quotes around each of them are left to the caller."""
    kind, name = array.type, kind_of(field)
    if pa.types.is_list(kind):
        element = pa.field("element", kind.value_type, metadata={"kind": name.removeprefix("_")})
        text, quoted = json_text(array.flatten(), element)
        if quoted:
            text = pc.binary_join_element_wise('"', text, '"', "")
        return _or_null(join_elements(array, text, ",", "[", "]")), False
    if name.startswith("_") and pa.types.is_string(kind):
        return _or_null(grid_json(array, name[1:])), False
    if pa.types.is_boolean(kind):
        return _or_null(pc.if_else(array, "true", "false")), False
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return _or_null(input_form(array, field)), False
    if pa.types.is_floating(kind) or name == "numeric":
        return _or_null(_quote_words(input_form(array, field))), False
    if name in ("json", "jsonb"):
        return _or_null(_on_one_line(input_form(array, field))), False
    if pa.types.is_timestamp(kind):
        text = timestamp_text(array.cast(pa.timestamp("us", kind.tz)), "T", "+00:00")
    else:
        text = _escape(input_form(array, field))
    if text.null_count == 0:
        return text, True
    return _or_null(pc.binary_join_element_wise('"', text, '"', "")), False


def _or_null(text: pa.Array) -> pa.Array:
    return pc.fill_null(text, "null") if text.null_count else text


def _quote_words(text: pa.Array) -> pa.Array:
    """`NaN` and `Infinity` in quotes: JSON has no numbers of these names."""
    numeric = pc.match_substring_regex(text, _NUMERIC)
    if pc.all(numeric, min_count=0).as_py():
        return text
    return pc.if_else(numeric, text, pc.binary_join_element_wise('"', text, '"', ""))


def _on_one_line(text: pa.Array) -> pa.Array:
    """A line break in a JSON document is blank: within its strings it would be escaped."""
    for character in ("\n", "\r"):
        if contains(text, character.encode()):
            text = pc.replace_substring(text, character, " ")
    return text


def _escape(text: pa.Array) -> pa.Array:
    for character, escaped in _ESCAPES:
        if contains(text, character.encode()):
            text = pc.replace_substring(text, character, escaped)
    data = np.frombuffer(value_bytes(text), np.uint8)
    if data.size and int(data.min()) < _FIRST_PLAIN:
        for code in np.unique(data[data < _FIRST_PLAIN]).tolist():
            text = pc.replace_substring(text, chr(code), f"\\u{code:04x}")
    return text


FORMATS = (
    Format("ndjson", "ndjson", "application/x-ndjson", NdjsonEncoder),
    Format("json", "json", "application/json", JsonEncoder),
)
