"""What a process of a crew does: makes the parts it is asked for and writes them where it is told."""

import os
import pickle
import select
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from app.commands.crew import MOST_HELD, PIECES_AT_ONCE, SPOOL_STRIDE, receive, send, write_all, write_in_turn
from app.commands.memory import collect_rarely, keep_freed_memory, keep_what_is_there

if TYPE_CHECKING:
    from app.generator.layout import Facts, Layout, Output
    from app.generator.plan import Plan

# As many as the kernel is used for.
_ROWS_TO_WARM_UP = 3_000
_REQUESTS, _ANSWERS, _SPOOL, _ERRORS = 0, 1, 3, 2


class Work:
    """A file that is being made: `path` when it is written in place, None when parts pass through the spool.

    A file takes one writer at a time. A part is therefore written a piece at a time, when pieces of the next part are
    made and nobody else is writing.
    """

    def __init__(self, plan: "Plan", shape: "Layout", chunk_rows: int, path: str | None) -> None:
        self._plan, self._shape, self._chunk_rows = plan, shape, chunk_rows
        self._file = None if path is None else os.open(path, os.O_WRONLY)
        self._held: dict[int, deque[bytes]] = {}
        self._writing: deque[tuple[int, int]] = deque()
        self._made = 0

    def make(self, between: Callable[[], None], number: int, earlier: "list[Facts]") -> "Facts":
        """Makes a part and keeps it until it is known where it belongs; the spool always has room. Calls `between`
        after each piece."""
        from app.generator.layout import render_part

        part = self._shape.parts[number - 1]
        rendered = render_part(self._plan, self._shape, part, self._chunk_rows, earlier=earlier)
        pieces: deque[bytes] = deque()
        for piece in rendered:
            pieces.append(piece)
            between()
        if self._file is None:
            write_all(_SPOOL, list(pieces), self._made % MOST_HELD * SPOOL_STRIDE)
        else:
            self._held[number] = pieces
        self._made += 1
        return rendered.facts

    def write(self, number: int, at: int) -> None:
        """Notes where a part belongs; `write_some` writes it."""
        self._writing.append((number, at))

    @property
    def is_writing(self) -> bool:
        """Whether there is a part that belongs somewhere and is not all there."""
        return bool(self._writing)

    def write_some(self, *, wait: bool) -> int | None:
        """Writes the next pieces to their place, or with `wait` the next one for certain; the part that is written with
        them, if any."""
        assert self._file is not None
        number, at = self._writing.popleft()
        pieces = self._held[number]
        for _ in range(PIECES_AT_ONCE):
            if not pieces or not write_in_turn(self._file, pieces[0], at, wait=wait):
                break
            at += len(pieces.popleft())
        if pieces:
            self._writing.appendleft((number, at))
            return None
        del self._held[number]
        return number


def main() -> NoReturn:
    """Answers requests until there are no more."""
    answers = os.dup(_ANSWERS)
    # What a library prints must not come between answers.
    with suppress(OSError):
        os.dup2(_ERRORS, _ANSWERS)
    try:
        _serve(answers)
    except (EOFError, BrokenPipeError):  # the end, or nobody is there to be answered
        pass
    except Exception as error:
        send(answers, ("failed", _portable(error)))
    with suppress(AttributeError, OSError):
        sys.stderr.flush()
    # Nothing is left to be put in order, and the file waits for this process.
    os._exit(0)


def _serve(answers: int) -> None:
    _start()
    plan: Plan | None = None
    work: Work | None = None
    waiting: deque[Any] = deque()

    def between(*, idle: bool = False) -> None:
        """What is done after each piece of a part: looks at what is asked for meanwhile, and writes what it may."""
        assert work is not None
        while _is_asked():
            request, *arguments = receive(_REQUESTS)
            if request == "write":
                work.write(*arguments)
            else:
                waiting.append((request, *arguments))
        if work.is_writing and (written := work.write_some(wait=idle)) is not None:
            send(answers, ("written", written))

    while True:
        if not waiting and work is not None and work.is_writing:
            between(idle=True)
            continue
        request, *arguments = waiting.popleft() if waiting else receive(_REQUESTS)
        if request == "prepare":
            plan, output = arguments
            _prepare(plan, output)
        elif request == "work":
            assert plan is not None
            work = Work(plan, *arguments)
        elif request == "write":
            assert work is not None
            work.write(*arguments)
        else:
            assert work is not None
            send(answers, ("made", work.make(between, *arguments)))


def _is_asked() -> bool:
    return bool(select.select([_REQUESTS], [], [], 0)[0])


def _start() -> None:
    """Does what takes time and needs no plan."""
    keep_freed_memory()
    collect_rarely()
    import app.generator.engine.batches
    import app.generator.engine.compiler
    import app.generator.layout  # noqa: F401  # imported for the loading
    from app.generator.kernel.machine import Unavailable, machine
    from app.generator.values.registry import entries

    entries()
    with suppress(Unavailable):
        machine()
    keep_what_is_there()


def _prepare(plan: "Plan", output: "Output") -> None:
    """Makes some rows of the largest table: its program and its words are there when they are needed."""
    from app.generator import batches, loose_batches

    table = max(plan.tables, key=lambda table: table.rows)
    if output.form.encoder is None or table.rows == 0:
        return
    encoder = output.form.encoder(table)
    source = loose_batches if encoder.takes_pieces else batches
    for batch in source(plan, table.name, 0, _ROWS_TO_WARM_UP):
        encoder.encode(batch)
    keep_what_is_there()


def _portable(error: Exception) -> Exception:
    """The error as it can be sent; what cannot is told in words."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:  # whatever pickling it meets, in code of any library
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
