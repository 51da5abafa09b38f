"""Contacts that reach nobody: reserved domains, fictional numbers."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows, draw, make_key
from app.generator.pools import pool
from app.generator.spelling import Gathered, Number, Piece, Spelled, Texts, spell
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option
from app.generator.values.fitting import text_limits
from app.generator.values.generator import Generator, Indexed, Siblings, lazily, pick, spelled_pool
from app.generator.values.people import PERSON_OPTION, Person, names_of, person_of
from app.generator.values.sites import Sites
from app.generator.values.slugs import slugs
from app.generator.values.strings import gather, join, number, strings
from app.generator.values.texts import longest, not_longer

# RFC 2606 and RFC 6761: nobody can own these.
_DOMAINS = ("example.com", "example.org", "example.net")
_SHORT_DOMAINS = ("a.test", "test")
# Where even test leaves no room for a name, half an address could be somebody's: there is none then.
_NO_DOMAIN = ""
_MIX = int(make_key("contacts", "numbered persons"))
# The first thousand rows of a table get numbers of up to three digits behind their names.
_BLOCK = 1000
_TAG_DIGITS = 11
_ENDINGS = strings(["" for _ in range(90)] + [str(n) for n in range(10, 100)])
_ROOM_FOR_ENDINGS = 24
# What stands before the number of a web address in a narrow column, and how many digits there should be room for.
_BRIEF_HOSTS = ((f"https://www.{_DOMAINS[0]}/", 9), ("https://a.test/", 3), ("a.test/", 3), ("/", 1), ("", 0))
_ROOM_FOR_TEST = 8


@lru_cache(maxsize=16)
def _name_slugs(locale: str) -> tuple[pa.Array, pa.Array]:
    names = names_of(locale)
    return slugs(names.first), slugs(names.last)


@lru_cache(maxsize=16)
def _known_names(locale: str) -> tuple[pa.Array, pa.Array]:
    """Every name of the locale's pools, and its slug."""
    names = names_of(locale)
    known = pa.concat_arrays([names.first, names.last])
    return known, slugs(known)


class Handles:
    """What stands before the @, or is a user name: from the row's names, told apart by a number.

    `parts` are the columns whose text it is made of; without any, the row's person's names.
    """

    def __init__(self, person: Person, parts: tuple[str, ...], most: int, separator: str) -> None:
        self._person = person
        self._parts = parts
        self._separator = separator
        self.most = most
        self._first, self._last = _name_slugs(person.locale)
        self._longest_own = longest(self._first) + longest(self._last) + len(separator)

    def natural(self, rows: Rows, siblings: Siblings, salt: int) -> list[Piece]:
        """mary.smith, in pieces to be joined."""
        return self._cut(*self._words(rows, siblings, salt), self.most, len(rows))

    def numbered(self, index: Rows, rows: Rows, siblings: Siblings) -> list[Piece]:
        """mary.smith17, in pieces: the letters hold no digits, so that the number alone tells two apart."""
        room = self.most - _TAG_DIGITS
        digits = Number(index + 1)
        if room < 1:
            return [digits] if self.most < 12 else ["u", digits]
        pieces, bound = self._words(rows, siblings, 0)
        if bound is None:  # names of others may hold digits; those of the pools do not
            pieces = [Texts(pc.replace_substring_regex(_text(pieces, len(rows)), "[0-9]+", ""))]
        return [*self._cut(pieces, bound, room, len(rows)), digits]

    def _cut(self, pieces: list[Piece], bound: int | None, room: int, length: int) -> list[Piece]:
        if bound is not None and bound <= room:
            return pieces
        return [Texts(pc.utf8_slice_codeunits(_text(pieces, length), 0, room))]

    def _words(self, rows: Rows, siblings: Siblings, salt: int) -> tuple[list[Piece], int | None]:
        """The pieces, and how long they are at most where all names are of the pools."""
        given = [name for name in self._parts if name in siblings]
        if not given:
            return self._own(rows, salt), self._longest_own
        pieces: list[Piece] = []
        bound: int | None = self._longest_own if len(given) <= 2 else None
        for name in given:
            found, known = self._slugs_of(siblings, name, whole=len(given) == 1)
            bound = bound if known else None
            pieces += [*([self._separator] if pieces else []), *found]
        if bound is not None:
            return pieces, bound
        joined = _text(pieces, len(rows))
        empty = pc.less_equal(pc.utf8_length(joined), len(self._separator) * (len(given) - 1))
        if pc.any(empty).as_py():
            joined = pc.if_else(empty, _text(self._own(rows, salt), len(rows)), joined)
        return [Texts(joined)], None

    def _slugs_of(self, siblings: Siblings, name: str, *, whole: bool) -> tuple[list[Piece], bool]:
        """The pieces of a column's slugs, and whether each is of a name of the pools; `whole` names are two of them."""
        pooled = spelled_pool(siblings, name)
        names = names_of(self._person.locale)
        if pooled is not None:
            for pool_of_names, name_slugs in ((names.first, self._first), (names.last, self._last)):
                if pooled.pool is pool_of_names:
                    return [Gathered(name_slugs, pooled.index)], True
        sibling = siblings[name]
        text = sibling if pa.types.is_string(sibling.type) else pc.cast(sibling, pa.string())
        known, known_slugs = _known_names(self._person.locale)
        place = pc.index_in(text, known)
        if place.null_count == 0:
            return [Gathered(known_slugs, place.to_numpy())], True
        if whole and place.null_count == len(place) and text.null_count == 0:
            words = pc.utf8_split_whitespace(text, max_splits=1, reverse=True)
            if pc.all(pc.equal(pc.list_value_length(words), 2)).as_py():
                halves = [pc.index_in(pc.list_element(words, n), known) for n in (0, 1)]
                if not any(half.null_count for half in halves):
                    first, last = (Gathered(known_slugs, half.to_numpy()) for half in halves)
                    return [first, self._separator, last], True
        return [Texts(slugs(pc.fill_null(text, ""), self._separator))], False

    def _own(self, rows: Rows, salt: int) -> list[Piece]:
        first = Gathered(self._first, self._person.first(rows, salt))
        return [first, self._separator, Gathered(self._last, self._person.last(rows, salt))]


def _text(pieces: list[Piece], length: int) -> pa.Array:
    return spell(*pieces, length=length).text()


class Emails:
    """Email addresses at reserved domains, of this row's name."""

    arrow_type = pa.string()
    capacity = 10**_TAG_DIGITS - 2
    block = _BLOCK
    shortest = 7
    stretches = True

    def __init__(self, person: Person, parts: tuple[str, ...], most: int | None, domain: str | None) -> None:
        self.needs = parts
        room = 320 if most is None else most
        domains = (domain,) if domain else _DOMAINS
        if not domain and room < len(_DOMAINS[0]) + 1 + _TAG_DIGITS:
            domains = (next((name for name in _SHORT_DOMAINS if len(name) + 2 <= room), _NO_DOMAIN),)
        endings = ["@" + name if name else "" for name in domains]
        self._domains = strings(endings)
        local = room - max(map(len, endings))
        if local < 1:
            raise ValueError(f"no room for an address at {domain}")
        # A dot in what has no domain would make it look like one.
        self._handles = Handles(person, parts, min(local, 64), "" if endings == [""] else ".")
        self.longest = max(map(len, endings)) + min(local, 64)
        self.shortest = min(self.shortest, 1 + min(map(len, endings)))
        if local < _TAG_DIGITS + 1:
            self.capacity = max(1, 10 ** max(0, local) - 2)
            self.block = min(_BLOCK, self.capacity)

    def at(self, index: Rows) -> pa.Array:
        """Addresses of made-up persons, numbered."""
        rows = draw(_MIX, index).view(np.int64) >> 1
        return self.tag(index, _MIX, rows, {})

    def tag(self, index: Rows, key: int, rows: Rows, siblings: Siblings) -> pa.Array:
        """The address of this row's name, with a number."""
        return self.spell_tag(index, key, rows, siblings).text()

    def spell_tag(self, index: Rows, key: int, rows: Rows, siblings: Siblings) -> Spelled:
        """The address' words, its number and its domain."""
        local = self._handles.numbered(index, rows, siblings)
        return spell(*local, self._domain(key, rows, 0), length=len(rows))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The address of this row's name."""
        return self.spell(key, rows, siblings, salt).text()

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Spelled:
        """The address' words and its domain."""
        return spell(*self._handles.natural(rows, siblings, salt), self._domain(key, rows, salt), length=len(rows))

    def _domain(self, key: int, rows: Rows, salt: int) -> Gathered:
        return Gathered(self._domains, lazily(key, rows, salt, len(self._domains)))


class Usernames:
    """User names, of this row's name."""

    arrow_type = pa.string()
    block = _BLOCK
    shortest = 1

    def __init__(self, person: Person, parts: tuple[str, ...], most: int | None) -> None:
        self.needs = parts
        room = 30 if most is None else min(most, 30)
        self._handles = Handles(person, parts, room, "_")
        self.longest = room
        self.capacity = 10 ** min(_TAG_DIGITS, room) - 2
        self.block = min(_BLOCK, self.capacity)

    def at(self, index: Rows) -> pa.Array:
        """Names of made-up persons, numbered."""
        return self.tag(index, _MIX, draw(_MIX, index).view(np.int64) >> 1, {})

    def tag(self, index: Rows, key: int, rows: Rows, siblings: Siblings) -> pa.Array:
        """This row's name, with a number."""
        return self.spell_tag(index, key, rows, siblings).text()

    def spell_tag(self, index: Rows, key: int, rows: Rows, siblings: Siblings) -> Spelled:
        """The name's words and the number."""
        return spell(*self._handles.numbered(index, rows, siblings), length=len(rows))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """This row's name, some with a number of two digits."""
        plain = _text(self._handles.natural(rows, siblings, salt), len(rows))
        # Nothing or a number of two digits, of which half the rows get one.
        ending = gather(_ENDINGS, pick(key, rows, salt, len(_ENDINGS), 1))
        if self._handles.most < _ROOM_FOR_ENDINGS:
            plain = pc.utf8_slice_codeunits(plain, 0, max(1, self._handles.most - 2))
        return pc.utf8_slice_codeunits(join(plain, ending), 0, self._handles.most)


class Urls(Indexed):
    """Web addresses at reserved domains."""

    arrow_type = pa.string()
    block = 1000
    shortest = 20

    def __init__(self, most: int | None, *, path: str = "", extension: str = "") -> None:
        self._words = pool("en_US", "slug_words")
        self._leaves = pool("en_US", "path_words")
        self._path, self._extension = path, extension
        self.capacity = 10**12
        middle = len(path) + 1 if path else longest(self._words) + longest(self._leaves) + 2
        self.longest = 24 + middle + 13 + len(extension)
        self._hosts = tuple(f"https://www.{name}/" for name in _DOMAINS)
        # A column too narrow for folders gets the bare number, at a host that it has room for: half a host could be
        # somebody's.
        self._brief = most is not None and most < self.longest
        if self._brief:
            assert most is not None
            host = next(h for h, least in _BRIEF_HOSTS if len(h) + least <= most or least == 0)
            self._hosts = self._hosts if host == self._hosts[0] else (host,)
            digits = min(9, max(1, most - len(host)))
            self.longest = len(host) + digits
            self.shortest = min(self.shortest, len(host) + 1)
            self.capacity = 10**digits - 1
            self.block = min(self.block, self.capacity)

    def at(self, index: Rows) -> pa.Array:
        """Addresses told apart by the number at their end."""
        return self._text(draw(_MIX, index, 1), number(index + 1))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Addresses with a small number."""
        return self._text(draw(key, rows, salt * 16), number(pick(key, rows, salt, min(10_000, self.capacity), 1)))

    def _text(self, words: Any, numbers: pa.Array) -> pa.Array:
        place = (words >> np.uint64(33)).astype(np.int64)
        host = gather(strings(self._hosts), place % len(self._hosts))
        if self._brief:
            return join(host, numbers)
        if self._path:
            return join(host, self._path + "/", numbers, self._extension)
        section = gather(self._words, place // 7 % len(self._words))
        leaf = gather(self._leaves, place // 1009 % len(self._leaves))
        return join(host, section, "/", leaf, "-", numbers, self._extension)


class Domains(Indexed):
    """Host names below reserved domains."""

    arrow_type = pa.string()
    block = 1000
    capacity = 10**9
    longest, shortest = 38, 9

    def __init__(self, stems: pa.Array, most: int | None) -> None:
        self._stems, self._ending = stems, ".example.com"
        self._narrow = most is not None and most < self.longest
        if most is None or not self._narrow:
            return
        # The whole of a short name instead of half a long one, which could be somebody's.
        self._ending = ".test" if most >= _ROOM_FOR_TEST else ""
        room = most - len(self._ending)
        digits = min(9, max(1, room - 4))
        kept = not_longer(stems, room - digits)
        self._stems = kept if len(kept) else strings(["x" if room > digits else ""])
        self.capacity = 10**digits - 1
        self.block = min(self.block, self.capacity)
        self.longest, self.shortest = most, 1

    def at(self, index: Rows) -> pa.Array:
        """Names told apart by a number."""
        mixed = (draw(_MIX, index, 2) >> np.uint64(33)).astype(np.int64)
        return join(gather(self._stems, mixed % len(self._stems)), number(index + 1), self._ending)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Names without a number, where there is room."""
        if self._narrow:
            return self.at(pick(key, rows, salt, self.block))
        stem = gather(self._stems, pick(key, rows, salt, len(self._stems)))
        ending = strings([".example", ".example.com", ".test", ".example.org"])
        return join(stem, gather(ending, pick(key, rows, salt, 4, 1)))


def _parts(options: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(options[name]) for name in ("first", "last", "name") if options.get(name))


def _emails(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    limits = text_limits(context)
    return Emails(person_of(context, options), _parts(options), limits.most, options.get("domain"))


def _usernames(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Usernames(person_of(context, options), _parts(options), text_limits(context).most)


def _urls(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    own = Urls(
        text_limits(context).most, path=str(options.get("path", "")), extension=str(options.get("extension", ""))
    )
    return Sites(own, str(options["of"]), scheme=True) if "of" in options else own


def _domains(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    own = Domains(slugs(pool("en_US", "company_stems"), "-"), text_limits(context).most)
    return Sites(own, str(options["of"]), scheme=False) if "of" in options else own


_NAME_OPTIONS = {
    "person": PERSON_OPTION,
    "first": Option("column", "the column with the first name"),
    "last": Option("column", "the column with the last name"),
    "name": Option("column", "the column with the full name, or a user name"),
}
_OF = Option("column", "the column with the firm's name, whose site it is")

ENTRIES = (
    Entry(
        "email",
        "Email address of this row's name, at a reserved domain",
        ("text",),
        _emails,
        {**_NAME_OPTIONS, "domain": Option("string", "the domain; one that RFC 2606 reserves by default")},
        {"first": "first_name", "last": "last_name"},
    ),
    Entry("username", "User name, of this row's name", ("text",), _usernames, _NAME_OPTIONS, {"name": "full_name"}),
    Entry(
        "url",
        "Web address at a reserved domain",
        ("text",),
        _urls,
        {
            "path": Option("string", "a folder to stand before the number, such as images"),
            "extension": Option("string", "what the address ends in, such as .png"),
            "of": _OF,
        },
        {"path": "images", "extension": ".png"},
    ),
    Entry("domain_name", "Host name below a reserved domain", ("text",), _domains, {"of": _OF}),
)
