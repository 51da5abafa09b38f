"""The language that most people of a country speak, as locales have it."""

# Languages by the countries' codes, where they are not called alike.
_SPOKEN = {
    "ar": "AE EG MA SA", "bg": "BG", "cs": "CZ", "da": "DK", "de": "DE AT CH LI", "el": "GR",
    "es": "ES AR CL CO CR MX PE UY",
    "et": "EE", "fi": "FI", "fr": "FR LU", "he": "IL", "hr": "HR", "hu": "HU", "id": "ID", "it": "IT", "ja": "JP",
    "ko": "KR", "lt": "LT", "lv": "LV", "ms": "MY", "nb": "NO", "nl": "NL BE", "pl": "PL", "pt": "BR PT", "ro": "RO",
    "sk": "SK",
    "sl": "SI", "sv": "SE", "th": "TH", "tr": "TR", "vi": "VN", "zh": "CN HK TW",
}  # fmt: skip
_LANGUAGE = {country: language for language, countries in _SPOKEN.items() for country in countries.split()}


def locale_of(country: str) -> str:
    """The locale of a country by its two-letter code: de-AT; English where nothing else is known."""
    return f"{_LANGUAGE.get(country, 'en')}-{country}"
