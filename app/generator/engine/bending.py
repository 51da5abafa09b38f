"""Values for rows that were refused several times: smaller, or closer to each other, than they would come naturally.

`ends_at <= starts_at + interval '2 hours'` or `a + b + c <= 100` hold for few independent draws. From the fourth
attempt on, numbers shrink towards their lower bound and ordered columns move together, by a random power of two: so
that whatever scale a check asks for comes up soon.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.domain import Domain
from app.generator.keys import Rows, bounded, draw

BEND_FROM_ATTEMPT = 4
_MAX_SHIFT = 40
_INT64_DIGITS = 18
_LAST_MICROSECOND = 86_399_999_999
# How many powers of two a step of the type may span: 90 years in days, 70 in microseconds, a million.
_SPANS = {"date": 15, "moment": 51, "number": 20}


@dataclass(frozen=True, slots=True)
class Bend:
    """How one column may be bent: between `low` and `high` in whole units of its type, None for open ends."""

    kind: str
    low: int | None
    high: int | None
    key: int

    def clip(self, numbers: Rows) -> Rows:
        """The numbers brought within the bounds."""
        if self.low is None and self.high is None:
            return numbers
        return np.clip(numbers, self.low, self.high)


def bend_of(kind: pa.DataType, domain: Domain, key: int) -> Bend | None:
    """How a column of this type and domain may be bent; None where only its generator knows what is allowed."""
    restricted = domain.values is not None or domain.multiple_of is not None or domain.patterns or domain.excluded
    family = unit_family(kind)
    if restricted or family is None:
        return None
    low, high = _limits(kind)
    lows = [bound for bound in (_unit(domain.low, kind), low) if bound is not None]
    highs = [bound for bound in (_unit(domain.high, kind), high) if bound is not None]
    return Bend(family, max(lows, default=None), min(highs, default=None), key)


def _limits(kind: pa.DataType) -> tuple[int | None, int | None]:
    """What the type itself holds, where moving could leave it: a day's time, a number of so many digits.

    No low end for numbers: they shrink towards it.
    """
    if pa.types.is_time64(kind):
        return 0, _LAST_MICROSECOND
    return None, 10**kind.precision - 1 if pa.types.is_decimal(kind) else None


def shrink(values: pa.Array, bend: Bend, rows: Rows, salt: int) -> pa.Array:
    """Numbers at a random fraction of their distance from the lower bound, or from 0; other kinds as they are."""
    if bend.kind != "number":
        return values
    numbers = to_units(values)
    if bend.low is None and salt % 2:
        numbers = np.abs(numbers)  # shares and lengths are rarely negative, whether or not a bound says so
    anchor = bend.low if bend.low is not None else 0
    shift = bounded(draw(bend.key, rows, salt), _MAX_SHIFT)
    # Half of the rows stay as drawn: not every refusal is about size.
    shift = np.where(draw(bend.key, rows, salt + 1) >> np.uint64(63), shift, 0)
    return from_units(bend.clip(anchor + ((numbers - anchor) >> shift)), values)


def approach(low: pa.Array, high: pa.Array, bend: Bend, rows: Rows, salt: int, *, side: int = 1) -> pa.Array:
    """`high` at a random distance above `low`, for three rows in four; with `side` -1 below it."""
    words = draw(bend.key, rows, salt + 2)
    bits = bounded(draw(bend.key, rows, salt + 3), _SPANS[bend.kind]).astype(np.uint64)
    distance = (words & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64) + 1
    near = bend.clip(to_units(low) + side * distance)
    moved = from_units(near, high)
    stays = pa.array((words >> np.uint64(62)) == 0)
    known = pc.and_(pc.is_valid(low), pc.is_valid(high))
    return pc.if_else(pc.and_(known, pc.invert(stays)), moved, high)


def unit_family(kind: pa.DataType) -> str | None:
    """Whether values of the type can be had in whole units, as `date`, `moment` or `number`; None where not."""
    if pa.types.is_date32(kind):
        return "date"
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        return "moment"
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.precision <= _INT64_DIGITS):
        return "number"
    return None


def to_units(values: pa.Array) -> Rows:
    """Days, microseconds, or the number without its point; 0 for NULL."""
    kind = values.type
    if pa.types.is_decimal(kind):
        # 16 bytes, little-endian: of at most 18 digits the lower half is the whole number.
        halves = np.frombuffer(values.buffers()[1], np.int64)[2 * values.offset : 2 * (values.offset + len(values))]
        return np.where(np.asarray(values.is_valid()), halves[::2], 0)
    if pa.types.is_date32(kind):
        values = values.view(pa.int32())
    elif not pa.types.is_integer(kind):
        values = values.view(pa.int64())
    return np.asarray(pc.fill_null(values, 0)).astype(np.int64)


def from_units(numbers: Rows, like: pa.Array) -> pa.Array:
    """The inverse of `to_units`, NULL where `like` is."""
    kind = like.type
    if pa.types.is_decimal(kind):
        halves = np.empty(2 * numbers.size, np.int64)
        halves[::2], halves[1::2] = numbers, numbers >> 63
        made = pa.Array.from_buffers(kind, numbers.size, [None, pa.py_buffer(halves)])
    elif pa.types.is_date32(kind):
        made = pa.array(numbers.astype(np.int32)).view(kind)
    elif pa.types.is_integer(kind):
        info = np.iinfo(kind.to_pandas_dtype())
        made = pa.array(np.clip(numbers, info.min, info.max)).cast(kind)
    else:
        made = pa.array(numbers).view(kind)
    return pc.if_else(pc.is_valid(like), made, pa.scalar(None, kind))


def _unit(bound: object, kind: pa.DataType) -> int | None:
    """A domain's bound in whole units of the type."""
    if bound is None:
        return None
    if isinstance(bound, str):
        return _moment(bound, kind)
    scale = kind.scale if pa.types.is_decimal(kind) else 0
    return int(Decimal(str(bound)) * 10**scale)


def _moment(text: str, kind: pa.DataType) -> int | None:
    try:
        if pa.types.is_date32(kind):
            return (date.fromisoformat(text[:10]) - date(1970, 1, 1)).days
        if pa.types.is_time64(kind):
            at = time.fromisoformat(text)
            return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    read = read.replace(tzinfo=None) if read.tzinfo is None else read - (read.utcoffset() or read - read)
    span = read.replace(tzinfo=None) - datetime(1970, 1, 1)  # noqa: DTZ001  # both sides are UTC without saying so
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
