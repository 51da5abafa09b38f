"""A PostgreSQL 18 server of our own: for the demo, the tests and scratch databases.

It listens on loopback TCP alone, with a random password in a file only the owner reads, and it ends with the
process that started it, whichever way that process ends.
"""

import ctypes
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from app.embedded.binaries import programs
from app.errors import EmbeddedPostgresFailed

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 20.0
_PR_SET_PDEATHSIG = 1


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


def default_root() -> Path:
    """A folder for servers that outlive one run (the demo's), the same for each run of one user."""
    if os.geteuid() == 0:
        # Not below the home or the checkout: those may be closed to the account that the server runs as.
        return _own_folder(Path("/var/tmp") / "seedbed-root", 0o711)
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    root = Path(base) / "seedbed"
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError:  # a home that cannot be written
        return _own_folder(Path(tempfile.gettempdir()) / f"seedbed-{os.geteuid()}", 0o700)
    return root


def checkout_folder(name: str, checkout: Path) -> Path:
    """A data folder for `name`, apart from those of other checkouts of the same user."""
    digest = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:12]
    return default_root() / f"{name}-{digest}"


def _own_folder(path: Path, mode: int) -> Path:
    path.mkdir(mode=mode, exist_ok=True)
    found = path.lstat()
    # In a folder that anybody may write, somebody else could have made it before us.
    if found.st_uid != os.geteuid() or path.is_symlink():
        raise EmbeddedPostgresFailed(f"{path} belongs to another user; remove it and start again")
    path.chmod(mode)
    return path


class EmbeddedPostgres:
    """A running server. Make one with `start`; use it as a context manager, or call `stop`."""

    def __init__(self, folder: Path, port: int, password: str, process: "subprocess.Popen[bytes]") -> None:
        self.folder = folder
        self.port = port
        self._password = password
        self._process = process
        self._remove_on_stop = False

    @classmethod
    def start(cls, folder: Path | None = None, *, durable: bool = True, port: int | None = None) -> "EmbeddedPostgres":
        """Starts a server whose data live in `folder`, or in a temporary one that `stop` removes.

        With `durable=False` nothing is forced to disk: for tests and scratch databases.
        Raises EmbeddedPostgresFailed with the end of the server's log.
        """
        account = _account()
        temporary = folder is None
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="seedbed-pg-"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
        if account.uid is not None:
            folder.chmod(0o711)
        try:
            bin_dir = programs(readable_by_others=account.uid is not None, shared_root=default_root())
            password = _initialise(bin_dir, folder, account)
            server = cls._launch(bin_dir, folder, account, password, durable, port)
        except BaseException:
            if temporary:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        server._remove_on_stop = temporary
        return server

    @classmethod
    def _launch(
        cls, bin_dir: Path, folder: Path, account: _Account, password: str, durable: bool, port: int | None
    ) -> "EmbeddedPostgres":
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
            options |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        command = [str(bin_dir / "postgres"), "-D", str(folder / "data")]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log_path = folder / "postgres.log"
        with open(log_path, "ab") as log:
            process = subprocess.Popen(
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
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        server = cls(folder, port, password, process)
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

    def stop(self) -> None:
        """Ends every session and the server; removes a temporary data folder. Safe to call twice."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
            try:
                self._process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)  # "immediate": recovers at the next start
                self._process.wait(_STOP_TIMEOUT_S)
        if self._remove_on_stop:
            shutil.rmtree(self.folder, ignore_errors=True)

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


def _initialise(bin_dir: Path, folder: Path, account: _Account) -> str:
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
                f"--pwfile={pwfile}", "--no-sync",
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


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _environment() -> dict[str, str]:
    """Only what the programs need: a PG* variable of the caller's would change what they do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _end_with_parent() -> None:
    """In the child, between fork and exec: the kernel sends SIGINT when the parent dies, even by SIGKILL."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


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
