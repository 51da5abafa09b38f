"""extract, date_part, date_trunc and to_char: the fields of dates, times and intervals."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from app.generator.expressions.casts import cast, coerce
from app.generator.expressions.intervals import MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND, Span
from app.generator.expressions.kinds import DATES, FLOAT8, INTERVAL, NUMBERS, NUMERIC, TEXT, TIMESTAMP, TIMESTAMPTZ
from app.generator.expressions.moments import (
    INFINITY,
    MINUS_INFINITY,
    Ints,
    civil_from_days,
    days_from_civil,
)
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.number_formats import DigitTemplate
from app.generator.expressions.operands import Operand, Outcome, lift, lift_scalar
from app.generator.expressions.text_arguments import constant_text
from app.generator.expressions.times import FUNCTIONS as TIMES
from app.generator.expressions.vectors import Exact, Spans

_ALIASES = {
    "years": "year", "months": "month", "mon": "month", "mons": "month", "days": "day", "hours": "hour", "hrs": "hour",
    "minutes": "minute", "mins": "minute", "min": "minute", "seconds": "second", "secs": "second", "sec": "second",
    "weeks": "week", "quarters": "quarter", "decades": "decade", "centuries": "century", "millenniums": "millennium",
    "ms": "milliseconds", "millisecond": "milliseconds", "us": "microseconds", "microsecond": "microseconds",
    "y": "year", "d": "day", "h": "hour", "m": "minute", "s": "second", "w": "week",
}  # fmt: skip


def _unit(operand: Operand) -> str:
    name = constant_text(operand, "a field").lower()
    return _ALIASES.get(name, name)


def _extract(arguments: Sequence[Operand]) -> Operand:
    field, value = _unit(arguments[0]), arguments[1]
    if value.kind.name == "unknown":
        value = coerce(value, TIMESTAMPTZ)
    name = value.kind.name
    if name in DATES:
        return lift(NUMERIC, _finite(_moment_field(field, name)), value)
    if name == "time":
        return lift(NUMERIC, lambda x: _clock_field(field, x), value)
    if name == "interval":
        return lift(NUMERIC, lambda x: _span_field(field, x), value)
    raise ExpressionUnknown(f"extract from {value.kind}")


def _date_part(arguments: Sequence[Operand]) -> Operand:
    return cast(_extract(arguments), FLOAT8)


def _finite(kernel: Callable[[Any], Exact]) -> Callable[[Any], Any]:
    def run(values: Any) -> Any:
        endless = (values == INFINITY) | (values == MINUS_INFINITY)
        if not endless.any():
            return kernel(values)
        # Fields of an infinity are NULL or infinite: neither is a number here.
        return Outcome(kernel(np.where(endless, 0, values)), absent=endless)

    return run


def _moment_field(field: str, kind: str) -> Callable[[Any], Exact]:
    if field in _OF_DAYS:
        of_days = _OF_DAYS[field]
        if kind == "date":
            return lambda x: Exact(_by_day(of_days, x.astype(np.int64)), 0)
        return lambda x: Exact(_by_day(of_days, x // MICROS_PER_DAY), 0)
    if field in ("timezone", "timezone_hour", "timezone_minute") and kind == "timestamptz":
        return lambda x: Exact(np.zeros(len(x), dtype=np.int64), 0)
    if field == "epoch":
        if kind == "date":
            return lambda x: Exact(x.astype(np.int64) * 86400, 0)
        return lambda x: Exact(x, 6)
    if kind == "date":
        raise ExpressionUnknown(f"extract {field} from a date")
    _check_clock(field)
    return lambda x: _clock_field(field, x % MICROS_PER_DAY)


def _by_day(function: Callable[[Ints], Ints], days: Ints) -> Ints:
    """The function of each day, looked up in a table where there are fewer days than rows."""
    if not days.size:
        return days
    first, last = int(days.min()), int(days.max())
    if last - first >= days.size:
        return function(days)
    return function(np.arange(first, last + 1, dtype=np.int64))[days - first]


def _check_clock(field: str) -> None:
    if field not in ("hour", "minute", "second", "milliseconds", "microseconds", "epoch"):
        raise ExpressionUnknown(f"the field {field}")


def _clock_field(field: str, micros: Any) -> Exact:
    _check_clock(field)
    if field == "hour":
        return Exact(micros // MICROS_PER_HOUR, 0)
    if field == "minute":
        return Exact(micros // (60 * MICROS_PER_SECOND) % 60, 0)
    if field == "epoch":
        return Exact(micros, 6)
    rest = micros % (60 * MICROS_PER_SECOND)
    return Exact(rest, {"second": 6, "milliseconds": 3, "microseconds": 0}[field])


def _span_field(field: str, spans: Spans) -> Exact:
    years = _towards_zero(spans.months, 12)
    if field in ("year", "decade", "century", "millennium"):
        divisor = {"year": 1, "decade": 10, "century": 100, "millennium": 1000}[field]
        return Exact(_towards_zero(years, divisor), 0)
    if field == "month":
        return Exact(spans.months - 12 * years, 0)
    if field == "quarter":
        return Exact((spans.months - 12 * years) // 3 + 1, 0)
    if field == "day":
        return Exact(spans.days, 0)
    if field == "week":
        return Exact(_towards_zero(spans.days, 7), 0)
    if field == "epoch":
        # A year counts 365.25 days, a month left over 30.
        days = years * 1461 * 6 + ((spans.months - 12 * years) * 30 + spans.days) * 24
        return Exact(days * MICROS_PER_HOUR + spans.micros, 6)
    sign = np.sign(spans.micros)
    found = _clock_field(field, np.abs(spans.micros))
    return Exact(found.unscaled * sign, found.scale)


def _towards_zero(values: Ints, divisor: int) -> Ints:
    found: Ints = np.abs(values) // divisor * np.sign(values)
    return found


def _year(days: Ints) -> Ints:
    year = civil_from_days(days)[0]
    return np.where(year > 0, year, year - 1)


def _weekday(days: Ints) -> Ints:
    """0 for Sunday; 1970-01-01 was a Thursday."""
    return (days + 4) % 7


def _iso_weekday(days: Ints) -> Ints:
    return (days + 3) % 7 + 1


def _iso_year(days: Ints) -> Ints:
    # A week belongs to the year of its Thursday.
    return _year(days + 4 - _iso_weekday(days))


def _iso_week(days: Ints) -> Ints:
    thursday = days + 4 - _iso_weekday(days)
    return (_day_of_year(thursday) - 1) // 7 + 1


def _day_of_year(days: Ints) -> Ints:
    year = civil_from_days(days)[0]
    return days - days_from_civil(year, np.ones_like(year), np.ones_like(year)) + 1


def _period(size: int) -> Callable[[Ints], Ints]:
    """Centuries and millennia: the first began with the year 1, the one before it is -1."""

    def of(days: Ints) -> Ints:
        year = _year(days)
        return np.where(year > 0, (year + size - 1) // size, -((size - 1 - year) // size))

    return of


_OF_DAYS: dict[str, Callable[[Ints], Ints]] = {
    "year": _year,
    "month": lambda days: civil_from_days(days)[1],
    "day": lambda days: civil_from_days(days)[2],
    "quarter": lambda days: (civil_from_days(days)[1] + 2) // 3,
    "dow": _weekday,
    "isodow": _iso_weekday,
    "doy": _day_of_year,
    "week": _iso_week,
    "isoyear": _iso_year,
    "decade": lambda days: _year(days) // 10,
    "century": _period(100),
    "millennium": _period(1000),
    "julian": lambda days: days + 2440588,
}


def _date_trunc(arguments: Sequence[Operand]) -> Operand:
    field, value = _unit(arguments[0]), arguments[1]
    if len(arguments) > 2:
        zone = arguments[2]
        local = TIMES["timezone"]([zone, coerce(value, TIMESTAMPTZ)])
        return TIMES["timezone"]([zone, _date_trunc([arguments[0], local])])
    if value.kind.name == "interval":
        return lift_scalar(INTERVAL, lambda span: _truncated_span(field, span), value)
    if value.kind.name in ("date", "unknown"):
        value = cast(value, TIMESTAMPTZ)
    if value.kind.name not in DATES:
        raise ExpressionUnknown(f"date_trunc of {value.kind}")
    kernel = _truncation(field)

    def run(micros: Any) -> Any:
        endless = (micros == INFINITY) | (micros == MINUS_INFINITY)
        return np.where(endless, micros, kernel(np.where(endless, 0, micros))) if endless.any() else kernel(micros)

    return lift(value.kind.plain, run, value)


_CLOCK_UNITS = {
    "microseconds": 1,
    "milliseconds": 1000,
    "second": MICROS_PER_SECOND,
    "minute": 60 * MICROS_PER_SECOND,
    "hour": MICROS_PER_HOUR,
    "day": MICROS_PER_DAY,
}


def _truncation(field: str) -> Callable[[Any], Any]:
    unit = _CLOCK_UNITS.get(field)
    if unit is not None:
        return lambda x: x // unit * unit
    if field == "week":
        return lambda x: (x // MICROS_PER_DAY + 1 - _iso_weekday(x // MICROS_PER_DAY)) * MICROS_PER_DAY
    months = {"month": 1, "quarter": 3, "year": 12, "decade": 120}.get(field)
    if months is None:
        if field not in ("century", "millennium"):
            raise ExpressionUnknown(f"date_trunc to {field}")
        size = 100 if field == "century" else 1000
        return lambda x: _first_of(x, lambda year: (year - 1) // size * size + 1)
    size = max(1, months // 12)
    if months >= 12:
        return lambda x: _first_of(x, lambda year: year // size * size)

    def truncate(micros: Any) -> Any:
        year, month, _ = civil_from_days(micros // MICROS_PER_DAY)
        return days_from_civil(year, (month - 1) // months * months + 1, np.ones_like(month)) * MICROS_PER_DAY

    return truncate


def _first_of(micros: Any, year_of: Callable[[Ints], Ints]) -> Any:
    year = year_of(civil_from_days(micros // MICROS_PER_DAY)[0])
    ones = np.ones_like(year)
    return days_from_civil(year, ones, ones) * MICROS_PER_DAY


def _truncated_span(field: str, span: Span) -> Span:
    months, days, micros = span
    if field in _CLOCK_UNITS and field != "day":
        unit = _CLOCK_UNITS[field]
        return months, days, int(micros / unit) * unit
    if field == "day":
        return months, days, 0
    size = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200, "millennium": 12000}.get(field)
    if size is None:
        raise ExpressionUnknown(f"date_trunc to {field}")
    return int(months / size) * size, 0, 0


_TEMPLATE = re.compile(
    r'(?P<fill>(?i:FM))?(?P<field>(?i:YYYY|HH24|HH12|HH|MI|SS|MM|DD|YY|DDD|IYYY|IW|ID|D|Q|MS|US))|"(?P<quoted>[^"]*)"|(?P<other>[^A-Za-z"])'
)


def _to_char(arguments: Sequence[Operand]) -> Operand:
    value, template = arguments[0], constant_text(arguments[1], "a template")
    if value.kind.name == "date":
        value = cast(value, TIMESTAMP)
    if value.kind.name in NUMBERS:
        return lift_scalar(TEXT, DigitTemplate(template).write, value)
    if value.kind.name not in DATES:
        raise ExpressionUnknown(f"to_char of {value.kind}")
    parts, position = [], 0
    while position < len(template):
        found = _TEMPLATE.match(template, position)
        if found is None:
            raise ExpressionUnknown(f"to_char with the template {template}")
        field = found["field"] and found["field"].upper()  # numbers are written alike in either case
        parts.append((field, bool(found["fill"]), found["quoted"] or found["other"] or ""))
        position = found.end()
    return lift_scalar(TEXT, lambda micros: "".join(_written(micros, *part) for part in parts), value)


def _written(micros: int, field: str | None, unfilled: bool, text: str) -> str:
    if field is None:
        return text
    days = np.array([micros // MICROS_PER_DAY])
    clock = micros % MICROS_PER_DAY
    hour = clock // MICROS_PER_HOUR
    values: dict[str, Callable[[], tuple[int, int]]] = {
        "YYYY": lambda: (int(_year(days)[0]), 4),
        "YY": lambda: (int(_year(days)[0]) % 100, 2),
        "IYYY": lambda: (int(_iso_year(days)[0]), 4),
        "MM": lambda: (int(civil_from_days(days)[1][0]), 2),
        "DD": lambda: (int(civil_from_days(days)[2][0]), 2),
        "DDD": lambda: (int(_day_of_year(days)[0]), 3),
        "IW": lambda: (int(_iso_week(days)[0]), 2),
        "ID": lambda: (int(_iso_weekday(days)[0]), 1),
        "D": lambda: (int(_weekday(days)[0]) + 1, 1),
        "Q": lambda: (int((civil_from_days(days)[1][0] + 2) // 3), 1),
        "HH24": lambda: (hour, 2),
        "HH12": lambda: ((hour - 1) % 12 + 1, 2),
        "HH": lambda: ((hour - 1) % 12 + 1, 2),
        "MI": lambda: (clock // 60_000_000 % 60, 2),
        "SS": lambda: (clock // 1_000_000 % 60, 2),
        "MS": lambda: (clock // 1000 % 1000, 3),
        "US": lambda: (clock % 1_000_000, 6),
    }
    number, width = values[field]()
    return str(number) if unfilled else f"{number:0{width}d}"


FUNCTIONS: dict[str, Callable[[Sequence[Operand]], Operand]] = {
    "extract": _extract,
    "date_part": _date_part,
    "date_trunc": _date_trunc,
    "to_char": _to_char,
}
