"""The README's settings table is the settings."""

import re
from pathlib import Path

from app.settings import describe

CHECKOUT = Path(__file__).resolve().parents[3]


def table() -> str:
    lines = ["| Variable | Default | What |", "|---|---|---|"]
    for row in describe():
        default = f"`{row.default}`" if row.default else ""
        lines.append(f"| `{row.variable}` | {default} | {row.doc}{' (*secret*)' if row.secret else ''} |")
    return "\n".join(lines)


def test_the_table_is_up_to_date() -> None:
    """Every setting, its default and its sentence; on failure the right table is in the message, to be pasted."""
    readme = (CHECKOUT / "README.md").read_text()
    written = re.search(r"<!-- settings: .*? -->\n(.*?)\n<!-- /settings -->", readme, re.S)
    assert written is not None
    assert written[1] == table(), f"\n{table()}\n"
