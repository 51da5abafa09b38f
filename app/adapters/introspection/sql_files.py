"""SQL that stands in files under `sql/`."""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[3] / "sql"


@cache
def read_sql(folder: str, name: str) -> str:
    """The text of `sql/{folder}/{name}.sql`; empty when there is no such file."""
    path = _FOLDER / folder / f"{name}.sql"
    return path.read_text(encoding="utf-8") if path.exists() else ""
