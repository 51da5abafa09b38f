"""Drawn texts, days, addresses and ranges poured into the molds of checks (see `expressions.molds`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from ipaddress import ip_network
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.domain import Domain, Pattern
from app.generator.expressions.molds import Mold, escaped
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.pattern import PatternGenerator
from app.generator.keys import Rows, draw
from app.generator.snapshot.model import TypeRef

if TYPE_CHECKING:
    from app.generator.engine.nodes import Shaping

_ANY = None
_SECOND_US = 1_000_000
# A piece of a pattern: characters, None for any one character.
_Piece = tuple[str | None, ...]


def molding_of(
    mold: Mold, base: TypeRef, domain: Domain, key: int
) -> "Molding | DayMolding | AddressMolding | RangeMolding | ItemMolding":
    """What shapes a column of this type with this domain."""
    if mold.form in ("first", "last"):
        return ItemMolding(mold)
    if mold.form == "inside":
        return RangeMolding(mold, key)
    if mold.form == "within":
        return AddressMolding(mold, key)
    return Molding.of(mold, base, domain, key) if mold.of_text else DayMolding(mold)


@dataclass(frozen=True, slots=True)
class OneAfterTheOther:
    """Shapes a column after those of one check, and then after those of another."""

    shapings: "tuple[Shaping, ...]"

    @property
    def columns(self) -> frozenset[str]:
        """The columns that say how."""
        return frozenset().union(*(shaping.columns for shaping in self.shapings))

    def shaped(self, values: pa.Array, arrays: Mapping[str, pa.Array], rows: Rows, salt: int) -> pa.Array:
        """The values, in the last shape."""
        for shaping in self.shapings:
            values = shaping.shaped(values, arrays, rows, salt)
        return values


@dataclass(frozen=True, slots=True)
class _ByColumns:
    """What shapes a column after others of its rows."""

    mold: Mold

    @property
    def columns(self) -> frozenset[str]:
        """The columns that say how."""
        return self.mold.value.columns


@dataclass(frozen=True, slots=True)
class Molding(_ByColumns):
    """Shapes one column's texts after other columns of their rows."""

    domain: Domain
    most: int | None
    key: int
    labels: bool = False
    """Whether it is a path of labels, none of which is empty."""

    @classmethod
    def of(cls, mold: Mold, base: TypeRef, domain: Domain, key: int) -> "Molding":
        """For a column of this type with this domain."""
        width = base.modifiers[0] if base.modifiers and base.name in ("varchar", "bpchar") else None
        bounds = [n for n in (width, domain.max_length, domain.max_bytes) if n is not None]
        return cls(mold, domain, min(bounds, default=None), key, base.name == "ltree")

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
        if self.labels:
            over, around = (".".join(label for label in text.split(".") if label) for text in (over, around))
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


@dataclass(frozen=True, slots=True)
class DayMolding(_ByColumns):
    """Moves one column's days into the years, months or days that other columns give."""

    def shaped(self, values: pa.Array, arrays: Mapping[str, pa.Array], rows: Rows, salt: int) -> pa.Array:
        """The values, each in its row's year, month or day; those stay that are NULL, or for which there is none."""
        given = self.mold.value.evaluate(arrays, len(values))
        if self.mold.form == "second":
            return _whole_seconds_away(values, given)
        unit = "D" if pa.types.is_date(values.type) else "us"
        numbers = values.cast(pa.int32() if unit == "D" else pa.int64()).fill_null(0)
        moments = np.asarray(numbers).astype(f"datetime64[{unit}]")
        days = moments.astype("datetime64[D]")
        moved = self._moved(days, given) + (moments - days)
        made = pa.array(moved.astype(f"datetime64[{unit}]").astype(np.int32 if unit == "D" else np.int64))
        return pc.if_else(pc.and_(values.is_valid(), given.is_valid()), made.view(values.type), values)

    def _moved(self, days: npt.NDArray[np.datetime64], given: pa.Array) -> npt.NDArray[np.datetime64]:
        form = self.mold.form
        years, months = days.astype("datetime64[Y]"), days.astype("datetime64[M]")
        month, day = months - years, days - months
        if form.startswith("of "):
            wanted = np.asarray(given.cast(pa.int32()).fill_null(0)).astype("datetime64[D]")
            if form == "of day":
                return wanted
            years = wanted.astype("datetime64[Y]")
            month = wanted.astype("datetime64[M]") - years if form == "of month" else month
        else:
            number = np.asarray(given.cast(pa.int64()).fill_null(1))
            if form == "year":
                years = (np.clip(number, 1, 9999) - 1970).astype("datetime64[Y]")
            elif form == "month":
                month = (np.clip(number, 1, 12) - 1).astype("timedelta64[M]")
            else:
                day = (np.clip(number, 1, 31) - 1).astype("timedelta64[D]")
        first = years.astype("datetime64[M]") + month
        last = (first + 1).astype("datetime64[D]") - 1
        found: npt.NDArray[np.datetime64] = np.minimum(first.astype("datetime64[D]") + day, last)
        return found


@dataclass(frozen=True, slots=True)
class ItemMolding(_ByColumns):
    """Puts what other columns give first or last into one column's lists."""

    def shaped(self, values: pa.Array, arrays: Mapping[str, pa.Array], rows: Rows, salt: int) -> pa.Array:
        """The lists with their row's item in its place; those stay that are NULL or empty."""
        items = self.mold.value.evaluate(arrays, len(values)).to_pylist()
        found = values.to_pylist()
        for own, item in zip(found, items, strict=True):
            if own:
                own[0 if self.mold.form == "first" else -1] = item
        return pa.array(found, values.type)


@dataclass(frozen=True, slots=True)
class AddressMolding(_ByColumns):
    """Moves one column's addresses into the networks that other columns give."""

    key: int

    def shaped(self, values: pa.Array, arrays: Mapping[str, pa.Array], rows: Rows, salt: int) -> pa.Array:
        """A host of its row's network for each; those stay that are NULL, or for which there is none."""
        networks = self.mold.value.evaluate(arrays, len(values)).to_pylist()
        chances = draw(self.key, rows, salt).tolist()
        found = [
            own if own is None or network is None else _host(network, chance) or own
            for own, network, chance in zip(values.to_pylist(), networks, chances, strict=True)
        ]
        return pa.array(found, values.type)


@dataclass(frozen=True, slots=True)
class RangeMolding(_ByColumns):
    """Moves one column's ranges into those that another column gives."""

    key: int

    def shaped(self, values: pa.Array, arrays: Mapping[str, pa.Array], rows: Rows, salt: int) -> pa.Array:
        """A part of its row's range for each, of days and whole numbers, or else all of it; NULL stays."""
        outer = self.mold.value.evaluate(arrays, len(values)).to_pylist()
        chances = draw(self.key, rows, salt).tolist()
        found: list[str | None] = values.to_pylist()
        for place, (own, around) in enumerate(zip(found, outer, strict=True)):
            if own is not None and around not in (None, "empty"):
                part = _part(around, chances[place])
                found[place] = f"{{{part}}}" if own.startswith("{") else part
        return pa.array(found, values.type)


# Of days or whole numbers, with both ends: what a part of can be taken by counting.
_COUNTED = re.compile(r"\[(-?\d+|\d{4}-\d\d-\d\d),(-?\d+|\d{4}-\d\d-\d\d)\)")


def _part(text: str, chance: int) -> str:
    match = _COUNTED.fullmatch(text)
    if match is None:
        return text
    dated = "-" in match[1][1:]
    first, last = (date.fromisoformat(bound).toordinal() if dated else int(bound) for bound in match.groups())
    room = last - first
    if room < _LEAST_PARTED:
        return text
    first += chance % (room // 3)
    last -= chance // room % (room // 3)
    return f"[{date.fromordinal(first)},{date.fromordinal(last)})" if dated else f"[{first},{last})"


# Ranges of fewer days or numbers are taken whole.
_LEAST_PARTED = 3


def _host(network: str, chance: int) -> str | None:
    try:
        within = ip_network(network, strict=False)
    except ValueError:
        return None
    # Neither the network's own address nor, of version 4, the one of all its hosts, where there are others.
    room = within.num_addresses - 2
    return str(within.network_address + (1 + chance % min(room, 1 << 32) if room > 0 else 0))


def _whole_seconds_away(values: pa.Array, given: pa.Array) -> pa.Array:
    """The moments, nearer to the given ones by less than a second."""
    if not pa.types.is_timestamp(values.type):
        return values
    own, others = (np.asarray(array.cast(pa.int64()).fill_null(0)) for array in (values, given))
    distance = own - others
    moved = others + np.sign(distance) * (np.abs(distance) // _SECOND_US) * _SECOND_US
    return pc.if_else(pc.and_(values.is_valid(), given.is_valid()), pa.array(moved).view(values.type), values)


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
