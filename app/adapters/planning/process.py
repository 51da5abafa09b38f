"""The planning processes: the event loop waits for them, and computes nothing.

A schema is whatever somebody sent. A pattern or a CHECK of theirs may keep the engine busy for minutes, and a thread
that is busy holds up all others and cannot be stopped. So plans are made where they can do no harm: in children with a
bound on their memory, that are killed when they take too long, and that know no secret.
"""

import asyncio
import contextlib
import itertools
import json
import os
import pickle
import sys
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from app import errors
from app.errors import Fault, PlanningBusy, PlanningFailed, RequestRefused, SeedbedError

if TYPE_CHECKING:
    # The engine's packages belong to the children; a worker has this module in its bootstrap, and no use for them.
    from app.exports.drafting import Prepared
    from app.exports.ports import ResolvedSchema
    from app.exports.prompting import PromptReading
    from app.exports.requests import ExportRequest
    from app.generator.plan import Plan
    from app.generator.snapshot.model import Snapshot

log = structlog.get_logger(__name__)

_PROJECT = Path(__file__).resolve().parents[3]
_PROGRAM = "app.exports.desk_main"
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_LONGEST_LINE = 64 * 1024 * 1024
_MOST_TEXT_INLINE = 64 * 1024


class _Child:
    """A process, and which snapshots it has at hand: it drops them in the same order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.known: OrderedDict[int, None] = OrderedDict()

    def knows(self, number: int, most: int) -> bool:
        """Whether it has the snapshot of that number; from now on it does."""
        known = number in self.known
        self.known[number] = None
        self.known.move_to_end(number)
        if len(self.known) > most:
            self.known.popitem(last=False)
        return known

    async def ask(self, order: bytes) -> "tuple[Mapping[str, Any], list[bytes]]":
        """Raises EOFError and ConnectionError when it ends in the middle of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(order)
        await self.process.stdin.drain()
        return await self.read()

    async def read(self) -> "tuple[Mapping[str, Any], list[bytes]]":
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        large = len(line) > _MOST_TEXT_INLINE
        answer: Mapping[str, Any] = await asyncio.to_thread(json.loads, line) if large else json.loads(line)
        return answer, [await self.process.stdout.readexactly(size) for size in answer["sizes"]]

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class PlanningProcesses:
    """The `Desk` of `app.exports.desk`: a few children, each with one order at a time; requests stand in line."""

    def __init__(
        self,
        channels: frozenset[str],
        part_bytes: int,
        *,
        at_once: int = 2,
        limit_s: float = 10.0,
        wait_s: float = 15.0,
        most_bytes: int = 2 * 1024**3,
    ) -> None:
        """`limit_s` bounds one answer, `wait_s` the standing in line, `most_bytes` each child's memory."""
        self._channels, self._part_bytes = channels, part_bytes
        self._limit_s, self._wait_s, self._most_bytes = limit_s, wait_s, most_bytes
        self._places = asyncio.Semaphore(at_once)
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._warming: asyncio.Task[None] | None = None
        self._numbers = itertools.count()
        # Snapshots that were sent lately, by identity: those that are kept elsewhere come again and again.
        self._sent: OrderedDict[int, tuple[Snapshot, int, bytes]] = OrderedDict()

    def start(self) -> None:
        """Begins to start the first child, so that the first request need not wait for it."""
        self._warming = asyncio.create_task(self._warm())

    async def _warm(self) -> None:
        async with self._places:
            try:
                self._idle.append(await self._started())
            except (PlanningFailed, OSError) as error:
                # The first request tries again, and is told.
                log.warning("planning_not_warmed", error=str(error))

    async def close(self) -> None:
        """Ends the children."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
        children = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(child.end() for child in children))

    async def plan(self, request: "ExportRequest", snapshot: "Snapshot") -> "Plan":
        _, [text] = await self._ask({"do": "plan", "request": request}, snapshot)
        return await _read_plan(text)

    async def plan_with(
        self, request: "ExportRequest", snapshot: "Snapshot", base: "Plan", reading: "PromptReading"
    ) -> "Plan":
        order = {"do": "plan_with", "request": request, "base": await _write_plan(base), "reading": reading}
        _, [text] = await self._ask(order, snapshot)
        return await _read_plan(text)

    async def prepare(
        self, request: "ExportRequest", found: "ResolvedSchema", request_id: str | None, plan: "Plan | None" = None
    ) -> "Prepared":
        from app.exports.drafting import Prepared
        from app.exports.ports import NewExport

        order = {
            "do": "prepare",
            "request": request,
            "request_id": request_id,
            "schema_id": found.id,
            "warnings": found.warnings,
            "base": None if plan is None else await _write_plan(plan),
        }
        made, [plan_json, document] = await self._ask(order, found.snapshot)
        told = dict(made["row"])
        told |= {"id": UUID(told["id"]), "schema_id": found.id, "plan_json": plan_json.decode()}
        text = None if made["sha256"] is None else (made["sha256"], document.decode())
        return Prepared(NewExport(**told), made["layout"], text, tuple(made["warnings"]))

    async def _ask(self, order: dict[str, Any], snapshot: "Snapshot") -> tuple[Mapping[str, Any], list[bytes]]:
        from app.exports.desk_main import SNAPSHOTS_KEPT

        number, document = await self._numbered(snapshot)
        try:
            async with asyncio.timeout(self._wait_s):
                await self._places.acquire()
        except TimeoutError:
            raise PlanningBusy("too many plans are asked for at the moment; try again", reason="busy") from None
        try:
            child = self._idle.pop() if self._idle else await self._started()
            sent = None if child.knows(number, SNAPSHOTS_KEPT) else document
            order |= {"snapshot": number, "document": sent, "channels": self._channels, "part_bytes": self._part_bytes}
            answer, blobs = await self._answered(child, order)
        finally:
            self._places.release()
        if "failed" in answer:
            raise _failure(answer["failed"])
        return answer, blobs

    async def _answered(self, child: _Child, order: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[bytes]]:
        from app.exports.desk_main import LENGTH_BYTES

        healthy = False
        self._busy.add(child)
        try:
            packed = await asyncio.to_thread(pickle.dumps, order)
            async with asyncio.timeout(self._limit_s):
                answer, blobs = await child.ask(len(packed).to_bytes(LENGTH_BYTES) + packed)
            # One that ran out of something is not trusted with another order.
            healthy = answer.get("failed", {}).get("kind") not in ("PlanningFailed", "SeedbedError")
            return answer, blobs
        except TimeoutError:
            message = f"planning takes longer than {self._limit_s:g} s: a check, a pattern or an override is too costly"
            log.warning("planning_stopped", reason="time")
            raise PlanningFailed(message, reason="time") from None
        except (ConnectionError, EOFError):
            log.warning("planning_stopped", reason="died")
            raise PlanningFailed("the planning process ended in the middle of it", reason="died") from None
        finally:
            self._busy.discard(child)
            if healthy:
                self._idle.append(child)
            else:
                # In the middle of an order it can only be killed; also when whoever asked has gone.
                await asyncio.shield(child.end())

    async def _started(self) -> _Child:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {"PYTHONPATH": str(_PROJECT), "SEEDBED_DESK_BYTES": str(self._most_bytes)}
        environment |= {"OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
        child = _Child(process)
        try:
            await child.read()
        except BaseException as error:
            await asyncio.shield(child.end())
            if isinstance(error, EOFError):
                raise PlanningFailed("the planning process did not start", reason="died") from None
            raise
        return child

    async def _numbered(self, snapshot: "Snapshot") -> tuple[int, bytes]:
        from app.exports.desk_main import SNAPSHOTS_KEPT, pickled

        kept = self._sent.get(id(snapshot))
        if kept is None or kept[0] is not snapshot:
            kept = (snapshot, next(self._numbers), await asyncio.to_thread(pickled, snapshot))
            self._sent[id(snapshot)] = kept
            if len(self._sent) > SNAPSHOTS_KEPT:
                self._sent.popitem(last=False)
        return kept[1], kept[2]


async def _read_plan(text: bytes) -> "Plan":
    from app.generator.plan import Plan

    return await asyncio.to_thread(lambda: Plan.from_json(json.loads(text)))


async def _write_plan(plan: "Plan") -> str:
    from app.exports.planning import plan_text

    return await asyncio.to_thread(plan_text, plan)


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
