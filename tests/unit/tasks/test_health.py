"""A worker's health: what it says, and that it says it over HTTP."""

import socket
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from app.errors import ConfigurationInvalid
from tasks.health import HealthServer, Vitals


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vitals(clock: Clock) -> Vitals:
    return Vitals(clock)


@pytest.fixture
def served(vitals: Vitals) -> Iterator[httpx.Client]:
    registry = CollectorRegistry()
    Counter("apples", "Apples eaten", registry=registry).inc(3)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with HealthServer("127.0.0.1", port, vitals, registry), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


def test_a_worker_that_was_heard_of_is_well(served: httpx.Client, vitals: Vitals, clock: Clock) -> None:
    """A heartbeat every ten seconds, and a queue that answers."""
    clock.now += 25
    vitals.beat()
    vitals.fetched("exports")
    clock.now += 25
    answer = served.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": {}})


def test_silence_is_illness(served: httpx.Client, clock: Clock) -> None:
    """No heartbeat for longer than others wait before they take its work."""
    clock.now += 31
    answer = served.get("/healthz")
    assert (answer.status_code, list(answer.json()["checks"])) == (503, ["heartbeat"])


def test_a_queue_that_does_not_answer_is_illness(served: httpx.Client, vitals: Vitals, clock: Clock) -> None:
    """Failing fetches count from the first one, and one that succeeds ends it."""
    vitals.fetch_failed("exports")
    clock.now += 20
    vitals.fetch_failed("exports")
    vitals.beat()
    assert served.get("/healthz").status_code == 200
    clock.now += 11
    vitals.fetch_failed("exports")
    answer = served.get("/healthz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"fetch": "failing for 31 s"})
    vitals.fetched("exports")
    assert served.get("/healthz").status_code == 200


def test_one_queue_that_answers_does_not_hide_another(served: httpx.Client, vitals: Vitals, clock: Clock) -> None:
    """Webhooks may go out while no export is taken up: that is no worker."""
    vitals.fetch_failed("exports")
    for _ in range(4):
        clock.now += 10
        vitals.beat()
        vitals.fetched("deliveries")
    answer = served.get("/healthz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"fetch": "failing for 40 s"})
    vitals.fetched("exports")
    assert served.get("/healthz").status_code == 200


def test_a_busy_worker_that_fetches_nothing_is_well(served: httpx.Client, vitals: Vitals, clock: Clock) -> None:
    """With its hands full it does not ask for more."""
    vitals.fetched("exports")
    for _ in range(60):
        clock.now += 10
        vitals.beat()
    assert served.get("/healthz").status_code == 200


def test_figures_stand_beside_it(served: httpx.Client, clock: Clock) -> None:
    """Prometheus reads the registry; nothing else is served."""
    clock.now += 7
    text = served.get("/metrics").text
    assert "apples_total 3.0" in text
    assert "seedbed_worker_heartbeat_age_seconds 7.0" in text
    assert served.get("/").status_code == 404


def test_a_port_in_use_is_said(vitals: Vitals) -> None:
    """With the name of the setting, before any work begins."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationInvalid, match="WORKER_PORT"):
            HealthServer("127.0.0.1", taken.getsockname()[1], vitals, CollectorRegistry())
