"""How the process of a command ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.generator.snapshot.form import snapshot_to_json
from tests.unit.generator.schemas import shop

# What is registered for the end of the interpreter tells whether that was taken apart.
_PROGRAM = """
import atexit, sys
atexit.register(print, "taken apart", file=sys.stderr)
from app.cli import command
command()
"""


def _run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", _PROGRAM, *arguments], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(("output", "code"), [("out.zip", 0), ("missing/out.zip", 1)])
def test_generating_ends_at_once_with_all_that_it_has_to_say(tmp_path: Path, output: str, code: int) -> None:
    """The file is whole and its summary printed, or the reason told; nobody waits for modules to be taken apart."""
    (tmp_path / "shop.json").write_text(json.dumps(snapshot_to_json(shop())), encoding="utf-8")
    ended = _run(tmp_path, "generate", "shop.json", "--rows", "3", "--json", "-o", output)
    assert ended.returncode == code
    assert "taken apart" not in ended.stderr
    if code == 0:
        assert json.loads(ended.stdout)["bytes"] == (tmp_path / output).stat().st_size
    else:
        assert "no such folder" in json.loads(ended.stderr)["error"]["message"]


def test_other_commands_end_as_programs_do(tmp_path: Path) -> None:
    """They may have threads, and servers of their own, to put in order."""
    ended = _run(tmp_path, "snapshot", "--ddl", "none.sql")
    assert ended.returncode == 1
    assert "taken apart" in ended.stderr
