"""What somebody calls a table, or fills a column with, is text in the programs that open the file."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from app.generator import GeneratorConfig, make_plan
from app.generator.layout import Output, render_all
from app.generator.snapshot.form import snapshot_from_json

HOSTILE = [
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://evil.example")', "\t=1", "]]>", "&#0;", "_x0041_",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_a_formula_in_a_workbook(text: str) -> None:
    """As a constant, as a column's name and as a table's: no formula, no entity, and cells of text."""
    columns: list[dict[str, Any]] = [
        {"name": name, "type": "text", "nullable": False} for name in ("id", text.replace("\t", " "))
    ]
    snapshot = snapshot_from_json({"version": 1, "tables": [{"name": columns[1]["name"], "columns": columns}]})
    overrides = {columns[1]["name"]: {"id": {"constant": text}}}
    config = GeneratorConfig.from_json({"format": "xlsx", "rows": 2, "overrides": overrides})
    content = b"".join(render_all(make_plan(snapshot, config, "1"), Output("xlsx")))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".xml"))
    assert b"<f>" not in inside
    assert b"<!ENTITY" not in inside
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    # Excel writes `_x0041_` for a letter, and itself spelled out for those very characters.
    assert unescape(cells[1].value) == columns[1]["name"]
