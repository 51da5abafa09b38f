"""Programs run as whole processes, and what each of them took."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Took:
    """What one process, and those it waited for, took."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def run(command: Sequence[str | Path], folder: Path, *, cores: int = 1, path: Path | None = None) -> Took:
    """Runs a program to its end in `folder`, on so many cores, with `path` to import from.

    Raises CalledProcessError when it fails.
    """
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path is not None else {})}
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
