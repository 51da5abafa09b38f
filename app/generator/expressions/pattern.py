"""Texts that match regular expressions, addressed by number.

The texts that an automaton accepts can be counted for each state and remaining length; by those counts a number is
turned into its own text (unranking), so that different numbers give different texts without any being remembered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.generator.domain import Domain, Pattern
from app.generator.expressions.automaton import Automaton, build
from app.generator.expressions.like import quoted
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.keys import Rows, Words, bounded, draw

CAP = 1 << 62
_LOW_HALF = (1 << 32) - 1
"""Counts are capped here: more texts than there are numbers is as good as that many."""

_MAX_LENGTH = 300
_USUAL_LENGTH = 12
_USUAL_SPREAD = 8
_MAX_EXTRA = 64
_AMPLE = 1 << 40
_MAX_EXCLUDED = 50
_BLOCK = 1 << 14
# So many generators are kept for who asks next, and so many bytes of tables with each.
_MOST_KEPT, _MOST_TABLE_BYTES = 128, 1 << 20


class PatternGenerator:
    """Texts that match all `patterns` (and none of the negated ones), between `min_length` and `max_length` characters.

    `case` leaves out letters of the other case, so that texts differ in more than that. `capacity` is 0 when there is
    no such text. Raises ExpressionUnknown for patterns that cannot be generated: see `automaton`.
    """

    def __init__(
        self,
        patterns: Sequence[Pattern],
        min_length: int | None = None,
        max_length: int | None = None,
        case: str | None = None,
    ) -> None:
        self._automaton: Automaton = build(patterns, case)
        longest = _MAX_LENGTH if max_length is None else min(max_length, _MAX_LENGTH)
        self._counts = _counted(self._automaton, longest, min_length or 0)
        starts = self._counts[:, 1].copy()
        starts[: min_length or 0] = 0
        self._lengths, self._sizes = _usual(starts)
        # Longer ones are there for their number; free draws keep to the first few.
        self._natural = max(1, int(np.count_nonzero(self._lengths <= _natural_length(self._lengths))))
        self._ends = _running(self._sizes)
        self._straights: dict[int, list[_Place] | None] = {}
        self._by_left: dict[int, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]] = {}
        self.capacity = int(self._ends[-1]) if self._ends.size else 0

    @classmethod
    def for_domain(cls, domain: Domain, max_length: int | None = None, *, caseless: bool = False) -> "PatternGenerator":
        """A generator for a text column's domain: its patterns, lengths, case, blanks and excluded values.

        With `caseless` no two texts differ in case alone, where the patterns leave a choice.
        """
        patterns = list(domain.patterns)
        if domain.trimmed or domain.not_blank:
            patterns.append(Pattern("^ | $", negated=True))
        excluded = ("^" + "".join(map(quoted, str(value))) + "$" for value in domain.excluded[:_MAX_EXCLUDED])
        patterns.extend(Pattern(regex, negated=True) for regex in excluded)
        least = max(domain.min_length or 0, domain.min_bytes or 0, 1 if domain.not_blank else 0)
        bounds = [n for n in (max_length, domain.max_length, domain.max_bytes) if n is not None]
        most = min(bounds) if bounds else None
        cases = [domain.case] if domain.case or not caseless else ["lower", "upper", None]
        for case in cases[:-1]:
            found = _generator(tuple(patterns), least, most, case)
            if found.capacity:
                return found
        return _generator(tuple(patterns), least, most, cases[-1])

    def at(self, index: Rows) -> pa.Array:
        """The texts of numbers 0 <= index < capacity: a different one for each."""
        index = np.asarray(index, dtype=np.int64)
        # Where more texts than numbers have that length, any such length will do: the hash picks one.
        ample = np.flatnonzero(self._sizes >= CAP)
        if ample.size:
            place = ample[bounded(draw(0x5EED, index, 1), ample.size)]
            rest = index
        else:
            place = np.searchsorted(self._ends, index, side="right")
            rest = index - np.where(place > 0, self._ends[place - 1], 0)
        return self._unranked(self._lengths[place], rest)

    def draw(self, words: Words) -> pa.Array:
        """One text per random word; lengths are evenly spread, which most texts' being long would not give."""
        rows = words.view(np.int64)
        place = bounded(draw(1, rows, 2), self._natural)
        sizes = self._sizes[place]
        # A share of the sizes: the bias below 2^-40 is of no matter to a free draw.
        high = (draw(2, rows, 3) >> np.uint64(2)).astype(np.int64)
        return self._unranked(self._lengths[place], high % sizes)

    # --- unranking ---------------------------------------------------------------------------------------------------

    @cached_property
    def _group_sizes(self) -> npt.NDArray[np.int64]:
        return np.array([len(group) for group in self._automaton.groups], dtype=np.int64)

    @cached_property
    def _characters(self) -> npt.NDArray[np.uint32]:
        groups = self._automaton.groups
        table = np.zeros((len(groups), max(map(len, groups))), dtype=np.uint32)
        for row, group in zip(table, groups, strict=True):
            row[: len(group)] = [ord(char) for char in group]
        return table

    def _unranked(self, lengths: Rows, index: Rows) -> pa.Array:
        longest = int(lengths.max()) if len(lengths) else 0
        text = np.zeros((len(index), max(1, longest)), dtype=np.uint32)
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length) if len(self._lengths) > 1 else np.arange(len(lengths))
            sets = self._straight(length)
            for start in range(0, len(rows), _BLOCK):
                # Blocks that fit the cache: each step reads and writes all of one.
                block = rows[start : start + _BLOCK]
                if sets is not None:
                    text[block, :length] = _spelled(sets, index[block])
                else:
                    text[block, :length] = self._walked(length, index[block])
        return _as_strings(text, lengths)

    def _straight(self, length: int) -> "list[_Place] | None":
        """The characters of each position, when each position has one state whatever stood before; None otherwise."""
        if length not in self._straights:
            self._straights[length] = self._places(length)
        return self._straights[length]

    def _places(self, length: int) -> "list[_Place] | None":
        state, found = 1, []
        for position in range(length):
            counts = self._counts[length - position - 1]
            groups = np.flatnonzero(counts[self._automaton.steps[state]])
            following = set(self._automaton.steps[state][groups].tolist())
            if len(following) != 1:
                return None
            state = following.pop()
            characters = "".join(self._automaton.groups[group] for group in groups)
            found.append(_Place(np.array([ord(char) for char in characters], dtype=np.uint32), int(counts[state])))
        return found

    def _walked(self, length: int, index: Rows) -> npt.NDArray[np.uint32]:
        """The texts of one length, states followed row by row."""
        rows = np.arange(len(index))
        text = np.zeros((len(index), length), dtype=np.uint32)
        state = np.ones(len(index), dtype=np.int64)
        number = index
        for position in range(length):
            inner, ends, ample = self._tables(length - position - 1)
            group = np.minimum((ends[state] <= number[:, None]).sum(axis=1), len(self._group_sizes) - 1)
            rest = number - np.where(group > 0, ends[state, group - 1], 0)
            each = np.maximum(inner[state, group], 1)
            place = np.minimum(rest // each, self._group_sizes[group] - 1)
            rest -= place * each
            free = np.flatnonzero(ample[state, -1])
            if free.size:
                # What follows has room for the whole number anyway: any such character will do, and the number is
                # kept for later. Without this all long texts would begin alike.
                sizes = ample[state[free]]
                pick = _hashed(index[free], position, sizes[:, -1])
                chosen = (sizes <= pick[:, None]).sum(axis=1)
                place[free] = pick - np.where(chosen > 0, sizes[rows[: len(free)], chosen - 1], 0)
                group[free] = chosen
                rest[free] = number[free]
            number = rest
            text[:, position] = self._characters[group, place]
            state = self._automaton.steps[state, group]
        return text

    def _tables(self, left: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """For each state and group, with `left` characters to follow: texts per character, their running sums over
        the groups, and running sums of the characters after which there is room for any number."""
        if left not in self._by_left:
            inner = self._counts[left][self._automaton.steps]
            ample = np.cumsum(np.where(inner >= CAP, self._group_sizes, 0), axis=1)
            found = (inner, _running(_times(inner, self._group_sizes)), ample)
            if sum(table.nbytes for table in found) * (len(self._by_left) + 1) > _MOST_TABLE_BYTES:
                return found
            self._by_left[left] = found
        return self._by_left[left]


def _generator(patterns: tuple[Pattern, ...], least: int, most: int | None, case: str | None) -> PatternGenerator:
    """A generator, the same for whoever asks for the same: while a plan is made each column's is asked for often."""
    found = _kept(patterns, least, most, case)
    if isinstance(found, PatternGenerator):
        return found
    raise ExpressionUnknown(*found)


@lru_cache(maxsize=_MOST_KEPT)
def _kept(
    patterns: tuple[Pattern, ...], least: int, most: int | None, case: str | None
) -> PatternGenerator | tuple[str, str]:
    """The generator; or what is not understood, and of which expression, which takes as long to find out."""
    try:
        return PatternGenerator(patterns, least, most, case)
    except ExpressionUnknown as error:
        return error.what, error.sql


@dataclass(frozen=True, slots=True)
class _Place:
    """One position of texts that are all built alike: its characters, and how many texts follow each."""

    characters: npt.NDArray[np.uint32]
    following: int


def _spelled(places: "list[_Place]", index: Rows) -> npt.NDArray[np.uint32]:
    text = np.empty((len(index), len(places)), dtype=np.uint32)
    number = index
    for position, place in enumerate(places):
        size = len(place.characters)
        if place.following >= CAP:
            text[:, position] = place.characters[_hashed(index, position, size)]
        elif size == 1:
            text[:, position] = place.characters[0]
        else:
            digit = number // place.following
            number = number - digit * place.following
            text[:, position] = place.characters[digit]
    return text


def _hashed(index: Rows, position: int, sizes: Any) -> Rows:
    """For each row a number below its size (or the one size), by the row's number and the position."""
    words = draw(0xF4EE + position, index, 4) >> np.uint64(33)
    found: Rows = (words.astype(np.int64) * sizes) >> 31
    return found


def _times(counts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The product, capped."""
    over = counts > CAP // sizes
    return np.where(over, CAP, np.where(over, 0, counts) * sizes)


def _running(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Running sums along the last axis, capped."""
    found = sizes.copy()
    for i in range(1, sizes.shape[-1]):
        before, size = found[..., i - 1], sizes[..., i]
        over = before > CAP - size
        found[..., i] = np.where(over, CAP, np.where(over, 0, before) + size)
    return found


def _totals(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Sums along the last axis, capped. By halves of the words, whose sums no axis is long enough to overflow."""
    low = (sizes & _LOW_HALF).sum(axis=-1)
    high = (sizes >> 32).sum(axis=-1) + (low >> 32)
    return np.where(high >= CAP >> 32, CAP, (high << 32) | (low & _LOW_HALF))


def _counted(automaton: Automaton, longest: int, least: int) -> npt.NDArray[np.int64]:
    """counts[n, state]: how many texts of n characters lead from the state to acceptance, capped.

    As far as `_usual` looks: for no longer texts than are needed where those of `least` characters or more are wanted.
    """
    sizes = np.array([len(group) for group in automaton.groups], dtype=np.int64)
    counts = [automaton.accepting.astype(np.int64)]
    until, total = longest, 0
    for n in range(longest + 1):
        if n > 0:
            counts.append(_totals(_times(counts[-1][automaton.steps], sizes)))
        if not counts[n].any():
            break  # and so there are no longer ones
        if n >= least and counts[n][1]:
            until = until if total else _natural_length(np.array([n]))
            total += int(counts[n][1])
        if total and n >= until and (total >= _AMPLE or n >= until + _MAX_EXTRA):
            break
    return np.array(counts)


def _natural_length(possible: npt.NDArray[Any]) -> int:
    return max(int(possible[0]) + _USUAL_SPREAD, _USUAL_LENGTH) if possible.size else 0


def _usual(starts: npt.NDArray[np.int64]) -> tuple[Rows, npt.NDArray[np.int64]]:
    """The lengths to use, and how many texts each has: short ones, and more where they are few."""
    possible = np.flatnonzero(starts)
    if not possible.size:
        return possible.astype(np.int64), possible.astype(np.int64)
    first, until = int(possible[0]), _natural_length(possible)
    used = possible[possible <= until]
    total = sum(int(starts[n]) for n in used)
    for n in possible[len(used) :]:
        if total >= _AMPLE or n > until + _MAX_EXTRA:
            break
        used = np.append(used, n)
        total += int(starts[n])
    # An empty text says little: only where there is nothing else.
    if first == 0 and used.size > 1:
        used = used[1:]
    return used.astype(np.int64), starts[used]


def _as_strings(text: npt.NDArray[np.uint32], lengths: Rows) -> pa.Array:
    if not len(lengths):
        return pa.array([], pa.string())
    inside = np.arange(text.shape[1])[None, :] < lengths[:, None]
    if text.max() < 128:
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        data = text.astype(np.uint8)[inside]
        return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets.tobytes()), pa.py_buffer(data.tobytes()))
    wide = np.ascontiguousarray(np.where(inside, text, 0).astype(np.uint32)).view(f"<U{text.shape[1]}")
    return pa.array(wide.ravel().tolist(), pa.string())
