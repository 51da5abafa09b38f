"""Taxes and money as the locale's country has them."""

from typing import Any

from app.generator.meaning.bounds import is_fraction
from app.generator.meaning.surroundings import Surroundings
from app.generator.values.places import has_places

# In percent with weights; the usual rate is the commonest. Of a country without one rate, some of its regions'.
_RATES: dict[str, tuple[list[float], list[int]]] = {
    "de": ([19, 7], [4, 1]), "de_AT": ([20, 10, 13], [6, 2, 1]), "de_CH": ([8.1, 2.6], [4, 1]),
    "fr": ([20, 10, 5.5], [6, 2, 2]), "es": ([21, 10, 4], [6, 2, 1]), "it": ([22, 10, 4], [6, 2, 1]),
    "pt": ([18, 12, 7], [6, 3, 1]), "pt_PT": ([23, 13, 6], [6, 2, 1]), "nl": ([21, 9], [4, 1]),
    "en_GB": ([20, 5], [5, 1]), "en_AU": ([10], [1]), "en_IN": ([18, 12, 5, 28], [5, 2, 2, 1]),
    "en": ([4, 5, 6, 6.25, 7, 7.25, 8.25], [1, 1, 2, 2, 2, 2, 1]), "ja": ([10, 8], [4, 1]),
}  # fmt: skip

# ISO 4217.
_LETTERS = 3
_COUNTRIES = frozenset({"country", "country_code", "country_code3"})
_CURRENCIES = {
    "en_US": "USD", "en_GB": "GBP", "en_CA": "CAD", "en_AU": "AUD", "en_IN": "INR", "de_CH": "CHF", "fr_CH": "CHF",
    "pt_BR": "BRL", "es_MX": "MXN", "es_AR": "ARS", "ja_JP": "JPY", "en_IE": "EUR", "pt": "BRL", "ja": "JPY",
}  # fmt: skip


def currency_of(locale: str) -> str:
    """The code of the money that the locale's country pays in."""
    name = locale.replace("-", "_")
    return _CURRENCIES.get(name) or ("USD" if name.startswith("en") else "EUR")


def percentages(around: Surroundings) -> tuple[list[float], list[int]]:
    """The rates in percent and their weights."""
    locale = around.context.locale.replace("-", "_")
    return _RATES.get(locale) or _RATES.get(locale[:2]) or _RATES["en"]


def tax_rates(around: Surroundings) -> dict[str, Any]:
    """Options of `one_of`: rates as the column's type takes them, whole, with decimals or as a share of one."""
    rates, weights = percentages(around)
    if is_fraction(around):
        return {"values": [round(rate / 100, 4) for rate in rates], "weights": list(weights)}
    modifiers = around.context.type.modifiers
    decimals = 0 if around.context.type.name.startswith("int") else modifiers[1] if len(modifiers) > 1 else 2
    kept = {round(rate, decimals): weight for rate, weight in zip(rates, weights, strict=True)}
    return {"values": list(kept), "weights": list(kept.values())}


def home_of(around: Surroundings) -> str | None:
    """The country that rows are in where nothing else is said: the default of the row's column of countries."""
    if around.context.unique:
        return None
    names = (around.context.column.name, *sorted(around.concepts))
    for name in names:
        own = name == around.context.column.name
        concept = around.concept.name if own else around.concepts[name]
        if concept in _COUNTRIES and (own or around.role_for(name) == around.role):
            code = literal_of(around.context.defaults.get(name))
            if code and has_places(around.context.locale, code):
                return code
    return None


def literal_of(default: str | None) -> str | None:
    """The text of a default that is a literal: 'EUR'::bpchar."""
    value = (default or "").split("::")[0]
    return value[1:-1] if value[:1] == value[-1:] == "'" and len(value) > _LETTERS else None


def usual_currency(default: str | None) -> str | None:
    """The currency that the column has where nothing else is said: 'EUR'::bpchar."""
    code = literal_of(default) or ""
    return code if len(code) == _LETTERS and code.isalpha() and code.isupper() else None
