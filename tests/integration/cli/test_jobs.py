"""`seedbed generate --jobs`: several processes make one file, the same file, and leave nothing when one of them fails."""

import errno
import fcntl
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.commands import generate
from app.commands.crew import Crew, Hand, write_in_turn
from app.errors import Fault, PlanRefused

from .conftest import CHECKOUT, Seedbed

ROWS = ("--rows", "teams=500", "--rows", "players=42k")


@pytest.fixture
def shop(seedbed: Seedbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop's snapshot in the current folder, and parts so small that little has many."""
    assert seedbed("snapshot", "--ddl", "shop.sql", "-o", "shop.json").returncode == 0
    monkeypatch.chdir(tmp_path)
    for name in ("PART_BYTES", "PART_BYTES_IN_PORTIONS"):
        monkeypatch.setattr(generate, name, 30_000)
    monkeypatch.setattr(generate, "LEAST_PART_BYTES", 10_000)
    return tmp_path


def made_here(*arguments: object) -> int:
    """Runs `generate` in this process; its hands are processes of their own."""
    return cli.main(["generate", "shop.json", "--seed", "7", *map(str, arguments)])


@pytest.mark.parametrize("form", ["csv", "xlsx", "sql", "csv gzip", "ndjson zstd"])
def test_hands_change_no_byte(shop: Path, form: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever the format, in a file or through a pipe; of archives too, where files end in parts that come late."""
    name, _, compression = form.partition(" ")
    options: list[object] = ["--sha256", "--format", name]
    options += ["--compression", compression, "--config", "one.yaml"] if compression else ROWS
    (shop / "one.yaml").write_text("{tables: [teams], rows: 22000}")
    assert made_here(*options, "--jobs", 1, "-o", "alone") == 0
    alone = (shop / "alone").read_bytes()
    said = capfd.readouterr()
    digest = said.out.split()[-1]
    # A workbook's own ending says what it is.
    assert ("ZIP archive" in said.err) == (form == "csv")
    assert made_here(*options, "--jobs", 3, "--chunk-rows", 700, "-o", "together") == 0
    assert (shop / "together").read_bytes() == alone
    assert capfd.readouterr().out.split()[-1] == digest
    os.mkfifo("pipe")
    with Path("piped").open("wb") as file, subprocess.Popen(["cat", "pipe"], stdout=file):
        assert made_here(*options, "--jobs", 2, "-o", "pipe") == 0
    assert (shop / "piped").read_bytes() == alone
    assert capfd.readouterr().out.split()[-1] == digest


def test_hands_that_started_early_are_used_or_sent_home() -> None:
    """Rows that are asked for by number start them before there is a plan; a part of its own is none's."""
    with Crew(3, early=9) as crew:
        assert len(crew.hands) == 2
        crew.muster(2, None, 1, None)
        assert len(crew.hands) == 1
        crew.muster(1)
        assert crew.hands == []


def test_a_lost_hand_is_said(shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """One sentence and exit code 1; what was there before stays, and no half of a file lies about."""
    muster = Crew.muster

    def muster_and_lose(crew: Crew, parts: int, *work: Any) -> None:
        muster(crew, parts, *work)
        assert crew.hands[0]._process is not None
        os.kill(crew.hands[0]._process, signal.SIGKILL)

    monkeypatch.setattr(Crew, "muster", muster_and_lose)
    (shop / "data.zip").write_text("precious")
    assert made_here(*ROWS, "--jobs", 3, "-o", "data.zip") == 1
    said = capfd.readouterr().err
    assert said.startswith("seedbed: a process that made rows was killed by signal 9")
    assert said.count("\n") == 1
    assert (shop / "data.zip").read_text() == "precious"
    assert sorted(os.listdir(shop)) == ["data.zip", "shop.json", "shop.sql"]


def test_a_hand_says_what_is_wrong(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its error is that of the command: here a disk that is full, where it alone writes."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    muster = Crew.muster

    def muster_for_a_full_disk(crew: Crew, parts: int, *work: Any) -> None:
        muster(crew, parts, *work[:-1], "/dev/full")

    monkeypatch.setattr(Crew, "muster", muster_for_a_full_disk)
    assert made_here(*ROWS, "--jobs", 2, "-o", "data.zip") == 1
    assert capfd.readouterr().err == "seedbed: data.zip: no space left on device\n"
    assert sorted(os.listdir(shop)) == ["shop.json", "shop.sql"]


def test_nobody_waits_for_another_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece is written where nobody else writes to the file; also where the file system knows no locks."""
    path = tmp_path / "file"
    with path.open("wb") as mine, path.open("r+b") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        assert not write_in_turn(mine.fileno(), b"no", 0, wait=False)
        assert path.read_bytes() == b""
        fcntl.flock(theirs, fcntl.LOCK_UN)
        assert write_in_turn(mine.fileno(), b"yes", 2, wait=False)
        assert path.read_bytes() == b"\0\0yes"
        # It is the others' turn again.
        fcntl.flock(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)

        def no_locks(*_: object) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", no_locks)
        assert write_in_turn(mine.fileno(), b"ok", 0, wait=False)
    assert path.read_bytes() == b"okyes"


def test_faults_come_whole_from_another_process() -> None:
    """A refusal of several tables is not one sentence only."""
    sent = pickle.dumps(PlanRefused([Fault("/a", "one", "no"), Fault("/b", "two", "nor")]))
    refusal = pickle.loads(sent)  # noqa: S301  # our own
    assert (refusal.code, refusal.message) == ("plan_refused", "no (and 1 more)")
    assert [fault.pointer for fault in refusal.faults] == ["/a", "/b"]


def test_a_hand_ends_with_what_it_serves() -> None:
    """When the process that asks is gone, whatever took it, nothing is left that runs."""
    hand = Hand()
    assert hand.end() == 0


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "ended by SIGTERM")]
)
def test_a_signal_ends_all_and_leaves_no_file(shop: Path, number: signal.Signals, code: int, word: str) -> None:
    """Ctrl-C and SIGTERM reach the whole group: one word, no process and no piece of a file left."""
    command = [sys.executable, "-m", "app.cli", "generate", "shop.json", "--rows", "teams=10", "--rows", "players=2M"]
    running = subprocess.Popen(
        [*command, "--format", "sql", "--jobs", "3", "-o", "data.sql"],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    while not list(shop.glob(".data.sql.*.part")):
        assert running.poll() is None
        time.sleep(0.01)
    hands = _children_of(running.pid)
    os.killpg(running.pid, number)
    _, said = running.communicate()
    assert (running.returncode, said) == (code, f"seedbed: {word}\n")
    assert len(hands) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in hands)
    assert sorted(os.listdir(shop)) == ["shop.json", "shop.sql"]


def _children_of(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found
