"""`seedbed load`: test data straight into a database, by COPY, in one transaction."""

import argparse
import json
import logging

from app.commands.arguments import add_json, add_request, add_source, read_request
from app.commands.plans import add_plan, make_plan_of
from app.commands.progress import show_rows
from app.commands.sources import check_url, read_source


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_source(parser)
    parser.add_argument(
        "--database-url", metavar="U", required=True, help="the database to load into; its tables are there already"
    )
    parser.add_argument("--triggers", action="store_true", help="let the database's triggers fire (default: off)")
    add_request(parser)
    add_plan(parser)
    add_json(parser)
    parser.epilog = "When Postgres refuses a row, nothing is changed."


def run(args: argparse.Namespace) -> int:
    """Loads the rows and says how many."""
    check_url(args.database_url)
    request = read_request(args)
    snapshot = read_source(args.source, args.schemas, quiet=args.json)
    from app.adapters.verification.load import load

    # Of a connection that breaks the driver has its own lines; ours says what became of the load.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    plan = make_plan_of(request, snapshot, args.plan, quiet=args.json)
    with show_rows("loading", plan.rows_total, quiet=args.json) as on_rows:
        report = load(plan, args.database_url, triggers=args.triggers, on_rows=lambda _table, rows: on_rows(rows))
    if args.json:
        print(json.dumps({**report.to_json(), "planSha256": plan.digest, "warnings": list(plan.warnings)}))
        return 0
    for note in (*plan.warnings, *report.notes):
        print(f"note: {note}")
    print(f"loaded {sum(report.rows.values()):,} rows into {len(report.rows)} tables in {report.duration_s:.1f} s")
    return 0
