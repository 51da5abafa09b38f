"""A site of its own for every test."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.adapters.objects.s3 import S3ObjectStore
from app.exports.models import Caller
from tests.fixtures.s3 import SeaweedServer, s3_server
from tests.integration.tasks.workers import Site

__all__ = ["s3_server"]


@pytest.fixture
async def s3_site(database_url: str, tmp_path: Path, s3_server: SeaweedServer) -> AsyncIterator[Site]:
    """A site whose files are in a real S3 server."""
    user_id = uuid4()
    made = Site(database_url, tmp_path, Caller(user_id, {"sub": str(user_id)}), s3=s3_server)
    assert isinstance(made.objects, S3ObjectStore)
    await made.objects.create_bucket()
    yield made
    await made.close()


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A service without workers, on a migrated database; those that a test starts are ended with it."""
    user_id = uuid4()
    made = Site(database_url, tmp_path, Caller(user_id, {"sub": str(user_id)}))
    yield made
    await made.close()
