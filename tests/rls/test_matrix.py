"""Row-level security holds for every table, role and verb, and the matrix that says so notices when it does not."""

from typing import LiteralString

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.rls.world import IDS, MATRIX, PEOPLE, Case, Connection, acting_as, outcome


@pytest.mark.parametrize("case", MATRIX, ids=str)
def test_each_person_can_do_what_the_matrix_says(connection: Connection, case: Case) -> None:
    """Raw SQL under each role has the outcome in the matrix: rows, denied, hidden, or a word."""
    assert outcome(connection, case) == case.expected


def test_every_table_of_ours_is_in_the_matrix(connection: Connection) -> None:
    """A new table in public without at least one line for each verb is noticed."""
    found = connection.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')"
    )
    tables = {name for (name,) in found}
    covered = {(case.subject, case.statement.split()[0]) for case in MATRIX}
    assert tables == {subject for subject, _ in covered if subject in tables}
    for table in tables:
        assert {verb for subject, verb in covered if subject == table} == {"select", "insert", "update", "delete"}


def test_every_function_of_ours_is_in_the_matrix(connection: Connection) -> None:
    """A new function in public that nobody has decided on is noticed."""
    found = connection.execute("select proname from pg_proc where pronamespace = 'public'::regnamespace")
    assert {name for (name,) in found} <= {case.subject for case in MATRIX}


@pytest.mark.parametrize("claims", ["", "{}", '{"role": "authenticated"}', '{"sub": null}'])
def test_claims_of_nobody_open_nothing(connection: Connection, claims: str) -> None:
    """The role `authenticated` without a user in its claims sees no row and does nothing."""
    with acting_as(connection, "owner"):
        connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        for table in ("generator_exports", "generator_schemas", "generator_export_events", "generator_quotas"):
            count = SQL("select count(*) from {}").format(Identifier(table))
            assert connection.execute(count).fetchone() == (0,)
        with pytest.raises(psycopg.errors.NoDataFound):
            connection.execute("select generator_cancel_export(%s)", [IDS["running"]])


def test_the_service_needs_no_bypass(connection: Connection) -> None:
    """Where nobody could give service_role BYPASSRLS, its policies let it do the same."""
    if connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() != (True,):
        pytest.skip("only a superuser can take BYPASSRLS away")
    connection.execute("alter role service_role nobypassrls")
    cases = [case for case in MATRIX if case.person == "service"]
    assert {str(case) for case in cases if outcome(connection, case) != case.expected} == set()


def test_a_share_that_is_taken_back_ends_at_once(connection: Connection) -> None:
    """What an editor could see, they cannot the moment the share is gone."""
    connection.execute("delete from generator_export_shares where role = 'editor'")
    cases = [case for case in MATRIX if case.person == "editor" and case.statement.startswith("select id from gen")]
    assert cases
    assert {outcome(connection, case) for case in cases} == {"0"}


@pytest.mark.parametrize(
    ("action", "allowed"), [("insert own", "1"), ("retry a failed one", "queued")], ids=["insert", "retry"]
)
def test_the_data_api_cannot_enqueue(connection: Connection, action: str, allowed: str) -> None:
    """Through the login role of Supabase's Data API nobody inserts an export, nor runs one again: no service has
    checked plan and quota, and none queues the job."""
    case = next(case for case in MATRIX if case.action == action and case.person == "owner")
    if connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() != (True,):
        pytest.skip("only a superuser can pretend to be another session user")
    if connection.execute("select from pg_roles where rolname = 'authenticator'").fetchone() is None:
        connection.execute("create role authenticator noinherit")
        connection.execute("grant authenticated to authenticator")
    with connection.transaction(force_rollback=True):
        assert outcome(connection, case) == allowed
    connection.execute("set local session authorization authenticator")
    assert outcome(connection, case) == "denied"


SABOTAGE: dict[str, LiteralString] = {
    "a policy lets everybody see": (
        'alter policy "people see exports they own or were given" on generator_exports using (true)'
    ),
    "row-level security is off": "alter table generator_export_events disable row level security",
    "a share counts for any export": (
        'alter policy "people see exports they own or were given" on generator_exports using ('
        "owner_id = (select auth.uid()) or exists ("
        "select from generator_export_shares as s where s.user_id = (select auth.uid())))"
    ),
    "people may write columns": "grant update (status) on generator_exports to authenticated",
    "people may write the status they insert": (
        "grant insert (status) on generator_exports to authenticated; "
        'alter policy "people queue exports of their own" on generator_exports '
        "with check (owner_id = (select auth.uid()))"
    ),
    "anybody may share": (
        'alter policy "owners share" on generator_export_shares '
        "with check (created_by = (select auth.uid()) and user_id <> (select auth.uid()))"
    ),
    "viewers may share on": "create or replace function seedbed.owns_export(export uuid) returns boolean "
    "language sql stable security definer set search_path = pg_catalog, pg_temp "
    "as $$ select seedbed.export_role(export) is not null $$",
    "viewers count as editors": (
        "create or replace function seedbed.require_role(export uuid, allowed text[]) returns void "
        "language sql set search_path = pg_catalog, pg_temp as ''"
    ),
    "the record can be changed": (
        "alter table generator_downloads disable trigger refuse_change; "
        "grant update, delete on generator_downloads to service_role"
    ),
    "events can be forged": "grant execute on function generator_append_event(uuid, text, jsonb) to authenticated",
    "anon may call": (
        "grant usage on schema seedbed to anon; "
        "grant execute on function generator_can_see(uuid), seedbed.export_role(uuid) to anon"
    ),
    "the queue is open": "grant usage on schema queue to authenticated; "
    "grant select on queue.procrastinate_jobs to authenticated",
}


@pytest.mark.parametrize("broken", SABOTAGE)
def test_the_matrix_notices_a_hole(connection: Connection, broken: str) -> None:
    """With one policy, grant or function broken, at least one cell is no longer what the matrix says."""
    connection.execute(SABOTAGE[broken])
    assert any(outcome(connection, case) != case.expected for case in MATRIX)


def test_the_matrix_is_for_everybody() -> None:
    """Each row has a cell for each person, none left empty."""
    assert len(MATRIX) % len(PEOPLE) == 0
    assert all(case.expected for case in MATRIX)
