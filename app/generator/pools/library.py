"""Reads the frozen pools: one text file per locale and pool, loaded once, as Arrow arrays.

`v1/<locale>/<name>.txt` has an entry per line; a table has a header line and tabs between its cells. A pool that a
locale lacks comes from its language's other locale, then from en_US. A change of a file changes bytes: make a v2 and
raise ENGINE_VERSION.
"""

from functools import lru_cache
from pathlib import Path

import pyarrow as pa

_ROOT = Path(__file__).parent / "v1"
LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "pt_BR", "nl_NL", "it_IT", "ja_JP")
_FALLBACK = "en_US"
TABLES = frozenset(
    {"places", "world", "countries", "currencies", "country_currencies", "languages", "file_types", "romanised"}
)


def resolve_locale(locale: str) -> str:
    """The locale whose pools serve `locale`: itself, another of its language (`de-AT`, `pt`), else en_US."""
    wanted = locale.replace("-", "_").partition(".")[0]
    if wanted in LOCALES:
        return wanted
    language = wanted.partition("_")[0].lower()
    return next((name for name in LOCALES if name.startswith(language + "_")), _FALLBACK)


@lru_cache(maxsize=512)
def pool(locale: str, name: str) -> pa.Array:
    """The pool of that name as a string array; entries are distinct, also without regard to case.

    Raises KeyError when no locale has it.
    """
    return pa.array(_find(locale, f"{name}.txt").read_text("utf-8").split("\n")[:-1], pa.string())


@lru_cache(maxsize=128)
def table(locale: str, name: str) -> dict[str, pa.Array]:
    """The table of that name, a string array per column, all equally long. Raises KeyError when no locale has it."""
    header, *lines = _find(locale, f"{name}.txt").read_text("utf-8").split("\n")[:-1]
    columns = zip(*(line.split("\t") for line in lines), strict=True)
    return {title: pa.array(cells, pa.string()) for title, cells in zip(header.split("\t"), columns, strict=True)}


def pool_names() -> list[str]:
    """The names of all pools that are plain lists."""
    names = {path.stem for path in _ROOT.glob("*/*.txt")}
    return sorted(name for name in names if name not in TABLES)


@lru_cache(maxsize=1024)
def has_pool(locale: str, name: str) -> bool:
    """Whether the locale, or another of its language, has that pool itself."""
    return _find(locale, f"{name}.txt").parent.name[:2] == locale[:2]


def _find(locale: str, file_name: str) -> Path:
    language = locale[:2]
    for name in (locale, *(other for other in LOCALES if other[:2] == language), _FALLBACK):
        path = _ROOT / name / file_name
        if path.exists():
            return path
    raise KeyError(f"no pool {file_name} for {locale}")
