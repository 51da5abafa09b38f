"""Time series: how many rows fall on each hour and day, from growth and seasonality."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, ClassVar

from app.generator.values.entries import invalid
from app.generator.values.moments import MICROSECONDS_PER_DAY
from app.generator.values.shares import Cells

# Relative traffic by hour of the day and by day of the week, Monday first: what most sites of people awake see.
_HOURS = (18, 12, 9, 7, 7, 10, 18, 32, 52, 70, 80, 84, 86, 82, 80, 80, 78, 76, 74, 76, 78, 66, 46, 28)
_WEEKDAYS = (100, 104, 106, 104, 98, 64, 56)
# When appointments are made for: the hours and days on which people work.
_OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 60, 100, 100, 90, 40, 70, 100, 100, 80, 40, 0, 0, 0, 0, 0, 0)
_OFFICE_DAYS = (100, 100, 100, 100, 90, 12, 0)
_MOST_CELLS = 24 * 366 * 4
_UNIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a series' density is made of. `growth` is by how much the end exceeds the start: 0.5 is half as much."""

    ABOUT: ClassVar[str] = (
        "time series: an object of daily (true: by hour of the day), weekly (true: by day of the week), "
        "office (true: in the hours of work), "
        "growth (0.5: the end has half as much more than the start); `steady` for none of them"
    )

    daily: bool = False
    weekly: bool = False
    office: bool = False
    growth: Decimal = Decimal(0)

    @classmethod
    def read(cls, value: Any) -> "Pattern":
        """From the option `pattern`. Raises OptionInvalid."""
        if value == "steady":
            return cls()
        if isinstance(value, str) and value in ("daily", "weekly"):
            return cls(daily=value == "daily", weekly=value == "weekly")
        if not isinstance(value, Mapping) or set(value) - {"daily", "weekly", "office", "growth"}:
            raise invalid("pattern: must be steady, daily, weekly or an object of daily, weekly, office and growth")
        try:
            growth = Decimal(str(value.get("growth", 0)))
        except InvalidOperation:
            raise invalid("pattern: growth must be a number") from None
        if not Decimal(-1) < growth <= 1000:
            raise invalid("pattern: growth must be above -1 and at most 1000")
        return cls(bool(value.get("daily")), bool(value.get("weekly")), bool(value.get("office")), growth)


def series_shares(pattern: Pattern, low: int, high: int, *, whole_days: bool = False) -> Cells | None:
    """The density of the moments between `low` and `high` (microseconds); None when all are as likely.

    Cells are the hours or days of UTC, counted from `low`; a very long span has wider ones.
    """
    daily, office = (wanted and not whole_days for wanted in (pattern.daily, pattern.office))
    if not (daily or office or pattern.weekly or pattern.office or pattern.growth):
        return None
    length = high - low + 1
    cell = MICROSECONDS_PER_DAY // 24 if daily or office else MICROSECONDS_PER_DAY
    cell = max(cell, -(-length // _MOST_CELLS))
    count = -(-length // cell)
    growth = int(pattern.growth * _UNIT)
    weights = []
    for n in range(count):
        middle = low + n * cell + cell // 2
        weight = _UNIT + growth * n // count
        if daily:
            weight = weight * _HOURS[middle // (MICROSECONDS_PER_DAY // 24) % 24] // 50
        if office:
            weight = weight * _OFFICE_HOURS[middle // (MICROSECONDS_PER_DAY // 24) % 24] // 50
        if pattern.office:
            weight = weight * _OFFICE_DAYS[(middle // MICROSECONDS_PER_DAY + 3) % 7] // 90
        if pattern.weekly:
            # 1970-01-01 was a Thursday.
            weight = weight * _WEEKDAYS[(middle // MICROSECONDS_PER_DAY + 3) % 7] // 90
        # The last cell may be cut off.
        weights.append(weight * min(cell, length - n * cell) // (cell >> 20 or 1))
    return Cells(weights, Fraction(cell, length))
