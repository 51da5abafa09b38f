"""The plan that a command works by: made of a source and a request, with its prompt, or read from a file."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.arguments import Request
from app.commands.terminal import waiting
from app.errors import Fault, PlanRefused

if TYPE_CHECKING:
    from app.generator.plan import Plan
    from app.generator.snapshot.model import Snapshot


def add_plan(parser: argparse.ArgumentParser) -> None:
    """`--plan`: a plan that was written before."""
    parser.add_argument(
        "--plan", metavar="FILE", type=Path, help="a plan of before (`seedbed plan --json`), edited or not"
    )


def make_plan_of(request: Request, snapshot: "Snapshot", plan: Path | None = None, *, quiet: bool = False) -> "Plan":
    """The plan of a request; of a file, where one is given: checked against the snapshot like any request.

    `quiet`: not a word while that takes long.

    Raises PlanRefused with every fault, and with what would help.
    """
    from app.generator.suggesting import with_suggestions

    try:
        if plan is not None:
            from app.generator.planning.revising import revise

            document = read_document(plan)
            with waiting(f"planning {len(snapshot.tables)} tables", quiet=quiet):
                return revise(snapshot, document, pointer="")
        with waiting(f"planning {len(snapshot.tables)} tables", quiet=quiet):
            made = _planned(request, snapshot)
    except PlanRefused as refusal:
        raise PlanRefused(with_suggestions(refusal.faults, snapshot)) from None
    if made.prompt is not None:
        for item in made.prompt.not_applied:
            print(f"seedbed: not applied: {item['text']} ({item['reason']})", file=sys.stderr)
        if made.prompt.fallback:
            print(f"seedbed: the built-in rules read the prompt: {made.prompt.fallback}", file=sys.stderr)
    return made


def read_plan(path: Path) -> "Plan":
    """A plan as it stands in a file. Raises PlanRefused, OSError."""
    from app.generator.plan import Plan

    return Plan.from_json(read_document(path))


def read_document(path: Path) -> dict[str, Any]:
    """The plan's document: alone, or under `plan` as the API answers. Raises PlanRefused, OSError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8") if str(path) != "-" else sys.stdin.read())
    except ValueError as error:
        raise PlanRefused([Fault("", "not_json", f"{path} is not JSON: {error}")]) from None
    if isinstance(data, dict) and isinstance(data.get("plan"), dict):
        data = data["plan"]
    if not isinstance(data, dict):
        raise PlanRefused([Fault("", "not_a_plan", f"{path} holds no plan")])
    return data


def _planned(request: Request, snapshot: "Snapshot") -> "Plan":
    from app.generator import make_plan

    base = make_plan(snapshot, request.generator_config(), request.seed)
    if not (request.prompt or "").strip():
        return base
    assert request.prompt is not None
    import asyncio

    from app.exports.prompting import with_prompt

    reading = asyncio.run(_read(snapshot, request.prompt, base))
    return with_prompt(snapshot, request.values, base, request.prompt, reading)


async def _read(snapshot: "Snapshot", prompt: str, base: "Plan") -> Any:
    from app.bootstrap import open_prompts
    from app.exports.prompting import PlannedReader
    from app.settings import Settings

    async with open_prompts(Settings.from_env(os.environ, needs=frozenset())) as prompts:
        return await prompts.read(prompt, PlannedReader(snapshot, base))
