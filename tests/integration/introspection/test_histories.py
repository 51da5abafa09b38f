"""Files that have grown over years: what they do to rows, and what Postgres has given up since."""

from app.generator.snapshot.type_names import format_type
from tests.integration.introspection.conftest import Read, table_of


def test_a_block_that_fails_over_rows_defines_what_it_defines(read_ddl: Read) -> None:
    """The rows of a history are not loaded, so that what it does to them next may fail; its columns are there."""
    snapshot = read_ddl("""
        create table kinds (code text primary key);
        create table goods (id int primary key, kind text not null references kinds);
        insert into kinds values ('a');
        select * into temporary table kept from nowhere;
        do $$ begin
            if to_regclass('public.labels') is null then
                alter table goods add column label varchar(30);
                insert into goods values (1, 'a', 'first');
                create table labels (label text primary key);
            end if;
        end $$;
        alter table goods alter column label type varchar(60);
    """)
    assert format_type(table_of(snapshot, "goods").column("label").type) == "character varying(60)"
    assert [key.columns for key in table_of(snapshot, "labels").keys] == [("label",)]


def test_tables_of_old_may_have_oids(read_ddl: Read) -> None:
    """What Postgres 12 took away was nobody's column."""
    snapshot = read_ddl("create table a (id int) with oids; create table b (id int) with (oids=true);")
    assert {t.name.name for t in snapshot.tables} == {"a", "b"}


def test_schemas_of_elsewhere_are_there_from_the_first_word_of_them(read_ddl: Read) -> None:
    """What a history makes over a table of Supabase's is there when it is renamed, and not made after its heir."""
    snapshot = read_ddl("""
        create table items (id int primary key);
        create table notes (id int primary key, owner uuid references auth.users, item int references items,
                            picture uuid references storage.objects, bucket text references storage.buckets);
        create table texts (doc json check (jsonb_matches_schema(schema => '{}', instance => doc::jsonb)));
        alter table notes rename to old_notes;
        alter table items rename to old_items;
        create table items (id text primary key);
        alter table old_notes drop column bucket, add column public boolean not null;
    """)
    assert {c.name for c in table_of(snapshot, "old_notes").columns} == {"id", "owner", "item", "picture", "public"}
    referred = {str(key.ref_table) for key in table_of(snapshot, "old_notes").foreign_keys}
    assert referred == {"auth.users", "public.old_items", "storage.objects"}
    assert table_of(snapshot, "texts").checks


def test_a_schema_that_a_block_makes_is_the_files_own(read_ddl: Read) -> None:
    """What refers to it before is tried again after it, and nothing of Supabase's stands in."""
    snapshot = read_ddl("""
        create table notes (id int primary key, owner int references auth.users);
        do $$ begin execute 'create schema auth'; create table auth.users (id int primary key); end $$;
    """)
    assert {str(t.name) for t in snapshot.tables} == {"auth.users", "public.notes"}


def test_what_an_application_sets_for_its_sessions_is_empty_here(read_ddl: Read) -> None:
    """A function that asks for it while the DDL runs makes the columns that the file says."""
    snapshot = read_ddl("""
        create function tracked(name regclass) returns void language plpgsql as $$ begin
            execute format('alter table %s add column changed_by text default %L', name, current_setting('shop.user'));
        end $$;
        create table goods (id int primary key);
        select tracked('goods');
        alter table goods rename column changed_by to seen_by;
    """)
    assert [c.name for c in table_of(snapshot, "goods").columns] == ["id", "seen_by"]
