"""Cells of a preview are written as files have them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.commands.preview import _cell
from app.commands.summary import _cell as _summary_cell


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "NULL"),
        ("", ""),
        ("null\n", "null\\n"),
        (True, "true"),
        (7, "7"),
        (Decimal("7.50"), "7.50"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 9, 30, tzinfo=UTC), "2024-02-29 09:30:00+00:00"),
        (b"\x00\xff", "\\x00ff"),
        (["a", None, True, Decimal("1.0")], '["a", null, true, "1.0"]'),
        ("x" * 40, "x" * 31 + "…"),
    ],
)
def test_no_cell_is_python(value: Any, shown: str) -> None:
    """Neither True and False, nor lists in quotes of another kind, nor a T between day and time."""
    assert _cell(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "NULL"), (False, "false"), (["a", 1], '["a", 1]'), ("a\tb", "a\\tb")]
)
def test_nor_is_one_of_a_summary(value: Any, shown: str) -> None:
    """There values are JSON's already."""
    assert _summary_cell(value) == shown
