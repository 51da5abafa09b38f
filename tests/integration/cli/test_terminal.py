"""The command as it is used at a terminal: its bar, Ctrl-C, and readers that leave."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from .conftest import CHECKOUT, Seedbed

# Makes the terminal the command's own, so that what is typed there reaches it as a signal.
_OWNED = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, sys.argv[1:])"
_BAR = re.compile(r"generating .*[\d,]+ of 30,000,000 rows, [\d,]+/s.* \d+:\d\d:\d\d")


@pytest.fixture
def shop(seedbed: Seedbed, tmp_path: Path) -> Path:
    """A folder with the shop's snapshot."""
    assert seedbed("snapshot", "--ddl", "shop.sql", "-o", "shop.json").returncode == 0
    return tmp_path


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}], ids=["colours", "NO_COLOR"])
def test_a_bar_with_pace_and_time_left_until_ctrl_c(shop: Path, variables: dict[str, str]) -> None:
    """Rows a second and what is left are seen; then Ctrl-C is typed: one line, 130, and no piece of a file."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    command = ["generate", "shop.json", "--rows", "teams=10", "--rows", "players=29999990", "--jobs", "1"]
    environ = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    running = subprocess.Popen(
        [sys.executable, "-c", _OWNED, sys.executable, "-m", "app.cli", *command, "--format", "sql", "-o", "data.sql"],
        cwd=shop, env=environ | {"PYTHONPATH": str(CHECKOUT), "TERM": "xterm-256color"} | variables,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = ""
    while not _BAR.search(_plain(seen)):
        seen += os.read(ours, 4096).decode()
    os.write(ours, b"\x03")
    rest = _to_the_end(ours)
    os.close(ours)
    assert running.wait() == 130
    assert [line for line in _plain(rest).replace("\r", "\n").split("\n") if line][-1] == "seedbed: interrupted"
    assert "Traceback" not in rest
    assert (re.search(r"\x1b\[[0-9;]*3[0-9]", seen + rest) is None) == bool(variables)
    assert sorted(os.listdir(shop)) == ["shop.json", "shop.sql"]


@pytest.mark.parametrize("typed", [("plan", "shop.json", "--json"), ("completion", "bash")])
def test_a_reader_that_has_left_is_no_failure(shop: Path, typed: tuple[str, ...]) -> None:
    """Nothing is said, and the exit code is 0, also where all of it had been in a buffer till the end."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *typed],
        cwd=shop, env=os.environ | {"PYTHONPATH": str(CHECKOUT)}, stdout=write, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def _to_the_end(descriptor: int) -> str:
    """What comes until the other side has closed, which Linux tells as an error."""
    found = b""
    try:
        while some := os.read(descriptor, 4096):
            found += some
    except OSError:
        pass
    return found.decode()


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
