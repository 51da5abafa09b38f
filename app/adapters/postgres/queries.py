"""Named SQL out of `sql/queries/*.sql`.

A query begins with `-- name: finish_part`; comment lines right below say what it does. Parameters are psycopg's:
`%(export_id)s`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import LiteralString

QUERY_FOLDER = Path(__file__).resolve().parents[3] / "sql" / "queries"
_MARK = "-- name: "


class Queries(Mapping[str, LiteralString]):
    """Queries by name; a KeyError names the one that is missing."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)

    def __getitem__(self, name: str) -> LiteralString:
        # Our own files, never built from anything that comes from outside: what LiteralString is to promise.
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def parse_queries(text: str) -> dict[str, str]:
    """The queries of one file. Raises ValueError for a name that stands twice, or SQL that stands before any name."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        if line.startswith(_MARK):
            name = line.removeprefix(_MARK).strip()
            if name in found:
                raise ValueError(f"two queries are named {name}")
            current = found[name] = []
        elif line.startswith("--") or not line.strip():
            continue
        elif current is None:
            raise ValueError(f"{line.strip()!r} stands before the first name")
        else:
            current.append(line)
    return {name: "\n".join(lines).strip().rstrip(";") for name, lines in found.items()}


@cache
def load_queries(folder: Path = QUERY_FOLDER) -> Queries:
    """Every query in the folder, read once."""
    texts: dict[str, str] = {}
    for path in sorted(folder.glob("*.sql")):
        for name, text in parse_queries(path.read_text(encoding="utf-8")).items():
            if name in texts:
                raise ValueError(f"two queries are named {name}")
            texts[name] = text
    return Queries(texts)
