"""Where servers keep their data: folders that are locked while in use, and swept when their user is gone."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from app.errors import EmbeddedPostgresBusy, EmbeddedPostgresFailed

_TEMPORARY_PREFIX = "seedbed-pg-"
# A folder is made and then locked: in between it must not look abandoned.
_SWEEP_AFTER_S = 120.0


def default_root() -> Path:
    """A folder for servers that outlive one run (the demo's), the same for each run of one user."""
    if os.geteuid() == 0:
        # Not below the home or the checkout: those may be closed to the account that the server runs as.
        return _own_folder(Path("/var/tmp/seedbed-root"), 0o711)  # noqa: S108 - ownership is checked there
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    root = Path(base) / "seedbed"
    # Without HOME and without an entry in the password file the tilde stays.
    if root.is_absolute():
        with contextlib.suppress(OSError):  # a home that cannot be written
            root.mkdir(parents=True, exist_ok=True)
        if os.access(root, os.W_OK | os.X_OK):
            return root
    return _own_folder(Path(tempfile.gettempdir()) / f"seedbed-{os.geteuid()}", 0o700)


def checkout_folder(name: str, checkout: Path) -> Path:
    """A data folder for `name`, apart from those of other checkouts of the same user."""
    digest = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:12]
    return default_root() / f"{name}-{digest}"


def temporary_folder(*, readable_by_others: bool) -> Path:
    """A new empty folder. Folders of processes that died without removing theirs are removed on the way."""
    base = Path(tempfile.gettempdir())
    if readable_by_others and not open_to_others(base):
        base = default_root()
    _sweep(base)
    return Path(tempfile.mkdtemp(prefix=_TEMPORARY_PREFIX, dir=base))


def open_to_others(path: Path) -> bool:
    """Whether another user can get to `path`."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents))


class FolderLock:
    """Says that a folder is in use; the kernel lets go of it when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Raises EmbeddedPostgresBusy with the other's process id when the folder is in use."""
        self._fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(self._fd, 32).decode().strip()
            os.close(self._fd)
            raise EmbeddedPostgresBusy(f"{folder} is in use by process {pid or '?'}", pid=pid) from None
        os.ftruncate(self._fd, 0)
        os.write(self._fd, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Lets go; safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _sweep(base: Path) -> None:
    for folder in base.glob(f"{_TEMPORARY_PREFIX}*"):
        try:
            found = folder.lstat()
            if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
                continue
            if time.time() - found.st_mtime < _SWEEP_AFTER_S:
                continue
            lock = FolderLock(folder)
        except (OSError, EmbeddedPostgresBusy):
            continue  # in use, or somebody else is sweeping it
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def _own_folder(path: Path, mode: int) -> Path:
    path.mkdir(mode=mode, exist_ok=True)
    found = path.lstat()
    # In a folder that anybody may write, somebody else could have made it before us.
    if found.st_uid != os.geteuid() or path.is_symlink():
        raise EmbeddedPostgresFailed(f"{path} belongs to another user; remove it and start again")
    path.chmod(mode)
    return path
