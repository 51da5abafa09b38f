"""Puts jobs into the queue, in the caller's own transaction."""

from collections.abc import Sequence
from itertools import groupby

from psycopg.types.json import Jsonb

from app.adapters.postgres.connections import Transaction
from app.exports.jobs import DELIVER
from app.exports.ports import Job

QUEUE = "test-data-exports"
# Of its own: a receiver that takes its time must not keep a worker from making files.
DELIVERY_QUEUE = "test-data-deliveries"
# The channel on which workers tell each other of digests: see `app.exports.digesting`.
DIGESTS = "test-data-exports-digests"
_QUEUES = {DELIVER: DELIVERY_QUEUE}


class JobQueue:
    """Defers jobs by name. Needs no connection of its own: it always uses the transaction's."""

    async def defer(self, transaction: Transaction, jobs: Sequence[Job]) -> None:
        """Inserts jobs, as the service's own role, with the next round trip. Workers see them when the transaction
        commits."""
        if not jobs:
            return
        # The queue's tables are in a schema that nobody else's search_path has; its functions name them without one.
        transaction.later("enter_queue")
        for (task, priority, delay_s), group in groupby(jobs, key=lambda job: (job.task, job.priority, job.delay_s)):
            transaction.later(
                "defer_jobs",
                queue=_QUEUES.get(task, QUEUE),
                task=task,
                priority=priority,
                delay_s=delay_s,
                arguments=Jsonb([dict(job.arguments) for job in group]),
            )
        transaction.later("leave_queue")
