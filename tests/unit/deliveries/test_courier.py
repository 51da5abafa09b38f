"""The courier: what is tried again, when, and how often."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from app.exports.delivering import MOST_ATTEMPTS, Courier, DeliveryFailed, Outgoing, Settled, Taken, wait_before
from app.exports.retrying import RetryLater


def outgoing(attempt: int = 1, channel: str = "webhook") -> Outgoing:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Outgoing(uuid4(), uuid4(), uuid4(), channel, "x", "completed", {}, attempt, attempt, moment, (1,))


class Desk:
    """Deliveries in memory; notes what was settled."""

    def __init__(self, found: Outgoing | None) -> None:
        self.found = found
        self.settled: list[Settled] = []
        self.put_back_count = 0

    async def owner(self, delivery_id: UUID) -> UUID | None:
        return None if self.found is None else self.found.owner_id

    async def claim(self, delivery_id: UUID, lease_s: float) -> Outgoing | None:
        return self.found

    async def settle(self, outgoing: Outgoing, settled: Settled) -> bool:
        self.settled.append(settled)
        return True

    async def put_back(self, outgoing: Outgoing) -> None:
        self.put_back_count += 1


class Answering:
    """A channel that raises, or returns, what it is given."""

    def __init__(self, answer: BaseException | Taken) -> None:
        self.answer = answer

    async def send(self, outgoing: Outgoing) -> Taken:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


async def deliver(answer: BaseException | Taken, attempt: int = 1) -> Settled:
    desk = Desk(outgoing(attempt))
    courier = Courier(desk, {"webhook": Answering(answer)})
    later: list[float] = []
    try:
        await courier.deliver(uuid4())
    except RetryLater as raised:
        later.append(raised.wait_s)
    # The queue hears of the wait that was written down, and of none when there is to be no further attempt.
    assert later == [settled.retry_in_s for settled in desk.settled if settled.state == "pending"]
    (settled,) = desk.settled
    return settled


def test_the_schedule_is_the_briefs_and_then_a_day() -> None:
    """30 s, 60 s, then growing gaps; the last attempt is about a day after the first."""
    waits = [wait_before(attempt, 30.0) for attempt in range(2, MOST_ATTEMPTS + 1)]
    assert waits[:2] == [30, 60]
    assert waits == sorted(set(waits))
    assert 0.9 * 86_400 < sum(waits) <= 86_400


@pytest.mark.parametrize("attempt", range(1, MOST_ATTEMPTS))
async def test_a_failure_is_tried_again(attempt: int) -> None:
    """After the wait of its turn, with up to a tenth more so that not all come at once."""
    settled = await deliver(DeliveryFailed("no", status=500), attempt)
    assert (settled.state, settled.status, settled.error) == ("pending", 500, "no")
    assert wait_before(attempt + 1, 30) <= settled.retry_in_s <= 1.1 * wait_before(attempt + 1, 30)


async def test_the_last_failure_is_the_end() -> None:
    """Nothing more is tried after it, nor after a refusal that will not change."""
    assert (await deliver(DeliveryFailed("no"), MOST_ATTEMPTS)).state == "failed"
    assert (await deliver(DeliveryFailed("never", retryable=False))).state == "failed"


async def test_a_receiver_may_ask_for_time() -> None:
    """As long as it is no longer than we would wait anyway."""
    assert (await deliver(DeliveryFailed("busy", retry_after_s=500))).retry_in_s >= 500
    assert (await deliver(DeliveryFailed("busy", retry_after_s=10**9))).retry_in_s <= 1.1 * 36_000


async def test_what_strangers_answer_is_cleaned() -> None:
    """No NUL for Postgres, no escape sequences for a terminal, no half of a pair, and not much of it."""
    settled = await deliver(Taken(200, "a\x00b\x1b[31m\ud800" + "x" * 9_000))
    assert settled.state == "delivered"
    assert settled.response.isprintable()
    assert len(settled.response.encode()) < 600


async def test_a_fault_of_ours_is_tried_again_and_told_without_its_text() -> None:
    """An exception's text may hold anything."""
    settled = await deliver(ValueError("secret words"))
    assert settled.state == "pending"
    assert "secret" not in str(settled)


async def test_a_channel_that_is_switched_off_is_told() -> None:
    """Between the request and the delivery somebody took the setting away."""
    desk = Desk(outgoing(channel="email"))
    await Courier(desk, {}).deliver(uuid4())
    assert (desk.settled[0].state, desk.settled[0].error) == ("failed", "this service sends no email any more")


async def test_a_shutdown_costs_no_attempt() -> None:
    """What was on its way is put back as if it had not been taken."""
    desk = Desk(outgoing())
    with pytest.raises(asyncio.CancelledError):
        await Courier(desk, {"webhook": Answering(asyncio.CancelledError())}).deliver(uuid4())
    assert (desk.put_back_count, desk.settled) == (1, [])


async def test_what_is_not_due_is_left_alone() -> None:
    """Another worker has it, or it was delivered before."""
    desk = Desk(None)
    await Courier(desk, {}).deliver(uuid4())
    assert not desk.settled


class Waiting:
    """A channel to receivers that answer when they are told to."""

    def __init__(self) -> None:
        self.sending: list[UUID] = []
        self.may = asyncio.Event()
        self.changed = asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Taken:
        self.sending.append(outgoing.owner_id)
        self.changed.set()
        await self.may.wait()
        return Taken(200, "")


async def test_receivers_that_do_not_answer_hold_up_their_owner_alone() -> None:
    """However many jobs come at once: the others of that owner come back later, unclaimed, and anybody else's is sent."""
    channel = Waiting()
    one, other = outgoing(), outgoing()

    class Of(Desk):
        """The first delivery is another's than the rest."""

        claims = 0

        async def owner(self, delivery_id: UUID) -> UUID | None:
            return (one if delivery_id.int else other).owner_id

        async def claim(self, delivery_id: UUID, lease_s: float) -> Outgoing | None:
            self.claims += 1
            return one if delivery_id.int else other

    desk = Of(None)
    courier = Courier(desk, {"webhook": channel}, most_per_owner=2)
    jobs = [asyncio.create_task(courier.deliver(UUID(int=number))) for number in range(1, 6)]
    async with asyncio.timeout(10):
        crowded, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_EXCEPTION)
        others = asyncio.create_task(courier.deliver(UUID(int=0)))
        while len(channel.sending) < 3:
            channel.changed.clear()
            await channel.changed.wait()
        channel.may.set()
        ended = await asyncio.gather(*jobs, others, return_exceptions=True)
    assert [type(one) for one in ended] == [type(None)] * 2 + [RetryLater] * 3 + [type(None)]
    assert crowded
    assert (desk.claims, len(desk.settled)) == (3, 3)
    await courier.deliver(UUID(int=9))  # there is room again
    assert desk.claims == 4
