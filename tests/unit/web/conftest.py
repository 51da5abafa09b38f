"""One application around doubles for all tests that do not ask for other settings."""

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from app.web.edge import Application
from tests.unit.web.doubles import FakeExports, running

Client = TestClient[Application]


@pytest.fixture(scope="session")
def _shared() -> Iterator[tuple[Client, FakeExports]]:
    exports = FakeExports()
    with running(exports, max_body_bytes=200_000, public_url="https://seedbed.example.com") as client:
        yield client, exports


@pytest.fixture
def exports(_shared: tuple[Client, FakeExports]) -> FakeExports:
    """The domain's double, as new."""
    _, exports = _shared
    exports.__init__()  # type: ignore[misc]  # as new, and known to the application all the same
    return exports


@pytest.fixture
def client(_shared: tuple[Client, FakeExports], exports: FakeExports) -> Client:
    """A client without cookies."""
    client, _ = _shared
    client.cookies.clear()
    return client
