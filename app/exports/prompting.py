"""Prompts in the life of a request: who reads them, what comes of it, and that there is always an answer.

A prompt acts once, when the plan is made. What it changed stands in the plan, so that a stored plan needs nobody.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from app.errors import PromptUnanswered
from app.exports.documents import Document
from app.generator.plan import Plan, PromptRecord
from app.generator.snapshot.model import Snapshot

if TYPE_CHECKING:
    from app.generator.prompt.overrides import PlanOverrides

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PromptReading:
    """What a planner made of a prompt; without `overrides` the rules read it where the plan is made.

    `fallback` says why it was not the one that was asked first; `plan` is the one without the prompt, where there is
    one already.
    """

    overrides: "PlanOverrides | None"
    planner: str
    model: str | None = None
    response_sha256: str | None = None
    fallback: str | None = None
    plan: Document | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """What a planner is told of a request: JSON about its schema, and the plan without the prompt."""

    told: str
    plan: Document


@dataclass(frozen=True, slots=True)
class Judged:
    """The overrides of an answer, and what is wrong with it; both may be there."""

    overrides: "PlanOverrides | None"
    faults: tuple[str, ...]


class Reader(Protocol):
    """Tells of a request whose prompt is to be read, and judges what was read; both somewhere else than here."""

    async def describe(self) -> Material:
        """Raises RequestRefused and its kin, PlanningFailed, PlanningBusy."""
        ...

    async def judge(self, plan: Document, answer: str) -> Judged:
        """Raises PlanningFailed, PlanningBusy."""
        ...


@dataclass(frozen=True, slots=True)
class PlannedReader:
    """The `Reader` of a program of one user, which has the plan at hand."""

    snapshot: Snapshot
    plan: Plan

    async def describe(self) -> Material:
        text = json.dumps(self.plan.to_json()).encode()
        return Material(await asyncio.to_thread(material, self.snapshot, self.plan), Document(text))

    async def judge(self, plan: Document, answer: str) -> Judged:
        return await asyncio.to_thread(judge, answer, self.plan)


class PromptPlanner(Protocol):
    """Turns words into overrides of a plan."""

    async def read(self, prompt: str, reader: Reader) -> PromptReading:
        """Raises PromptUnanswered, and what the reader raises."""
        ...


class BuiltinPlanner:
    """The rules of `app.generator.prompt`: no network, no entropy. They are asked where the plan is made."""

    async def read(self, prompt: str, reader: Reader) -> PromptReading:
        return PromptReading(None, "builtin")


class FallbackPlanner:
    """A planner that may fail, and the rules that answer when it does."""

    def __init__(self, first: PromptPlanner) -> None:
        self._first = first

    async def read(self, prompt: str, reader: Reader) -> PromptReading:
        """Never raises PromptUnanswered: the reading then says why the rules answer."""
        try:
            return await self._first.read(prompt, reader)
        except PromptUnanswered as error:
            log.warning("prompt_model_failed", reason=error.facts.get("reason"), error=error.message)
            return PromptReading(None, "builtin", fallback=error.message)


def material(snapshot: Snapshot, plan: Plan) -> str:
    """What a model is told of a schema. Computes for long."""
    from app.generator.prompt.describing import describe_schema
    from app.generator.prompt.overrides import overrides_schema

    told = {
        "referenceDate": plan.reference.date().isoformat(),
        "locale": plan.locale,
        "schema": describe_schema(snapshot, plan),
        "answerSchema": overrides_schema(),
    }
    return json.dumps(told, ensure_ascii=False)


def judge(answer: str, plan: Plan) -> Judged:
    """What an answer says, and what is wrong with it. Computes for long."""
    from app.generator.prompt.describing import unknown_names
    from app.generator.prompt.overrides import PlanOverrides

    try:
        data = json.loads(_bare(answer), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return Judged(None, ("the answer is not one JSON object",))
    overrides, faults = PlanOverrides.from_json(data)
    if overrides is None:
        return Judged(None, tuple(fault.message for fault in faults))
    return Judged(overrides, tuple(unknown_names(overrides, plan)))


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _bare(text: str) -> str:
    """The answer without the fence that models like to put around it."""
    stripped = text.strip()
    if stripped.startswith("```"):
        stripped = stripped.strip("`").removeprefix("json")
    return stripped


def with_prompt(snapshot: Snapshot, config: Mapping[str, Any], base: Plan, prompt: str, reading: PromptReading) -> Plan:
    """The plan with what was read in a prompt, as far as it can be. Computes for long."""
    from app.generator.config import GeneratorConfig
    from app.generator.prompt.applying import apply_overrides
    from app.generator.prompt.builtin import read_prompt

    record = PromptRecord(
        text=prompt,
        planner=reading.planner,
        model=reading.model,
        response_sha256=reading.response_sha256,
        fallback=reading.fallback,
    )
    asked = GeneratorConfig.from_json(config)
    overrides = reading.overrides or read_prompt(snapshot, prompt, base)
    prompted = apply_overrides(snapshot, asked, base, overrides, record, locale_given=config.get("locale") is not None)
    return prompted.plan
