"""The page about generators says what the code does, and its examples do what they are said to do."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pytest

from app.generator.engine.batches import batches
from app.generator.handbook.distributions import FOLDER, PLOTS, distributions_page, pictures
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


def test_the_page_about_distributions_is_up_to_date() -> None:
    """`make docs` would change nothing: every request on it runs, and its picture is that of the rows it makes."""
    docs = _PAGE.parent
    assert distributions_page() == (docs / "distributions.md").read_text("utf-8"), "run `make docs`"
    drawn = pictures()
    assert {path.name: path.read_text("utf-8") for path in (docs / FOLDER).iterdir()} == drawn, "run `make docs`"
    for plot in PLOTS:
        assert f"{FOLDER}/{plot.name}.svg" in distributions_page()
        root = ElementTree.fromstring(drawn[f"{plot.name}.svg"])  # noqa: S314  # our own
        assert root.findtext("{http://www.w3.org/2000/svg}title") == plot.title


def test_the_pictures_show_what_they_are_called() -> None:
    """Uniform is level, normal highest in the middle, zipf falls as one over the rank, weights are as they were asked
    for, the tail of children is long and their mean kept, and the year grows twofold."""
    heights = {plot.name: np.array(plot.picture(plan_of(plot.config)).heights, float) for plot in PLOTS}
    assert heights["uniform"].std() / heights["uniform"].mean() < 0.1
    assert 20 <= heights["normal"].argmax() <= 30
    assert heights["normal"][:5].sum() < heights["normal"][22:27].sum() / 50
    assert heights["skewed"].argmax() < 5
    assert heights["zipf"][:4] / heights["zipf"][0] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4], rel=0.15)
    assert heights["weighted"] == pytest.approx([85, 12, 3], abs=1)
    numbers = np.arange(21)
    assert (heights["children-uniform"] * numbers).sum() / heights["children-uniform"].sum() == pytest.approx(
        5, abs=0.1
    )
    assert heights["children-zipf"][20] > 20 * max(1, heights["children-uniform"][20])
    tail = heights["children-pareto"]
    assert (tail * np.arange(tail.size)).sum() / tail.sum() == pytest.approx(4, rel=0.01)
    assert tail[0] == 0
    assert tail[20:].sum() > 0
    assert heights["growth"][-60:].sum() / heights["growth"][:60].sum() == pytest.approx(2, rel=0.2)
    weekend, week = heights["week"][5 * 24 :].mean(), heights["week"][: 5 * 24].mean()
    assert weekend < week * 0.8


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
