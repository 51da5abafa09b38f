"""`seedbed sweep`: removes what is over: expired files, uploads nobody will finish, rows nobody reads any more."""

import argparse
import asyncio
import json
import os
from collections.abc import Sequence

from app.commands.arguments import add_json
from app.commands.progress import in_units


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("--dry-run", action="store_true", help="count what would be removed, and remove nothing")
    add_json(parser)
    parser.epilog = "Workers do the same every few minutes; this is for those who will not wait."


def run(args: argparse.Namespace) -> int:
    """Sweeps once."""
    from app.settings import Settings

    settings = Settings.from_env(os.environ, needs=frozenset({"database", "store"}))
    from tasks.app import sweep

    swept = asyncio.run(sweep(settings, dry_run=args.dry_run))
    if args.json:
        print(json.dumps({**swept.counts(), "event_days": swept.event_days}))
        return 0
    print("would be removed:" if args.dry_run else "removed:")
    for count, what in (
        (swept.exports_expired, f"files of expired exports, {in_units(swept.bytes_freed)}"),
        (swept.objects_removed, "files of expired and deleted exports"),
        (swept.uploads_aborted, "uploads that nobody will finish"),
        (len(swept.event_days), _days(swept.event_days)),
        (swept.events_deleted, "events of exports that ended long ago, from days that have to stay"),
        (swept.keys_deleted, "idempotency keys"),
        (swept.tickets_deleted, "tickets for event streams"),
        (swept.jobs_deleted, "finished jobs"),
    ):
        print(f"{count:>8,} {what}")
    return 0


def _days(names: Sequence[str]) -> str:
    """All of them by name: they are what a look at the tables shows."""
    told = "days of events, each as a whole"
    return f"{told}: {', '.join(names)}" if names else told
