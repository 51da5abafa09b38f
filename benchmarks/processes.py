"""Programs run as whole processes, and what each of them took."""

import os
import resource
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
    began = time.perf_counter()
    child = _start(command, folder, path, sorted(os.sched_getaffinity(0))[-cores:])
    usage = _end(child)
    wall = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024
    return Took(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def run_beside_each_other(commands: Sequence[Sequence[str | Path]], folder: Path, path: Path | None = None) -> float:
    """Runs programs at the same time, each on a core of its own, as far as there are so many; seconds until all have
    ended. Raises CalledProcessError when one fails."""
    cores = sorted(os.sched_getaffinity(0))
    began = time.perf_counter()
    children = [_start(command, folder, path, [cores[n % len(cores)]]) for n, command in enumerate(commands)]
    for child in children:
        _end(child)
    return time.perf_counter() - began


def _start(
    command: Sequence[str | Path], folder: Path, path: Path | None, cores: Sequence[int]
) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path is not None else {})}
    # An installed program is compiled; so is each contestant, at its first run.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = os.sched_getaffinity(0)
    # A child inherits the cores of its parent.
    os.sched_setaffinity(0, cores)
    try:
        return subprocess.Popen([str(word) for word in command], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    finally:
        os.sched_setaffinity(0, before)


def _end(child: "subprocess.Popen[bytes]") -> resource.struct_rusage:
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        assert isinstance(child.args, list)
        raise subprocess.CalledProcessError(child.returncode, child.args)
    return usage
