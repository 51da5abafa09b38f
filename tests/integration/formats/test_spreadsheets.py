"""Spreadsheets, read by programs that we did not write."""

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.utils.escape import unescape

from app.errors import SeedbedError
from app.generator.formats import registry
from app.generator.formats.pgtext import input_form
from app.generator.formats.xlsx import name_sheets
from app.generator.layout import Output, layout, render_all
from tests.fixtures.programs import program
from tests.unit.formats.samples import AWKWARD_NAME, batch_of, make_plan, rows_of, table_plan, values_of

ROWS = 400
TABLE = table_plan("every type", ROWS)


def written(*tables: Any) -> bytes:
    return b"".join(render_all(make_plan(*tables), Output("xlsx"), source=rows_of))


def sheets_of(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """The values of each sheet."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def in_cell(name: str, value: Any, text: str | None) -> Any:
    """What a cell can hold of a value: 15 digits, a calendar from 1900, or else its text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal) and len(f"{value:f}".replace(".", "").lstrip("-0")) <= 15:
        return float(value)
    if isinstance(value, float) and value - value == 0:
        return value
    if isinstance(value, datetime) and value.year >= 1901:
        return value.replace(tzinfo=None)
    if isinstance(value, date) and not isinstance(value, datetime) and value.year >= 1901:
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - cells have no zones
    if isinstance(value, time):
        return value
    return text


def test_openpyxl_reads_every_value() -> None:
    """Numbers, dates and truth values as such; what a cell cannot hold as the text that Postgres reads."""
    [rows] = sheets_of(written(TABLE)).values()
    batch = batch_of(TABLE, ROWS)
    texts = [input_form(batch.column(i), batch.schema.field(i)).to_pylist() for i in range(batch.num_columns)]
    names = batch.schema.names
    assert rows[0] == tuple(names)
    for number, (found, expected) in enumerate(zip(rows[1:], values_of(TABLE, ROWS), strict=True)):
        for name, cell, value, text in zip(names, found, expected, [t[number] for t in texts], strict=True):
            wanted = in_cell(name, value, text)
            if isinstance(wanted, datetime):
                # openpyxl rounds to milliseconds.
                assert abs(cell - wanted) < timedelta(milliseconds=1), name
            elif isinstance(wanted, time):
                # So the last microsecond of a day is the first of the next.
                assert (_seconds(cell) - _seconds(wanted) + 0.001) % 86_400 < 0.002, name
            elif wanted == "":
                assert cell in ("", None), name  # openpyxl does not tell them apart; the file does
            else:
                # It leaves it to us to read `_x0001_`, which is how control characters are written.
                assert (unescape(cell) if isinstance(cell, str) else cell) == wanted, name


def _seconds(clock: Any) -> float:
    return float(clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6)


def test_null_and_the_empty_string_stay_apart() -> None:
    """An empty cell, and a cell with an empty text."""
    table = table_plan("t", 3, ["text"])
    with zipfile.ZipFile(io.BytesIO(written(table))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<c/>") == 1
    assert '<t xml:space="preserve"></t>' in sheet


def test_each_table_has_a_sheet_and_long_ones_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet ends at its 1,048,576th row; the table goes on in another."""
    monkeypatch.setitem(registry.FORMATS, "xlsx", replace(registry.FORMATS["xlsx"], most_rows=150))
    tables = (table_plan("long", 400, ["id"]), table_plan("Long", 2, ["id"]), table_plan("none", 0, ["id"]))
    sheets = sheets_of(written(*tables))
    assert {name: len(rows) for name, rows in sheets.items()} == {
        "long": 151,
        "long-2": 151,
        "long-3": 101,
        "Long-4": 3,
        "none": 1,
    }
    ids = [row[0] for name in ("long", "long-2", "long-3") for row in sheets[name][1:]]
    assert len(ids) == 400
    assert layout(make_plan(*tables), Output("xlsx"), source=rows_of).extension == "xlsx"


def test_sheets_have_names_that_spreadsheets_take() -> None:
    """At most 31 characters, none of those that formulas use, no two equal whatever their case."""
    names = name_sheets(["users", "USERS", "a" * 60, "a" * 61, "[x]:*?/\\'", "History", AWKWARD_NAME, ""])
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)
    assert names[:2] == ["users", "USERS-2"]


@pytest.mark.parametrize(
    "text",
    ["_x000D_x000D_", "__x0041__x0042_x", "_x\x01x0041_", "🎉" * 16_383, "a" + "🎉" * 16_383, "é" * 32_767],
)
def test_texts_are_read_as_they_were(text: str) -> None:
    """Whatever in them looks like an escape; and as long as a cell takes them, which counts some characters twice."""
    table = table_plan("t", 2, ["text"])
    batch = pa.RecordBatch.from_arrays([pa.array([text, None])], schema=table.schema)
    data = b"".join(render_all(make_plan(table), Output("xlsx"), source=lambda *_: iter([batch])))
    [[_, (found,), _]] = sheets_of(data).values()
    assert unescape(found) == text
    [name] = name_sheets([text[:63]])
    assert len(name.encode("utf-16-le")) <= 62


@pytest.mark.parametrize("text", ["🎉" * 16_384, "a" + "🎉" * 16_384, "é" * 32_768])
def test_a_text_that_no_cell_takes_is_told_and_not_cut(text: str) -> None:
    """Where it is, how long it is and what to do: neither another value nor a file that no spreadsheet opens."""
    table = table_plan("t", 3, ["text"])
    batch = pa.RecordBatch.from_arrays([pa.array(["fits", None, text])], schema=table.schema)
    with pytest.raises(SeedbedError, match=r"the text of row 3 has 32,76[89] characters, .* choose another format"):
        b"".join(render_all(make_plan(table), Output("xlsx"), source=lambda *_: iter([batch])))


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@pytest.mark.slow
def test_libreoffice_reads_every_value(tmp_path: Path) -> None:
    """Opened and saved in its own format, each cell has the value that went in, of the kind that it was."""
    soffice = program("soffice", "libreoffice-calc-nogui")
    (tmp_path / "t.xlsx").write_bytes(written(TABLE))
    command = [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "fods"]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), "t.xlsx"], cwd=tmp_path, check=True, capture_output=True, timeout=120
    )
    head, *found = _opened(tmp_path / "t.fods", len(TABLE.columns))
    batch = batch_of(TABLE, ROWS)
    assert head == [_as_saved(name) for name in batch.schema.names]
    texts = [input_form(batch.column(i), batch.schema.field(i)).to_pylist() for i in range(batch.num_columns)]
    assert len(found) == ROWS
    for number, (row, values) in enumerate(zip(found, values_of(TABLE, ROWS), strict=True)):
        for name, cell, value, text in zip(batch.schema.names, row, values, [t[number] for t in texts], strict=True):
            wanted = in_cell(name, value, text)
            if isinstance(wanted, datetime):
                assert abs(cell - wanted) < timedelta(milliseconds=1), name
            elif isinstance(wanted, time):
                assert (cell - _seconds(wanted) + 0.001) % 86_400 < 0.002, name
            elif isinstance(wanted, float):
                assert cell == pytest.approx(wanted, rel=1e-14), name
            elif wanted == "":
                assert cell in ("", None), name  # an empty text is no text to it; the file tells them apart
            else:
                assert cell == (_as_saved(wanted) if isinstance(wanted, str) else wanted), name


def _opened(path: Path, columns: int) -> list[list[Any]]:
    """The cells of the first sheet of a flat OpenDocument file; a time is its seconds."""
    table = next(ElementTree.parse(path).iter(f"{_TABLE}table"))  # noqa: S314  # we had it made
    rows: list[list[Any]] = []
    for row in table.iter(f"{_TABLE}table-row"):
        cells: list[Any] = []
        for cell in row:
            cells += [_value(cell)] * min(int(cell.get(f"{_TABLE}number-columns-repeated", "1")), columns)
        repeated = int(row.get(f"{_TABLE}number-rows-repeated", "1"))
        rows += [(cells + [None] * columns)[:columns]] * (repeated if any(c is not None for c in cells) else 0)
    return rows


def _value(cell: ElementTree.Element) -> Any:
    match cell.get(f"{_OFFICE}value-type"):
        case "float":
            return float(cell.get(f"{_OFFICE}value", ""))
        case "boolean":
            return cell.get(f"{_OFFICE}boolean-value") == "true"
        case "date":
            return datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", "")[:26])
        case "time":
            hours, minutes, seconds = re.findall(r"[0-9.]+", cell.get(f"{_OFFICE}time-value", ""))
            return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        case "string":
            return "\n".join("".join(_spelt(p)) for p in cell.findall(f"{_TEXT}p"))
    return None


def _spelt(node: ElementTree.Element) -> Iterator[str]:
    """A paragraph's text, in which runs of blanks, tabs and line breaks are elements."""
    yield node.text or ""
    for child in node:
        if child.tag == f"{_TEXT}s":
            yield " " * int(child.get(f"{_TEXT}c", "1"))
        elif child.tag == f"{_TEXT}tab":
            yield "\t"
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        else:
            yield from _spelt(child)
        yield child.tail or ""


def _as_saved(text: str) -> str:
    """What LibreOffice keeps of a text: no control characters, one kind of line break, no tabs beside one."""
    lines = re.sub("\r\n?", "\n", text)
    return "".join(c for c in lines if c >= " " or c == "\n" or (c == "\t" and "\n" not in lines))


def test_compression_around_it_is_refused() -> None:
    """It is compressed already."""
    for form in ("xlsx", "parquet"):
        [fault] = Output(form, "gzip").faults(1)
        assert fault.code == "compression_not_applicable"
