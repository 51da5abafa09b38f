"""What a session makes for itself takes no part in what runs with the service's rights."""

import contextlib
from pathlib import Path

import psycopg

from tests.rls.world import IDS, Connection, acting_as

# Names of types are looked for among a session's own first, unless a function's search path says otherwise.
TYPES = ("uuid", "text", "jsonb", "timestamptz", "interval", "int4", "int8", "bool", "name")
CALLS = (
    "select generator_can_see(%(queued)s::pg_catalog.uuid)",
    "select generator_claim_invitations()",
    "select * from generator_claim_idempotency_key('k'::pg_catalog.text, repeat('a', 64)::pg_catalog.text)",
    "select generator_issue_event_ticket(repeat('b', 64)::pg_catalog.text, %(queued)s::pg_catalog.uuid, 60)",
    "select generator_cancel_export(%(queued)s::pg_catalog.uuid)",
    "select generator_retry_export(%(failed)s::pg_catalog.uuid)",
    "select generator_authorise_download(%(completed)s::pg_catalog.uuid, 'signed'::pg_catalog.text, now(), 'r')",
    "select generator_delete_export(%(failed)s::pg_catalog.uuid)",
    "select seedbed.stored_bytes()",
    "select count(*) from generator_exports",
)


def test_types_of_a_session_are_never_ours(connection: Connection) -> None:
    """Domains that are called like built-in types, with a check that notes whose rights it runs with: whatever is
    called, it never runs with any but the caller's own."""
    with acting_as(connection, "owner"):
        connection.execute("create temp table ran (as_whom pg_catalog.name)")
        connection.execute("grant insert on ran to public")
        connection.execute(
            "create function pg_temp.spy() returns pg_catalog.bool language plpgsql as "
            "$$ begin insert into pg_temp.ran values (current_user); return true; end $$"
        )
        for name in TYPES:
            connection.execute(f"create domain pg_temp.{name} as pg_catalog.{name} check (pg_temp.spy())".encode())
        connection.execute(f"select '{IDS['queued']}'::uuid".encode())
        for call in CALLS:
            with contextlib.suppress(psycopg.Error), connection.transaction():
                connection.execute(call.encode(), IDS)
        found = connection.execute("select distinct as_whom from ran").fetchall()
    assert found == [("authenticated",)]


def test_stand_ins_of_an_earlier_release_are_mended(connection: Connection) -> None:
    """Supabase's functions stand in by ours, which are made once and stay; the next migration sees to them."""
    connection.execute("alter function auth.uid() set search_path = ''")
    connection.execute((Path(__file__).parents[2] / "sql/functions/access.sql").read_bytes())
    found = connection.execute("select proconfig from pg_proc where oid = 'auth.uid()'::regprocedure").fetchone()
    assert found == (["search_path=pg_catalog, pg_temp"],)
