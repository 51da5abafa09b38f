"""Processes that make parts beside this one: started early, given work when there is some, told where to write it.

They start while the plan is made, so that their start costs no time. What goes to and fro is small: numbers of parts,
facts about them, places in the file. The rows themselves never come by: a hand writes them where they belong, or into
memory that both processes see.
"""

import fcntl
import os
import pickle
import select
import signal
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal, TypeAlias

from app.errors import SeedbedError

_LENGTH = struct.Struct("<I")
# Parts that wait in a spool are so far apart: it is sparse, and no part is so large.
SPOOL_STRIDE = 1 << 36
# Parts of one hand that are made or in the making and not yet where they belong.
MOST_HELD = 4
# Pieces written for each that is made, when some wait.
PIECES_AT_ONCE = 2
_HAND = "import sys; sys.path[:] = sys.argv[1:]; from app.commands.hand import main; main()"

Answer: TypeAlias = tuple[Literal["made", "written", "failed"], Any]


class HandLost(SeedbedError):
    """A process that made rows has ended before its work was done."""

    code = "process_lost"


def send(descriptor: int, message: Any) -> None:
    """Writes one message, whole."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    view = memoryview(_LENGTH.pack(len(data)) + data)
    while view:
        view = view[os.write(descriptor, view) :]


def receive(descriptor: int) -> Any:
    """Reads one message; EOFError when the other side has ended."""
    return pickle.loads(_read(descriptor, _LENGTH.unpack(_read(descriptor, _LENGTH.size))[0]))  # noqa: S301  # our own


def _read(descriptor: int, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        some = os.read(descriptor, size - len(data))
        if not some:
            raise EOFError
        data += some
    return bytes(data)


class Hand:
    """One of the processes. `held` counts its parts that are not yet where they belong, `making` those not yet made."""

    def __init__(self) -> None:
        self.held = self.making = self.made = 0
        self.spool = _apart(os.memfd_create("seedbed") if hasattr(os, "memfd_create") else _unnamed_file())
        theirs_in, self._requests = map(_apart, os.pipe())
        self.answers, theirs_out = map(_apart, os.pipe())
        places = ((theirs_in, 0), (theirs_out, 1), (self.spool, 3))
        # What ends the whole group reaches them too; this process ends the others, and its word alone is printed.
        self._process: int | None = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", _HAND, *sys.path],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, own, place) for own, place in places],
            setsigmask=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP],
        )
        os.close(theirs_in)
        os.close(theirs_out)

    def ask(self, *message: Any) -> None:
        """Sends a request. Raises HandLost, and what the hand has failed with."""
        try:
            send(self._requests, message)
        except BrokenPipeError:
            raise self._failure() from None

    def answer(self) -> Answer:
        """The next answer. Raises HandLost."""
        try:
            answer: Answer = receive(self.answers)
        except EOFError:
            raise self._failure() from None
        return answer

    def dismiss(self) -> None:
        """Asks for nothing more: the process ends when it has done what it was asked for."""
        if self._requests >= 0:
            os.close(self._requests)
            self._requests = -1

    def end(self, *, at_once: bool = False) -> int:
        """Ends the process, when it has done what it was asked for or at once; its exit code."""
        if self._process is None:
            return 0
        self.dismiss()
        for descriptor in (self.answers, self.spool):
            os.close(descriptor)
        if at_once:
            os.kill(self._process, signal.SIGKILL)
        process, self._process = self._process, None
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def _failure(self) -> Exception:
        """Why there is nobody any more: what was answered last, or how it ended."""
        with suppress(EOFError):
            while True:
                what, result = receive(self.answers)
                if what == "failed":
                    failure: Exception = result
                    return failure
        status = self.end()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with code {status}"
        hint = ", perhaps for want of memory: try fewer --jobs" if status == -signal.SIGKILL else ""
        return HandLost(f"a process that made rows {how}{hint}; no file was written", status=status)


def _apart(descriptor: int) -> int:
    """The same away from 0, 1 and 2, which may be free, and from where the other process is to find it."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


def _unnamed_file() -> int:
    import tempfile  # which brings much along, and is of use where there is no memfd

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


class Crew:
    """The hands that help this process, which is one of `jobs`; a context that ends them, by an error at once."""

    def __init__(self, jobs: int, early: int = 0) -> None:
        """`early` of them are started now."""
        self._jobs = jobs
        self._plan: tuple[Any, ...] = ()
        self._answering = select.poll()
        self.hands = [Hand() for _ in range(min(early, jobs - 1))]

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for hand in self.hands:
            hand.end(at_once=kind is not None)

    def prepare(self, *plan: Any) -> None:
        """Has the hands get ready for a plan and an output, before it is known how many parts there are."""
        self._plan = plan
        for hand in self.hands:
            hand.ask("prepare", *plan)

    def muster(self, parts: int, *work: Any) -> None:
        """Has as many hands as so many parts need, and gives each the work that the parts belong to."""
        count = max(0, min(self._jobs, parts) - 1)
        for hand in self.hands[count:]:
            hand.end(at_once=True)
        del self.hands[count:]
        while len(self.hands) < count:
            self.hands.append(Hand())
            self.hands[-1].ask("prepare", *self._plan)
        for hand in self.hands:
            hand.ask("work", *work)
            self._answering.register(hand.answers, select.POLLIN)

    def dismiss(self) -> None:
        """Lets the hands go, who have done everything; they take a moment to clear up."""
        for hand in self.hands:
            hand.dismiss()

    def answers(self, *, wait: bool) -> Iterator[tuple[Hand, Answer]]:
        """What the hands have answered; with `wait` at least one answer."""
        if not self.hands:
            return
        for descriptor, _ in self._answering.poll(None if wait else 0):
            hand = next(hand for hand in self.hands if hand.answers == descriptor)
            yield hand, hand.answer()


def write_in_turn(descriptor: int, piece: bytes, at: int, *, wait: bool) -> bool:
    """Writes a piece at its place, unless another process of this crew is writing: then False, at once, or with `wait`
    when it is done. Raises OSError.

    A file takes one writer at a time. Whoever asks the system to write waits for the other one; whoever does not can
    make rows meanwhile.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # a file system that has no locks: its own wait is as good
        write_all(descriptor, (piece,), at)
        return True
    try:
        write_all(descriptor, (piece,), at)
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def write_all(descriptor: int, pieces: Sequence[bytes], at: int) -> None:
    """Writes pieces one behind the other from a place in a file on. Raises OSError."""
    for piece in pieces:
        view = memoryview(piece)
        while view:
            done = os.pwrite(descriptor, view, at)
            view, at = view[done:], at + done
