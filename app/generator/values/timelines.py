"""Time stamps of one row in causal order: created before updated, shipped before delivered, ended after started."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, family, invalid
from app.generator.values.generator import WIDE_FROM_ATTEMPT, Drawn, Generator, Siblings, pick, word
from app.generator.values.kinds import INTEGER_LIMITS
from app.generator.values.moment_defaults import default_moments, moment_generator
from app.generator.values.moments import (
    FIRST_DAY,
    MICROSECONDS_PER_DAY,
    MICROSECONDS_PER_SECOND,
    SECONDS_PER_DAY,
    Dates,
    Timestamps,
    moment_number,
    parse_moment,
)
from app.generator.values.number_defaults import NumberRange, number_generator
from app.generator.values.numbers import Spanned
from app.generator.values.series import Pattern, series_shares
from app.generator.values.strings import strings

# The option, common to all generators, by which another column of the row says whether there is a value.
WHEN = "when"
# From this attempt on a delay may be longer than is natural.
_PATIENT = 2
_LONGEST = 3653 * MICROSECONDS_PER_DAY


def microseconds(array: pa.Array) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Dates and time stamps as microseconds since 1970, and which of them are not null."""
    whole = not array.null_count
    valid = np.ones(len(array), np.bool_) if whole else pc.is_valid(array).to_numpy(zero_copy_only=False)
    if pa.types.is_date(array.type):
        known = array.cast(pa.int32()) if whole else pc.fill_null(array.cast(pa.int32()), 0)
        days = known.to_numpy(zero_copy_only=False).astype(np.int64)
        days *= MICROSECONDS_PER_DAY
        return days, valid
    if pa.types.is_timestamp(array.type):
        return pc.fill_null(array.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), valid
    if pa.types.is_integer(array.type):
        seconds = pc.fill_null(array.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        return seconds * MICROSECONDS_PER_SECOND, valid
    if pa.types.is_string(array.type):
        return _written(array)
    return np.zeros(len(array), np.int64), np.zeros(len(array), np.bool_)


def _written(array: pa.Array) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Texts of moments, 2025-03-31 or 2025-03-31 08:15:00, as microseconds, and which of them are that."""
    texts = pc.utf8_trim_whitespace(array)
    days = pc.equal(pc.utf8_length(texts), len("2025-03-31"))
    whole = pc.if_else(days, pc.binary_join_element_wise(texts, "00:00:00", " "), texts)
    found = pc.strptime(whole, format="%Y-%m-%d %H:%M:%S", unit="us", error_is_null=True)
    return microseconds(found)


class Later(Drawn):
    """A moment after those of sibling columns, by `least` to `most` microseconds; null where the status says so.

    Unless `future`, it is not after the reference. Where no sibling holds a moment, one is drawn. The column's own
    bounds clip the result.
    """

    def __init__(
        self,
        base: Generator,
        after: tuple[str, ...],
        span: tuple[int, int],
        *,
        before: bool,
        latest: int | None,
        bounds: tuple[int, int],
        step: int,
        when: "When | None",
        shares: Any = None,
    ) -> None:
        self.arrow_type = base.arrow_type
        self.needs = (*after, *((when.column,) if when and when.column not in after else ()))
        self._base, self._after, self._span = base, after, span
        self._before, self._latest, self._bounds, self._step = before, latest, bounds, step
        self._when, self._shares = when, shares

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The moments, in the column's own precision."""
        values, known = self._moments(key, rows, siblings, salt)
        numbers = self._render(values)
        if not known.all():
            numbers = pc.if_else(pa.array(known), numbers, self._base.draw(key, rows, {}, salt))
        if self._when is None:
            return numbers
        return self._when.hide(numbers, siblings)

    def _moments(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> tuple[Rows, npt.NDArray[np.bool_]]:
        start = np.zeros(len(rows), np.int64)
        known = np.zeros(len(rows), np.bool_)
        for name in self._after:
            if name not in siblings:
                continue
            found, valid = microseconds(siblings[name])
            if not known.any():
                start, known = found, valid
                continue
            better = valid & (~known | ((found < start) if self._before else (found > start)))
            start = np.where(better, found, start)
            known = known | valid
        least, most = self._span
        if salt >= _PATIENT:
            # What was refused may want longer: up to ten times, then any time within ten years.
            most = max(most, min(most * 10, _LONGEST) if salt < WIDE_FROM_ATTEMPT else _LONGEST)
        room: Rows | np.int64
        least_here: Rows | np.int64
        if self._latest is not None and not self._before:
            room = np.clip(self._latest - start, 0, most)
            least_here = np.minimum(least, room)
        else:
            room, least_here = np.int64(most), np.int64(least)
        # Short delays are more likely than long ones: the product of two uniform draws.
        first = (word(key, rows, salt) >> np.uint64(44)).astype(np.int64)
        second = (word(key, rows, salt, 1) >> np.uint64(44)).astype(np.int64)
        share = first * second >> 20 if salt < WIDE_FROM_ATTEMPT else first
        more = room - least_here
        delta = (more >> 20) * share
        delta += (more & (1 << 20) - 1) * share >> 20
        delta += least_here
        values = np.clip(start - delta if self._before else start + delta, *self._bounds)
        return values if known.all() else np.where(known, values, 0), known

    def _render(self, values: Rows) -> pa.Array:
        if pa.types.is_date(self.arrow_type):
            # Unsigned from the first day on: twice as fast as the division that rounds down.
            since = (values - FIRST_DAY * MICROSECONDS_PER_DAY).view(np.uint64)
            days = (since // np.uint64(MICROSECONDS_PER_DAY)).view(np.int64) + FIRST_DAY
            return pa.array(days.astype(np.int32)).view(pa.date32())
        if pa.types.is_timestamp(self.arrow_type):
            # A quarter of an hour that has begun before what it follows is not after it.
            late = self._step - 1 if self._step > MICROSECONDS_PER_SECOND and not self._before else 0
            return pa.array((values + late) // self._step * self._step).view(self.arrow_type)
        return pa.array((values // MICROSECONDS_PER_SECOND).astype(self.arrow_type.to_pandas_dtype()))


class InYear(Drawn):
    """A moment in the year that another column of the row says."""

    def __init__(self, base: Spanned, year: str, bounds: tuple[int, int]) -> None:
        self.arrow_type = base.arrow_type
        self.needs = (year,)
        self._base, self._year, self._bounds = base, year, bounds

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Any moment of the year, within the column's bounds; one of the column's own where there is no year."""
        own = self._base.draw(key, rows, {}, salt)
        years = siblings.get(self._year)
        if years is None or not pa.types.is_integer(years.type):
            return own
        valid = pc.is_valid(years).to_numpy(zero_copy_only=False)
        numbers = pc.fill_null(years, 2000).to_numpy(zero_copy_only=False).astype(np.int64)
        known = valid & (numbers > 1) & (numbers < 9999)
        firsts = (
            (np.where(known, numbers, 2000) - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
        )
        day = firsts + pick(key, rows, salt, 365)
        low, high = self._bounds
        if pa.types.is_date(self.arrow_type):
            found = self._base.render(np.clip(day, low, high))
        else:
            moment = day * MICROSECONDS_PER_DAY + pick(key, rows, salt, SECONDS_PER_DAY, 1) * MICROSECONDS_PER_SECOND
            found = self._base.render(np.clip(moment, low, high))
        return found if known.all() else pc.if_else(pa.array(known), found, own)


class When:
    """A rule by which another column says whether this one has a value; `unless` it is so, where `negated`."""

    def __init__(self, column: str, words: Sequence[str], *, negated: bool = False) -> None:
        self.column = column
        self._words = strings([plain_state(w) for w in words])
        self._negated = negated

    def holds(self, siblings: Siblings) -> pa.Array | None:
        """Where the status is one of the words, or the flag is set; None where there is no such column."""
        status = siblings.get(self.column)
        if status is None:
            return None
        if pa.types.is_boolean(status.type):
            found = pc.fill_null(status, self._negated)
        elif pa.types.is_string(status.type):
            # "In Transit", "in-transit" and "in_transit" are one state.
            found = pc.is_in(pc.replace_substring_regex(pc.utf8_lower(status), "[ -]", "_"), self._words)
        elif not len(self._words):
            found = pc.is_valid(status)  # an amount beside the moment that it was paid at
        else:
            return None
        return pc.invert(found) if self._negated else found

    def hide(self, values: pa.Array, siblings: Siblings) -> pa.Array:
        """The values, null in rows where the rule does not hold."""
        shown = self.holds(siblings)
        return values if shown is None else pc.if_else(shown, values, pa.scalar(None, values.type))


def plain_state(word: str) -> str:
    """A state as it is compared: "In Transit", "in-transit" and "in_transit" are one."""
    return word.lower().replace(" ", "_").replace("-", "_")


class Conditional:
    """Another generator's values, null where another column says that there are none yet."""

    capacity: None = None
    block: None = None

    def __init__(self, inner: Generator, when: When) -> None:
        self._inner, self._when = inner, when
        self.arrow_type = inner.arrow_type
        self.needs = (*inner.needs, *(() if when.column in inner.needs else (when.column,)))

    def at(self, index: Rows) -> pa.Array:
        """Never to be called: nulls cannot be counted."""
        raise TypeError("conditional values are not numbered")

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The inner values, hidden where the rule says so."""
        return self._when.hide(self._inner.draw(key, rows, siblings, salt), siblings)


def read_when(context: ColumnContext, options: Mapping[str, Any]) -> When | None:
    """The option `when`. Raises OptionInvalid."""
    rule = options.get(WHEN)
    if rule is None:
        return None
    if not isinstance(rule, Mapping) or set(rule) - {"column", "words", "not"} or "column" not in rule:
        raise invalid("when: must be {column, words}")
    if rule["column"] not in context.siblings:
        raise invalid(f"when: {rule['column']!r} is no other column of {context.table}")
    return When(str(rule["column"]), [str(w) for w in rule.get("words", ())], negated=bool(rule.get("not")))


def _when(context: ColumnContext, options: Mapping[str, Any]) -> When | None:
    found = read_when(context, options)
    return found if context.column.nullable and context.domain.nullable else None


def _bound(value: Any, otherwise: int) -> int:
    found = parse_moment(value) if value is not None else None
    return otherwise if found is None else found


def _natural(context: ColumnContext, options: Mapping[str, Any]) -> tuple[int, int]:
    low, high = default_moments(context)
    day = timedelta(days=1)
    if "days_ago" in options:
        low = moment_number(context.reference - day * int(options["days_ago"]))
    if "days_ahead" in options:
        if "days_ago" not in options:
            low = moment_number(context.reference)
        high = moment_number(context.reference + day * int(options["days_ahead"]))
    elif "until_days_ago" in options:
        high = moment_number(context.reference - day * int(options["until_days_ago"]))
    width = high - low
    low, high = _bound(options.get("min"), low), _bound(options.get("max"), high)
    if low > high and "min" not in options:  # a bound that stands alone takes the span with it
        low = high - width
    elif low > high and "max" not in options:
        high = low + width
    if low > high:
        raise invalid("timestamp: min is after max")
    return low, high


def _moments(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    low, high = _natural(context, options)
    when = _when(context, options)
    found = _free_moments(context, options, low, high)
    if "year_of" in options and isinstance(found, Dates | Timestamps):
        bounds = (found.span.low, found.span.high)
        year = InYear(found, str(options["year_of"]), bounds)
        return year if when is None else Conditional(year, when)
    return found if when is None else Conditional(found, when)


def _free_moments(context: ColumnContext, options: Mapping[str, Any], low: int, high: int) -> Generator:
    step = _step(options)
    name = context.type.name
    if name in INTEGER_LIMITS and family(context) == "number":
        second = MICROSECONDS_PER_SECOND
        if name not in ("int8", "xid8") and high // second > INTEGER_LIMITS[name][1]:
            raise invalid(f"{name} cannot count the seconds since 1970")
        return number_generator(context, NumberRange(Decimal(low // second), Decimal(high // second)))
    pattern = options.get("pattern")
    shares = series_shares(Pattern.read(pattern), low, high, whole_days=name == "date") if pattern else None
    if name not in ("date", "timestamp", "timestamptz"):
        raise invalid(f"{name} is not a type of moments")
    return moment_generator(context, low, high, shares, step)


def _step(options: Mapping[str, Any]) -> int:
    words = {"microsecond": 1, "millisecond": 1000, "second": MICROSECONDS_PER_SECOND,
             "minute": 60 * MICROSECONDS_PER_SECOND, "quarter_hour": 900 * MICROSECONDS_PER_SECOND,
             "hour": 3600 * MICROSECONDS_PER_SECOND, "day": MICROSECONDS_PER_DAY}  # fmt: skip
    return words[str(options.get("precision", "microsecond"))]


def _later(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    after = tuple(str(name) for name in options["of"])
    least, most = int(options.get("min_seconds", 0)), int(options.get("max_seconds", 90 * SECONDS_PER_DAY))
    if least > most:
        raise invalid("min_seconds is more than max_seconds")
    future, before = bool(options.get("future")), bool(options.get("before"))
    reference = moment_number(context.reference)
    own = {k: v for k, v in options.items() if k in ("days_ago", "days_ahead", "until_days_ago", "min", "max")}
    low, high = _natural(context, own)
    base = _free_moments(context, options, low, high)
    assert isinstance(base, Spanned)
    unit = MICROSECONDS_PER_SECOND
    step = max(base.span.step, _step(options))
    bounds = (base.span.low, base.span.high)
    if pa.types.is_date(base.arrow_type):
        unit_us = MICROSECONDS_PER_DAY
        bounds = (bounds[0] * unit_us, bounds[1] * unit_us)
    elif pa.types.is_integer(base.arrow_type):
        bounds = (bounds[0] * unit, bounds[1] * unit)
    if "min" in options:
        bounds = (min(max(bounds[0], low), bounds[1]), bounds[1])
    # A bound that was asked for shortens delays instead of cutting them off: few rows end up right at it.
    ends = ([] if future else [reference]) + ([high] if "max" in options else [])
    return Later(
        base,
        after,
        (least * unit, most * unit),
        before=before,
        latest=min(ends, default=None),
        bounds=bounds,
        step=step if pa.types.is_timestamp(base.arrow_type) else 1,
        when=_when(context, options),
    )


_RANGE_OPTIONS = {
    "min": Option("moment", "not before"),
    "max": Option("moment", "not after"),
    "days_ago": Option("integer", "at most so many days before the reference"),
    "until_days_ago": Option("integer", "at least so many days before the reference"),
    "days_ahead": Option("integer", "up to so many days after the reference"),
    "precision": Option(
        "string",
        "the coarsest unit",
        False,
        ("microsecond", "millisecond", "second", "minute", "quarter_hour", "hour", "day"),
    ),
    "when": Option("any", "{column, words, not}: null unless the other column has one of the words, or is true"),
}

ENTRIES = (
    Entry(
        "timestamp",
        "A moment: by default of the three years before the reference; `pattern` makes a time series",
        ("moment", "number"),
        _moments,
        {
            **_RANGE_OPTIONS,
            "pattern": Option("any", Pattern.ABOUT),
            "year_of": Option("column", "a column with the year that it is in"),
        },
        {"min": "2025-01-01", "max": "2025-12-31", "pattern": {"weekly": True, "growth": 0.5}},
    ),
    Entry(
        "later",
        "A moment after those of other columns, not beyond the reference unless `future`",
        ("moment", "number"),
        _later,
        {
            **_RANGE_OPTIONS,
            "of": Option("columns", "the columns that it follows", True),
            "min_seconds": Option("integer", "by at least"),
            "max_seconds": Option("integer", "by at most"),
            "future": Option("boolean", "may lie after the reference"),
            "before": Option("boolean", "before them instead of after"),
        },
        {"of": ["created_at"], "max_seconds": 86400},
    ),
)
