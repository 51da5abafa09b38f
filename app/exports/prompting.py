"""Prompts in the life of a request: who reads them, what comes of it, and that there is always an answer.

A prompt acts once, when the plan is made. What it changed stands in the plan, so that a stored plan needs nobody.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from app.errors import PromptUnanswered
from app.generator.plan import Plan, PromptRecord
from app.generator.snapshot.model import Snapshot

if TYPE_CHECKING:
    from app.generator.prompt.overrides import PlanOverrides

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PromptReading:
    """What a planner made of a prompt. `fallback` says why it was not the one that was asked first."""

    overrides: "PlanOverrides"
    planner: str
    model: str | None = None
    response_sha256: str | None = None
    fallback: str | None = None


class PromptPlanner(Protocol):
    """Turns words into overrides of a plan."""

    async def read(self, snapshot: Snapshot, prompt: str, plan: Plan) -> PromptReading:
        """`plan` is the one without the prompt. Raises PromptUnanswered."""
        ...


class BuiltinPlanner:
    """The rules of `app.generator.prompt`: no network, no entropy; raises nothing."""

    async def read(self, snapshot: Snapshot, prompt: str, plan: Plan) -> PromptReading:
        from app.generator.prompt.builtin import read_prompt

        return PromptReading(await asyncio.to_thread(read_prompt, snapshot, prompt, plan), "builtin")


class FallbackPlanner:
    """A planner that may fail, and the rules that answer when it does."""

    def __init__(self, first: PromptPlanner) -> None:
        self._first, self._rules = first, BuiltinPlanner()

    async def read(self, snapshot: Snapshot, prompt: str, plan: Plan) -> PromptReading:
        """Never raises PromptUnanswered: the reading then says why the rules answered."""
        try:
            return await self._first.read(snapshot, prompt, plan)
        except PromptUnanswered as error:
            log.warning("prompt_model_failed", reason=error.facts.get("reason"), error=error.message)
            found = await self._rules.read(snapshot, prompt, plan)
            return PromptReading(found.overrides, found.planner, fallback=error.message)


def with_prompt(snapshot: Snapshot, config: Mapping[str, Any], base: Plan, prompt: str, reading: PromptReading) -> Plan:
    """The plan with a prompt's overrides in it, as far as they can be. Computes for long."""
    from app.generator.config import GeneratorConfig
    from app.generator.prompt.applying import apply_overrides

    record = PromptRecord(
        text=prompt,
        planner=reading.planner,
        model=reading.model,
        response_sha256=reading.response_sha256,
        fallback=reading.fallback,
    )
    asked = GeneratorConfig.from_json(config)
    prompted = apply_overrides(
        snapshot, asked, base, reading.overrides, record, locale_given=config.get("locale") is not None
    )
    return prompted.plan
