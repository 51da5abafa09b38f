"""`seedbed capacity`: what machines and which Postgres a load takes, by measured coefficients."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, fields

from app.commands.arguments import add_json, read_positive
from app.commands.progress import in_units
from app.commands.sizing import MOST_NOTIFICATIONS_PER_S, Costs, Forecast, Load, forecast

# Compute sizes of Supabase: cores, of which small ones are shared, and connections without a pooler.
_SUPABASE = (
    ("Micro", 0.5, 60),
    ("Small", 0.7, 90),
    ("Medium", 1.0, 120),
    ("Large", 2.0, 160),
    ("XL", 4.0, 240),
    ("2XL", 8.0, 380),
    ("4XL", 16.0, 480),
    ("8XL", 32.0, 490),
    ("12XL", 48.0, 500),
    ("16XL", 64.0, 500),
)
# What Supabase's own services and whoever looks at the database hold.
_OTHERS_CONNECTIONS = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "--exports-per-hour", metavar="N", type=_positive, required=True, help="exports asked for in an hour"
    )
    parser.add_argument("--rows", metavar="N", type=read_positive, required=True, help="rows of one of them")
    default = Load(exports_per_hour=0, rows=0)
    for name, kind, text in _OPTIONS:
        value = getattr(default, name.replace("-", "_"))
        parser.add_argument(f"--{name}", metavar="N", type=kind, default=value, help=f"{text} (default: {value:g})")
    add_json(parser)
    parser.epilog = (
        "Coefficients were measured on one kind of machine: docs/ops/capacity.md says how, and how far off they were."
    )


def run(args: argparse.Namespace) -> int:
    """Prints the forecast."""
    names = [one.name for one in fields(Load) if hasattr(args, one.name)]
    load = Load(**{name: getattr(args, name) for name in names})
    found = forecast(load)
    size = supabase_size(found)
    if args.json:
        facts = {"load": asdict(load), "costs": asdict(Costs()), "forecast": asdict(found), "supabase": size}
        print(json.dumps(facts))
        return 0
    for line in _lines(load, found, size):
        print(line)
    return 0


def supabase_size(found: Forecast) -> str | None:
    """The smallest compute size of Supabase that has the cores and the connections; None when none has."""
    for name, cores, connections in _SUPABASE:
        if cores >= found.database_cores and connections >= found.connections + _OTHERS_CONNECTIONS:
            return name
    return None


def _lines(load: Load, found: Forecast, size: str | None) -> list[str]:
    parts = "one part" if found.parts_per_export == 1 else f"{found.parts_per_export:,} parts"
    streams = "1 stream" if found.streams == 1 else f"{found.streams:,} streams"
    supabase = f"on Supabase {size}" if size else "more than the largest of Supabase's has"
    lines = [
        f"{load.exports_per_hour:,.10g} exports an hour of {load.rows:,} rows"
        f" ({in_units(load.rows * load.row_bytes)}, {parts}), {load.peak:g} times as many in the busiest minutes",
        "",
        f"workers    {_machines(found.workers)} of {load.worker_cores} cores with {load.concurrency} jobs at once;"
        f" one can do {found.jobs_per_s_per_worker:,.1f} jobs/s, bound by its {found.bound}",
        f"API        {_machines(found.apis)} of one core; {streams}, {found.stream_events_per_s:,.1f} events/s to them",
        f"Postgres   {found.database_cores:,.2f} cores, {found.connections:,} connections at most; {supabase}",
        f"bucket     {in_units(found.stored_bytes)} kept for {load.retention_days:g} days,"
        f" {in_units(found.stored_bytes_per_s)}/s written",
        f"database   {in_units(found.database_bytes)} of exports, events and jobs",
        "",
        f"in the busiest minutes {found.exports_per_s:,.2f} exports/s, {found.rows_per_s:,.0f} rows/s,"
        f" {found.jobs_per_s:,.2f} jobs/s, {found.events_per_s:,.1f} events/s,"
        f" {found.notifications_per_s:,.1f} NOTIFY/s; one export by itself takes about {found.export_s:,.1f} s",
    ]
    if found.bound in ("round trips", "fetching") and found.workers > 1:
        lines.append(
            "workers wait for Postgres, not for cores: a shorter way, or a higher --concurrency, saves machines"
        )
    if found.notifications_per_s > MOST_NOTIFICATIONS_PER_S:
        lines.append(
            f"more than {MOST_NOTIFICATIONS_PER_S:,g} NOTIFY/s, and commits wait for each other: ask for fewer and"
            " larger exports, or see docs/ops/capacity.md, beyond one Postgres"
        )
    return lines


def _machines(count: int) -> str:
    return "1 machine" if count == 1 else f"{count:,} machines"


def _amount(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from zero up")
    return value


def _positive(text: str) -> float:
    if not (value := _amount(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not above zero")
    return value


def _share(text: str) -> float:
    if (value := _positive(text)) > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is more than 1, which is all of a machine")
    return value


_OPTIONS: tuple[tuple[str, Callable[[str], float], str], ...] = (
    ("row-bytes", _positive, "bytes of a row in the file"),
    ("row-cost", _positive, "how much dearer a row is than one of 12 plain columns as CSV"),
    ("watchers", _amount, "subscribers that follow each export by its events"),
    ("open-streams", _amount, "streams that are open all the time beside those, as of pages with toasts"),
    ("round-trip-ms", _amount, "distance between workers and Postgres"),
    ("concurrency", read_positive, "WORKER_CONCURRENCY"),
    ("worker-cores", read_positive, "cores of a worker machine"),
    ("pool-size", read_positive, "DATABASE_POOL_SIZE"),
    ("retention-days", _positive, "how long files are kept"),
    ("event-retention-days", _positive, "how long events are kept"),
    ("peak", _positive, "how much busier the busiest minutes are than the hour"),
    ("busy", _share, "how much of a machine may be in use then"),
)
