"""Names of files in an archive, from names of tables that may hold anything."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from app.generator.snapshot.model import QName

# Windows gives these to devices, with any extension.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))})
_MOST_CHARS = 60


def file_stems(tables: Sequence[QName], taken: Iterable[str] = ()) -> list[str]:
    """A file name without extension for each table: safe on every system, and no two equal whatever their case.

    Tables of one schema go by their names alone. `taken` are stems that are in use already.
    """
    schemas = {table.schema for table in tables}
    used = {stem.casefold() for stem in taken}
    stems = []
    for table in tables:
        stem = wanted = _safe(table.name if len(schemas) == 1 else str(table))
        number = 1
        while stem.casefold() in used:
            number += 1
            stem = f"{wanted}-{number}"
        used.add(stem.casefold())
        stems.append(stem)
    return stems


def _safe(name: str) -> str:
    kept = re.sub(r"[^\w.-]", "_", unicodedata.normalize("NFC", name))[:_MOST_CHARS]
    # No hidden files, no options, no way up, nothing Windows would strip.
    kept = re.sub(r"^[.-]|[.]$|[.](?=[.])", "_", kept)
    # With a digit set high it is the device, too.
    if not kept or unicodedata.normalize("NFKC", kept.split(".")[0]).casefold() in _DEVICES:
        return f"_{kept}"
    return kept
