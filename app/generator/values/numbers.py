"""Numbers: integers, decimals, floats, booleans, and money as text."""

from decimal import Decimal

import numpy as np
import pyarrow as pa

from app.generator.keys import Rows
from app.generator.spelling import Column, Counted
from app.generator.values.generator import WIDE_FROM_ATTEMPT, Indexed, Siblings
from app.generator.values.shares import Distribution, Shares
from app.generator.values.spans import Span
from app.generator.values.strings import fixed_point, gather, join, number, strings


class Spanned(Indexed):
    """Values that are numbers of a span underneath; `shares` is an uneven distribution over the natural ones."""

    def __init__(self, span: Span, arrow_type: pa.DataType, shares: Distribution | None = None) -> None:
        self.span = span
        self.arrow_type = arrow_type
        self.capacity = span.count
        self.block = span.natural_count
        self.shares = shares

    def at(self, index: Rows) -> pa.Array:
        """The numbers at `index`, in the column's form."""
        return self.render(self.span.at(index))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Natural numbers by the distribution, some from around the cuts."""
        return self.render(self.numbers(key, rows, salt))

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Column:
        """The draw itself, where it is an even one of types that are written without being made."""
        even = self.shares is None and not self.span.cuts and type(self).numbers is Spanned.numbers
        if even and self._plain:
            found = self.span.lazily(key, rows, salt)
            if found is not None:
                return Counted(found, self.arrow_type, self.render)
        return self.draw(key, rows, siblings, salt)

    @property
    def _plain(self) -> bool:
        """Whether a number of the span is what Arrow holds."""
        kind = self.arrow_type
        moment = pa.types.is_timestamp(kind) and kind.unit == "us"
        return bool(pa.types.is_signed_integer(kind) or pa.types.is_date32(kind) or moment)

    def numbers(self, key: int, rows: Rows, salt: int) -> Rows:
        """The drawn numbers of the span before they get their form."""
        if self.shares is not None and salt < WIDE_FROM_ATTEMPT // 2:
            return self.span.natural_at(self.shares.draw(key, rows, salt, self.block))
        return self.span.draw(key, rows, salt, wide=salt >= WIDE_FROM_ATTEMPT)

    def render(self, numbers: Rows) -> pa.Array:
        """The numbers as values of the column."""
        raise NotImplementedError


class Integers(Spanned):
    """int2, int4, int8 and the unsigned counters that travel as int64."""

    def render(self, numbers: Rows) -> pa.Array:
        """The numbers in the width of the column."""
        return pa.array(numbers.astype(self.arrow_type.to_pandas_dtype(), copy=False))


class Decimals(Spanned):
    """numeric: the span counts units of 10^-scale above `base` (a number of units, of any size)."""

    def __init__(
        self, span: Span, arrow_type: pa.DataType, scale: int, shares: Distribution | None = None, base: int = 0
    ) -> None:
        super().__init__(span, arrow_type, shares)
        self.scale = scale
        self.base = base

    @property
    def _plain(self) -> bool:
        kind = self.arrow_type
        return bool(pa.types.is_decimal128(kind) and kind.scale == self.scale and self.base == 0)

    def render(self, numbers: Rows) -> pa.Array:
        """Decimals of the column's precision; text where it is more than Arrow holds."""
        if pa.types.is_string(self.arrow_type):
            return self._text(numbers)
        factor = 10 ** (self.arrow_type.scale - self.scale)
        return decimals(numbers, factor, self.base * factor, self.arrow_type)

    def _text(self, numbers: Rows) -> pa.Array:
        if self.scale >= 0:
            return fixed_point(numbers, self.scale)
        zero = gather(strings(("0" * -self.scale, "")), (numbers == 0).astype(np.int64))
        return join(number(numbers), zero)


def decimals(numbers: Rows, factor: int, base: int, arrow_type: pa.DataType) -> pa.Array:
    """base + numbers * factor as 128-bit decimals, in two halves since numpy stops at 64 bits."""
    words = np.empty((len(numbers), 2), np.int64)
    if factor == 1 and base == 0:
        words[:, 0] = numbers
        np.right_shift(numbers, 63, out=words[:, 1])
    else:
        low, high = _multiply(numbers, factor)
        base_low = np.uint64(base & 0xFFFFFFFFFFFFFFFF)
        total = low + base_low
        words[:, 0] = total.view(np.int64)
        words[:, 1] = high + np.int64(base >> 64) + (total < low)
    return pa.Array.from_buffers(arrow_type, len(numbers), [None, pa.py_buffer(words)])


def _multiply(numbers: Rows, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """The signed 128-bit product, as (unsigned low half, signed high half); the factor is below 2^64."""
    if not 0 < factor < 1 << 64:
        raise ValueError("the factor does not fit")
    negative = numbers < 0
    magnitude = np.abs(numbers).view(np.uint64)
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    a1, a0 = magnitude >> shift, magnitude & mask
    b1, b0 = np.uint64(factor >> 32), np.uint64(factor & 0xFFFFFFFF)
    middle = a1 * b0 + (a0 * b0 >> shift)
    carry = a0 * b1 + (middle & mask)
    low = magnitude * np.uint64(factor)
    high = (a1 * b1 + (middle >> shift) + (carry >> shift)).view(np.int64)
    # Two's complement: invert and add one, the carry reaching the high half only when the low half is zero.
    low = np.where(negative, ~low + np.uint64(1), low)
    high = np.where(negative, ~high + (low == 0), high)
    return low, high


class Floats(Spanned):
    """float4 and float8, as whole units divided by a power of ten: exact division, the same on every machine."""

    def __init__(self, span: Span, arrow_type: pa.DataType, scale: int, shares: Distribution | None = None) -> None:
        super().__init__(span, arrow_type, shares)
        self.scale = scale
        self._divisor = float(Decimal(10) ** scale)

    def render(self, numbers: Rows) -> pa.Array:
        """The nearest floats to the decimal numbers."""
        quotients = numbers.astype(np.float64) / self._divisor
        return pa.array(quotients.astype(self.arrow_type.to_pandas_dtype(), copy=False))


class Money(Spanned):
    """money, as text with two digits after the point, which every lc_monetary with two reads the same."""

    def __init__(self, span: Span, shares: Distribution | None = None) -> None:
        super().__init__(span, pa.string(), shares)

    def render(self, numbers: Rows) -> pa.Array:
        """Amounts such as 12.34."""
        return fixed_point(numbers, 2)


class Booleans(Indexed):
    """false and true; `true_share` of a million draws are true."""

    arrow_type = pa.bool_()

    def __init__(self, allowed: tuple[bool, ...] = (False, True), true_share: int = 500_000) -> None:
        self._allowed = np.array(allowed, np.bool_)
        self.capacity = self.block = len(allowed)
        self._true_share = true_share

    def at(self, index: Rows) -> pa.Array:
        """The allowed values in their order."""
        return pa.array(self._allowed[index])

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """True with the given share, where both are allowed."""
        if self.capacity < 2:
            return self.at(np.zeros(len(rows), np.int64))
        share = self._true_share if salt == 0 else 500_000
        return pa.array(Shares.threshold(key, rows, salt, share))
