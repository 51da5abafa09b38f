"""What the SQL functions do, beyond who may call them (that is `tests/rls/`)."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

OWNER = UUID(int=1)
OTHER = UUID(int=2)

Connection = psycopg.Connection[dict[str, Any]]


def connect(database_url: str) -> Connection:
    return psycopg.connect(database_url, row_factory=dict_row)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def act_as(connection: Connection, user: UUID | None) -> None:
    """From here to the end of the transaction, the user; None is the service."""
    connection.execute(
        "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
        ["authenticated" if user else "none", json.dumps({"sub": str(user)}) if user else ""],
    )


def only(connection: Connection, query: str, *parameters: Any) -> dict[str, Any]:
    row = connection.execute(query.encode(), parameters).fetchone()
    assert row is not None
    return row


def make_export(connection: Connection, status: str = "queued", **columns: Any) -> UUID:
    """An export of OWNER's, committed."""
    columns = {"rows_total": 1_000} | columns
    names = "".join(f", {name}" for name in columns)
    places = ", %s" * len(columns)
    row = only(
        connection,
        "insert into generator_exports (owner_id, config, plan, seed, engine_version, extension, status" + names + ") "
        "values (%s, '{}', '{}', '1', 1, 'csv', %s" + places + ") returning id",
        OWNER,
        status,
        *columns.values(),
    )
    connection.commit()
    return UUID(str(row["id"]))


def call(connection: Connection, user: UUID | None, query: str, *parameters: Any) -> dict[str, Any]:
    """The one row of a statement run as `user`, committed."""
    with connection.transaction():
        act_as(connection, user)
        return only(connection, query, *parameters)


# Events


def test_events_are_numbered_without_gaps_in_the_order_of_their_commits(database_url: str) -> None:
    """A writer waits for the one before it, and a number that was rolled back is given again."""
    with connect(database_url) as first, connect(database_url) as second, connect(database_url) as watcher:
        export = make_export(first)
        assert only(first, "select generator_append_event(%s, 'started') as seq", export)["seq"] == 1
        second.execute("set lock_timeout = '20ms'")
        second.commit()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute("select generator_append_event(%s, 'progress')", [export])
        second.rollback()
        first.rollback()
        assert only(second, "select generator_append_event(%s, 'progress') as seq", export)["seq"] == 1
        second.commit()
        assert only(second, "select generator_append_event(%s, 'completed') as seq", export)["seq"] == 2
        second.commit()
        rows = watcher.execute("select seq, kind from generator_export_events order by seq").fetchall()
        assert [(row["seq"], row["kind"]) for row in rows] == [(1, "progress"), (2, "completed")]


def test_an_event_carries_the_state_of_the_export(connection: Connection) -> None:
    """Status and counters are the row's own at that moment; details are as given, {} for none."""
    export = make_export(connection, "running", rows_generated=250, progress_percent=25)
    call(connection, None, "select generator_append_event(%s, 'progress', '{\"part\": 1}') as seq", export)
    call(connection, None, "select generator_append_event(%s, 'progress', null) as seq", export)
    found = connection.execute(
        "select status, progress_percent::float8, rows_generated, details from generator_export_events order by seq"
    ).fetchall()
    state = {"status": "running", "progress_percent": 25.0, "rows_generated": 250}
    assert found == [state | {"details": {"part": 1}}, state | {"details": {}}]


def test_an_event_wakes_those_who_listen(database_url: str, connection: Connection) -> None:
    """The notification carries the export's id and nothing else."""
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute('listen "test-data-exports-progress"')
        export = make_export(connection)
        call(connection, None, "select generator_append_event(%s, 'queued') as seq", export)
        assert [n.payload for n in listener.notifies(timeout=10, stop_after=1)] == [str(export)]


def test_an_event_of_no_export_is_an_error(connection: Connection) -> None:
    """Nothing is written and nobody is woken."""
    with pytest.raises(psycopg.errors.NoDataFound):
        call(connection, None, "select generator_append_event(%s, 'queued')", uuid4())


# States


def test_cancelling_twice_is_one_cancellation(connection: Connection) -> None:
    """The second time nothing changes, and no second event is written."""
    running = make_export(connection, "running")
    for _ in range(2):
        asked = call(connection, OWNER, "select generator_cancel_export(%s) as status", running)
        assert asked["status"] == "cancelling"
    events = connection.execute("select kind from generator_export_events").fetchall()
    assert [event["kind"] for event in events] == ["cancelling"]


def test_a_queued_export_ends_when_it_is_cancelled(connection: Connection) -> None:
    """No worker has to come; the upload an earlier run left open is ordered to be aborted."""
    export = make_export(connection, "queued", upload_id="u1")
    assert call(connection, OWNER, "select generator_cancel_export(%s) as status", export)["status"] == "cancelled"
    row = only(connection, "select finished_at, upload_id, object_path from generator_exports where id = %s", export)
    assert row["finished_at"] is not None
    assert row["upload_id"] is None
    orphan = only(connection, "select object_path, upload_id from seedbed.orphaned_objects")
    assert orphan == {"object_path": row["object_path"], "upload_id": "u1"}


def _add_parts(connection: Connection, export: UUID) -> None:
    connection.execute(
        """
        insert into generator_export_parts
            (export_id, part_no, segments, rows, state, rows_done, bytes, attempts, token)
        values
            (%(id)s, 0, '{}', 1000, 'failed', 0, null, 1, null),
            (%(id)s, 1, '[]', 400, 'done', 400, 40, 0, null),
            (%(id)s, 2, '[]', 600, 'failed', 123, null, 3, gen_random_uuid())
        """,
        {"id": export},
    )
    connection.commit()


def test_a_retry_keeps_finished_parts(connection: Connection) -> None:
    """With the upload still there, counters say what is done, and what is not done may be taken anew."""
    export = make_export(
        connection, "failed", upload_id="u1", parts_total=2, attempts=3, error_details=json.dumps({"code": "x"})
    )
    _add_parts(connection, export)
    assert call(connection, OWNER, "select generator_retry_export(%s) as status", export)["status"] == "queued"
    row = only(
        connection,
        "select status, attempts, error_details, parts_done, rows_generated, bytes_generated, "
        "progress_percent::float8 as percent, upload_id from generator_exports",
    )
    assert row == {
        "status": "queued",
        "attempts": 0,
        "error_details": None,
        "parts_done": 1,
        "rows_generated": 400,
        "bytes_generated": 40,
        "percent": 40.0,
        "upload_id": "u1",
    }
    parts = connection.execute(
        "select part_no, state, attempts, token from generator_export_parts order by part_no"
    ).fetchall()
    assert [(part["part_no"], part["state"], part["attempts"], part["token"]) for part in parts] == [
        (0, "pending", 0, None),
        (1, "done", 0, None),
        (2, "pending", 0, None),
    ]


@pytest.mark.parametrize("status", ["failed", "cancelled", "expired"])
def test_a_retry_without_an_upload_starts_from_nothing(connection: Connection, status: str) -> None:
    """Parts whose bytes are nowhere any more are made again."""
    export = make_export(connection, status, parts_total=2, rows_generated=400)
    _add_parts(connection, export)
    call(connection, OWNER, "select generator_retry_export(%s) as status", export)
    row = only(
        connection, "select parts_done, rows_generated, progress_percent::float8 as percent from generator_exports"
    )
    assert row == {"parts_done": 0, "rows_generated": 0, "percent": 0.0}
    states = connection.execute("select distinct state from generator_export_parts").fetchall()
    assert [row["state"] for row in states] == ["pending"]


def test_a_refused_change_says_the_state(connection: Connection) -> None:
    """The error's detail is the state, for the caller to show."""
    export = make_export(connection, "completed")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState) as caught:
        call(connection, OWNER, "select generator_cancel_export(%s)", export)
    assert caught.value.diag.message_detail == "completed"


# Removal


def test_a_deleted_export_leaves_a_record_and_no_file(connection: Connection) -> None:
    """The record says who deleted what; the store is ordered to remove file and upload in the same transaction."""
    export = make_export(connection, "failed", upload_id="u1", format="csv", rows_generated=7)
    connection.execute(
        "insert into generator_downloads (export_id, user_id, kind) values (%s, %s, 'signed')", [export, OWNER]
    )
    connection.commit()
    path = call(connection, OWNER, "select generator_delete_export(%s) as path", export)["path"]
    assert path == f"{OWNER}/{export}.csv"
    assert connection.execute("select from generator_exports").fetchall() == []
    record = only(connection, "select owner_id, removed_by, status, rows_generated from seedbed.removed_exports")
    assert record == {"owner_id": OWNER, "removed_by": OWNER, "status": "failed", "rows_generated": 7}
    orders = connection.execute("select object_path, upload_id from seedbed.orphaned_objects order by id").fetchall()
    assert orders == [{"object_path": path, "upload_id": None}, {"object_path": path, "upload_id": "u1"}]
    assert only(connection, "select count(*) as rows from generator_downloads")["rows"] == 1


@pytest.mark.parametrize("table", ["generator_downloads", "seedbed.removed_exports"])
def test_records_cannot_be_changed_by_anybody(connection: Connection, table: str) -> None:
    """Not by the tables' owner, nor by a superuser: rows are added and stay."""
    export = make_export(connection)
    connection.execute("insert into generator_downloads (export_id, kind) values (%s, 'signed')", [export])
    connection.execute("delete from generator_exports where id = %s", [export])
    connection.commit()
    for statement in (f"update {table} set id = gen_random_uuid()", f"delete from {table}", f"truncate {table}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed"):
            connection.execute(statement.encode())
        connection.rollback()


# Object paths


@pytest.mark.parametrize("extension", ["../../etc/passwd", "csv/..", ".csv", "csv.", "CSV", "c sv", "", "csv\n"])
def test_an_extension_cannot_leave_the_owners_folder(connection: Connection, extension: str) -> None:
    """It is letters, digits and single dots in between: a key has exactly one slash."""
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "insert into generator_exports (owner_id, config, plan, seed, engine_version, extension) "
            "values (%s, '{}', '{}', '1', 1, %s)",
            [OWNER, extension],
        )


# Downloads


def test_a_download_is_written_down(connection: Connection) -> None:
    """What is handed out stands in the record, with the request that asked for it."""
    export = make_export(connection, "completed", file_name="shop", bytes=9)
    granted = call(
        connection,
        OWNER,
        "select object_path, file_name, bytes from generator_authorise_download(%s, 'signed', now(), 'request-1')",
        export,
    )
    assert granted == {"object_path": f"{OWNER}/{export}.csv", "file_name": "shop", "bytes": 9}
    record = only(connection, "select user_id, kind, request_id from generator_downloads where export_id = %s", export)
    assert record == {"user_id": OWNER, "kind": "signed", "request_id": "request-1"}


# Tickets


def _redeem(connection: Connection, token: str) -> list[dict[str, Any]]:
    return connection.execute(
        "select user_id, claims, export_id from generator_redeem_event_ticket(%s)", [token]
    ).fetchall()


def test_a_ticket_works_once(connection: Connection) -> None:
    """It gives back whose it is and what for; then it is used up."""
    export = make_export(connection)
    token = "a" * 64
    call(connection, OWNER, "select generator_issue_event_ticket(%s, %s) as until", token, export)
    assert _redeem(connection, token) == [{"user_id": OWNER, "claims": {"sub": str(OWNER)}, "export_id": export}]
    assert _redeem(connection, token) == []


def test_one_of_two_redeemers_gets_the_ticket(database_url: str, connection: Connection) -> None:
    """The second waits for the first, and then finds it used."""
    call(connection, OWNER, "select generator_issue_event_ticket(%s) as until", "a" * 64)
    with connect(database_url) as rival:
        assert len(_redeem(connection, "a" * 64)) == 1
        rival.execute("set lock_timeout = '20ms'")
        rival.commit()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            _redeem(rival, "a" * 64)
        rival.rollback()
        connection.commit()
        assert _redeem(rival, "a" * 64) == []


def test_a_ticket_ends_after_a_minute_at_most(connection: Connection) -> None:
    """However long a life is asked for; and one that is over opens nothing."""
    until = call(connection, OWNER, "select generator_issue_event_ticket(%s, null, 86400) - now() as left", "a" * 64)
    assert until["left"].total_seconds() == 60
    connection.execute("update generator_event_tickets set expires_at = now() - interval '1 second'")
    assert _redeem(connection, "a" * 64) == []


# Idempotency keys


def _claim(connection: Connection, user: UUID, digest: str = "digest") -> dict[str, Any]:
    act_as(connection, user)
    return only(connection, "select * from generator_claim_idempotency_key('key', %s)", digest)


def test_a_key_is_replayed_when_it_is_settled(connection: Connection) -> None:
    """Claim and settle, then the same request gets the same export; another request is a mismatch."""
    export = make_export(connection)
    with connection.transaction():
        assert _claim(connection, OWNER)["outcome"] == "claimed"
        connection.execute("select generator_settle_idempotency_key('key', %s, '{\"a\": 1}')", [export])
    with connection.transaction():
        assert _claim(connection, OWNER) == {"outcome": "replay", "export_id": export, "response": {"a": 1}}
    with connection.transaction():
        assert _claim(connection, OWNER, "other")["outcome"] == "mismatch"
    with connection.transaction():
        assert _claim(connection, OTHER)["outcome"] == "claimed"


def test_a_key_in_use_is_in_flight_without_waiting(database_url: str, connection: Connection) -> None:
    """A second request at the same moment is told at once; when the first fails, the key is free."""
    with connect(database_url) as rival:
        assert _claim(connection, OWNER)["outcome"] == "claimed"
        rival.execute("set lock_timeout = '20ms'")
        assert _claim(rival, OWNER)["outcome"] == "in_flight"
        assert _claim(rival, OTHER)["outcome"] == "claimed"
        rival.rollback()
        connection.rollback()
        assert _claim(rival, OWNER)["outcome"] == "claimed"


def test_a_key_is_free_after_a_day(connection: Connection) -> None:
    """An old key serves a new request, whatever that is."""
    export = make_export(connection)
    with connection.transaction():
        _claim(connection, OWNER)
        connection.execute("select generator_settle_idempotency_key('key', %s)", [export])
    connection.execute("update generator_idempotency_keys set created_at = now() - interval '25 hours'")
    connection.commit()
    assert _claim(connection, OWNER, "other") == {"outcome": "claimed", "export_id": None, "response": None}


def test_a_key_is_settled_once(connection: Connection) -> None:
    """What came of a request cannot be said twice."""
    export = make_export(connection)
    _claim(connection, OWNER)
    connection.execute("select generator_settle_idempotency_key('key', %s)", [export])
    with pytest.raises(psycopg.errors.NoDataFound):
        connection.execute("select generator_settle_idempotency_key('key', %s)", [export])
