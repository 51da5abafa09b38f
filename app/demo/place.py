"""Where a demonstration keeps its things from one run to the next: database, files, keys; one run at a time."""

import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from app.embedded import checkout_folder
from app.embedded.folders import FolderLock
from app.errors import EmbeddedPostgresBusy, SeedbedError
from app.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
FIRST_PORT = 8000
_PORTS_TRIED = 50
_EMAIL = "demo@example.com"
# Where the usual tools serve a front end that is being written.
_FRONT_ENDS = tuple(f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 5173, 8080))


class DemoBusy(SeedbedError):
    """A demonstration of this checkout is running already."""

    code = "demo_busy"


@dataclass(frozen=True, slots=True)
class _Keys:
    store: str
    issuer: str


class DemoPlace:
    """The folder of this checkout's demonstration, held for as long as the `with` block runs."""

    email = _EMAIL

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder.absolute() if folder is not None else checkout_folder("demo", CHECKOUT)

    def __enter__(self) -> "DemoPlace":
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = FolderLock(self.folder)
        except EmbeddedPostgresBusy as busy:
            pid = busy.facts.get("pid") or "unknown"
            raise DemoBusy(
                f"a demo of this checkout is running already (process {pid}); end it with Ctrl-C first", pid=pid
            ) from None
        # The server's account, when it is another, has to pass through; what it may not read is closed below.
        self.folder.chmod(0o711)
        self.objects.mkdir(mode=0o700, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.release()

    @property
    def database(self) -> Path:
        """The data folder of the embedded server."""
        return self.folder / "postgres"

    @property
    def objects(self) -> Path:
        """The folder of the local object store."""
        return self.folder / "objects"

    def settings(self, database_url: str, port: int, *, own_server: bool) -> Settings:
        """The settings of the demonstration's processes. `own_server`: the server is the demonstration's own, and
        so may hold scratch databases as well."""
        keys = self._keys()
        named = tuple(origin.strip() for origin in os.environ.get("CORS_ORIGINS", "").split(",") if origin.strip())
        return Settings(
            cors_origins=named or _FRONT_ENDS,
            database_url=database_url,
            scratch_database_url=database_url if own_server else None,
            object_store="local",
            local_store_dir=self.objects,
            local_store_secret=keys.store,
            port=port,
            public_url=f"http://127.0.0.1:{port}",
            dev_auth=True,
            dev_auth_key=keys.issuer,
            webhook_signing_key=keys.issuer,
            log_format="console",
            log_level="WARNING",
        )

    def results(self) -> Path:
        """Where files for the user are put: `.seedbed` where the command was given, if that can be written."""
        folder = Path.cwd() / ".seedbed"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            return self.folder
        return folder if os.access(folder, os.W_OK) else self.folder

    def _keys(self) -> _Keys:
        """Random keys, kept: links and tokens of an earlier run stay good."""
        path = self.folder / "keys.json"
        try:
            return _Keys(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            keys = _Keys(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"store": keys.store, "issuer": keys.issuer}, file)
        return keys


def listen(first_port: int = FIRST_PORT) -> socket.socket:
    """A socket that listens on loopback, on the first of the ports from `first_port` that is free."""
    for port in range(first_port, first_port + _PORTS_TRIED):
        listener = socket.socket()
        # Otherwise a port stays taken for a minute after the last run's connections.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        return listener
    raise DemoBusy(f"the ports {first_port} to {first_port + _PORTS_TRIED - 1} are all in use")
