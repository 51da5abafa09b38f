"""Where requests are read and plans are made: somewhere that the event loop does not wait for."""

import asyncio
from typing import Protocol

from app.exports.documents import Document
from app.exports.drafting import Draughtsman, PlanSheet, Prepared, SchemaSheet
from app.exports.ports import ResolvedSchema
from app.exports.posting import Asked, Kind, Posting, read_posting
from app.exports.prompting import Judged, Material, PromptReading
from app.exports.requests import RequestLimits


class Desk(Protocol):
    """What `Draughtsman` does, waited for. Raises what it raises; and PlanningFailed, PlanningBusy."""

    async def read(self, raw: bytes, kind: Kind, limits: RequestLimits) -> Posting:
        """What a body asks for. Raises RequestMalformed, RequestRefused with every fault there is."""
        ...

    async def plan(self, request: Asked, found: ResolvedSchema, reading: PromptReading | None = None) -> PlanSheet: ...

    async def prepare(
        self, request: Asked, found: ResolvedSchema, request_id: str | None, reading: PromptReading | None = None
    ) -> Prepared: ...

    async def show(self, plan: Document) -> PlanSheet: ...

    async def schema(self, found: ResolvedSchema) -> SchemaSheet: ...

    async def describe(self, request: Asked, found: ResolvedSchema) -> Material: ...

    async def judge(self, plan: Document, answer: str) -> Judged: ...


class ThreadDesk:
    """In threads of this process: for programs of one user, since nothing can stop a thread."""

    def __init__(self, draughtsman: Draughtsman) -> None:
        self._draughtsman = draughtsman

    async def read(self, raw: bytes, kind: Kind, limits: RequestLimits) -> Posting:
        return await asyncio.to_thread(read_posting, raw, kind, limits)

    async def plan(self, request: Asked, found: ResolvedSchema, reading: PromptReading | None = None) -> PlanSheet:
        return await asyncio.to_thread(self._draughtsman.sheet, request, found, reading)

    async def prepare(
        self, request: Asked, found: ResolvedSchema, request_id: str | None, reading: PromptReading | None = None
    ) -> Prepared:
        return await asyncio.to_thread(self._draughtsman.prepare, request, found, request_id, reading)

    async def show(self, plan: Document) -> PlanSheet:
        return await asyncio.to_thread(self._draughtsman.show, plan)

    async def schema(self, found: ResolvedSchema) -> SchemaSheet:
        return await asyncio.to_thread(self._draughtsman.schema, found)

    async def describe(self, request: Asked, found: ResolvedSchema) -> Material:
        return await asyncio.to_thread(self._draughtsman.describe, request, found)

    async def judge(self, plan: Document, answer: str) -> Judged:
        return await asyncio.to_thread(self._draughtsman.judge, plan, answer)
