"""`seedbed demo`, which README.md begins with, shows the whole service, and is gone when it ends."""

import hashlib
import re
import signal
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg
import pytest

from app.demo import shop_ddl

from .conftest import Children, Demo, free_port

TABLES = set(re.findall(r"create table (\w+)", shop_ddl()))

Start = Callable[..., Demo]


def test_once_makes_an_export_and_ends(start: Start, children: Children) -> None:
    """Progress is seen; path, size and SHA-256 that it prints are those of a file with every table; nothing is left
    running; and a second run makes the same bytes."""
    demo = start("--once")
    assert demo.wait() == 0, demo.output
    percents = [float(found) for found in re.findall(r"^ +([\d.]+) %", demo.output, re.M)]
    assert percents == sorted(percents)
    assert len(percents) >= 3
    assert re.search(r"100.0 %.* completed", demo.output)
    path = Path(demo.wait_for(r"^file +(\S+)")[1])
    data = path.read_bytes()
    assert demo.wait_for(r"^size +([\d,]+)")[1].replace(",", "") == str(len(data))
    assert demo.wait_for(r"^sha256 +(\w+)")[1] == hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
    assert names == {f"{table}.csv" for table in TABLES} | {"manifest.json", "load.sql"}
    assert children.left() == {}

    again = start("--once")
    assert again.wait() == 0, again.output
    assert again.wait_for(r"^sha256 +(\w+)")[1] == hashlib.sha256(data).hexdigest()
    assert children.left() == {}


def test_ctrl_c_leaves_nothing_behind(start: Start, children: Children) -> None:
    """It stays up until Ctrl-C, alone; then no process, no listening port and no lock is left, so it starts again
    at once, and can be ended while it asks for its export."""
    port = free_port()
    demo = start(port=port)
    demo.wait_for("Ctrl-C ends it")
    for url in (f"http://127.0.0.1:{port}/readyz", demo.wait_for(r"^open +(\S+)")[1]):
        with urlopen(url, timeout=10) as answer:
            assert answer.status == 200
    # A front end that is being written may call it.
    for origin, allowed in (("http://localhost:5173", "http://localhost:5173"), ("http://elsewhere.example", None)):
        asked = Request(f"http://127.0.0.1:{port}/readyz", headers={"Origin": origin})
        with urlopen(asked, timeout=10) as answer:
            assert answer.headers["access-control-allow-origin"] == allowed

    second = start()
    assert second.wait() == 1
    assert re.search(rf"running already \(process {demo.process.pid}\)", second.output)

    assert demo.interrupt() == 0, demo.output
    assert children.left() == {}
    assert "Traceback" not in demo.output
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0

    third = start(port=port)
    assert third.wait_for(r"^API +http://127\.0\.0\.1:(\d+)")[1] == port
    assert third.interrupt() in (0, 130), third.output
    assert "Traceback" not in third.output
    assert children.left() == {}


@pytest.mark.parametrize(
    ("moment", "number"),
    [(r"^start", signal.SIGTERM), (r"% .* running", signal.SIGTERM)],
    ids=["while Postgres starts", "while the export runs"],
)
def test_it_can_be_ended_at_any_moment(moment: str, number: int, start: Start, children: Children) -> None:
    """Whatever it is at: it ends, cleanly, and nothing is left."""
    demo = start()
    demo.wait_for(moment)
    assert demo.interrupt(number) in (0, 130), demo.output
    assert "Traceback" not in demo.output
    assert children.left() == {}


def test_a_kill_leaves_nothing_that_stays(start: Start, children: Children) -> None:
    """After `kill -9` the server and the generators notice, end, and the next run finds the folder free."""
    demo = start()
    demo.wait_for(r"% .* running")
    demo.process.kill()
    demo.wait()
    again = start("--once")
    assert again.wait() == 0, again.output
    assert children.left() == {}


def test_it_uses_the_database_it_is_given(
    start: Start, folder: Path, empty_database_url: str, children: Children
) -> None:
    """With DATABASE_URL no server is started for it: its tables are in that database. A taken port is passed over."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = start("--once", port=str(port), DATABASE_URL=empty_database_url)
        assert demo.wait() == 0, demo.output
    assert int(demo.wait_for(r"^API +http://127\.0\.0\.1:(\d+)")[1]) > port
    assert not (folder / "postgres").exists()
    with psycopg.connect(empty_database_url) as connection:
        row = connection.execute("select status from generator_exports").fetchone()
    assert row == ("completed",)
    assert children.left() == {}
