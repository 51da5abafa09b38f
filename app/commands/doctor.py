"""`seedbed doctor`: looks at everything the service stands on, and says how to mend what is not well."""

import argparse
import asyncio
import dataclasses
import json
import os
import sys

from app.commands.arguments import add_json
from app.commands.terminal import Style, paint

_MARKS: dict[str, tuple[str, Style]] = {
    "ok": ("ok   ", "good"),
    "warning": ("mind ", "mind"),
    "failed": ("FAILS", "bad"),
    "skipped": ("-    ", "strong"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_json(parser)
    parser.epilog = "Reads the same environment as `serve` and the worker. Exits with 1 when something fails."


def run(args: argparse.Namespace) -> int:
    """Prints a line for each check."""
    from app.commands.checkup import examine

    findings = asyncio.run(examine(os.environ))
    if args.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings]))
    else:
        width = max(len(finding.subject) for finding in findings)
        for finding in findings:
            mark = paint(*_MARKS[finding.state], sys.stdout)
            print(f"{mark}  {finding.subject:<{width}}  {finding.detail}")
            if finding.mend:
                print(f"{'':7}{'':{width}}  -> {finding.mend}")
    return 1 if any(finding.state == "failed" for finding in findings) else 0
