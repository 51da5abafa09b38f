"""One API for all fuzzing, with somebody who owns an export in each state that routes tell apart."""

import dataclasses
from collections.abc import Iterator

import pytest

from tests.conftest import Databases, Server
from tests.integration.web.conftest import settings_for
from tests.integration.web.service import Service, serving


@pytest.fixture(scope="session")
def fuzzed(databases: Databases, postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The API without rate limits: thousands of requests a minute are the point."""
    name = databases.create(databases.migrated_template())
    settings = settings_for(databases.url(name), postgres.url(), tmp_path_factory.mktemp("objects"))
    with serving(dataclasses.replace(settings, requests_per_minute=0, max_active_exports=10**6)) as running:
        yield running
    databases.drop(name)
