"""The texts of a part of each place: its country in other forms, its currency, its province."""

from collections.abc import Mapping

import pyarrow as pa

from app.generator.pools import pool, resolve_locale, table
from app.generator.values.languages import locale_of
from app.generator.values.provinces import provinces
from app.generator.values.strings import strings


def place_column(places: Mapping[str, pa.Array], part: str) -> pa.Array:
    """The texts of a part of every place."""
    if part == "currency":
        found = table("en_US", "country_currencies")
        codes = dict(zip(found["code"].to_pylist(), found["currency"].to_pylist(), strict=True))
        return strings([codes.get(code, "USD") for code in places["country_code"].to_pylist()])
    if part == "country_code3":
        found = table("en_US", "countries")
        codes = dict(zip(found["code"].to_pylist(), found["code3"].to_pylist(), strict=True))
        return strings([codes.get(code, "USA") for code in places["country_code"].to_pylist()])
    if part == "province":
        known = (places[name].to_pylist() for name in ("country_code", "postal", "region"))
        return strings(provinces(*known))
    if part == "locale":
        return strings([locale_of(code) for code in places["country_code"].to_pylist()])
    if part == "continent":
        found = table("en_US", "countries")
        names = dict(zip(found["code"].to_pylist(), found["continent"].to_pylist(), strict=True))
        return strings([names.get(code, "Europe") for code in places["country_code"].to_pylist()])
    return places[part]


def counted_parts(places: Mapping[str, pa.Array], part: str, locale: str) -> pa.Array:
    """What distinct values are taken from: of countries all there are, of the rest those of every place."""
    found = table("en_US", "countries")
    match part:
        case "country":
            return pool(resolve_locale(locale), "country_names")
        case "country_code":
            return found["code"]
        case "country_code3":
            return found["code3"]
        case "currency":
            return table("en_US", "currencies")["code"]
        case "city":
            return pa.concat_arrays([places["city"], table("en_US", "world")["city"]])
        case _:
            return place_column(places, part)
