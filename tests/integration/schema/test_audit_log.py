"""The audit log holds every act, whoever did it and however, and nobody can change it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest

Connection = psycopg.Connection[tuple[Any, ...]]
ALICE, BOB = UUID(int=1), UUID(int=2)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


@contextmanager
def acting(connection: Connection, user: UUID, request_id: str = "r-1") -> Iterator[None]:
    """As the service acts on a user's behalf."""
    with connection.transaction():
        connection.execute(
            "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', %s, true),"
            " set_config('seedbed.request_id', %s, true)",
            [json.dumps({"sub": str(user), "role": "authenticated"}), request_id],
        )
        yield
        connection.execute("select set_config('role', 'none', true)")


def acts(connection: Connection, columns: LiteralString = "act") -> list[Any]:
    rows = connection.execute("select " + columns + " from seedbed.audit_log order by id").fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def create(connection: Connection) -> UUID:
    with acting(connection, ALICE):
        row = connection.execute(
            "insert into generator_exports (config, plan, seed, engine_version, extension, format, rows_total)"
            " values ('{}', '{}', '1', 1, 'csv', 'csv', 7) returning id"
        ).fetchone()
        assert row is not None
    found: UUID = row[0]
    return found


def test_each_act_of_a_life_is_on_record(connection: Connection) -> None:
    """Made, shared, made available, signed for, fetched, taken back and deleted: who, for whom, in which request."""
    export = create(connection)
    with acting(connection, ALICE, "r-2"):
        connection.execute(
            "insert into generator_export_shares (export_id, user_id, role) values (%s, %s, 'editor')", [export, BOB]
        )
    connection.execute("update generator_exports set status = 'completed' where id = %s", [export])
    with acting(connection, BOB, "r-3"):
        connection.execute("select generator_authorise_download(%s, 'signed', now())", [export])
        connection.execute("select generator_authorise_download(%s, 'download')", [export])
    with acting(connection, ALICE, "r-4"):
        connection.execute("update generator_export_shares set role = 'viewer' where export_id = %s", [export])
        connection.execute("delete from generator_export_shares where export_id = %s", [export])
        connection.execute("select generator_delete_export(%s)", [export])
    assert acts(connection, "act, actor_id, request_id") == [
        ("create", ALICE, "r-1"),
        ("share", ALICE, "r-2"),
        ("sign", BOB, "r-3"),
        ("download", BOB, "r-3"),
        ("change share", ALICE, "r-4"),
        ("unshare", ALICE, "r-4"),
        ("delete", ALICE, "r-4"),
    ]
    rows = connection.execute("select distinct export_id, owner_id, acting_role from seedbed.audit_log").fetchall()
    assert rows == [(export, ALICE, "authenticated")]


def test_states_that_people_change_are_acts_and_progress_is_none(connection: Connection) -> None:
    """Cancelling and running again are; a worker's progress, completion and failure are events, not acts."""
    export = create(connection)
    connection.execute("update generator_exports set status = 'running', rows_generated = 3 where id = %s", [export])
    connection.execute("update generator_exports set rows_generated = 5 where id = %s", [export])
    with acting(connection, ALICE):
        connection.execute("select generator_cancel_export(%s)", [export])
    connection.execute("update generator_exports set status = 'cancelled' where id = %s", [export])
    with acting(connection, ALICE):
        connection.execute("select generator_retry_export(%s)", [export])
    with acting(connection, ALICE):
        connection.execute("select generator_cancel_export(%s)", [export])
    assert acts(connection) == ["create", "cancel", "retry", "cancel"]


def test_sending_again_and_a_new_secret_are_acts(connection: Connection) -> None:
    """Which delivery and which version, but neither the target, whose URL may hold a secret, nor a secret."""
    export = create(connection)
    row = connection.execute(
        "insert into generator_export_deliveries (export_id, channel, target, event, event_seq, payload, state)"
        " values (%s, 'webhook', 'https://example.com/?key=hush', 'completed', 1, '{}', 'failed') returning id",
        [export],
    ).fetchone()
    assert row is not None
    # What a worker does to it is none.
    connection.execute("update generator_export_deliveries set attempts = 1, state = 'failed' where id = %s", [row[0]])
    with acting(connection, ALICE, "r-2"):
        connection.execute("select generator_redeliver(%s, %s)", [export, row[0]])
        connection.execute("select generator_rotate_webhook_secret()")
        connection.execute("select generator_rotate_webhook_secret()")
    assert acts(connection, "act, actor_id, owner_id, request_id, details")[1:] == [
        (
            *("redeliver", ALICE, ALICE, "r-2"),
            {"delivery": str(row[0]), "channel": "webhook", "state": "failed"},
        ),
        ("new webhook secret", ALICE, ALICE, "r-2", {"version": 1}),
        ("new webhook secret", ALICE, ALICE, "r-2", {"version": 2}),
    ]


def test_what_is_done_at_a_prompt_is_on_record_too(connection: Connection) -> None:
    """An administrator's quota and deletion carry the role they used and no user; shares go with their export."""
    export = create(connection)
    connection.execute(
        "insert into generator_export_shares (export_id, user_id, role, created_by) values (%s, %s, 'viewer', %s)",
        [export, BOB, ALICE],
    )
    with connection.transaction():
        connection.execute("set local role service_role")
        connection.execute("insert into generator_quotas (user_id, max_active_exports) values (%s, 3)", [BOB])
        connection.execute("update generator_quotas set max_active_exports = 4 where user_id = %s", [BOB])
        connection.execute("delete from generator_quotas where user_id = %s", [BOB])
    connection.execute("delete from generator_exports where id = %s", [export])
    assert acts(connection)[1:] == ["share", "set quota", "set quota", "remove quota", "delete"]
    assert acts(connection, "acting_role, actor_id")[2:5] == [("service_role", None)] * 3
    changed = acts(
        connection, "details -> 'before' ->> 'max_active_exports', details -> 'after' ->> 'max_active_exports'"
    )
    assert changed[2:5] == [(None, "3"), ("3", "4"), ("4", None)]


def test_an_act_that_is_rolled_back_is_not_on_record(connection: Connection) -> None:
    """The record is committed with the act, or not at all."""
    export = create(connection)
    with connection.transaction(force_rollback=True):
        connection.execute("delete from generator_exports where id = %s", [export])
    assert acts(connection) == ["create"]


@pytest.mark.parametrize(
    "statement",
    [
        "update seedbed.audit_log set act = 'sign'",
        "delete from seedbed.audit_log",
        "truncate seedbed.audit_log",
    ],
)
def test_the_record_stands(connection: Connection, statement: LiteralString) -> None:
    """Not even the tables' owner changes, removes or empties it; the service role has no right to try."""
    create(connection)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed"):
        connection.execute(statement)
    connection.execute("set role service_role")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        connection.execute(statement)
    connection.execute("reset role")
    assert acts(connection) == ["create"]
