"""Patterns of digits and letters: phone numbers, postal codes, reference numbers."""

from functools import lru_cache
from math import prod

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.draws import Index, drawn
from app.generator.keys import Rows, word_key
from app.generator.spelling import Filled
from app.generator.values.generator import DRAWS_PER_ATTEMPT, MAX_CAPACITY, word
from app.generator.values.strings import from_matrix

# Without the letters that read like digits.
_LETTERS = np.frombuffer(b"ABCDEFGHJKLMNPRSTUVWXYZ", np.uint8)
# Which of a cell's words fills a pattern.
_FILLING = 7
_DIGITS = np.frombuffer(b"0123456789", np.uint8)


@lru_cache(maxsize=256)
def patterns_of(patterns: tuple[str, ...]) -> "Patterns":
    """The patterns, read once: many columns share them."""
    return Patterns(patterns)


class Patterns:
    """Some patterns, in which `#` stands for a digit and `?` for a capital letter; all else for itself (ASCII)."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self.patterns = patterns
        self.longest = max(len(p) for p in patterns)
        self.shortest = min(len(p) for p in patterns)
        self._matrix = np.full((len(patterns), self.longest), ord(" "), np.uint8)
        wild = [[i for i, c in enumerate(p) if c in "#?"] for p in patterns]
        self._most = max(len(w) for w in wild)
        # Place and base of the k-th free character from the right; base 1 where a pattern has fewer.
        self._places = np.zeros((len(patterns), max(1, self._most)), np.int64)
        self._bases = np.ones((len(patterns), max(1, self._most)), np.int64)
        for row, (pattern, places) in enumerate(zip(patterns, wild, strict=True)):
            self._matrix[row, : len(pattern)] = np.frombuffer(pattern.encode("ascii"), np.uint8)
            for rank, place in enumerate(reversed(places)):
                self._places[row, rank] = place
                self._bases[row, rank] = len(_DIGITS) if pattern[place] == "#" else len(_LETTERS)
        self.free = tuple(
            tuple((place, len(_DIGITS) if pattern[place] == "#" else len(_LETTERS)) for place in reversed(places))
            for pattern, places in zip(patterns, wild, strict=True)
        )
        sizes = [prod(row) for row in self._bases.tolist()]
        self.sizes = np.array([min(size, MAX_CAPACITY) for size in sizes], np.int64)

    def drawn(self, pattern: Index, key: int, rows: Rows, salt: int) -> Filled:
        """The patterns of those numbers, each filled by a draw."""
        if int(self.sizes.max()) > 1 << 32:
            number = (word(key, rows, salt, _FILLING) >> np.uint64(2)).view(np.int64) % self.sizes[drawn(pattern)]
            return Filled(self, pattern, number)
        return Filled(self, pattern, None, word_key(key, salt * DRAWS_PER_ATTEMPT + _FILLING), rows)

    def fill(self, pattern: Rows, number: Rows) -> pa.Array:
        """The patterns of those numbers, their free characters filled from `number` (below the pattern's size)."""
        text = self._matrix[pattern]
        rows = np.arange(len(pattern))
        rest = number
        for rank in range(self._most):
            base = self._bases[pattern, rank]
            upper = rest // base
            digit = rest - upper * base
            free = base > 1
            character = np.where(base == len(_DIGITS), _DIGITS[digit % 10], _LETTERS[digit])
            place = self._places[pattern, rank]
            if free.all():
                text[rows, place] = character
            else:
                text[rows[free], place[free]] = character[free]
            rest = upper
        filled = from_matrix(text)
        return filled if self.shortest == self.longest else pc.ascii_rtrim_whitespace(filled)
