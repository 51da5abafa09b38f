"""What processes take, read from /proc: memory, open files, processor time; of a process and all below it."""

import os
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def tree(pid: int) -> list[int]:
    """The process and all below it, as far as they are still there."""
    found, look_at = list[int](), [pid]
    while look_at:
        one = look_at.pop()
        with suppress(OSError):
            # A child belongs to the thread that started it.
            children = [path.read_text().split() for path in _PROC.glob(f"{one}/task/*/children")]
            found.append(one)
            look_at += [int(child) for some in children for child in some]
    return found


def tree_pss_bytes(pid: int) -> int:
    """Memory of a tree as PSS: what its processes share is counted once, what they share with others in part."""
    return sum(_rollup_bytes(one, "Pss:") for one in tree(pid))


def pss_bytes(pid: int) -> int:
    """Memory of one process as PSS; 0 when it is gone."""
    return _rollup_bytes(pid, "Pss:")


def tree_open_files(pid: int) -> int:
    """Open file descriptors of a tree: files, pipes and sockets."""
    total = 0
    for one in tree(pid):
        with suppress(OSError):
            total += len(os.listdir(_PROC / str(one) / "fd"))
    return total


def tree_processor_s(pid: int) -> float:
    """Processor time of a tree, with that of the children that have ended and were waited for."""
    ticks = 0
    for one in tree(pid):
        with suppress(OSError):
            fields = (_PROC / str(one) / "stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def generators(pid: int) -> list[int]:
    """The processes of a worker's tree that make rows."""
    found = []
    for one in tree(pid):
        with suppress(OSError):
            if b"generator_main" in (_PROC / str(one) / "cmdline").read_bytes():
                found.append(one)
    return found


def _rollup_bytes(pid: int, field: str) -> int:
    with suppress(OSError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0
