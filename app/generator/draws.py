"""Numbers that are drawn when somebody asks for them.

A draw is a function of the row's number, so it can be passed on instead of its values; the kernel that writes lines
draws for itself (`app/generator/kernel/lines.c`), and comes to the same numbers.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from app.generator.keys import Rows, Words, bounded, mix, word_key

Mask = npt.NDArray[np.bool_]

_S31, _S32 = np.uint64(31), np.uint64(32)
_LOW_32, _HALF = np.uint64(0xFFFFFFFF), np.uint64(1 << 63)


@dataclass(frozen=True, slots=True)
class Draw:
    """start + step * pick in each of `rows`, where 0 <= pick < count, uniform; `key` is of the word (`word_key`).

    With `second`, one bit of the word chooses between `count` numbers from 0 on and `second` numbers behind them.
    """

    key: int
    rows: Rows
    count: int
    start: int = 0
    step: int = 1
    second: int | None = None

    def values(self) -> Rows:
        """The numbers."""
        words = mix(self.key, self.rows)
        if self.second is not None:
            first = words < _HALF
            count = np.where(first, np.uint64(self.count), np.uint64(self.second))
            place = ((words >> _S31 & _LOW_32) * count >> _S32).view(np.int64)
            return place + np.where(first, 0, self.count)
        picked = bounded(words, self.count)
        if self.step != 1:
            picked *= self.step
        if self.start:
            picked += self.start
        return picked

    def slice(self, start: int, stop: int) -> "Draw":
        """Those of the rows from `start` to `stop`."""
        return replace(self, rows=self.rows[start:stop])


@dataclass(frozen=True, slots=True)
class Chance:
    """True in `per_million` of a million rows."""

    key: int
    rows: Rows
    per_million: int

    @property
    def limit(self) -> int:
        """Below which of 2^32 the high half of the row's word lies where it is true."""
        return -(-(self.per_million << 32) // 1_000_000)

    def mask(self) -> Mask:
        """Where it is true."""
        true: Mask = mix(self.key, self.rows) >> _S32 < np.uint64(self.limit)
        return true

    def slice(self, start: int, stop: int) -> "Chance":
        """Those of the rows from `start` to `stop`."""
        return Chance(self.key, self.rows[start:stop], self.per_million)


Index: TypeAlias = Rows | Draw
Nulls: TypeAlias = Mask | Chance


def drawn(index: Index) -> Rows:
    """The numbers themselves."""
    return index.values() if isinstance(index, Draw) else index


def mask_of(nulls: Nulls) -> Mask:
    """Where it is true."""
    return nulls.mask() if isinstance(nulls, Chance) else nulls


def sliced(index: Index, start: int, stop: int) -> Index:
    """Rows `start` to `stop`."""
    return index.slice(start, stop) if isinstance(index, Draw) else index[start:stop]


def scaled(words: Words, sizes: Rows) -> Rows:
    """Words scaled to 0 <= value < size, for sizes of their own of at most 2^32."""
    return ((words >> _S32) * sizes.view(np.uint64) >> _S32).view(np.int64)


def draw_of(key: int, rows: Rows, salt: int, count: int) -> Draw:
    """A uniform draw from the word that `keys.draw(key, rows, salt)` gives."""
    return Draw(word_key(key, salt), rows, count)
