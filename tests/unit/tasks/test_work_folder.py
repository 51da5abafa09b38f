"""The folder that parts are made in, and those that killed workers left behind."""

import importlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

# By its name: the package has an attribute `app` too.
worker = importlib.import_module("tasks.app")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary ones, with what a worker left that is gone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"seedbed-work-{os.geteuid()}-99999999-x").mkdir()
    (tmp_path / f"seedbed-work-{os.geteuid()}-{os.getppid()}-x").mkdir()
    return tmp_path


def test_what_a_killed_worker_left_is_removed(base: Path) -> None:
    """Its own folder is made and removed; one of a worker that lives stays."""
    with worker._work_folder() as folder:
        assert {path.name.split("-")[3] for path in base.iterdir()} == {str(os.getpid()), str(os.getppid())}
        assert folder.parent == base
    assert not folder.exists()


def test_two_workers_that_start_at_once_do_not_mind(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one removes what both have seen: that is no reason not to start."""

    def overtaken(pid: str) -> bool:
        shutil.rmtree(base / f"seedbed-work-{os.geteuid()}-{pid}-x")
        return False

    monkeypatch.setattr(worker, "_alive", overtaken)
    with worker._work_folder() as folder:
        assert folder.exists()
