"""The plan's JSON form."""

from collections.abc import Mapping
from typing import Any

from app.errors import Fault, PlanRefused
from app.generator.plan import Plan
from app.generator.records import from_plain, to_plain
from app.generator.version import ENGINE_VERSION


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain data."""
    out: dict[str, Any] = to_plain(plan)
    return out


def plan_from_json(data: Mapping[str, Any]) -> Plan:
    """Reads a plan; raises PlanRefused with every fault, or when it was made for another engine version."""
    faults: list[Fault] = []
    plan = from_plain(Plan, data, "", faults)
    if faults:
        raise PlanRefused(faults)
    if plan.engine_version != ENGINE_VERSION:
        message = (
            f"the plan was made for engine version {plan.engine_version}, and this is version {ENGINE_VERSION}: "
            "make a new plan, or run the release that made it"
        )
        raise PlanRefused([Fault("/engineVersion", "engine_version_differs", message)])
    read: Plan = plan
    return read
