"""What people are called by beside their names: titles that agree with their gender, and readings of their names."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.keys import Rows
from app.generator.pools import pool, resolve_locale, table
from app.generator.snapshot.model import EnumType
from app.generator.spelling import Gathered, Spelled, spell
from app.generator.values.choices import Listed
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, invalid
from app.generator.values.fitting import text_limits
from app.generator.values.generator import Generator, Siblings, pick
from app.generator.values.people import PERSON_OPTION, Person, distinct, person_of
from app.generator.values.strings import strings
from app.generator.values.texts import Phrases, not_longer

# The only locale whose names have a reading apart from their spelling.
_READ_APART = "ja_JP"
# One person in so many has an academic title.
_TITLED = 12
# One in so many has a title that is neither a woman's nor a man's.
_SELDOM = 50
# The titles that only women, and only men have; what is in neither is anybody's.
_WOMEN = frozenset(
    """Mrs. Ms. Miss. Mrs Ms Miss Madam Lady Dame Frau Fräulein Sra. Sra Srta. Srta Señora Señorita Dra. Dra Mme Mme.
    Mlle Madame Mademoiselle Sig.ra Signora Dott.ssa Mevr. Mevr Mevrouw Mw. Mw Senhora""".split()
)
_MEN = frozenset(
    """Mr. Mr Mister Sir Lord Herr Sr. Sr Señor M. M Monsieur Sig. Sig Signor Signore Dott. Dott Dhr. Dhr De_heer Heer
    Senhor""".split()
)
_ACADEMIC = frozenset("Dr. Dr Prof. Prof Professor Pr Pr. Dra. Dra Dott. Dott Dott.ssa PD Doctor Rev Rev. 先生".split())
# What hardly anybody is called.
_RARE = frozenset("Mx. Mx Divers divers Other other Keine keine None none Neutral Enby Autre Otro Outro Anders".split())


def are_titles(words: Sequence[str]) -> bool:
    """Whether all of the words are titles, those of women and of men among them."""
    known = {_plain(word) for word in words}
    every = {_plain(word) for word in _WOMEN | _MEN | _ACADEMIC | _RARE}
    return bool(known & _PLAIN_WOMEN) and bool(known & _PLAIN_MEN) and known <= every


def _plain(word: str) -> str:
    return word.lower().replace(" ", "_")


_PLAIN_WOMEN, _PLAIN_MEN = ({_plain(word) for word in words - _ACADEMIC} for words in (_WOMEN, _MEN))
_PLAIN_ACADEMIC, _PLAIN_RARE = ({_plain(word) for word in words} for words in (_ACADEMIC, _RARE))


class Honorifics(Listed):
    """The title of the row's person: by gender, one in twelve an academic one."""

    def __init__(self, person: Person, titles: pa.Array) -> None:
        super().__init__(titles)
        self._person = person
        words = [_plain(str(title)) for title in titles.to_pylist()]
        women, men = ({_plain(word) for word in words} for words in (_WOMEN, _MEN))
        if {"dra.", "dra"} & set(words):
            men |= {"dr.", "dr"}
        usual = [n for n, word in enumerate(words) if word not in _PLAIN_RARE]
        self._rare = np.array([n for n, word in enumerate(words) if word in _PLAIN_RARE])
        self._choices = {
            (woman, academic): np.array(
                [
                    n
                    for n in usual
                    if words[n] not in (men if woman else women) and (words[n] in _PLAIN_ACADEMIC) == academic
                ]
            )
            for woman in (False, True)
            for academic in (False, True)
        }
        if not any(len(self._choices[woman, True]) for woman in (False, True)):
            self._choices |= {(woman, True): self._choices[woman, False] for woman in (False, True)}

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Agrees with the first name, where the column leaves room for a title that does."""
        if salt > 1 or any(len(places) == 0 for places in self._choices.values()):
            return super().draw(key, rows, siblings, salt)
        woman = self._person.is_woman(rows, salt)
        academic = pick(key, rows, salt, _TITLED, 5) == 0
        place = np.zeros(len(rows), np.int64)
        for (is_woman, is_academic), places in self._choices.items():
            chosen = places[pick(key, rows, salt, len(places), 6)]
            place = np.where((woman == is_woman) & (academic == is_academic), chosen, place)
        if len(self._rare):
            rare = pick(key, rows, salt, _SELDOM, 7) == 0
            place = np.where(rare, self._rare[pick(key, rows, salt, len(self._rare), 8)], place)
        return self.at(place)

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The titles, whole."""
        return self.draw(key, rows, siblings, salt)


class KanaNames(Phrases):
    """How the name of the row's person is read, in katakana: `part` is first, last or full.

    Names of other languages are read as they are written.
    """

    def __init__(self, person: Person, part: str) -> None:
        self._person, self._part = person, part
        self._first, self._last = readings_in_kana(person)
        first, last = distinct(self._first), distinct(self._last)
        super().__init__({"first": [first], "last": [last]}.get(part, [last, " ", first]))

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Spelled:
        """The readings of the rows' persons; the column's own key does not matter."""
        first = Gathered(self._first, self._person.first(rows, salt))
        last = Gathered(self._last, self._person.last(rows, salt))
        if self._part == "full":
            return spell(last, " ", first, length=len(rows))
        return spell(first if self._part == "first" else last, length=len(rows))


def readings_in_kana(person: Person) -> tuple[pa.Array, pa.Array]:
    """The readings of a Japanese person's first and last names, in the order of the pools."""
    readings = _readings()
    first, last = (
        strings([readings.get(name, name) for name in names.to_pylist()])
        for names in (person.names.first, person.names.last)
    )
    return first, last


@lru_cache(maxsize=1)
def _readings() -> dict[str, str]:
    found = table(_READ_APART, "romanised")
    return dict(zip(found["name"].to_pylist(), found["kana"].to_pylist(), strict=True))


def _honorifics(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    if context.domain.values is not None or isinstance(context.user_type, EnumType):
        return Honorifics(person_of(context, options), _allowed(context))
    titles = pool(resolve_locale(context.locale), "honorifics")
    most = text_limits(context).most
    kept = titles if most is None else not_longer(titles, most)
    return Honorifics(person_of(context, options), kept if len(kept) else titles)


def _allowed(context: ColumnContext) -> pa.Array:
    """The titles that the column's checks, or its enum, leave."""
    labels = context.user_type.labels if isinstance(context.user_type, EnumType) else context.domain.values or ()
    words = strings([str(label) for label in labels if context.domain.permits(label)])
    if len(words) == 0:
        raise invalid("honorific: the column allows none of the words")
    return words


def _kana_names(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return KanaNames(person_of(context, options), str(options.get("part", "full")))


ENTRIES = (
    Entry(
        "honorific",
        "Title of the row's person, in agreement with the gender",
        ("text",),
        _honorifics,
        {"person": PERSON_OPTION},
    ),
    Entry(
        "kana_name",
        "How the name of the row's person is read: in katakana for ja_JP, as it is written elsewhere",
        ("text",),
        _kana_names,
        {"person": PERSON_OPTION, "part": Option("string", "which name", False, ("first", "last", "full"))},
        {"part": "full"},
    ),
)
