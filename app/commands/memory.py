"""What a process that makes rows for seconds asks of the memory allocator and of the garbage collector."""

import ctypes
import gc
from contextlib import suppress

_YOUNG_OBJECTS = 100_000


def keep_freed_memory() -> None:
    """Has glibc keep what is freed with each chunk: given back, it would be cleared and mapped anew for the next."""
    trim_threshold, mmap_threshold = -1, -3
    with suppress(AttributeError, OSError, TypeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(trim_threshold, 256 * 1024 * 1024)
        libc.mallopt(mmap_threshold, 32 * 1024 * 1024)


def collect_rarely() -> None:
    """Has cycles looked for seldom: imports and plans make objects by the ten thousand, nearly all of which stay."""
    gc.set_threshold(_YOUNG_OBJECTS, 20, 100)


def keep_what_is_there() -> None:
    """Leaves the objects that there are out of every search for cycles to come."""
    gc.freeze()
