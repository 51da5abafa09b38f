"""First rows and figures of a plan, for people who look before they ask."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.errors import Fault, RequestRefused
from app.exports.documents import Document
from app.exports.drafting import PlanSheet
from app.exports.fields import shown
from app.generator.snapshot.model import QName


class Previews(Protocol):
    """Tries a plan out, somewhere else than on the event loop."""

    async def preview(
        self, plan: Document, rows: int, tables: Sequence[str] | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """{name, columns, rows} of each table, in load order. Raises PreviewFailed, PlanRefused."""
        ...

    async def explain(self, plan: Document) -> Mapping[str, Any]:
        """The fields of `app.generator.explaining.Explanation`. Raises PreviewFailed, PlanRefused."""
        ...

    async def summarise(self, plan: Document, rows: int) -> Sequence[Mapping[str, Any]]:
        """The fields of `app.generator.summary.TableSummary` of each table, in load order, with its first `rows` rows
        as {columns, rows}. Raises PreviewFailed, PlanRefused."""
        ...


# What is looked at of all tables together: half a second's work, since others wait for the one process meanwhile.
SUMMARY_CELLS = 400_000


class ThreadPreviews:
    """In a thread of this process: for programs of one user, since nothing can stop it."""

    def __init__(self) -> None:
        # Compiled programs are not made for two threads at once.
        self._turn = threading.Lock()

    async def preview(
        self, plan: Document, rows: int, tables: Sequence[str] | None = None
    ) -> Sequence[Mapping[str, Any]]:
        found = await asyncio.to_thread(self._answer, {"plan": plan.text.decode(), "rows": rows, "tables": tables})
        answer: Sequence[Mapping[str, Any]] = found["preview"]
        return answer

    async def explain(self, plan: Document) -> Mapping[str, Any]:
        found = await asyncio.to_thread(self._answer, {"plan": plan.text.decode(), "explain": True})
        answer: Mapping[str, Any] = found["explained"]
        return answer

    async def summarise(self, plan: Document, rows: int) -> Sequence[Mapping[str, Any]]:
        order = {"plan": plan.text.decode(), "summary": rows, "cells": SUMMARY_CELLS}
        answer: Sequence[Mapping[str, Any]] = (await asyncio.to_thread(self._answer, order))["summary"]
        return answer

    def _answer(self, order: dict[str, Any]) -> dict[str, Any]:
        from app.exports.preview_main import Previewer

        with self._turn:
            return Previewer().answer(order)


def check_tables(plan: PlanSheet, tables: Sequence[str]) -> None:
    """Raises RequestRefused for each name that no table of the plan has."""
    known = {written for schema, name in plan.tables for written in (str(QName(schema, name)), name)}
    faults = [
        Fault("/query/tables", "unknown_table", f"the plan has no table {shown(name)}", {"table": name[:200]})
        for name in tables
        if name not in known
    ]
    if faults:
        raise RequestRefused(faults)
