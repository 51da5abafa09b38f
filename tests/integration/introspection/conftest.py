"""A scratch database per test, and what is read of it."""

from collections.abc import Callable, Iterator

import pytest

from app.adapters.introspection.catalog import read
from app.adapters.introspection.scratch import ScratchDatabase
from app.generator.snapshot.model import QName, Snapshot, Table
from tests.conftest import Server

Read = Callable[[str], Snapshot]


@pytest.fixture
def scratch(postgres: Server) -> Iterator[ScratchDatabase]:
    """An empty database, gone afterwards."""
    with ScratchDatabase(postgres.url()) as database:
        yield database


@pytest.fixture
def read_ddl(scratch: ScratchDatabase) -> Read:
    """Loads DDL and reads it back."""

    def load_and_read(ddl: str) -> Snapshot:
        scratch.load(ddl)
        with scratch.connect() as connection:
            return read(connection).snapshot

    return load_and_read


def table_of(snapshot: Snapshot, name: str) -> Table:
    """A table of schema public."""
    return snapshot.table(QName("public", name))
