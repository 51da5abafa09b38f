"""Exports without an engine behind them, and events written as workers write them."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID, uuid4

import psycopg

Way = Literal["within", "after", "never"]
# NOTIFY in the event's own transaction.
_WITHIN = "select generator_append_event(%s, 'progress', '{}')"
_QUIETLY = "select seedbed.append_event(%s, 'progress', '{}')"
# As workers tell of progress: see sql/queries/exports.sql.
_AFTER = "select set_config('synchronous_commit', 'off', true), pg_notify('test-data-exports-progress', %s)"


async def append(connection: "psycopg.AsyncConnection[Any]", export_id: UUID, way: Way) -> int:
    """An event, with word of it within its transaction, after it, or never; its number."""
    if way != "after":
        cursor = await connection.execute(_WITHIN if way == "within" else _QUIETLY, [export_id])
    else:
        async with connection.pipeline():
            await connection.execute("begin")
            cursor = await connection.execute(_QUIETLY, [export_id])
            await connection.execute("commit")
            await connection.execute(_AFTER, [str(export_id)])
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def make_exports(url: str, owner: UUID, count: int) -> list[UUID]:
    """Running exports of one owner."""
    made = [uuid4() for _ in range(count)]
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into generator_exports (id, owner_id, config, plan, seed, engine_version, status, format,"
            " file_name, extension, content_type, rows_total, parts_total)"
            " values (%s, %s, '{}', '{}', 's', 1, 'running', 'csv', 'x.csv', 'csv', 'text/csv', 1000, 1)",
            [(export_id, owner) for export_id in made],
        )
    return made


class Writer:
    """Appends events at a steady rate and notes when each was begun to be written."""

    def __init__(self, url: str, connections: int = 4) -> None:
        self._url = url
        self._connections = connections
        self.begun: dict[tuple[int, int], float] = {}

    async def write(self, exports: Sequence[UUID], per_second: float, seconds: float, way: Way = "after") -> None:
        """`per_second` events in all, going round the exports."""
        total = round(per_second * seconds)
        began = time.monotonic()

        async def one(first: int) -> None:
            async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                for number in range(first, total, self._connections):
                    wait_s = began + number / per_second - time.monotonic()
                    if wait_s > 0:
                        await asyncio.sleep(wait_s)
                    topic = number % len(exports)
                    moment = time.time()
                    self.begun[topic, await append(connection, exports[topic], way)] = moment

        await asyncio.gather(*(one(first) for first in range(self._connections)))


async def commits_per_second(url: str, exports: Sequence[UUID], seconds: float, way: Way) -> float:
    """How many events eight connections can write, as fast as they can, each on exports of its own."""
    stop = time.monotonic() + seconds
    done = [0] * 8

    async def one(index: int) -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            mine = exports[index::8]
            while time.monotonic() < stop:
                await append(connection, mine[done[index] % len(mine)], way)
                done[index] += 1

    began = time.monotonic()
    await asyncio.gather(*(one(index) for index in range(8)))
    return sum(done) / (time.monotonic() - began)
