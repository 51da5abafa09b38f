"""The demonstration as a process of its own, and an account of the processes it leaves behind."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
TIMEOUT_S = 120.0
_PR_SET_CHILD_SUBREAPER = 36


class Demo:
    """A running `seedbed demo`; `lines` grows as it prints."""

    def __init__(self, folder: Path, work: Path, *arguments: str, **environ: str) -> None:
        command = [sys.executable, "-m", "app.cli", "demo", "--folder", str(folder), *arguments]
        base = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.process = subprocess.Popen(
            command,
            cwd=work,
            env=base | {"PYTHONPATH": str(CHECKOUT)} | environ,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own, so that a test can do what Ctrl-C does: signal all of it.
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for(self, pattern: str) -> "re.Match[str]":
        """The first line that has `pattern`; fails when the process ends without one."""
        deadline = time.monotonic() + TIMEOUT_S
        with self._news:
            while True:
                for line in self.lines:
                    if found := re.search(pattern, line):
                        return found
                alive = self._reader.is_alive()
                assert alive, f"no {pattern!r} in:\n{self.output}"
                assert time.monotonic() < deadline, f"no {pattern!r} in time, in:\n{self.output}"
                self._news.wait(0.5)

    def interrupt(self, number: int = signal.SIGINT) -> int:
        """What Ctrl-C does; the exit code."""
        os.killpg(self.process.pid, number)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(TIMEOUT_S)
        self._reader.join(TIMEOUT_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


class Children:
    """Processes that are children of this one: those of a demonstration that has ended become that as orphans."""

    def __init__(self) -> None:
        self._before = set(self._children())

    def left(self) -> dict[int, str]:
        """What is still running, by process id; what has ended meanwhile is reaped."""
        found = {}
        for pid, state in self._children().items():
            if pid in self._before:
                continue
            if state == "Z":
                os.waitpid(pid, os.WNOHANG)
                continue
            found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return found

    @staticmethod
    def _children() -> dict[int, str]:
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == os.getpid():
                found[int(entry.name)] = state
        return found


@pytest.fixture
def children() -> Iterator[Children]:
    """Makes this process the one that orphans of its descendants are given to."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells of orphans")
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    yield Children()
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 0)


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> "Iterator[Callable[..., Demo]]":
    """Starts demonstrations on one data folder, each on a port of its own; what a failing test leaves is ended."""
    started: list[Demo] = []

    def run(*arguments: str, port: str | None = None, **environ: str) -> Demo:
        started.append(Demo(folder, tmp_path, "--port", port or free_port(), *arguments, **environ))
        return started[-1]

    yield run
    for demo in started:
        if demo.process.poll() is None:
            demo.interrupt(signal.SIGKILL)


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that an embedded server started as root can reach: it runs as somebody else, to whom pytest's
    own folders are closed."""
    with tempfile.TemporaryDirectory(prefix="seedbed-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name) / "demo"
