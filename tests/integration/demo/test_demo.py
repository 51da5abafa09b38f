"""`seedbed demo` shows the whole service, and is gone when it ends."""

import hashlib
import re
import signal
import socket
import zipfile
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

from app.demo import shop_ddl

from .conftest import Children, Demo

TABLES = set(re.findall(r"create table (\w+)", shop_ddl()))


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_once_makes_an_export_and_ends(folder: Path, tmp_path: Path, children: Children) -> None:
    """Path, size and SHA-256 that it prints are those of a file with every table; nothing is left running."""
    demo = Demo(folder, tmp_path, "--once", "--port", free_port())
    assert demo.wait() == 0, demo.output
    path = Path(demo.wait_for(r"^file +(\S+)")[1])
    data = path.read_bytes()
    assert demo.wait_for(r"^size +([\d,]+)")[1].replace(",", "") == str(len(data))
    assert demo.wait_for(r"^sha256 +(\w+)")[1] == hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
    assert {f"{table}.csv" for table in TABLES} <= names
    assert {"manifest.json", "load.sql"} <= names
    assert children.left() == {}

    again = Demo(folder, tmp_path, "--once", "--port", free_port())
    assert again.wait() == 0, again.output
    assert again.wait_for(r"^sha256 +(\w+)")[1] == hashlib.sha256(data).hexdigest(), "same request, same bytes"
    assert children.left() == {}


def test_it_shows_progress(folder: Path, tmp_path: Path) -> None:
    """Events arrive while the export runs, and the last one says that it is completed."""
    demo = Demo(folder, tmp_path, "--once", "--port", free_port())
    assert demo.wait() == 0, demo.output
    percents = [float(found) for found in re.findall(r"^ +([\d.]+) %", demo.output, re.M)]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert len(percents) >= 3
    assert re.search(r"100.0 %.* completed", demo.output)


def test_ctrl_c_leaves_nothing_behind(folder: Path, tmp_path: Path, children: Children) -> None:
    """It stays up until Ctrl-C; then no process, no listening port and no lock is left, so it starts again at once."""
    port = free_port()
    demo = Demo(folder, tmp_path, "--port", port)
    demo.wait_for("Ctrl-C ends it")
    with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    with urlopen(demo.wait_for(r"^page +(\S+)")[1], timeout=10) as answer:
        assert answer.status == 200

    second = Demo(folder, tmp_path, "--port", free_port())
    assert second.wait() == 1
    assert re.search(rf"running already \(process {demo.process.pid}\)", second.output)

    assert demo.interrupt() == 0, demo.output
    assert children.left() == {}
    assert "Traceback" not in demo.output
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0

    third = Demo(folder, tmp_path, "--once", "--port", port)
    assert third.wait() == 0, third.output


@pytest.mark.parametrize("moment", [r"^Postgres", r"^API", r"queued|running"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_ended_at_any_moment(
    moment: str, number: int, folder: Path, tmp_path: Path, children: Children
) -> None:
    """While Postgres starts, while the API starts, while the export runs: it ends, cleanly, and nothing is left."""
    demo = Demo(folder, tmp_path, "--port", free_port())
    demo.wait_for(moment)
    assert demo.interrupt(number) in (0, 130), demo.output
    assert "Traceback" not in demo.output
    assert children.left() == {}


def test_a_kill_leaves_nothing_that_stays(folder: Path, tmp_path: Path, children: Children) -> None:
    """After `kill -9` the server and the generators notice, end, and the next run finds the folder free."""
    demo = Demo(folder, tmp_path, "--port", free_port())
    demo.wait_for("Ctrl-C ends it")
    demo.process.kill()
    demo.wait()
    again = Demo(folder, tmp_path, "--once", "--port", free_port())
    assert again.wait() == 0, again.output
    assert children.left() == {}


def test_it_uses_the_database_it_is_given(
    folder: Path, tmp_path: Path, empty_database_url: str, children: Children
) -> None:
    """With DATABASE_URL no server is started for it: its tables are in that database."""
    demo = Demo(folder, tmp_path, "--once", "--port", free_port(), DATABASE_URL=empty_database_url)
    assert demo.wait() == 0, demo.output
    assert not (folder / "postgres").exists()
    with psycopg.connect(empty_database_url) as connection:
        row = connection.execute("select status from generator_exports").fetchone()
    assert row == ("completed",)
    assert children.left() == {}


def test_a_taken_port_is_passed_over(folder: Path, tmp_path: Path) -> None:
    """It takes the next one that is free, and says which."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = Demo(folder, tmp_path, "--once", "--port", str(port))
        assert demo.wait() == 0, demo.output
    assert int(demo.wait_for(r"^API +http://127\.0\.0\.1:(\d+)")[1]) > port
