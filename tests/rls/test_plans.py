"""What policies add to a query is answered from indexes: its cost does not grow with other people's exports."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, LiteralString

import psycopg
import pytest

from tests.conftest import Databases
from tests.rls.world import Connection

_ME = "00000000-0000-0000-0000-000000000007"

_LOAD: LiteralString = """
insert into generator_exports (owner_id, config, plan, seed, engine_version, extension, status, requested_at)
select ('00000000-0000-0000-0000-' || lpad((i % 200)::text, 12, '0'))::uuid, '{}', '{}', '1', 1, 'csv',
    'completed', now() - i * interval '1 s'
from generate_series(1, 8000) as i;
insert into generator_export_shares (export_id, user_id, role)
select id, ('00000000-0000-0000-0000-' || lpad((row_number() over () % 50)::text, 12, '0'))::uuid, 'editor'
from generator_exports order by id limit 2000
on conflict do nothing;
insert into generator_export_events (export_id, seq, kind, status, progress_percent, rows_generated)
select id, n, 'progress', 'running', 1, 1 from generator_exports, generate_series(1, 3) as n;
insert into generator_downloads (export_id, user_id, kind) select id, owner_id, 'signed' from generator_exports;
analyze generator_exports, generator_export_shares, generator_export_events, generator_downloads;
"""

QUERIES: Mapping[str, LiteralString] = {
    "one export": "select status from generator_exports where id = %(id)s",
    "its events": "select seq from generator_export_events where export_id = %(id)s and seq > 1 order by seq limit 100",
    "its parts": "select part_no, state from generator_export_parts where export_id = %(id)s",
    "its shares": "select user_id from generator_export_shares where export_id = %(id)s",
    "its downloads": "select user_id from generator_downloads where export_id = %(id)s",
    "its file, as storage asks": "select id from generator_exports where object_path = %(id)s || '/x.csv'",
    "a page of one's own": (
        "select id from generator_exports where owner_id = %(me)s order by requested_at desc, id desc limit 50"
    ),
    # The policy alone cannot be looked up in an index, being an OR with a subquery: listings say what they want.
    "a page of own and shared": (
        "select id from generator_exports where owner_id = %(me)s "
        "or id = any (array(select export_id from generator_export_shares where user_id = %(me)s)) "
        "order by requested_at desc, id desc limit 50"
    ),
    "what was shared with me": "select export_id, role from generator_export_shares where user_id = %(me)s",
}


@pytest.fixture(scope="module")
def crowded(databases: Databases) -> Iterator[Connection]:
    """A database with enough exports of others that reading all of them would be the slower plan."""
    name = databases.create(databases.migrated_template())
    with psycopg.connect(databases.url(name)) as connection:
        connection.execute(_LOAD)
        connection.commit()
        yield connection
    databases.drop(name)


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _scanned(connection: Connection, query: LiteralString) -> set[str]:
    """Tables that the query, run as a user, would read from end to end."""
    found = connection.execute(
        "select e.id from generator_exports as e where not exists "
        "(select from generator_export_shares as s where s.export_id = e.id) and e.owner_id <> %s limit 1",
        [_ME],
    ).fetchone()
    assert found is not None
    # Partitions of days to come: there is nothing in them that an index could help to find.
    empty = connection.execute(
        "select relid::regclass::text from pg_partition_tree('generator_export_events') "
        "where isleaf and pg_relation_size(relid) = 0"
    ).fetchall()
    connection.execute("select set_config('role', 'authenticated', true)")
    connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps({"sub": _ME})])
    row = connection.execute(
        psycopg.sql.SQL("explain (format json) ") + psycopg.sql.SQL(query), {"id": found[0], "me": _ME}
    ).fetchone()
    assert row is not None
    scanned = {node["Relation Name"] for node in _nodes(row[0][0]["Plan"]) if node["Node Type"] == "Seq Scan"}
    return scanned - {name.removeprefix("seedbed.") for (name,) in empty}


@pytest.mark.parametrize("query", QUERIES)
def test_a_check_reads_no_table_from_end_to_end(crowded: Connection, query: str) -> None:
    """Each access under policies goes through an index, that of the policies' own subqueries included."""
    with crowded.transaction(force_rollback=True):
        assert _scanned(crowded, QUERIES[query]) <= {"generator_export_parts"}  # which is empty here


def test_a_policy_that_needs_a_scan_is_noticed(crowded: Connection) -> None:
    """Without the index that the policy stands on, the test above would fail."""
    with crowded.transaction(force_rollback=True):
        crowded.execute("alter table generator_export_shares drop constraint generator_export_shares_pkey")
        crowded.execute("drop index generator_export_shares_user_idx")
        assert "generator_export_shares" in _scanned(crowded, QUERIES["one export"])
