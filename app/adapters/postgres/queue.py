"""Puts jobs into the queue, in the caller's own transaction."""

from collections.abc import Sequence
from itertools import groupby

import procrastinate

from app.adapters.postgres.connections import Transaction
from app.exports.jobs import DELIVER
from app.exports.ports import Job

QUEUE = "test-data-exports"
# Of its own: a receiver that takes its time must not keep a worker from making files.
DELIVERY_QUEUE = "test-data-deliveries"
_QUEUES = {DELIVER: DELIVERY_QUEUE}


class JobQueue:
    """Defers jobs by name. Needs no connection of its own: it always uses the transaction's."""

    def __init__(self) -> None:
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector())

    async def defer(self, transaction: Transaction, jobs: Sequence[Job]) -> None:
        """Inserts jobs, as the service's own role. Workers see them when the transaction commits."""
        if not jobs:
            return
        # The queue's tables are in a schema that nobody else's search_path has; its queries name them without one.
        transaction.later("enter_queue")
        async with transaction.sending():
            for (task, priority, delay_s), group in groupby(
                jobs, key=lambda job: (job.task, job.priority, job.delay_s)
            ):
                deferrer = self._app.configure_task(
                    task,
                    queue=_QUEUES.get(task, QUEUE),
                    priority=priority,
                    schedule_in={"milliseconds": round(delay_s * 1000)} if delay_s else None,
                    connection=transaction.driver,
                )
                await deferrer.batch_defer_async(*(dict(job.arguments) for job in group))
        transaction.later("leave_queue")
