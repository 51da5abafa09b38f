"""What is left on a connection, or made by somebody who may use SQL, is nobody's way around the policies."""

from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from app.adapters.postgres.connections import Database, open_engine
from app.adapters.postgres.store import PostgresStore
from app.exports.models import Caller
from tests.integration.exports.world import World, caller, request

# As Supabase has it: the older settings come first.
AUTH_UID = """
create or replace function auth.uid() returns uuid language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )::uuid
$$
"""


async def test_claims_that_others_left_on_a_connection_are_not_believed(world: World) -> None:
    """A shared pool hands out connections with settings of the last who used them: the caller is who they are."""
    alice, mallory = caller(), caller()
    export = (await world.exports.create(alice, request())).export
    await world.change(AUTH_UID)
    left = f"-c request.jwt.claim.sub={alice.user_id} -c request.jwt.claim.role=service_role"
    engine = open_engine(f"{world.database_url}?options={quote(left)}", pool_size=1, application_name="x")
    database = Database(engine)
    try:
        store = PostgresStore(database, world.queue)
        async with store.as_user(mallory) as work:
            assert await work.find(export.id) is None
        async with store.as_user(Caller(alice.user_id, {"sub": str(mallory.user_id), "role": "service_role"})) as work:
            assert (await work.find(export.id)) is not None
    finally:
        await database.close()


TRICKS = [
    "create temp view v as select * from public.generator_exports | select count(*) from v",
    "create temp table t as select * from public.generator_exports | select count(*) from t",
    # A function that costs nothing is asked before a policy that costs something, if it may be.
    "create function pg_temp.leak(id uuid) returns boolean language plpgsql cost 0.0000001 as "
    "$$ begin raise exception 'seen %', id; end $$ | "
    "select count(*) from public.generator_exports where pg_temp.leak(id)",
    "select count(*) from public.generator_exports where 1 / (case when plan is null then 1 else 0 end) > 0",
    "set local row_security = off | select count(*) from public.generator_exports",
    "create rule r as on select to public.generator_exports do instead select 1",
    "alter table public.generator_exports disable row level security | select count(*) from public.generator_exports",
    "create policy p on public.generator_exports using (true) | select count(*) from public.generator_exports",
    "create view public.v as select * from public.generator_exports | select count(*) from public.v",
    "create table public.mine (like public.generator_exports) | select count(*) from public.mine",
    "set local role service_role | select count(*) from public.generator_exports",
    "copy public.generator_exports to stdout",
    "select count(*) from pg_catalog.pg_stats where tablename = 'generator_exports'",
    "select count(*) from queue.procrastinate_jobs",
    "select seedbed.require_role(id, array['owner']) from public.generator_exports",
]


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick[:40])
async def test_sql_of_ones_own_sees_no_more(world: World, trick: str) -> None:
    """Views, tables, functions, rules and settings of a user's own, on a connection that runs as them: nothing of others."""
    for _ in range(3):
        await world.exports.create(caller(), request())
    claims = f'{{"sub": "{uuid4()}", "role": "authenticated"}}'
    with psycopg.connect(world.database_url) as connection:
        connection.execute("create role plain login noinherit in role authenticated")
        connection.execute("set session authorization plain")
        connection.execute("set role authenticated")
        connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        seen = _outcome(connection, trick)
        connection.rollback()
    assert seen in ("nothing", "refused")


def _outcome(connection: psycopg.Connection, trick: str) -> str:
    cursor = connection.cursor()
    try:
        for statement in trick.split(" | "):
            cursor.execute(statement.encode())
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.SyntaxError) as error:
        return f"leaked: {error}" if "seen" in str(error) else "refused"
    except psycopg.Error as error:
        return f"leaked: {error}"
    return "nothing" if cursor.description is None or cursor.fetchall() in ([], [(0,)]) else "leaked"
