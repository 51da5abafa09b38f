"""How many connections a process keeps: what its last minutes needed, not what its busiest moment did."""

import asyncio

import psycopg

from app.adapters.postgres.connections import Database, open_engine
from app.adapters.postgres.pool import IDLE_S, ElasticPool
from tests.integration.exports.world import World

_NAME = "pool test"


async def test_connections_of_a_busy_moment_are_closed_again(world: World) -> None:
    """One in each while in which one was to spare, down to what is used at once; a next busy moment has its own."""
    engine = open_engine(world.database_url, pool_size=6, application_name=_NAME)
    database, pool = Database(engine), engine.pool
    assert isinstance(pool, ElasticPool)
    now_s = 1000.0
    pool.clock = lambda: now_s

    async def together(count: int) -> int:
        """So many transactions at one moment; the connections that are there afterwards."""
        barrier = asyncio.Barrier(count)

        async def one() -> None:
            async with database.transaction("try_rescue_lock"):
                await barrier.wait()

        await asyncio.gather(*(one() for _ in range(count)))
        return pool.checkedin()

    try:
        assert await together(6) == 6
        seen = []
        for _ in range(6):
            now_s += IDLE_S
            seen.append(await together(2))
            assert await together(2) == seen[-1], "more than one was closed in one while"
        assert seen == [6, 5, 4, 3, 2, 2]
        # A session ends a moment after its connection.
        async with asyncio.timeout(30):
            while _sessions(world) != 2:  # noqa: ASYNC110  # it happens in the database
                await asyncio.sleep(0.01)
        assert await together(6) == 6
        # All of them are needed once in this while, so none of them goes at its end.
        now_s += IDLE_S / 2
        assert await together(6) == 6
        now_s += IDLE_S / 2
        assert await together(2) == 6
    finally:
        await database.close()


def _sessions(world: World) -> int:
    query = "select count(*) from pg_stat_activity where application_name = %s"
    with psycopg.connect(world.database_url, autocommit=True) as connection:
        return int(connection.execute(query, [_NAME]).fetchall()[0][0])
