"""Which formats there are: those that the modules of this package declare as FORMATS."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from app.generator import formats
from app.generator.formats.form import Format

# How people are shown them; those that are not here come after these, by name.
_ORDER = ("csv", "tsv", "ndjson", "json", "parquet", "xlsx", "copy", "sql")
_OWN_NAME = "registry"


def _declared() -> Iterator[Format]:
    for found in iter_modules(formats.__path__):
        if found.name != _OWN_NAME:
            yield from getattr(import_module(f"{formats.__name__}.{found.name}"), "FORMATS", ())


def _by_name() -> dict[str, Format]:
    found: dict[str, Format] = {}
    for form in _declared():
        if form.name in found:
            raise ValueError(f"two formats are called {form.name}")
        found[form.name] = form
    places = {name: place for place, name in enumerate(_ORDER)}
    return {name: found[name] for name in sorted(found, key=lambda name: (places.get(name, len(places)), name))}


FORMATS: dict[str, Format] = _by_name()
