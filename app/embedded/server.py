"""A PostgreSQL 18 server of our own: for the demo, the tests and scratch databases.

It listens on loopback TCP alone, with a random password in a file only the owner reads, and it ends with the
process that started it, whichever way that process ends.
"""

import contextlib
import ctypes
import functools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from app.embedded.binaries import programs
from app.embedded.folders import FolderLock, default_root, temporary_folder
from app.errors import EmbeddedPostgresFailed

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 20.0
_PR_SET_PDEATHSIG = 1
# Nothing is forced to disk, nothing is logged for a copy of the server elsewhere, and passwords, which are random and
# as short-lived as the server, are not stretched: half of what a connection costs.
_FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "scram_iterations": "1",
}


@dataclass(frozen=True, slots=True)
class _Account:
    """The system account the server runs as; None means: the one we are."""

    uid: int | None
    gid: int | None


def _account() -> _Account:
    if os.geteuid() != 0:
        return _Account(None, None)
    # PostgreSQL refuses to run as root. "nobody" is on every system and owns nothing.
    nobody = pwd.getpwnam("nobody")
    return _Account(nobody.pw_uid, nobody.pw_gid)


class EmbeddedPostgres:
    """A running server. Make one with `start`; use it as a context manager, or call `stop`."""

    def __init__(
        self, folder: Path, port: int, password: str, process: "subprocess.Popen[bytes]", lock: FolderLock
    ) -> None:
        self.folder = folder
        self.port = port
        self._password = password
        self._process = process
        self._lock = lock
        self._remove_on_stop = False

    @classmethod
    def start(cls, folder: Path | None = None, *, durable: bool = True, port: int | None = None) -> "EmbeddedPostgres":
        """Starts a server whose data live in `folder`, or in a temporary one that `stop` removes.

        With `durable=False` nothing is forced to disk: for tests and scratch databases.
        Raises EmbeddedPostgresBusy when another process runs a server on `folder`, and EmbeddedPostgresFailed
        with the end of the server's log when this one does not start.
        """
        account = _account()
        temporary = folder is None
        if folder is None:
            folder = temporary_folder(readable_by_others=account.uid is not None)
        else:
            folder.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(folder)
        try:
            if account.uid is not None:
                folder.chmod(0o711)
            bin_dir = programs(readable_by_others=account.uid is not None, shared_root=default_root())
            password = _initialise(bin_dir, folder, account, durable)
            server = cls._launch(bin_dir, folder, account, password, durable, port, lock)
        except BaseException:
            if temporary:
                shutil.rmtree(folder, ignore_errors=True)
            lock.release()
            raise
        server._remove_on_stop = temporary
        return server

    @classmethod
    def _launch(
        cls,
        bin_dir: Path,
        folder: Path,
        account: _Account,
        password: str,
        durable: bool,
        port: int | None,
        lock: FolderLock,
    ) -> "EmbeddedPostgres":
        _end_predecessor(folder / "data")
        port = port or _free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not durable:
            options |= _FORGETFUL
        command = [str(bin_dir / "postgres"), "-D", str(folder / "data")]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log_path = folder / "postgres.log"
        with open(log_path, "ab") as log:

            def launch() -> "subprocess.Popen[bytes]":
                return subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=_environment(),
                    user=account.uid,
                    group=account.gid,
                    extra_groups=[] if account.uid is not None else None,
                    # A Ctrl-C goes to the whole foreground group; the server must outlive its clients' goodbyes.
                    start_new_session=True,
                    preexec_fn=_end_with_parent() if sys.platform == "linux" else None,
                )

            process = _launcher().submit(launch).result()
        server = cls(folder, port, password, process, lock)
        try:
            server._wait_until_ready(log_path)
        except BaseException:
            server.stop()
            raise
        return server

    def url(self, database: str = "postgres", *, user: str = "postgres", password: str | None = None) -> str:
        """A `postgresql://` URL for `database`; without `password`, the superuser's."""
        secret = self._password if password is None else password
        return f"postgresql://{quote(user)}:{quote(secret)}@127.0.0.1:{self.port}/{quote(database)}"

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._process.pid

    def stop(self, *, immediate: bool = False) -> None:
        """Ends every session and the server; removes a temporary data folder. Safe to call twice.

        `immediate`: without a goodbye, as when the machine fails; the next start recovers.
        """
        if self._process.poll() is None:
            # PostgreSQL's "immediate" and "fast" shutdowns
            self._process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
            try:
                self._process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)  # "immediate": recovers at the next start
                self._process.wait(_STOP_TIMEOUT_S)
        if self._remove_on_stop:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()

    def __enter__(self) -> "EmbeddedPostgres":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_ready(self, log_path: Path) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            if self._process.poll() is not None:
                raise EmbeddedPostgresFailed(f"the embedded PostgreSQL ended at once: {_tail(log_path)}")
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresFailed(
                        f"the embedded PostgreSQL did not answer in {_START_TIMEOUT_S:.0f} s: {_tail(log_path)}"
                    ) from None
                time.sleep(0.02)  # start-up has no event to wait on but an accepted connection


def _initialise(bin_dir: Path, folder: Path, account: _Account, durable: bool) -> str:
    """Runs initdb once; returns the superuser's password."""
    secret_file = folder / "password"
    data = folder / "data"
    if (data / "PG_VERSION").exists() and secret_file.exists():
        return secret_file.read_text()
    shutil.rmtree(data, ignore_errors=True)  # an initdb that was interrupted
    password = secrets.token_urlsafe(24)
    data.mkdir(mode=0o700)
    pwfile = folder / "initdb-password"
    _write_private(pwfile, password)
    if account.uid is not None and account.gid is not None:
        os.chown(data, account.uid, account.gid)
        os.chown(pwfile, account.uid, account.gid)
    try:
        result = subprocess.run(
            [
                str(bin_dir / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8",
                "--locale-provider=builtin", "--locale=C.UTF-8", "--auth=scram-sha-256",
                f"--pwfile={pwfile}", "--no-sync", *([] if durable else ["--set", "scram_iterations=1"]),
            ],
            capture_output=True, text=True, cwd="/", env=_environment(),
            user=account.uid, group=account.gid, extra_groups=[] if account.uid is not None else None,
        )  # fmt: skip
    finally:
        pwfile.unlink()
    if result.returncode != 0:
        raise EmbeddedPostgresFailed(f"initdb failed: {result.stderr.strip()[-800:]}")
    # Written last: its presence says that the data folder is whole.
    _write_private(secret_file, password)
    return password


def _end_predecessor(data: Path) -> None:
    """Waits for a server that lost its parent a moment ago, and may still be on its way out.

    Where the kernel does not tell a child of its parent's death, this is what ends it.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    # The id may long belong to another program: only one that names this data folder is ours to end.
    for how in (signal.SIGINT, signal.SIGQUIT):
        if str(data) not in _command_line(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        while time.monotonic() < deadline and str(data) in _command_line(pid):
            time.sleep(0.05)  # not our child, so there is nothing to wait on


def _command_line(pid: int) -> str:
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _environment() -> dict[str, str]:
    """Only what the programs need: a PG* variable of the caller's would change what they do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


@functools.cache
def _launcher() -> ThreadPoolExecutor:
    """The thread that starts servers, and lives as long as the process.

    Linux sends the parent-death signal when the *thread* that forked ends: a server started by a thread of some
    pool would be gone as soon as that pool lets an idle thread go.
    """
    return ThreadPoolExecutor(1, "seedbed-postgres")


def _end_with_parent() -> Callable[[], None]:
    """What the child does between fork and exec: have the kernel send SIGINT when we die, even by SIGKILL."""
    libc = ctypes.CDLL(None)  # loaded before the fork: the child of a threaded process may do next to nothing

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)

    return ask


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _tail(path: Path, chars: int = 800) -> str:
    try:
        return path.read_text(errors="replace").strip()[-chars:]
    except OSError:
        return "(no log)"
