"""The world of the matrix, for every module here."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.conftest import Databases
from tests.rls.world import Connection, populate


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[Connection]:
    """A connection to a migrated database in which Alice's exports are."""
    name = databases.create(databases.migrated_template())
    with psycopg.connect(databases.url(name)) as connection:
        populate(connection)
        connection.commit()
        yield connection
    databases.drop(name)


@pytest.fixture
def connection(world: Connection) -> Iterator[Connection]:
    """The world as it was, whatever a test does to it."""
    with world.transaction(force_rollback=True):
        yield world
