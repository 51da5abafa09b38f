"""Names of files."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.exports.planning import choose_file_name
from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
from app.generator.plan import Plan, TablePlan
from app.generator.snapshot.model import QName

EXPORT_ID = UUID("01234567-89ab-cdef-0123-456789abcdef")


@pytest.mark.parametrize(
    ("wanted", "tables", "extension", "expected"),
    [
        (None, ["customers"], "csv", "customers.csv"),
        (None, ["a", "b"], "zip", "seedbed-01234567.zip"),
        (None, ["../../etc/passwd"], "csv", "_.._etc_passwd.csv"),
        (None, ["..."], "csv", "export.csv"),
        ("mine", ["customers"], "csv", "mine.csv"),
        ("mine.csv", ["customers"], "csv", "mine.csv"),
        ("Mine.CSV", ["customers"], "csv", "Mine.CSV"),
        ("mine.csv", ["customers"], "csv.gz", "mine.csv.gz"),
        ("mine.v2", ["customers"], "csv", "mine.v2.csv"),
    ],
)
def test_file_names(wanted: str | None, tables: list[str], extension: str, expected: str) -> None:
    """The caller's name with the extension it needs, once; else one that says what is in it and is safe anywhere."""
    config = ExportConfig("csv", 1, file_name=wanted)
    plans = tuple(TablePlan(QName("public", name), 1, ()) for name in tables)
    plan = Plan("7", plans, 1, "en_US", datetime(2026, 1, 1, tzinfo=UTC))
    request = ExportRequest(SchemaBySnapshot({}), config, "7")
    assert choose_file_name(request, plan, EXPORT_ID, extension) == expected
