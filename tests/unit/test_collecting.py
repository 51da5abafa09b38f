"""Processes that serve look for cycles seldom; a program that a worker runs in keeps its own ways."""

import subprocess
import sys
from typing import Any

import pytest

from app.collecting import collect_seldom
from app.settings import Settings
from tasks.app import WorkerApp


def test_what_is_there_is_left_out() -> None:
    """Nearly all that imports have made, in a process of its own."""
    code = (
        "import gc; from tasks.app import collect_seldom\n"
        "before = len(gc.get_objects()); collect_seldom()\n"
        "print(before, gc.get_freeze_count(), len(gc.get_objects()), gc.get_threshold()[0])"
    )
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    before, frozen, left, young = map(int, answer.split())
    assert frozen > 0.9 * before
    assert left < 0.01 * before
    assert young > 10_000


async def test_a_worker_of_its_own_looks_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is the worker's, unlike that of `run_worker`."""
    given: list[Any] = []

    async def work(*arguments: Any) -> None:
        given.extend(arguments)

    module = sys.modules[WorkerApp.__module__]  # the package's own `app` is a worker
    monkeypatch.setattr(module, "_work", work)
    monkeypatch.setattr(module, "configure_logging", lambda **_: None)
    environ = {"DATABASE_URL": "postgresql://127.0.0.1:9/none"}
    await WorkerApp(Settings.from_env(environ, needs=frozenset({"database"}))).run_worker_async()
    assert collect_seldom in given
