"""Procrastinate's connector and job manager, made to sit out a database that is away for a while.

As they come, a worker ends when a fetch fails, and an acknowledgement that fails leaves its job running for ever.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import procrastinate
import psycopg
import psycopg.errors
import structlog
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager, NotificationCallback
from psycopg_pool import AsyncConnectionPool

from app.adapters.postgres.connections import Bounds, with_keepalives
from app.adapters.postgres.deadlines import answering
from app.adapters.postgres.pool import IDLE_S
from app.adapters.postgres.queries import load_queries
from app.adapters.postgres.queue import DIGESTS, QUEUE
from app.exports.jobs import GENERATE_PART
from app.settings import Settings
from tasks.health import Vitals
from tasks.room import Room

log = structlog.get_logger(__name__)

# Long enough for a restart of Postgres; a job whose end cannot be told by then is found by the rescue.
_ACKNOWLEDGE_S = 60.0
_PAUSE_S = 0.5
# After so long without a notification the listener asks whether its connection is still one.
_LISTEN_S = 15.0


def pool_arguments(settings: Settings) -> dict[str, Any]:
    """Arguments of the worker's connection pool: direct connections, since it listens, in the queue's schema."""
    return {
        "conninfo": with_keepalives(settings.listen_url, "seedbed worker queue"),
        "kwargs": {"options": "-c search_path=queue"},
        "configure": _without_transactions,
        "min_size": 1,
        # Each queue has an ear besides.
        "max_size": 6,
        # Those that a busy moment opened go again, one in so many seconds.
        "max_idle": IDLE_S,
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
        self._answer_s = Bounds().answer_s
        # What is called with whatever other workers say of digests; heard by the connection that listens for exports.
        self.on_digest: Callable[[str], None] | None = None

    async def open_async(self, pool: Any = None) -> None:
        """Opens the pool. Raises ConfigurationInvalid, or ConnectorException when Postgres does not answer."""
        settings = self._settings or Settings.from_env(os.environ, needs=frozenset({"database"}))
        self._pool_args = pool_arguments(settings)
        self._answer_s = Bounds(settings.database_timeout_s).answer_s
        await super().open_async(pool)

    @asynccontextmanager
    async def _get_cursor(
        self, connection: "psycopg.AsyncConnection[Any] | None" = None
    ) -> "AsyncGenerator[psycopg.AsyncCursor[dict[str, Any]]]":
        """Every query goes through here: none waits for an answer for ever."""
        async with super()._get_cursor(connection) as cursor:
            with answering(cursor.connection, self._answer_s):
                yield cursor

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Listens for jobs, and for digests where it is exports that are listened for."""
        channels = list(channels)
        if not any(channel.endswith(QUEUE) for channel in channels):
            await super().listen_notify(on_notification, channels)
            return

        async def sort_out(*, channel: str, payload: str) -> None:
            if channel != DIGESTS:
                await on_notification(channel=channel, payload=payload)
            elif self.on_digest is not None:
                self.on_digest(payload)

        await super().listen_notify(sort_out, [*channels, DIGESTS])

    async def _loop_notify(
        self,
        on_notification: Notify,
        connection: "psycopg.AsyncConnection[Any]",
        timeout: float = _LISTEN_S,  # noqa: ASYNC109  # its name is Procrastinate's
    ) -> None:
        """Passes notifications on until the connection is found dead, or silent."""
        while True:
            try:
                async for notification in connection.notifies(timeout=timeout):
                    await on_notification(channel=notification.channel, payload=notification.payload)
                with answering(connection, self._answer_s):
                    await connection.execute("select 1")
            except psycopg.OperationalError:
                return

    async def _create_pool(self, pool_args: dict[str, Any]) -> AsyncConnectionPool:
        # Without the check of each connection before its use: whoever calls comes back after a lost one.
        return _UnhurriedPool(**pool_args, open=False)


class _UnhurriedPool(AsyncConnectionPool):
    """A pool that opens without a connection: a worker may be there before its database is."""

    async def open(self, wait: bool = False, timeout: float = 30.0) -> None:  # noqa: ASYNC109  # the pool's own signature
        await super().open(wait=False, timeout=timeout)


class PatientJobManager(JobManager):
    """A job manager that waits for the database instead of giving up its worker.

    `on_pruned` holds what is called when others have declared a worker dead and struck it off, as after a long stop:
    it is given the id, and registers that worker anew.
    """

    def __init__(self, connector: QueueConnector) -> None:
        super().__init__(connector)
        self.on_pruned: list[Callable[[int], Awaitable[None]]] = []
        self._queries = load_queries()
        self.vitals = Vitals()
        self.room: Room | None = None

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """The next job, once there is room for it, or None; none, too, while the database is away."""
        room = self.room if queues is None or QUEUE in queues else None
        asked = ",".join(queues or ())
        if room is not None and not await room.wait():
            return None
        since = monotonic()
        try:
            job = await super().fetch_job(queues, worker_id)
        except ConnectorException as error:
            if isinstance(error.__cause__, psycopg.errors.ForeignKeyViolation) and self.on_pruned:
                log.warning("worker_struck_off", worker_id=worker_id)
                for register_anew in self.on_pruned:
                    await register_anew(worker_id)
                return None
            self.vitals.fetch_failed(asked)
            log.warning("fetch_failed", cause=type(error.__cause__).__name__)
            await asyncio.sleep(_PAUSE_S)
            return None
        self.vitals.fetched(asked)
        if room is not None and job is not None and job.id is not None and job.task_name == GENERATE_PART:
            room.take(job.id, since)
        return job

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
        wait_s = (retry_at - datetime.now(UTC)).total_seconds() if retry_at is not None else 0.0

        async def put_back() -> None:
            # The wait, not the moment: this process's clock may be an hour off, and the database's decides what is due.
            await self.connector.execute_query_async(
                query=self._queries["retry_job"],
                job_id=job.id,
                wait_s=max(0.0, wait_s),
                priority=priority,
                queue=queue,
                lock=lock,
            )

        await self._insist(put_back, job)

    async def update_heartbeat(self, worker_id: int) -> None:
        """Says that the worker lives; saying so later is better than ending the one who says it."""
        try:
            await super().update_heartbeat(worker_id)
            self.vitals.beat()
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
