"""The gate lets through what describes a schema, leaves out what no row depends on, and refuses the rest."""

import pytest

from app.adapters.introspection.ddl_calls import allowed_functions
from app.adapters.introspection.ddl_gate import MAX_BYTES, pass_gate
from app.adapters.introspection.ddl_kinds import Weight
from app.errors import DdlRefused, Fault


def ran(ddl: str) -> list[str]:
    """What would be run."""
    return [" ".join(statement.text.split()) for statement in pass_gate(ddl).statements]


def faults_of(ddl: str) -> list[Fault]:
    """Why it is refused."""
    with pytest.raises(DdlRefused) as refused:
        pass_gate(ddl)
    return refused.value.faults


@pytest.mark.parametrize(
    "ddl",
    [
        "do language plpython3u $$ import os $$",
        "do $$ begin create table t (a int check (a > pg_sleep(5)::text::int)); end $$",
        "do $$ begin execute 'create table t (a int check (pg_sleep(5) is null))'; end $$",
        "copy t from program 'id'",
        "copy t to program 'id'",
        "copy t from '/etc/passwd'",
        "copy (select 1) to '/tmp/x'",
        "load 'evil'",
        "alter system set shared_preload_libraries = 'x'",
        "call p()",
        "create foreign data wrapper x",
        "create server s foreign data wrapper postgres_fdw",
        "import foreign schema public from server s into public",
        "execute x",
        "alter table t set (autovacuum_enabled = off), set tablespace x, add column a int, disable trigger all",
        "\\! id",
        "\\copy t from program 'id'",
        "\\i /etc/passwd",
        "create table t (a int check (a > pg_sleep(5)::text::int))",
        "create table t (a text check (a <> pg_read_file('/etc/passwd')))",
        "create table t (a text generated always as (current_setting('data_directory')) stored)",
        "create table t (a text check (a <> (select passwd from pg_shadow limit 1)))",
        "create table t (a int check (a > pg_catalog.lo_import('/etc/passwd')))",
        "create table t (a int check (evil.pg_sleep(5) is null))",
        "create table t (a text, check (a <> query_to_xml('select 1', true, true, '')::text))",
        "create table t partition of p for values in (dblink('x'))",
        "create unique index on t (pg_sleep(a))",
        "alter table t add constraint c check (pg_terminate_backend(a))",
        "create domain d as text check (pg_ls_dir(value) is null)",
        "create table t (a text check (a <> repeat('x', 1000000000)))",
        "create table t (a text check (a <> lpad('x', 2147483647)))",
        "create table t (a text check (a <> repeat('x', a::int)))",
        "create table t (a text check (a <> format('%999999999s', 'x')))",
        "create schema s create view v as select pg_sleep(1)",
        "create schema s create table t (a int check (pg_sleep(1) is null))",
        "create extension plpython3u; create table t (a int check (py(a)))",
        "create function f() returns int language sql as 'select 1' begin; drop table x; end",
        "create table t (a int) partition by range (pg_sleep(1))",
        "create table t (a int) partition by list ((a + pg_backend_pid()))",
        "alter table t attach partition p for values in (pg_sleep(1)::text)",
        "create table t (a text, b text generated always as (query_to_xml(a, true, true, '')::text) stored)",
        "create domain d as int check (value > evil(value)); create table t (a d)",
        "create table t (a int default (select 1))",
        "create table t (a int check (generate_series(1, 1000000000) is not null))",
        "create table t (a text[] check (array_fill(1, array[100000, 10000]) is not null))",
        "create subscription s connection 'host=evil' publication p",
        "create user mapping for public server s",
        "alter system reset all",
    ],
)
def test_what_does_something_is_refused(ddl: str) -> None:
    """Whatever reaches for files, programs, other sessions or other data never runs."""
    assert faults_of(ddl)


@pytest.mark.parametrize(
    "ddl",
    [
        "grant all on schema public to public",
        "alter table t owner to postgres",
        "create view v as select pg_sleep(1)",
        "create materialized view v as select pg_sleep(1)",
        "create trigger x before insert on t execute function f()",
        "create rule r as on insert to t do instead nothing",
        "create policy p on t using (true)",
        "create role evil superuser",
        "create function f() returns trigger language plpgsql as $$ begin return new; end $$",
        "create function f() returns int language c as 'evil', 'symbol'",
        "create function f(x text) returns text language sql security definer as 'select $1'",
        "create function f() returns text language sql as $$ select pg_read_file('/etc/passwd') $$",
        "create function f() returns bigint language sql as $$ select count(*) from pg_class $$",
        "create function f(a text default pg_read_file('/etc/passwd')) returns text language sql as 'select $1'",
        "create aggregate a (int) (sfunc = int4pl, stype = int)",
        "create operator === (leftarg = int, rightarg = int, function = int4eq)",
        "create extension plpython3u",
        "create extension adminpack",
        "create language plpython3u",
        "set role postgres",
        "set session authorization postgres",
        "set statement_timeout = 0",
        "set session_replication_role = replica",
        "reset role",
        "select pg_sleep(100)",
        "select set_config('role', 'postgres', false)",
        "select set_config('search_path', pg_read_file('x'), false)",
        "insert into t values (pg_sleep(1))",
        "copy t from stdin;\n1\n\\.\n",
        "begin; commit",
        "alter view v rename to w",
        "vacuum",
        "explain analyze select pg_sleep(1)",
        "\\restrict abc",
        "alter role postgres superuser",
        "alter role current_user set statement_timeout = 0",
        "alter database postgres set search_path = evil",
        "alter default privileges grant all on tables to public",
        "create event trigger e on ddl_command_start execute function f()",
        "create publication p for all tables",
        "create cast (text as int) with function evil(text)",
        "create cast (text as int) with inout as implicit",
        "create type t (input = evil, output = evil)",
        "create text search template t (lexize = evil)",
        "create access method m type index handler evil",
        "create conversion c for 'UTF8' to 'LATIN1' from evil",
        "create transform for int language sql (from sql with function f(internal))",
        "drop owned by postgres; reassign owned by postgres to evil; drop database postgres",
        "truncate pg_authid; lock table pg_authid; reindex system postgres; checkpoint; discard all",
        "listen x; notify x, 'y'; declare c cursor with hold for select pg_sleep(1); prepare transaction 'x'",
        "with x as (delete from pg_authid returning *) select * from x",
        "select * into t from pg_authid",
        "create view pg_catalog.v as select 1",
    ],
)
def test_what_no_row_depends_on_is_left_out(ddl: str) -> None:
    """A pasted dump has plenty of it, and none of it runs."""
    assert ran(ddl) == []


def test_a_schema_passes() -> None:
    """Tables, types, keys, and the search path of a dump."""
    ddl = """
        SELECT pg_catalog.set_config('search_path', '', false);
        set search_path = a, "B c";
        create schema a;
        create type a.mood as enum ('ok');
        create domain a.code as text check (value ~ '^x' and length(value) < 5);
        create table a.t (id bigint generated always as identity primary key, m a.mood default 'ok',
            at timestamptz default now(), code text generated always as (lpad('x', 8, '0')) stored,
            check (extract(year from at) > 2000 and at at time zone 'UTC' > '2001-01-01'));
        create unique index on a.t (lower(code)) where m is not null;
        alter table only a.t add constraint f foreign key (id) references a.t (id);
        comment on table a.t is 'x';
    """
    assert len(ran(ddl)) == 9
    assert ran(ddl)[:2] == ["set search_path = ''", 'set search_path = "a", "B c"']


def test_functions_that_are_one_expression_pass() -> None:
    """They are inlined later; a PL/pgSQL one that only returns an expression is made into one in SQL."""
    ddl = """
        create function even(n int) returns boolean language sql immutable as $$ select n % 2 = 0 $$;
        create function odd(n int) returns boolean language sql immutable return n % 2 = 1;
        create function small(n int) returns boolean language plpgsql as $$ begin return n < 10; end $$;
        create table t (a int check (even(a)), b int check (odd(b)), c int check (small(c)));
    """
    statements = ran(ddl)
    assert len(statements) == 4
    assert "language sql" in statements[2]
    assert "SELECT n < 10" in statements[2]


def test_functions_cannot_double_each_other() -> None:
    """One that calls another of the DDL's own is left out: twenty of them would make a gigabyte of a letter."""
    ddl = """
        create function f(x text) returns text language sql immutable as 'select x || x';
        create function g(x text) returns text language sql immutable as 'select f(f(x))';
        create table t (a text check (g(a) <> ''));
    """
    assert "g may not be called" in faults_of(ddl)[0].message


def test_functions_that_decide_may_be_nested() -> None:
    """What they give is small whatever they are given, so it doubles nothing; but not without end."""
    ddl = "create function f0(x text) returns boolean language sql set search_path = a, public as 'select x <> $$a$$';"
    for n in range(1, 6):
        ddl += f"create function f{n}(x text) returns boolean language sql as 'select f{n - 1}(x) and f{n - 1}(x)';"
    assert len(ran(ddl + "create table t (a text check (f2(a)))")) == 4
    assert "f5 may not be called" in faults_of(ddl + "create table t (a text check (f5(a)))")[0].message


def test_a_default_that_calls_too_much_is_left_out() -> None:
    """Rows are written with values of their own, so the default decides nothing; what runs has NULL in its place."""
    passed = pass_gate("create table t (é text, a uuid default my.f(1, ')') , b int default g(h()) check (b > 0))")
    (statement,) = passed.statements
    text = " ".join(statement.text.split())
    assert text == "create table t (é text, a uuid default NULL , b int default NULL check (b > 0))"
    assert len(passed.warnings) == 2


def test_how_rows_would_change_is_left_out_too() -> None:
    """There are none in the scratch database."""
    changed = ran("alter table t alter a type timestamptz using a at time zone current_setting('timezone')")
    assert changed == ["alter table t alter a type timestamptz using a at time zone NULL"]
    assert ran("alter table t alter a type int using pg_sleep(1)::text::int") == [
        "alter table t alter a type int using NULL ::text::int"
    ]
    assert faults_of("alter table t alter a type int using (select pg_sleep(1))::int")


def test_what_is_written_for_psql_is_read() -> None:
    """Its variables are filled in before anything is judged; another dialect's rows are skipped like all others."""
    ddl = """\\set place ground
        create table :place (a int default :'place', b char(:width));
        insert into t values (1) on duplicate key update;
        grant all on database :"db" to :"owner";"""
    with pytest.raises(DdlRefused):
        pass_gate(ddl)  # nothing says how wide
    assert ran(ddl.replace(":width", "3")) == ["create table ground (a int default 'ground', b char(3))"]
    assert faults_of("\\set f pg_sleep\ncreate table t (a int check (:f(5) is null))")[0].code == "function_not_allowed"


def test_configurations_of_text_search_are_made() -> None:
    """Computed columns name them."""
    assert len(ran("create text search configuration plain (copy = simple)")) == 1
    assert ran("create text search dictionary mine (template = ispell, dictfile = '/etc/passwd')") == []


def test_an_index_that_calls_too_much_is_left_out() -> None:
    """A plain index changes no row."""
    assert ran("create index on t (my.func(a))") == []
    assert faults_of("create unique index on t (my.func(a))")[0].code == "function_not_allowed"


@pytest.mark.parametrize(
    "body",
    [
        "begin create type a as enum ('x'); exception when duplicate_object then null; end",
        "BEGIN\n CREATE TYPE a AS ENUM ('x');\nEXCEPTION\n WHEN duplicate_object THEN null;\nEND",
        "begin if not exists (select from pg_type where typname = 'a') then create type a as enum ('x'); end if; end",
    ],
)
def test_guards_against_running_twice_are_taken_off(body: str) -> None:
    """Migrations of several tools wrap their DDL so; it stands for what it guards."""
    assert ran(f"do $$ {body} $$") == ["create type a as enum ('x')"] or "CREATE TYPE" in ran(f"do $$ {body} $$")[0]


def test_of_a_block_what_describes_the_schema_is_taken() -> None:
    """Guards let it through in an empty database; what takes running the block is left out and said, by its line."""
    passed = pass_gate("""create table t (a int);
    do $body$
    declare found record;
    begin
      if not exists (select from pg_class where relname = 'u') then
        create table u (b int);
        execute 'alter table u add column "it''s" int';
      else
        drop table t;
      end if;
      begin
        alter table t add constraint positive check (a > 0);
      exception when others then raise notice 'there already';
      end;
      for found in select * from t loop delete from t where a = found.a; end loop;
      execute format('drop table %I', 't');
      perform pg_sleep(100);
      update t set a = 1;
      select * into found from t;
      create table copied as select pg_read_file('/etc/passwd');
    end
    $body$;
    do $$ begin grant all on t to somebody; create role somebody; end $$""")
    assert [(" ".join(one.text.split()), one.source.line) for one in passed.statements] == [
        ("create table t (a int)", 1),
        ("create table u (b int)", 6),
        ('alter table u add column "it\'s" int', 7),
        ("alter table t add constraint positive check (a > 0)", 12),
    ]
    assert [one.weight for one in passed.statements[1:]] == [Weight.TRY] * 3
    assert [note.partition(":")[0] for note in passed.warnings] == ["line 2", "line 23"]


def test_a_table_made_from_a_query_is_left_out_with_what_is_said_of_it() -> None:
    """Nobody knows its columns without running the query."""
    passed = pass_gate("create table t as select pg_read_file('/etc/passwd') as a; create index on t (a)")
    assert passed.statements == ()
    assert "line 1: table t" in passed.warnings[0]


def test_extensions_come_first_and_from_a_list() -> None:
    """Those that are asked for, and those whose types are used without asking."""
    passed = pass_gate("create table t (a citext, b extensions.vector(3)); create extension ltree schema ext")
    assert {(name, schema) for name, schema, _ in passed.extensions} == {
        ("citext", None),
        ("vector", "extensions"),
        ("ltree", "ext"),
    }


def test_names_do_not_get_into_the_superusers_statements() -> None:
    """A schema whose name would need quotes is not where an extension goes."""
    passed = pass_gate("""create extension citext schema "x'; create role evil superuser; --" """)
    assert passed.extensions == (("citext", None, 1),)


@pytest.mark.parametrize(
    "ddl",
    [
        "create table t (a int check (" + "(" * 300 + "a" + ")" * 300 + " > 0))",
        "create table t (a int check (a > " + "1+" * 100_000 + "1))",
        "create table t (a int check (a > 1" + "::int" * 100_000 + "))",
        "create table t (a int check (" + "not " * 50_000 + "true))",
        "create type e as enum (" + ", ".join(f"'{n}'" for n in range(30_000)) + ")",
        ";".join(["create table t (a int)"] * 20_000),
        "-" * (MAX_BYTES + 1),
        "\\set a " + "(" * 150 + "\ncreate table t (a int check (:a :a 1 > 0))",
        ";".join(f"create table t{n} ({', '.join(f'c{m} int' for m in range(1500))})" for n in range(20)),
        "do 'begin create table t (a int check (" + "not " * 21_000 + "true)); end'",
        "do 'begin create table t (a int check (" + "(" * 300 + "a" + ")" * 300 + " > 0)); end'",
        "do $$ begin execute 'create table t (a int check (" + "not " * 21_000 + "true))'; end $$",
        ";".join(["do 'begin " + "create table t (a int);" * 2_500 + " end'"] * 5),
    ],
    ids=[
        "brackets",
        "sums",
        "casts",
        "nots",
        "labels",
        "statements",
        "bytes",
        "variables",
        "columns",
        "quoted",
        "quoted brackets",
        "executed",
        "blocks",
    ],
)
def test_size_and_depth_are_limited(ddl: str) -> None:
    """What would hurt a parser is refused before it is parsed."""
    assert faults_of(ddl)[0].code == "ddl_too_large"


def test_what_is_no_text_is_refused() -> None:
    """A NUL, or half of a surrogate pair, which JSON can bring and Postgres' parser cannot read."""
    for ddl in ("create table t (a int)\x00", "create table \ud83d (a int)"):
        assert faults_of(ddl)[0].code == "ddl_not_allowed"


def test_a_syntax_error_does_not_send_everything_back() -> None:
    """A quote that is not closed runs to the end, and Postgres would quote all of it."""
    [fault] = faults_of("create table t (a text default 'x" + "y" * 100_000)
    assert len(fault.message) < 500


def test_a_changed_statement_is_vetted() -> None:
    """The loader may drop a clause and try again; what is left has to pass as well."""
    vet = pass_gate("create table t (a int)").vet
    assert vet("create table t (a int)")
    assert not vet("create table t (a int check (pg_sleep(1) is null))")
    assert not vet("create table t (a int); drop table t")
    assert not vet("create table t (a text default '' || pg_read_file('x'))")
    assert not vet("do $$ begin end $$")


def test_nothing_dangerous_is_on_the_list() -> None:
    """No function that reads or writes anything but its arguments."""
    dangerous = "pg_ lo_ dblink query_to table_to database_to cursor_to schema_to has_ inet_server inet_client current_"
    dangerous += " set_config txid ts_stat generate_ xpath file_"
    assert not [name for name in allowed_functions() if name.startswith(tuple(dangerous.split()))]
    others = {"version", "currval", "lastval", "setval", "array_fill", "factorial", "string_agg"}
    assert not allowed_functions() & others
