"""Ranges and multiranges as text. Distinct indexes give ranges that do not even overlap."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from app.generator.keys import Rows
from app.generator.values.containers import quoted
from app.generator.values.generator import Generator, Indexed, Siblings, pick
from app.generator.values.numbers import Spanned
from app.generator.values.strings import as_text, join

_NATURAL_WIDTHS = 24
_FAR = 1 << 60
_FEW = 64


class Ranges(Indexed):
    """Ranges over numbers or moments: [lower,upper), bounds on a grid of `unit` steps of the subtype's span.

    `at` lays ranges side by side, so that they satisfy an exclusion constraint with && as well. `unit` is how many
    steps of the subtype the shortest range is long; drawn ranges are up to 24 such units. All of them are from `least`
    to `most` of the span's numbers long, as far as there is room.
    """

    arrow_type = pa.string()

    def __init__(
        self, bounds: Spanned, unit: int, *, multi: bool = False, least: int | None = None, most: int | None = None
    ) -> None:
        span = bounds.span
        if span.excluded:
            raise ValueError("a range's bounds cannot leave numbers out")
        self._bounds = bounds
        self._multi = multi
        # Far ends are cut off, so that no sum leaves 64 bits.
        if span.low < -_FAR:
            span = replace(span, low=span.natural_low - (span.natural_low + _FAR) // span.step * span.step)
        if span.high > _FAR:
            span = replace(span, high=span.natural_high + (_FAR - span.natural_high) // span.step * span.step)
        total = (span.high - span.low) // span.step
        longest = total if most is None else min(total, most // span.step)
        unit = max(min(unit, longest), -(-(least or 0) // span.step))
        self._unit = max(1, min(unit, total // 2 or 1))
        self._widths = _NATURAL_WIDTHS if most is None else max(1, min(_NATURAL_WIDTHS, longest // self._unit))
        self._first, self._step, self._last = span.low, span.step, span.high
        # Natural lowers, then the units after them, then those before.
        start = (span.natural_low - span.low) // span.step // self._unit
        self._start = start
        self.capacity = max(1, min(total // self._unit, 1 << 62))
        natural = max(1, (span.natural_high - span.natural_low) // span.step // self._unit)
        self.block = min(natural, self.capacity)
        # A single number left: only the range of exactly it.
        self._pointlike = total == 0

    def at(self, index: Rows) -> pa.Array:
        """The range that fills the slot number `index`."""
        slot = (index + self._start) % self.capacity
        return self._text(self._number(slot * self._unit), self._number((slot + 1) * self._unit))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A range of one to 24 units from a natural lower bound on."""
        if self._pointlike:
            return self.at(np.zeros(len(rows), np.int64))
        slots = self.block if salt < 3 else self.capacity
        if salt % 4 == 2:  # what was refused may have wanted small bounds
            slots = min(slots, _FEW)
        slot = (pick(key, rows, salt, slots) + self._start) % self.capacity
        length = pick(key, rows, salt, self._widths, 1) + 1
        upper = np.minimum((slot + length) * self._unit, (self._last - self._first) // self._step)
        return self._text(self._number(slot * self._unit), self._number(upper))

    def _number(self, steps: Rows) -> Rows:
        return self._first + steps * self._step

    def _text(self, lower: Rows, upper: Rows) -> pa.Array:
        low, high = as_text(self._bounds.render(lower)), as_text(self._bounds.render(upper))
        # Time stamps hold a blank, which a range's text wants quoted.
        quote = '"' if pa.types.is_temporal(self._bounds.arrow_type) else ""
        close = "]" if self._pointlike else ")"
        body = ("[", quote, low, quote, ",", quote, high, quote, close)
        return join("{", *body, "}") if self._multi else join(*body)


class PointRanges(Indexed):
    """Ranges over a subtype whose order is not ours to know: each holds exactly one value."""

    arrow_type = pa.string()

    def __init__(self, element: Generator, *, multi: bool = False) -> None:
        if element.capacity is None or element.block is None:
            raise ValueError("the subtype's values cannot be counted")
        self._element = element
        self._multi = multi
        self.capacity, self.block = element.capacity, element.block

    def at(self, index: Rows) -> pa.Array:
        """The range of the value number `index`."""
        return self._text(self._element.at(index))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The range of a drawn value."""
        return self._text(self._element.draw(key, rows, siblings, salt))

    def _text(self, values: pa.Array) -> pa.Array:
        text = quoted(as_text(values))
        body = ("[", text, ",", text, "]")
        return join("{", *body, "}") if self._multi else join(*body)
