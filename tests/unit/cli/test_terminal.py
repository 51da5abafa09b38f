"""What is shown depends on who reads: colours, a line for what is waited for, progress, and JSON alone for programs."""

import io
import json
import re
import shlex
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from app.adapters.introspection import ddl
from app.cli import main
from app.commands import progress, sources, terminal
from app.generator.snapshot.form import snapshot_from_json

SNAPSHOT: dict[str, Any] = {
    "version": 1,
    "tables": [{"name": "teams", "columns": [{"name": "id", "type": "integer"}, {"name": "email", "type": "text"}]}],
}


class Screen(io.StringIO):
    """A terminal that says when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        done = super().write(text)
        self.written.set()
        return done


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal that nothing was said about."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return Screen()


@pytest.mark.parametrize(
    ("variables", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_colours_are_where_they_are_wanted(
    screen: Screen, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], on_terminal: bool, elsewhere: bool
) -> None:
    """By NO_COLOR, FORCE_COLOR and TERM; what is said is the same."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in terminal.paint("x", "bad", screen), "\x1b[" in terminal.paint("x", "bad", io.StringIO())) == (
        on_terminal,
        elsewhere,
    )
    with redirect_stderr(screen):
        assert main(["plan", "none.sql"]) == 1
    assert ("\x1b[" in screen.getvalue()) == on_terminal
    assert "none.sql: no such file" in screen.getvalue()


def test_who_waits_is_told_for_what(screen: Screen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """While the first reading of a .sql file starts a server; the line is gone when it is over, and JSON has none."""
    monkeypatch.setattr(terminal, "_TOLD_AFTER_S", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    waits = True

    def slowly(_ddl: str, **_: object) -> tuple[Any, Sequence[str]]:
        assert not waits or screen.written.wait(30)
        return snapshot_from_json(SNAPSHOT), ["a warning"]

    monkeypatch.setattr(ddl, "snapshot_from_ddl", slowly)
    with redirect_stderr(screen):
        sources.read_ddl("create table teams ()")
    said, gone, after = screen.getvalue().partition("\r\x1b[K")
    assert said.startswith("loading the schema into an embedded Postgres")
    assert (gone, after) == ("\r\x1b[K", "seedbed: a warning\n")
    waits = False
    screen.truncate(0)
    with redirect_stderr(screen):
        sources.read_ddl("create table others ()", quiet=True)
    assert "loading" not in screen.getvalue()


def test_few_rows_that_take_long_are_said(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar would say nothing of some rows of many tables."""
    monkeypatch.setattr(terminal, "_TOLD_AFTER_S", 0)
    with redirect_stderr(screen), progress.show_rows("generating", 20_000) as on_rows:
        on_rows(10)
        assert screen.written.wait(30)
    assert screen.getvalue().startswith("generating 20,000 rows …")
    assert screen.getvalue().endswith("\r\x1b[K")


def test_progress_is_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, pace and what is left, one line at a time; on a dumb terminal too, and with --json not at all."""
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0)
    for quiet in (False, True):
        with progress.show_rows("loading", 1_000_000, quiet=quiet) as on_rows:
            on_rows(250_000)
            on_rows(250_000)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(",000 of")[0] for line in lines] == ["loading: 250", "loading: 500"]
    assert all("rows, " in line and "/s, " in line and line.endswith(" s left") for line in lines)
    screen = Screen()
    monkeypatch.setenv("TERM", "dumb")
    with redirect_stderr(screen), progress.show_rows("loading", 1_000_000) as on_rows:
        on_rows(250_000)
    assert screen.getvalue().startswith("loading: 250,000 of 1,000,000 rows, ")
    assert "\x1b" not in screen.getvalue()


@pytest.mark.parametrize(
    "typed",
    [
        "plan s.json --json",
        "plan s.json --explain --json",
        "plan s.json --prompt 'something nobody understands' --json",
        "preview s.json --json",
        "generate s.json --rows 300k --json --summary -o x.csv",
        "diff p.json p.json --json",
        "capacity --exports-per-hour 600 --rows 1000 --json",
    ],
)
def test_programs_get_json_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """Standard output is one document; whatever else there is to say stands on standard error, without colours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORCE_COLOR", "1")
    Path("s.json").write_text(json.dumps(SNAPSHOT))
    Path("seedbed.yaml").write_text("locale: xx_XX\n")
    assert main(["plan", "s.json", "--json"]) == 0
    Path("p.json").write_text(capsys.readouterr().out)
    assert main(shlex.split(typed)) == 0
    out, err = capsys.readouterr()
    assert isinstance(json.loads(out), dict)
    assert out.count("\n") == 1
    assert "\x1b" not in out + err


HOSTILE = "a\x1b]0;owned\x07\x1b[2J\x1b[8mb\r\x9bc\u202ed\u2066e\x7f"


def test_names_move_nothing_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters of a schema's names are spelled out wherever they are shown, in errors too; JSON that programs
    read says the very names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORCE_COLOR", "1")
    tables = [{"name": HOSTILE, "columns": [{"name": HOSTILE, "type": "text", "comment": HOSTILE}]}]
    Path("s.json").write_text(json.dumps({"version": 1, "tables": tables}))
    own = re.compile(r"\x1b\[(0|1|32|33|1;31)m")
    for command in ("plan s.json --rows 2", "preview s.json --rows 2", f"plan s.json --rows {shlex.quote(HOSTILE)}x=2"):
        main(shlex.split(command))
        said = capsys.readouterr()
        assert "owned" in said.out + said.err
        assert not re.search(
            r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", own.sub("", said.out + said.err)
        )
    assert main(["plan", "s.json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"][0]["name"]["name"] == HOSTILE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rows: &a [*a]\n", "more than 200,000 values"),
        ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(f"{c}: &{c} [{','.join(['*' + chr(ord(c) - 1)] * 10)}]\n" for c in "bcdefghi"), "more than 200,000 values"),
        ("rows: !!python/object/apply:os.system ['id']\n", "is not YAML"),
        ("rows: " + "[" * 5_000, "nested too deeply"),
    ],
)  # fmt: skip
def test_a_configuration_is_no_bomb(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    """Aliases that multiply or stand for themselves, tags that would run something, nesting without end: one sentence."""
    (tmp_path / "c.yaml").write_text(text)
    (tmp_path / "s.json").write_text(json.dumps(SNAPSHOT))
    assert main(["plan", str(tmp_path / "s.json"), "--config", str(tmp_path / "c.yaml")]) == 1
    assert said in capsys.readouterr().err
