"""What cannot be made is told with all that there is to know, and what a check asks of places inside values is kept."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.errors import PlanRefused
from app.generator import GeneratorConfig, Snapshot, batches, make_plan
from app.generator.snapshot.model import Check, EnumType, QName, Table, TypeRef

from .schemas import INT, TEXT, column, key, reference, table, type_of


def _table(*checks: str, **kinds: TypeRef) -> Table:
    columns = [column(name, kind) for name, kind in kinds.items()]
    made = table("frobs", column("id", INT), *columns, keys=(key("id", primary=True),))
    return replace(made, checks=tuple(Check(f"c{i}", check) for i, check in enumerate(checks)))


def _rows(made: Table, rows: int = 80) -> list[dict[str, Any]]:
    plan = make_plan(Snapshot((made,)), GeneratorConfig(rows=rows), 3)
    assert not plan.warnings
    return [row for batch in batches(plan, made.name, 0, rows) for row in batch.to_pylist()]


def test_a_contradiction_is_told_with_table_constraint_expression_and_columns() -> None:
    """Both checks that leave nothing, what they ask, and what to override."""
    made = _table("n < 5", "n > 10", n=INT)
    with pytest.raises(PlanRefused) as refused:
        make_plan(Snapshot((made,)), GeneratorConfig.from_json({"rows": {"frobs": 5}}), 1)
    fault = next(f for f in refused.value.faults if f.code == "check_unsatisfiable")
    for part in ("public.frobs", "c0, c1", "CHECK (n < 5) and CHECK (n > 10)", "override n"):
        assert part in fault.message
    assert fault.facts["constraint"] == "c0, c1"
    assert fault.facts["columns"] == "n"
    assert "n > 10" in fault.facts["expression"]


def test_references_that_lead_nowhere_are_told_with_the_tables_to_ask_for() -> None:
    """One of two parents has to be there, and neither is asked for; with either of them rows are made."""
    parents = [table(name, column("id", INT), keys=(key("id", primary=True),)) for name in ("cats", "dogs")]
    refers = (reference("cat", "cats"), reference("dog", "dogs"))
    own = (column("id", INT), column("cat", INT, null=True), column("dog", INT, null=True))
    made = table("owners", *own, keys=(key("id", primary=True, name="owners_key"),), refers=refers)
    made = replace(made, checks=(Check("one_pet", "num_nonnulls(cat, dog) = 1"),))
    snapshot = Snapshot((*parents, made))
    with pytest.raises(PlanRefused) as refused:
        make_plan(snapshot, GeneratorConfig.from_json({"rows": 5, "tables": ["owners"]}), 1)
    (fault,) = refused.value.faults
    for part in ("public.owners.one_pet", "CHECK (num_nonnulls(cat, dog) = 1)", "ask for public.cats or public.dogs"):
        assert part in fault.message
    assert make_plan(snapshot, GeneratorConfig.from_json({"rows": 5, "tables": ["owners", "dogs"]}), 1).tables


def test_a_column_without_a_value_is_told_with_its_checks() -> None:
    """Where each check alone can be kept, and the type has no such value: the constraint, what it asks, the column."""
    made = _table("code ~ '^[a-z]{5}$'", "code IS NOT NULL", code=TypeRef("pg_catalog", "varchar", (2,)))
    with pytest.raises(PlanRefused) as refused:
        make_plan(Snapshot((made,)), GeneratorConfig.from_json({"rows": {"frobs": 5}}), 1)
    fault = next(f for f in refused.value.faults if f.code == "no_generator")
    for part in ("public.frobs.code", "c0", "CHECK (code ~ '^[a-z]{5}$')", "override code"):
        assert part in fault.message
    assert fault.facts["constraint"] == "c0, c1"
    assert "[a-z]{5}" in fault.facts["expression"]


def test_a_nullable_column_without_a_value_is_null() -> None:
    """The other columns of its table are made all the same, and the plan says why this one is not."""
    label = EnumType(QName("public", "mood"), ("glad", "sad"))
    made = _table("m <> 'glad'", "m <> 'sad'")
    made = replace(made, columns=(*made.columns, column("m", TypeRef("public", "mood"), null=True)))
    plan = make_plan(Snapshot((made,), types=(label,)), GeneratorConfig(rows=9), 3)
    assert any("c0, c1: CHECK (m <> 'glad') and CHECK (m <> 'sad')" in warning for warning in plan.warnings)
    rows = [row for batch in batches(plan, made.name, 0, 9) for row in batch.to_pylist()]
    assert [row["m"] for row in rows] == [None] * 9


def test_an_override_of_a_column_that_contradicts_itself_is_tested_row_by_row() -> None:
    """The table is no longer refused for what its checks say alone, but for a row that was made and failed."""
    made = _table("n > 10", "n < 5", n=INT)
    asked = {"rows": {"frobs": 5}, "overrides": {"frobs": {"n": {"constant": 7}}}}
    with pytest.raises(PlanRefused) as refused:
        make_plan(Snapshot((made,)), GeneratorConfig.from_json(asked), 1)
    assert "check_unsatisfiable" not in {fault.code for fault in refused.value.faults}
    assert any("frobs" in fault.message for fault in refused.value.faults)


@pytest.mark.parametrize(
    ("kind", "unit", "least", "most"),
    [("daterange", 86_400, 30, 90), ("int4range", 1, 7, 7), ("tsrange", 1, 1_200, 7_200)],
)
def test_ranges_are_as_long_as_checks_ask_for(kind: str, unit: int, least: int, most: int) -> None:
    """In days, whole numbers or seconds, of ranges that are drawn and of such that have to be distinct."""
    low, high = (f"interval '{n} s'" if kind == "tsrange" else str(n) for n in (least, most))
    made = _table(
        f"upper(a) - lower(a) BETWEEN {low} AND {high}",
        f"upper(b) - lower(b) >= {low}",
        a=type_of(kind),
        b=type_of(kind),
    )
    made = replace(made, keys=(*made.keys, key("b")))
    for row in _rows(made):
        (first, last), (start, end) = (_ends(row[name]) for name in "ab")
        assert least * unit <= last - first <= most * unit
        assert end - start >= least * unit


def _ends(text: str) -> list[float]:
    parts = [part.strip('[)" ') for part in text.split(",")]
    return [
        int(p) if p.lstrip("-").isdigit() else datetime.fromisoformat(p).replace(tzinfo=UTC).timestamp() for p in parts
    ]


def test_lists_have_the_dimensions_and_sizes_that_checks_ask_for() -> None:
    """Whatever number of dimensions is declared: int[] takes a matrix."""
    ints = TypeRef("pg_catalog", "int4", (), 1)
    made = _table("array_dims(a) = '[1:2][1:3]'", "array_ndims(b) = 3 AND array_length(b, 2) = 4", a=ints, b=ints)
    for row in _rows(made):
        grid = json.loads(row["a"].replace("{", "[").replace("}", "]"))
        cube = json.loads(row["b"].replace("{", "[").replace("}", "]"))
        assert [len(line) for line in grid] == [3, 3]
        assert {len(plane) for plane in cube} == {4}


@pytest.mark.parametrize(
    ("kind", "cast"),
    [
        (type_of("numeric", 10, 2), "numeric"),
        (type_of("timestamptz"), "timestamptz"),
        (type_of("timestamp"), "timestamp"),
        (TEXT, "text"),
    ],
)
def test_a_place_in_a_document_has_all_values_of_its_column(kind: TypeRef, cast: str) -> None:
    """The document is computed from the column, which has as many values as it would have without."""
    made = _table(f"(body ->> 'x')::{cast} = x", x=kind, body=type_of("jsonb"))
    found = [json.loads(row["body"])["x"] for row in _rows(made)]
    assert len(set(map(str, found))) > 40
    if cast == "numeric":
        assert not any(isinstance(value, str) for value in found)


def test_rows_that_would_have_to_lead_to_each_other_are_refused_before_any_is_made() -> None:
    """The two of a pair each refer to the other one: rows refer to those before them, so none can be the first."""
    own = (column("pair", INT), column("place", INT), column("other_place", INT))
    refers = (reference(("pair", "other_place"), "partners", ("pair", "place")),)
    made = table("partners", *own, keys=(key("pair", "place", primary=True, name="partners_key"),), refers=refers)
    made = replace(made, checks=(Check("two", "place BETWEEN 1 AND 2"), Check("others", "place <> other_place")))
    with pytest.raises(PlanRefused) as refused:
        make_plan(Snapshot((made,)), GeneratorConfig.from_json({"rows": {"partners": 40}}), 1)
    (fault,) = refused.value.faults
    for part in ("public.partners.others", "CHECK (place <> other_place)", "override other_place, place"):
        assert part in fault.message
