"""Exports without an engine behind them, and events written as workers write them."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg

_APPEND = "select generator_append_event(%s, 'progress', '{}')"
# The same row without the word of it.
_APPEND_SILENTLY = """
with numbered as (
    update generator_exports set last_seq = last_seq + 1 where id = %s
    returning id, last_seq, status, progress_percent, rows_generated
)
insert into generator_export_events (export_id, seq, kind, status, progress_percent, rows_generated)
select id, last_seq, 'progress', status, progress_percent, rows_generated from numbered returning seq
"""


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
        self.late_s = 0.0

    async def write(self, exports: Sequence[UUID], per_second: float, seconds: float, *, notify: bool = True) -> None:
        """`per_second` events in all, going round the exports."""
        total = round(per_second * seconds)
        began = time.monotonic()

        async def one(first: int) -> None:
            async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                for number in range(first, total, self._connections):
                    due = began + number / per_second
                    wait_s = due - time.monotonic()
                    if wait_s > 0:
                        await asyncio.sleep(wait_s)
                    self.late_s = max(self.late_s, -wait_s)
                    topic = number % len(exports)
                    await self.append(connection, topic, exports[topic], notify=notify)

        await asyncio.gather(*(one(first) for first in range(self._connections)))

    async def append(
        self, connection: "psycopg.AsyncConnection[Any]", topic: int, export_id: UUID, *, notify: bool = True
    ) -> None:
        """One event."""
        moment = time.time()
        cursor = await connection.execute(_APPEND if notify else _APPEND_SILENTLY, [export_id])
        row = await cursor.fetchone()
        assert row is not None
        self.begun[topic, row[0]] = moment


async def commits_per_second(url: str, exports: Sequence[UUID], seconds: float, *, notify: bool) -> float:
    """How many events eight connections can write, as fast as they can, each on exports of its own."""
    stop = time.monotonic() + seconds
    done = [0] * 8

    async def one(index: int) -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            mine = exports[index::8]
            while time.monotonic() < stop:
                await connection.execute(_APPEND if notify else _APPEND_SILENTLY, [mine[done[index] % len(mine)]])
                done[index] += 1

    began = time.monotonic()
    await asyncio.gather(*(one(index) for index in range(8)))
    return sum(done) / (time.monotonic() - began)
