"""Numbers with a meaning: prices, counts, shares of each other, sums and products of the row."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, invalid
from app.generator.values.generator import Drawn, Generator, Siblings, pick
from app.generator.values.number_defaults import NumberRange, default_number, number_generator
from app.generator.values.numbers import Booleans, Decimals, Floats, Money, Spanned
from app.generator.values.shares import distribution
from app.generator.values.timelines import Conditional, When, microseconds, read_when

# Products and sums are computed in units of 10^-6 held in 64 bits: enough for amounts up to nine billions.
_SCALE = 6
_UNIT = 10**_SCALE
_MOST = 9_000_000_000 * _UNIT

_Known = npt.NDArray[np.bool_]


def millionths(array: pa.Array) -> tuple[Rows, _Known]:
    """Numbers of any type in millionths, and which of them are not null."""
    valid = pc.is_valid(array).to_numpy(zero_copy_only=False)
    if pa.types.is_decimal(array.type):
        # The low half of a 128-bit decimal is the number, as long as it fits.
        words = np.frombuffer(array.buffers()[1], np.int64).reshape(-1, 2)[array.offset : array.offset + len(array), 0]
        scale = array.type.scale
        numbers = words * 10 ** (_SCALE - scale) if scale <= _SCALE else words // 10 ** (scale - _SCALE)
        return np.where(valid, numbers, 0), valid
    if pa.types.is_integer(array.type):
        numbers = pc.fill_null(array, 0).to_numpy(zero_copy_only=False).astype(np.int64)
        return np.clip(numbers, -9_000_000_000, 9_000_000_000) * _UNIT, valid
    if pa.types.is_floating(array.type):
        floats = pc.fill_null(array, 0).to_numpy(zero_copy_only=False).astype(np.float64)
        return np.rint(np.clip(floats, -9e9, 9e9) * _UNIT).astype(np.int64), valid
    if pa.types.is_string(array.type):  # money, and numerics too wide for Arrow
        return millionths(pc.cast(pc.fill_null(array, "0"), pa.decimal128(38, _SCALE)))[0], valid
    return np.zeros(len(array), np.int64), np.zeros(len(array), np.bool_)


class Derived(Drawn):
    """A number computed from the row's others, in the column's type; its own where one of them is null."""

    def __init__(self, base: Spanned, needs: tuple[str, ...]) -> None:
        self.arrow_type = base.arrow_type
        self.needs = self._parts = needs
        self._base = base
        scale = getattr(base, "scale", 0)
        if isinstance(base, Floats):
            scale = base.scale
        self._scale = 2 if isinstance(base, Money) else scale

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The computed numbers, within what the column may hold."""
        own = self._base.numbers(key, rows, salt)
        if any(name not in siblings for name in self._parts):
            return self._base.render(own)
        found, known = self.compute([self.read(siblings[name]) for name in self._parts], key, rows, salt)
        unit = 10 ** (_SCALE - self._scale) if self._scale <= _SCALE else 1
        # Rounded half up, as amounts are.
        units = (np.clip(found, -_MOST, _MOST) + unit // 2) // unit
        if self._scale > _SCALE:
            units = units * 10 ** (self._scale - _SCALE)
        span = self._base.span
        units = np.clip(units, span.low, span.high)
        if span.step > 1:
            units = units - (units - span.low) % span.step
        return self._base.render(np.where(known, units, own))

    def read(self, array: pa.Array) -> tuple[Rows, _Known]:
        """A sibling's values in millionths, and which are not null."""
        return millionths(array)

    def compute(self, parts: list[tuple[Rows, _Known]], key: int, rows: Rows, salt: int) -> tuple[Rows, _Known]:
        """The numbers in millionths, and where they are known."""
        raise NotImplementedError


class Products(Derived):
    """The product of the row's numbers, less amounts and less a percentage: quantity times unit price."""

    def __init__(
        self, base: Spanned, of: tuple[str, ...], minus: tuple[str, ...] = (), off: "Rate | None" = None
    ) -> None:
        super().__init__(base, (*of, *((off.column,) if off else ()), *minus))
        self._of, self._off = len(of), off

    def compute(self, parts: list[tuple[Rows, _Known]], key: int, rows: Rows, salt: int) -> tuple[Rows, _Known]:
        """What is taken away counts as nothing where it is null."""
        total, known = _product(parts[: self._of])
        left = parts[self._of :]
        if self._off is not None:
            total = total - _share(total, self._off.share(*left[0]))
            left = left[1:]
        for numbers, valid in left:
            total = total - np.where(valid, np.clip(numbers, -_MOST // 16, _MOST // 16), 0)
        return total, known


@dataclass(frozen=True, slots=True)
class Rate:
    """A column of percentages, or of fractions where its type has room for nothing else."""

    column: str
    is_fraction: bool

    def share(self, numbers: Rows, valid: _Known) -> Rows:
        """The rate in millionths of the whole; nothing where it is null."""
        return np.where(valid, numbers if self.is_fraction else numbers // 100, 0)


def _product(parts: list[tuple[Rows, _Known]]) -> tuple[Rows, _Known]:
    """Multiplied one by one; what outgrows the range stays at its end."""
    total, known = parts[0]
    for numbers, valid in parts[1:]:
        whole, rest = numbers // _UNIT, numbers % _UNIT
        # An estimate in floats tells where 64 bits would run over; the product itself is exact.
        large = np.abs(total.astype(np.float64)) * np.abs(numbers.astype(np.float64)) > float(_MOST) * _UNIT
        product = total * np.where(large, 0, whole) + _share(total, np.where(large, 0, rest))
        total = np.where(large, _MOST, product)
        known = known & valid
    return total, known


class Sums(Derived):
    """The sum of the row's numbers, those of `minus` taken away; nulls count as zero."""

    def __init__(self, base: Spanned, plus: tuple[str, ...], minus: tuple[str, ...]) -> None:
        super().__init__(base, plus + minus)
        self._plus = len(plus)

    def compute(self, parts: list[tuple[Rows, _Known]], key: int, rows: Rows, salt: int) -> tuple[Rows, _Known]:
        """Known where the first part is."""
        total = np.zeros(len(rows), np.int64)
        for place, (numbers, valid) in enumerate(parts):
            signed = np.where(valid, np.clip(numbers, -_MOST // 16, _MOST // 16), 0)
            total = total + signed if place < self._plus else total - signed
        return total, parts[0][1]


class SharesOf(Derived):
    """A part of another number of the row: tax, discount, fee; by a rate of the row's own or one of some rates."""

    def __init__(
        self,
        base: Spanned,
        of: tuple[str, ...],
        rates: tuple[int, ...],
        rate: Rate | None = None,
        when: When | None = None,
    ) -> None:
        super().__init__(base, (*of, *((rate.column,) if rate else ())))
        self._of, self._rate, self._when = len(of), rate, when
        self._rates = np.array(rates, np.int64)
        if when is not None:
            self.needs = (*self._parts, when.column)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The parts; nothing where the rule does not hold."""
        found = super().draw(key, rows, siblings, salt)
        holds = self._when.holds(siblings) if self._when is not None else None
        if holds is None:
            return found
        return pc.if_else(pc.fill_null(holds, False), found, self._base.render(np.zeros(len(rows), np.int64)))

    def compute(self, parts: list[tuple[Rows, _Known]], key: int, rows: Rows, salt: int) -> tuple[Rows, _Known]:
        """The row's own rate, or one of the rates for each row."""
        numbers, known = _product(parts[: self._of])
        if self._rate is not None:
            return _share(numbers, self._rate.share(*parts[-1])), known
        return _share(numbers, self._rates[pick(key, rows, salt, len(self._rates), 9)]), known


class Elapsed(Derived):
    """Whole units of time between two moments of the row."""

    def __init__(self, base: Spanned, start: str, end: str, unit: int) -> None:
        super().__init__(base, (start, end))
        self._unit_us = unit

    def read(self, array: pa.Array) -> tuple[Rows, _Known]:
        """Microseconds."""
        return microseconds(array)

    def compute(self, parts: list[tuple[Rows, _Known]], key: int, rows: Rows, salt: int) -> tuple[Rows, _Known]:
        """As many as have passed in full."""
        (start, known), (end, also) = parts
        units = np.where(known & also, end - start, 0) // self._unit_us
        return np.clip(units, -_MOST // _UNIT, _MOST // _UNIT) * _UNIT, known & also


def _share(numbers: Rows, millionths_of: Rows) -> Rows:
    """numbers * share / 10^6 without leaving 64 bits."""
    found: Rows = numbers // _UNIT * millionths_of + (numbers % _UNIT) * millionths_of // _UNIT
    return found


class Flags(Drawn):
    """A flag that says what another column of the row says: shipped beside a status."""

    arrow_type = pa.bool_()

    def __init__(self, inner: Booleans, when: When) -> None:
        self._inner, self._when = inner, when
        self.needs = (when.column,)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """True where the rule holds."""
        found = self._when.holds(siblings)
        return self._inner.draw(key, rows, siblings, salt) if found is None else pc.fill_null(found, False)


class Prices(Spanned):
    """Prices, most of which end in .99 or .50 where the column has cents."""

    def __init__(self, base: Spanned, cents: int) -> None:
        super().__init__(base.span, base.arrow_type, base.shares)
        self._inner, self._cents = base, cents

    def numbers(self, key: int, rows: Rows, salt: int) -> Rows:
        """The inner numbers, moved to a pretty ending where that stays within bounds."""
        numbers = self._inner.numbers(key, rows, salt)
        unit = self._cents * 100
        whole = numbers // unit * unit
        ending = np.array([99, 99, 99, 95, 50, 0], np.int64)[pick(key, rows, salt, 6, 8)] * self._cents
        pretty = whole + ending
        inside = (pretty >= self.span.low) & (pretty <= self.span.high) & (pick(key, rows, salt, 4, 9) != 0)
        return np.where(inside, pretty, numbers)

    def render(self, numbers: Rows) -> pa.Array:
        """In the column's type."""
        return self._inner.render(numbers)


def _range(context: ColumnContext, options: Mapping[str, Any]) -> NumberRange:
    default = default_number(context)
    wanted_low, wanted_high = (Decimal(str(options[name])) if name in options else None for name in ("min", "max"))
    low = wanted_low
    if low is None:
        low = default.low if wanted_high is None else min(default.low, wanted_high)
    high = wanted_high if wanted_high is not None else max(default.high, low)
    if low > high:
        raise invalid("number: min is more than max")
    decimals = options.get("decimals", default.decimals)
    shares = distribution(str(options.get("distribution", "uniform")), options.get("skew"))
    return NumberRange(low, high, int(decimals) if decimals is not None else None, shares)


def _numbers(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    found = number_generator(context, _range(context, options))
    when = read_when(context, options) if context.column.nullable and context.domain.nullable else None
    return found if when is None else Conditional(found, when)


def _prices(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    skewed = {"min": 1, "max": 500, "distribution": "skewed", **options}
    base = number_generator(context, _range(context, {**skewed, "decimals": options.get("decimals", 2)}))
    if not isinstance(base, Decimals | Money | Floats):
        return base
    scale = 2 if isinstance(base, Money) else base.scale
    pretty = scale >= 2 and base.span.step <= 10 ** (scale - 2) and not base.span.excluded and not base.span.cuts
    return Prices(base, 10 ** (scale - 2)) if pretty else base


def _base(context: ColumnContext, options: Mapping[str, Any]) -> Spanned:
    own = {k: v for k, v in options.items() if k in ("min", "max", "decimals")}
    found = number_generator(context, _range(context, own))
    if not isinstance(found, Spanned):
        raise invalid(f"{context.type.name} cannot be computed from others")
    return found


def _products(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    minus, off = tuple(options.get("minus", ())), options.get("off")
    return Products(_base(context, options), tuple(options["of"]), minus, _rate(context, off) if off else None)


def _rate(context: ColumnContext, column: str) -> Rate:
    modifiers = context.siblings[column].modifiers
    return Rate(column, len(modifiers) > 1 and modifiers[0] - modifiers[1] <= 1)


def _elapsed(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    unit = _TIMES[str(options.get("unit", "days"))]
    return Elapsed(_base(context, options), str(options["from"]), str(options["to"]), unit)


def _sums(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Sums(_base(context, options), tuple(options["plus"]), tuple(options.get("minus", ())))


def _shares_of(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    rates = tuple(int(Decimal(str(rate)) * 1_000_000) for rate in options.get("rates", (0.1,)))
    rate = _rate(context, str(options["rate"])) if "rate" in options else None
    of = (str(options["of"]), *options.get("times", ()))
    return SharesOf(_base(context, options), of, rates, rate, read_when(context, options))


def _booleans(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    share = Decimal(str(options.get("true", 0.5)))
    if not 0 <= share <= 1:
        raise invalid("boolean: true must be between 0 and 1")
    allowed = tuple(v for v in (False, True) if context.domain.permits(v))
    found = Booleans(allowed, int(share * 1_000_000))
    when = read_when(context, options)
    return found if when is None or len(allowed) < 2 else Flags(found, when)


_RANGE = {
    "min": Option("number", "at least"),
    "max": Option("number", "at most"),
    "decimals": Option("integer", "digits after the point"),
}
_DISTRIBUTION = {
    "distribution": Option(
        "string", "how values spread from min to max", False, ("uniform", "normal", "skewed", "zipf")
    ),
    "skew": Option("number", "the exponent of zipf (default 1)"),
}

_SECOND = 1_000_000
_TIMES = {
    "seconds": _SECOND,
    "minutes": 60 * _SECOND,
    "hours": 3_600 * _SECOND,
    "days": 86_400 * _SECOND,
    "weeks": 7 * 86_400 * _SECOND,
}

ENTRIES = (
    Entry(
        "number",
        "A number between bounds",
        ("number",),
        _numbers,
        {
            **_RANGE,
            **_DISTRIBUTION,
            "when": Option("any", "{column, words, not}: null unless the other has one of the words, or a value"),
        },
        {"min": 1, "max": 100, "distribution": "zipf"},
    ),
    Entry(
        "price", "A price: low ones more often, many ending in .99", ("number",), _prices, {**_RANGE, **_DISTRIBUTION}
    ),
    Entry(
        "product_of",
        "The product of other numbers of the row, less amounts and less a percentage",
        ("number",),
        _products,
        {
            **_RANGE,
            "of": Option("columns", "the columns to multiply", True),
            "minus": Option("columns", "the columns to take away"),
            "off": Option("column", "the column with the percentage to take off first"),
        },
        {"of": ["quantity", "unit_price"]},
    ),
    Entry(
        "sum_of",
        "The sum of other numbers of the row, less those of `minus`",
        ("number",),
        _sums,
        {
            **_RANGE,
            "plus": Option("columns", "the columns to add", True),
            "minus": Option("columns", "the columns to take away"),
        },
        {"plus": ["subtotal", "tax"], "minus": ["discount"]},
    ),
    Entry(
        "share_of",
        "A part of another number of the row, such as its tax",
        ("number",),
        _shares_of,
        {
            **_RANGE,
            "of": Option("column", "the column with the whole", True),
            "times": Option("columns", "columns by which the whole is multiplied, such as a quantity"),
            "rate": Option("column", "the column with the percentage"),
            "rates": Option("list", "the shares to choose from, such as 0.07 and 0.19"),
            "when": Option("any", "{column, words, not}: 0 unless the other column has one of the words"),
        },
        {"of": "subtotal", "rates": [0.07, 0.19]},
    ),
    Entry(
        "elapsed",
        "Whole units of time between two moments of the row",
        ("number",),
        _elapsed,
        {
            **_RANGE,
            "from": Option("column", "the column with the first moment", True),
            "to": Option("column", "the column with the second moment", True),
            "unit": Option("string", "what is counted (default days)", False, tuple(_TIMES)),
        },
        {"from": "created_at", "to": "created_at", "unit": "hours"},
    ),
    Entry(
        "boolean",
        "true or false",
        ("boolean",),
        _booleans,
        {
            "true": Option("number", "the share of true, 0 to 1"),
            "when": Option("any", "{column, words, not}: true where the other column has one of the words"),
        },
        {"true": 0.9},
    ),
)
