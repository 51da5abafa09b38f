"""Temporary files of a run in memory: what tests write is gone with them, and a disk only makes them slower.

Databases, objects and profiles of browsers are most of it. `TMPDIR=/tmp make test` leaves them on the disk.
"""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.embedded.folders import FolderLock
from app.errors import EmbeddedPostgresBusy

_MEMORY = Path("/dev/shm")  # noqa: S108  # Linux has it; what is made there is closed to others
_PREFIX = "seedbed-tests-"
# A whole run holds about one at a time, and three servers' logs of changes; the rest is for the programs themselves.
_LEAST_FREE_BYTES = 6 << 30
# The longest runs are about faults and hours: they have the disk that a service has.
_ON_DISK = frozenset({"chaos", "soak", "image"})


def move_into_memory(marks: str) -> Callable[[], None]:
    """Has this process and its children write temporary files into memory, where there is room; returns the undoing.

    `marks` is what pytest's `-m` says. Whoever sets TMPDIR, as an xdist worker's parent does, keeps it.
    """
    if "TMPDIR" in os.environ or marks in _ON_DISK or not _is_fit(_MEMORY):
        return lambda: None
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_MEMORY))
    lock = FolderLock(folder)
    folder.chmod(0o711)  # a server that root starts runs as somebody else
    before = tempfile.tempdir
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)

    def undo() -> None:
        del os.environ["TMPDIR"]
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()

    return undo


def _is_fit(memory: Path) -> bool:
    """Whether there is room, for files as well as for programs, and programs may be run from there."""
    with contextlib.suppress(OSError):
        found = os.statvfs(memory)
        available = re.search(r"^MemAvailable: *(\d+) kB$", Path("/proc/meminfo").read_text("ascii"), re.M)
        room = min(found.f_bavail * found.f_frsize, int(available[1]) * 1024 if available else 0)
        return room >= _LEAST_FREE_BYTES and not found.f_flag & os.ST_NOEXEC and os.access(memory, os.W_OK)
    return False


def _sweep() -> None:
    """Removes what runs left that were killed; a folder whose lock is held is in use."""
    for folder in _MEMORY.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, EmbeddedPostgresBusy):
            if folder.lstat().st_uid == os.geteuid() and (folder / "lock").exists():
                lock = FolderLock(folder)
                shutil.rmtree(folder, ignore_errors=True)
                lock.release()
