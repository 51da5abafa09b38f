"""What `seedbed sweep` says, in words and in JSON."""

import json
from importlib import import_module

import pytest

from app.cli import main
from app.settings import Settings
from tasks.maintenance import Swept

DAYS = ("seedbed.events_20260901", "seedbed.events_20260902")


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that finds two days and three jobs."""

    async def sweep(settings: Settings, *, dry_run: bool) -> Swept:
        assert dry_run
        return Swept(event_days=DAYS, jobs_deleted=3)

    monkeypatch.setattr(import_module("tasks.app"), "sweep", sweep)
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/x")
    monkeypatch.setenv("LOCAL_STORE_DIR", "/nowhere")
    monkeypatch.setenv("LOCAL_STORE_SECRET", "of a test, and nobody's")


def test_days_of_events_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever is about to drop tables is told which."""
    assert main(["sweep", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("would be removed:")
    assert f"       2 days of events, each as a whole: {', '.join(DAYS)}\n" in said


def test_programs_get_the_count_and_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    """The count stands where it stood before there were names."""
    assert main(["sweep", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["event_days_dropped"], told["event_days"], told["jobs_deleted"]) == (2, list(DAYS), 3)
