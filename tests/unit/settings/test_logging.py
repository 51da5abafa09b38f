"""Log lines are JSON, carry what was bound, and hold no secret however it got there."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from app.logging import bind, bound, configure_logging, get_logger
from app.redaction import HIDDEN

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines logged so far, decoded."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(secrets=["hunter2-long"], stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_an_event_with_its_facts(lines: Lines) -> None:
    """One JSON object a line: event, facts, level, logger, time in UTC."""
    get_logger("seedbed.export").info("export_completed", rows=3)
    (line,) = lines()
    assert (line["event"], line["rows"], line["level"]) == ("export_completed", 3, "info")
    assert line["logger"] == "seedbed.export"
    assert line["timestamp"].endswith("Z")


def test_bound_facts_are_on_each_line_inside_and_gone_outside(lines: Lines) -> None:
    """A request's id is on the lines of libraries as well; None is not bound."""
    with bind(request_id="r-1", export_id=None):
        logging.getLogger("some.library").warning("said %s", "this")
        assert bound("request_id") == "r-1"
    get_logger("x").info("after")
    inside, after = lines()
    assert (inside["request_id"], inside["event"]) == ("r-1", "said this")
    assert "export_id" not in inside
    assert "request_id" not in after


@pytest.mark.parametrize(
    ("facts", "secret"),
    [
        ({"authorization": "Bearer abcdefghijkl"}, "abcdefghijkl"),
        ({"headers": {"Cookie": "sb-token=abcdef"}}, "abcdef"),
        ({"note": f"got {JWT} from them"}, JWT),
        ({"note": "key sb_secret_abcDEF123"}, "sb_secret_abcDEF123"),
        ({"dsn": "postgresql://app:pg-pass@host/db"}, "pg-pass"),
        ({"dsn": "host=h password=pg-pass dbname=x"}, "pg-pass"),
        ({"url": "https://h/files/k?expires=1&sig=0a1b2c3d"}, "0a1b2c3d"),
        ({"items": [{"api_key": "k-123456"}]}, "k-123456"),
        ({"note": "it was hunter2-long all along"}, "hunter2-long"),
        ({"error": ValueError("bearer abcdefghijkl refused")}, "abcdefghijkl"),
    ],
)
def test_secrets_are_hidden(lines: Lines, facts: dict[str, Any], secret: str) -> None:
    """By the name they stand under, by their shape, by their value; at any depth."""
    get_logger("x").info("seen", **facts)
    text = json.dumps(lines())
    assert secret not in text
    assert HIDDEN in text


def test_a_traceback_hides_secrets_too(lines: Lines) -> None:
    """Drivers put connection strings into their messages."""
    try:
        raise ConnectionError("no route to postgresql://app:pg-pass@host/db")
    except ConnectionError:
        get_logger("x").exception("connect_failed")
    (line,) = lines()
    assert "ConnectionError" in line["exception"]
    assert "pg-pass" not in line["exception"]


def test_counts_and_plain_words_stay(lines: Lines) -> None:
    """Redaction that hides everything would be no log."""
    get_logger("x").info("seen", tokens_left=7, path="/api/export/5", note="author: anybody")
    (line,) = lines()
    assert (line["tokens_left"], line["path"], line["note"]) == (7, "/api/export/5", "author: anybody")
