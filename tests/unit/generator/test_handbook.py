"""The page about generators says what the code does, and its examples do what they are said to do."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from app.generator.engine.batches import batches
from app.generator.handbook.examples import EXAMPLES
from app.generator.handbook.page import page, plan_of
from app.generator.handbook.types_page import types_page
from app.generator.snapshot.model import QName

_PAGE = Path(__file__).parents[3] / "docs" / "generators.md"


def _rows(title: str) -> list[dict[str, Any]]:
    example = next(e for e in EXAMPLES if e.title.startswith(title))
    plan = plan_of(example.config)
    found: list[dict[str, Any]] = pa.Table.from_batches(batches(plan, QName("public", example.table))).to_pylist()
    return found


def test_the_page_is_up_to_date() -> None:
    """`make docs` would change nothing: every generator, option, type and example stands there as it is."""
    assert page() == _PAGE.read_text("utf-8"), "docs/generators.md is behind: run `make docs`"


def test_the_page_about_types_is_up_to_date() -> None:
    """`make docs` would change nothing: every type stands there with its default and its options."""
    written = (_PAGE.parent / "types.md").read_text("utf-8")
    assert types_page() == written, "docs/types.md is behind: run `make docs`"
    for name in ("int8multirange", "macaddr8", "tsquery", "pg_lsn", "halfvec", "geography", "ltree"):
        assert f"| `{name}` |" in written


def test_the_examples_do_what_they_say() -> None:
    """Each form of override, over all the rows of its example."""
    assert {row["plan"] for row in _rows("A constant")} == {"free"}
    assert {row["plan"] for row in _rows("One of a list")} == {"free", "pro", "team"}
    templates = _rows("A template")
    assert all(row["email"] == f"{row['first_name']}.{row['last_name']}@example.com" for row in templates)
    assert len({row["email"] for row in templates}) == len(templates)
    assert [row["id"] for row in _rows("A sequence")] == list(range(5000, 5500, 5))
    for row in _rows("An expression"):
        assert row["plan"] == ("team" if row["loyalty"] > 800 else "pro" if row["loyalty"] > 300 else "free")
    orders = {row["id"]: row["total"] for row in _rows("So many children")}
    lines = _rows("The lines of these orders")
    assert len(lines) == 500
    for line in lines:
        orders[line["order_id"]] -= line["line_total"]
    assert not any(orders.values())
