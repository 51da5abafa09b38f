"""Countries and languages as people name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Land:
    """One country, or several that go by one name; `locale` is that of the first, where there are words in it."""

    codes: tuple[str, ...]
    locale: str | None


@dataclass(frozen=True, slots=True)
class Atlas:
    """Countries by their names and adjectives, locales by the names of languages; a name may be several words."""

    lands: Mapping[tuple[str, ...], Land]
    languages: Mapping[tuple[str, ...], str]
    locales: Mapping[str, str]


@cache
def atlas() -> Atlas:
    """What `countries.txt` says."""
    lands: dict[tuple[str, ...], Land] = {}
    languages: dict[tuple[str, ...], str] = {}
    locales: dict[str, str] = {}
    text = Path(__file__).with_name("countries.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        head, _, rest = line.partition(":")
        code, _, second = head.partition(" ")
        names, _, spoken = rest.partition("|")
        if code.isupper():
            locale = None if second == "-" else second
            land = Land((code,), locale)
            if locale is not None:
                locales[code] = locale
            for word in spoken.split():
                languages[tuple(word.split("*"))] = second
        else:
            codes = tuple(second.split(","))
            land = Land(codes, locales.get(codes[0]))
        for word in names.split():
            lands.setdefault(tuple(word.split("*")), land)
    return Atlas(lands, languages, locales)
