"""Dates, times and intervals within a domain: the span that a column leaves, and the generator over it."""

from app.generator.arrow_types import arrow_type
from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator
from app.generator.values.kinds import refuse
from app.generator.values.moments import (
    MICROSECONDS_PER_DAY,
    MICROSECONDS_PER_SECOND,
    SECONDS_PER_DAY,
    Dates,
    Intervals,
    Times,
    Timestamps,
    TimesWithZone,
    clock_span,
    day_span,
    interval_span,
    moment_number,
    moment_span,
)
from app.generator.values.shares import Distribution

_NATURAL_YEARS_DAYS = 3 * 365


def default_moments(context: ColumnContext) -> tuple[int, int]:
    """The last three years before the reference, in microseconds."""
    end = moment_number(context.reference)
    return end - _NATURAL_YEARS_DAYS * MICROSECONDS_PER_DAY, end - 1


def moment_generator(
    context: ColumnContext, low: int, high: int, shares: Distribution | None = None, step: int = 1
) -> Generator:
    """Dates or time stamps, naturally from `low` to `high` microseconds, always within the domain."""
    if context.type.name == "date":
        days = day_span(context.domain, (low // MICROSECONDS_PER_DAY, high // MICROSECONDS_PER_DAY))
        if days is None:
            raise refuse(context, "its constraints leave no date")
        return Dates(days, shares)
    step = max(step, precision_step(context))
    span = moment_span(context.domain, (low, high), step)
    span = moment_span(context.domain, (low, high)) if span is None else span
    if span is None:
        raise refuse(context, "its constraints leave no time")
    return Timestamps(span, arrow_type(context.type), shares)


def precision_step(context: ColumnContext) -> int:
    """The microseconds between two values of the column's declared precision."""
    digits = context.type.modifiers[0] if context.type.modifiers else 6
    return int(10 ** (6 - min(digits, 6)))


def clock_generator(
    context: ColumnContext, low_s: int = 0, high_s: int = SECONDS_PER_DAY - 1, step_s: int = 1
) -> Generator:
    """Times of day, in steps of so many seconds where the domain leaves any."""
    natural = (low_s * MICROSECONDS_PER_SECOND, high_s * MICROSECONDS_PER_SECOND)
    found = clock_span(context.domain, natural, step_s * MICROSECONDS_PER_SECOND)
    found = clock_span(context.domain, natural, MICROSECONDS_PER_SECOND) if found is None else found
    found = clock_span(context.domain, natural, precision_step(context)) if found is None else found
    if found is None:
        raise refuse(context, "its constraints leave no time of day")
    return Times(found) if context.type.name == "time" else TimesWithZone(found)


def interval_generator(context: ColumnContext, natural_s: tuple[int, int]) -> Generator:
    """Intervals, in the unit that the column's fields keep."""
    fields = (context.type.interval_fields or "").upper()
    unit, step = 1, 1
    if fields in ("YEAR", "MONTH", "YEAR TO MONTH"):
        unit = 30 * SECONDS_PER_DAY
        step = 12 if fields == "YEAR" else 1
        natural_s = (unit, 36 * unit)
    elif fields.endswith("DAY"):
        step = SECONDS_PER_DAY
    elif fields.endswith("HOUR"):
        step = 3600
    elif fields.endswith("MINUTE"):
        step = 60
    span = interval_span(context.domain, (natural_s[0] // unit, natural_s[1] // unit), unit, step)
    if span is None:
        raise refuse(context, "its constraints leave no interval")
    return Intervals(span, fields or None)
