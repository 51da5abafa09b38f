"""Text reduced to plain letters: for email addresses, user names and URLs."""

import unicodedata
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.pools import table
from app.generator.values.strings import strings

_SPELLED = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
    }
)


@lru_cache(maxsize=65_536)
def slug(text: str, separator: str = "") -> str:
    """Lower-case ASCII letters and digits; what stands between words becomes the separator."""
    if text.isascii() and text.isalnum():  # most names
        return text.lower()
    romanised = romanisations().get(text, text)
    plain = unicodedata.normalize("NFKD", romanised.lower().translate(_SPELLED)).encode("ascii", "ignore").decode()
    words = "".join(c if c.isalnum() else " " for c in plain.replace("'", "")).split()
    return separator.join(words)


@lru_cache(maxsize=1)
def romanisations() -> dict[str, str]:
    """Japanese names in Latin letters."""
    found = table("ja_JP", "romanised")
    return dict(zip(found["name"].to_pylist(), found["romanised"].to_pylist(), strict=True))


def slugs(text: pa.Array, separator: str = "") -> pa.Array:
    """The slug of each text. Only distinct texts are worked on, so that names from a pool cost hardly anything."""
    if len(text) == 0:
        return text
    encoded = text.dictionary_encode()
    entries = strings([slug(entry, separator) for entry in encoded.dictionary.to_pylist()])
    return pc.fill_null(entries.take(encoded.indices), "")
