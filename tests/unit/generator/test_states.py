"""A moment that waits for a state comes where the state does, and in some rows where nobody knows which state it is."""

from dataclasses import replace
from typing import Any

import pytest

from app.generator import GeneratorConfig, Snapshot, batches, make_plan
from app.generator.snapshot.model import Check

from .schemas import TEXT, TIMESTAMPTZ, column, key, table

_VEHICLES = table("vehicles", column("id"), column("status", TEXT), column("verified_at", TIMESTAMPTZ, null=True),
                  keys=(key("id", primary=True),))  # fmt: skip
_TASKS = table("frobs", column("id"), column("status", TEXT), column("finished_at", TIMESTAMPTZ, null=True),
               keys=(key("id", primary=True),))  # fmt: skip


def _rows(check: str | None = None, status: Any = None) -> list[dict[str, Any]]:
    only = replace(_TASKS, checks=(Check("status_check", check),) if check else ())
    overrides = {"frobs": {"status": status}} if status is not None else {}
    plan = make_plan(Snapshot((only,)), GeneratorConfig(rows=400, overrides=overrides), 1)
    return [row for batch in batches(plan, only.name, 0, None) for row in batch.to_pylist()]


@pytest.mark.parametrize(
    ("check", "status"),
    [(None, None), ("status in ('red', 'green', 'blue')", None), (None, ["warm", "cold"]), (None, "constant")],
    ids=["nothing said", "a check's words", "an override's words", "one word"],
)
def test_a_moment_whose_state_never_comes_is_there_in_some_rows(check: str | None, status: Any) -> None:
    """Neither in all rows nor in none, whatever words the status has."""
    found = [row["finished_at"] is not None for row in _rows(check, status)]
    assert 200 < sum(found) < 360


def test_a_moment_that_no_state_of_the_kind_of_table_implies_is_there_in_some_rows() -> None:
    """Vehicles are available or retired; some have been verified all the same."""
    plan = make_plan(Snapshot((_VEHICLES,)), GeneratorConfig(rows=400), 1)
    rows = [row for batch in batches(plan, _VEHICLES.name, 0, None) for row in batch.to_pylist()]
    assert 200 < sum(row["verified_at"] is not None for row in rows) < 360


@pytest.mark.parametrize(
    ("check", "status"),
    [("status in ('new', 'running', 'finished')", None), (None, ["new", "Finished"])],
    ids=["a check's words", "an override's words"],
)
def test_a_moment_whose_state_comes_waits_for_it(check: str | None, status: Any) -> None:
    """Exactly the rows that are in the state have the moment."""
    rows = _rows(check, status)
    assert {row["status"].lower() == "finished" for row in rows} == {True, False}
    assert all((row["finished_at"] is not None) == (row["status"].lower() == "finished") for row in rows)


_CHECKS = {
    "one way": "status <> 'canceled' or canceled_at is not null",
    "both ways": "(status = 'canceled') = (canceled_at is not null)",
}


@pytest.mark.parametrize("check", _CHECKS.values(), ids=_CHECKS)
def test_a_check_that_a_moment_keeps_by_itself_leaves_the_states_their_shares(check: str) -> None:
    """Few subscriptions are canceled, and those that run have no day on which they were."""
    states = "status in ('trialing', 'active', 'past_due', 'canceled')"
    checks = (Check("states", states), Check("canceled", check))
    subscriptions = replace(
        table("subscriptions", column("id"), column("status", TEXT), column("canceled_at", TIMESTAMPTZ, null=True),
              keys=(key("id", primary=True),)),
        checks=checks,
    )  # fmt: skip
    plan = make_plan(Snapshot((subscriptions,)), GeneratorConfig(rows=500), 1)
    rows = [row for batch in batches(plan, subscriptions.name, 0, None) for row in batch.to_pylist()]
    assert all((row["canceled_at"] is not None) == (row["status"] == "canceled") for row in rows)
    assert 10 < sum(row["status"] == "canceled" for row in rows) < 100
