"""Puts jobs into the queue, in the caller's own transaction."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import procrastinate
import psycopg

from app.exports.ports import Job

QUEUE = "test-data-exports"

# The queue's tables are in a schema that nobody else's search_path has; its queries name them without one.
_ENTER = (
    "select set_config('seedbed.search_path', current_setting('search_path'), true), "
    "set_config('search_path', 'queue', true)"
)
_LEAVE = "select set_config('search_path', current_setting('seedbed.search_path'), true)"


class JobQueue:
    """Defers jobs by name. Needs no connection of its own: it always uses the transaction's."""

    def __init__(self) -> None:
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector())

    async def defer(self, connection: "psycopg.AsyncConnection[Any]", jobs: Sequence[Job]) -> None:
        """Inserts jobs on `connection`, whose role must be the service's own. Workers see them at its commit."""
        if not jobs:
            return
        await connection.execute(_ENTER)
        for (task, priority, delay_s), group in groupby(jobs, key=lambda job: (job.task, job.priority, job.delay_s)):
            deferrer = self._app.configure_task(
                task,
                queue=QUEUE,
                priority=priority,
                schedule_in={"milliseconds": round(delay_s * 1000)} if delay_s else None,
                connection=connection,
            )
            await deferrer.batch_defer_async(*(dict(job.arguments) for job in group))
        await connection.execute(_LEAVE)
