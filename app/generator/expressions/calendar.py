"""Days of the calendar that a condition singles out: Mondays, first days of months, whole years."""

from datetime import datetime

import numpy as np

from app.generator.domain import Value
from app.generator.expressions.bounds import literal
from app.generator.expressions.intervals import MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND
from app.generator.expressions.kinds import Kind
from app.generator.expressions.moments import civil_from_days, days_from_civil, micros_of
from app.generator.expressions.vectors import Mask

_DAYS_BACK, _DAYS_AHEAD = 30 * 365, 365
# Listing the days that fit is worth it where drawing one by chance would take long.
_RARE = 6
_MAX_LISTED = 1500
_GRID_SPAN_S = 365 * 86_400
MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND


def part_range(field: str, operator: str, value: int) -> tuple[int | None, int | None] | None:
    """Days [low, high) for which `extract(year) operator value` holds; None for other fields."""
    if field not in ("year", "isoyear"):
        return None
    if field == "isoyear" and operator == "=":
        return _year_start(value) + 4, _year_start(value + 1) - 4
    start, end = _year_start(value), _year_start(value + 1)
    if operator == "=":
        return start, end
    if operator in (">", ">="):
        return (start if operator == ">=" else end) + (4 if field == "isoyear" else 0), None
    if operator in ("<", "<="):
        return None, (end if operator == "<=" else start) - (4 if field == "isoyear" else 0)
    return None


def _year_start(year: int) -> int:
    return int(days_from_civil(np.array([year]), np.array([1]), np.array([1]))[0])


def grid_values(step_s: int, remainder_s: int, kind: str, reference: datetime) -> tuple[Value, ...]:
    """Moments of the last year that lie on a grid of seconds since 1970, evenly spread."""
    now_s = micros_of(reference) // 1_000_000
    stride = max(1, -(-_GRID_SPAN_S // (_MAX_LISTED * step_s)))
    last = (now_s - remainder_s) // step_s - 1
    found = (last - i * stride for i in range(_MAX_LISTED))
    texts = (literal(Kind(kind), (n * step_s + remainder_s) * 1_000_000) for n in reversed(list(found)))
    return tuple(text for text in texts if text is not None)


# Minutes are listed 61 apart, and so on: each hour, and each minute of it, comes up.
_FIELD_STEPS = {"trunc second": 3601, "trunc minute": 61 * 60, "second": 61 * 60, "trunc hour": 3600, "minute": 3600}


def _clock_values(field: str, wanted: set[int], kind: str, reference: datetime) -> tuple[Value, ...] | None:
    """Moments at which a field of the clock has one of the wanted values."""
    if kind == "date":
        return None
    if field in ("minute", "second") and not all(0 <= value < 60 for value in wanted):
        return ()
    now = micros_of(reference)
    if field == "hour":
        first, step, offsets = (
            now // MICROS_PER_DAY * MICROS_PER_DAY,
            MICROS_PER_DAY,
            [w * MICROS_PER_HOUR for w in wanted],
        )
    else:
        unit = {"minute": MICROS_PER_MINUTE, "second": MICROS_PER_SECOND}.get(field, 0)
        step = _FIELD_STEPS[field] * MICROS_PER_SECOND
        first, offsets = now // MICROS_PER_HOUR * MICROS_PER_HOUR, [w * unit for w in sorted(wanted)] or [0]
    found = (first - i * step + offset for i in range(1, _MAX_LISTED + 1) for offset in offsets)
    texts = (literal(Kind(kind), moment) for moment in sorted(set(found)))
    return tuple(text for text in texts if text is not None)


def calendar_values(field: str, wanted: set[int], kind: str, reference: datetime) -> tuple[Value, ...] | None:
    """Days around the reference that fit, as literals of the kind; None when such days are frequent, or not known."""
    if field in _FIELD_STEPS or field == "hour":
        return _clock_values(field, wanted, kind, reference)
    today = micros_of(reference) // MICROS_PER_DAY
    days = np.arange(today - _DAYS_BACK, today + _DAYS_AHEAD, dtype=np.int64)
    _, month, day = civil_from_days(days)
    weekday = (days + 3) % 7 + 1
    fits: Mask
    if field == "day":
        fits = np.isin(day, list(wanted))
    elif field == "isodow":
        fits = np.isin(weekday, list(wanted))
    elif field == "dow":
        fits = np.isin(weekday % 7, list(wanted))
    elif field == "month":
        fits = np.isin(month, list(wanted))
    elif field == "trunc day" and kind != "date":
        fits = days >= today - 1000
    elif field == "trunc week":
        fits = weekday == 1
    elif field in ("trunc month", "trunc quarter", "trunc year"):
        period = {"trunc month": 1, "trunc quarter": 3, "trunc year": 12}[field]
        fits = (day == 1) & ((month - 1) % period == 0)
    else:
        return None
    chosen = days[fits]
    if not chosen.size or (chosen.size * _RARE > days.size and not field.startswith("trunc")):
        return None
    recent = chosen[-_MAX_LISTED:] if chosen.size > _MAX_LISTED else chosen
    unit = 1 if kind == "date" else MICROS_PER_DAY
    found = (literal(Kind(kind), int(d) * unit) for d in recent)
    return tuple(value for value in found if value is not None)
