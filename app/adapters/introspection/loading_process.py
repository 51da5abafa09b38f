"""Loads strangers' DDL in processes that can be killed, and clears away what those leave behind."""

import asyncio
from collections import Counter
from typing import Protocol
from uuid import UUID

from app.adapters.children import Children
from app.adapters.introspection.scratch import discard, new_name
from app.errors import DdlRefused, Fault, PlanningBusy, PlanningFailed
from app.exports.asking import ASKING
from app.exports.documents import Document

# The loader ends by itself after thirty seconds; the gate before it, and the reading behind it, take their time too.
LIMIT_S = 45.0
# How often what was left behind is looked after, and for how long; beyond that it is left to the sweep.
_PAUSE_S = 5.0
_MOST_PAUSES = 120
_REFUSALS = {
    "time": ("ddl_timeout", "the DDL takes too long to read"),
    "memory": ("ddl_too_large", "the DDL needs more memory to be read than there is for it"),
    "depth": ("ddl_too_large", "the DDL is nested too deeply to be read"),
}


class ScratchServer(Protocol):
    """The server for scratch databases."""

    def url(self) -> str:
        """The server's URL; blocks while it starts."""
        ...


class DdlProcesses:
    """A few children that read DDL, each one at a time; requests stand in line.

    Postgres ends a statement between two steps, and an expression of thousands of products of long numbers is one step.
    So whoever leaves a server process behind that goes on computing is served again when it has ended.
    """

    def __init__(
        self,
        scratch: ScratchServer,
        *,
        at_once: int = 2,
        limit_s: float = LIMIT_S,
        wait_s: float = 15.0,
        most_bytes: int = 1024**3,
    ) -> None:
        """`limit_s` bounds one reading, `wait_s` the standing in line, `most_bytes` each child's memory."""
        self._scratch = scratch
        # How many of each one's databases are still to be dropped, and who is at it.
        self._left: Counter[UUID | None] = Counter()
        self._sweeping: set[asyncio.Task[None]] = set()
        self.children = Children(
            "app.adapters.introspection.ddl_main",
            at_once=at_once,
            limit_s=limit_s,
            wait_s=wait_s,
            most_bytes=most_bytes,
            busy="too much DDL is being read at the moment; try again",
            costly="reading the DDL takes longer than {limit}",
        )

    async def load(self, ddl: str) -> tuple[Document, tuple[str, ...]]:
        """The snapshot of what the DDL makes, and warnings about what was left out of it. Raises DdlRefused with every
        fault, PlanningBusy, PlanningFailed, DatabaseUnavailable."""
        if self._left[ASKING.get()]:
            raise PlanningBusy("DDL that you sent before is still being ended; try again", reason="busy")
        url, name = await asyncio.to_thread(self._scratch.url), new_name()
        ended = False
        try:
            told, [snapshot] = await self.children.ask({"ddl": ddl, "server_url": url, "name": name})
            ended = True
        except PlanningFailed as error:
            refusal = _REFUSALS.get(error.facts.get("reason", ""))
            if refusal is None:
                raise
            raise DdlRefused([Fault("", *refusal)]) from None
        except DdlRefused:
            ended = True
            raise
        finally:
            if not ended:
                await asyncio.shield(self._discard(url, name))
        return Document(snapshot), tuple(told["warnings"])

    async def close(self) -> None:
        """Ends the children."""
        for task in self._sweeping:
            task.cancel()
        await asyncio.gather(*self._sweeping, return_exceptions=True)
        await self.children.close()

    async def _discard(self, url: str, name: str) -> None:
        if not await asyncio.to_thread(discard, url, name):
            task = asyncio.create_task(self._sweep(url, name, ASKING.get()))
            self._sweeping.add(task)
            task.add_done_callback(self._sweeping.discard)

    async def _sweep(self, url: str, name: str, owner: UUID | None) -> None:
        self._left[owner] += 1
        try:
            for _ in range(_MOST_PAUSES):
                await asyncio.sleep(_PAUSE_S)
                if await asyncio.to_thread(discard, url, name):
                    return
        finally:
            self._left[owner] -= 1
            if not self._left[owner]:
                del self._left[owner]
