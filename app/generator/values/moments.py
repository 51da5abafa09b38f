"""Dates, times, time stamps and intervals: spans of days or microseconds."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.domain import Domain, Value
from app.generator.keys import Rows
from app.generator.values.numbers import Spanned
from app.generator.values.shares import Distribution
from app.generator.values.spans import Span, make_span
from app.generator.values.strings import from_matrix, gather, join, number, padded, strings

MICROSECONDS_PER_SECOND = 1_000_000
SECONDS_PER_DAY = 86_400
MICROSECONDS_PER_DAY = SECONDS_PER_DAY * MICROSECONDS_PER_SECOND

_Parse = Callable[[Value], int | None]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Years 1 to 9999: what every reader of the output understands. Postgres itself allows more.
FIRST_DAY = (date(1, 1, 1) - date(1970, 1, 1)).days
LAST_DAY = (date(9999, 12, 31) - date(1970, 1, 1)).days
# A day's distance from the ends, for time zones.
FIRST_MOMENT = (FIRST_DAY + 1) * MICROSECONDS_PER_DAY
LAST_MOMENT = LAST_DAY * MICROSECONDS_PER_DAY - 1
_LONGEST_INTERVAL_S = 100_000 * SECONDS_PER_DAY


class Dates(Spanned):
    """date: a span of days since 1970-01-01."""

    def __init__(self, span: Span, shares: Distribution | None = None) -> None:
        super().__init__(span, pa.date32(), shares)

    def render(self, numbers: Rows) -> pa.Array:
        """Days as dates."""
        return pa.array(numbers.astype(np.int32)).view(pa.date32())


class Timestamps(Spanned):
    """timestamp and timestamptz: a span of microseconds since 1970-01-01T00:00:00Z."""

    def render(self, numbers: Rows) -> pa.Array:
        """Microseconds as time stamps."""
        return pa.array(numbers).view(self.arrow_type)


class Times(Spanned):
    """time: a span of microseconds since midnight."""

    def __init__(self, span: Span, shares: Distribution | None = None) -> None:
        super().__init__(span, pa.time64("us"), shares)

    def render(self, numbers: Rows) -> pa.Array:
        """Microseconds as times of day."""
        return pa.array(numbers).view(pa.time64("us"))


class TimesWithZone(Spanned):
    """timetz as text, all at offset zero, so that two texts differ exactly when the times do."""

    def __init__(self, span: Span, shares: Distribution | None = None) -> None:
        super().__init__(span, pa.string(), shares)

    def render(self, numbers: Rows) -> pa.Array:
        """Times such as 12:34:56+00."""
        return join(clock(numbers), "+00")


class Intervals(Spanned):
    """interval as text; the span counts seconds (months for YEAR TO MONTH).

    Days are never carried over to months: Postgres holds a month to be thirty days when it compares.
    """

    def __init__(self, span: Span, fields: str | None = None, shares: Distribution | None = None) -> None:
        super().__init__(span, pa.string(), shares)
        self._months = fields is not None and ("MONTH" in fields.upper() or fields.upper() == "YEAR")

    def render(self, numbers: Rows) -> pa.Array:
        """Intervals such as `3 days 04:05:06` or `-90 days`."""
        if self._months:
            return join(number(numbers // 12 + ((numbers < 0) & (numbers % 12 != 0))), " years ", _months(numbers))
        return duration(numbers)


def _months(numbers: Rows) -> pa.Array:
    return join(number(np.where(numbers < 0, -(-numbers % 12), numbers % 12)), " mons")


def duration(seconds: Rows) -> pa.Array:
    """Seconds as intervals: days, and hours to seconds where there are any."""
    magnitude = np.abs(seconds)
    days, rest = magnitude // SECONDS_PER_DAY, magnitude % SECONDS_PER_DAY
    sign = gather(strings(("", "-")), (seconds < 0).astype(np.int64))
    with_days = join(sign, number(days), " days")
    with_clock = join(sign, clock(rest * MICROSECONDS_PER_SECOND))
    both = join(with_days, " ", with_clock)
    has_clock, has_days = pa.array(rest != 0), pa.array(days != 0)
    return pc.if_else(has_days, pc.if_else(has_clock, both, with_days), with_clock)


def clock(microseconds: Rows) -> pa.Array:
    """Microseconds since midnight as hh:mm:ss, with a fraction when any of them has one."""
    seconds = microseconds // MICROSECONDS_PER_SECOND
    fraction = microseconds - seconds * MICROSECONDS_PER_SECOND
    minutes = seconds // 60
    hours = minutes // 60
    matrix = np.empty((len(microseconds), 8), np.uint8)
    for place, value in ((0, hours), (3, minutes - hours * 60), (6, seconds - minutes * 60)):
        tens = value // 10
        matrix[:, place] = tens + ord("0")
        matrix[:, place + 1] = value - tens * 10 + ord("0")
    matrix[:, 2] = matrix[:, 5] = ord(":")
    text = from_matrix(matrix)
    return join(text, ".", padded(fraction, 6)) if fraction.any() else text


def day_number(value: date) -> int:
    """Days since 1970-01-01."""
    return value.toordinal() - _EPOCH.toordinal()


def moment_number(value: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z; a time without a zone is taken as UTC."""
    return (value.replace(tzinfo=value.tzinfo or UTC) - _EPOCH) // timedelta(microseconds=1)


def parse_day(value: Value) -> int | None:
    """The day of an ISO date or time stamp; None for what is not one (`infinity`, before year 1)."""
    moment = parse_moment(value)
    return None if moment is None else moment // MICROSECONDS_PER_DAY


def parse_moment(value: Value) -> int | None:
    """The microsecond of an ISO date or time stamp; None for what is not one."""
    try:
        return moment_number(datetime.fromisoformat(str(value)))
    except (ValueError, OverflowError):
        return None


def parse_clock(value: Value) -> int | None:
    """Microseconds since midnight UTC of an ISO time; None for what is not one."""
    text = str(value)
    if text.startswith("24:00"):
        return MICROSECONDS_PER_DAY
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    day = date(2000, 1, 2)
    return moment_number(datetime.combine(day, found)) - day_number(day) * MICROSECONDS_PER_DAY


_UNIT_SECONDS = {
    "y": 360 * SECONDS_PER_DAY, "year": 360 * SECONDS_PER_DAY, "yr": 360 * SECONDS_PER_DAY,
    "mon": 30 * SECONDS_PER_DAY, "month": 30 * SECONDS_PER_DAY, "w": 7 * SECONDS_PER_DAY, "week": 7 * SECONDS_PER_DAY,
    "d": SECONDS_PER_DAY, "day": SECONDS_PER_DAY, "h": 3600, "hour": 3600, "hr": 3600, "m": 60, "min": 60,
    "minute": 60, "s": 1, "sec": 1, "second": 1,
}  # fmt: skip
_ISO_UNITS = {"Y": "y", "M": "mon", "W": "w", "D": "d"}
_INTERVAL_WORD = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-zA-Z]+)")
_INTERVAL_CLOCK = re.compile(r"([+-]?)(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?")


def parse_interval(value: Value) -> Decimal | None:
    """Seconds of an interval in Postgres' or ISO form, a month as thirty days; None for what is not one."""
    text = str(value).strip()
    try:
        if text.upper().startswith(("P", "-P")):
            return _iso_interval(text.upper())
        total, found = Decimal(0), False
        for sign, hours, minutes, seconds in _INTERVAL_CLOCK.findall(text):
            part = Decimal(hours) * 3600 + Decimal(minutes) * 60 + Decimal(seconds or 0)
            total, found = total + (-part if sign == "-" else part), True
        for amount, unit in _INTERVAL_WORD.findall(_INTERVAL_CLOCK.sub(" ", text)):
            name = unit.lower()
            total += Decimal(amount) * _UNIT_SECONDS[name if name in _UNIT_SECONDS else name.rstrip("s")]
            found = True
        return total if found else None
    except (KeyError, InvalidOperation):
        return None


def _iso_interval(text: str) -> Decimal:
    day_part, _, clock_part = text.partition("T")
    total = Decimal(0)
    for amount, unit in _INTERVAL_WORD.findall(day_part.lstrip("-P")):
        total += Decimal(amount) * _UNIT_SECONDS[_ISO_UNITS[unit]]
    for amount, unit in _INTERVAL_WORD.findall(clock_part):
        total += Decimal(amount) * _UNIT_SECONDS[unit.lower()]
    return -total if text.startswith("-") else total


def day_span(domain: Domain, natural: tuple[int, int]) -> Span | None:
    """The days that a domain leaves."""
    return _text_span(domain, natural, (FIRST_DAY, LAST_DAY), parse_day, 1)


def moment_span(domain: Domain, natural: tuple[int, int], step: int = 1) -> Span | None:
    """The microseconds that a domain leaves, in multiples of `step`."""
    return _text_span(domain, natural, (FIRST_MOMENT, LAST_MOMENT), parse_moment, step)


def clock_span(domain: Domain, natural: tuple[int, int], step: int = 1) -> Span | None:
    """The microseconds since midnight that a domain leaves, in multiples of `step`."""
    return _text_span(domain, natural, (0, MICROSECONDS_PER_DAY - 1), parse_clock, step)


def interval_span(domain: Domain, natural: tuple[int, int], unit_s: int = 1, step: int = 1) -> Span | None:
    """The intervals that a domain leaves, in units of `unit_s` seconds."""
    limit = _LONGEST_INTERVAL_S // unit_s

    def parse(value: Value) -> int | None:
        seconds = parse_interval(value)
        return None if seconds is None else int((seconds / unit_s).to_integral_value())

    # Negative intervals are legal and seldom meant: only a domain that asks for them gets them.
    lowest = -limit if domain.high is not None and (parse(domain.high) or 0) <= 0 else 0
    if domain.low is not None:
        lowest = -limit
    return _text_span(domain, natural, (lowest, limit), parse, step)


def _text_span(
    domain: Domain, natural: tuple[int, int], limits: tuple[int, int], parse: _Parse, step: int
) -> Span | None:
    low, high = limits
    bound = parse(domain.low) if domain.low is not None else None
    if bound is not None:
        low = max(low, bound + domain.low_strict)
    bound = parse(domain.high) if domain.high is not None else None
    if bound is not None:
        high = min(high, bound - domain.high_strict)
    return make_span(
        low,
        high,
        natural,
        step=step,
        excluded=_parsed(domain.excluded, parse),
        cuts=_parsed(domain.cuts, parse),
        grow="down",
    )


def _parsed(values: Iterable[Value], parse: _Parse) -> list[int]:
    return [found for found in (parse(value) for value in values) if found is not None]
