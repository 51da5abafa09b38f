"""Values from a list: constants, enum labels, allow lists with weights, counters."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa

from app.generator.domain import Value
from app.generator.keys import Rows
from app.generator.spelling import Column, Gathered, spell
from app.generator.values.generator import MAX_CAPACITY, Generator, Indexed, Siblings, lazily, pick
from app.generator.values.moments import parse_clock, parse_day, parse_moment
from app.generator.values.shares import Weights
from app.generator.values.strings import gather, number

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MIXED_SHARE, _MIXED_SHARE_LATER = 200_000, 600_000


class Listed(Indexed):
    """One of a few values, by weight where there are weights."""

    def __init__(self, values: pa.Array, weights: Sequence[int | Fraction] | None = None) -> None:
        self.arrow_type = values.type
        self._values = values
        found = Weights.of(weights) if weights is not None else None
        self._weights = found if weights is not None and len(set(weights)) > 1 else None
        self.capacity = self.block = len(values)
        if pa.types.is_string(values.type):
            lengths = [len(text) for text in values.to_pylist() if text is not None]
            self.longest, self.shortest = max(lengths, default=0), min(lengths, default=0)

    def at(self, index: Rows) -> pa.Array:
        """The value number `index` of the list."""
        return gather(self._values, index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """By weight at first; when refused, any."""
        return self.at(self._places(key, rows, salt))

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Column:
        """The drawn texts by their places in the list."""
        if not pa.types.is_string(self._values.type) or self._values.null_count:
            return self.at(self._places(key, rows, salt))
        weighted = self._weights is not None and salt == 0
        places = self._places(key, rows, salt) if weighted else lazily(key, rows, salt, self.capacity)
        return spell(Gathered(self._values, places), length=len(rows))

    def _places(self, key: int, rows: Rows, salt: int) -> Rows:
        if self._weights is not None and salt == 0:
            return self._weights.draw(key, rows, salt)
        return pick(key, rows, salt, self.capacity)


class Constant(Listed):
    """The same value in every row."""

    def __init__(self, value: pa.Array) -> None:
        super().__init__(value.slice(0, 1))


class Counter(Indexed):
    """start, start + step, ...: the row's number decides, so that the values are distinct without any effort."""

    block = 1

    def __init__(self, arrow_type: pa.DataType, start: int, step: int, capacity: int) -> None:
        self.arrow_type = arrow_type
        self._start, self._step = start, step
        self.capacity = max(1, min(capacity, MAX_CAPACITY))

    def at(self, index: Rows) -> pa.Array:
        """start + index * step."""
        values = self._start + index * self._step
        if pa.types.is_string(self.arrow_type):
            return number(values)
        if pa.types.is_integer(self.arrow_type):
            return pa.array(values.astype(self.arrow_type.to_pandas_dtype(), copy=False))
        made = pa.array(values)
        if pa.types.is_decimal(self.arrow_type):
            # A whole number becomes one of the most digits first: of fewer than its type could have, it is none at all.
            made = made.cast(pa.decimal128(38, self.arrow_type.scale))
        return made.cast(self.arrow_type)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """By the row's number; past the end it starts again."""
        return self.at(rows % self.capacity)


class Mixed:
    """Another generator with some values strewn in: those that a rule between columns compares with.

    Not `first`: only where a first draw was refused.
    """

    def __init__(self, inner: Generator, values: pa.Array, *, first: bool = True) -> None:
        self.inner = inner
        self._first = first
        self._values = values
        self.arrow_type = inner.arrow_type
        self.needs = inner.needs
        self.capacity, self.block = inner.capacity, inner.block

    def at(self, index: Rows) -> pa.Array:
        """The inner values: distinctness leaves nothing to strew."""
        return self.inner.at(index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Some rows get a strewn value, more of them in later attempts."""
        drawn = self.inner.draw(key, rows, siblings, salt)
        if salt == 0 and not self._first:
            return drawn
        share = _MIXED_SHARE if salt == 0 else _MIXED_SHARE_LATER
        strewn = pick(key, rows, salt, 1_000_000, 14) < share
        chosen = gather(self._values, pick(key, rows, salt, len(self._values), 15))
        return pa.compute.if_else(pa.array(strewn), chosen, drawn)


def literal_array(values: Sequence[Value], arrow_type: pa.DataType) -> pa.Array:
    """Literals in a domain's form as an array of the column's type; what does not fit the type is left out."""
    found = [_literal(value, arrow_type) for value in values]
    return pa.array([value for value in found if value is not None], arrow_type)


def _literal(value: Value, arrow_type: pa.DataType) -> object:
    if pa.types.is_list(arrow_type):
        return None  # lists have no form of their own among the literals
    if pa.types.is_string(arrow_type):
        return ("true" if value else "false") if isinstance(value, bool) else str(value)
    if pa.types.is_boolean(arrow_type):
        return value if isinstance(value, bool) else None
    if pa.types.is_binary(arrow_type):
        text = str(value)
        return bytes.fromhex(text[2:]) if text.startswith("\\x") else text.encode()
    if pa.types.is_temporal(arrow_type):
        return _moment(value, arrow_type)
    if isinstance(value, str):
        return None
    if pa.types.is_integer(arrow_type):
        return int(value) if Decimal(value) == int(value) and _fits(int(value), arrow_type) else None
    if pa.types.is_floating(arrow_type):
        return float(value)
    exponent = Decimal(1).scaleb(-arrow_type.scale)
    rounded = Decimal(value).quantize(exponent)
    return rounded if rounded == Decimal(value) else None


def _fits(value: int, arrow_type: pa.DataType) -> bool:
    limits = np.iinfo(arrow_type.to_pandas_dtype())
    return int(limits.min) <= value <= int(limits.max)


def _moment(value: Value, arrow_type: pa.DataType) -> object:
    if pa.types.is_date(arrow_type):
        day = parse_day(value)
        return None if day is None else date(1970, 1, 1) + timedelta(days=day)
    if pa.types.is_time(arrow_type):
        found = parse_clock(value)
        return None if found is None else (_EPOCH + timedelta(microseconds=found)).time()
    moment = parse_moment(value)
    if moment is None:
        return None
    instant = _EPOCH + timedelta(microseconds=moment)
    return instant if arrow_type.tz is not None else instant.replace(tzinfo=None)
