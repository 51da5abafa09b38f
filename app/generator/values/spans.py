"""Whole numbers to take values from: a range with a step, its natural part first, some numbers left out.

Every type that is a count of units underneath (integers, decimals, days, microseconds) takes its values by this.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

import numpy as np

from app.generator.domain import Domain
from app.generator.draws import Draw
from app.generator.keys import Rows
from app.generator.values.generator import MAX_CAPACITY, lazily, pick

_INT64_LOW, _INT64_HIGH = -(1 << 63), (1 << 63) - 1
# How many of a million draws come from around the cuts, in the first attempt and in later ones.
_WIDE = 100_000
_FEW = 20
_CUT_SHARE, _CUT_SHARE_LATER = 250_000, 700_000


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers `first + n * step` within low..high; those within natural_low..natural_high come first.

    After the natural ones come those above, then those below (`grow` "up"), or the other way round. `excluded` is
    sorted. Bounds are within int64 and lie on the steps.
    """

    low: int
    high: int
    step: int
    natural_low: int
    natural_high: int
    grow: Literal["up", "down"] = "up"
    excluded: tuple[int, ...] = ()
    cuts: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """How many numbers there are, at most 2^62."""
        return min((self.high - self.low) // self.step + 1 - len(self.excluded), MAX_CAPACITY)

    @property
    def natural_count(self) -> int:
        """How many of them are natural; at least 1."""
        left_out = sum(self.natural_low <= n <= self.natural_high for n in self.excluded)
        return max(1, min((self.natural_high - self.natural_low) // self.step + 1 - left_out, self.count))

    def at(self, index: Rows) -> Rows:
        """The numbers at `index`."""
        if self.excluded:
            # A hole that no index reaches moves none.
            reached = sorted(p for p in map(self._place, self.excluded) if p < MAX_CAPACITY)
            places = np.array(reached, np.int64)
            # The j-th hole, at place p, moves every index from p - j on by one.
            index = index + np.searchsorted(places - np.arange(len(places)), index, side="right")
        if self.grow == "up":
            start, turn = self.natural_low, (self.high - self.natural_low) // self.step + 1
            if turn >= MAX_CAPACITY or self.low == self.natural_low:
                return start + index * self.step
            below = self.natural_low - (index - (turn - 1)) * self.step
            return np.where(index < turn, start + index * self.step, below)
        natural = (self.natural_high - self.natural_low) // self.step + 1
        turn = min(natural + (self.natural_low - self.low) // self.step, MAX_CAPACITY)
        value = np.where(
            index < natural, self.natural_low + index * self.step, self.natural_low - (index - natural + 1) * self.step
        )
        if turn >= MAX_CAPACITY or self.high == self.natural_high:
            return value
        return np.where(index < turn, value, self.natural_high + (index - turn + 1) * self.step)

    def natural_at(self, index: Rows) -> Rows:
        """As `at`, for indexes of natural numbers alone."""
        if self.excluded:
            return self.at(index)
        return self.natural_low + (index if self.step == 1 else index * self.step)

    def _place(self, number: int) -> int:
        """The index that `number` would have were nothing left out."""
        above = (self.high - self.natural_high) // self.step
        below = (self.natural_low - self.low) // self.step
        natural = (self.natural_high - self.natural_low) // self.step + 1
        if self.natural_low <= number <= self.natural_high:
            return (number - self.natural_low) // self.step
        if number > self.natural_high:
            return natural + (number - self.natural_high) // self.step - 1 + (below if self.grow == "down" else 0)
        return natural + (self.natural_low - number) // self.step - 1 + (above if self.grow == "up" else 0)

    def draw(self, key: int, rows: Rows, salt: int, *, wide: bool) -> Rows:
        """A number per row: natural, or any when `wide`; partly from around the cuts, where there are any."""
        # Far from the natural numbers sums and products of columns overflow: wide has a limit.
        widest = min(self.count, max(self.natural_count * 1_000, _WIDE)) if wide else self.natural_count
        if salt % 4 == 2:  # rules between columns often want small numbers, and natural ranges may be wide
            widest = min(widest, _FEW)
        index = pick(key, rows, salt, widest)
        values = self.at(index) if widest > self.natural_count else self.natural_at(index)
        if not self.cuts:
            return values
        share = _CUT_SHARE if salt == 0 else _CUT_SHARE_LATER
        at_cut = pick(key, rows, salt, 1_000_000, 1) < share
        return np.where(at_cut, self._around_cuts(key, rows, salt), values)

    def lazily(self, key: int, rows: Rows, salt: int) -> Draw | None:
        """What the first `draw` gives, when it is asked for; None where numbers are left out."""
        if self.excluded or salt:
            return None
        return replace(lazily(key, rows, salt, self.natural_count), start=self.natural_low, step=self.step)

    def _around_cuts(self, key: int, rows: Rows, salt: int) -> Rows:
        """A number of a piece between two cuts, each piece as likely; in odd attempts, one at or beside a cut."""
        if salt % 2:
            near = sorted({n for cut in self.cuts for n in (cut - self.step, cut, cut + self.step) if self._has(n)})
            if near:
                return np.array(near, np.int64)[pick(key, rows, salt, len(near), 2)]
        edges = [self.low, *(c for c in self.cuts if self.low < c <= self.high)]
        lows = np.array(edges, np.int64)
        ends = [*edges[1:], self.high + self.step]
        sizes = [
            max(1, min((end - start) // self.step, max(self.natural_count * 1_000, _WIDE)))
            for start, end in zip(edges, ends, strict=True)
        ]
        piece = pick(key, rows, salt, len(edges), 2)
        # A scaled draw per piece: pieces differ in size, and a modulo is fair enough for so few.
        offset = pick(key, rows, salt, MAX_CAPACITY, 3) % np.array(sizes, np.int64)[piece]
        values = lows[piece] + offset * self.step
        if not self.excluded:
            return values
        bad = np.isin(values, np.array(self.excluded, np.int64))
        return np.where(bad, self.at(pick(key, rows, salt, self.count, 4)), values)

    def _has(self, number: int) -> bool:
        return self.low <= number <= self.high and number not in self.excluded


def make_span(
    low: int,
    high: int,
    natural: tuple[int, int],
    *,
    step: int = 1,
    remainder: int = 0,
    excluded: Iterable[int] = (),
    grow: Literal["up", "down"] = "up",
    cuts: Iterable[int] = (),
) -> Span | None:
    """The span of the numbers within low..high that are `remainder` modulo `step`; None when there is none.

    Where the natural range lies outside, its width is kept and it moves to the nearest end.
    """
    low, high = max(low, _INT64_LOW + step), min(high, _INT64_HIGH - step)
    low += (remainder - low) % step
    high -= (high - remainder) % step
    if low > high:
        return None
    width = max(0, natural[1] - natural[0])
    if natural[1] < low:
        natural = (low, min(high, low + width))
    elif natural[0] > high:
        natural = (max(low, high - width), high)
    first, last = max(natural[0], low), min(natural[1], high)
    first += (remainder - first) % step
    last -= (last - remainder) % step
    if first > last:  # no multiple within the natural range: the next one will do
        first = last = first if first <= high else high
    left_out = sorted({n for n in excluded if low <= n <= high and (n - remainder) % step == 0})
    while left_out and left_out[0] == low and low < high:
        low = left_out.pop(0) + step
    while left_out and left_out[-1] == high and low < high:
        high = left_out.pop() - step
    if low > high or (low == high and low in left_out):
        return None
    first, last = max(first, low), min(last, high)
    if first > last:
        first = last = low if last < low else high
    aligned_cuts = sorted({min(max(c - (c - remainder) % step, low), high) for c in cuts})
    return Span(low, high, step, first, last, grow, tuple(left_out), tuple(aligned_cuts))


def units(value: Decimal | int, scale: int, *, up: bool) -> int:
    """A number in units of 10^-scale, rounded up or down."""
    scaled = Decimal(value).scaleb(scale)
    return int(scaled.to_integral_value(rounding=ROUND_CEILING if up else ROUND_FLOOR))


def numeric_span(
    domain: Domain, limits: tuple[int, int], natural: tuple[int, int], scale: int, step: int = 1
) -> Span | None:
    """The span, in units of 10^-scale, of the numbers that a domain leaves within `limits` (also in units)."""
    low, high = limits
    if domain.low is not None and not isinstance(domain.low, str):
        low = max(low, units(domain.low, scale, up=True))
        if domain.low_strict and units(domain.low, scale, up=False) == low:
            low += 1
    if domain.high is not None and not isinstance(domain.high, str):
        high = min(high, units(domain.high, scale, up=False))
        if domain.high_strict and units(domain.high, scale, up=True) == high:
            high -= 1
    remainder = 0
    if domain.multiple_of is not None:
        step, remainder = _multiple(domain, scale, step)
        if step == 0:
            return None
    return make_span(
        low,
        high,
        natural,
        step=step,
        remainder=remainder,
        excluded=_whole(domain.excluded, scale),
        cuts=_whole(domain.cuts, scale),
    )


def _multiple(domain: Domain, scale: int, step: int) -> tuple[int, int]:
    """The domain's residue class in units, as (step, remainder); step 0 when no unit lies in it."""
    assert domain.multiple_of is not None
    period, offset = Decimal(domain.multiple_of).scaleb(scale), Decimal(domain.remainder).scaleb(scale)
    factor = 1
    # A period finer than the unit, such as 0.125 over hundredths, meets it again after some turns.
    while period * factor % 1 != 0:
        factor += 1
        if factor > 1_000_000:
            return 0, 0
    whole = int(period * factor)
    for turn in range(factor):
        remainder = offset + period * turn
        if remainder % 1 == 0:
            if whole % step == 0 or step == 1:
                return whole, int(remainder) % whole
            break
    return 0, 0


def _whole(values: Sequence[object], scale: int) -> list[int]:
    numbers = [Decimal(v) for v in values if isinstance(v, int | Decimal) and not isinstance(v, bool)]
    return [int(n.scaleb(scale)) for n in numbers if n.is_finite() and n.scaleb(scale) % 1 == 0]
