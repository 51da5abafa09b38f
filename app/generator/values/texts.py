"""Text: codes, phrases from pools, and the fitting of any text into a column's length and case."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.spelling import Gathered, Piece, Spelled, spell
from app.generator.values.generator import MAX_CAPACITY, Generator, Indexed, Siblings, draw_distinct, lazily, pick
from app.generator.values.strings import LOWER_CODE, LOWER_LETTERS, code, from_matrix, gather, join, number, strings

# Letters enough for one character of text to be unique over thousands: CJK ideographs, which have no case.
_IDEOGRAPHS = (0x4E00, 0x9FA5)
_NATURAL_CODE_WIDTH = 8
# Text columns at least this long hold words with a number behind where they must be distinct.
_SHORTEST_TAGGED = 15
_TAG_DIGITS = 9
_FEWEST_ENTRIES = 3
# Generators up to this size are written out where values must be left out of them.
_SMALL = 4096
_REDRAWS = 5


class Codes(Indexed):
    """Text of exactly `width` characters over an alphabet: distinct by the position alone.

    The first character is a letter where the width allows, so that no code looks like a number or a formula.
    """

    arrow_type = pa.string()

    def __init__(self, width: int, alphabet: str = LOWER_CODE, lead: str | None = LOWER_LETTERS) -> None:
        self._lead = lead if lead is not None and width > 1 else None
        self._alphabet = alphabet
        self._width = width
        rest = width - (1 if self._lead else 0)
        # Beyond twelve places the number of codes outgrows an index; the places before stay at zero.
        self.capacity = min(len(alphabet) ** min(rest, 40) * len(self._lead or "x"), MAX_CAPACITY)
        self.block = self.capacity
        self.longest = self.shortest = width

    def at(self, index: Rows) -> pa.Array:
        """The code of `index`."""
        if not self._lead:
            return from_matrix(code(index, self._alphabet, self._width))
        matrix = np.empty((len(index), self._width), np.uint8)
        count = len(self._lead)
        rest = index // count
        matrix[:, :1] = code(index - rest * count, self._lead, 1)
        matrix[:, 1:] = code(rest, self._alphabet, self._width - 1)
        return from_matrix(matrix)


class Glyphs(Indexed):
    """One or two characters: letters and digits first, then ideographs, where a short column must be unique."""

    arrow_type = pa.string()

    def __init__(self, width: int) -> None:
        self._glyphs = _glyphs()
        self._width = width
        self.capacity = len(self._glyphs) ** width
        self.block = len(LOWER_CODE)
        self.longest = self.shortest = width

    def at(self, index: Rows) -> pa.Array:
        """The text of `index`."""
        size = len(self._glyphs)
        if self._width == 1:
            return gather(self._glyphs, index)
        return join(gather(self._glyphs, index // size), gather(self._glyphs, index % size))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Plain letters and digits."""
        index = pick(key, rows, salt, len(LOWER_CODE) ** self._width)
        if self._width == 1:
            return self.at(index)
        plain = len(LOWER_CODE)
        return self.at(index // plain * len(self._glyphs) + index % plain)


@lru_cache(maxsize=1)
def _glyphs() -> pa.Array:
    ideographs = np.arange(*_IDEOGRAPHS, dtype="<u4").tobytes().decode("utf-32-le")
    return strings([*LOWER_CODE, *ideographs])


class Phrases(Indexed):
    """The product of pools, each row one entry of each, told apart by a number once the product is used up.

    `parts` are pools and the literals between them. The entries must not end in a digit nor, but for one pool,
    contain the literals, or two products could read the same.
    """

    arrow_type = pa.string()

    def __init__(self, parts: Sequence[pa.Array | str], tag: str = " ", most_tags: int = 1 << 33) -> None:
        self._parts = tuple(parts)
        self._pools = [part for part in parts if not isinstance(part, str)]
        self._tag = tag
        self.block = 1
        self.longest = sum(len(p) if isinstance(p, str) else longest(p) for p in parts)
        self.shortest = sum(len(p) if isinstance(p, str) else shortest(p) for p in parts)
        for entries in self._pools:
            self.block *= len(entries)
        self.capacity = min(self.block * most_tags, MAX_CAPACITY)

    def at(self, index: Rows) -> pa.Array:
        """The phrase number `index`: from the second round on with the round's number."""
        rounds = index // self.block
        text = self._phrase(index - rounds * self.block).text()
        if not rounds.any():
            return text
        return pc.if_else(pa.array(rounds > 0), join(text, self._tag, number(rounds + 1)), text)

    @property
    def entries(self) -> pa.Array:
        """The pool of a phrase that is one entry and nothing else; empty for others."""
        return self._pools[0] if len(self._parts) == 1 else strings(())

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A natural phrase."""
        return self.spell(key, rows, siblings, salt).text()

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Spelled:
        """The entries of a natural phrase."""
        pieces: list[Piece] = []
        word = 0
        for part in self._parts:
            if isinstance(part, str):
                pieces.append(part)
            else:
                pieces.append(Gathered(part, lazily(key, rows, salt, len(part), word)))
                word += 1
        return spell(*pieces, length=len(rows))

    def shortened(self, most: int) -> "Phrases | None":
        """The phrases that have at most `most` characters, all of them; None where that leaves out too many words."""
        if type(self).spell is not Phrases.spell:  # a row's own name is not to be exchanged for a shorter one
            return None
        room = most - sum(len(p) for p in self._parts if isinstance(p, str))
        parts = [p if isinstance(p, str) else not_longer(p, room // len(self._pools)) for p in self._parts]
        kept = [len(p) for p in parts if not isinstance(p, str)]
        enough = (few >= max(_FEWEST_ENTRIES, len(p) / 2) for few, p in zip(kept, self._pools, strict=True))
        return Phrases(parts, self._tag) if all(enough) else None

    def within(self, least: int, most: int | None) -> "Phrases | None":
        """The phrases of those lengths with room for a number behind; None where there are hardly any."""
        if most is None:
            return self if self.shortest >= least else None
        if most < _SHORTEST_TAGGED or self.shortest < least:
            return None
        literals = sum(len(p) for p in self._parts if isinstance(p, str))
        room = most - literals - len(self._tag) - _TAG_DIGITS
        parts = [p if isinstance(p, str) else not_longer(p, room // len(self._pools)) for p in self._parts]
        if any(len(p) < _FEWEST_ENTRIES for p in parts if not isinstance(p, str)):
            return None
        return Phrases(parts, self._tag, 10**_TAG_DIGITS - 1)

    def _phrase(self, index: Rows) -> Spelled:
        length = len(index)
        pieces: list[Piece] = []
        left = len(self._pools)
        for part in self._parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            left -= 1
            rest = index // len(part) if left else index
            pieces.append(Gathered(part, index - rest * len(part) if left else index))
            index = rest
        return spell(*pieces, length=length)


# An address, a web address or a host name at a reserved domain.
_CONTACT = r"^\S+@\S+$|^\w+://\S+$|^(\S+\.)?(example|test|invalid)(\.(com|org|net))?$"


class Fitted:
    """Another generator's text, cut or filled up to a length, in one case, without the excluded values."""

    arrow_type = pa.string()

    def __init__(
        self,
        inner: Generator,
        *,
        least: int = 0,
        most: int | None = None,
        case: str | None = None,
        excluded: tuple[str, ...] = (),
        countable: bool = True,
    ) -> None:
        self.inner = inner
        self.needs = inner.needs
        self._least, self._most, self._case = least, most, case
        self._excluded = strings(tuple(sorted(excluded))) if excluded else None
        self.capacity: int | None = None
        self.block: int | None = None
        # What stands in for excluded values: texts that are none of them, and in small generators all that are left.
        self._substitutes: pa.Array | None = None
        self._left: pa.Array | None = None
        if inner.capacity is None or inner.block is None:
            return
        if self._excluded is not None:
            self._find_substitutes(inner.capacity, self._excluded)
        if countable:
            self._count(inner.capacity, inner.block)

    def _find_substitutes(self, capacity: int, excluded: pa.Array) -> None:
        spare = capacity if capacity <= _SMALL else min(2 * len(excluded), capacity // 2)
        candidates = self._fit(self.inner.at(np.arange(capacity - spare, capacity, dtype=np.int64)))
        self._substitutes = candidates.filter(pc.invert(pc.is_in(candidates, excluded)))

    def _count(self, capacity: int, block: int) -> None:
        """The inner capacity without the excluded values: they are replaced by values from the end, or left out."""
        if self._excluded is None:
            self.capacity, self.block = capacity, block
        elif capacity <= _SMALL:
            self._left = self._substitutes
            assert self._left is not None
            self.capacity, self.block = len(self._left), max(1, min(block, len(self._left)))
        else:
            self.capacity = capacity - 2 * len(self._excluded)
            self.block = min(block, self.capacity)

    def at(self, index: Rows) -> pa.Array:
        """The inner values, fitted; an excluded one is replaced by its substitute."""
        if self._left is not None:
            return gather(self._left, index)
        return self._replaced(self._fit(self.inner.at(index)))

    def tag(self, index: Rows, key: int, rows: Rows, siblings: Siblings) -> pa.Array:
        """The inner values that follow the row's siblings, fitted: a number tells them apart, which no case changes."""
        if self._left is not None:
            return gather(self._left, index)
        return self._replaced(self._fit(draw_distinct(self.inner, index, key, rows, siblings)))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The inner draws, fitted; an excluded one is drawn again some times, then replaced by its substitute."""
        text = self._fit(self.inner.draw(key, rows, siblings, salt))
        if self._excluded is None:
            return text
        for attempt in range(1, _REDRAWS):
            hits = np.flatnonzero(pc.is_in(text, self._excluded).to_numpy(zero_copy_only=False))
            if not hits.size:
                return text
            some = {name: array.take(pa.array(hits)) for name, array in siblings.items() if name in self.needs}
            again = self._fit(self.inner.draw(key, rows[hits], some, salt + 64 * attempt))
            order = np.arange(len(rows))
            order[hits] = len(rows) + np.arange(len(hits))
            text = pa.concat_arrays([text, again]).take(pa.array(order))
        return self._replaced(text)

    def _replaced(self, text: pa.Array) -> pa.Array:
        if self._excluded is None or self._substitutes is None or len(self._substitutes) == 0:
            return text
        found = pc.index_in(text, self._excluded)
        if found.null_count == len(found):
            return text
        hit = pc.is_valid(found)
        place = pc.fill_null(found, 0).to_numpy(zero_copy_only=False).astype(np.int64) % len(self._substitutes)
        return pc.if_else(hit, gather(self._substitutes, place), text)

    def _fit(self, text: pa.Array) -> pa.Array:
        if self._least:
            text = fill(text, self._least)
        if self._most is not None:
            text = clip(text, self._most, self._least)
        if self._case == "lower":
            return pc.utf8_lower(text)
        return pc.utf8_upper(text) if self._case == "upper" else text


def clip(text: pa.Array, most: int, least: int = 0) -> pa.Array:
    """At most `most` characters, without a blank at the end; an s stands for it where `least` would be missed."""
    if len(text) == text.null_count or pc.max(pc.utf8_length(text)).as_py() <= most:
        return text
    cut = pc.utf8_slice_codeunits(text, 0, most)
    trimmed = pc.utf8_rtrim_whitespace(cut)
    if not least:
        return trimmed
    short = pc.less(pc.utf8_length(trimmed), least)
    return pc.if_else(short, pc.replace_substring_regex(cut, r"\s", "s"), trimmed)


def fill(text: pa.Array, least: int) -> pa.Array:
    """At least `least` characters: shorter texts are said again and again.

    Contacts are made longer before their domain or behind it, so that they still reach nobody: what a mail address
    gets has a plus or a digit in front, which keeps different ones different.
    """
    if len(text) == 0:
        return text
    lengths = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    short = lengths < least
    if not short.any():
        return text
    contacts = pc.match_substring_regex(text, _CONTACT)
    if pc.any(contacts).as_py():
        missing = np.where(short & np.asarray(contacts), least - lengths, 0)
        text = _stretched(text, missing)
        lengths = np.maximum(lengths, lengths + missing)
        short = lengths < least
        if not short.any():
            return text
    repeats = -(-least // (max(1, int(lengths.min())) + 1)) + 1
    long = join(*[text] * repeats, separator=" ")
    cut = pc.replace_substring_regex(pc.utf8_slice_codeunits(long, 0, least), r"\s$", "s")
    return pc.if_else(pa.array(short), cut, text)


# By identity, with the arrays themselves, so that none of them is another's by then.
_LENGTHS: dict[int, tuple[pa.Array, tuple[int, int]]] = {}
_NOT_LONGER: dict[tuple[int, int], tuple[pa.Array, pa.Array]] = {}
_MOST_KNOWN, _MOST_KNOWN_BYTES = 512, 128 * 1024


def longest(entries: pa.Array) -> int:
    """Characters of the longest entry."""
    return _lengths(entries)[1]


def shortest(entries: pa.Array) -> int:
    """Characters of the shortest entry."""
    return _lengths(entries)[0]


def _lengths(entries: pa.Array) -> tuple[int, int]:
    """The fewest and the most characters of an entry. Pools are asked for by every plan."""
    known = _LENGTHS.get(id(entries))
    if known is not None and known[0] is entries:
        return known[1]
    found = pc.min_max(pc.utf8_length(entries)).as_py()
    lengths = (int(found["min"] or 0), int(found["max"] or 0))
    if entries.nbytes <= _MOST_KNOWN_BYTES:
        _LENGTHS[id(entries)] = (entries, lengths)
        if len(_LENGTHS) > _MOST_KNOWN:
            # The oldest. Another thread may have been faster.
            _LENGTHS.pop(next(iter(_LENGTHS), 0), None)
    return lengths


def not_longer(entries: pa.Array, most: int) -> pa.Array:
    """The entries of at most `most` characters. Of a pool it is one and the same array for whoever asks."""
    place = (id(entries), most)
    known = _NOT_LONGER.get(place)
    if known is not None and known[0] is entries:
        return known[1]
    kept = entries.filter(pc.less_equal(pc.utf8_length(entries), most))
    if entries.nbytes <= _MOST_KNOWN_BYTES:
        _NOT_LONGER[place] = (entries, kept)
        if len(_NOT_LONGER) > _MOST_KNOWN:
            _NOT_LONGER.pop(next(iter(_NOT_LONGER), place), None)
    return kept


def short_codes(most: int, least: int = 0, *, plain: bool = False) -> Generator:
    """Distinct codes for a column of at most `most` characters: as wide as is natural, wider where asked."""
    width = max(least, min(most, _NATURAL_CODE_WIDTH), 1)
    return Glyphs(width) if width < 3 and not plain else Codes(width)


def _stretched(text: pa.Array, missing: Rows) -> pa.Array:
    """Contacts with so many characters more each."""
    out = text.to_pylist()
    for place in np.flatnonzero(missing):
        out[place] = _longer(out[place], int(missing[place]))
    return pa.array(out, text.type)


def _longer(contact: str, missing: int) -> str:
    if "://" in contact:
        return contact + ("/page" * missing)[:missing]
    if missing == 1:
        return "0" + contact
    if "@" in contact:
        local, _, domain = contact.rpartition("@")
        return f"{local}+{('mail' * missing)[: missing - 1]}@{domain}"
    return f"{('host' * missing)[: missing - 1]}.{contact}"
