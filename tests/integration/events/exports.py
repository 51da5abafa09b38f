"""Exports and events written straight into the tables, for tests of those who read them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

Connection = psycopg.AsyncConnection[Any]


async def insert_export(
    connection: Connection, owner_id: UUID, *, status: str = "running", rows_total: int = 1000
) -> UUID:
    """An export without events."""
    export_id = uuid4()
    await connection.execute(
        """
        insert into generator_exports (
            id, owner_id, config, plan, seed, engine_version, status, format, file_name, extension, content_type,
            rows_total, parts_total
        )
        values (%s, %s, '{}', '{}', 's', 1, %s, 'csv', 'x.csv', 'csv', 'text/csv', %s, 1)
        """,
        [export_id, owner_id, status, rows_total],
    )
    return export_id


async def append_event(
    connection: Connection, export_id: UUID, kind: str = "progress", *, status: str | None = None
) -> int:
    """Writes an event the way the service does, with its notification."""
    async with connection.transaction():
        if status is not None:
            await connection.execute("update generator_exports set status = %s where id = %s", [status, export_id])
        cursor = await connection.execute("select generator_append_event(%s, %s)", [export_id, kind])
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def append_silently(connection: Connection, export_id: UUID, *, at: datetime | None = None) -> None:
    """Writes an event of which nobody is notified."""
    await connection.execute(
        """
        with numbered as (
            update generator_exports set last_seq = last_seq + 1 where id = %s
            returning id, last_seq, status, progress_percent, rows_generated
        )
        insert into generator_export_events (
            export_id, seq, kind, status, progress_percent, rows_generated, created_at
        )
        select id, last_seq, 'progress', status, progress_percent, rows_generated, coalesce(%s, now()) from numbered
        """,
        [export_id, at],
    )


async def kill_connections(connection: Connection, application: str) -> int:
    """Ends the sessions of that name in this database; how many there were."""
    cursor = await connection.execute(
        """
        select count(pg_terminate_backend(pid)) from pg_stat_activity
        where application_name = %s and datname = current_database()
        """,
        [application],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])
