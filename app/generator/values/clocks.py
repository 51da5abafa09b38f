"""Times of day and durations."""

from collections.abc import Mapping
from typing import Any

from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, invalid
from app.generator.values.generator import Generator
from app.generator.values.moment_defaults import clock_generator, interval_generator
from app.generator.values.moments import SECONDS_PER_DAY


def _clocks(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    if context.type.name not in ("time", "timetz"):
        raise invalid(f"{context.type.name} is not a type of times of day")
    return clock_generator(context, int(options.get("min_hour", 0)) * 3600, int(options.get("max_hour", 24)) * 3600 - 1)


def _durations(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    if context.type.name != "interval":
        raise invalid(f"{context.type.name} is not an interval")
    natural = int(options.get("min_seconds", 3600)), int(options.get("max_seconds", 30 * SECONDS_PER_DAY))
    return interval_generator(context, natural)


ENTRIES = (
    Entry(
        "time_of_day",
        "A time of day",
        ("any",),
        _clocks,
        {"min_hour": Option("integer", "from this hour on"), "max_hour": Option("integer", "until this hour")},
        {"min_hour": 8, "max_hour": 18},
    ),
    Entry(
        "duration",
        "An interval",
        ("any",),
        _durations,
        {"min_seconds": Option("integer", "at least"), "max_seconds": Option("integer", "at most")},
        {"min_seconds": 60, "max_seconds": 7200},
    ),
)
