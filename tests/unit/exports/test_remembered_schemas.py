"""Which stored schemas are remembered, and of whom."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from app.adapters.schemas import SchemaFinder
from app.exports.documents import Document
from app.exports.models import Caller, SchemaEntry
from app.exports.requests import SchemaById

OWNER, OTHER = (Caller(uuid4(), {}) for _ in range(2))
SCHEMA = SchemaById(uuid4())


class Store:
    """One schema, which some may read."""

    def __init__(self) -> None:
        self.readers = {OWNER.user_id}

    async def schema_digest(self, caller: Caller, schema_id: UUID) -> str | None:
        return "0" * 64 if caller.user_id in self.readers else None

    @asynccontextmanager
    async def as_user(self, caller: Caller) -> AsyncIterator["Store"]:
        yield self

    async def find_schema(self, schema_id: UUID) -> SchemaEntry:
        found: Any = Document(b"{}")
        return SchemaEntry(schema_id, OWNER.user_id, None, "0" * 64, datetime.now(UTC), found)


async def test_only_those_that_were_let_read_it_are_recalled_it() -> None:
    """And no more, once they no longer are; to others it is nothing that is known."""
    store: Any = Store()
    nothing: Any = None
    finder = SchemaFinder(store, database_url="", ddl=nothing)
    assert finder.recall(OWNER, SCHEMA) is None
    found = await finder.resolve(OWNER, SCHEMA)
    recalled = finder.recall(OWNER, SCHEMA)
    assert recalled is not None
    assert recalled.snapshot is found.snapshot
    assert finder.recall(OTHER, SCHEMA) is None
    store.readers.clear()
    await finder.resolve(OWNER, SCHEMA)
    assert finder.recall(OWNER, SCHEMA) is None
