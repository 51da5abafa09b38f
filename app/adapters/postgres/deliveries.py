"""What workers write down of deliveries, as SQL."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.types.json import Jsonb

from app.adapters.postgres.connections import Database
from app.adapters.postgres.queue import DELIVERY_QUEUE, JobQueue
from app.exports.delivering import Outgoing, Settled
from app.exports.jobs import deliver_job
from app.exports.models import DeliveryCount, EventKind


class PostgresDeliveries:
    """The `Deliveries` of `app.exports.delivering`."""

    def __init__(self, database: Database, queue: JobQueue) -> None:
        self._database = database
        self._queue = queue

    async def owner(self, delivery_id: UUID) -> UUID | None:
        """Whose it is."""
        async with self._database.transaction("delivery_owner", delivery_id=delivery_id) as transaction:
            return None if transaction.opened is None else transaction.opened["owner_id"]

    async def claim(self, delivery_id: UUID, lease_s: float) -> Outgoing | None:
        """Takes a delivery that is due and that nobody sends."""
        async with self._database.transaction() as transaction:
            row = await transaction.one("claim_delivery", delivery_id=delivery_id, lease_s=lease_s)
        if row is None:
            return None
        values = dict(row)
        version, previous = values.pop("secret_version"), values.pop("previous_holds")
        return Outgoing(**values, secret_versions=(version, version - 1) if previous and version > 1 else (version,))

    async def settle(self, outgoing: Outgoing, settled: Settled) -> bool:
        """Writes down what came of an attempt, and appends an event that names no target: viewers see it too."""
        async with self._database.transaction("lock_export", export_id=outgoing.export_id) as transaction:
            if transaction.opened is None:
                return False
            held = await transaction.run(
                "settle_delivery",
                delivery_id=outgoing.id,
                attempts=outgoing.attempts,
                state=settled.state,
                last_status=settled.status,
                last_response=settled.response or None,
                last_error=settled.error,
                retry_in_s=settled.retry_in_s,
            )
            if not held:
                return False
            details = {
                "deliveryId": str(outgoing.id),
                "channel": outgoing.channel,
                "event": outgoing.event,
                "state": settled.state,
                "attempt": outgoing.attempt,
                "lastStatus": settled.status,
                "error": settled.error,
                "retryInSeconds": round(settled.retry_in_s, 1) if settled.state == "pending" else None,
            }
            told = {name: value for name, value in details.items() if value is not None}
            kind = EventKind.DELIVERY.value
            transaction.later("append_event", export_id=outgoing.export_id, kind=kind, details=Jsonb(told))
        return True

    async def put_back(self, outgoing: Outgoing) -> None:
        """As if it had not been claimed."""
        async with self._database.transaction() as transaction:
            transaction.later("put_delivery_back", delivery_id=outgoing.id, attempts=outgoing.attempts)

    async def count(self) -> Sequence[DeliveryCount]:
        """How many there are, by channel and state."""
        async with self._database.transaction() as transaction:
            return [DeliveryCount(**row) for row in await transaction.all("count_deliveries")]

    async def requeue_stranded(self, grace_s: float) -> Sequence[UUID]:
        """Queues deliveries that are due and that no job is going to send; returns which."""
        async with self._database.transaction("try_delivery_rescue_lock") as transaction:
            if transaction.opened is None or not transaction.opened["held"]:
                return []
            rows = await transaction.all("stranded_deliveries", queue=DELIVERY_QUEUE, grace_s=grace_s)
            found = [row["id"] for row in rows]
            await self._queue.defer(transaction, [deliver_job(delivery_id) for delivery_id in found])
        return found
