"""Streets, house numbers, and other things that are a word and a number."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from app.generator.draws import Index, drawn
from app.generator.keys import Rows
from app.generator.pools import pool, resolve_locale
from app.generator.spelling import Gathered, Number, Piece, Spelled, spell
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option
from app.generator.values.fitting import text_limits
from app.generator.values.generator import Generator, Indexed, Siblings, lazily
from app.generator.values.places import PLACE_CHOICE, Place
from app.generator.values.strings import gather, join, number, strings
from app.generator.values.templates import Patterns, patterns_of
from app.generator.values.texts import longest, not_longer, shortest


class Streets(Indexed):
    """Street addresses: a street and a house number, in the locale's order; with the city when asked."""

    arrow_type = pa.string()

    def __init__(
        self, locale: str, place: Place | None, part: str, postal: Patterns | None = None, most: int | None = None
    ) -> None:
        self._locale = resolve_locale(locale)
        streets = pool(self._locale, "streets")
        if most is not None and most < longest(streets) + 8:
            kept = not_longer(streets, most - 8)
            streets = kept if len(kept) >= 3 else streets
        self._streets = streets
        self._part, self._place, self._postal = part, place, postal
        self.block = len(streets) if part == "street" else len(streets) * 900
        self.capacity = self.block if part == "street" else len(streets) * 10**9
        extra = 0 if place is None else longest(place.table["city"]) + longest(place.table["region_code"]) + 20
        self.longest = longest(streets) + (0 if part == "street" else 14) + extra
        self.shortest = shortest(streets)

    def at(self, index: Rows) -> pa.Array:
        """Every street in turn, with growing house numbers."""
        count = len(self._streets)
        line = self._line(Gathered(self._streets, index % count), index // count + 1)
        return spell(*line, length=len(index)).text()

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A street and a house number."""
        return self.spell(key, rows, siblings, salt).text()

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Spelled:
        """The street, the number, and what stands between them."""
        street = Gathered(self._streets, lazily(key, rows, salt, len(self._streets)))
        if self._part == "street" and self._place is None:
            return spell(street, length=len(rows))
        most = 9900 if self._locale == "en_US" else 180
        line = self._line(street, replace(lazily(key, rows, salt, most, 1), start=1))
        return spell(*(line if self._place is None else self._with_city(line, key, rows, salt)), length=len(rows))

    def _line(self, street: Gathered, house: Index) -> list[Piece]:
        if self._part == "street":
            return [street]
        digits = Number(house)
        match self._locale:
            case "en_US" | "en_GB":
                return [digits, " ", street]
            case "fr_FR":
                return [digits, ", ", street]
            case "es_ES" | "pt_BR" | "it_IT":
                return [street, ", ", digits]
            case "ja_JP":
                block = drawn(house)
                return [street, Number(block % 9 + 1), "-", Number(block // 9 % 30 + 1), "-", digits]
            case _:
                return [street, " ", digits]

    def _with_city(self, line: list[Piece], key: int, rows: Rows, salt: int) -> list[Piece]:
        assert self._place is not None
        assert self._postal is not None
        place = self._place.lazily(rows, salt)
        city, region = Gathered(self._place.table["city"], place), Gathered(self._place.table["region_code"], place)
        postal = self._postal.drawn(place, key, rows, salt)
        match self._locale:
            case "en_US":
                return [*line, ", ", city, ", ", region, " ", postal]
            case "en_GB":
                return [*line, ", ", city, ", ", postal]
            case "ja_JP":
                return ["〒", postal, " ", Gathered(self._place.table["region"], place), city, *line]
            case "pt_BR":
                return [*line, " - ", city, " - ", region, ", ", postal]
            case _:
                return [*line, ", ", postal, " ", city]


class HouseNumbers(Indexed):
    """House numbers, as text."""

    arrow_type = pa.string()
    block = 200
    capacity = 10**6
    longest, shortest = 7, 1

    def at(self, index: Rows) -> pa.Array:
        """1, 2, 3, ..."""
        return number(index + 1)


class Numbered(Indexed):
    """A word and a number: `Apt. 12`, `Room 204`, `Gate 7`."""

    arrow_type = pa.string()

    def __init__(self, words: pa.Array, block: int = 60, start: int = 1) -> None:
        self._words, self._start = words, start
        self.block = len(words) * block
        self.capacity = len(words) * 10**6
        self.longest, self.shortest = longest(words) + 7, shortest(words) + 1

    def at(self, index: Rows) -> pa.Array:
        """Every word in turn, the numbers growing."""
        count = len(self._words)
        return join(gather(self._words, index % count), number(index // count + self._start))


def _streets(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    part = str(options.get("part", "line"))
    most = text_limits(context).most
    if part != "full":
        return Streets(context.locale, None, part, most=most)
    place = Place(context, {key: value for key, value in options.items() if key != "world"})
    return Streets(context.locale, place, "line", patterns_of(tuple(place.table["postal"].to_pylist())), most)


def _house_numbers(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return HouseNumbers()


def _numbered(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    words = strings([str(word) for word in options["words"]])
    return Numbered(words, int(options.get("count", 60)), int(options.get("start", 1)))


ENTRIES = (
    Entry(
        "street_address",
        "Street and house number, in the locale's order; with the city as `full`",
        ("text",),
        _streets,
        {**PLACE_CHOICE, "part": Option("string", "how much of it", False, ("street", "line", "full"))},
        {"part": "full"},
    ),
    Entry("house_number", "House number", ("text",), _house_numbers),
    Entry(
        "numbered",
        "A word and a number, such as `Room 204`",
        ("text",),
        _numbered,
        {
            "words": Option("list", "the words, with the blank that follows", True),
            "count": Option("integer", "how many numbers are natural"),
            "start": Option("integer", "the first number"),
        },
        {"words": ["Room "], "start": 101},
    ),
)
