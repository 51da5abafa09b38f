"""Events are kept by days: each day's partition is made ahead, shut, looked into by few reads, and dropped as a whole."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest

from app.adapters.postgres.migrations import downgrade, upgrade
from app.adapters.postgres.queries import load_queries
from tests.conftest import Databases
from tests.integration.schema.lints import RULES

Connection = psycopg.Connection[tuple[Any, ...]]
PARTITIONS: LiteralString = "select name from seedbed.event_partitions() order by ends"
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


def insert_export(connection: Connection, *, status: str = "running", age_days: float = 0) -> UUID:
    """An export that was asked for, and if it has ended ended, so many days ago."""
    row = connection.execute(
        "insert into generator_exports (owner_id, config, plan, seed, engine_version, extension, status, requested_at,"
        " finished_at) select gen_random_uuid(), '{}', '{}', '1', 1, 'csv', %(status)s, at,"
        " case when %(status)s = any ('{queued,running,cancelling}') then null else at end"
        " from (select now() - make_interval(secs => 86400 * %(age)s::float8) as at) as t returning id",
        {"status": status, "age": age_days},
    ).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


def insert_events(connection: Connection, export_id: UUID, *moments: datetime) -> None:
    """Events with the numbers that follow, made at these moments."""
    for moment in moments:
        connection.execute(
            "with n as (update generator_exports set last_seq = last_seq + 1 where id = %s returning id, last_seq)"
            " insert into generator_export_events"
            " (export_id, seq, kind, status, progress_percent, rows_generated, created_at)"
            " select id, last_seq, 'progress', 'running', 1, 1, %s from n",
            [export_id, moment],
        )


def make_day(connection: Connection, day: datetime) -> str:
    """The partition of a day that is over."""
    name = f"events_{day:%Y%m%d}"
    connection.execute(
        f"create table seedbed.{name} partition of generator_export_events"
        f" for values from ('{day.isoformat()}') to ('{(day + timedelta(days=1)).isoformat()}')".encode()
    )
    return f"seedbed.{name}"


def partitions(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute(PARTITIONS)]


def where(connection: Connection, export_id: UUID) -> list[tuple[int, str]]:
    """The export's events, and the partition of each."""
    rows = connection.execute(
        "select seq, tableoid::regclass::text from generator_export_events where export_id = %s order by seq",
        [export_id],
    )
    return [(seq, name) for seq, name in rows]


def make(connection: Connection, days_ahead: int) -> list[str]:
    row = connection.execute("select seedbed.make_event_partitions(%s)", [days_ahead]).fetchone()
    assert row is not None
    found: list[str] = row[0]
    return found


def drop(connection: Connection, name: str, age_s: int = 86_400) -> bool:
    row = connection.execute("select seedbed.drop_event_partition(%s, %s)", [name, age_s]).fetchone()
    assert row is not None
    return bool(row[0])


def test_the_days_ahead_have_their_partitions(connection: Connection) -> None:
    """A migrated database has a week of them; what is missing is made, once."""
    names = [f"seedbed.events_{TODAY + timedelta(days=n):%Y%m%d}" for n in range(11)]
    assert partitions(connection) == names[:8]
    connection.execute(f"drop table {names[3]}".encode())
    assert [f"seedbed.{name}" for name in make(connection, 10)] == [names[3], *names[8:]]
    assert partitions(connection) == names
    assert make(connection, 10) == []


def test_made_partitions_keep_every_rule(connection: Connection) -> None:
    """Those of the migration and those of a worker: shut to everybody, indexed, described, with their foreign key."""
    make(connection, 12)
    for rule in RULES:
        assert connection.execute(rule.offenders).fetchall() == [], rule.reason
    export = insert_export(connection)
    insert_events(connection, export, TODAY + timedelta(days=11, hours=1))
    name = f"seedbed.events_{TODAY + timedelta(days=11):%Y%m%d}"
    assert where(connection, export) == [(1, name)]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        connection.execute(
            "insert into generator_export_events (export_id, seq, kind, status, progress_percent, rows_generated,"
            " created_at) values (gen_random_uuid(), 1, 'progress', 'running', 1, 1, %s)",
            [TODAY + timedelta(days=11)],
        )
    for role in ("anon", "authenticated", "service_role"):
        with connection.transaction(force_rollback=True):
            connection.execute(f"set local role {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select from {name}".encode())
    connection.execute("delete from generator_exports where id = %s", [export])
    assert where(connection, export) == []


def test_an_event_of_a_day_without_partition_is_kept(connection: Connection) -> None:
    """It goes to the default partition, and the day is left to that: a partition beside it is not made."""
    export = insert_export(connection)
    insert_events(connection, export, TODAY + timedelta(days=9, hours=1))
    assert where(connection, export) == [(1, "seedbed.events_default")]
    assert make(connection, 10) == [f"events_{TODAY + timedelta(days=n):%Y%m%d}" for n in (8, 10)]


def test_a_lock_that_is_held_is_not_waited_for(connection: Connection, database_url: str) -> None:
    """While somebody writes an export, or reads events, nothing is made or dropped; afterwards it is."""
    old = make_day(connection, TODAY - timedelta(days=40))
    with psycopg.connect(database_url) as other:
        other.execute("select from generator_exports for update")
        other.execute("select from generator_export_events")
        assert make(connection, 10) == []
        assert not drop(connection, old)
    assert old in partitions(connection)
    assert len(make(connection, 10)) == 3
    assert drop(connection, old)
    assert old not in partitions(connection)


def test_one_at_a_time(connection: Connection, database_url: str) -> None:
    """Under an advisory lock: a second worker finds nothing to do."""
    old = make_day(connection, TODAY - timedelta(days=40))
    with psycopg.connect(database_url) as other:
        other.execute("select pg_advisory_xact_lock(hashtextextended('seedbed event partitions', 0))")
        assert make(connection, 10) == []
        assert not drop(connection, old)


@pytest.mark.parametrize(
    ("status", "age_days", "wanted"),
    [("completed", 39.0, False), ("completed", 0.5, True), ("failed", 39.0, False), ("running", 40.0, True)],
)
def test_a_day_is_dropped_when_nobody_wants_it(
    connection: Connection, status: str, age_days: float, wanted: bool
) -> None:
    """An export that has not ended, or has ended since, keeps the days of its first events; others do not."""
    day = TODAY - timedelta(days=40)
    name = make_day(connection, day)
    export = insert_export(connection, status=status, age_days=age_days)
    connection.execute("update generator_exports set requested_at = %s where id = %s", [day, export])
    insert_events(connection, export, day + timedelta(hours=1), TODAY)
    found = connection.execute("select name, wanted from seedbed.old_event_partitions(86400)").fetchall()
    assert found == [(name, wanted)]
    assert drop(connection, name) is not wanted
    assert len(where(connection, export)) == 1 + wanted


def test_a_young_day_is_never_dropped(connection: Connection) -> None:
    """Whoever asks for it by name: the day of the retention's end is kept until all of it is over."""
    name = make_day(connection, TODAY - timedelta(days=1))
    assert not drop(connection, name, 86_400)
    assert not drop(connection, "seedbed.events_default")
    assert drop(connection, name, 0)


def test_rows_of_before_are_the_first_partition(empty_database_url: str) -> None:
    """No row is copied or lost on the way up; the next days follow it; the way down brings them back."""
    upgrade(empty_database_url, "0009")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        export = insert_export(connection)
        insert_events(connection, export, *(TODAY - timedelta(days=n) for n in (40, 3, 0)), datetime.now(UTC))
        before = connection.execute("select * from generator_export_events order by seq").fetchall()
        node = connection.execute("select pg_relation_filenode('generator_export_events')").fetchone()
        upgrade(empty_database_url)
        assert connection.execute("select * from generator_export_events order by seq").fetchall() == before
        assert connection.execute("select pg_relation_filenode('seedbed.events_before')").fetchone() == node
        assert partitions(connection)[0] == "seedbed.events_before"
        row = connection.execute("select generator_append_event(%s, 'completed')", [export]).fetchone()
        assert row == (5,)
        assert {name for _, name in where(connection, export)} == {"seedbed.events_before"}
        assert len(partitions(connection)) == 9
        for rule in RULES:
            assert connection.execute(rule.offenders).fetchall() == [], rule.reason
        after = connection.execute("select * from generator_export_events order by seq").fetchall()
        downgrade(empty_database_url, "0009")
        assert connection.execute("select * from generator_export_events order by seq").fetchall() == after


def test_an_index_that_was_built_beforehand_is_used(empty_database_url: str) -> None:
    """As docs/ops/migrations.md advises for large tables: the migration builds no second one."""
    upgrade(empty_database_url, "0009")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        insert_events(connection, insert_export(connection), TODAY)
        connection.execute(
            "create unique index concurrently events_before_pkey"
            " on public.generator_export_events (export_id, seq, created_at)"
        )
        node = connection.execute("select pg_relation_filenode('events_before_pkey')").fetchone()
        upgrade(empty_database_url)
        assert connection.execute("select pg_relation_filenode('seedbed.events_before_pkey')").fetchone() == node


@pytest.fixture(scope="module")
def many_days(databases: Databases) -> Iterator[Connection]:
    """A database with events of sixty days, in a partition each."""
    name = databases.create(databases.migrated_template())
    with psycopg.connect(databases.url(name)) as opened:
        for n in range(1, 61):
            make_day(opened, TODAY - timedelta(days=n))
        opened.execute("""
            insert into generator_exports (owner_id, config, plan, seed, engine_version, extension, status, requested_at)
            select gen_random_uuid(), '{}', '{}', '1', 1, 'csv', 'running', now() - d * interval '1 day'
            from generate_series(0, 60) as d, generate_series(1, 50) as i;
            insert into generator_export_events
                (export_id, seq, kind, status, progress_percent, rows_generated, created_at)
            select id, n, 'progress', 'running', 1, 1, requested_at from generator_exports, generate_series(1, 20) as n;
        """)
        opened.commit()
        opened.autocommit = True
        opened.execute("vacuum analyze generator_exports, generator_export_events")
        yield opened
    databases.drop(name)


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def planned(connection: Connection, query: str, parameters: Mapping[str, Any]) -> dict[str, int]:
    """Partitions that a query's plan names, with the rows that were read there and left aside."""
    text = psycopg.sql.SQL("explain (analyze, format json) ") + psycopg.sql.SQL(load_queries()[query])
    row = connection.execute(text, parameters).fetchone()
    assert row is not None
    found = row[0] if isinstance(row[0], list) else json.loads(row[0])
    return {
        node["Relation Name"]: node.get("Rows Removed by Filter", 0)
        for node in _nodes(found[0]["Plan"])
        if node.get("Relation Name", "").startswith("events_")
    }


def test_reads_look_into_few_days(many_days: Connection) -> None:
    """What follows live exports plans for the days around today alone, and finds events by their export's index there."""
    rows = many_days.execute("select id from generator_exports order by requested_at desc limit 50").fetchall()
    young = [export_id for (export_id,) in rows]
    first = many_days.execute("select id from generator_exports order by requested_at limit 1").fetchone()
    assert first is not None
    days = {"from_day": TODAY - timedelta(days=1), "to_day": TODAY + timedelta(days=2)}
    since = {"since": datetime.now(UTC) - timedelta(minutes=5)}
    near = {f"events_{TODAY + timedelta(days=n):%Y%m%d}" for n in (-1, 0, 1)}
    reads: dict[str, Mapping[str, Any]] = {
        "hub_events": {"export_ids": young, "cursors": [18] * 50, "limit": 200},
        "events_after": {"export_id": young[0], "seq": 18, "limit": 200},
        "hub_audience": {"export_ids": young, "user_ids": young, **since},
        "hub_recent_exports": {"user_ids": young, "within_s": 10.0},
    }
    for name, parameters in reads.items():
        found = planned(many_days, name, {**parameters, **days})
        assert found.keys() <= near, name
    # An old one still going on is looked for in all of its days: each is one probe.
    all_days = {"from_day": TODAY - timedelta(days=61), "to_day": TODAY + timedelta(days=2)}
    found = planned(many_days, "events_after", {"export_id": first[0], "seq": 0, "limit": 200, **all_days})
    assert len(found) > 60
    assert max(found.values()) == 0
