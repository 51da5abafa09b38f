"""`seedbed diff`: what two plans change."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.arguments import add_json
from app.commands.plans import read_plan

if TYPE_CHECKING:
    from app.generator.plan_diff import Change


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("before", metavar="OLD", type=Path, help="a plan, as `seedbed plan --json` writes it")
    parser.add_argument("after", metavar="NEW", type=Path, help="the plan to compare it with")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 when cells of the output change")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the differences."""
    from app.generator.plan_diff import compare

    before, after = read_plan(args.before), read_plan(args.after)
    changes = compare(before, after)
    cells = any(change.cells for change in changes)
    if args.json:
        document = {
            "before": before.digest,
            "after": after.digest,
            "cells": cells,
            "changes": [change.to_json() for change in changes],
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        print("\n".join(_lines(changes, cells=cells)))
    return 1 if args.exit_code and cells else 0


def _lines(changes: "list[Change]", *, cells: bool) -> list[str]:
    if not changes:
        return ["the plans are the same"]
    told = [f"  {change}" for change in changes if change.cells]
    remarks = [f"  {change}" for change in changes if not change.cells]
    found = (
        [f"{len(told):,} change{'s' if len(told) != 1 else ''} of the data:", *told] if cells else ["the same data:"]
    )
    return [*found, *(["remarks:", *remarks] if remarks else [])]
