"""Plans that are asked for again, and names of files."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.exports import planning as planning_module
from app.exports.planning import EnginePlanning, choose_file_name
from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
from app.generator.plan import Plan, TablePlan
from app.generator.snapshot.form import snapshot_from_json
from app.generator.snapshot.model import QName

TABLE = {"schema": "public", "name": "t", "columns": [{"name": "a", "type": "int4"}]}
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


def test_a_plan_is_made_once_for_those_who_ask_for_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever format; and made again for another seed, other rows, another schema, and when it is forgotten."""
    monkeypatch.setattr(planning_module, "_PLANS_KEPT", 2)
    snapshot, other = (snapshot_from_json({"version": 1, "tables": [TABLE]}) for _ in range(2))
    planning = EnginePlanning()
    first = planning.plan(snapshot, {"rows": 5, "format": "csv"}, "7")
    assert planning.plan(snapshot, {"rows": 5, "format": "parquet"}, "7") is first
    seeded = planning.plan(snapshot, {"rows": 5}, "8")
    assert (first.seed, seeded.seed) == ("7", "8")
    assert planning.plan(snapshot, {"rows": 6}, "7").rows_total == 6
    again = planning.plan(snapshot, {"rows": 5}, "7")
    assert again is not first
    assert again == first
    assert planning.plan(other, {"rows": 5}, "7") is not again
    assert planning.plan(snapshot, {"rows": 5}, "7") is again


@pytest.mark.parametrize("bound", ["_COLUMNS_KEPT", "_LONGEST_ASKED"])
def test_a_large_plan_is_not_kept(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """Of columns, or of what was asked."""
    monkeypatch.setattr(planning_module, bound, 0)
    snapshot, planning = snapshot_from_json({"version": 1, "tables": [TABLE]}), EnginePlanning()
    assert planning.plan(snapshot, {"rows": 5}, "7") is not planning.plan(snapshot, {"rows": 5}, "7")
