"""Word to the user: one delivery is sent, by webhook or mail, until it is taken or a day has passed.

A delivery is written down in the transaction that ends its export, with the id and the content that it keeps through
every attempt. The ledger's claims see to it that no two workers send it at once; should one be lost while it sends,
the other's message has the same id.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import structlog

from app.errors import DatabaseUnavailable, SeedbedError
from app.exports.retrying import RetryLater

log = structlog.get_logger(__name__)

# The brief's 30 s and 60 s, then ever later until a day is over: in units of the base wait of 30 s.
_WAITS = (1, 2, 10, 30, 120, 240, 480, 720, 1200)
MOST_ATTEMPTS = len(_WAITS) + 1
_JITTER = 0.1
# Longer than any channel takes: by then whoever claimed it is lost.
LEASE_S = 90.0
_SHOWN_CHARS = 500
# When one comes back whose owner has as many under way as may be: a receiver that is waited for takes ten seconds.
_CROWDED_S = 10.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery that this worker has claimed. `payload` is what it tells, as of the event; `attempts` counts all
    of them, `attempt` those since somebody last asked for it. `secret_versions` sign a webhook, newest first."""

    id: UUID
    export_id: UUID
    owner_id: UUID
    channel: str
    target: str
    event: str
    payload: Mapping[str, Any]
    attempts: int
    attempt: int
    created_at: datetime
    secret_versions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """The receiver has it. `status` is HTTP's or SMTP's."""

    status: int | None
    response: str


class DeliveryFailed(SeedbedError):
    """The receiver has not taken it. Not `retryable`: it never will."""

    code = "delivery_failed"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        response: str = "",
        retryable: bool = True,
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(message, status=status)
        self.status = status
        self.response = response
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class Channel(Protocol):
    """A way to reach a user."""

    async def send(self, outgoing: Outgoing) -> Taken:
        """Sends it, once, within half a minute. Raises DeliveryFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of an attempt. `state`: delivered, pending (due again in `retry_in_s`) or failed."""

    state: str
    status: int | None
    response: str
    error: str | None
    retry_in_s: float = 0.0


# Channel, state that the attempt led to, seconds.
OnAttempt = Callable[[str, str, float], None]


class Deliveries(Protocol):
    """The database, as far as deliveries need it. Every method is one transaction and raises DatabaseUnavailable."""

    async def owner(self, delivery_id: UUID) -> UUID | None:
        """Whose it is; None when it is not there."""
        ...

    async def claim(self, delivery_id: UUID, lease_s: float) -> Outgoing | None:
        """None when it is not due, not there, or in another's hands."""
        ...

    async def settle(self, outgoing: Outgoing, settled: Settled) -> bool:
        """Writes down what came of it, with an event; False when the claim was lost."""
        ...

    async def put_back(self, outgoing: Outgoing) -> None:
        """As if it had not been claimed."""
        ...


class Courier:
    """The worker's side of deliveries."""

    def __init__(
        self,
        deliveries: Deliveries,
        channels: Mapping[str, Channel],
        *,
        base_wait_s: float = 30.0,
        most_per_owner: int = 5,
        on_attempt: OnAttempt | None = None,
    ) -> None:
        """`channels` are those that are configured, by name. Of one owner's, `most_per_owner` are sent at once, so that
        receivers that answer nobody keep no other's waiting. `on_attempt` is told how each attempt ended."""
        self._deliveries = deliveries
        self._channels = channels
        self._base_wait_s = base_wait_s
        self._most_per_owner = most_per_owner
        self._sending: Counter[UUID] = Counter()
        self._on_attempt = on_attempt

    async def deliver(self, delivery_id: UUID) -> None:
        """Sends one delivery if it is due. Raises RetryLater when it is to be tried again, or another time."""
        owner_id = await self._deliveries.owner(delivery_id)
        if owner_id is None:
            return
        if self._sending[owner_id] >= self._most_per_owner:
            raise RetryLater(_CROWDED_S * (1 + 2 * random.random()))
        self._sending[owner_id] += 1
        try:
            await self._deliver(delivery_id)
        finally:
            self._sending[owner_id] -= 1
            if not self._sending[owner_id]:
                del self._sending[owner_id]

    async def _deliver(self, delivery_id: UUID) -> None:
        outgoing = await self._deliveries.claim(delivery_id, LEASE_S)
        if outgoing is None:
            log.debug("nothing_to_deliver", delivery_id=str(delivery_id))
            return
        facts = {"delivery_id": str(outgoing.id), "export_id": str(outgoing.export_id), "channel": outgoing.channel}
        began = time.perf_counter()
        try:
            settled = await self._attempt(outgoing)
        except asyncio.CancelledError:
            await asyncio.shield(self._put_back(outgoing))
            raise
        if self._on_attempt is not None:
            self._on_attempt(outgoing.channel, settled.state, time.perf_counter() - began)
        log.info("delivery_attempted", **facts, attempt=outgoing.attempt, state=settled.state, status=settled.status)
        if await self._deliveries.settle(outgoing, settled) and settled.state == "pending":
            raise RetryLater(settled.retry_in_s)

    async def _attempt(self, outgoing: Outgoing) -> Settled:
        channel = self._channels.get(outgoing.channel)
        if channel is None:
            return Settled("failed", None, "", f"this service sends no {outgoing.channel} any more")
        try:
            taken = await channel.send(outgoing)
        except DeliveryFailed as error:
            return self._failed(outgoing, error)
        except Exception as error:  # a fault of ours is told and tried again like one of the receiver's
            log.exception("delivery_crashed", delivery_id=str(outgoing.id))
            return self._failed(outgoing, DeliveryFailed(f"the service failed: {type(error).__name__}"))
        return Settled("delivered", taken.status, _shown(taken.response), None)

    def _failed(self, outgoing: Outgoing, error: DeliveryFailed) -> Settled:
        if not error.retryable or outgoing.attempt >= MOST_ATTEMPTS:
            return Settled("failed", error.status, _shown(error.response), _shown(error.message))
        wait_s = wait_before(outgoing.attempt + 1, self._base_wait_s)
        # A receiver may ask for more time, up to the longest that we would wait anyway.
        asked_s = min(error.retry_after_s, _WAITS[-1] * self._base_wait_s)
        wait_s = max(wait_s, asked_s) * (1 + _JITTER * random.random())
        return Settled("pending", error.status, _shown(error.response), _shown(error.message), wait_s)

    async def _put_back(self, outgoing: Outgoing) -> None:
        try:
            await self._deliveries.put_back(outgoing)
        except DatabaseUnavailable:
            log.warning("delivery_left_to_its_lease", delivery_id=str(outgoing.id))


def wait_before(attempt: int, base_s: float) -> float:
    """Seconds between the attempt before and this one; attempts count from 1."""
    return _WAITS[attempt - 2] * base_s


def _shown(text: str) -> str:
    """What a stranger answered, short and without what no database or terminal takes."""
    cleaned = "".join(character if character.isprintable() else " " for character in text[:_SHOWN_CHARS])
    return cleaned.encode("utf-8", "replace").decode().strip()
