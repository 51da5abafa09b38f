"""Places: city, region, postal code, country and coordinates of one row agree."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.arrow_types import arrow_type
from app.generator.draws import Index
from app.generator.keys import Rows, make_key
from app.generator.pools import LOCALES, pool, resolve_locale, table
from app.generator.spelling import Gathered, Spelled, spell
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, family, invalid
from app.generator.values.fitting import text_limits
from app.generator.values.generator import Generator, Indexed, Siblings, lazily, pick
from app.generator.values.mobiles import mobile_patterns
from app.generator.values.number_defaults import NumberRange, number_generator
from app.generator.values.numbers import decimals
from app.generator.values.people import distinct
from app.generator.values.place_columns import counted_parts, place_column
from app.generator.values.shapes import Geometries, GeometryKind
from app.generator.values.shares import Weights
from app.generator.values.strings import fixed_point, gather, join, number, strings
from app.generator.values.templates import patterns_of
from app.generator.values.texts import Phrases, longest, shortest

PLACE_OPTION = Option("string", "which place of the row: columns with the same word are about the same one")
WORLD_OPTION = Option("boolean", "cities of all the world instead of the locale's own")
COUNTRIES_OPTION = Option("any", 'countries by code with their weights, such as {"DE": 60, "AT": 40}')
_MICRODEGREES = 1_000_000
# How far from the city's middle a row may be, in millionths of a degree: about five kilometres.
_SCATTER = 50_000
_SHORTEST_PHONE = 7
_SHORTEST_POSTAL = 4
# What every number of so many digits fits in.
_INT4_DIGITS, _INT8_DIGITS = 9, 18
_MOST_WEIGHT = 1_000_000_000


class Place:
    """The place of each row of a table: a row of the locale's table of cities, or of the world's."""

    def __init__(self, context: ColumnContext, options: Mapping[str, Any]) -> None:
        locale = resolve_locale(context.locale)
        world = bool(options.get("world"))
        # The world's cities are written in English: the other locales stay at home.
        self.table: Mapping[str, Any] = (
            table("en_US", "world") if world and locale.startswith("en") else table(locale, "places")
        )
        self._weights: Weights | None = None
        if "countries" in options:
            self.table, self._weights = _mixed(locale, options["countries"])
        self.count = len(self.table["city"])
        self._key = int(make_key(f"{context.table_key:x}", "place", str(options.get("place", ""))))

    def of(self, rows: Rows, salt: int) -> Rows:
        """The place of each row."""
        if self._weights is not None:
            return self._weights.draw(self._key, rows, salt)
        return pick(self._key, rows, salt, self.count)

    def lazily(self, rows: Rows, salt: int) -> Index:
        """The place of each row, when it is asked for; a mix of countries is drawn by its weights at once."""
        if self._weights is not None:
            return self.of(rows, salt)
        return lazily(self._key, rows, salt, self.count)

    def scatter(self, rows: Rows, salt: int, word: int) -> Rows:
        """An offset from the city's middle, in millionths of a degree, the same for all columns of the row."""
        return pick(self._key, rows, salt, 2 * _SCATTER, word) - _SCATTER

    def microdegrees(self, column: str) -> Rows:
        """A coordinate of every place, in millionths of a degree."""
        return np.array([int(Decimal(v) * _MICRODEGREES) for v in self.table[column].to_pylist()], np.int64)


def _mixed(locale: str, countries: Any) -> tuple[Mapping[str, pa.Array], Weights]:
    """The places of several countries, and the weight of each: a country's is shared among its cities."""
    if not isinstance(countries, Mapping) or not countries:
        raise invalid("countries must be an object of country codes and weights")
    tables, weights = [], []
    for code, weight in countries.items():
        if isinstance(weight, bool) or not isinstance(weight, int) or not 0 < weight <= _MOST_WEIGHT:
            raise invalid(f"countries: the weight of {code} must be a whole number from 1 to {_MOST_WEIGHT:,}")
        found = _places_in(locale, str(code))
        if found is None:
            raise invalid(f"countries: there are no cities of {code!r}")
        tables.append(found)
        count = len(found["city"])
        weights += [Fraction(weight, count)] * count
    whole = {name: pa.concat_arrays([part[name] for part in tables]) for name in tables[0]}
    return whole, Weights.of(weights)


def _places_in(locale: str, code: str) -> Mapping[str, pa.Array] | None:
    """The cities of a country: those of its own locale, else the few that the table of the world has."""
    for name in (locale, *LOCALES):
        own = table(name, "places")
        if own["country_code"][0].as_py() == code:
            return own if name == locale or not locale.startswith("en") else {**own, "country": _english(own)}
    world = table("en_US", "world")
    chosen = pc.equal(world["country_code"], code)
    return {name: column.filter(chosen) for name, column in world.items()} if pc.any(chosen).as_py() else None


def has_places(locale: str, code: str) -> bool:
    """Whether there are cities of the country of that code."""
    return _places_in(resolve_locale(locale), code) is not None


def _english(places: Mapping[str, pa.Array]) -> pa.Array:
    """The country of each place by its English name, as the words beside it are."""
    found = table("en_US", "countries")
    names = dict(zip(found["code"].to_pylist(), found["name"].to_pylist(), strict=True))
    return strings([names[code] for code in places["country_code"].to_pylist()])


class PlaceParts(Phrases):
    """One column of the place: city, region, region code, country, country code, time zone, currency."""

    def __init__(self, place: Place, entries: pa.Array, counted: pa.Array) -> None:
        self._place, self._entries = place, entries
        super().__init__([distinct(counted)])
        self.longest = max(longest(entries), longest(counted))
        self.shortest = min(shortest(entries), shortest(counted))

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Spelled:
        """What the rows' places say."""
        return spell(Gathered(self._entries, self._place.lazily(rows, salt)), length=len(rows))


class PlacePatterns(Indexed):
    """A pattern of the place, filled in: postal code, phone number.

    The phone numbers of `places.txt` and `world.txt` reach nobody. They are of ranges kept for fiction: 555-0100 to
    0199 in North America (NANPA), Ofcom's "Numbers for drama use" in the United Kingdom, the Bundesnetzagentur's
    Mitteilung 148/2021 in Germany, ARCEP's numbers for audiovisual works in France (decision 2018-0881). Where a
    country keeps none, the subscriber's number begins with a digit that its plan gives to nobody: 0 in Brazil, the
    Netherlands, Italy, Japan and other countries, a first digit of 5 in Spain.
    """

    arrow_type = pa.string()

    def __init__(self, place: Place, patterns: tuple[str, ...], extension: str | None) -> None:
        self._place = place
        self._patterns = patterns_of(patterns)
        unique = list(dict.fromkeys(patterns))
        self._counted = patterns_of(tuple(unique))
        self._per_pattern = int(self._counted.sizes.min())
        self.block = len(unique) * self._per_pattern
        self._extension = extension
        self.capacity = self.block * (100_000_000 if extension else 1)
        self.longest, self.shortest = self._patterns.longest, self._patterns.shortest

    def at(self, index: Rows) -> pa.Array:
        """Every pattern in turn; numbers are told further apart by an extension."""
        rounds = index // self.block
        within = index - rounds * self.block
        patterns = len(self._counted.patterns)
        text = self._counted.fill(within % patterns, within // patterns)
        if self._extension is None or not rounds.any():
            return text
        return pc.if_else(pa.array(rounds > 0), join(text, self._extension, number(rounds)), text)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The pattern of the row's place with drawn digits."""
        return self.spell(key, rows, siblings, salt).text()

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Spelled:
        """The pattern of the row's place, and the number that fills it."""
        return spell(self._patterns.drawn(self._place.lazily(rows, salt), key, rows, salt), length=len(rows))


class PlaceNumbers(Indexed):
    """A pattern of the place as a whole number: postal codes and phone numbers that a schema keeps in integers.

    What does not fit loses its first digits. Distinct ones count up from `first`, in the same harmless range.
    """

    def __init__(self, place: Place, patterns: tuple[str, ...], arrow: pa.DataType, first: int, capacity: int) -> None:
        most = _INT4_DIGITS if arrow == pa.int32() else _INT8_DIGITS
        self._text = PlacePatterns(place, tuple(p[-most:] for p in patterns), None)
        self.arrow_type = arrow
        self._first = first
        self.capacity = self.block = capacity

    def at(self, index: Rows) -> pa.Array:
        """Numbers in a row."""
        return pa.array(index + self._first).cast(self.arrow_type)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The number of the row's place."""
        return pc.cast(self._text.draw(key, rows, siblings, salt), self.arrow_type)


class Coordinates:
    """Latitude or longitude near the row's city, as a number of the column's type."""

    needs: tuple[str, ...] = ()

    def __init__(self, context: ColumnContext, place: Place, column: str, word: int, text: bool) -> None:
        self._place, self._word, self._text = place, word, text
        # As text a minus in front could be taken for a formula.
        self._sides = strings((" N", " S") if column == "latitude" else (" E", " W"))
        self._degrees = place.microdegrees(column)
        limit = 85 if column == "latitude" else 180
        self.arrow_type = pa.string() if text else arrow_type(context.type)
        self.longest, self.shortest = 13, 10
        self.fallback: Generator | None = None
        if not text:
            self.fallback = number_generator(context, NumberRange(Decimal(-limit), Decimal(limit), 6))
        self.capacity = self.fallback.capacity if self.fallback else None
        self.block = self.fallback.block if self.fallback else None

    def at(self, index: Rows) -> pa.Array:
        """Numbers of the column's type within the globe."""
        if self.fallback is None:
            raise TypeError("coordinates as text have no numbered values")
        return self.fallback.at(index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The city's coordinate with a scatter, rounded to the column's scale."""
        exact = self._degrees[self._place.of(rows, salt)] + self._place.scatter(rows, salt, self._word)
        if self._text:
            return join(fixed_point(np.abs(exact), 6), gather(self._sides, (exact < 0).astype(np.int64)))
        if pa.types.is_floating(self.arrow_type):
            return pa.array((exact.astype(np.float64) / _MICRODEGREES).astype(self.arrow_type.to_pandas_dtype()))
        scale = self.arrow_type.scale
        if scale >= 6:
            return decimals(exact, 10 ** (scale - 6), 0, self.arrow_type)
        unit = 10 ** (6 - scale)
        return decimals((exact + unit // 2) // unit, 1, 0, self.arrow_type)


class PlacePoints(Indexed):
    """Points near the row's city: PostGIS, the built-in point, or `latitude,longitude` as text."""

    arrow_type = pa.string()

    def __init__(self, place: Place, kind: str, geometries: Geometries) -> None:
        self._place, self._kind, self._geometries = place, kind, geometries
        self._latitudes, self._longitudes = place.microdegrees("latitude"), place.microdegrees("longitude")
        self.capacity = self.block = geometries.capacity
        self.longest, self.shortest = 28, 18

    def at(self, index: Rows) -> pa.Array:
        """Points all over the globe."""
        if self._kind == "geometry":
            return self._geometries.at(index)
        return self._plain((index % 3_599_000) * 100 - 179_950_000, (index // 3_599_000) * 100 - 84_900_000)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A point within some kilometres of the city."""
        place = self._place.of(rows, salt)
        latitude = self._latitudes[place] + self._place.scatter(rows, salt, 8)
        longitude = self._longitudes[place] + self._place.scatter(rows, salt, 9)
        if self._kind == "geometry":
            return self._geometries.around(longitude, latitude, pick(self._place.count, rows, salt, 500, 10))
        return self._plain(longitude, latitude)

    def _plain(self, longitude: Rows, latitude: Rows) -> pa.Array:
        x, y = fixed_point(longitude, 6), fixed_point(latitude, 6)
        return join("(", x, ",", y, ")") if self._kind == "point" else join("(", y, ", ", x, ")")


def _place_parts(part: str) -> Any:
    def make(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
        place = Place(context, options)
        entries = place_column(place.table, part)
        return PlaceParts(place, entries, counted_parts(place.table, part, context.locale))

    return make


def _digits_of(patterns: Sequence[str], otherwise: str) -> tuple[str, ...]:
    """The patterns without what is no digit; `otherwise` for those that are letters for the most part."""
    kept = ("".join(c for c in p if c == "#" or c.isdigit()) for p in patterns)
    return tuple(p if len(p) >= _SHORTEST_POSTAL else otherwise for p in kept)


def _whole_type(context: ColumnContext) -> pa.DataType:
    if context.type.name not in ("int4", "int8"):
        raise invalid(f"{context.type.name} cannot hold such a number: text, int4 and int8 can")
    return arrow_type(context.type)


def _postal_codes(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    place = Place(context, options)
    patterns = tuple(place.table["postal"].to_pylist())
    if family(context) == "number":
        return PlaceNumbers(place, _digits_of(patterns, "#####"), _whole_type(context), 10_000, 90_000)
    most = text_limits(context).most
    if (first := options.get("characters")) is not None:
        most = int(first) if most is None else min(most, int(first))
    if most is not None and most < max(len(p) for p in patterns):
        patterns = tuple("".join(c for c in p if c in "#?" or c.isalnum())[:most] for p in patterns)
    return PlacePatterns(place, patterns, None)


def _phones(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    place = Place(context, options)
    patterns = place.table["phone"].to_pylist()
    if options.get("mobile"):
        patterns = mobile_patterns(patterns, place.table["country_code"].to_pylist())
    if family(context) == "number":
        return PlaceNumbers(place, _digits_of(patterns, "55501##"), _whole_type(context), 5_550_100, 100)
    most = text_limits(context).most
    style = options.get("format")
    if style == "digits" or (most is not None and most < max(len(p) for p in patterns)):
        patterns = ["".join(c for c in p if c == "#" or c.isdigit()) for p in patterns]
    # A text that begins with a plus could be taken for a formula.
    patterns = [p.replace("+", "00", 1) if p.startswith("+") else p for p in patterns]
    if most is not None and most < max(len(p) for p in patterns):
        if most < _SHORTEST_PHONE:
            return PlacePatterns(place, tuple("#" * most for _ in patterns), None)
        patterns = [p[-most:] for p in patterns]
    extension = None if most is not None and most < max(len(p) for p in patterns) + 10 else " x"
    return PlacePatterns(place, tuple(patterns), extension)


def _coordinates(column: str, word: int) -> Any:
    def make(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
        kind = family(context)
        if kind == "text":
            return Coordinates(context, Place(context, options), column, word, True)
        if context.type.name not in ("numeric", "float4", "float8"):
            limit = Decimal(85 if column == "latitude" else 180)
            return number_generator(context, NumberRange(-limit, limit, 0))
        found = Coordinates(context, Place(context, options), column, word, False)
        assert found.fallback is not None
        reach = pa.types.is_string(found.arrow_type) or not _within_globe(context, column)
        return found.fallback if reach else found

    return make


def _within_globe(context: ColumnContext, column: str) -> bool:
    """Whether the domain leaves the whole globe, so that no city falls outside."""
    domain, limit = context.domain, 85 if column == "latitude" else 180
    low, high, modifiers = domain.low, domain.high, context.type.modifiers
    if modifiers and modifiers[0] - (modifiers[1] if len(modifiers) > 1 else 0) < (2 if limit < 100 else 3):
        return False
    bounded = (low is None or (not isinstance(low, str) and low <= -limit)) and (
        high is None or (not isinstance(high, str) and high >= limit)
    )
    return bounded and domain.multiple_of is None


def _points(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    kind = {"point": "point", "geometry": "geometry", "geography": "geometry"}.get(context.type.name)
    if kind is None:
        if family(context) != "text":
            raise invalid(f"{context.type.name} cannot hold a point")
        kind = "text"
    return PlacePoints(Place(context, options), kind, Geometries(GeometryKind.of(context.type)))


def _countries(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    part = str(options.get("part", "name"))
    if part == "name":
        return Phrases([pool(resolve_locale(context.locale), "country_names")])
    return Phrases([distinct(table("en_US", "countries")[part])])


PLACE_CHOICE = {"place": PLACE_OPTION, "world": WORLD_OPTION, "countries": COUNTRIES_OPTION}
_PARTS = {
    "city": "City of the row's place",
    "region": "State, province or region of the row's place",
    "region_code": "Code of the region",
    "province": "French department or Spanish province of the row's place; elsewhere its region",
    "country": "Country of the row's place",
    "country_code": "Two-letter country code of the row's place (ISO 3166)",
    "country_code3": "Three-letter country code of the row's place",
    "continent": "Continent of the row's place",
    "time_zone": "Time zone of the row's place, by its name in the tz database",
    "currency": "Currency code of the row's place (ISO 4217)",
    "locale": "Locale of the row's place: its language and its country",
}

ENTRIES = (
    *(Entry(name, about, ("text",), _place_parts(name), PLACE_CHOICE) for name, about in _PARTS.items()),
    Entry(
        "postal_code",
        "Postal code of the row's place",
        ("text", "number"),
        _postal_codes,
        {**PLACE_CHOICE, "characters": Option("integer", "so many of its first characters, in a text")},
    ),
    Entry(
        "phone",
        "Phone number of the row's place, from ranges that are kept for fiction or given to nobody",
        ("text", "number"),
        _phones,
        {
            **PLACE_CHOICE,
            "format": Option("string", "how it is written", False, ("national", "digits")),
            "mobile": Option("boolean", "a mobile number, where the country tells them apart"),
        },
        {"format": "digits"},
    ),
    Entry("latitude", "Latitude near the row's city", ("number", "text"), _coordinates("latitude", 8), PLACE_CHOICE),
    Entry("longitude", "Longitude near the row's city", ("number", "text"), _coordinates("longitude", 9), PLACE_CHOICE),
    Entry("geo_point", "A point near the row's city: PostGIS, point, or text", ("any",), _points, PLACE_CHOICE),
    Entry(
        "country_name",
        "Any country, not tied to the row's place",
        ("text",),
        _countries,
        {"part": Option("string", "what of it", False, ("name", "code", "code3", "capital", "continent"))},
        {"part": "code3"},
    ),
)
