"""Writing a file by one process or by several: the bytes are the same."""

import ctypes
import hashlib
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future

    from app.generator.layout import Facts, Layout, Part
    from app.generator.plan import Plan

STANDARD_OUTPUT = Path("-")
# A file has no least size of parts as an object store has: small ones share the work out evenly.
PART_BYTES = 8 * 1024 * 1024
LEAST_PART_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    bytes: int
    sha256: str


def write_file(
    plan: "Plan", shape: "Layout", path: Path, *, chunk_rows: int, jobs: int, on_rows: Callable[[int], None]
) -> Written:
    """Writes the whole file, or nothing: it gets its name when it is complete. `-` is standard output."""
    _keep_freed_memory()
    digest = hashlib.sha256()
    size = 0
    with _opened(path) as target:
        for piece in _pieces(plan, shape, chunk_rows, jobs, on_rows):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return Written(size, digest.hexdigest())


def _keep_freed_memory() -> None:
    """Has glibc keep what is freed with each chunk: given back, it would be cleared and mapped anew for the next."""
    trim_threshold, mmap_threshold = -1, -3
    with suppress(AttributeError, OSError, TypeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(trim_threshold, 256 * 1024 * 1024)
        libc.mallopt(mmap_threshold, 32 * 1024 * 1024)


def _pieces(
    plan: "Plan", shape: "Layout", chunk_rows: int, jobs: int, on_rows: Callable[[int], None]
) -> Iterator[bytes]:
    from app.generator.layout import render_part, render_tail

    facts: list[Facts] = []
    if jobs > 1 and len(shape.parts) > 1:
        for data, part_facts, rows in _made_by_others(plan, shape, chunk_rows, jobs, facts):
            facts.append(part_facts)
            on_rows(rows)
            yield data
    else:
        for part in shape.parts:
            rendered = render_part(plan, shape, part, chunk_rows, on_rows, earlier=facts)
            yield from rendered
            facts.append(rendered.facts)
    yield render_tail(plan, shape, facts)


def _made_by_others(
    plan: "Plan", shape: "Layout", chunk_rows: int, jobs: int, facts: "list[Facts]"
) -> "Iterator[tuple[bytes, Facts, int]]":
    """Parts in order, made by `jobs` processes that are ahead by no more than one part each."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(
        min(jobs, len(shape.parts)),
        # Forked children of a process that has threads (Arrow's) may hang.
        mp_context=get_context("spawn"),
        initializer=_prepare,
        initargs=(plan, shape, chunk_rows),
    )
    running: deque[tuple[int, Future[tuple[bytes, Facts]]]] = deque()
    waiting = deque(shape.parts)
    done = 0
    try:
        while waiting or running:
            while waiting and len(running) < 2 * jobs:
                part = waiting[0]
                # A late part is made from the facts of all that come before it.
                if part.late and done < part.number - 1:
                    break
                waiting.popleft()
                running.append((part.rows, pool.submit(_make, part, list(facts) if part.late else [])))
            rows, future = running.popleft()
            data, part_facts = future.result()
            done += 1
            yield data, part_facts, rows
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_work: "tuple[Plan, Layout, int] | None" = None


def _prepare(plan: "Plan", shape: "Layout", chunk_rows: int) -> None:
    global _work
    # A Ctrl-C reaches the whole group; the parent ends the pool, and its word alone is printed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_freed_memory()
    _work = (plan, shape, chunk_rows)


def _make(part: "Part", earlier: "list[Facts]") -> "tuple[bytes, Facts]":
    from app.generator.layout import render_part

    assert _work is not None
    plan, shape, chunk_rows = _work
    rendered = render_part(plan, shape, part, chunk_rows, earlier=earlier)
    data = b"".join(rendered)
    return data, rendered.facts


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.exists() and not path.is_file():  # a device or a pipe is written to, not replaced
        with path.open("wb") as file:
            yield file
        return
    staging = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with staging.open("wb", buffering=1 << 20) as file:
            yield file
        staging.replace(path)
    except BaseException:
        staging.unlink(missing_ok=True)
        raise
