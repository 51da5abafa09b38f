"""Writes the pools' files from Faker's lists: `python -m app.generator.pools.freeze`.

Faker promises no stability between releases, so its words are frozen into files and never asked at run time. Run this
for a new version of the pools only: with the Faker of the lock file it writes the very files that are committed.
What is not from Faker (places, products, sentences and other plain facts) is written by hand beside them.
"""

import importlib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from app.generator.pools.library import LOCALES

_ROOT = Path(__file__).parent / "v1"
_MOST_NAMES = 1000
_MOST_WORDS = 1000
_MOST_JOBS = 400


def main() -> None:
    """Writes every pool that comes from Faker."""
    for locale in LOCALES:
        folder = _ROOT / locale
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "first_names_f.txt", _names(locale, "first_names_female")[:_MOST_NAMES])
        _write(folder / "first_names_m.txt", _names(locale, "first_names_male")[:_MOST_NAMES])
        _write(folder / "last_names.txt", _names(locale, "last_names")[:_MOST_NAMES])
        _write(folder / "words.txt", _words(locale)[:_MOST_WORDS])
        _write(folder / "jobs.txt", _jobs(locale)[:_MOST_JOBS])


def _provider(kind: str, locale: str) -> object | None:
    try:
        return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider  # type: ignore[no-any-return]  # Faker has no stubs for its locales
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
    return _distinct(job for job in _listed("job", locale, "jobs") if len(job) <= 40 and job[0].isalpha())


def _is_name(text: str) -> bool:
    return text[0].isalpha() and all(c.isalpha() or c in "-' " for c in text)


def _distinct(values: Iterable[str]) -> list[str]:
    """Without those that another equals but for case, accents left alone, in normal form C."""
    seen: dict[str, str] = {}
    for value in values:
        text = unicodedata.normalize("NFC", value).strip()
        seen.setdefault(text.lower(), text)
    return list(seen.values())


def _write(path: Path, values: list[str]) -> None:
    if values:
        path.write_text("".join(f"{value}\n" for value in values), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
