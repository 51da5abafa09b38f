"""Values in the shape that statistics give: as many different ones as there are, in the order that they have."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from app.generator.keys import Rows
from app.generator.values.context import ColumnContext
from app.generator.values.entries import invalid
from app.generator.values.generator import WIDE_FROM_ATTEMPT, Generator, Siblings, pick
from app.generator.values.numbers import Spanned

DISTINCT, ORDER = "distinct", "order"
# Options that any generator takes, beside the share of nulls.
SHAPES = frozenset({DISTINCT, ORDER})
_ORDERS = ("rising", "falling")


class Repeating:
    """Another generator's values, no more than `count` different ones: those of its rows 0 to count - 1."""

    def __init__(self, inner: Generator, count: int) -> None:
        self._inner, self._count = inner, count
        self.arrow_type = inner.arrow_type
        self.needs: tuple[str, ...] = ()
        self.capacity, self.block = inner.capacity, inner.block

    def at(self, index: Rows) -> pa.Array:
        """The inner values."""
        return self._inner.at(index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """One of so many values, each as likely; any of the inner ones once those were refused often."""
        if salt >= WIDE_FROM_ATTEMPT:
            return self._inner.draw(key, rows, {}, salt)
        return self._inner.draw(key, pick(key, rows, salt, self._count, 13), {}, 0)


class Ordered:
    """Numbers or moments that rise, or fall, with the row's number: each row has its own part of the span."""

    def __init__(self, inner: Spanned, rows: int, *, falling: bool) -> None:
        self._inner, self._rows, self._falling = inner, rows, falling
        self.arrow_type = inner.arrow_type
        self.needs: tuple[str, ...] = ()
        self.capacity, self.block = inner.capacity, inner.block

    def at(self, index: Rows) -> pa.Array:
        """The inner values."""
        return self._inner.at(index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A value of the row's part of the span; any where that was refused."""
        if salt > 0:
            return self._inner.draw(key, rows, siblings, salt)
        place = self._rows - 1 - rows if self._falling else rows
        block = self._inner.block
        start, end = _part(place, block, self._rows), _part(place + 1, block, self._rows)
        width = (end - start).clip(1)
        return self._inner.at((start + pick(key, rows, salt, 1 << 40, 13) % width).clip(0, block - 1))


def _part(place: Rows, block: int, rows: int) -> Rows:
    """Where the part of a row begins: block * place / rows, without a product that would overflow."""
    whole, rest = divmod(block, rows)
    return place * whole + place * rest // rows


def shaped(generator: Generator, context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    """The generator with the shape that `distinct` and `order` ask for. Raises OptionInvalid."""
    count, order = options.get(DISTINCT), options.get(ORDER)
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 1 << 40):
        raise invalid("distinct must be a whole number of at least 1")
    if order is not None and order not in _ORDERS:
        raise invalid("order must be one of rising, falling")
    if context.unique or context.type.array_dims or generator.needs:
        return generator
    if order is not None and isinstance(generator, Spanned) and 0 < context.rows < 1 << 31 and generator.block > 0:
        return Ordered(generator, context.rows, falling=order == "falling")
    return Repeating(generator, count) if count is not None else generator
