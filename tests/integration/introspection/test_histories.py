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
