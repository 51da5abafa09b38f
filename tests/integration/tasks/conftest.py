"""A site of its own for every test."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.exports.models import Caller
from tests.integration.tasks.workers import Site


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A service without workers, on a migrated database; those that a test starts are ended with it."""
    user_id = uuid4()
    made = Site(database_url, tmp_path, Caller(user_id, {"sub": str(user_id)}))
    yield made
    await made.close()
