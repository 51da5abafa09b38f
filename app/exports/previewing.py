"""First rows and figures of a plan, for people who look before they ask."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from app.errors import Fault, RequestRefused
from app.exports.documents import Document
from app.exports.fields import shown

if TYPE_CHECKING:
    # A worker has this module in its bootstrap, and no use for the engine's packages.
    from app.exports.drafting import PlanSheet


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected of a plan: bytes by format, seconds on one core, and the fields of
    `app.generator.explaining.TableFacts` for each table, in load order."""

    bytes_by_format: Mapping[str, int]
    seconds: float
    tables: Document


class Previews(Protocol):
    """Tries a plan out, somewhere else than on the event loop. Documents are as the API tells them, in camelCase.

    Raises PreviewFailed, PlanRefused, PlanningBusy.
    """

    async def preview(self, plan: Document, rows: int, tables: Sequence[str] | None = None) -> Document:
        """[{name, columns, rows}] of each table, in load order."""
        ...

    async def explain(self, plan: Document) -> Expected: ...

    async def summarise(self, plan: Document, rows: int) -> Document:
        """The fields of `app.generator.summary.TableSummary` of each table, in load order, with its first `rows` rows
        as {columns, rows}."""
        ...


class OrderedPreviews:
    """Previews by orders to `app.exports.preview_main`."""

    async def ask(self, order: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[bytes]]:
        """The answer to an order."""
        raise NotImplementedError

    async def preview(self, plan: Document, rows: int, tables: Sequence[str] | None = None) -> Document:
        _, [found] = await self.ask({"do": "rows", "plan": plan.text, "rows": rows, "tables": tables})
        return Document(found)

    async def explain(self, plan: Document) -> Expected:
        told, [tables] = await self.ask({"do": "explain", "plan": plan.text})
        return Expected(told["bytes"], told["seconds"], Document(tables))

    async def summarise(self, plan: Document, rows: int) -> Document:
        _, [found] = await self.ask({"do": "summarise", "plan": plan.text, "rows": rows})
        return Document(found)


class ThreadPreviews(OrderedPreviews):
    """In a thread of this process: for programs of one user, since nothing can stop it."""

    def __init__(self) -> None:
        # Compiled programs are not made for two threads at once.
        self._turn = threading.Lock()

    async def ask(self, order: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[bytes]]:
        return await asyncio.to_thread(self._answer, order)

    def _answer(self, order: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[bytes]]:
        from app.exports.preview_main import Previewer

        with self._turn:
            return Previewer().answer(order)


def check_tables(plan: "PlanSheet", tables: Sequence[str]) -> None:
    """Raises RequestRefused for each name that no table of the plan has."""
    from app.generator.snapshot.model import QName

    known = {written for schema, name in plan.tables for written in (str(QName(schema, name)), name)}
    faults = [
        Fault("/query/tables", "unknown_table", f"the plan has no table {shown(name)}", {"table": name[:200]})
        for name in tables
        if name not in known
    ]
    if faults:
        raise RequestRefused(faults)
