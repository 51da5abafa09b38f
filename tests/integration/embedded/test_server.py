"""The embedded server: it starts anywhere, keeps its data, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.embedded import EmbeddedPostgres
from app.embedded.folders import temporary_folder
from app.errors import EmbeddedPostgresBusy, EmbeddedPostgresFailed
from tests.waiting import eventually

CHECKOUT = Path(__file__).resolve().parents[3]


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def run_python(code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=CHECKOUT, text=True, stdout=subprocess.PIPE
    )


@pytest.fixture
def reachable() -> Iterator[Path]:
    """pytest's folders are closed to others, and a server started as root runs as somebody else."""
    with tempfile.TemporaryDirectory(prefix="seedbed-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(durable=False) as started:
        yield started


def test_it_speaks_sql_in_utf8_and_utc(server: EmbeddedPostgres) -> None:
    """The server is a PostgreSQL 18 whose encoding and time zone do not depend on the machine's."""
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(
            "select current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),"
            " current_setting('timezone')"
        ).fetchone()
    assert row == (18, "UTF8", "UTC")


def test_it_refuses_a_wrong_password(server: EmbeddedPostgres) -> None:
    """Loopback is shared by all users of a machine, so the password must count."""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(server.url(password="guess"), connect_timeout=5)


def test_stop_removes_the_temporary_folder_and_every_process() -> None:
    """After `stop` there is no process and no folder, and a second `stop` does nothing."""
    started = EmbeddedPostgres.start(durable=False)
    pid, folder = started.pid, started.folder
    started.stop()
    started.stop()
    assert not alive(pid)
    assert not folder.exists()


def test_data_and_password_outlive_a_restart(reachable: Path) -> None:
    """A second start on the same folder finds what the first one stored, by the same password."""
    folder = reachable / "kept"
    with EmbeddedPostgres.start(folder, durable=False) as first:
        with psycopg.connect(first.url(), autocommit=True) as connection:
            connection.execute("create table kept as select 42 as answer")
        port = first.port
    with EmbeddedPostgres.start(folder, durable=False, port=port) as second:
        assert second.url() == first.url()
        with psycopg.connect(second.url()) as connection:
            assert connection.execute("select answer from kept").fetchone() == (42,)


def test_two_processes_do_not_share_a_folder(reachable: Path) -> None:
    """The second one is told who is using it, and the first one's server goes on."""
    folder = reachable / "shared"
    with EmbeddedPostgres.start(folder, durable=False) as first:
        with pytest.raises(EmbeddedPostgresBusy) as caught:
            EmbeddedPostgres.start(folder, durable=False)
        assert caught.value.facts["pid"] == str(os.getpid())
        assert alive(first.pid)


def test_an_initdb_that_was_interrupted_is_done_again(reachable: Path) -> None:
    """A data folder without the password file, which is written last, is made anew."""
    folder = reachable / "broken"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres.start(folder, durable=False) as server:
        psycopg.connect(server.url()).close()


def test_a_server_that_cannot_start_says_why(reachable: Path) -> None:
    """The message holds the end of the server's own log."""
    folder = reachable / "taken"
    with (
        EmbeddedPostgres.start(durable=False) as other,
        pytest.raises(EmbeddedPostgresFailed, match="Address already in use"),
    ):
        EmbeddedPostgres.start(folder, durable=False, port=other.port)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_it_ends_with_a_process_that_is_killed() -> None:
    """A `kill -9` of the process that started it leaves no server behind."""
    parent = run_python(
        """
        from app.embedded import EmbeddedPostgres
        server = EmbeddedPostgres.start(durable=False)
        print(server.pid, server.folder, flush=True)
        import signal; signal.pause()
        """
    )
    assert parent.stdout is not None
    pid, folder = parent.stdout.readline().split()
    parent.kill()
    parent.communicate()
    eventually(lambda: not alive(int(pid)))
    _age(Path(folder))
    temporary_folder(readable_by_others=os.geteuid() == 0).rmdir()
    assert not Path(folder).exists(), "the next start sweeps what the killed process could not remove"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_it_outlives_the_thread_that_started_it() -> None:
    """Started from a pool's thread that ends, the server serves on: death signals go by thread, not by process."""
    started: list[EmbeddedPostgres] = []
    thread = threading.Thread(target=lambda: started.append(EmbeddedPostgres.start(durable=False)))
    thread.start()
    thread.join()
    with started[0] as server:
        for _ in range(3):
            psycopg.connect(server.url()).close()
        assert alive(server.pid)


def test_a_start_right_after_a_kill_waits_for_the_old_server(reachable: Path) -> None:
    """The server of a killed process may still be shutting down when the next one wants its folder."""
    folder = reachable / "again"
    parent = run_python(
        f"""
        from pathlib import Path
        from app.embedded import EmbeddedPostgres
        server = EmbeddedPostgres.start(Path({str(folder)!r}), durable=False)
        print(server.pid, flush=True)
        import signal; signal.pause()
        """
    )
    assert parent.stdout is not None
    old_pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    with EmbeddedPostgres.start(folder, durable=False) as server:
        assert not alive(old_pid)
        psycopg.connect(server.url()).close()


def test_a_folder_in_use_is_not_swept(server: EmbeddedPostgres) -> None:
    """However old a running server's folder is, another start leaves it alone."""
    _age(server.folder)
    temporary_folder(readable_by_others=os.geteuid() == 0).rmdir()
    assert (server.folder / "data" / "PG_VERSION").exists()


def _age(folder: Path) -> None:
    os.utime(folder, (0, 0))
