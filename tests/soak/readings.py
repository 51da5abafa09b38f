"""What is read of a running service every few seconds: memory, open files, connections, tables."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg

from benchmarks.exporting.consumption import tree_open_files, tree_pss_bytes
from benchmarks.exporting.service import Service

_CONNECTIONS = """
select application_name, count(*)
from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
group by 1
"""
_LONGEST_TRANSACTION = """
select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8
from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
"""
# Dead rows beyond these set autovacuum off, by the formula of its documentation; a table may have its own terms.
_TABLES = """
select s.schemaname || '.' || s.relname, s.n_live_tup, s.n_dead_tup, pg_total_relation_size(s.relid),
    pg_indexes_size(s.relid), s.autovacuum_count,
    s.n_dead_tup > coalesce(o.threshold, current_setting('autovacuum_vacuum_threshold')::float8)
        + coalesce(o.scale, current_setting('autovacuum_vacuum_scale_factor')::float8) * greatest(c.reltuples, 0)
from pg_stat_user_tables as s
join pg_class as c on c.oid = s.relid
cross join lateral (
    select
        max(option_value::float8) filter (where option_name = 'autovacuum_vacuum_threshold') as threshold,
        max(option_value::float8) filter (where option_name = 'autovacuum_vacuum_scale_factor') as scale
    from pg_options_to_table(c.reloptions)
    where option_name like 'autovacuum_vacuum%'
) as o
where s.schemaname in ('public', 'queue', 'seedbed')
"""


@dataclass(frozen=True, slots=True)
class TableReading:
    live: int
    dead: int
    bytes: int
    index_bytes: int
    vacuumed: int
    # More dead rows than autovacuum waits for.
    due: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One look; `at_s` since the first. Memory in bytes (PSS) and open files are by process, with its children."""

    at_s: float
    memory: Mapping[str, int]
    open_files: Mapping[str, int]
    connections: Mapping[str, int]
    longest_transaction_s: float
    tables: Mapping[str, TableReading]


@dataclass
class Readings:
    """Looks at `processes` (name → pid) and at the database of a service, until it is cancelled."""

    service: Service
    processes: Mapping[str, int]
    every_s: float = 10.0
    taken: list[Reading] = field(default_factory=list)

    async def keep(self) -> None:
        """Takes a reading every few seconds."""
        began = time.monotonic()
        url = self.service.database_url
        async with await psycopg.AsyncConnection.connect(url, autocommit=True, application_name="soak") as connection:
            while True:
                self.taken.append(await self._read(connection, time.monotonic() - began))
                await asyncio.sleep(self.every_s)

    async def _read(self, connection: psycopg.AsyncConnection, at_s: float) -> Reading:
        # An idle session tells what it has changed with a delay; reading does not wait for it.
        tables = await (await connection.execute(_TABLES)).fetchall()
        connections = await (await connection.execute(_CONNECTIONS)).fetchall()
        (longest,) = (await (await connection.execute(_LONGEST_TRANSACTION)).fetchone()) or (0.0,)
        memory = {name: await asyncio.to_thread(tree_pss_bytes, pid) for name, pid in self.processes.items()}
        files = {name: await asyncio.to_thread(tree_open_files, pid) for name, pid in self.processes.items()}
        return Reading(
            at_s, memory, files, {str(name): int(count) for name, count in connections}, float(longest),
            {str(name): TableReading(*facts) for name, *facts in tables},
        )  # fmt: skip
