"""The plan that a request may bring along: its outer form. What it says is judged by planning it anew."""

from collections.abc import Mapping
from typing import Any

from app.exports.fields import Fields, check_storable


def planned_seed(plan: Fields) -> str | None:
    """The seed of a plan that comes without one beside it."""
    seed = plan.values.get("seed")
    if not isinstance(seed, str):
        plan.faults.add(plan.at("seed"), "wrong_type", "the plan's seed is to be a string", expected="string")
        return None
    return seed


def read_plan(plan: Fields, seed: str | None) -> Mapping[str, Any] | None:
    """A plan as far as its form goes; what it says is judged by planning it."""
    if not check_storable(plan.values):
        message = "the plan has a NUL character, or half of a surrogate pair, in it"
        plan.faults.add(plan.pointer, "bad_characters", message)
        return None
    if plan.values.get("seed") != seed:
        message = "the seed is not the plan's: leave seed out, or write the same in the plan"
        plan.faults.add(plan.at("seed"), "seed_differs", message)
        return None
    return plan.values
