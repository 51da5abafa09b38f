"""Columns that wait for a state of another column: whether that state ever comes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.generator.domain import Domain
from app.generator.plan import ColumnPlan
from app.generator.values.choice import OVERRIDE
from app.generator.values.timelines import plain_state

# What the share of NULLs is where no state decides: about as many as there are in columns that a check lets be empty.
_NULL_PPM = 300_000
# The generators that make NULLs of `when`; others make zeros, or false, of it.
_EMPTY_BEFORE = frozenset({"timestamp", "later"})


def without_idle_conditions(plans: Sequence[ColumnPlan], domains: Mapping[str, Domain]) -> tuple[ColumnPlan, ...]:
    """The plans, where a guessed `when` names no state that its column has by a share of NULLs instead.

    A status whose words nobody foresaw (a check's, an override's, a table's whose kind is unknown) would leave
    `finished_at` empty in every row.
    """
    states = {plan.name: _states_of(plan, domains.get(plan.name)) for plan in plans}
    return tuple(
        replace(plan, options={k: v for k, v in plan.options.items() if k != "when"}, null_ppm=_NULL_PPM)
        if _waits_in_vain(plan, states)
        else plan
        for plan in plans
    )


def _waits_in_vain(plan: ColumnPlan, states: Mapping[str, frozenset[str] | None]) -> bool:
    rule = plan.options.get("when")
    if plan.generator not in _EMPTY_BEFORE or plan.unique or not plan.nullable or plan.why == OVERRIDE:
        return False
    if not isinstance(rule, Mapping) or not rule.get("words") or rule.get("not"):
        return False
    known = states.get(str(rule["column"]))
    return bool(known) and known is not None and known.isdisjoint(plain_state(str(word)) for word in rule["words"])


def _states_of(plan: ColumnPlan, domain: Domain | None) -> frozenset[str] | None:
    """Every text that the column may have; None where they are not known."""
    values: Any = plan.options.get("values")
    if plan.generator == "constant" and "value" in plan.options:
        values = [plan.options["value"]]
    if not isinstance(values, list | tuple) and domain is not None:
        values = domain.values
    if not values or not all(isinstance(value, str) or value is None for value in values):
        return None
    return frozenset(plain_state(value) for value in values if value is not None)
