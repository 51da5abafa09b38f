"""Days of the calendar that a condition singles out: Mondays, first days of months, whole years."""

from datetime import datetime

import numpy as np

from app.generator.domain import Value
from app.generator.expressions.bounds import literal
from app.generator.expressions.intervals import MICROS_PER_DAY
from app.generator.expressions.kinds import Kind
from app.generator.expressions.moments import civil_from_days, days_from_civil, micros_of
from app.generator.expressions.vectors import Mask

_DAYS_BACK, _DAYS_AHEAD = 30 * 365, 365
# Listing the days that fit is worth it where drawing one by chance would take long.
_RARE = 6
_MAX_LISTED = 1500


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


def calendar_values(field: str, wanted: set[int], kind: str, reference: datetime) -> tuple[Value, ...] | None:
    """Days around the reference that fit, as literals of the kind; None when such days are frequent, or not known."""
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
