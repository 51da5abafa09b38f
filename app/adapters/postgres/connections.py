"""Connections, and transactions: one `async with` is one transaction, committed at its end or not at all."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
import psycopg.errors
import sqlalchemy as sa
import sqlalchemy.exc
from procrastinate.exceptions import ConnectorException
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.adapters.postgres.queries import Queries, load_queries
from app.errors import DatabaseUnavailable, NotPermitted

Row = Mapping[str, Any]

CONNECT_TIMEOUT_S = 10
POOL_TIMEOUT_S = 10
# A peer that vanished without a word is noticed within half a minute, not after the kernel's two hours.
KEEPALIVES: Mapping[str, int] = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def open_engine(database_url: str, *, pool_size: int, application_name: str, pooled: bool = False) -> AsyncEngine:
    """An engine whose driver connections are psycopg's. It connects when it is first used.

    `pooled`: the URL leads to a transaction pooler, on which prepared statements do not last.
    """

    conninfo = with_keepalives(database_url, application_name)

    async def connect() -> "psycopg.AsyncConnection[Any]":
        return await psycopg.AsyncConnection.connect(conninfo, prepare_threshold=None if pooled else 5)

    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=connect,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        # A connection that a restart of Postgres broke is replaced instead of handed out.
        pool_pre_ping=True,
        pool_use_lifo=True,
        hide_parameters=True,
    )


def with_keepalives(database_url: str, application_name: str) -> str:
    """The connection string, with a bound on how long it waits and a name that `pg_stat_activity` shows."""
    return make_conninfo(
        database_url, connect_timeout=CONNECT_TIMEOUT_S, application_name=application_name, **KEEPALIVES
    )


class Transaction:
    """A transaction in progress: named queries, composed ones, and the driver's connection for the queue."""

    def __init__(self, connection: AsyncConnection, driver: "psycopg.AsyncConnection[Any]", queries: Queries) -> None:
        self._connection = connection
        self._queries = queries
        self.driver = driver

    async def one(self, name: str, /, **parameters: Any) -> Row | None:
        """The first row of a named query, or None."""
        async with self.driver.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(self._queries[name], parameters)
            return await cursor.fetchone()

    async def only(self, name: str, /, **parameters: Any) -> Row:
        """The row of a named query that always has one."""
        row = await self.one(name, **parameters)
        if row is None:
            raise LookupError(f"query {name} gave no row")
        return row

    async def all(self, name: str, /, **parameters: Any) -> Sequence[Row]:
        """Every row of a named query."""
        async with self.driver.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(self._queries[name], parameters)
            return await cursor.fetchall()

    async def run(self, name: str, /, **parameters: Any) -> int:
        """Runs a named query for its effect; the number of rows it touched."""
        async with self.driver.cursor() as cursor:
            await cursor.execute(self._queries[name], parameters)
            return cursor.rowcount

    async def run_many(self, name: str, rows: Sequence[Row]) -> None:
        """Runs a named query once for each set of parameters, without waiting in between."""
        async with self.driver.cursor() as cursor:
            await cursor.executemany(self._queries[name], rows)

    async def select(self, statement: sa.Select[Any]) -> Sequence[Row]:
        """The rows of a composed query."""
        rows: Sequence[Row] = (await self._connection.execute(statement)).mappings().all()
        return rows

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[None]:
        """Statements inside are sent together: one round trip for those whose rows nobody reads."""
        async with self.driver.pipeline():
            yield


class Database:
    """An engine and the named queries."""

    def __init__(self, engine: AsyncEngine, queries: Queries | None = None) -> None:
        self.engine = engine
        self._queries = queries if queries is not None else load_queries()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commits at the end; rolls back when an error passes. Raises DatabaseUnavailable, NotPermitted."""
        with translated_errors():
            async with self.engine.begin() as connection:
                driver = (await connection.get_raw_connection()).driver_connection
                assert isinstance(driver, psycopg.AsyncConnection)
                yield Transaction(connection, driver, self._queries)

    async def close(self) -> None:
        """Closes every connection."""
        await self.engine.dispose()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns what the driver, SQLAlchemy and Procrastinate raise when the database cannot serve into one error."""
    try:
        yield
    except (psycopg.Error, sqlalchemy.exc.SQLAlchemyError, ConnectorException) as error:
        cause = _driver_error(error)
        if isinstance(cause, psycopg.errors.InsufficientPrivilege):
            raise NotPermitted("this is not allowed here") from error
        if _means_unavailable(cause) or isinstance(error, sqlalchemy.exc.TimeoutError):
            raise DatabaseUnavailable("the database cannot serve at the moment", reason=_reason(cause)) from error
        raise


def _driver_error(error: BaseException) -> BaseException:
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig is not None:
        return error.orig
    if isinstance(error, ConnectorException) and error.__cause__ is not None:
        return error.__cause__
    return error


def _means_unavailable(error: BaseException) -> bool:
    # OperationalError has lost connections, shutdowns, timeouts, deadlocks and "too many clients" under it;
    # InterfaceError is what a closed connection says.
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | sqlalchemy.exc.InterfaceError)


def _reason(error: BaseException) -> str:
    """The SQLSTATE's name, never the message: it may quote the connection string."""
    return type(error).__name__
