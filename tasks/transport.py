"""Procrastinate's connector and job manager, made to sit out a database that is away for a while.

As they come, a worker ends when a fetch fails, and an acknowledgement that fails leaves its job running for ever.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import procrastinate
import psycopg
import psycopg.errors
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager, NotificationCallback
from psycopg_pool import AsyncConnectionPool

from app.adapters.postgres.connections import with_keepalives
from app.settings import Settings

log = structlog.get_logger(__name__)

# Long enough for a restart of Postgres; a job whose end cannot be told by then is found by the rescue.
_ACKNOWLEDGE_S = 60.0
_PAUSE_S = 0.5


def pool_arguments(settings: Settings) -> dict[str, Any]:
    """Arguments of the worker's connection pool: direct connections, since it listens, in the queue's schema."""
    return {
        "conninfo": with_keepalives(settings.listen_url, "seedbed worker queue"),
        "kwargs": {"options": "-c search_path=queue"},
        "configure": _without_transactions,
        "min_size": 1,
        # Two of them listen, one for each queue.
        "max_size": 6,
        "timeout": 10.0,
    }


async def _without_transactions(connection: "psycopg.AsyncConnection[Any]") -> None:
    """Each of the queue's queries is one statement: there is nothing to begin or commit around it."""
    await connection.set_autocommit(True)


class QueueConnector(procrastinate.PsycopgConnector):
    """A connector that reads the settings when it is opened: importing the app needs no environment."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self._settings = settings

    async def open_async(self, pool: Any = None) -> None:
        """Opens the pool. Raises ConfigurationInvalid, or ConnectorException when Postgres does not answer."""
        settings = self._settings or Settings.from_env(os.environ, needs=frozenset({"database"}))
        self._pool_args = pool_arguments(settings)
        await super().open_async(pool)

    async def _create_pool(self, pool_args: dict[str, Any]) -> AsyncConnectionPool:
        # Without the check of each connection before its use: whoever calls comes back after a lost one.
        return AsyncConnectionPool(**pool_args, open=False)


class PatientJobManager(JobManager):
    """A job manager that waits for the database instead of giving up its worker.

    `on_pruned` holds what is called when others have declared a worker dead and struck it off, as after a long stop:
    it is given the id, and registers that worker anew.
    """

    def __init__(self, connector: QueueConnector) -> None:
        super().__init__(connector)
        self.on_pruned: list[Callable[[int], Awaitable[None]]] = []

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """The next job, or None; none, too, while the database is away."""
        try:
            return await super().fetch_job(queues, worker_id)
        except ConnectorException as error:
            if isinstance(error.__cause__, psycopg.errors.ForeignKeyViolation) and self.on_pruned:
                log.warning("worker_struck_off", worker_id=worker_id)
                for register_anew in self.on_pruned:
                    await register_anew(worker_id)
                return None
            log.warning("fetch_failed", cause=type(error.__cause__).__name__)
            await asyncio.sleep(_PAUSE_S)
            return None

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Acknowledges a job, trying again for a minute."""
        await self._insist(lambda: super(PatientJobManager, self).finish_job(job, status, delete_job), job)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Puts a job back, trying again for a minute."""
        await self._insist(lambda: super(PatientJobManager, self).retry_job(job, retry_at, priority, queue, lock), job)

    async def update_heartbeat(self, worker_id: int) -> None:
        """Says that the worker lives; saying so later is better than ending the one who says it."""
        try:
            await super().update_heartbeat(worker_id)
        except ConnectorException as error:
            log.warning("heartbeat_failed", cause=type(error.__cause__).__name__)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Listens, over again when the connection is lost. Polling goes on meanwhile."""
        while True:
            try:
                await super().listen_for_jobs(on_notification=on_notification, queues=queues)
            except ConnectorException as error:
                log.warning("listener_lost", cause=type(error.__cause__).__name__)
            await asyncio.sleep(_PAUSE_S)

    async def _insist(self, write: Callable[[], Awaitable[None]], job: Job) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _ACKNOWLEDGE_S
        while True:
            try:
                return await write()
            except ConnectorException as error:
                if isinstance(error.__cause__, psycopg.errors.RaiseException):
                    # "not in doing status": the first try came through after all, or the rescue gave it to others.
                    log.info("job_already_settled", job_id=job.id)
                    return None
                if loop.time() > deadline:
                    raise
            await asyncio.sleep(_PAUSE_S)
