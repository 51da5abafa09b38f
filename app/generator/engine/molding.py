"""Drawn texts poured into the molds of checks (see `expressions.molds`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from app.generator.domain import Domain, Pattern
from app.generator.expressions.molds import Mold, escaped
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.pattern import PatternGenerator
from app.generator.keys import Rows, draw
from app.generator.snapshot.model import TypeRef

_ANY = None
# A piece of a pattern: characters, None for any one character.
_Piece = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Molding:
    """Shapes one column's texts after other columns of their rows."""

    mold: Mold
    domain: Domain
    most: int | None
    key: int

    @classmethod
    def of(cls, mold: Mold, base: TypeRef, domain: Domain, key: int) -> "Molding":
        """For a column of this type with this domain."""
        width = base.modifiers[0] if base.modifiers and base.name in ("varchar", "bpchar") else None
        bounds = [n for n in (width, domain.max_length, domain.max_bytes) if n is not None]
        return cls(mold, domain, min(bounds, default=None), key)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that give the pattern."""
        return self.mold.value.columns

    def shaped(self, values: pa.Array, arrays: Mapping[str, pa.Array], rows: Rows, salt: int) -> pa.Array:
        """The values, each as its row's pattern has it; those stay that are NULL, or whose pattern is."""
        found: list[str | None] = values.to_pylist()
        patterns = self.mold.value.evaluate(arrays, len(values)).to_pylist()
        if self.mold.form == "regex":
            self._fill_in(found, patterns, rows, salt)
            return pa.array(found, values.type)
        chances = draw(self.key, rows, salt).tolist()
        for place, (own, pattern) in enumerate(zip(found, patterns, strict=True)):
            if own is not None and pattern is not None:
                found[place] = self._poured(own, pattern, chances[place])
        return pa.array(found, values.type)

    def _poured(self, own: str, pattern: str, chance: int) -> str:
        mold = self.mold
        if mold.form == "text":
            pattern = mold.before + escaped(pattern) + mold.behind
        pieces = _pieces(pattern)
        if pieces is None:
            return own
        # Over as much of the drawn text, which leaves its shape as it is, or around the whole of it.
        over, around = _over(own, pieces), _around(own, pieces)
        if chance & 1 or (self.most is not None and len(around) > self.most):
            return over
        return around

    def _fill_in(self, found: list[str | None], patterns: list[str | None], rows: Rows, salt: int) -> None:
        places: dict[str, list[int]] = {}
        for place, (own, pattern) in enumerate(zip(found, patterns, strict=True)):
            if own is not None and pattern is not None:
                places.setdefault(pattern, []).append(place)
        domain, fold = self.domain, self.mold.ignore_case
        for pattern, members in places.items():
            generator = _generator((*domain.patterns, Pattern(pattern, fold)), domain.min_length, self.most)
            if generator is not None:
                drawn = generator.draw(draw(self.key, rows[np.array(members)], salt)).to_pylist()
                for place, text in zip(members, drawn, strict=True):
                    found[place] = text


@lru_cache(maxsize=1024)
def _generator(patterns: tuple[Pattern, ...], least: int | None, most: int | None) -> PatternGenerator | None:
    try:
        made = PatternGenerator(patterns, least, most)
    except ExpressionUnknown:
        return None
    return made if made.capacity else None


@lru_cache(maxsize=4096)
def _pieces(pattern: str) -> tuple[_Piece, ...] | None:
    """What stands between the `%` of a LIKE pattern; None where it ends in the escape character."""
    pieces: list[list[str | None]] = [[]]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
            if at == len(pattern):
                return None
            pieces[-1].append(pattern[at])
        elif char == "%":
            pieces.append([])
        else:
            pieces[-1].append(_ANY if char == "_" else char)
        at += 1
    return tuple(tuple(piece) for piece in pieces)


def _over(own: str, pieces: tuple[_Piece, ...]) -> str:
    """The first piece over the beginning of the text, the last over its end, the others in between."""
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return _filled(first, own, own)
    body = own[len(first) : max(len(first), len(own) - len(last))]
    return _joined(own, pieces, body, own[: len(first)], own[max(0, len(own) - len(last)) :])


def _around(own: str, pieces: tuple[_Piece, ...]) -> str:
    """The first piece before the text, the last behind it."""
    return _filled(pieces[0], own, own) if len(pieces) == 1 else _joined(own, pieces, own, own, own)


def _joined(own: str, pieces: tuple[_Piece, ...], body: str, start: str, end: str) -> str:
    middle = "".join(_filled(piece, own, own) for piece in pieces[1:-1])
    return _filled(pieces[0], start, own) + middle + body + _filled(pieces[-1], end, own)


def _filled(piece: _Piece, source: str, own: str) -> str:
    """The piece, its free characters those of the source, or others of the text where that is too short."""
    spare = [char for char in own if char.isalnum()] or ["a"]
    return "".join(
        char if char is not None else source[at] if at < len(source) else spare[at % len(spare)]
        for at, char in enumerate(piece)
    )
