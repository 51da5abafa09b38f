"""Arguments and configuration file say together what to make."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from app.commands.arguments import Request, add_request, read_request, read_rows
from app.errors import RequestRefused


def request(*words: str, config: str | None = None, folder: Path | None = None) -> Request:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_request(parser)
    if config is not None and folder is not None:
        path = folder / "plan.yaml"
        path.write_text(config)
        words = (*words, "--config", str(path))
    return read_request(parser.parse_args(words))


@pytest.mark.parametrize(
    ("text", "table", "count"),
    [("1000", None, 1000), ("10k", None, 10_000), ("2M", None, 2_000_000), ("shop.orders=1_000", "shop.orders", 1000)],
)
def test_rows_are_read(text: str, table: str | None, count: int) -> None:
    """A count alone is for every table; units save zeros."""
    read = read_rows(text)
    assert (read.table, read.count) == (table, count)


@pytest.mark.parametrize("text", ["", "many", "-1", "orders=", "=5", "1.5", "orders=x"])
def test_rows_that_say_nothing_are_refused(text: str) -> None:
    """A typo must not become a count."""
    with pytest.raises(argparse.ArgumentTypeError):
        read_rows(text)


@pytest.mark.parametrize(
    ("words", "config", "rows"),
    [
        ((), None, None),
        (("--rows", "5"), None, 5),
        (("--rows", "orders=7", "--rows", "5"), None, {"*": 5, "orders": 7}),
        ((), "rows: 3", 3),
        (("--rows", "orders=7"), "rows: 3", {"*": 3, "orders": 7}),
        (("--rows", "orders=7"), "rows: {orders: 1, lines: 2}", {"orders": 7, "lines": 2}),
        (("--rows", "5"), "rows: {orders: 1}", 5),
    ],
)
def test_an_argument_wins_over_the_file(words: tuple[str, ...], config: str | None, rows: Any, tmp_path: Path) -> None:
    """A bare count replaces all that the file says of rows; a table's count only that table's."""
    assert request(*words, config=config, folder=tmp_path).values.get("rows") == rows


def test_a_seed_is_text(tmp_path: Path) -> None:
    """7 and "7" are one seed, from either place; there is always one."""
    assert request("--seed", "7").seed == request(config="seed: 7", folder=tmp_path).seed == "7"
    assert request("--seed", "8", config="seed: 7", folder=tmp_path).seed == "8"
    assert request().seed


def test_a_date_may_stand_bare_in_yaml(tmp_path: Path) -> None:
    """YAML makes a date of it, the generator reads text."""
    assert request(config="reference: 2025-06-01", folder=tmp_path).values["reference"] == "2025-06-01"


@pytest.mark.parametrize(
    ("config", "message"),
    [("rows: [", "is not YAML"), ("- 1", "must hold a mapping"), ("row: 5", "'row'"), ("5: x", "must hold a mapping")],
)
def test_a_configuration_that_is_none_is_refused(config: str, message: str, tmp_path: Path) -> None:
    """A misspelt key must not be ignored in silence."""
    with pytest.raises(RequestRefused, match=message):
        request(config=config, folder=tmp_path)
