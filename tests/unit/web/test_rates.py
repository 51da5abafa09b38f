"""One user may ask only so fast, and is told when to ask again; others do not notice."""

from uuid import UUID

import pytest

from app.web.errors import TooManyRequests
from app.web.rates import RateLimits
from tests.unit.web.doubles import AS_ANN, EXPORT, running

ANN, BEN = UUID(int=1), UUID(int=2)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_who_asks_too_fast_waits_as_told() -> None:
    """After the bucket is empty, exactly the wait that was told brings the next request."""
    clock = Clock()
    rates = RateLimits(20, now=clock)
    for _ in range(20):
        rates.take(ANN)
    with pytest.raises(TooManyRequests) as refused:
        rates.take(ANN)
    wait_s = refused.value.facts["retry_after_s"]
    assert wait_s == 3
    rates.take(BEN)
    clock.now += wait_s - 0.5
    with pytest.raises(TooManyRequests):
        rates.take(ANN)
    clock.now += 0.5
    rates.take(ANN)


def test_a_pause_fills_no_more_than_the_bucket() -> None:
    """Whoever was away for a day may not send a day's requests at once."""
    clock = Clock()
    rates = RateLimits(2, now=clock)
    rates.take(ANN)
    clock.now += 86_400
    rates.take(ANN)
    rates.take(ANN)
    with pytest.raises(TooManyRequests):
        rates.take(ANN)


def test_a_flood_is_answered_with_when_to_come_back() -> None:
    """429 with Retry-After for the one user, on every route; another user is served."""
    with running(requests_per_minute=3) as client:
        path = f"/api/data-generator/export/{EXPORT}"
        assert [client.get(path, headers=AS_ANN).status_code for _ in range(3)] == [200, 200, 200]
        for answer in (client.get(path, headers=AS_ANN), client.post(f"{path}/cancel", headers=AS_ANN)):
            assert answer.status_code == 429
            assert answer.json()["code"] == "too_many_requests"
            assert 1 <= int(answer.headers["retry-after"]) <= 20
        assert client.get(path, headers={"authorization": "Bearer ben"}).status_code == 200


def test_no_limit_is_no_limit() -> None:
    """0 switches it off."""
    rates = RateLimits(0)
    for _ in range(1000):
        rates.take(ANN)
