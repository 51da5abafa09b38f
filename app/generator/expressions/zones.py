"""Time zones: how far local time is from UTC, at every moment.

A zone's history is that of the `tzdata` package, so that it is the same on every machine; the system's serves where
that is missing.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib import import_module, resources
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import numpy.typing as npt

from app.generator.expressions.intervals import MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND

Ints = npt.NDArray[np.int64]

_FIRST_YEAR, _LAST_YEAR = 1800, 2500
# Rules that last repeat with the calendar, every 400 years.
_CYCLE_MICROS = 146_097 * MICROS_PER_DAY
# No zone has changed its clocks twice within so many days since 1942.
_STEP = timedelta(days=6)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Abbreviations that mean one offset, whatever the time of the year: hours east, as Postgres has them.
_ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "Z": 0, "ZULU": 0, "UCT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MET": 1,
    "MEST": 2, "EET": 2, "EEST": 3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
_OFFSET = re.compile(r"(?P<name>[A-Za-z]{3,})?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?")


@dataclass(frozen=True, slots=True)
class Zone:
    """`offsets[i]` microseconds east of UTC from `since[i]` on, microseconds since 1970 in UTC; the first from ever."""

    since: Ints
    offsets: Ints

    def local(self, micros: Ints) -> Ints:
        """What clocks show at these moments."""
        offsets: Ints = self.offsets[np.searchsorted(self.since, _within(micros), "right") - 1]
        return micros + offsets

    def moments(self, local: Ints) -> Ints:
        """When clocks show that: where they do so twice the later time, where never as if they had not been moved."""
        places = np.searchsorted(self.since[1:] + self.offsets[1:], _within(local), "right")
        found: Ints = local - self.offsets[places]
        return found


def _within(micros: Ints) -> Ints:
    """The moments, those past the table brought back by whole cycles of the calendar."""
    last = _micros(datetime(_LAST_YEAR, 1, 1, tzinfo=UTC))
    beyond = micros - last
    return np.where(beyond > 0, micros - (beyond // _CYCLE_MICROS + 1) * _CYCLE_MICROS, micros)


@lru_cache(maxsize=256)
def zone_of(name: str) -> Zone | None:
    """The zone of a name, an abbreviation or an offset; None for what is none of them."""
    plain = name.strip()
    hours = _ABBREVIATIONS.get(plain.upper())
    if hours is not None:
        return _constant(hours * MICROS_PER_HOUR)
    if (found := _OFFSET.fullmatch(plain)) is not None:
        total = int(found["hours"]) * MICROS_PER_HOUR + int(found["minutes"] or 0) * 60 * MICROS_PER_SECOND
        # POSIX counts west of Greenwich, against ISO.
        return _constant(total if found["sign"] == "-" else -total)
    known = _names().get(plain.lower())
    return None if known is None else _history(_load(known))


def _constant(offset: int) -> Zone:
    return Zone(np.array([np.iinfo(np.int64).min]), np.array([offset]))


def _package() -> Any:
    try:
        return import_module("tzdata")
    except ImportError:
        return None


@cache
def _names() -> dict[str, str]:
    package = _package()
    names = available_timezones() if package is None else (resources.files(package) / "zones").read_text().split()
    return {name.lower(): name for name in names}


def _load(name: str) -> ZoneInfo:
    package = _package()
    if package is None:
        return ZoneInfo(name)
    with (resources.files(package) / "zoneinfo" / name).open("rb") as file:
        return ZoneInfo.from_file(file, name)


def _history(zone: ZoneInfo) -> Zone:
    """Every change of the offset, found by looking every few days and halving the time between."""

    def offset_at(moment: datetime) -> timedelta:
        return moment.astimezone(zone).utcoffset() or timedelta()

    moment, last = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR, 1, 1, tzinfo=UTC)
    before = offset_at(moment)
    since, offsets = [int(np.iinfo(np.int64).min)], [before]
    while moment < last:
        low, moment = moment, moment + _STEP
        after = offset_at(moment)
        if after != before:
            high = moment
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                middle = middle if middle > low else low + timedelta(seconds=1)
                if offset_at(middle) == before:
                    low = middle
                else:
                    high = middle
            since.append(_micros(high))
            offsets.append(after)
            before = after
    return Zone(np.array(since, dtype=np.int64), np.array([o // timedelta(microseconds=1) for o in offsets]))


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
