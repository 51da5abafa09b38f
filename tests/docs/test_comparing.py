"""What tells a page from what came out can tell them apart."""

from pathlib import Path

import pytest

from tests.docs.blocks import CHECKOUT, _blocks, _faults
from tests.docs.comparing import differs

PAGE = CHECKOUT / "docs" / "page.md"


def faults(text: str) -> list[str]:
    return list(_faults(PAGE, list(_blocks(PAGE, text))))


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("10 rows in … s\n", "10 rows in 0.4 s\n"),
        ("first\n…\nlast\n", "first\nanything\nat all\nlast\n"),
        ("first\n…\n", "first\n"),
        ("…\nlast\n", "last\n"),
    ],
)
def test_what_varies_is_left_open(shown: str, printed: str) -> None:
    """An ellipsis within a line, or for lines, of which there may be none."""
    assert differs("text", shown, printed) is None


@pytest.mark.parametrize(
    ("shown", "printed"),
    [("10 rows\n", "11 rows\n"), ("first\n", "first\nsecond\n"), ("a … c\n", "a b d\n"), ("x\n…\ny\n", "x\nz\n")],
)
def test_what_is_said_has_to_come(shown: str, printed: str) -> None:
    """A line more, a line less, another word."""
    assert differs("text", shown, printed) is not None


def test_documents_are_compared_by_their_members() -> None:
    """Order and blanks are nothing; a member that the page does not show is one that readers would miss."""
    assert differs("json", '{"a": "…", "b": [1, "…"]}', '{"b": [1, 2, 3], "a": 5}') is None
    assert differs("json", '{"a": 1, "…": "…"}', '{"a": 1, "z": 2}') is None
    assert differs("json", '{"a": "x-…"}', '{"a": "x-1"}') is None
    for printed in ('{"a": 2}', '{"a": 1, "b": 1}', "{}", "[]", "not json"):
        assert differs("json", '{"a": 1}', printed) is not None, printed


@pytest.mark.parametrize(
    "text",
    [
        "```\nwho knows\n```\n",
        "```text\nprinted by nobody\n```\n",
        "```bash\ntrue\n```\n\n```text\n```\n\n```text\ntwice\n```\n",
        "```ini\na = b\n```\n",
        "<!-- not run: no -->\n```bash\nfalse\n```\n",
        "<!-- tested by: tests/none.py -->\n```bash\nfalse\n```\n",
        "<!-- tested by: tests/conftest.py -->\n```bash\nfalse\n```\n",
        "```sql unused.sql\nselect 1\n```\n",
        "<!-- not run: this one stands above the paragraph -->\n\nA paragraph.\n\n```ini\na = b\n```\n",
    ],
)
def test_a_block_that_nobody_runs_is_a_fault(text: str) -> None:
    """Neither run nor excused, or excused by nothing."""
    assert len(faults(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "```bash\ntrue\n```\n",
        "```sql a.sql\nselect 1\n```\n\n```bash\npsql -f a.sql\n```\n\n```text\n1\n```\n",
        "<!-- not run: needs an account at Fly.io -->\n```bash\nfly deploy\n```\n",
        "<!-- tested by: tests/docs/test_comparing.py -->\n```ini\na page.md\n```\n",
        "<!-- ini blocks tested by: tests/docs/test_comparing.py -->\n```ini\na\n```\n\n```ini\nb\n```\n",
    ],
)
def test_what_is_run_or_excused_is_none(text: str) -> None:
    """Run here, run elsewhere, or with a reason not to."""
    assert faults(text) == []


def test_a_block_knows_its_place() -> None:
    """A fault is found by its line."""
    [first, second] = _blocks(Path(PAGE), "one\n```bash\ntrue\n```\ntwo\n````text\n```\n````\n")
    assert (first.line, second.line) == (2, 6)
    assert second.text == "```\n"


def test_a_slow_machine_s_waiting_is_no_difference() -> None:
    """A command says what it waits for after ten seconds; a page shows what it says in the end."""
    said = "starting an embedded Postgres …\nplanning 12 tables …\n"
    assert differs("text", "ok", said + "ok\n") is None
    assert differs("json", '{"a": 1}', said + '{"a": 1}\n') is None
    assert differs("text", "ok", "starting something else …\nok\n") is not None
