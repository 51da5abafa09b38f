"""The parts of an upload into a folder, joined in their order while later ones are still to come.

Joining is the one thing that begins when all parts are there, and that nobody else could do meanwhile. So whoever
stores a part joins what can be, unless somebody is at it: what is left in the end is little. Which parts those were is
noted beside the file; if it is others that the upload is completed with, it is joined anew.

What is joined is put on its way to the disk at once, while others still make parts: of 220 MB the fsync at the end
takes 0.00-0.01 s then, and 0.1 s otherwise (ext4 on a virtual disk). It alone says that they are there.
"""

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

_FILE, _NOTES = "joined", "joined.parts"
_CANNOT_COPY = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
_COPY_BYTES = 1 << 20
_KERNEL_COPY_BYTES = 1 << 30
_WRITE = 2  # SYNC_FILE_RANGE_WRITE of sync_file_range(2): begin, and wait for nothing


class Joined:
    """What is joined of the parts in one folder."""

    def __init__(self, file: BinaryIO, notes: TextIO) -> None:
        self.file = file
        self._notes = notes
        # A process may have ended in the middle of a line.
        whole, newline, _ = notes.read().rpartition("\n")
        notes.seek(len(whole + newline))
        notes.truncate()
        lines = [line.split() for line in whole.splitlines()]
        self._names = [name for name, _ in lines]
        self._size = sum(int(size) for _, size in lines)
        if os.fstat(file.fileno()).st_size < self._size:
            # The disk has lost some of it.
            self._begin_anew()

    @property
    def count(self) -> int:
        """How many parts."""
        return len(self._names)

    def become(self, parts: Sequence[Path]) -> None:
        """Joins exactly these: those that are missing, or all of them."""
        names = [part.name for part in parts]
        if self._names != names[: self.count]:
            self._begin_anew()
        for part in parts[self.count :]:
            self.add(part)
        self.file.truncate(self._size)

    def add(self, part: Path) -> None:
        """Joins one more."""
        self.file.seek(self._size)
        with open(part, "rb") as source:
            size = copy(source, self.file)
        begin_writing(self.file, self._size, size)
        # Noted when it is there: what was copied without a note is copied over.
        self._notes.write(f"{part.name} {size}\n")
        self._notes.flush()
        self._names.append(part.name)
        self._size += size

    def _begin_anew(self) -> None:
        self._names, self._size = [], 0
        self._notes.truncate(0)
        self._notes.seek(0)


def prepare(folder: Path) -> None:
    """Makes an upload's folder ready, as far as it is not. Raises FileNotFoundError when it is gone."""
    for name in (_FILE, _NOTES):
        (folder / name).touch()


@contextmanager
def joining(folder: Path, *, wait: bool = True) -> Iterator[Joined | None]:
    """For one process at a time; None, unless it is to `wait`, while another is at it. Raises FileNotFoundError when
    the folder is gone, or was not prepared."""
    with open(folder / _NOTES, "r+") as notes:
        try:
            fcntl.flock(notes, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        with open(folder / _FILE, "r+b") as file:
            yield Joined(file, notes)


def join_some(folder: Path) -> None:
    """Joins the parts that follow those that are joined: as far as they are there, each once."""
    with suppress(FileNotFoundError), joining(folder, wait=False) as joined:
        while joined is not None:
            parts = list(folder.glob(f"{joined.count + 1:05d}-*"))
            if len(parts) != 1:
                # Not there; or stored twice, and only who completes the upload knows which one it is.
                return
            joined.add(parts[0])


def begin_writing(file: BinaryIO, start: int, size: int) -> None:
    """Has the system write so many bytes from `start` on to the disk, where it can be told to. Errors are fsync's to
    tell: they are not lost by then."""
    if _sync_file_range is not None:
        _sync_file_range(file.fileno(), ctypes.c_int64(start), ctypes.c_int64(size), ctypes.c_uint(_WRITE))


def copy(source: BinaryIO, target: BinaryIO) -> int:
    """Copies all of the source to where the target is at, by the kernel alone where it can; how many bytes."""
    target.flush()
    begin, copied = target.tell(), 0
    if hasattr(os, "copy_file_range"):
        try:
            while count := os.copy_file_range(
                source.fileno(), target.fileno(), _KERNEL_COPY_BYTES, copied, begin + copied
            ):
                copied += count
        except OSError as error:
            if error.errno not in _CANNOT_COPY:
                raise
    # What the kernel would not copy: nothing, or all of it.
    source.seek(copied)
    target.seek(begin + copied)
    shutil.copyfileobj(source, target, _COPY_BYTES)
    target.flush()
    return target.tell() - begin


# Linux has it, and no module of Python's does.
_sync_file_range = getattr(ctypes.CDLL(None), "sync_file_range", None)
