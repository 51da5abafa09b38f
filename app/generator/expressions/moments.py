"""Dates and times as text, and calendar arithmetic on arrays (proleptic Gregorian, as Postgres counts).

Dates are days since 1970-01-01, time stamps microseconds since then, with time zone in UTC. The infinities are the
largest and smallest integers.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from app.generator.expressions.intervals import MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND, format_clock

INFINITY = (1 << 63) - 1
MINUS_INFINITY = -(1 << 63)

Ints = npt.NDArray[np.int64]

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# What Python has dates for: the years 1 to 9999, as days since 1970.
_FIRST_DATE, _LAST_DATE = date.min.toordinal() - _EPOCH_ORDINAL, date.max.toordinal() - _EPOCH_ORDINAL
_YEAR_2000_MICROS = 946_684_800 * MICROS_PER_SECOND
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
_ZONE = r"\s*(?P<zone>[+-]\d{1,2}(?::?\d{2})?(?::\d{2})?|Z|UTC|GMT)?"
_MOMENT = re.compile(
    rf"\s*(?P<year>\d{{4,6}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:(?:\s+|T){_TIME}{_ZONE})?(?P<bc>\s+BC)?\s*$",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})\s*$")
_CLOCK = re.compile(rf"\s*{_TIME}{_ZONE}\s*$", re.IGNORECASE)


def read_timestamp(text: str, with_zone: bool) -> int | None:
    """Microseconds since 1970 for an ISO time stamp or date, an infinity or `epoch`; None for other text."""
    word = text.strip().lower()
    special = {"infinity": INFINITY, "+infinity": INFINITY, "-infinity": MINUS_INFINITY, "epoch": 0}.get(word)
    if special is not None:
        return special
    found = _MOMENT.match(_COMPACT.sub(r"\1-\2-\3", text))
    if found is None:
        return None
    year = int(found["year"])
    days = _days(1 - year if found["bc"] else year, int(found["month"]), int(found["day"]))
    if days is None:
        return None
    micros = days * MICROS_PER_DAY
    if found["hour"]:
        clock = _micros_of(found)
        if clock is None:
            return None
        micros += clock
        if with_zone and found["zone"]:
            micros -= _offset(found["zone"])
    return micros


def read_date(text: str) -> int | None:
    """Days since 1970 for an ISO date (a time after it is cut off); None for other text."""
    micros = read_timestamp(text, with_zone=False)
    if micros in (None, INFINITY, MINUS_INFINITY):
        return micros
    return micros // MICROS_PER_DAY


def read_time(text: str) -> int | None:
    """Microseconds since midnight; None for text that is no time."""
    found = _CLOCK.match(text)
    return _micros_of(found) if found else None


def read_timetz(text: str) -> tuple[int, int] | None:
    """(microseconds in UTC, offset east in microseconds): Postgres compares them in this order."""
    found = _CLOCK.match(text)
    clock = _micros_of(found) if found else None
    if found is None or clock is None:
        return None
    offset = _offset(found["zone"]) if found["zone"] else 0
    return clock - offset, -offset


def _micros_of(found: "re.Match[str]") -> int | None:
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    micros = int((found["fraction"] or "0").ljust(6, "0"))
    total = hour * MICROS_PER_HOUR + (minute * 60 + second) * MICROS_PER_SECOND + micros
    return total if minute < 60 and second <= 60 and total <= MICROS_PER_DAY else None


def _offset(zone: str) -> int:
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    digits = digits.zfill(2) if len(digits) <= 2 else digits
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4] or 0), int(digits[4:6] or 0)
    total = (hours * 3600 + minutes * 60 + seconds) * MICROS_PER_SECOND
    return -total if zone[0] == "-" else total


def _days(year: int, month: int, day: int) -> int | None:
    if not (1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
        return None
    return int(days_from_civil(np.array([year]), np.array([month]), np.array([day]))[0])


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def days_from_civil(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"."""
    y = np.where(month <= 2, year - 1, year)
    era = y // 400
    year_of_era = y - era * 400
    day_of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    found: Ints = era * 146097 + day_of_era - 719468
    return found


def civil_from_days(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of days since 1970-01-01; the inverse of `days_from_civil`."""
    z = days.astype(np.int64) + 719468
    era = z // 146097
    day_of_era = z - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + np.where(shifted < 10, 3, -9)
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def add_months(days: Ints, months: Any) -> Ints:
    """The same day of another month, or its last day when there is no such day."""
    year, month, day = civil_from_days(days)
    total = year * 12 + month - 1 + months
    year, month = total // 12, total % 12 + 1
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[month] + (leap & (month == 2))
    return days_from_civil(year, month, np.minimum(day, last))


def add_span(micros: Ints, months: Any, days: Any, rest: Any, sign: int = 1) -> Ints:
    """Time stamp plus interval: months first, then days, then microseconds, as Postgres adds them."""
    day, clock = micros // MICROS_PER_DAY, micros % MICROS_PER_DAY
    if np.any(np.asarray(months) != 0):
        day = add_months(day, sign * months)
    moved: Ints = (day + sign * days) * MICROS_PER_DAY + clock + sign * rest
    return moved


def round_micros(micros: Any, unit: int) -> Any:
    """Rounded to a multiple of `unit`, halves away from the year 2000, from which Postgres counts."""
    since = micros - _YEAR_2000_MICROS
    rounded = (np.abs(since) + unit // 2) // unit * unit * np.sign(since)
    return rounded + _YEAR_2000_MICROS


def format_date(days: int) -> str:
    """ISO, as Postgres prints a date."""
    if days in (INFINITY, MINUS_INFINITY):
        return "infinity" if days > 0 else "-infinity"
    if _FIRST_DATE <= days <= _LAST_DATE:
        return date.fromordinal(_EPOCH_ORDINAL + int(days)).isoformat()
    year, month, day = (int(part[0]) for part in civil_from_days(np.array([days])))
    era = "" if year > 0 else " BC"
    return f"{year if year > 0 else 1 - year:04d}-{month:02d}-{day:02d}{era}"


def format_timestamp(micros: int, with_zone: bool) -> str:
    """`2000-01-31 12:00:00.5`, with `+00` behind it for a time stamp with time zone."""
    if micros in (INFINITY, MINUS_INFINITY):
        return format_date(micros)
    days, clock = divmod(micros, MICROS_PER_DAY)
    day, before_christ, _ = format_date(days).partition(" BC")
    return f"{day} {format_clock(clock)}{'+00' if with_zone else ''}{before_christ}"


def micros_of(moment: datetime) -> int:
    """A point in time as microseconds since 1970; one without a zone is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def utc(micros: int) -> datetime:
    """A finite time stamp as a datetime in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
