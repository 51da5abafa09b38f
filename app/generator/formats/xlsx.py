"""XLSX (ECMA-376): the rows of a sheet as XML, and the small files around the sheets.

A spreadsheet's numbers have 15 digits and its calendar begins in 1900: what would not survive that is text. NULL is an
empty cell, the empty string a cell with an empty text. Times are in UTC, since cells know no zones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.errors import SeedbedError
from app.generator.formats.digits import integers
from app.generator.formats.form import Format
from app.generator.formats.pgtext import float_text, input_form
from app.generator.formats.rows import contains, halves, value_bytes
from app.generator.plan import TablePlan

# A sheet has 1,048,576 rows; the first has the columns' names.
MOST_ROWS = 1_048_575
_MOST_CHARS = 32_767
_MOST_NAME_CHARS = 31
_DIGITS = 10**15
_FIRST_DAY = -25_508  # 1900-03-01: before it, spreadsheets count a day that never was
_LAST_DAY = 2_932_896  # 9999-12-31
_DAY_ZERO = 25_569  # 1970-01-01
_DAY_US = 86_400_000_000
_FIRST_PLAIN = 0x20
_TEXT = ('<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>")
_EMPTY = "<c/>"
_NOT_IN_XML = ("\ufffe", "\uffff")
_DATE, _MOMENT, _TIME, _BOLD = 1, 2, 3, 4
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class CellTooLong(SeedbedError):
    """A text is longer than a cell may be: cut, it would be another; whole, no spreadsheet opens the file."""

    code = "cell_too_long"


@dataclass(frozen=True, slots=True)
class SheetEncoder:
    """Rows of one table as a sheet."""

    takes_pieces: ClassVar[bool] = False
    table: TablePlan

    def header(self) -> bytes:
        """The beginning of the sheet, and a row with the columns' names."""
        names = "".join(
            f'<c s="{_BOLD}" t="inlineStr"><is><t xml:space="preserve">{_escape_one(name)}</t></is></c>'
            for name in self.table.schema.names
        )
        return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData><row>{names}</row>'.encode()

    def encode(self, batch: pa.RecordBatch, first_row: int = 0) -> bytes:
        """One row of cells for each row. Raises CellTooLong."""
        parts = halves(batch)
        if len(parts) > 1:
            return b"".join(self.encode(part, first_row + at) for part, at in zip(parts, _starts(parts), strict=True))
        if batch.num_columns == 0:
            rows: int = batch.num_rows
            return b"<row/>" * rows
        pieces: list[pa.Array | str] = []
        before = "<row>"
        for index, field in enumerate(batch.schema):
            try:
                values, around = _cells(batch.column(index), field)
            except _TooLong as long:
                raise self._too_long(field.name, first_row + long.row, long.chars) from None
            pieces += [before + around[0], values]
            before = around[1]
        pieces.append(before + "</row>")
        return value_bytes(pc.binary_join_element_wise(*pieces, ""))

    def footer(self) -> bytes:
        """The end of the sheet."""
        return b"</sheetData></worksheet>"

    def _too_long(self, column: str, row: int, chars: int) -> CellTooLong:
        return CellTooLong(
            f"{self.table.name}.{column}: the text of row {row + 1:,} has {chars:,} characters, and a cell of a"
            f" spreadsheet takes {_MOST_CHARS:,}: choose another format, or override the column with shorter texts"
        )


class _TooLong(Exception):
    def __init__(self, row: int, chars: int) -> None:
        self.row, self.chars = row, chars


def _starts(parts: Sequence[pa.RecordBatch]) -> list[int]:
    return [0, *accumulate(part.num_rows for part in parts[:-1])]


def _cells(array: pa.Array, field: pa.Field) -> tuple[pa.Array, tuple[str, str]]:
    """What differs between the cells of a column, and what stands around each of them."""
    kind = array.type
    if pa.types.is_boolean(kind):
        return _around(pc.if_else(array, "1", "0"), None, ('<c t="b"><v>', "</v></c>"), array)
    if pa.types.is_date32(kind):
        days = array.cast(pa.int32())
        fits = pc.and_(pc.greater_equal(days, _FIRST_DAY), pc.less_equal(days, _LAST_DAY))
        serial = pc.add(pc.if_else(fits, days, 0), _DAY_ZERO).cast(pa.string())
        return _around(serial, fits, _number(_DATE), array, field)
    if pa.types.is_timestamp(kind):
        moments, _ = integers(array.cast(pa.timestamp("us", kind.tz)), np.int64)
        fits = pa.array((moments >= _FIRST_DAY * _DAY_US) & (moments < (_LAST_DAY + 1) * _DAY_US))
        serial = pa.array((moments + _DAY_ZERO * _DAY_US) / _DAY_US).cast(pa.string())
        return _around(serial, fits, _number(_MOMENT), array, field)
    if pa.types.is_time(kind):
        clocks, _ = integers(array.cast(pa.time64("us")), np.int64)
        fits = pa.array(clocks < _DAY_US)
        return _around(pa.array(clocks / _DAY_US).cast(pa.string()), fits, _number(_TIME), array, field)
    if pa.types.is_floating(kind):
        return _around(float_text(array), pc.is_finite(array), _number(0), array, field)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return _around(input_form(array, field), _has_few_digits(array), _number(0), array, field)
    return _around(_escape(input_form(array, field)), None, _TEXT, array)


def _has_few_digits(array: pa.Array) -> pa.Array:
    if pa.types.is_decimal(array.type):
        unscaled = pa.Array.from_buffers(
            pa.decimal128(38, 0), len(array), array.buffers(), array.null_count, array.offset
        )
        low, high = pa.scalar(1 - _DIGITS).cast(pa.decimal128(38, 0)), pa.scalar(_DIGITS - 1).cast(pa.decimal128(38, 0))
        return pc.and_(pc.greater_equal(unscaled, low), pc.less_equal(unscaled, high))
    wide = array.cast(pa.int64())
    return pc.and_(pc.greater(wide, -_DIGITS), pc.less(wide, _DIGITS))


def _number(style: int) -> tuple[str, str]:
    return (f'<c s="{style}"><v>' if style else "<c><v>"), "</v></c>"


def _around(
    values: pa.Array, fits: pa.Array | None, around: tuple[str, str], array: pa.Array, field: pa.Field | None = None
) -> tuple[pa.Array, tuple[str, str]]:
    """Cells that are not what most are (NULL, a number that does not fit) are written out whole."""
    all_fit = fits is None or bool(pc.all(fits, min_count=0).as_py())
    if array.null_count == 0 and all_fit:
        return values, around
    cells = pc.binary_join_element_wise(around[0], values, around[1], "")
    if not all_fit:
        text = _escape(input_form(array, field))
        cells = pc.if_else(fits, cells, pc.binary_join_element_wise(_TEXT[0], text, _TEXT[1], ""))
    return pc.if_else(array.is_valid(), cells, _EMPTY), ("", "")


def _escape(text: pa.Array) -> pa.Array:
    if (pc.max(pc.binary_length(text)).as_py() or 0) > _MOST_CHARS:
        for row, value in enumerate(text.to_pylist()):
            if value and (chars := _length(value)) > _MOST_CHARS:
                raise _TooLong(row, chars)
    if contains(text, b"_x"):
        # Whatever follows: escapes that overlap (`_x0041_x0042_`) would be read as one and a half.
        text = pc.replace_substring(text, "_x", "_x005F_x")
    # A bare carriage return would be read as a line feed.
    for character, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        if contains(text, character.encode()):
            text = pc.replace_substring(text, character, escaped)
    data = np.frombuffer(value_bytes(text), np.uint8)
    if data.size and int(data.min()) < _FIRST_PLAIN:
        for code in np.unique(data[data < _FIRST_PLAIN]).tolist():
            # XML knows no other control characters; this is how spreadsheets write them.
            if code not in (0x09, 0x0A):
                text = pc.replace_substring(text, chr(code), f"_x{code:04X}_")
    for character in _NOT_IN_XML:
        if contains(text, character.encode()):
            text = pc.replace_substring(text, character, f"_x{ord(character):04X}_")
    return text


def _length(text: str) -> int:
    """Of a text, in characters as spreadsheets count them: those beyond 16 bits are two."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, most: int) -> str:
    """A text of at most so many characters as spreadsheets count them."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def _quoted(name: str) -> str:
    """A name as an attribute's value."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _escape_one(text: str) -> str:
    escaped: str = _escape(pa.array([text]))[0].as_py()
    return escaped


def sheet_file(number: int) -> str:
    """The name of a sheet's file, from 1."""
    return f"xl/worksheets/sheet{number}.xml"


def name_sheets(tables: Sequence[str]) -> list[str]:
    """A sheet's name for each table: short, without signs that formulas use, no two equal whatever their case."""
    names: list[str] = []
    used = {"history"}  # Excel keeps this one
    for table in tables:
        wanted = "".join(c if c.isprintable() and c not in "[]:*?/\\'" else "_" for c in table) or "_"
        name, number = _cut(wanted, _MOST_NAME_CHARS), 1
        while name.casefold() in used:
            number += 1
            name = f"{_cut(wanted, _MOST_NAME_CHARS - len(str(number)) - 1)}-{number}"
        used.add(name.casefold())
        names.append(name)
    return names


def workbook_files(sheets: Sequence[str]) -> dict[str, bytes]:
    """The files around the sheets, by name, in the order in which they are written: before all sheets."""
    numbers = range(1, len(sheets) + 1)
    kinds = [
        ("/xl/workbook.xml", f"{_SHEET_KIND}.sheet.main+xml"),
        ("/xl/styles.xml", f"{_SHEET_KIND}.styles+xml"),
        *((f"/{sheet_file(n)}", f"{_SHEET_KIND}.worksheet+xml") for n in numbers),
    ]
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds)
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    listed = "".join(
        f'<sheet name="{_quoted(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, sheets, strict=True)
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_KINDS}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}'
        f'<Relationship Id="rId{len(sheets) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _styles(),
    }
    return {name: (_XML + text).encode() for name, text in files.items()}


def _styles() -> str:
    formats = {_DATE: "yyyy\\-mm\\-dd", _MOMENT: "yyyy\\-mm\\-dd\\ hh:mm:ss", _TIME: "hh:mm:ss"}
    numbered = "".join(f'<numFmt numFmtId="{163 + n}" formatCode="{code}"/>' for n, code in formats.items())
    plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
    cells = [f'{plain} xfId="0"/>']
    cells += [
        f'<xf numFmtId="{163 + n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' for n in formats
    ]
    cells.append('<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>')
    font = '<sz val="11"/><name val="Calibri"/>'
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(formats)}">{numbered}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1">{plain}/></cellStyleXfs><cellXfs count="{len(cells)}">{"".join(cells)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


FORMATS = (
    Format(
        "xlsx",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        SheetEncoder,
        workbook=True,
        most_rows=MOST_ROWS,
    ),
)
