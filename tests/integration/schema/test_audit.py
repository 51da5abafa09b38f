"""The views of `sql/audit/` answer what their first lines ask."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

_SETUP = """
insert into generator_exports (
    id, owner_id, config, plan, seed, engine_version, extension, status, rows_generated, bytes, attempts,
    requested_at, started_at, finished_at, expires_at, error_details
)
select
    ('00000000-0000-0000-0000-0000000001' || n)::uuid, '00000000-0000-0000-0000-000000000001', '{}', '{}', '1', 1,
    'csv', status, rows, bytes, attempts, '2024-05-01 10:00+00', '2024-05-01 10:00+00'::timestamptz + wait,
    '2024-05-01 10:00+00'::timestamptz + wait + run, '2024-05-08 10:00+00', details
from (
    values
        ('01', 'completed', 100, 1000, 0, interval '1 s', interval '10 s', null::jsonb),
        ('02', 'completed', 200, 2000, 1, interval '3 s', interval '20 s', null),
        ('03', 'failed', 50, null, 3, interval '1 s', interval '5 s', '{"code": "storage_failed"}'),
        ('04', 'cancelled', 0, null, 0, interval '1 s', interval '5 s', null),
        ('05', 'completed', 300, 3000, 0, interval '2 s', interval '30 s', null)
) as e (n, status, rows, bytes, attempts, wait, run, details);
insert into generator_downloads (export_id, user_id, kind)
values
    ('00000000-0000-0000-0000-000000000105', '00000000-0000-0000-0000-000000000001', 'signed'),
    ('00000000-0000-0000-0000-000000000101', '00000000-0000-0000-0000-000000000002', 'download');
delete from generator_exports where id = '00000000-0000-0000-0000-000000000105';
"""

Row = dict[str, Any]


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[Row]]:
    """As the role an auditor has: service_role, under policies."""
    with psycopg.connect(database_url, row_factory=dict_row) as opened:
        opened.execute(_SETUP.encode())
        opened.commit()
        opened.execute("set role service_role")
        yield opened


def _rows(connection: psycopg.Connection[Row], query: str) -> list[Row]:
    return connection.execute(query.encode()).fetchall()


def test_deleted_exports_stay_in_the_account(connection: psycopg.Connection[Row]) -> None:
    """Who exported what is known after the export is gone."""
    rows = _rows(connection, "select status, removed_at is not null as removed from seedbed.audit_all_exports")
    assert len(rows) == 5
    assert [row["status"] for row in rows if row["removed"]] == ["completed"]


def test_downloads_say_whether_the_owner_took_it(connection: psycopg.Connection[Row]) -> None:
    """Also for a file that has been deleted since."""
    rows = _rows(connection, "select kind, by_owner, bytes from seedbed.audit_downloads order by kind")
    assert rows == [
        {"kind": "download", "by_owner": False, "bytes": 1000},
        {"kind": "signed", "by_owner": True, "bytes": 3000},
    ]


def test_failures_are_a_share_of_what_ended_by_itself(connection: psycopg.Connection[Row]) -> None:
    """One of four failed; the cancelled one counts neither way."""
    [row] = _rows(connection, "select exports, failed, cancelled, failure_percent from seedbed.audit_failures_daily")
    assert (row["exports"], row["failed"], row["cancelled"], float(row["failure_percent"])) == (5, 1, 1, 25.0)
    [code] = _rows(connection, "select code, exports, owners from seedbed.audit_failure_codes")
    assert code == {"code": "storage_failed", "exports": 1, "owners": 1}


def test_durations_are_of_completed_exports(connection: psycopg.Connection[Row]) -> None:
    """Median and 95th percentile of 10, 20 and 30 seconds; of waits of 1, 3 and 2."""
    [row] = _rows(connection, "select * from seedbed.audit_durations_daily")
    assert (row["exports"], row["duration_p50_s"], row["queue_wait_p50_s"]) == (3, 20, 2)
    assert row["duration_p95_s"] == pytest.approx(29)
    assert row["queue_wait_p95_s"] == pytest.approx(2.9)


def test_usage_counts_what_was_made_and_storage_what_is_kept(connection: psycopg.Connection[Row]) -> None:
    """A deleted export was used, and is stored no more."""
    [usage] = _rows(connection, "select exports, rows, bytes from seedbed.audit_usage_daily")
    assert (usage["exports"], int(usage["rows"]), int(usage["bytes"])) == (5, 650, 6000)
    [stored] = _rows(connection, "select files, bytes, overdue from seedbed.audit_stored_bytes")
    assert (stored["files"], int(stored["bytes"]), stored["overdue"]) == (2, 3000, 2)


def test_retries_list_what_ran_more_than_once(connection: psycopg.Connection[Row]) -> None:
    """The two exports with attempts, and no other."""
    rows = _rows(connection, "select attempts from seedbed.audit_retries order by attempts")
    assert [row["attempts"] for row in rows] == [1, 3]


def test_nothing_is_stuck_until_something_is(connection: psycopg.Connection[Row]) -> None:
    """A part whose lease ran out, an export without news, and a job whose worker is gone are each found."""
    assert _rows(connection, "select * from seedbed.audit_stuck") == []
    connection.execute("reset role")
    connection.execute("""
        alter table generator_exports disable trigger set_updated_at;
        update generator_exports set status = 'running', updated_at = now() - interval '1 hour'
        where id = '00000000-0000-0000-0000-000000000103';
        insert into generator_export_parts (export_id, part_no, segments, state, lease_expires_at)
        values ('00000000-0000-0000-0000-000000000103', 1, '[]', 'running', now() - interval '1 hour');
        insert into queue.procrastinate_jobs (queue_name, task_name, status, args)
        values ('q', 't', 'doing', '{"export_id": "00000000-0000-0000-0000-000000000103"}');
    """)
    connection.execute("set role service_role")
    rows = _rows(connection, "select what from seedbed.audit_stuck order by what")
    assert [row["what"] for row in rows] == [
        "export without news",
        "job of a worker that is gone",
        "part whose lease ran out",
    ]
    [queue] = _rows(connection, "select task_name, status, jobs from seedbed.audit_queue")
    assert queue == {"task_name": "t", "status": "doing", "jobs": 1}
