"""Overrides on keys, references and checked columns: they hold, or the plan is refused with the reason."""

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

from app.errors import Fault, PlanRefused
from app.generator import GeneratorConfig, batches, make_plan
from app.generator.plan import Plan
from app.generator.snapshot.model import Check, Column, QName, Snapshot, Table
from tests.unit.generator.schemas import INT, MONEY, TEXT, column, key, reference, table, type_of

_ROWS = 300


def _schema() -> Snapshot:
    people = Table(
        QName("public", "people"),
        (
            column("id"),
            column("first_name", TEXT),
            column("last_name", TEXT),
            column("login", type_of("varchar", 30)),
            column("age"),
            column("code", TEXT),
            Column("twice", INT, generated="age * 2"),
        ),
        keys=(key("id", primary=True), key("login")),
        checks=(Check("people_age", "age between 18 and 90"), Check("people_code", "code ~ '^[A-Z]{3}$'")),
    )
    orders = table(
        "orders", column("id"), column("person_id"), column("helper_id", null=True), column("total", MONEY),
        keys=(key("id", primary=True),), refers=(reference("person_id", "people"), reference("helper_id", "people")),
    )  # fmt: skip
    return Snapshot((people, orders))


def _plan(overrides: dict[str, Any], rows: Any = None) -> Plan:
    return make_plan(_schema(), GeneratorConfig(rows=rows or {"*": _ROWS}, overrides=overrides), seed=3)


def _column(plan: Plan, name: str, of: str) -> list[Any]:
    found = pa.Table.from_batches(batches(plan, QName("public", of)))
    values: list[Any] = found[name].to_pylist()
    return values


def _refused(overrides: dict[str, Any], rows: Any = None) -> list[Fault]:
    with pytest.raises(PlanRefused) as refusal:
        _plan(overrides, rows)
    return refusal.value.faults


def test_a_template_on_a_unique_column_stays_a_template() -> None:
    """Duplicates are redrawn with the columns that the text is made of, never replaced by other text."""
    plan = _plan({"people": {"login": {"template": "{first_name}.{last_name}"}}})
    found = pa.Table.from_batches(batches(plan, QName("public", "people"))).to_pylist()
    assert all(row["login"] == f"{row['first_name']}.{row['last_name']}"[:30] for row in found)
    assert len({row["login"] for row in found}) == _ROWS


def test_too_few_values_for_a_key_are_refused() -> None:
    """A constant, a short list and a narrow pattern name the key and how many rows there are values for."""
    for wanted, values in (("same", 1), (["a", "b"], 2), ({"regex": "[a-c]"}, 3)):
        faults = _refused({"people": {"login": wanted}}, {"people": 10, "orders": 5})
        assert [fault.code for fault in faults] == ["capacity_exceeded"]
        assert faults[0].facts["possible"] == values
    assert _refused({"people": {"login": {"template": "x"}}}, {"people": 10, "orders": 5})[0].facts["column"] == "login"


def test_what_checks_refuse_is_refused_before_any_row() -> None:
    """Bounds outside a range, and text of other columns that never matches a pattern."""
    faults = _refused({"people": {"age": {"generator": "number", "options": {"min": 1, "max": 9}},
                                  "code": {"generator": "email"}}})  # fmt: skip
    assert {fault.pointer for fault in faults} == {"/config/overrides/people/age", "/config/overrides/people/code"}
    faults = _refused({"people": {"code": {"template": "{first_name}"}}})
    assert "people_code" in faults[0].message
    assert faults[0].pointer == "/config/overrides/people/code"


def test_columns_without_values_of_their_own_take_no_override() -> None:
    """What Postgres computes, and what a foreign key fills."""
    faults = _refused({"people": {"twice": 4}, "orders": {"person_id": 7}})
    assert {fault.pointer for fault in faults} == {
        "/config/overrides/people/twice",
        "/config/overrides/orders/person_id",
    }
    assert "Postgres computes it" in " ".join(fault.message for fault in faults)


def test_references_take_a_distribution_and_a_share_of_nulls() -> None:
    """Most orders are of few people, and half of them have no helper."""
    plan = _plan({"orders": {"person_id": {"reference": {"distribution": "zipf"}}, "helper_id": {"nullRate": 0.5}}},
                 {"people": 100, "orders": 4000})  # fmt: skip
    counts = Counter(_column(plan, "person_id", "orders")).most_common()
    assert counts[0][1] > 600
    assert counts[0][1] > 1.5 * counts[1][1]
    assert 1850 < _column(plan, "helper_id", "orders").count(None) < 2150
    assert _refused({"orders": {"person_id": {"nullRate": 0.5}}})[0].facts["option"] == "nullRate"
    assert _refused({"orders": {"person_id": {"reference": "zip"}}})[0].facts["didYouMean"] == "zipf"


def test_a_share_of_nulls_keeps_the_meaning() -> None:
    """An override of the nulls alone changes nothing else."""
    plain = _column(_plan({}), "first_name", "people")
    assert _column(_plan({"people": {"first_name": {"nullRate": 0}}}), "first_name", "people") == plain


def test_every_fault_of_a_request_comes_at_once() -> None:
    """Wrong tables, columns, generators and options are all told, each with what may have been meant."""
    faults = _refused(
        {
            "peopel": {"x": 1},
            "people": {"agee": 1, "code": {"generator": "regx"}},
            "orders": {"total": {"generator": "number", "options": {"mni": 1, "mxa": 2}}},
        }
    )
    meant = {fault.pointer: fault.facts.get("didYouMean") for fault in faults}
    assert meant == {
        "/config/overrides/peopel": None,
        "/config/overrides/people/agee": "age",
        "/config/overrides/people/code/generator": "regex",
        "/config/overrides/orders/total/options/mni": "min",
        "/config/overrides/orders/total/options/mxa": "max",
    }
    assert "did you mean 'people'" in next(f.message for f in faults if f.code == "unknown_table")


def test_what_an_override_cannot_keep_up_is_refused_in_one_line() -> None:
    """A sequence that a check ends, a list that a unique column that may be NULL uses up, text for a number."""
    ended = _refused({"people": {"age": {"sequence": {"start": 80, "step": 2}}}})
    assert [fault.message for fault in ended] == [
        "public.people.age: sequence: the 300 rows lead to 678, which the column does not take"
    ]
    assert not ended[0].pointer.endswith("/step")
    people = Table(
        QName("public", "people"),
        (column("id"), column("login", TEXT, null=True), column("total", MONEY)),
        keys=(key("id", primary=True), key("login")),
    )

    def refused(overrides: dict[str, Any]) -> str:
        with pytest.raises(PlanRefused) as refusal:
            make_plan(Snapshot((people,)), GeneratorConfig(rows={"*": 20}, overrides={"people": overrides}), seed=3)
        (fault,) = refusal.value.faults
        assert "\n" not in fault.message
        return fault.message

    assert "unique, and 20 rows are asked" in refused({"login": ["a", "b"]})
    assert "makes text, and numeric is none" in refused({"total": {"expression": "login"}})
    assert "'{' has no '}'" in refused({"login": {"template": "{id"}})
    kept = GeneratorConfig(rows={"*": 20}, overrides={"people": {"login": {"values": ["a"], "nullRate": 0.95}}})
    assert make_plan(Snapshot((people,)), kept, seed=3).tables[0].rows == 20
