"""Plans that come back are made again, hash for hash, whatever was asked of them."""

import json
from typing import Any

import pytest

from app.errors import PlanRefused
from app.generator import GeneratorConfig, make_plan
from app.generator.plan_diff import compare
from app.generator.planning.revising import revise

from .schemas import shop

ASKED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "rows by table": {"rows": {"*": 30, "customers": 7}},
    "rows by parent": {"rows": {"*": 30, "order_lines": {"perParent": {"min": 1, "max": 3, "parent": "orders"}}}},
    "some tables": {"rows": 20, "tables": ["orders"]},
    "another locale": {"rows": 20, "locale": "fr_FR"},
    "nasty text": {"rows": 20, "nasty": True},
    "overrides": {
        "rows": 20,
        "overrides": {
            "customers": {"first_name": ["Ann", "Ben"], "updated_at": {"nullRate": 0.9}, "last_name": "Doe"},
            "employees": {"manager_id": {"nullRate": 0.5}},
        },
    },
}


@pytest.mark.parametrize("name", ASKED)
def test_a_plan_that_was_not_touched_is_the_same(name: str) -> None:
    """Out as JSON and in again."""
    plan = make_plan(shop(), GeneratorConfig.from_json(ASKED[name]), "seed")
    again = revise(shop(), json.loads(json.dumps(plan.to_json())))
    assert compare(plan, again) == []
    assert again.digest == plan.digest


def test_edits_that_a_request_could_make_are_served() -> None:
    """A generator, its options, and how often a column is null: in the plan that comes out, and only there."""
    plan = make_plan(shop(), GeneratorConfig(rows=20), "seed")
    document = json.loads(json.dumps(plan.to_json()))
    customers = next(table for table in document["tables"] if table["name"]["name"] == "customers")
    columns = {column["name"]: column for column in customers["columns"]}
    columns["first_name"] |= {"generator": "one_of", "options": {"values": ["Ann", "Ben"]}}
    columns["updated_at"]["nullPpm"] = 250_000
    changes = compare(plan, revise(shop(), document))
    assert {change.place for change in changes} == {"public.customers.first_name", "public.customers.updated_at"}


def test_another_schema_refuses_the_plan() -> None:
    """A plan is for its schema; a table that the schema has not is named."""
    plan = make_plan(shop(), GeneratorConfig(rows=20), "seed")
    document = json.loads(json.dumps(plan.to_json()))
    document["tables"][0]["name"] = {"schema": "public", "name": "strangers"}
    with pytest.raises(PlanRefused, match=r"public\.strangers"):
        revise(shop(), document)
