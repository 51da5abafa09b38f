"""Connections, and transactions: one `async with` is one transaction, committed at its end or not at all."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import psycopg.errors
import sqlalchemy as sa
import sqlalchemy.exc
from procrastinate.exceptions import ConnectorException
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.adapters.postgres.deadlines import answering
from app.adapters.postgres.pool import ElasticPool
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


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long things may take. `pooled`: the URL leads to a transaction pooler, so that they are told anew for each
    transaction: its session is another one each time, and somebody else's afterwards.

    Nothing of ours takes long; what does waits for a lock whose holder is lost, and is better tried again.
    """

    statement_s: float = 30.0
    pooled: bool = False

    @property
    def answer_s(self) -> float:
        """Later than the server's own limit, which answers with an error and leaves the connection whole."""
        return self.statement_s * 1.25

    def told(self) -> tuple[LiteralString, Row]:
        """The statement that tells the server, and its parameters. There is none for transactions that idle: the driver
        ends a pipeline in a way after which Postgres does not time them. The rescue does: `free_stuck_sessions`."""
        return _SET_BOUNDS, {
            "statement": f"{self.statement_s * 1000:.0f}ms",
            "lock": f"{self.statement_s * 1000 / 3:.0f}ms",
            "local": self.pooled,
        }


_SET_BOUNDS: LiteralString = (
    "select set_config('statement_timeout', %(statement)s, %(local)s), set_config('lock_timeout', %(lock)s, %(local)s)"
)


def open_engine(
    database_url: str, *, pool_size: int, application_name: str, bounds: Bounds | None = None
) -> AsyncEngine:
    """An engine whose driver connections are psycopg's. It connects when it is first used."""
    bounds = bounds or Bounds()

    conninfo = with_keepalives(database_url, application_name)

    async def connect() -> "psycopg.AsyncConnection[Any]":
        # On a transaction pooler prepared statements do not last.
        threshold = None if bounds.pooled else 5
        connection = await psycopg.AsyncConnection.connect(conninfo, autocommit=True, prepare_threshold=threshold)
        try:
            if not bounds.pooled:
                with answering(connection, bounds.answer_s):
                    await connection.execute(*bounds.told())
        except BaseException:
            # Nobody has it yet who could: whoever asked may have been cancelled in the middle of this.
            await connection.close()
            raise
        return connection

    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=connect,
        poolclass=ElasticPool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        pool_use_lifo=True,
        # Transactions are begun and ended by statements of our own, which travel together with others.
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
    )


def with_keepalives(database_url: str, application_name: str) -> str:
    """The connection string, with a bound on how long it waits and a name that `pg_stat_activity` shows."""
    return make_conninfo(
        database_url, connect_timeout=CONNECT_TIMEOUT_S, application_name=application_name, **KEEPALIVES
    )


class Kept:
    """A row that comes with a later round trip, at the latest with the commit."""

    def __init__(self) -> None:
        self.row: Row | None = None


# A named query and its parameters.
Query = tuple[str, Row]


def query(name: str, /, **parameters: Any) -> Query:
    """One that is to be run with others."""
    return name, parameters


class Transaction:
    """A transaction in progress: named queries, composed ones, and the driver's connection for the queue.

    Round trips are what a distant database costs, so statements whose result nobody reads are kept (`later`) and sent
    together with the next one that is waited for, or with the commit.
    """

    def __init__(
        self, connection: AsyncConnection, driver: "psycopg.AsyncConnection[Any]", queries: Queries, bounds: Bounds
    ) -> None:
        self._connection = connection
        self._queries = queries
        self._bounds = bounds
        self._kept: list[tuple[LiteralString, Row, Kept | None]] = []
        self._after: list[tuple[LiteralString, Row]] = []
        self.driver = driver
        self.rows: Sequence[Row | None] = ()

    async def begin(self, opening: Sequence[Query], *, alone: bool = False) -> None:
        """Starts the transaction with its first statements; the first row of each is in `rows`. With `alone` it is over
        after them. One round trip."""
        self._keep("begin")
        if self._bounds.pooled:
            self._kept.append((*self._bounds.told(), None))
        kept = [self.later(name, **parameters) for name, parameters in opening]
        if alone:
            self._keep("commit")
        await self.flush()
        self.rows = [one.row for one in kept]

    @property
    def opened(self) -> Row | None:
        """The first row of the last statement that it began with."""
        return self.rows[-1] if self.rows else None

    async def commit(self) -> None:
        """Sends what was kept, and commits: in one round trip."""
        self._keep("commit")
        self._kept += [(text, parameters, None) for text, parameters in self._after]
        await self.flush()

    def _keep(self, statement: LiteralString) -> None:
        self._kept.append((statement, {}, None))

    async def roll_back(self) -> None:
        """Undoes everything; a connection that is lost has done so by itself."""
        self._kept.clear()
        try:
            with self._answering():
                await self.driver.rollback()
        except (psycopg.OperationalError, psycopg.InterfaceError):
            await self.driver.close()

    def is_over(self) -> bool:
        """Whether the connection is whole, and free for the next transaction.

        Whoever is cancelled while the driver enters a pipeline leaves it there, idle as it may be: the next one's
        statements would have no rows, as those in a pipeline have none before its end.
        """
        if self.driver.closed:
            return False
        info = self.driver.info
        idle, off = psycopg.pq.TransactionStatus.IDLE, psycopg.pq.PipelineStatus.OFF
        return info.transaction_status == idle and info.pipeline_status == off

    def later(self, name: str, /, **parameters: Any) -> Kept:
        """Keeps a named query for the next round trip, which brings its first row. It runs in its place in the order,
        and its error is raised from there."""
        kept = Kept()
        self._kept.append((self._queries[name], parameters, kept))
        return kept

    def afterwards(self, name: str, /, **parameters: Any) -> None:
        """Keeps a named query for after the commit: it is sent along with it, as a transaction of its own."""
        self._after.append((self._queries[name], parameters))

    async def one(self, name: str, /, **parameters: Any) -> Row | None:
        """The first row of a named query, or None."""
        async with self.driver.cursor(row_factory=dict_row) as cursor:
            async with self.sending():
                await cursor.execute(self._queries[name], parameters)
            # Not before the pipeline has ended: asked for within, the answer would cost a round trip of its own.
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
            async with self.sending():
                await cursor.execute(self._queries[name], parameters)
            return await cursor.fetchall()

    async def run(self, name: str, /, **parameters: Any) -> int:
        """Runs a named query for its effect; the number of rows it touched."""
        await self.flush()
        with self._answering():
            async with self.driver.cursor() as cursor:
                await cursor.execute(self._queries[name], parameters)
                return cursor.rowcount

    async def run_many(self, name: str, rows: Sequence[Row]) -> None:
        """Runs a named query once for each set of parameters, without waiting in between."""
        await self.flush()
        with self._answering():
            async with self.driver.cursor() as cursor:
                await cursor.executemany(self._queries[name], rows)

    async def select(self, statement: sa.Select[Any]) -> Sequence[Row]:
        """The rows of a composed query."""
        await self.flush()
        with self._answering():
            rows: Sequence[Row] = (await self._connection.execute(statement)).mappings().all()
        return rows

    async def flush(self) -> None:
        """Sends what was kept, and waits for it."""
        async with self.sending():
            pass

    def _answering(self) -> AbstractContextManager[None]:
        return answering(self.driver, self._bounds.answer_s)

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """What was kept goes first, in the same round trip as what is executed inside."""
        with self._answering():
            if not self._kept:
                yield
                return
            kept, self._kept = self._kept, []
            awaited = []
            async with self.driver.pipeline(), self.driver.cursor() as cursor:
                for text, parameters, place in kept:
                    if place is None:
                        await cursor.execute(text, parameters)
                    else:
                        own = self.driver.cursor(row_factory=dict_row)
                        awaited.append((await own.execute(text, parameters), place))
                yield
            # Not before the pipeline has ended: see `one`.
            for own, place in awaited:
                if own.description is not None:
                    place.row = await own.fetchone()


class Database:
    """An engine and the named queries."""

    def __init__(self, engine: AsyncEngine, queries: Queries | None = None, bounds: Bounds | None = None) -> None:
        self.engine = engine
        self._bounds = bounds or Bounds()
        self._queries = queries if queries is not None else load_queries()

    @asynccontextmanager
    async def transaction(
        self, opening: str | None = None, /, *before: Query, **parameters: Any
    ) -> AsyncIterator[Transaction]:
        """Commits at the end; rolls back when an error passes. `opening` is the query it begins with, whose first row
        is `opened`, behind those `before` it; the first row of each is in `rows`. Raises DatabaseUnavailable,
        NotPermitted."""
        with translated_errors():
            connection, transaction = await self._begin([*before, *([(opening, parameters)] if opening else [])])
            try:
                yield transaction
                await transaction.commit()
            except BaseException:
                await transaction.roll_back()
                raise
            finally:
                await asyncio.shield(_give_back(connection, transaction))

    async def ask(self, question: str, /, *before: Query, **parameters: Any) -> Row | None:
        """The first row of a query that is a transaction by itself, with those `before` it: one round trip. Raises
        DatabaseUnavailable, NotPermitted."""
        return (await self.ask_all(*before, (question, parameters)))[-1]

    async def ask_all(self, *questions: Query) -> Sequence[Row | None]:
        """The first row of each of some queries that are a transaction by themselves: one round trip. Raises
        DatabaseUnavailable, NotPermitted."""
        with translated_errors():
            connection, transaction = await self._begin(questions, alone=True)
            await asyncio.shield(_give_back(connection, transaction))
            return transaction.rows

    async def _begin(self, opening: Sequence[Query], *, alone: bool = False) -> tuple[AsyncConnection, Transaction]:
        """A restart of Postgres breaks every pooled connection; that shows at the first statement, when nothing has
        been done yet, so the next connection is tried: cheaper than asking each one before it is used."""
        while True:
            connection = await self.engine.connect()
            transaction: Transaction | None = None
            try:
                driver = (await connection.get_raw_connection()).driver_connection
                assert isinstance(driver, psycopg.AsyncConnection)
                transaction = Transaction(connection, driver, self._queries, self._bounds)
                fresh = not connection.info.get("used")
                connection.info["used"] = True
                try:
                    await transaction.begin(opening, alone=alone)
                    return connection, transaction
                except (psycopg.OperationalError, psycopg.InterfaceError):
                    if not driver.closed or fresh:
                        raise
                    await connection.invalidate()
            except BaseException:
                await asyncio.shield(_give_back(connection, transaction))
                raise
            await connection.close()

    async def close(self) -> None:
        """Closes every connection."""
        await self.engine.dispose()


async def _give_back(connection: AsyncConnection, transaction: Transaction | None) -> None:
    """Gives a connection back to its pool: one that is lost, or was left in the middle, to be dropped."""
    if transaction is not None and not transaction.is_over():
        await connection.invalidate()
    await connection.close()


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
