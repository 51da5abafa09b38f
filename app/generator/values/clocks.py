"""Times of day and durations."""

from collections.abc import Mapping
from typing import Any

from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, invalid
from app.generator.values.generator import Generator
from app.generator.values.moment_defaults import clock_generator, interval_generator
from app.generator.values.moments import SECONDS_PER_DAY

# The seconds between two values of a precision.
_STEPS = {"second": 1, "minute": 60, "quarter_hour": 900, "half_hour": 1800, "hour": 3600}


def _clocks(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    if context.type.name not in ("time", "timetz"):
        raise invalid(f"{context.type.name} is not a type of times of day")
    first, last = int(options.get("min_hour", 0)) * 3600, int(options.get("max_hour", 24)) * 3600 - 1
    return clock_generator(context, first, last, _STEPS[str(options.get("precision", "second"))])


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
        {
            "min_hour": Option("integer", "from this hour on"),
            "max_hour": Option("integer", "until this hour"),
            "precision": Option("string", "the coarsest unit", False, tuple(_STEPS)),
        },
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
