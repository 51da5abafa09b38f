"""Arithmetic of dates, times and intervals. The session's time zone is UTC throughout."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from app.generator.expressions.casts import cast, coerce
from app.generator.expressions.intervals import DAYS_PER_MONTH, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND, Span
from app.generator.expressions.kinds import (
    BOOL,
    DATE,
    DATES,
    FLOAT8,
    INT4,
    INTEGERS,
    INTERVAL,
    NUMBERS,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    Kind,
)
from app.generator.expressions.moments import (
    INFINITY,
    MINUS_INFINITY,
    add_span,
    civil_from_days,
    days_from_civil,
    days_in_month,
)
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Operand, Outcome, lift, lift_scalar
from app.generator.expressions.templates import read_moment, spelling_of
from app.generator.expressions.text_arguments import constant_text, text_of
from app.generator.expressions.vectors import Fails, Spans
from app.generator.expressions.zones import zone_of

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_FIRST_DAY, _LAST_DAY = -2_440_588, 2_145_031_948
_SECONDS_PER_DAY = 86_400
_STAMPS = frozenset({"timestamp", "timestamptz"})
_TEMPORAL = DATES | {"time", "interval"}


def arithmetic(operator: str, left: Operand, right: Operand) -> Operand | None:
    """`left operator right` when a date, a time or an interval takes part; None otherwise."""
    if not {left.kind.name, right.kind.name} & _TEMPORAL:
        return None
    if operator == "+":
        # Addition commutes: the date stands on the left from here on.
        swap = right.kind.name in DATES or (right.kind.name == "time" and left.kind.name not in DATES)
        a, b = (right, left) if swap and left.kind.name not in DATES else (left, right)
        return _plus(a, b, 1)
    if operator == "-":
        return _minus(left, right)
    if operator == "*":
        span, factor = (left, right) if left.kind.name == "interval" else (right, left)
        return _scaled(span, factor, divide=False)
    return _scaled(left, right, divide=True) if operator == "/" else None


def _plus(left: Operand, right: Operand, sign: int) -> Operand | None:
    a, b = left.kind.name, right.kind.name
    if right.kind.name == "unknown":
        # date + '1' is an integer, everything else + '1 day' an interval.
        right = coerce(right, INT4 if a == "date" else INTERVAL)
        b = right.kind.name
    if a == "unknown":
        left, a = coerce(left, INTERVAL), "interval"
    if a == "date" and b in INTEGERS:
        return lift(DATE, lambda x, n: _dated(x, x.astype(np.int64) + sign * n.astype(np.int64)), left, right)
    if a == "date" and b == "time" and sign > 0:
        return lift(TIMESTAMP, lambda x, y: x + y, cast(left, TIMESTAMP), right)
    if a in DATES and b == "interval":
        kind = TIMESTAMP if a == "date" else Kind(a)
        return lift(kind, lambda x, y: _kept(x, _moved(x, y, sign)), coerce(left, kind), right)
    if a == "time" and b == "interval":
        return lift(TIME, lambda x, y: (x + sign * y.micros) % MICROS_PER_DAY, left, right)
    if a == "interval" and b == "interval":
        return lift(
            INTERVAL,
            lambda x, y: Spans(x.months + sign * y.months, x.days + sign * y.days, x.micros + sign * y.micros),
            left,
            right,
        )
    return None


def _dated(before: Any, after: Any) -> Any:
    """Days that Postgres has: from 4714 BC to 5874897."""
    kept = _kept(before, after)
    endless = (kept == INFINITY) | (kept == MINUS_INFINITY)
    outside = ((kept < _FIRST_DAY) | (kept > _LAST_DAY)) & ~endless
    return Outcome(kept, failed=outside) if outside.any() else kept


def _kept(before: Any, after: Any) -> Any:
    """Infinities stay what they are."""
    infinite = (before == INFINITY) | (before == MINUS_INFINITY)
    return np.where(infinite, before, after) if infinite.any() else after


def _moved(stamps: Any, spans: Spans, sign: int) -> Any:
    infinite = (stamps == INFINITY) | (stamps == MINUS_INFINITY)
    finite = np.where(infinite, 0, stamps) if infinite.any() else stamps
    return add_span(finite, spans.months, spans.days, spans.micros, sign)


def _minus(left: Operand, right: Operand) -> Operand | None:
    a, b = left.kind.name, right.kind.name
    if a == "unknown" and b in _TEMPORAL:
        left, a = coerce(left, right.kind), b
    if b == "unknown" and a in _STAMPS | {"time"}:
        # timestamp - '...' could be either; Postgres takes the same type on both sides.
        right, b = coerce(right, left.kind), a
    if a == "date" and b == "unknown":
        right, b = coerce(right, DATE), "date"
    if a == b == "date":
        return lift(INT4, lambda x, y: x.astype(np.int64) - y.astype(np.int64), left, right)
    if a in DATES and b in DATES:
        kind = TIMESTAMPTZ if "timestamptz" in (a, b) else TIMESTAMP
        return lift(INTERVAL, _difference, coerce(left, kind), coerce(right, kind))
    if a == b == "time":
        return lift(INTERVAL, lambda x, y: _spans(np.asarray(x - y), days=False), left, right)
    return _plus(left, right, -1)


def _difference(left: Any, right: Any) -> Any:
    endless = np.isin(left, (INFINITY, MINUS_INFINITY)) | np.isin(right, (INFINITY, MINUS_INFINITY))
    if endless.any():
        return Outcome(_spans(np.where(endless, 0, left - right), days=True), failed=endless)
    return _spans(left - right, days=True)


def _spans(micros: Any, days: bool) -> Spans:
    zeros = np.zeros(len(micros), dtype=np.int64)
    if not days:
        return Spans(zeros, zeros, micros)
    whole = np.abs(micros) // MICROS_PER_DAY * np.sign(micros)
    return Spans(zeros, whole, micros - whole * MICROS_PER_DAY)


def _scaled(span: Operand, factor: Operand, divide: bool) -> Operand | None:
    if span.kind.name != "interval" or factor.kind.name not in NUMBERS | {"unknown"}:
        return None
    number = coerce(factor, FLOAT8)
    return lift_scalar(INTERVAL, lambda x, n: _times(x, n, divide), span, number)


def _times(span: Span, factor: float, divide: bool) -> Span:
    """Interval times number: what is left of months becomes days, of days time.

    In the floating point of timestamp.c (interval_mul, interval_div), rounding included.
    """
    if divide and not factor:
        raise Fails("division by zero")

    def scaled(amount: int) -> float:
        return amount / factor if divide else amount * factor

    months, days = int(scaled(span[0])), int(scaled(span[1]))
    spilled = _rounded((scaled(span[0]) - months) * DAYS_PER_MONTH)
    seconds = _rounded((scaled(span[1]) - days + spilled - int(spilled)) * _SECONDS_PER_DAY)
    if abs(seconds) >= _SECONDS_PER_DAY:
        extra = int(seconds / _SECONDS_PER_DAY)
        days += extra
        seconds -= extra * _SECONDS_PER_DAY
    return months, days + int(spilled), round(scaled(span[2]) + seconds * MICROS_PER_SECOND)


def _rounded(value: float) -> float:
    """TSROUND: to millionths."""
    return round(value * 1_000_000.0) / 1_000_000.0


def negative(operand: Operand) -> Operand:
    """Minus an interval."""
    return lift(INTERVAL, lambda x: Spans(-x.months, -x.days, -x.micros), operand)


def _age(arguments: Sequence[Operand]) -> Operand:
    if len(arguments) != 2:
        raise ExpressionUnknown("age of one argument")
    stamps = [coerce(argument, TIMESTAMPTZ if _zoned(arguments) else TIMESTAMP) for argument in arguments]
    return lift_scalar(INTERVAL, age, *stamps)


def _zoned(arguments: Sequence[Operand]) -> bool:
    return any(argument.kind.name == "timestamptz" for argument in arguments)


def age(left: int, right: int) -> Span:
    """The difference in years, months, days and time (timestamp.c: timestamp_age), as one interval."""
    sign = 1 if left >= right else -1
    later, earlier = max(left, right), min(left, right)
    (y1, m1, d1, t1), (y2, m2, d2, t2) = _parts(later), _parts(earlier)
    months, days, micros = (y1 - y2) * 12 + m1 - m2, d1 - d2, t1 - t2
    if micros < 0:
        micros += MICROS_PER_DAY
        days -= 1
    while days < 0:
        days += days_in_month(y2, m2)  # of the month that the earlier point lies in
        months -= 1
    return sign * months, sign * days, sign * micros


def _parts(micros: int) -> tuple[int, int, int, int]:
    days, clock = divmod(micros, MICROS_PER_DAY)
    year, month, day = (int(part[0]) for part in civil_from_days(np.array([days])))
    return year, month, day, clock


def overlaps(start_1: Any, end_1: Any, start_2: Any, end_2: Any) -> bool | None:
    """OVERLAPS (timestamp.c: overlaps_timestamp): half-open periods, in either direction; None is NULL."""
    first, second = _period(start_1, end_1), _period(start_2, end_2)
    if first is None or second is None:
        return None
    (s1, e1), (s2, e2) = sorted((first, second), key=lambda period: period[0])
    if s1 == s2:
        return None if e1 is None or e2 is None else True
    if e1 is None:
        return None
    if s2 < e1:
        return True
    return None if e2 is None else False


def _period(start: Any, end: Any) -> tuple[Any, Any] | None:
    if start is None:
        return None if end is None else (end, None)
    return (start, end) if end is None else (min(start, end), max(start, end))


def _is_finite(arguments: Sequence[Operand]) -> Operand:
    (value,) = arguments
    if value.kind.name == "interval":
        return lift(BOOL, lambda x: np.ones(len(x), dtype=np.bool_), value)
    if value.kind.name == "unknown":
        value = coerce(value, TIMESTAMPTZ)
    if value.kind.name not in DATES:
        raise ExpressionUnknown(f"isfinite of {value.kind}")
    return lift(BOOL, lambda x: ~((x == INFINITY) | (x == MINUS_INFINITY)), value)


def _justify_hours(span: Span) -> Span:
    days = int(Fraction(span[2], MICROS_PER_DAY))
    months, total, micros = span[0], span[1] + days, span[2] - days * MICROS_PER_DAY
    if total > 0 and micros < 0:
        total, micros = total - 1, micros + MICROS_PER_DAY
    elif total < 0 and micros > 0:
        total, micros = total + 1, micros - MICROS_PER_DAY
    return months, total, micros


def _justify_days(span: Span) -> Span:
    extra = int(Fraction(span[1], DAYS_PER_MONTH))
    months, days = span[0] + extra, span[1] - extra * DAYS_PER_MONTH
    if months > 0 and days < 0:
        months, days = months - 1, days + DAYS_PER_MONTH
    elif months < 0 and days > 0:
        months, days = months + 1, days - DAYS_PER_MONTH
    return months, days, span[2]


def _of_interval(function: Callable[[Span], Span]) -> Callable[[Sequence[Operand]], Operand]:
    return lambda arguments: lift_scalar(INTERVAL, function, coerce(arguments[0], INTERVAL))


def _make_date(year: int, month: int, day: int) -> int:
    if 0 < year < 10_000:
        # Most years are those of Python's calendar, which is quicker.
        try:
            return date(year, month, day).toordinal() - _EPOCH_ORDINAL
        except ValueError:
            raise Fails("date field value out of range") from None
    if (
        year == 0
        or not -4712 <= year <= 5_874_897
        or not 1 <= month <= 12
        or not 1 <= day <= days_in_month(year, month)
    ):
        raise Fails("date field value out of range")
    return int(days_from_civil(np.array([year]), np.array([month]), np.array([day]))[0])


def _make_interval(*parts: Any) -> Span:
    padded: list[Any] = list(parts) + [0] * (7 - len(parts))
    years, months, weeks, days, hours, minutes, seconds = padded
    clock = hours * MICROS_PER_HOUR + minutes * 60_000_000
    micros = int((Decimal(str(seconds)) * 1_000_000).to_integral_value(ROUND_HALF_EVEN))
    return years * 12 + months, weeks * 7 + days, clock + micros


def _make_interval_call(arguments: Sequence[Operand]) -> Operand:
    kinds = [INT4] * 6 + [FLOAT8]
    return lift_scalar(INTERVAL, _make_interval, *(coerce(a, k) for a, k in zip(arguments, kinds, strict=False)))


def _make_timestamp(kind: Kind) -> Callable[[Sequence[Operand]], Operand]:
    def made(year: int, month: int, day: int, hour: int, minute: int, second: float) -> int:
        clock = hour * MICROS_PER_HOUR + minute * 60_000_000 + round(second * 1_000_000)
        return _make_date(year, month, day) * MICROS_PER_DAY + clock

    def build(arguments: Sequence[Operand]) -> Operand:
        if len(arguments) != 6:
            raise ExpressionUnknown("make_timestamptz in a time zone")
        kinds = [INT4] * 5 + [FLOAT8]
        return lift_scalar(kind, made, *(coerce(a, k) for a, k in zip(arguments, kinds, strict=True)))

    return build


def _to_date(arguments: Sequence[Operand]) -> Operand:
    return _read_by(arguments, DATE)


def _read_by(arguments: Sequence[Operand], kind: Kind) -> Operand:
    template = constant_text(arguments[1], "a template")
    if spelling_of(template) is None:
        raise ExpressionUnknown(f"to_date with the template {template}")

    def read(text: str) -> int:
        found = read_moment(text, template)
        if found is None:
            raise Fails("a text that is spelt in another way")
        year, month, day, hour, minute, second = found
        days = _make_date(year, month, day)
        if kind == DATE:
            return days
        return days * MICROS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000

    return lift_scalar(kind, read, text_of(arguments[0]))


def _to_timestamp(arguments: Sequence[Operand]) -> Operand:
    if len(arguments) == 2:
        return _read_by(arguments, TIMESTAMPTZ)
    seconds = coerce(arguments[0], FLOAT8)
    return lift(TIMESTAMPTZ, lambda x: np.rint(x * 1e6).astype(np.int64), seconds)


def _time_zone(arguments: Sequence[Operand]) -> Operand:
    zone, value = arguments
    if zone.kind.name not in ("unknown", "text", "varchar") or zone.is_null:
        raise ExpressionUnknown("a time zone that is no name")
    if value.kind.name == "date":
        value = cast(value, TIMESTAMPTZ)
    if value.kind.name not in _STAMPS:
        raise ExpressionUnknown(f"AT TIME ZONE of {value.kind}")
    local = value.kind.name == "timestamptz"
    target = TIMESTAMP if local else TIMESTAMPTZ
    if zone.value is None:
        return lift_scalar(target, lambda name, micros: _moved_clock(name, micros, local), text_of(zone), value)
    known = zone_of(str(zone.constant()))
    if known is None:
        raise ExpressionUnknown(f"the time zone {zone.constant()}")
    move = known.local if local else known.moments
    return lift(target, lambda x: _kept(x, move(x)), value)


def _moved_clock(name: str, micros: int, local: bool) -> int:
    zone = zone_of(name)
    if zone is None:
        raise Fails(f"time zone {name!r} not recognized")
    if micros in (INFINITY, MINUS_INFINITY):
        return micros
    moments = np.array([micros])
    return int((zone.local(moments) if local else zone.moments(moments))[0])


FUNCTIONS: dict[str, Callable[[Sequence[Operand]], Operand]] = {
    "age": _age,
    "isfinite": _is_finite,
    "justify_hours": _of_interval(_justify_hours),
    "justify_days": _of_interval(_justify_days),
    "make_date": lambda arguments: lift_scalar(DATE, _make_date, *(coerce(a, INT4) for a in arguments)),
    "make_interval": _make_interval_call,
    "make_timestamp": _make_timestamp(TIMESTAMP),
    "make_timestamptz": _make_timestamp(TIMESTAMPTZ),
    "to_date": _to_date,
    "to_timestamp": _to_timestamp,
    "timezone": _time_zone,
}
