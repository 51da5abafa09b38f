"""Migrations fit the places they come to: Supabase, a managed Postgres without a superuser, an old cluster."""

from typing import LiteralString

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from app.adapters.postgres.migrations import current, downgrade, head, upgrade
from app.embedded import EmbeddedPostgres
from tests.integration.migrations.catalog import objects
from tests.integration.migrations.processes import upgrade_in_processes
from tests.integration.schema.lints import EXPOSED_DEFINERS, RULES
from tests.rls.world import MATRIX, Case, outcome, populate

_PASSWORD = "not-a-secret"


def _owned_database(server: EmbeddedPostgres, name: str, owner_options: LiteralString) -> str:
    """A database `name` owned by a new role of that name; the URL with which the role logs in."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(
            SQL("create role {} login password {} nosuperuser ").format(Identifier(name), _PASSWORD)
            + SQL(owner_options)
        )
        connection.execute(SQL("create database {0} owner {0}").format(Identifier(name)))
    return server.url(name, user=name, password=_PASSWORD)


def _mismatches(database_url: str) -> set[str]:
    """Cells of the access matrix that do not hold when `database_url`'s role runs the service."""
    with psycopg.connect(database_url) as connection:
        populate(connection)
        connection.commit()
        return {str(case) for case in MATRIX if outcome(connection, case) != case.expected}


def test_a_plain_owner_can_migrate_and_serve(roleless: EmbeddedPostgres) -> None:
    """A role that may create roles, and nothing more, gets the same schema, and the access matrix holds under it."""
    url = _owned_database(roleless, "app_plain", "createrole")
    upgrade(url)
    assert current(url) == head()
    assert _mismatches(url) == set()
    downgrade(url, "base")


def test_an_owner_without_createrole_is_told_what_to_do(roleless: EmbeddedPostgres) -> None:
    """Where the roles are missing and may not be made, the refusal names the first, and nothing is half-done."""
    url = _owned_database(roleless, "app_poor", "")
    before = objects(url)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match='role "anon" is missing') as caught:
        upgrade(url)
    assert caught.value.diag.message_hint == (
        "Create the roles anon, authenticated and service_role once, as a superuser."
    )
    assert objects(url) == before


def test_databases_of_one_server_migrate_at_once(roleless: EmbeddedPostgres) -> None:
    """Roles are made once for the server, whoever comes first."""
    names = [f"app_{number}" for number in range(3)]
    with psycopg.connect(roleless.url(), autocommit=True) as connection:
        for name in names:
            connection.execute(SQL("create database {}").format(Identifier(name)))
    upgrade_in_processes([roleless.url(name) for name in names])
    assert {current(roleless.url(name)) for name in names} == {head()}


# What a Supabase project has before we come, as far as it concerns us: roles, schema auth that is not ours, rights
# that are given to everybody by default, and the storage server's table, owned by a role of its own.
_SUPABASE: LiteralString = """
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit password 'not-a-secret';
grant anon, authenticated, service_role to authenticator;
create role supabase_storage_admin nologin noinherit;
grant anon, authenticated, service_role to app_supabase;
alter default privileges for role app_supabase in schema public
    grant all on tables to anon, authenticated, service_role;
alter default privileges for role app_supabase in schema public
    grant all on functions to anon, authenticated, service_role;
alter default privileges for role app_supabase in schema public
    grant all on sequences to anon, authenticated, service_role;
create schema auth;
grant usage on schema auth to anon, authenticated, service_role, app_supabase;
create function auth.uid() returns uuid language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )::uuid
$$;
create function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
$$;
create function auth.role() returns text language sql stable as $$
    select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
$$;
"""

_STORAGE: LiteralString = """
create schema storage authorization supabase_storage_admin;
grant usage on schema storage to anon, authenticated, service_role, app_supabase;
create table storage.objects (
    id uuid primary key default gen_random_uuid(), bucket_id text, name text, owner_id text
);
alter table storage.objects owner to supabase_storage_admin;
alter table storage.objects enable row level security;
grant all on storage.objects to anon, authenticated, service_role;
create function storage.foldername(name text) returns text[] language sql immutable as $$
    select string_to_array(name, '/')
$$;
insert into storage.objects (bucket_id, name)
select b.id, '5eed0000-0000-0000-0000-000000000001/' || e.id || '.csv'
from (values ('generator-exports'), ('another')) as b (id),
    (values ('5eed0000-0000-0000-0000-00000000000c'), ('5eed0000-0000-0000-0000-00000000000d')) as e (id);
"""


@pytest.fixture
def supabase_url(roleless: EmbeddedPostgres) -> str:
    """A database like a new Supabase project's, and the login of its `postgres` role, which is no superuser."""
    url = _owned_database(roleless, "app_supabase", "createrole createdb bypassrls")
    with psycopg.connect(roleless.url("app_supabase")) as connection:
        connection.execute(_SUPABASE)
    return url


def _as_superuser(server: EmbeddedPostgres, script: LiteralString) -> None:
    with psycopg.connect(server.url("app_supabase")) as connection:
        connection.execute(script)


def test_what_supabase_has_is_left_alone(supabase_url: str, roleless: EmbeddedPostgres) -> None:
    """Its auth functions are not replaced on the way up, nor removed on the way down."""
    before = objects(supabase_url)
    upgrade(supabase_url)
    assert before <= objects(supabase_url)
    downgrade(supabase_url, "base")
    assert objects(supabase_url) == before


def test_default_privileges_of_supabase_open_nothing(supabase_url: str) -> None:
    """What Supabase grants on every new table and function is taken back: matrix and lints hold as anywhere."""
    upgrade(supabase_url)
    with psycopg.connect(supabase_url) as connection:
        for rule in RULES:
            found = {name for (name,) in connection.execute(rule.offenders)}
            assert found - EXPOSED_DEFINERS == set(), rule.reason
    assert _mismatches(supabase_url) == set()


def _visible_objects(server: EmbeddedPostgres) -> dict[str, int]:
    """How many stored files each person may download."""
    visible = {}
    with psycopg.connect(server.url("app_supabase")) as connection:
        for case in MATRIX:
            if case.subject == "generator_quotas" and case.action == "select":
                asked = Case("storage", "select", case.person, "0", "select id from storage.objects")
                visible[case.person] = int(outcome(connection, asked))
    return visible


# The completed export's file, of the one bucket: the running export has a file there too.
_DOWNLOADERS = {"owner": 1, "editor": 1, "viewer": 0, "stranger": 0, "newcomer": 0, "anon": 0, "service": 4}


def test_storage_asks_the_export(supabase_url: str, roleless: EmbeddedPostgres) -> None:
    """Supabase Storage lets owner and editors of a completed export have its file, and nobody else."""
    _as_superuser(roleless, _STORAGE)
    # What supautils does for Supabase's `postgres`: it may make policies on the storage server's table.
    _as_superuser(roleless, "grant supabase_storage_admin to app_supabase")
    upgrade(supabase_url)
    with psycopg.connect(supabase_url) as connection:
        populate(connection)
    assert _visible_objects(roleless) == _DOWNLOADERS
    downgrade(supabase_url, "base")
    with psycopg.connect(supabase_url) as connection:
        assert connection.execute("select count(*) from pg_policies where schemaname = 'storage'").fetchone() == (0,)


def test_storage_that_comes_later_gets_its_policy(supabase_url: str, roleless: EmbeddedPostgres) -> None:
    """A storage server that makes its tables after our first migration finds its policy made by the next."""
    upgrade(supabase_url)
    _as_superuser(roleless, _STORAGE)
    _as_superuser(roleless, "grant supabase_storage_admin to app_supabase")
    with psycopg.connect(supabase_url) as connection:
        populate(connection)
    assert _visible_objects(roleless)["owner"] == 0
    upgrade(supabase_url)
    assert _visible_objects(roleless) == _DOWNLOADERS


def test_a_storage_table_out_of_reach_is_said(supabase_url: str, roleless: EmbeddedPostgres) -> None:
    """Without the right to make the policy the migration says which file to run as whom, rather than going without."""
    _as_superuser(roleless, _STORAGE)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"policy on storage\.objects") as caught:
        upgrade(supabase_url)
    assert "sql/policies/storage_objects.sql" in (caught.value.diag.message_hint or "")
    assert current(supabase_url) is None
