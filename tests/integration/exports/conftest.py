"""A world of its own for every test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.exports.world import World


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A service on a migrated database."""
    made = World(database_url, tmp_path)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    """What is logged is told by the failing test alone."""
    import structlog

    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    yield
    structlog.configure(**before)
