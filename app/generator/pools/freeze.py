"""Writes the pools' files that come from Faker: `python -m app.generator.pools.freeze`.

Faker promises no stability between releases, so its words are frozen into files and never asked at run time. With the
Faker of the lock file this writes the very files that are committed. What is not from Faker (places, products,
sentences and other plain facts) is written by hand beside them and left alone.
"""

import importlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.generator.pools.library import LOCALES

_ROOT = Path(__file__).parent / "v1"
_SEED = 20260101
_MOST = {"names": 1000, "words": 1000, "jobs": 400, "streets": 300}
# Their lists are written by hand: Faker has none, or ones in which hardly any entry is of daily life.
_OWN_JOBS = frozenset({"de_DE", "nl_NL", "it_IT", "pt_BR"})
_OWN_WORDS = frozenset({"pt_BR"})
_OWN_STREETS = frozenset({"en_US", "en_GB", "ja_JP"})


def main() -> None:
    """Writes every pool that comes from Faker."""
    for locale in LOCALES:
        folder = _ROOT / locale
        folder.mkdir(parents=True, exist_ok=True)
        for kind, attribute in (("f", "first_names_female"), ("m", "first_names_male")):
            _write(folder / f"first_names_{kind}.txt", _names(locale, attribute), "names")
        _write(folder / "last_names.txt", _names(locale, "last_names"), "names")
        _write(folder / "country_names.txt", _distinct(_listed("address", locale, "countries")), "names")
        if locale not in _OWN_WORDS:
            _write(folder / "words.txt", _words(locale), "words")
        if locale not in _OWN_JOBS:
            _write(folder / "jobs.txt", _jobs(locale), "jobs")
        if locale not in _OWN_STREETS:
            _write(folder / "streets.txt", _streets(locale), "streets")
    _write_table(_ROOT / "en_US" / "countries.txt", _countries())
    _write_table(_ROOT / "en_US" / "currencies.txt", _currencies())
    _write_table(_ROOT / "ja_JP" / "romanised.txt", _romanised())


def _provider(kind: str, locale: str | None = None) -> Any:
    try:
        return importlib.import_module(f"faker.providers.{kind}" + (f".{locale}" if locale else "")).Provider
    except ImportError:
        return None


def _listed(kind: str, locale: str, attribute: str) -> list[str]:
    values = getattr(_provider(kind, locale), attribute, None) or ()
    return [str(value) for value in values]


def _names(locale: str, attribute: str) -> list[str]:
    return _distinct(n for n in _listed("person", locale, attribute) if _is_name(n) and len(n) <= 20)


def _words(locale: str) -> list[str]:
    words = _listed("lorem", locale, "word_list")
    least = 1 if locale == "ja_JP" else 3
    return _distinct(w for w in words if len(w) >= least and w.isalpha() and len(w) <= 16)


def _jobs(locale: str) -> list[str]:
    return _distinct(job for job in _listed("job", locale, "jobs") if len(job) <= 40 and "," not in job)


def _streets(locale: str) -> list[str]:
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(_SEED)
    # A family called da Mota has a Morro da Mota, and none "de da Mota".
    drawn = (re.sub(r"\bde (d[aeo]s? )", r"\1", fake.street_name()) for _ in range(2000))
    return _distinct(street for street in drawn if len(street) <= 30 and not street[-1].isdigit())


def _countries() -> Iterator[tuple[str, ...]]:
    yield ("code", "code3", "name", "capital", "continent", "time_zone")
    for country in sorted(_provider("date_time").countries, key=lambda c: str(c.alpha_2_code)):
        zone = sorted(country.timezones)[0]
        codes = (country.alpha_2_code, country.alpha_3_code)
        yield (*codes, _decoded(country.name), _decoded(country.capital), country.continent, zone)


def _decoded(text: str) -> str:
    """The text, where Faker has its UTF-8 bytes as if they were Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _currencies() -> Iterator[tuple[str, ...]]:
    yield ("code", "name")
    for code, name in sorted(_provider("currency").currencies):
        if code.isalpha() and len(code) == 3:
            yield (code, name)


def _romanised() -> Iterator[tuple[str, ...]]:
    yield ("name", "kana", "romanised")
    provider = _provider("person", "ja_JP")
    seen = set()
    for attribute in ("first_name_female_pairs", "first_name_male_pairs", "last_name_pairs"):
        for name, kana, romanised in getattr(provider, attribute):
            if name not in seen:
                seen.add(name)
                yield (name, kana, romanised)


def _is_name(text: str) -> bool:
    return text[0].isalpha() and all(c.isalpha() or c in "-' " for c in text)


def _distinct(values: Iterable[str]) -> list[str]:
    """Without those that another equals but for case; in normal form C."""
    seen: dict[str, str] = {}
    for value in values:
        text = unicodedata.normalize("NFC", value).strip()
        seen.setdefault(text.lower(), text)
    return list(seen.values())


def _write(path: Path, values: list[str], kind: str) -> None:
    """At most so many of a kind, taken from all over the list: Faker's are in the order of the alphabet."""
    most = _MOST[kind]
    if len(values) > most:
        values = [values[place * len(values) // most] for place in range(most)]
    if values:
        path.write_text("".join(f"{value}\n" for value in values), "utf-8", newline="\n")


def _write_table(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    path.write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
