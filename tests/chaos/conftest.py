"""An arena for each test. SEED in the environment repeats a run's choices."""

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos.arena import Arena
from tests.fixtures.s3 import SeaweedServer, s3_server

__all__ = ["s3_server"]


@pytest.fixture
async def arena(tmp_path: Path, s3_server: SeaweedServer) -> AsyncIterator[Arena]:
    """Two workers on a Postgres of their own and a real S3 server."""
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**6))
    print(f"CHAOS_SEED={seed}")
    async with Arena(tmp_path, s3_server, seed) as made:
        yield made
