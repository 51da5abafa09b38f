"""What row-level security costs: checks as a user among 200,000 exports and 50,000 shares of others.

Each figure is one statement in a transaction of its own as `authenticated`, as the API, the storage server and the
Data API send it, timed from the client; the same as a role that no policy binds shows how much of it is the policy.
"""

import json
import random
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

from benchmarks.figures import Figure, judge

_TARGET_MS = 2.0
_RUNS = 7
_CHECKS = 150
_USERS = 2_000

# One user in two thousand asks; a hundred exports are theirs, and some of others' are shared with them.
_LOAD: tuple[LiteralString, ...] = (
    """
    insert into generator_exports (owner_id, config, plan, seed, engine_version, extension, status, requested_at)
    select ('00000000-0000-0000-0000-' || lpad((i % 2000)::text, 12, '0'))::uuid, '{}', '{}', '1', 1, 'csv',
        'completed', now() - i * interval '1 s'
    from generate_series(1, 200000) as i
    """,
    """
    insert into generator_export_shares (export_id, user_id, role)
    select id, ('00000000-0000-0000-0000-' || lpad((row_number() over () % 2000)::text, 12, '0'))::uuid,
        case when row_number() over () % 3 = 0 then 'viewer' else 'editor' end
    from generator_exports order by md5(id::text) limit 50000
    on conflict do nothing
    """,
    """
    insert into generator_export_events (export_id, seq, kind, status, progress_percent, rows_generated)
    select id, n, 'progress', 'running', 1, 1 from generator_exports, generate_series(1, 2) as n
    """,
    "insert into generator_downloads (export_id, user_id, kind) select id, owner_id, 'signed' from generator_exports",
    "vacuum analyze generator_exports, generator_export_shares, generator_export_events, generator_downloads",
)
# `own`, `shared` and `other` are exports; the last is one that the user must not see.
CHECKS: Mapping[str, LiteralString] = {
    "an export of one's own": "select status from generator_exports where id = %(own)s",
    "an export that is shared with one": "select status from generator_exports where id = %(shared)s",
    "an export of somebody else": "select status from generator_exports where id = %(other)s",
    "a file, as storage asks": (
        "select e.id from generator_exports as e where e.object_path = %(path)s and e.status = 'completed' and ("
        "e.owner_id = (select auth.uid()) or exists (select from generator_export_shares as s "
        "where s.export_id = e.id and s.user_id = (select auth.uid()) and s.role = 'editor'))"
    ),
    "whether one may edit": "select generator_can_edit(%(shared)s)",
    "the events of an export": (
        "select seq from generator_export_events where export_id = %(shared)s and seq > 1 order by seq limit 100"
    ),
    "the shares of an export": "select user_id from generator_export_shares where export_id = %(own)s",
    "a page of own and shared": (
        "select id from generator_exports where owner_id = %(me)s "
        "or id = any (array(select export_id from generator_export_shares where user_id = %(me)s)) "
        "order by requested_at desc, id desc limit 50"
    ),
    "what the Data API lists unasked": "select id from generator_exports order by requested_at desc, id desc limit 50",
}
# The Data API's users may leave out whose exports they want: then the policy is read row by row, and no target is set.
_WITHOUT_TARGET = {"what the Data API lists unasked"}

Connection = psycopg.Connection[Any]


def measure() -> list[Figure]:
    """Figures in milliseconds, each the median of medians, and what the policies add as a ratio."""
    with _crowded() as connection:
        return list(_figures(connection))


def _figures(connection: Connection) -> Iterator[Figure]:
    people = [_person(connection, number) for number in random.Random(7).sample(range(_USERS), 25)] * (_CHECKS // 25)
    for name, query in CHECKS.items():
        with_policies, without = [], []
        target, checks = (None, 8) if name in _WITHOUT_TARGET else (_TARGET_MS, _CHECKS)
        for _ in range(_RUNS):
            # Side by side, since the machine's other work comes and goes.
            with_policies.append(_median_ms(connection, query, people[:checks], role="authenticated"))
            without.append(_median_ms(connection, query, people[:checks], role=None))
        yield judge(f"check: {name}", with_policies, "ms", target=target)
        yield judge(f"without policies: {name}", without, "ms")


def _person(connection: Connection, number: int) -> dict[str, Any]:
    me = f"00000000-0000-0000-0000-{number:012}"
    row = connection.execute(
        """
        select
            (select id from generator_exports where owner_id = %(me)s limit 1),
            (select export_id from generator_export_shares where user_id = %(me)s and role = 'editor' limit 1),
            (select id from generator_exports as e where owner_id <> %(me)s and not exists (
                select from generator_export_shares as s where s.export_id = e.id and s.user_id = %(me)s) limit 1),
            (select object_path from generator_exports where owner_id = %(me)s limit 1)
        """,
        {"me": me},
    ).fetchone()
    assert row is not None
    return {"me": me, "own": row[0], "shared": row[1], "other": row[2], "path": row[3]}


def _median_ms(
    connection: Connection, query: LiteralString, people: list[dict[str, Any]], *, role: str | None
) -> float:
    times = []
    for number in range(_CHECKS):
        person = people[number % len(people)]
        with connection.transaction():
            if role is not None:
                connection.execute("select set_config('role', %s, true)", [role])
            claims = json.dumps({"sub": person["me"], "role": "authenticated"})
            connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
            began = time.perf_counter()
            connection.execute(query, person).fetchall()
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


@contextmanager
def _crowded() -> Iterator[Connection]:
    """A migrated database of many, on an embedded server."""
    from app.adapters.postgres.migrations import upgrade
    from app.embedded import EmbeddedPostgres

    with EmbeddedPostgres.start(durable=False) as server:
        upgrade(server.url())
        with psycopg.connect(server.url(), autocommit=True) as connection:
            for statement in _LOAD:
                connection.execute(statement)
            yield connection
