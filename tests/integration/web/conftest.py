"""One API for the tests of a module, each with people of its own."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from tests.conftest import Databases, Server
from tests.integration.web.service import Person, Service, serving


def settings_for(database_url: str, scratch_url: str, folder: Path) -> Settings:
    """Development, on a free port."""
    return Settings(
        database_url=database_url,
        scratch_database_url=scratch_url,
        dev_auth=True,
        dev_auth_key="local",
        webhook_signing_key=secrets.token_hex(16),
        local_store_dir=folder,
        local_store_secret=secrets.token_hex(16),
        port=0,
        max_body_bytes=1024 * 1024,
    )


@pytest.fixture(scope="module")
def service(databases: Databases, postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The API, without a worker: what a worker does, tests write into the tables."""
    name = databases.create(databases.migrated_template())
    settings = settings_for(databases.url(name), postgres.url(), tmp_path_factory.mktemp("objects"))
    with serving(settings) as running:
        yield running
    databases.drop(name)


@pytest.fixture
def ann(service: Service) -> Iterator[Person]:
    """Somebody new."""
    person = service.person(f"ann-{secrets.token_hex(4)}")
    yield person
    person.http.close()


@pytest.fixture
def ben(service: Service) -> Iterator[Person]:
    """Somebody else."""
    person = service.person(f"ben-{secrets.token_hex(4)}")
    yield person
    person.http.close()
