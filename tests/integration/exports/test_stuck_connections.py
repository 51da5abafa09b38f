"""Connections that are neither lost nor alive: nobody waits for them for ever, and they keep nothing from others."""

import asyncio
from typing import Any, LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import sqlalchemy as sa

from app.adapters.postgres.connections import Bounds, Database, open_engine
from app.errors import DatabaseUnavailable
from app.exports.ledger import Claim
from tests.fixtures.tcp_proxy import TcpProxy
from tests.integration.exports.story import start
from tests.integration.exports.world import World


def through(proxy: TcpProxy, database_url: str) -> str:
    """The database's URL, by way of the proxy."""
    parts = urlsplit(database_url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{proxy.port}"))


async def test_a_silent_server_is_not_waited_for_for_ever(world: World) -> None:
    """The peer takes what it is sent and says nothing, which TCP calls healthy: an error comes within the bound, and
    the next transaction works."""
    with TcpProxy(urlsplit(world.database_url).port or 5432) as proxy:
        bounds = Bounds(1.0)
        engine = open_engine(
            through(proxy, world.database_url), pool_size=1, application_name="silent test", bounds=bounds
        )
        database = Database(engine, bounds=bounds)
        try:
            async with asyncio.timeout(20):
                with pytest.raises(DatabaseUnavailable):  # noqa: PT012  # it is the statement after the silence
                    async with database.transaction("try_rescue_lock") as transaction:
                        proxy.set("half_open")
                        await transaction.one("try_rescue_lock")
                proxy.set("pass")
                async with database.transaction("try_rescue_lock"):
                    pass
                proxy.set("half_open")
                # Nothing was done on it yet: the next connection is tried in its place.
                async with database.transaction("try_rescue_lock") as transaction:
                    assert transaction.opened is not None
        finally:
            await database.close()


async def test_a_lock_is_not_waited_for_for_ever(world: World) -> None:
    """What waits for a lock gives up, and says so as it does of an outage: the work is tried again."""
    bounds = Bounds(0.6)
    engine = open_engine(world.database_url, pool_size=2, application_name="bounds test", bounds=bounds)
    database = Database(engine, bounds=bounds)
    try:
        export = await start(world)
        async with database.transaction("lock_export", export_id=export.id):
            with pytest.raises(DatabaseUnavailable) as waited:
                async with database.transaction("lock_export", export_id=export.id):
                    pass
        assert waited.value.facts["reason"] == "LockNotAvailable"
    finally:
        await database.close()


@pytest.mark.parametrize("sending", [True, False], ids=["while-sending", "between-statements"])
async def test_a_process_that_stopped_in_a_transaction_keeps_no_lock(world: World, sending: bool) -> None:
    """It holds its export's row where no timeout of the server reaches it; the rescue ends such a session once it has
    been still for too long, and others go on."""
    export = await start(world)
    stopped = await psycopg.AsyncConnection.connect(
        world.database_url, autocommit=True, application_name="seedbed worker"
    )
    async with stopped:
        pipeline = stopped.pipeline()
        await pipeline.__aenter__()
        cursor = stopped.cursor()
        await cursor.execute("begin")
        await cursor.execute("select 1 from public.generator_exports where id = %s for update", [export.id])
        if sending:
            await cursor.fetchone()  # the answers are here, and the end of the pipeline was never sent
        else:
            await pipeline.__aexit__(None, None, None)
        assert await world.upkeep.free_stuck_sessions(60.0) == 0
        async with asyncio.timeout(10):
            while not await world.upkeep.free_stuck_sessions(0.1):  # noqa: ASYNC110  # it happens in the database
                await asyncio.sleep(0.05)
            claim = await world.ledger.claim(export.id, 0, 30.0)
        assert isinstance(claim, Claim)
        with pytest.raises(psycopg.OperationalError):
            await (pipeline.__aexit__(None, None, None) if sending else stopped.execute("select 1"))


async def test_whoever_is_cancelled_leaves_a_whole_connection(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whatever step of its work: the next one's statements have the rows that are theirs."""
    # The driver lets others run now and then, also between entering a pipeline and saying so: here each time.
    monkeypatch.setattr("psycopg.waiting.MAX_BUSY_TIME", 0.0)
    database = Database(open_engine(world.database_url, pool_size=1, application_name="cancel test"))
    try:
        for steps in range(60):
            work = asyncio.create_task(_look_around(database))
            for _ in range(steps):
                await asyncio.sleep(0)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            async with database.transaction("try_rescue_lock") as transaction:
                found = await transaction.select(sa.select(sa.literal(steps).label("steps")))
                assert [row["steps"] for row in found] == [steps]
    finally:
        await database.close()


async def test_whoever_is_cancelled_while_connecting_leaves_no_connection(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is closed at once, and not when the collector finds it."""

    class Endless(Bounds):
        def told(self) -> tuple[LiteralString, dict[str, str | bool]]:
            return "select pg_sleep(600)", {}

    opened: list[psycopg.AsyncConnection[Any]] = []
    connect = psycopg.AsyncConnection.connect

    async def recorded(*arguments: Any, **named: Any) -> "psycopg.AsyncConnection[Any]":
        opened.append(await connect(*arguments, **named))
        return opened[-1]

    async def sleeping() -> bool:
        query = "select from pg_stat_activity where datname = current_database() and query = 'select pg_sleep(600)'"
        return (await (await watcher.execute(query)).fetchone()) is not None

    watcher = await connect(world.database_url, autocommit=True)
    monkeypatch.setattr(psycopg.AsyncConnection, "connect", recorded)
    database = Database(open_engine(world.database_url, pool_size=1, application_name="cancel test", bounds=Endless()))
    try:
        work = asyncio.create_task(_look_around(database))
        async with asyncio.timeout(10):
            while not await sleeping():  # noqa: ASYNC110  # it happens in the database
                await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert [connection.closed for connection in opened] == [True]
    finally:
        await watcher.close()
        await database.close()


async def _look_around(database: Database) -> None:
    async with database.transaction("try_rescue_lock") as transaction:
        await transaction.select(sa.select(sa.literal(1)))
        transaction.later("try_rescue_lock")
        await transaction.one("try_rescue_lock")
