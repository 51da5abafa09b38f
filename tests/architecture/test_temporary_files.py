"""Temporary files of the tests are in memory where there is room, and nothing of them stays."""

import os
import tempfile
from pathlib import Path

import pytest

from app.embedded.folders import FolderLock
from tests import in_memory
from tests.in_memory import move_into_memory


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the memory, with room enough, and a process that has not chosen yet."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(in_memory, "_MEMORY", tmp_path)
    monkeypatch.setattr(in_memory, "_LEAST_FREE_BYTES", 1)
    return tmp_path


def test_files_go_into_memory_and_are_gone_in_the_end(memory: Path) -> None:
    """This process's and its children's; afterwards both write where they did."""
    undo = move_into_memory("")
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"something")
    assert Path(file.name).parent.parent == memory
    assert os.environ["TMPDIR"] == str(Path(file.name).parent)
    undo()
    assert list(memory.iterdir()) == []
    assert "TMPDIR" not in os.environ
    assert tempfile.tempdir is None


def test_what_killed_runs_left_is_swept(memory: Path) -> None:
    """Of those that run nothing is touched."""
    left, used = memory / "seedbed-tests-left", memory / "seedbed-tests-used"
    for folder in (left, used):
        folder.mkdir()
        (folder / "file").touch()
    FolderLock(left).release()
    lock = FolderLock(used)
    move_into_memory("")()
    assert list(memory.iterdir()) == [used]
    assert (used / "file").exists()
    lock.release()


@pytest.mark.parametrize("why", ["TMPDIR is set", "no room", "chaos", "soak"])
def test_files_stay_on_the_disk(memory: Path, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    """Where somebody said so, where there is no room, and for the runs that are about the machine."""
    if why == "TMPDIR is set":
        monkeypatch.setenv("TMPDIR", "/var/tmp")  # noqa: S108  # nothing is written
    if why == "no room":
        monkeypatch.setattr(in_memory, "_LEAST_FREE_BYTES", 1 << 60)
    before = os.environ.get("TMPDIR")
    move_into_memory(why)()
    assert os.environ.get("TMPDIR") == before
    assert list(memory.iterdir()) == []
