"""Where plans are made: somewhere that the event loop does not wait for."""

import asyncio
from typing import Protocol

from app.exports.drafting import Draughtsman, Prepared
from app.exports.ports import ResolvedSchema
from app.exports.prompting import PromptReading
from app.exports.requests import ExportRequest
from app.generator.plan import Plan
from app.generator.snapshot.model import Snapshot


class Desk(Protocol):
    """What `Draughtsman` does, waited for. Raises what it raises; and PlanningFailed, PlanningBusy."""

    async def plan(self, request: ExportRequest, snapshot: Snapshot) -> Plan: ...

    async def plan_with(
        self, request: ExportRequest, snapshot: Snapshot, base: Plan, reading: PromptReading
    ) -> Plan: ...

    async def prepare(
        self, request: ExportRequest, found: ResolvedSchema, request_id: str | None, plan: Plan | None = None
    ) -> Prepared: ...


class ThreadDesk:
    """In threads of this process: for programs of one user, since nothing can stop a thread."""

    def __init__(self, draughtsman: Draughtsman) -> None:
        self._draughtsman = draughtsman

    async def plan(self, request: ExportRequest, snapshot: Snapshot) -> Plan:
        return await asyncio.to_thread(self._draughtsman.plan, request, snapshot)

    async def plan_with(self, request: ExportRequest, snapshot: Snapshot, base: Plan, reading: PromptReading) -> Plan:
        return await asyncio.to_thread(self._draughtsman.plan_with, request, snapshot, base, reading)

    async def prepare(
        self, request: ExportRequest, found: ResolvedSchema, request_id: str | None, plan: Plan | None = None
    ) -> Prepared:
        return await asyncio.to_thread(self._draughtsman.prepare, request, found, request_id, plan)
