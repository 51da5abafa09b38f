"""People: the row's person, whom all columns of the row agree on, and what is said of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.draws import Draw, Index, scaled
from app.generator.keys import Rows, make_key, mix, word_key
from app.generator.pools import pool, resolve_locale
from app.generator.spelling import Gathered, Piece, Spelled, Texts, spell
from app.generator.values.choices import Listed
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, invalid
from app.generator.values.generator import DRAWS_PER_ATTEMPT, Generator, Indexed, Siblings, lazily, pick, spelled_pool
from app.generator.values.strings import gather, join, strings
from app.generator.values.texts import Phrases, longest, shortest

PERSON_OPTION = Option("string", "which person of the row: columns with the same word are about the same one")
GENDER_OPTION = Option(
    "string", "f or m for names of one gender; without it the row's person decides", False, ("f", "m")
)
_FIRST, _LAST, _MIDDLE = 1, 2, 3
_HALF = np.uint64(1 << 63)
_WOMEN = tuple(
    "f w v female weiblich femme mujer femenino feminino vrouw femmina 女性 woman feminin frau féminin".split()
)
_MEN = tuple("m h male männlich homme hombre masculino man maschio 男性 masculin mann mannelijk herr".split())
_FAMILY_NAME_FIRST = frozenset({"ja_JP"})
# What stands before last names in lower case, in the languages that write it apart.
_PARTICLE = (
    r"^(?P<particle>(?:van|de|den|der|het|'t|ter|ten|te|op|in|aan|von|zu|zum|vom|la|le|du|dos|da|do|di|del)"
    r"(?: (?:de|den|der|het|'t|la|le|los|las))*) (?P<rest>\p{Lu}.*)$"
)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a locale: the women's first names, then the men's."""

    first: pa.Array
    women: int
    last: pa.Array

    @property
    def men(self) -> int:
        """How many of the first names are men's."""
        return len(self.first) - self.women


@lru_cache(maxsize=16)
def names_of(locale: str) -> Names:
    """The names of a locale's pools."""
    women, men = pool(locale, "first_names_f"), pool(locale, "first_names_m")
    return Names(pa.concat_arrays([women, men]), len(women), pool(locale, "last_names"))


@lru_cache(maxsize=64)
def _distinct_first(locale: str, gender: str | None, plain: bool) -> pa.Array:
    """First names without doubles; `plain` ones have no blank."""
    names = names_of(locale)
    found = names.first
    if gender is not None:
        found = found.slice(0, names.women) if gender == "f" else found.slice(names.women)
    return distinct(found.filter(pc.invert(pc.match_substring(found, " "))) if plain else found)


class Person:
    """The person of each row of a table. `role` tells several persons of a row apart: customer, recipient."""

    def __init__(self, context: ColumnContext, role: str = "", gender: str | None = None) -> None:
        self.locale = resolve_locale(context.locale)
        self.names = names_of(self.locale)
        self._key = int(make_key(f"{context.table_key:x}", "person", role))
        self._gender = gender

    def is_woman(self, rows: Rows, salt: int) -> npt.NDArray[np.bool_]:
        """Whether each person is a woman."""
        if self._gender is not None:
            return np.full(len(rows), self._gender == "f")
        woman: npt.NDArray[np.bool_] = mix(self._word_key(salt, _FIRST), rows) < _HALF
        return woman

    def first(self, rows: Rows, salt: int, n: int = _FIRST) -> Index:
        """The place of each first name in `names.first`."""
        names = self.names
        if self._gender is not None:
            start, count = (0, names.women) if self._gender == "f" else (names.women, names.men)
            return Draw(self._word_key(salt, n), rows, count, start)
        if n == _FIRST:
            return Draw(self._word_key(salt, n), rows, names.women, second=names.men)
        # Another first name of the same gender.
        woman = self.is_woman(rows, salt)
        sizes = np.where(woman, names.women, names.men)
        return scaled(mix(self._word_key(salt, n), rows), sizes) + np.where(woman, 0, names.women)

    def _word_key(self, salt: int, n: int) -> int:
        return word_key(self._key, salt * DRAWS_PER_ATTEMPT + n)

    def middle(self, rows: Rows, salt: int) -> Index:
        """The place of each middle name in `names.first`."""
        return self.first(rows, salt, _MIDDLE)

    def last(self, rows: Rows, salt: int) -> Draw:
        """The place of each last name in `names.last`."""
        return lazily(self._key, rows, salt, len(self.names.last), _LAST)


class FirstNames(Phrases):
    """First (or middle) names of the row's person."""

    def __init__(self, person: Person, *, middle: bool = False, gender: str | None = None) -> None:
        self._person, self._middle = person, middle
        super().__init__([_distinct_first(person.locale, gender, False)])

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Spelled:
        """The names of the rows' persons; the column's own key does not matter."""
        place = self._person.middle(rows, salt) if self._middle else self._person.first(rows, salt)
        return spell(Gathered(self._person.names.first, place), length=len(rows))


class LastNames(Phrases):
    """Last names of the row's person; `apart` from what stands before them, where that has a column of its own."""

    def __init__(self, person: Person, *, apart: bool = False) -> None:
        self._person = person
        self._names = particles_of(person.locale).rest if apart else person.names.last
        super().__init__([distinct(self._names) if apart else self._names])

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Spelled:
        """The names of the rows' persons; the column's own key does not matter."""
        return spell(Gathered(self._names, self._person.last(rows, salt)), length=len(rows))


class Particles(Indexed):
    """What stands before the last name of the row's person in a column of its own: van der; NULL where nothing does.

    In a column that may not be NULL it is empty then.
    """

    arrow_type = pa.string()

    def __init__(self, person: Person, *, nullable: bool) -> None:
        self._person = person
        found = particles_of(person.locale).particle
        self._each = found if nullable else pc.fill_null(found, "")
        self._distinct = found.drop_null().unique() if found.null_count < len(found) else strings(("van",))
        self.capacity = self.block = len(self._distinct)
        self.longest, self.shortest = longest(self._distinct), 0

    def at(self, index: Rows) -> pa.Array:
        """The particle number `index`."""
        return gather(self._distinct, index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The particles of the rows' persons; the column's own key does not matter."""
        return Gathered(self._each, self._person.last(rows, salt)).text()


@dataclass(frozen=True, slots=True)
class Parted:
    """The last names of a locale, each in two: what stands before it, NULL mostly, and the rest."""

    particle: pa.Array
    rest: pa.Array


@lru_cache(maxsize=16)
def particles_of(locale: str) -> Parted:
    """The last names of a locale's pool in their parts, at the places that they have there."""
    names = names_of(locale).last
    found = pc.extract_regex(names, _PARTICLE)
    particle, rest = pc.struct_field(found, "particle"), pc.struct_field(found, "rest")
    return Parted(particle, pc.coalesce(rest, names))


class FullNames(Phrases):
    """First and last name: of the sibling columns where they are named, else of the row's person."""

    def __init__(self, person: Person, locale: str, *, first: str | None, last: str | None, order: str | None) -> None:
        self._person, self._first, self._last = person, first, last
        family_first = resolve_locale(locale) in _FAMILY_NAME_FIRST
        self._separator = ", " if order == "last_first" else " "
        self._reversed = family_first or order == "last_first"
        names = person.names
        # Numbered full names take first names without a blank, or two of them could read the same.
        plain = _distinct_first(person.locale, None, True)
        parts = [names.last, self._separator, plain] if self._reversed else [plain, self._separator, names.last]
        super().__init__(parts)
        # Siblings may hold anything: their names decide how long these are.
        if first or last:
            self.longest = 10_000
        else:
            self.longest = longest(names.first) + longest(names.last) + len(self._separator)
        own_shortest = shortest(names.first) + shortest(names.last)
        self.shortest = (2 if first or last else own_shortest) + len(self._separator)
        self.needs = tuple(name for name in (first, last) if name)

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Spelled:
        """The rows' full names."""
        person = self._person
        given = _name(siblings, self._first, lambda: Gathered(person.names.first, person.first(rows, salt)))
        family = _name(siblings, self._last, lambda: Gathered(person.names.last, person.last(rows, salt)))
        pair = (family, given) if self._reversed else (given, family)
        return spell(pair[0], self._separator, pair[1], length=len(rows))


class Initials(Indexed):
    """The initials of the row's person, such as MS."""

    arrow_type = pa.string()
    capacity = block = 26 * 26
    longest = shortest = 2

    def __init__(self, person: Person) -> None:
        self._person = person
        self._letters = strings(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))

    def at(self, index: Rows) -> pa.Array:
        """Two letters."""
        return join(gather(self._letters, index // 26), gather(self._letters, index % 26))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The first letters of the rows' names."""
        person = self._person
        first = pc.utf8_slice_codeunits(Gathered(person.names.first, person.first(rows, salt)).text(), 0, 1)
        family = Gathered(particles_of(person.locale).rest, person.last(rows, salt)).text()
        return join(first, pc.utf8_slice_codeunits(family, 0, 1))


class Genders(Listed):
    """The gender of the row's person, in the words that the column allows."""

    def __init__(self, person: Person, words: pa.Array) -> None:
        super().__init__(words)
        self._person = person
        texts = [str(word).lower() for word in words.to_pylist()]
        self._woman = _place(texts, _WOMEN)
        self._man = _place(texts, _MEN)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Agrees with the first name; one in fifty takes another word where there is one."""
        if self._woman is None or self._man is None or salt > 1:
            return super().draw(key, rows, siblings, salt)
        place = np.where(self._person.is_woman(rows, salt), self._woman, self._man)
        if self.capacity > 2:
            other = [n for n in range(self.capacity) if n not in (self._woman, self._man)]
            rare = pick(key, rows, salt, 50, 5) == 0
            place = np.where(rare, np.array(other)[pick(key, rows, salt, len(other), 6)], place)
        return self.at(place)


def _place(texts: list[str], words: tuple[str, ...]) -> int | None:
    return next((texts.index(word) for word in words if word in texts), None)


def distinct(entries: pa.Array) -> pa.Array:
    """Without those that another equals but for case."""
    seen: dict[str, str] = {}
    for entry in entries.to_pylist():
        seen.setdefault(entry.lower(), entry)
    return strings(list(seen.values()))


def _name(siblings: Siblings, name: str | None, own: Callable[[], Gathered]) -> Piece:
    """A name as the sibling column has it, else the row's own."""
    if name is None or name not in siblings:
        return own()
    pooled = spelled_pool(siblings, name)
    if pooled is not None:
        return pooled
    text = siblings[name] if pa.types.is_string(siblings[name].type) else pc.cast(siblings[name], pa.string())
    text = pc.coalesce(text, own().text()) if text.null_count else text
    return Texts(text)


def person_of(context: ColumnContext, options: Mapping[str, Any]) -> Person:
    """The person that the options `person` and `gender` mean."""
    return Person(context, str(options.get("person", "")), options.get("gender"))


def _first_names(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return FirstNames(person_of(context, options), gender=options.get("gender"))


def _middle_names(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return FirstNames(person_of(context, options), middle=True, gender=options.get("gender"))


def _last_names(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    person, infix = person_of(context, options), options.get("infix")
    if infix == "only":
        return Particles(person, nullable=context.column.nullable and context.domain.nullable)
    return LastNames(person, apart=infix == "apart")


def _full_names(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    person = person_of(context, options)
    first, last = options.get("first"), options.get("last")
    return FullNames(person, context.locale, first=first, last=last, order=options.get("order"))


def _initials(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Initials(person_of(context, options))


def _genders(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    wanted = options.get("words")
    allowed = context.domain.permits
    words = (
        strings([str(w) for w in wanted if allowed(str(w))])
        if wanted
        else pool(resolve_locale(context.locale), "genders")
    )
    if len(words) == 0:
        raise invalid("gender: the column allows none of the words")
    return Genders(person_of(context, options), words)


_PERSON = {"person": PERSON_OPTION, "gender": GENDER_OPTION}

ENTRIES = (
    Entry("first_name", "First name of the row's person", ("text",), _first_names, _PERSON, {"gender": "f"}),
    Entry("middle_name", "Middle name of the row's person", ("text",), _middle_names, _PERSON),
    Entry(
        "last_name",
        "Last name of the row's person",
        ("text",),
        _last_names,
        {
            "person": PERSON_OPTION,
            "infix": Option(
                "string", "apart for a name without its `van der`, only for nothing else", False, ("apart", "only")
            ),
        },
    ),
    Entry(
        "full_name",
        "First and last name, of sibling columns or of the row's person",
        ("text",),
        _full_names,
        {
            **_PERSON,
            "first": Option("column", "the column with the first name"),
            "last": Option("column", "the column with the last name"),
            "order": Option("string", "last_first for `Last, First`", False, ("first_last", "last_first")),
        },
        {"first": "first_name", "last": "last_name"},
    ),
    Entry("initials", "Initials of the row's person", ("text",), _initials, {"person": PERSON_OPTION}),
    Entry(
        "gender",
        "Gender of the row's person, in agreement with the first name",
        ("any",),
        _genders,
        {"person": PERSON_OPTION, "words": Option("list", "the words to use, such as F and M")},
        {"words": ["F", "M"]},
    ),
)
