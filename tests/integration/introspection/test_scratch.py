"""DDL as people have it loads into a scratch database, or is refused with line, token and reason."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from app.adapters.introspection import scratch as scratch_module
from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.ddl import snapshot_from_ddl
from app.adapters.introspection.dumping import dump_ddl
from app.adapters.introspection.scratch import ScratchDatabase, discard, new_name
from app.embedded import EmbeddedPostgres
from app.errors import DatabaseUnavailable, DdlRefused, Fault
from app.generator.snapshot.type_names import format_type
from tests.conftest import Server
from tests.integration.introspection.conftest import Read, table_of
from tests.waiting import eventually

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def faults_of(scratch: ScratchDatabase, ddl: str) -> list[Fault]:
    """Why it does not load."""
    with pytest.raises(DdlRefused) as refused:
        scratch.load(ddl)
    return refused.value.faults


def databases(url: str) -> list[str]:
    """The scratch databases on a server."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("select datname from pg_database where datname like 'seedbed_scratch%'").fetchall()
    return [name for (name,) in rows]


def test_a_dump_loads(scratch: ScratchDatabase, read_ddl: Read) -> None:
    """All of it: psql's commands, rows, owners and roles that are not here, extensions and tablespaces neither."""
    snapshot = read_ddl((SCHEMAS / "dump.sql").read_text(encoding="utf-8"))
    assert {table.name.name for table in snapshot.tables} == {"items", "loans", "readers", "scratch"}
    warnings = "\n".join(scratch.warnings)
    assert "rows in the DDL" in warnings
    assert "supabase_vault" in warnings
    assert "rum" in warnings


def test_a_dump_of_some_tables_loads(scratch: ScratchDatabase, read_ddl: Read) -> None:
    """What it leans on and does not bring is left out, and said: references, other dialects' statements, variables."""
    snapshot = read_ddl("""
        \\set owner somebody
        grant all on database :"name" to :"owner";
        create table a (id int primary key, b_id int references elsewhere (id) deferrable initially deferred not null, n text default :'owner', c_id int);
        alter table a add constraint a_c foreign key (c_id) references also_elsewhere (id);
        alter table not_here add column x int;
        create table b (id int);
        create table b (id int);
        create function fine(text) returns boolean language plperlu immutable as $$ return 1; $$;
        create table c (id uuid default public.gen_random_uuid(), word text check (fine(word)));
        alter table a drop column never_there;
        do $$ begin insert into a (id) values (7); perform 1/0; end $$;
        do $$ begin insert into a (id) values (8); end $$;
        alter table a alter column c_id set not null;
        select pg_catalog.set_config('search_path', '', false);
        create table later (id int primary key, a_id int not null references a);
    """)
    assert table_of(snapshot, "a").foreign_keys == ()
    assert not table_of(snapshot, "a").column("b_id").nullable
    assert not table_of(snapshot, "a").column("c_id").nullable
    assert table_of(snapshot, "a").column("n").default == "'somebody'::text"
    assert table_of(snapshot, "later").foreign_keys
    with scratch.connect() as connection:
        assert connection.execute("select count(*) from a").fetchone() == (0,)
    warnings = "\n".join(scratch.warnings)
    for word in (
        '"elsewhere" does not exist',
        '"also_elsewhere"',
        '"not_here"',
        '"b" already exists',
        "plperlu",
        "never_there",
    ):
        assert word in warnings, word


def test_the_order_of_statements_is_not_the_users_worry(read_ddl: Read) -> None:
    """What needs something further down is tried again: foreign keys, types, functions."""
    snapshot = read_ddl("""
        create table a (b_id int references b, m mood check (fine(m)));
        create function fine(m mood) returns boolean language sql immutable as $$ select true $$;
        create table b (id int primary key);
        create type mood as enum ('ok');
    """)
    assert table_of(snapshot, "a").foreign_keys


def test_the_search_path_is_that_of_the_place(scratch: ScratchDatabase) -> None:
    """A statement that is tried again goes where it would have gone the first time."""
    scratch.load("""
        create schema one; create schema two;
        set search_path = one; create table t (id int references later);
        set search_path = two; create table x (id int);
        set search_path = one; create table later (id int primary key);
    """)
    with scratch.connect() as connection:
        assert {str(t.name) for t in introspect(connection).tables} == {"one.t", "one.later", "two.x"}


def test_a_drop_is_not_made_up_for(read_ddl: Read) -> None:
    """DROP of what is not there yet drops nothing later."""
    snapshot = read_ddl("drop table t; create table t (id int)")
    assert [table.name.name for table in snapshot.tables] == ["t"]


def test_failures_have_line_token_and_reason(scratch: ScratchDatabase) -> None:
    """Every statement without which the schema would not be the user's; with what Postgres says of it."""
    faults = faults_of(
        scratch,
        "create table a (id int);\n\ncreate table b (\n  id int primary key,\n  m nomood\n);\n"
        "create table c (id int references a);\ncreate index on a (nothing);\n",
    )
    assert [(fault.facts["line"], fault.facts["token"]) for fault in faults] == [(5, "nomood"), (7, None)]
    assert 'type "nomood" does not exist' in faults[0].message
    assert "no primary key" in faults[1].message
    assert any("line 8" in warning for warning in scratch.warnings)


def test_extensions_that_are_not_here_have_stand_ins(scratch: ScratchDatabase, read_ddl: Read) -> None:
    """Their types load with modifiers and shapes, their functions in defaults, checks and generated columns."""
    snapshot = read_ddl("""
        create extension if not exists "uuid-ossp" with schema extensions;
        create extension vector schema extensions;
        create extension postgis;
        create table taught (embedding vector(3), made uuid default uuid_generate_v4());
        create table t (
            id uuid primary key default extensions.uuid_generate_v4(), at geometry(Point, 4326) not null,
            area geography(MultiPolygonZ), anything geometry, lon float8, lat float8,
            made geometry(Point,4326) generated always as (st_setsrid(st_makepoint(lon, lat), 4326)) stored,
            way geography(LineString), feet integer generated always as (st_length(way) * 3.28084) stored,
            check (st_srid(at) = 4326 and geometrytype(at) = 'POINT' and st_isvalid(at))
        );
        create index on t using gist (at);
    """)
    types = {column.name: format_type(column.type) for column in table_of(snapshot, "t").columns}
    assert types["at"] == types["made"] == "public.geometry(Point,4326)"
    # A server that has PostGIS itself gives a geography its SRID.
    assert types["area"].replace(",4326", "") == "public.geography(MultiPolygonZ)"
    assert types["anything"] == "public.geometry"
    # As Supabase has it, names in the schema of extensions are found without it.
    assert format_type(table_of(snapshot, "taught").column("embedding").type) == "extensions.vector(3)"
    with scratch.connect() as connection:
        connection.execute("insert into t (at, lon, lat) values ('SRID=4326;POINT(1 2)', 3, 4)")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("insert into t (at) values ('SRID=3857;POINT(1 2)')")
        assert connection.execute("select made::text from t").fetchone() == ("SRID=4326;POINT(3 4)",)


def test_shapes_are_read_however_they_are_spelt(read_ddl: Read) -> None:
    """In quotes, in any case, with an SRID of nothing, and by the function that made such columns before PostGIS 2."""
    snapshot = read_ddl("""
        create extension postgis;
        create table t (
            a geometry('POINT', 2056), b "geometry"('curvepolygonz', 2056), c public.geometry(PointZM, 4326),
            d geometry(Point, 0), e geometry("MultiCurve"), f geometry(GeometryCollection, -1), g geography(Polygon),
            h geometry(PointM) unique, i box2d, j box3d
        );
        select addgeometrycolumn('public', 't', 'k', 4326, 'LINESTRING', 2);
        select addgeometrycolumn('t', 'l', -1, 'POINT', 3);
    """)
    types = {column.name: format_type(column.type).removeprefix("public.") for column in snapshot.tables[0].columns}
    types["g"] = types["g"].replace(",4326", "")  # added by a server that has PostGIS itself
    assert types == {
        "a": "geometry(Point,2056)", "b": "geometry(CurvePolygonZ,2056)", "c": "geometry(PointZM,4326)",
        "d": "geometry(Point)", "e": "geometry(MultiCurve)", "f": "geometry(GeometryCollection)",
        "g": "geography(Polygon)", "h": "geometry(PointM)", "i": "box2d", "j": "box3d",
        "k": "geometry(LineString,4326)", "l": "geometry(PointZ)",
    }  # fmt: skip


def test_what_a_part_of_a_schema_leans_on_is_added(scratch: ScratchDatabase, read_ddl: Read) -> None:
    """Supabase's users, extensions that the file does not create, a schema: each said in a warning."""
    snapshot = read_ddl("""
        create table public.profiles (id uuid primary key references auth.users (id), handle citext unique);
        create table crm.deals (id int primary key);
    """)
    assert {str(table.name) for table in snapshot.tables} == {"auth.users", "public.profiles", "crm.deals"}
    warnings = "\n".join(scratch.warnings)
    assert all(word in warnings for word in ("auth", "citext", "crm"))
    (users,) = (table for table in snapshot.tables if table.name.schema == "auth")
    facts = {column.name: (column.nullable, column.generated is not None) for column in users.columns}
    assert (facts["id"], facts["is_anonymous"], facts["confirmed_at"]) == ((False, False), (False, False), (True, True))
    assert {(key.elements[0].column, key.predicate is None) for key in users.keys} == {
        ("id", True), ("phone", True), ("email", False)
    }  # fmt: skip


def test_files_that_are_run_after_others(scratch: ScratchDatabase) -> None:
    """They name a schema in the search path that another file makes, or that is theirs to have."""
    scratch.load("""
        create table shop.first (id int primary key);
        set search_path = shop, public;
        create table second (id int primary key references shop.first);
    """)
    with scratch.connect() as connection:
        assert {str(t.name) for t in introspect(connection).tables} == {"shop.first", "shop.second"}


def test_indexes_of_views_are_no_loss(read_ddl: Read) -> None:
    """A materialised view that cannot be made here takes its unique index with it."""
    snapshot = read_ddl("""
        create table t (id int);
        create materialized view m as select nosuch(id) as x from t;
        create unique index on m (x);
    """)
    assert [table.name.name for table in snapshot.tables] == ["t"]


def test_views_do_not_stand_in_a_migrations_way(read_ddl: Read) -> None:
    """A column that a view reads may go, or change its type; the view goes with it."""
    snapshot = read_ddl("""
        create table t (id int primary key, a int, b int, "C" int);
        create view "Few" as select a from t;
        create view fewer as select a from "Few";
        create materialized view most as select b, "C" from t;
        alter table t drop column a;
        alter table t alter column b type text, alter column "C" type bigint;
    """)
    types = {column.name: format_type(column.type) for column in table_of(snapshot, "t").columns}
    assert types == {"id": "integer", "b": "text", "C": "bigint"}


def test_old_dumps_and_long_histories_load(scratch: ScratchDatabase, read_ddl: Read) -> None:
    """An encoding of its own, the same extension twice, operators from nowhere, policies that functions made."""
    snapshot = read_ddl("""
        set client_encoding = 'SQL_ASCII';
        create extension if not exists postgis;
        create table parks (id int references towns (id), area geometry check (st_z(st_centroid(area)) < 9000));
        create extension if not exists postgis;
        create table towns (id int primary key, owner_id text, "Öre" int);
        do $$ begin
            create policy own on towns using (owner_id = current_user);
        end $$;
        alter table towns alter column owner_id type varchar(20);
        alter table towns drop column owner_id;
        create table stalls (name text, open daterange, exclude using gist (name with =, open with &&));
        create type colour as enum ('red');
        create table flags (colour colour, doc hstore, srid int references spatial_ref_sys (srid));
        alter type colour rename to hue;
        create extension pg_jsonschema with schema extensions;
        select pg_catalog.set_config('search_path', '', false);
        create table public.forms (body jsonb check (extensions.jsonb_matches_schema('{}', body)));
        create table boxes (body jsonb check (jsonb_matches_schema('{}', body)));
        alter table flags drop constraint gone, add constraint dated check (doc is not null);
        alter table flags rename constraint never_there to here;
    """)
    assert [column.name for column in table_of(snapshot, "towns").columns] == ["id", "Öre"]
    assert table_of(snapshot, "parks").foreign_keys
    assert table_of(snapshot, "stalls").exclusions
    assert table_of(snapshot, "flags").column("colour").type.name == "hue"
    assert table_of(snapshot, "flags").foreign_keys == ()
    assert table_of(snapshot, "forms").checks
    assert table_of(snapshot, "boxes").checks
    assert [check.name for check in table_of(snapshot, "flags").checks] == ["dated"]
    assert "btree_gist" in "\n".join(scratch.warnings)


def test_collations_that_are_not_here(scratch: ScratchDatabase, read_ddl: Read) -> None:
    """One that takes different texts for equal is still known to, and a missing one of the system does no harm."""
    snapshot = read_ddl("""
        create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        create table t (a text collate ci, b text collate "xx_XX.utf8");
    """)
    table = table_of(snapshot, "t")
    assert [column.collation_deterministic for column in table.columns] == [False, True]


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server on which nobody else makes databases: tests of another process do on a named one."""
    with EmbeddedPostgres.start(durable=False) as server:
        yield server


def test_it_is_gone_afterwards(own_server: EmbeddedPostgres) -> None:
    """Also when the DDL is refused."""
    with pytest.raises(DdlRefused):
        snapshot_from_ddl("create table t (a nosuch)", server_url=own_server.url())
    assert databases(own_server.url()) == []


def test_what_a_killed_process_left_is_swept(postgres: Server) -> None:
    """Yesterday's are dropped by the next one, today's are left to their owners."""
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("create database seedbed_scratch_1000000_old")
        connection.execute("create role seedbed_confined_1000000_old")
        with ScratchDatabase(postgres.url()) as first, ScratchDatabase(postgres.url()) as second:
            names = databases(postgres.url())
            assert first.name in names
            assert second.name in names
            assert "seedbed_scratch_1000000_old" not in names
        roles = connection.execute("select count(*) from pg_roles where rolname = 'seedbed_confined_1000000_old'")
        assert roles.fetchone() == (0,)


def test_what_is_being_made_is_discarded(postgres: Server) -> None:
    """Whoever made it may have been killed: the server goes on for it."""
    url, name = postgres.url(), new_name()

    def make() -> None:
        with suppress(psycopg.Error):
            ScratchDatabase(url, name).__enter__()

    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as watcher:
        holder.execute("comment on database template0 is 'in use'")
        maker = Thread(target=make)
        maker.start()
        waiting = "select from pg_stat_activity where application_name = %s and wait_event_type = 'Lock'"
        eventually(lambda: watcher.execute(waiting, (name,)).fetchone() is not None)
        discard(url, name)
        holder.rollback()
        maker.join()
    assert name not in databases(url)


def test_a_server_that_does_not_come_to_it(own_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is said to be busy, as it is of one that is not there: the DDL is not to blame, and is not waited with."""
    url = own_server.url()
    with psycopg.connect(url) as holder, monkeypatch.context() as patch:
        patch.setattr(scratch_module, "_OWN_STATEMENTS_S", 0.1)
        holder.execute("comment on database template0 is 'in use'")
        with pytest.raises(DatabaseUnavailable, match="busy"):
            snapshot_from_ddl("create table t (a int)", server_url=url, hostile=True)
        holder.rollback()
    assert snapshot_from_ddl("create table t (a int)", server_url=url, hostile=True)[0].tables
    assert databases(url) == []


def test_a_server_that_is_not_there() -> None:
    """Is said to be not there."""
    with pytest.raises(DatabaseUnavailable), ScratchDatabase("postgresql://127.0.0.1:1/x"):
        pass


@pytest.mark.parametrize("name", ["bike_shop", "functions", "iot_partitions", "quoting", "inheritance", "cms"])
def test_a_database_is_read_by_pg_dump_too(scratch: ScratchDatabase, postgres: Server, name: str) -> None:
    """A dump of what was loaded loads to the same snapshot; the password is on no command line."""
    scratch.load((SCHEMAS / f"{name}.sql").read_text(encoding="utf-8"))
    ddl = dump_ddl(scratch.url)
    with ScratchDatabase(postgres.url()) as other:
        other.load(ddl)
        with scratch.connect() as first, other.connect() as second:
            assert introspect(first) == introspect(second)


class TestHostile:
    """DDL that strangers send."""

    def test_a_schema_loads(self, postgres: Server) -> None:
        """As it does for its owner, but for what is left out."""
        ddl = (SCHEMAS / "saas_billing.sql").read_text(encoding="utf-8")
        trusted, _ = snapshot_from_ddl(ddl, server_url=postgres.url())
        hostile, _ = snapshot_from_ddl(ddl, server_url=postgres.url(), hostile=True)
        assert hostile == trusted

    @pytest.mark.parametrize("name", ["dump", "geo", "collations", "three_schemas", "every_type", "iot_partitions"])
    def test_dumps_and_odd_schemas_load(self, postgres: Server, name: str) -> None:
        """With views, grants, triggers and functions left out, and said to be."""
        ddl = (SCHEMAS / f"{name}.sql").read_text(encoding="utf-8")
        snapshot, _ = snapshot_from_ddl(ddl, server_url=postgres.url(), hostile=True)
        assert snapshot.tables

    def test_a_block_that_guards_loads_as_far_as_it_may(self, postgres: Server) -> None:
        """What fails in it is left out, as the block would have left it."""
        ddl = """
            create extension vector schema extensions;
            do $$ begin
              create table words (id int primary key, at vector(3));
              alter table gone rename column a to b;
              alter table words add constraint short check (id < 10);
            end $$;
        """
        snapshot, warnings = snapshot_from_ddl(ddl, server_url=postgres.url(), hostile=True)
        assert [check.name for check in snapshot.tables[0].checks] == ["short"]
        assert "left out: alter table gone" in "\n".join(warnings)

    def test_it_runs_as_nobody(self, postgres: Server) -> None:
        """The role owns nothing outside, is no superuser, and is gone afterwards."""
        with ScratchDatabase(postgres.url()) as scratch:
            scratch.load_hostile("create schema s; create table s.t (id int primary key)")
            with scratch.connect() as connection:
                owner, superuser = connection.execute(
                    "select rolname, rolsuper from pg_class c join pg_roles r on r.oid = relowner where relname = 't'"
                ).fetchone() or ("", True)
                assert owner.startswith("seedbed_confined_")
                assert not superuser
        with psycopg.connect(postgres.url()) as connection:
            assert connection.execute("select count(*) from pg_roles where rolname = %s", (owner,)).fetchone() == (0,)

    @pytest.mark.parametrize(
        "ddl",
        [
            "create table t (like pg_authid)",
            "create table pg_catalog.t (a int)",
            "create table t () inherits (pg_catalog.pg_authid)",
            "create table t (a oid references pg_catalog.pg_class (oid))",
            "alter table pg_catalog.pg_class add column a int",
            "create schema pg_evil",
            "create schema authorization postgres",
            "create sequence s owned by pg_catalog.pg_authid.oid",
        ],
    )
    def test_the_system_is_out_of_reach(self, postgres: Server, ddl: str) -> None:
        """What the gate lets through as harmless in kind, Postgres refuses to a role like this."""
        with pytest.raises(DdlRefused):
            snapshot_from_ddl(ddl, server_url=postgres.url(), hostile=True)

    def test_a_clause_that_is_dropped_uncovers_nothing(self, postgres: Server) -> None:
        """What is left of a statement without its tablespace passes the gate again, or is not run.

        Here the clause seems to begin in a string and to end in a column's name, which holds the rest.
        """
        name = "\"z' , c text default ''||pg_sleep(1)::text ) --\""
        ddl = f"create table t (a text default ' tablespace \"', {name} text) tablespace nosuch"
        with pytest.raises(DdlRefused, match="tablespace"):
            snapshot_from_ddl(ddl, server_url=postgres.url(), hostile=True)

    def test_time_is_limited(self, postgres: Server) -> None:
        """An expression that would take for ever is ended."""
        text = "'" + "x" * 1000 + "'"
        bomb = text
        for _ in range(3):
            bomb = f"replace({bomb}, 'x', {text})"
        ddl = f"create table t (a int); alter table t add column b text default {bomb}"
        with pytest.raises(DdlRefused, match=r"timeout|memory"):
            snapshot_from_ddl(ddl, server_url=postgres.url(), hostile=True)

    def test_syntax_errors_have_line_and_token(self, own_server: EmbeddedPostgres) -> None:
        """And no database is made for them."""
        url = own_server.url()
        with pytest.raises(DdlRefused) as refused:
            snapshot_from_ddl("create table a (id int);\ncreate tabel b ();", server_url=url, hostile=True)
        assert refused.value.faults[0].facts == {"line": 2, "column": 8, "token": "tabel"}
        assert databases(url) == []
