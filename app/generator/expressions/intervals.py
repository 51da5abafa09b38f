"""Intervals as text: Postgres' input forms (verbose, ISO 8601, clock times) and its output form."""

import re
from fractions import Fraction
from functools import lru_cache

MICROS_PER_SECOND = 1_000_000
MICROS_PER_HOUR = 3600 * MICROS_PER_SECOND
MICROS_PER_DAY = 24 * MICROS_PER_HOUR
DAYS_PER_MONTH = 30  # by which Postgres compares intervals

Span = tuple[int, int, int]
"""Months, days, microseconds."""

_MICROS = {
    "microsecond": 1,
    "millisecond": 1000,
    "second": MICROS_PER_SECOND,
    "minute": 60 * MICROS_PER_SECOND,
    "hour": MICROS_PER_HOUR,
}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12, "decade": 120, "century": 1200, "millennium": 12000}
_UNITS = {
    **{name: name for name in (*_MICROS, *_DAYS, *_MONTHS)},
    **{f"{name}s": name for name in (*_MICROS, *_DAYS, *_MONTHS)},
    "us": "microsecond", "usec": "microsecond", "usecs": "microsecond",
    "ms": "millisecond", "msec": "millisecond", "msecs": "millisecond",
    "s": "second", "sec": "second", "secs": "second",
    "m": "minute", "min": "minute", "mins": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour",
    "d": "day", "w": "week",
    "mon": "month", "mons": "month",
    "y": "year", "yr": "year", "yrs": "year",
    "dec": "decade", "decs": "decade",
    "c": "century", "cent": "century", "centuries": "century",
    "mil": "millennium", "mils": "millennium", "millennia": "millennium",
}  # fmt: skip
_TOKEN = re.compile(
    r"\s*(?:(?P<clock>[+-]?\d+:\d+(?::\d+(?:\.\d*)?)?)|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))|(?P<word>[a-z@]+))",
    re.IGNORECASE,
)
_ISO = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([YMWDHS])")
_ISO_DATE = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_ISO_TIME = {"H": "hour", "M": "minute", "S": "second"}


@lru_cache(maxsize=4096)
def parse_interval(text: str | None, fields: str | None = None) -> Span | None:
    """(months, days, microseconds), or None for NULL and for text that is no finite interval."""
    if text is None:
        return None
    plain = text.strip()
    try:
        if plain[:1] in ("P", "p"):
            return _read_iso(plain[1:].upper())
        return _read_verbose(plain, fields)
    except (ValueError, KeyError):
        return None


def _read_iso(text: str) -> Span:
    date, _, time = text.partition("T")
    total = _Total()
    for part, units in ((date, _ISO_DATE), (time, _ISO_TIME)):
        end = 0
        for found in _ISO.finditer(part):
            if found.start() != end:
                raise ValueError(text)
            total.add(Fraction(found.group(1)), units[found.group(2)])
            end = found.end()
        if end != len(part):
            raise ValueError(text)
    return total.span()


def _read_verbose(text: str, fields: str | None) -> Span:
    total, pending, seen = _Total(), None, False
    position, ago = 0, False
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError(text)
        position = token.end()
        if token["clock"]:
            if pending is not None:
                total.add(pending, "day")
                pending = None
            total.add_clock(token["clock"])
            seen = True
        elif token["number"]:
            if pending is not None:
                raise ValueError(text)
            pending = Fraction(token["number"])
        elif token["word"].lower() == "ago":
            ago = True
        elif token["word"] != "@":
            if pending is None:
                raise ValueError(text)
            total.add(pending, _UNITS[token["word"].lower()])
            pending, seen = None, True
    if pending is not None:
        # A number alone is seconds, unless the type says otherwise: INTERVAL '1' DAY.
        total.add(pending, fields.split()[-1] if fields else "second")
        seen = True
    if not seen:
        raise ValueError(text)
    months, days, micros = total.span()
    return (-months, -days, -micros) if ago else (months, days, micros)


class _Total:
    """Adds up fields; what is left of a unit spills into the smaller ones, as Postgres does it."""

    def __init__(self) -> None:
        self._months = 0
        self._days = 0
        self._micros = Fraction(0)

    def add(self, amount: Fraction, unit: str) -> None:
        if unit in _MICROS:
            self._micros += amount * _MICROS[unit]
        elif unit in _DAYS:
            self._add_days(amount * _DAYS[unit])
        else:
            months = amount * _MONTHS[unit]
            # A fraction of a year rounds to whole months, one of a month becomes days.
            whole = int(months)
            if unit == "month":
                self._add_days((months - whole) * DAYS_PER_MONTH)
            else:
                whole = round(months)
            self._months += whole

    def _add_days(self, days: Fraction) -> None:
        whole = int(days)
        self._days += whole
        self._micros += (days - whole) * MICROS_PER_DAY

    def add_clock(self, text: str) -> None:
        sign = -1 if text.startswith("-") else 1
        parts = text.lstrip("+-").split(":")
        seconds = Fraction(parts[2]) if len(parts) > 2 else Fraction(0)
        micros = int(parts[0]) * MICROS_PER_HOUR + int(parts[1]) * 60 * MICROS_PER_SECOND + seconds * MICROS_PER_SECOND
        self._micros += sign * micros

    def span(self) -> Span:
        return self._months, self._days, round(self._micros)


def format_interval(span: Span) -> str:
    """As Postgres prints it with its default style: `1 year 2 mons -3 days +04:05:06.7`."""
    months, days, micros = span
    years, months = int(months / 12), months - 12 * int(months / 12)
    parts: list[str] = []
    negative_before = False
    for amount, unit in ((years, "year"), (months, "mon"), (days, "day")):
        if amount:
            sign = "+" if negative_before and amount > 0 else ""
            parts.append(f"{sign}{amount} {unit}{'' if amount == 1 else 's'}")
            negative_before = amount < 0
    if micros or not parts:
        sign = "-" if micros < 0 else "+" if negative_before else ""
        parts.append(sign + format_clock(abs(micros)))
    return " ".join(parts)


def format_clock(micros: int) -> str:
    """`04:05:06.7` for a number of microseconds that is not negative."""
    seconds, rest = divmod(micros, MICROS_PER_SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"


def comparable(span: Span) -> int:
    """Microseconds with months of 30 days: what Postgres compares intervals by."""
    return (span[0] * DAYS_PER_MONTH + span[1]) * MICROS_PER_DAY + span[2]
