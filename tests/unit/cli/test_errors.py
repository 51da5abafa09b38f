"""A failing command says what is wrong in one sentence, and tells failures from wrong usage."""

import json
from pathlib import Path

import pytest

from app.cli import COMMANDS, _print_error, main
from app.errors import ExportNotFound, Fault, PlanRefused


def test_no_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Help goes to standard error, since nothing was asked for."""
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert all(name in err for name in COMMANDS)


@pytest.mark.parametrize("argv", [["no-such"], ["generate"], ["generate", "x.sql", "--rows", "many", "-o", "y"]])
def test_wrong_usage_exits_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts tell a typo from a failure by the exit code."""
    assert main(argv) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help works for each, and exits with 0."""
    assert main([command, "--help"]) == 0
    assert command in capsys.readouterr().out


def test_a_missing_file_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The file is named; no stack."""
    assert main(["plan", str(tmp_path / "none.sql")]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "none.sql" in err


def test_each_fault_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them at once, as the API answers."""
    _print_error(PlanRefused([Fault("", "a", "first"), Fault("", "b", "second")]), as_json=False)
    assert capsys.readouterr().err == "seedbed: 2 things are wrong:\n  first\n  second\n"


def test_programs_get_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the error is an object with a stable code."""
    _print_error(ExportNotFound("no such export", id="5"), as_json=True)
    error = json.loads(capsys.readouterr().err)["error"]
    assert error == {"code": "export_not_found", "message": "no such export", "facts": {"id": "5"}}
