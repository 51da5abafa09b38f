"""SQL that stands in files under `sql/`."""

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[3] / "sql"
_NEWEST = 1_000_000
# `/* from 18 */ c.conperiod /* else false */`: what a file says of versions that do not have a column yet.
_VERSIONED = re.compile(r"/\* from (\d+) \*/ (.*?) /\* else (.*?) \*/")


@cache
def read_sql(folder: str, name: str, server_version: int = _NEWEST) -> bytes:
    """The text of `sql/{folder}/{name}.sql` for a server of that version; empty when there is no such file."""
    path = _FOLDER / folder / f"{name}.sql"
    text = path.read_text(encoding="utf-8") if path.exists() else ""

    def choose(match: re.Match[str]) -> str:
        return match[2] if server_version >= int(match[1]) * 10_000 else match[3]

    return _VERSIONED.sub(choose, text).encode()
