"""Processes that compute what somebody sent: the event loop waits for them, and computes nothing.

A thread that is busy holds up all others and cannot be stopped. So what a stranger's text makes costly is done where it
can do no harm: in children with a bound on their memory, that are killed when they take too long, and that are given no
more than they need. What they are asked is pickled; what they answer is JSON and bytes, and never more than data.
"""

import asyncio
import contextlib
import json
import os
import pickle
import sys
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from app import errors
from app.errors import Fault, PlanningBusy, PlanningFailed, RequestRefused, SeedbedError
from app.exports.asking import ASKING
from app.exports.orders import LENGTH_BYTES

log = structlog.get_logger(__name__)

Answer = tuple[Mapping[str, Any], list[bytes]]

_PROJECT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
# What is large in an answer comes as bytes behind its line, which is read on the event loop.
_LONGEST_LINE = 4 * 1024 * 1024
# Far longer than an ordinary order takes: whoever still waits then is held up by orders that will be stopped.
_IN_LINE_S = 1.0


async def start_program(module: str, **environment: str) -> asyncio.subprocess.Process:
    """Starts a module of ours as a program of its own, on one core, with pipes to speak to it and no secret of this
    process's: just these variables, and where to find what it needs. It does not end with Ctrl-C."""
    given = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # How many cores are used is decided by how many children there are.
    given |= {"PYTHONPATH": str(_PROJECT), "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1", **environment}
    # Arrow's own allocator is no faster for what is made here, and keeps up to twice as much.
    given["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=given,
        limit=_LONGEST_LINE,
        start_new_session=True,
    )


class Child:
    """A process that carries out one order at a time, and which documents it has at hand: it drops them in the same
    order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.known: OrderedDict[int, None] = OrderedDict()

    def knows(self, number: int, most: int) -> bool:
        """Whether it has the document of that number; from now on it does."""
        known = number in self.known
        self.known[number] = None
        self.known.move_to_end(number)
        if len(self.known) > most:
            self.known.popitem(last=False)
        return known

    async def ask(self, order: bytes) -> Answer:
        """Raises EOFError and ConnectionError when it ends in the middle of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(len(order).to_bytes(LENGTH_BYTES))
        self.process.stdin.write(order)
        await self.process.stdin.drain()
        return await self.read()

    async def read(self) -> Answer:
        assert self.process.stdout is not None
        try:
            line = await self.process.stdout.readline()
        except ValueError:
            raise PlanningFailed("there is more to be said of it than is told", reason="size") from None
        if not line.endswith(b"\n"):
            raise EOFError
        answer: Mapping[str, Any] = json.loads(line)
        return answer, [await self.process.stdout.readexactly(size) for size in answer["sizes"]]

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class Children:
    """A few children of one program (see `app.exports.orders`), each with one order at a time; orders stand in line.
    Who has no place and has stood there for a second stands in another line, for a child that is started for it:
    somebody whose orders take all the places until they are stopped holds up nobody else.

    `limit_s` bounds one answer, `wait_s` the standing in line, `most_bytes` each child's memory. `busy` is what is said
    when the line is too long, `costly` when an answer takes too long.
    """

    def __init__(
        self,
        program: str,
        *,
        at_once: int,
        limit_s: float,
        wait_s: float,
        most_bytes: int,
        busy: str,
        costly: str,
    ) -> None:
        self._program, self._most_bytes = program, most_bytes
        self.limit_s, self.wait_s = limit_s, wait_s
        self._said_busy, self._said_costly = busy, costly
        self._places, self._spare = asyncio.Semaphore(at_once), asyncio.Semaphore(1)
        # How many of the places each one has.
        self._held: Counter[UUID | None] = Counter()
        self._idle: list[Child] = []
        self.busy: set[Child] = set()
        self._warming: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to start the first child, so that the first request need not wait for it."""
        self._warming = asyncio.create_task(self._warm())

    async def _warm(self) -> None:
        async with self._places:
            try:
                self._idle.append(await self._started())
            except (PlanningFailed, OSError) as error:
                # The first request tries again, and is told.
                log.warning("child_not_warmed", program=self._program, error=str(error))

    async def close(self) -> None:
        """Ends the children."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
        children = [*self._idle, *self.busy]
        self._idle.clear()
        await asyncio.gather(*(child.end() for child in children))

    async def ask(
        self, order: Mapping[str, Any], document: tuple[int, bytes] | None = None, *, kept: int = 0
    ) -> Answer:
        """The answer to an order. A `document`, with the number that it is known by, is sent along to a child that does
        not have it among the last ones (`kept`). Raises what the child says,
        PlanningBusy, and PlanningFailed with the reason."""
        async with self._placed() as place:
            child = self._idle.pop() if self._idle else await self._started()
            if document is not None:
                number, content = document
                sent = None if child.knows(number, kept) else content
                order = {**order, "number": number, "document": sent}
            answer, blobs = await self._answered(child, order, stays=place is self._places)
        if "failed" in answer:
            raise _failure(answer["failed"])
        return answer, blobs

    @contextlib.asynccontextmanager
    async def _placed(self) -> AsyncIterator[asyncio.Semaphore]:
        """Holds a place within, the spare one for whoever has to have it. Raises PlanningBusy."""
        owner = ASKING.get()
        try:
            async with asyncio.timeout(self.wait_s):
                place = await self._place(owner)
        except TimeoutError:
            raise PlanningBusy(self._said_busy, reason="busy") from None
        held = place is self._places
        self._held[owner] += held
        try:
            yield place
        finally:
            place.release()
            self._held[owner] -= held
            if not self._held[owner]:
                del self._held[owner]

    async def _place(self, owner: UUID | None) -> asyncio.Semaphore:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(_IN_LINE_S, self.wait_s)):
                await self._places.acquire()
                return self._places
        place = self._places if self._held[owner] else self._spare
        await place.acquire()
        return place

    async def _answered(self, child: Child, order: Mapping[str, Any], *, stays: bool) -> Answer:
        healthy = False
        self.busy.add(child)
        try:
            async with asyncio.timeout(self.limit_s):
                answer, blobs = await child.ask(pickle.dumps(order))
            # One that ran out of something is not trusted with another order.
            healthy = answer.get("failed", {}).get("kind") not in ("PlanningFailed", "SeedbedError")
            return answer, blobs
        except TimeoutError:
            log.warning("planning_stopped", program=self._program, reason="time")
            message = self._said_costly.format(limit=f"{self.limit_s:g} s")
            raise PlanningFailed(message, reason="time") from None
        except (ConnectionError, EOFError):
            log.warning("planning_stopped", program=self._program, reason="died")
            raise PlanningFailed("the planning process ended in the middle of it", reason="died") from None
        finally:
            self.busy.discard(child)
            if healthy and stays:
                self._idle.append(child)
            else:
                # In the middle of an order it can only be killed; also when whoever asked has gone.
                await asyncio.shield(child.end())

    async def _started(self) -> Child:
        child = Child(await start_program(self._program, SEEDBED_CHILD_BYTES=str(self._most_bytes)))
        try:
            await child.read()
        except BaseException as error:
            await asyncio.shield(child.end())
            if isinstance(error, EOFError):
                raise PlanningFailed("the planning process did not start", reason="died") from None
            raise
        return child


def _failure(failed: Mapping[str, Any]) -> SeedbedError:
    kind = getattr(errors, failed["kind"], None)
    if not (isinstance(kind, type) and issubclass(kind, SeedbedError)):
        kind = SeedbedError
    # Each kind is made of something else; what it holds is the same for all.
    error: SeedbedError = kind.__new__(kind, failed["message"])
    error.message, error.facts = failed["message"], dict(failed.get("facts", {}))
    if isinstance(error, RequestRefused):
        error.faults = [Fault(**fault) for fault in failed["faults"]]
    return error
