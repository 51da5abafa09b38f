"""What people are called by beside their names: titles that agree with their gender, and readings of their names."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.keys import Rows
from app.generator.pools import pool, resolve_locale, table
from app.generator.spelling import Gathered, Spelled, spell
from app.generator.values.choices import Listed
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option
from app.generator.values.fitting import text_limits
from app.generator.values.generator import Generator, Siblings, pick
from app.generator.values.people import PERSON_OPTION, Person, distinct, person_of
from app.generator.values.strings import strings
from app.generator.values.texts import Phrases, not_longer

# The only locale whose names have a reading apart from their spelling.
_READ_APART = "ja_JP"
# One person in so many has an academic title.
_TITLED = 12
# The titles that only women, and only men have; what is in neither is anybody's.
_WOMEN = frozenset("Mrs. Ms. Frau Sra. Dra. Mme Sig.ra Dott.ssa Mevr.".split())
_MEN = frozenset("Mr. Herr Sr. M. Sig. Dott. Dhr.".split())
_ACADEMIC = frozenset("Dr. Dr Prof. Pr Dra. Dott. Dott.ssa 先生".split())


class Honorifics(Listed):
    """The title of the row's person: by gender, one in twelve an academic one."""

    def __init__(self, person: Person, titles: pa.Array) -> None:
        super().__init__(titles)
        self._person = person
        words = [str(title) for title in titles.to_pylist()]
        men = _MEN | ({"Dr."} if "Dra." in words else frozenset())
        self._choices = {
            (woman, academic): np.array(
                [
                    n
                    for n, word in enumerate(words)
                    if word not in (men if woman else _WOMEN) and (word in _ACADEMIC) == academic
                ]
            )
            for woman in (False, True)
            for academic in (False, True)
        }

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
    titles = pool(resolve_locale(context.locale), "honorifics")
    most = text_limits(context).most
    kept = titles if most is None else not_longer(titles, most)
    return Honorifics(person_of(context, options), kept if len(kept) else titles)


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
