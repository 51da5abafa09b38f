"""Writing a file by one process or by several: the bytes are the same."""

import errno
import glob
import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.assembly import Assembly, Target
from app.commands.crew import Crew
from app.commands.memory import keep_freed_memory, keep_what_is_there

if TYPE_CHECKING:
    from app.generator.layout import Layout
    from app.generator.plan import Plan

STANDARD_OUTPUT = Path("-")
# A file has no least size of parts as an object store has: small ones share the work out evenly.
PART_BYTES = 8 * 1024 * 1024
# What the kernel writes is made fastest by as many rows as such a part has.
PART_BYTES_IN_PORTIONS = 16 * 1024 * 1024
LEAST_PART_BYTES = 1024 * 1024
# Whoever writes does so more often than this; a process of another machine, or container, cannot be asked for.
_IDLE_S = 60.0
_OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
# A name has 255 bytes at most, and what is added to it needs some.
_LONGEST_STAGED = 200


@dataclass(frozen=True, slots=True)
class Written:
    """What was written; the SHA-256 where it was asked for."""

    bytes: int
    crc32: int
    sha256: str | None


def write_file(
    plan: "Plan",
    shape: "Layout",
    path: Path,
    *,
    chunk_rows: int,
    crew: Crew,
    on_rows: Callable[[int], None],
    sha256: bool = False,
) -> Written:
    """Writes the whole file, or nothing: it gets its name when it is complete. `-` is standard output."""
    keep_freed_memory()
    keep_what_is_there()
    digest = hashlib.sha256() if sha256 else None
    with _opened(path) as target:
        assembly = Assembly(plan, shape, chunk_rows, crew, target, digest, on_rows)
        crc = assembly.run()
    return Written(assembly.size, crc, digest.hexdigest() if digest is not None else None)


@contextmanager
def _opened(path: Path) -> Iterator[Target]:
    if path == STANDARD_OUTPUT:
        yield Target(sys.stdout.buffer.write)
        sys.stdout.buffer.flush()
        return
    with _named(path):
        if path.exists() and not path.is_file():  # a device or a pipe is written to, not replaced
            with path.open("wb") as file:
                yield Target(file.write)
            return
        # A link stays one: what it leads to is replaced.
        place = Path(os.path.realpath(path))
        _clear_left_behind(place)
        staging = place.with_name(f".{_short(place.name)}.{os.getpid()}.part")
        # Opened inside: a Ctrl-C may come when the file is there and nobody has been told.
        try:
            try:
                opened = staging.open("w+b")
            except OSError as error:
                reason = "there is no such folder" if not path.parent.is_dir() else (error.strerror or "").lower()
                raise OSError(error.errno, f"cannot be written: {reason}", str(path)) from None
            with opened as file:
                # There may be none yet, and file systems that know no modes.
                with suppress(OSError):
                    os.fchmod(file.fileno(), stat.S_IMODE(place.stat().st_mode))
                yield Target(file.write, file.fileno(), str(staging))
            staging.replace(place)
        except BaseException:
            # What cannot be there cannot be taken away, and the reason has been found.
            with suppress(OSError):
                staging.unlink(missing_ok=True)
            raise


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Says of which file it is that a disk is full or broken; whoever writes knows a number alone."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno in _OF_DISKS:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def _short(name: str) -> str:
    """What a staged file is called after its own name, which may be as long as a name can be."""
    if len(os.fsencode(name)) <= _LONGEST_STAGED:
        return name
    return hashlib.sha256(os.fsencode(name)).hexdigest()


def _clear_left_behind(path: Path) -> None:
    """Removes what a run that was killed had begun to write under this name."""
    name = _short(path.name)
    for left in path.parent.glob(f".{glob.escape(name)}.*.part"):
        process = left.name.removeprefix(f".{name}.").removesuffix(".part")
        # Somebody else's file, or one that has gone meanwhile, is none of ours.
        with suppress(OSError):
            if process.isdecimal() and not _is_running(int(process)) and time.time() - left.stat().st_mtime > _IDLE_S:
                left.unlink()


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
