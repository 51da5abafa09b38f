"""The built-in planner: what prompts in four languages, of seven trades, are read as."""

import json
from typing import Any

import pytest

from app.generator import GeneratorConfig, batches, make_plan
from app.generator.plan import Plan, PromptRecord
from app.generator.prompt.applying import apply_overrides
from app.generator.prompt.builtin import read_prompt
from app.generator.prompt.overrides import PlanOverrides
from app.generator.snapshot.model import QName

from .conftest import Schemas, in_brief, prompts, shortened

KNOWN = prompts("known.jsonl")


def planned(schemas: Schemas, name: str, prompt: str) -> Plan:
    """The plan of a schema with a prompt in it."""
    schema = schemas.of(name)
    overrides = read_prompt(schema.snapshot, prompt, schema.plan)
    record = PromptRecord(prompt, "builtin")
    return apply_overrides(schema.snapshot, GeneratorConfig(rows=100), schema.plan, overrides, record).plan


@pytest.mark.parametrize("case", KNOWN, ids=lambda case: f"{case['schema']}: {case['prompt']}")
def test_a_prompt_is_read_as_it_is_meant(schemas: Schemas, case: dict[str, Any]) -> None:
    """Counts, ratios, dates, shares, ranges, lists, countries and trades; what is left is told."""
    schema = schemas.of(case["schema"])
    found = read_prompt(schema.snapshot, case["prompt"], schema.plan).to_json()
    assert shortened(found) == case["overrides"]


def test_prompts_written_after_the_rules(schemas: Schemas) -> None:
    """A hundred more, whose meanings were written down before they were read; those that are missed are marked so."""
    missed = set()
    for case in prompts("later.jsonl"):
        schema = schemas.of(case["schema"])
        found = in_brief(read_prompt(schema.snapshot, case["prompt"], schema.plan).to_json())
        wanted = [line for line in case["expected"] if line != "*trade"]
        if len(wanted) < len(case["expected"]):
            words = [line for line in found if '"values"' in line]
            assert words, case["prompt"]
            found = [line for line in found if line not in words]
        if found != sorted(wanted):
            missed.add(case["prompt"])
    assert missed == {case["prompt"] for case in prompts("later.jsonl") if case.get("missed")}


def test_what_is_read_is_of_the_closed_vocabulary(schemas: Schemas) -> None:
    """Every answer of the rules holds to the schema that a model's answer is held to, and reads back as itself."""
    for case in KNOWN:
        schema = schemas.of(case["schema"])
        found = read_prompt(schema.snapshot, case["prompt"], schema.plan)
        again, faults = PlanOverrides.from_json(json.loads(json.dumps(found.to_json())))
        assert not faults
        assert again == found


def test_what_is_read_is_applied(schemas: Schemas) -> None:
    """What the rules read can be planned, but for what they said themselves: of every fourth prompt above."""
    for case in KNOWN[::4]:
        record = planned(schemas, case["schema"], case["prompt"]).prompt
        assert record is not None
        assert list(record.not_applied) == case["overrides"].get("notApplied", []), case["prompt"]


def test_the_rows_are_as_the_prompt_says(schemas: Schemas) -> None:
    """Counts exactly, ratios within their bounds, shares nearly, ranges and dates without exception."""
    text = "400 customers, 3-5 orders each, 2023 to 2024, 10 % returned, totals between 20 and 90 euros"
    plan = planned(schemas, "shop", text)
    orders = [row for b in batches(plan, QName("public", "orders")) for row in b.to_pylist()]
    assert plan.table(QName("public", "customers")).rows == 400
    each = [sum(row["customer_id"] == n for row in orders) for n in range(1, 401)]
    assert (min(each), max(each)) == (3, 5)
    assert 0.07 < sum(row["status"] == "returned" for row in orders) / len(orders) < 0.13
    assert all(20 <= row["total"] <= 90 for row in orders)
    for column in ("placed_at", "shipped_at"):
        moments = [row[column] for row in orders if row[column] is not None]
        assert {moment.year for moment in moments} == {2023, 2024}


def test_what_cannot_be_done_is_told_and_costs_nothing_else(schemas: Schemas) -> None:
    """Shares of more than all, nulls that may not be, values that are not there, and words that mean nothing."""
    text = "200 % returned, 30 % of customers without email, 50 products, 7 % of orders are purple"
    plan = planned(schemas, "shop", text)
    assert plan.prompt is not None
    told = {item["text"]: item["reason"] for item in plan.prompt.not_applied}
    assert told["orders.status: returned 200 %"] == "the shares add up to 200 %"
    assert told["customers.email: null 30 %"] == "the column may not be null"
    assert any("purple" in text for text in told)
    assert plan.table(QName("public", "products")).rows == 50


def test_the_request_wins_over_the_prompt(schemas: Schemas) -> None:
    """Rows and overrides that the configuration gives by name stay, and the prompt's are listed."""
    schema = schemas.of("shop")
    config = GeneratorConfig(rows={"*": 20, "customers": 7}, overrides={"orders": {"status": "paid"}})
    base = make_plan(schema.snapshot, config, 7)
    overrides = read_prompt(schema.snapshot, "500 customers, 5 % returned", base)
    plan = apply_overrides(schema.snapshot, config, base, overrides, PromptRecord("", "builtin")).plan
    assert plan.table(QName("public", "customers")).rows == 7
    assert plan.table(QName("public", "orders")).column("status").generator == "constant"
    assert plan.prompt is not None
    assert len(plan.prompt.not_applied) == 2


def test_places_are_in_the_countries_of_the_mix(schemas: Schemas) -> None:
    """Countries by their weights, and the cities are theirs."""
    plan = planned(schemas, "shop", "300 customers, 70 % Germany, 30 % France")
    rows = [row for b in batches(plan, QName("public", "customers")) for row in b.to_pylist()]
    countries = [row["country"] for row in rows if row["country"]]
    assert set(countries) == {"DE", "FR"}
    assert 0.62 < countries.count("DE") / len(countries) < 0.78
    cities = {code: {r["city"] for r in rows if r["country"] == code} - {None} for code in ("DE", "FR")}
    assert not cities["DE"] & cities["FR"]
