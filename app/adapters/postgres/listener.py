"""The one LISTEN connection of a process, which knows when it has gone deaf.

A listener can be connected and hear nothing: behind a transaction pooler always, after a network partition or a
failover sometimes. So it calls itself from another connection, at start and every few seconds.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from app.adapters.postgres.connections import with_keepalives
from app.adapters.postgres.queries import load_queries
from app.errors import ConfigurationInvalid, DatabaseUnavailable
from app.logging import get_logger

log = get_logger(__name__)

CHANNEL = "test-data-exports-progress"
HEARING_TIMEOUT_S = 5.0
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0

Connection = psycopg.AsyncConnection[Any]


async def connect(database_url: str, application_name: str) -> Connection:
    """A connection of our own, outside any pool, each statement its own transaction."""
    conninfo = with_keepalives(database_url, application_name)
    # Without prepared statements: behind a transaction pooler they would not be there the next time.
    return await psycopg.AsyncConnection.connect(conninfo, autocommit=True, prepare_threshold=None)


class Listener:
    """Listens on the progress channel, for ever, and reconnects when it must.

    `heard(payload)` is called for each notification, `resumed()` after each (re)connection, when anything may have
    been missed. Both on the event loop; neither may block.
    """

    def __init__(
        self,
        listen_url: str,
        database_url: str,
        *,
        heard: Callable[[str], None],
        resumed: Callable[[], None],
        canary_s: float = 5.0,
    ) -> None:
        self._listen_url = listen_url
        self._database_url = database_url
        self._heard = heard
        self._resumed = resumed
        self._canary_s = canary_s
        # A channel of this process's own: others need not wake for our canary.
        self._canary_channel = f"seedbed-canary-{secrets.token_hex(8)}"
        self._canary_token = ""
        self._canary_heard = asyncio.Event()
        self._caller: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self.connection: Connection | None = None
        self.hearing_timeout_s = HEARING_TIMEOUT_S
        self.listening = False
        self.reconnections = 0

    async def start(self) -> None:
        """Connects, and proves that it hears.

        Raises DatabaseUnavailable when it cannot connect, ConfigurationInvalid when it connects and hears nothing.
        """
        try:
            ear = await self._open()
            hears = await self._hears()
        except (psycopg.Error, OSError, TimeoutError) as error:
            await self._hang_up()
            reason = type(error).__name__
            raise DatabaseUnavailable("the database cannot be reached for LISTEN", reason=reason) from error
        if not hears:
            await _end(ear)
            await self._hang_up()
            raise ConfigurationInvalid(
                "LISTEN hears nothing through this connection, as behind a transaction pooler: point DATABASE_URL, "
                "or DATABASE_DIRECT_URL beside it, to a direct or session-mode connection"
                " (for Supabase: port 5432, not 6543)"
            )
        self._task = asyncio.create_task(self._keep_listening(ear))

    async def close(self) -> None:
        """Stops listening and closes both connections."""
        if self._task is not None:
            await _end(self._task)
            self._task = None
        await self._hang_up()

    async def _open(self) -> "asyncio.Task[None]":
        """Connects and listens; the task that hears."""
        self.connection = await connect(self._listen_url, "seedbed-listener")
        await self._listen(self.connection)
        return asyncio.create_task(self._hear(self.connection))

    async def _listen(self, connection: Connection) -> None:
        for channel in (CHANNEL, self._canary_channel):
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))

    async def _keep_listening(self, ear: "asyncio.Task[None]") -> None:
        try:
            while True:
                self.listening = True
                self._resumed()
                why = await self._until_deaf(ear)
                self.listening = False
                await _end(ear)
                log.warning("listener_lost", reason=why)
                ear = await self._reopened()
                self.reconnections += 1
                log.info("listener_resumed", reconnections=self.reconnections)
        finally:
            self.listening = False
            await _end(ear)

    async def _reopened(self) -> "asyncio.Task[None]":
        pause_s = _FIRST_PAUSE_S
        while True:
            await self._hang_up()
            await asyncio.sleep(pause_s)
            try:
                return await self._open()
            except (psycopg.Error, OSError) as error:
                # Not all at once, when every process lost the same server; never slower than some five seconds.
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S) * (0.75 + secrets.randbelow(500) / 1000)
                log.warning("listener_reconnect_failed", reason=type(error).__name__)

    async def _until_deaf(self, ear: "asyncio.Task[None]") -> str:
        """Returns, with the reason, when the connection has ended or its canary was not heard."""
        while True:
            done, _ = await asyncio.wait({ear}, timeout=self._canary_s)
            if done:
                error = ear.exception()
                return type(error).__name__ if error else "closed"
            try:
                if not await self._hears():
                    return "deaf"
            except (psycopg.Error, OSError, TimeoutError):
                # It is the calling that failed: nothing is known about the hearing.
                await _close(self._caller)
                self._caller = None

    async def _hear(self, connection: Connection) -> None:
        async for notification in connection.notifies():
            if notification.channel == CHANNEL:
                self._heard(notification.payload)
            elif notification.payload == self._canary_token:
                self._canary_heard.set()

    async def _hears(self) -> bool:
        """Calls itself; whether the call arrived in time. Raises psycopg.Error when the call cannot be made."""
        if self._caller is None:
            self._caller = await connect(self._database_url, "seedbed-canary")
        self._canary_heard.clear()
        self._canary_token = secrets.token_hex(8)
        parameters = {"channel": self._canary_channel, "token": self._canary_token}
        async with asyncio.timeout(2 * HEARING_TIMEOUT_S):
            await self._caller.execute(load_queries()["hub_canary"], parameters)
        try:
            await asyncio.wait_for(self._canary_heard.wait(), self.hearing_timeout_s)
        except TimeoutError:
            return False
        return True

    async def _hang_up(self) -> None:
        for connection in (self._caller, self.connection):
            await _close(connection)
        self._caller = self.connection = None


async def _close(connection: Connection | None) -> None:
    if connection is not None:
        with contextlib.suppress(psycopg.Error, OSError):
            await connection.close()


async def _end(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
