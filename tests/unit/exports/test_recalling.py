"""A plan that is made while it is asked whether its schema may be read tells nothing before the answer."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from app.errors import Fault, RequestRefused, SchemaNotFound
from app.exports.models import Caller
from app.exports.ports import ResolvedSchema
from app.exports.requests import ExportConfig, ExportRequest, SchemaById
from app.exports.service import Exports
from app.generator.snapshot.model import Snapshot

REQUEST = ExportRequest(SchemaById(uuid4()), ExportConfig("csv", 10), "7")
CALLER = Caller(uuid4(), {})


class Schemas:
    """Remembers a schema, and finds what it is told to, when it is let."""

    def __init__(self, known: ResolvedSchema, found: "ResolvedSchema | Exception") -> None:
        self._known, self._found = known, found
        self.asked = asyncio.Event()

    def recall(self, *_: object) -> ResolvedSchema:
        return self._known

    async def resolve(self, *_: object) -> ResolvedSchema:
        await self.asked.wait()
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


class Desk:
    """Notes what it is asked, lets the schema be found, and refuses."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self.prepared: list[ResolvedSchema] = []

    async def prepare(self, request: object, found: ResolvedSchema, *_: object) -> Any:
        self.prepared.append(found)
        self._schemas.asked.set()
        raise RequestRefused([Fault("/config/rows/secret_table", "unknown_table", "there is no secret_table")])


def exports_of(known: ResolvedSchema, found: "ResolvedSchema | Exception") -> tuple[Exports, Desk]:
    schemas = Schemas(known, found)
    desk = Desk(schemas)
    anything: Any = object()
    doubles: Any = (schemas, desk)
    return Exports(anything, anything, doubles[0], desk=doubles[1]), desk


async def test_a_caller_who_may_no_longer_read_it_hears_nothing_of_it() -> None:
    """Whatever the plan would have been refused for."""
    exports, desk = exports_of(ResolvedSchema(Snapshot(tables=())), SchemaNotFound("there is no such schema"))
    with pytest.raises(SchemaNotFound):
        await exports.create(CALLER, REQUEST)
    assert len(desk.prepared) == 1


async def test_both_are_done_at_once() -> None:
    """The schema is found only when the desk is at work: one after the other, this would wait for ever."""
    known = ResolvedSchema(Snapshot(tables=()))
    exports, desk = exports_of(known, known)
    async with asyncio.timeout(10):
        with pytest.raises(RequestRefused):
            await exports.create(CALLER, REQUEST)
    assert desk.prepared == [known]


async def test_a_schema_that_is_another_by_now_is_planned_for_anew() -> None:
    """What is remembered is never what is stored for it."""
    known, found = ResolvedSchema(Snapshot(tables=())), ResolvedSchema(Snapshot(tables=()))
    exports, desk = exports_of(known, found)
    with pytest.raises(RequestRefused):
        await exports.create(CALLER, REQUEST)
    assert [one.snapshot is found.snapshot for one in desk.prepared] == [False, True]
