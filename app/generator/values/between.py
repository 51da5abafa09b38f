"""Text between bounds: code BETWEEN 'A' AND 'H'."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.values.choices import Listed
from app.generator.values.fitting import Limits
from app.generator.values.generator import MAX_CAPACITY, Generator, Indexed
from app.generator.values.strings import LOWER_CODE, UPPER_CODE, code, from_matrix, gather, join, strings

_NATURAL_WIDTH = 6
# Characters whose order among themselves every collation agrees on.
_CLASSES = ("0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Prefixed(Indexed):
    """A prefix of a list and a code of fixed width behind."""

    arrow_type = pa.string()

    def __init__(self, prefixes: tuple[str, ...], width: int, alphabet: str) -> None:
        self._prefixes = strings(prefixes)
        self._width, self._alphabet = width, alphabet
        self.capacity = min(len(prefixes) * len(alphabet) ** width, MAX_CAPACITY)
        self.block = self.capacity
        lengths = [len(prefix) for prefix in prefixes]
        self.longest, self.shortest = max(lengths) + width, min(lengths) + width

    def at(self, index: Rows) -> pa.Array:
        """Every prefix in turn."""
        count = len(self._prefixes)
        return join(
            gather(self._prefixes, index % count), from_matrix(code(index // count, self._alphabet, self._width))
        )


def text_between(
    low: str | None, high: str | None, limits: Limits, low_strict: bool = False, high_strict: bool = False
) -> Generator | None:
    """Text between the bounds in any collation, as far as characters of one class tell; None where they do not."""
    prefix = _shared_start(low or "", high or "")
    first = (low or "")[len(prefix) : len(prefix) + 1]
    last = (high or "")[len(prefix) : len(prefix) + 1]
    letters = next((c for c in _CLASSES if (first or last) and (first or last) in c), None)
    if letters is None or (first and first not in letters) or (last and last not in letters):
        ends = [t for t, strict in ((low, low_strict), (high, high_strict)) if t is not None and not strict]
        return Listed(strings(sorted(set(ends)))) if ends else None
    start = letters.index(first) + 1 if first else 0
    end = letters.index(last) if last else len(letters)
    between = [prefix + letter for letter in letters[start:end]]
    room = (limits.most if limits.most is not None else len(prefix) + 1 + _NATURAL_WIDTH) - len(prefix) - 1
    if room <= 0 or not between:
        ends = [t for t, strict in ((low, low_strict), (high, high_strict)) if t is not None and not strict]
        entries = [*between, *ends] if limits.least <= len(prefix) + 1 else ends
        kept = sorted({e for e in entries if limits.most is None or len(e) <= limits.most})
        return Listed(strings(kept)) if kept else None
    width = max(min(room, _NATURAL_WIDTH), limits.least - len(prefix) - 1)
    return Prefixed(tuple(between), width, UPPER_CODE if letters[0] == "A" else LOWER_CODE)


def _shared_start(left: str, right: str) -> str:
    """The characters that both begin with."""
    length = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    return left[:length]


def between_test(
    low: str | None, high: str | None, low_strict: bool = False, high_strict: bool = False
) -> Callable[[pa.Array], npt.NDArray[np.bool_]]:
    """A function that says which texts lie between the bounds, by code points."""

    def test(texts: pa.Array) -> npt.NDArray[np.bool_]:
        passes = np.ones(len(texts), np.bool_)
        if low is not None:
            compare = pc.greater if low_strict else pc.greater_equal
            passes &= compare(texts, low).to_numpy(zero_copy_only=False)
        if high is not None:
            compare = pc.less if high_strict else pc.less_equal
            passes &= compare(texts, high).to_numpy(zero_copy_only=False)
        return passes

    return test
