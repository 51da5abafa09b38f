"""Loads strangers' DDL in processes that can be killed, and clears away what those leave behind."""

import asyncio
from typing import Protocol

from app.adapters.children import Children
from app.adapters.introspection.scratch import discard, new_name
from app.errors import DdlRefused, Fault, PlanningFailed
from app.exports.documents import Document

# The loader ends by itself after thirty seconds; the gate before it, and the reading behind it, take their time too.
LIMIT_S = 45.0
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
    """A few children that read DDL, each one at a time; requests stand in line."""

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
                await asyncio.shield(asyncio.to_thread(discard, url, name))
        return Document(snapshot), tuple(told["warnings"])

    async def close(self) -> None:
        """Ends the children."""
        await self.children.close()
