"""`seedbed verify`: do the rows load into Postgres with every constraint on?"""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from app.commands.arguments import add_json, add_request, add_source, read_request
from app.commands.plans import add_plan, make_plan_of
from app.commands.progress import show_rows
from app.commands.sources import is_snapshot, is_url, read_database, read_ddl, read_snapshot, read_text
from app.commands.terminal import paint, waiting

if TYPE_CHECKING:
    from app.adapters.verification.report import Report
    from app.generator.plan import Plan
    from app.generator.snapshot.model import QName, Snapshot

    Judge = Callable[[Plan, Callable[[QName, int], None]], Report]


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_source(parser)
    add_request(parser)
    add_plan(parser)
    parser.add_argument(
        "--server", metavar="URL", help="the Postgres server for the scratch database (default: an embedded one)"
    )
    add_json(parser)
    parser.epilog = (
        "The rows go into a scratch database that is dropped afterwards; a database that is the SOURCE is only read. "
        "Exits with 1 when a constraint is broken or a row was not taken."
    )


def run(args: argparse.Namespace) -> int:
    """Verifies, and prints a line for each table."""
    request = read_request(args)
    with ExitStack() as stack:
        server_url = args.server or _start_server(stack, quiet=args.json)
        snapshot, judge = _read(args, server_url)
        plan = make_plan_of(request, snapshot, args.plan, quiet=args.json)
        with show_rows("verifying", plan.rows_total, quiet=args.json) as on_rows:
            report = judge(plan, lambda _table, rows: on_rows(rows))
    if args.json:
        print(json.dumps({**report.to_json(), "warnings": list(plan.warnings)}, ensure_ascii=False))
    else:
        for warning in plan.warnings:
            print(f"note: {warning}")
        tables, _, verdict = report.to_text().rpartition("\n")
        print(tables, paint(verdict, "good" if report.holds else "bad", sys.stdout), sep="\n")
    return 0 if report.holds else 1


def _read(args: argparse.Namespace, server_url: str) -> "tuple[Snapshot, Judge]":
    """The snapshot of SOURCE, and what loads a plan's rows into a copy of it."""
    from app.adapters.verification.verify import verify_database, verify_ddl, verify_snapshot

    if is_url(args.source):
        found = read_database(args.source, args.schemas, quiet=args.json)
        return found, lambda plan, on_rows: verify_database(plan, args.source, server_url=server_url, on_rows=on_rows)
    text = read_text(args.source)
    if is_snapshot(text):
        kept = read_snapshot(text, args.source)
        return kept, lambda plan, on_rows: verify_snapshot(plan, kept, server_url=server_url, on_rows=on_rows)
    loaded = read_ddl(text, server_url, quiet=args.json)
    return loaded, lambda plan, on_rows: verify_ddl(plan, text, server_url=server_url, on_rows=on_rows)


def _start_server(stack: ExitStack, *, quiet: bool) -> str:
    from app.embedded import EmbeddedPostgres

    with waiting("starting an embedded Postgres", quiet=quiet):
        return stack.enter_context(EmbeddedPostgres.start(durable=False)).url()
