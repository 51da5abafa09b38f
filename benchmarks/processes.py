"""Programs run as whole processes, and what each of them took."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ROOM_BYTES = 8 * 1024**3


@dataclass(frozen=True, slots=True)
class Took:
    """What one process, and those it waited for, took."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def working_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for what is written: in memory where there is room, so that no disk is measured."""
    memory = Path("/dev/shm")  # noqa: S108  # the folder inside has a name of its own
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES
    return tempfile.TemporaryDirectory(dir=memory if roomy else None)


def run(command: Sequence[str | Path], folder: Path, *, cores: int = 1, path: Path | None = None) -> Took:
    """Runs a program to its end in `folder`, on so many cores, with `path` to import from.

    Raises CalledProcessError when it fails.
    """
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path is not None else {})}
    # An installed program is compiled; so is each contestant, at its first run.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = os.sched_getaffinity(0)
    # A child inherits the cores of its parent.
    os.sched_setaffinity(0, sorted(before)[-cores:])
    try:
        began = time.perf_counter()
        child = subprocess.Popen(
            [str(word) for word in command], cwd=folder, env=environment, stdout=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
    finally:
        os.sched_setaffinity(0, before)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(map(str, command)))
    unit = 1 if sys.platform == "darwin" else 1024
    return Took(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)
