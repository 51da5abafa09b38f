"""Named SQL: how files are read, and that what is asked for is there."""

import re
from pathlib import Path

import pytest

from app.adapters.postgres.queries import load_queries, parse_queries

PROJECT = Path(__file__).resolve().parents[3]
ADAPTERS = PROJECT / "app" / "adapters" / "postgres"
TASKS = PROJECT / "tasks"


def test_queries_are_found_by_name() -> None:
    """Comments explain; the text is what follows, without its semicolon."""
    found = parse_queries("-- A file.\n\n-- name: one\n-- Why.\nselect 1\nfrom t;\n\n-- name: two\nselect 2;\n")
    assert found == {"one": "select 1\nfrom t", "two": "select 2"}


@pytest.mark.parametrize("text", ["-- name: one\nselect 1;\n-- name: one\nselect 2;\n", "select 1;\n-- name: one\n"])
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    """A name that stands twice, and SQL without a name."""
    with pytest.raises(ValueError, match=r"one|before"):
        parse_queries(text)


def test_every_query_is_used_and_every_used_one_is_there() -> None:
    """Neither a misspelt name nor a forgotten query lasts."""
    used = set()
    for path in ADAPTERS.glob("*.py"):
        used |= set(
            re.findall(
                r'(?:\.(?:one|only|all|run|run_many|later|afterwards|transaction|ask|_find)|\bquery)\(\s*"(\w+)"',
                path.read_text(),
            )
        )
    for path in TASKS.glob("*.py"):
        used |= set(re.findall(r'_queries\["(\w+)"\]', path.read_text()))
    known = set(load_queries())
    assert used <= known
    indirect = {name for name in known if re.match(r"(count|delete)_(old|stale)_", name)}
    assert known - used - indirect - {name for name in known if name.startswith("hub_")} == set()
