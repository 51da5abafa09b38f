"""The judge finds every kind of violation, counts it, and goes on with the other tables."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.scratch import ScratchDatabase
from app.adapters.verification.report import Report
from app.adapters.verification.verify import verify
from app.errors import PlanRefused
from tests.conftest import Server
from tests.integration.verification.rows import ByTable, batches_of, plan_of

Found = set[tuple[str, str, str, int | None]]


@pytest.fixture
def scratch(postgres: Server) -> Iterator[ScratchDatabase]:
    """An empty database, gone afterwards."""
    with ScratchDatabase(postgres.url()) as database:
        yield database


def judge(scratch: ScratchDatabase, ddl: str, rows: ByTable) -> Report:
    """The report on rows made by hand for the tables of the DDL."""
    scratch.load(ddl)
    with scratch.connect() as connection:
        plan = plan_of(introspect(connection), rows)
        return verify(plan, connection, batches=batches_of(plan, rows))


def found(report: Report) -> Found:
    """The violations without their samples."""
    return {(v.table.name, v.kind, v.constraint, v.count) for v in report.violations}


def test_good_rows_hold(scratch: ScratchDatabase) -> None:
    """Rows that break nothing are all in, and the report says how many constraints were on."""
    ddl = "create table a (id int primary key, n int check (n > 0)); create table b (a_id int references a)"
    report = judge(scratch, ddl, {"a": [{"id": 1, "n": 5}, {"id": 2}], "b": [{"a_id": 2}, {"a_id": None}]})
    assert report.holds
    assert report.rows_loaded == 4
    assert report.constraints >= 3
    assert "zero violations" in report.to_text()


def test_every_constraint_of_a_table_is_counted(scratch: ScratchDatabase) -> None:
    """The first violation hides no other: each constraint is reported with the number of rows that break it."""
    ddl = """
        create table t (
            id int constraint t_pk primary key,
            name text not null,
            low int, high int,
            code varchar(3) constraint code_unique unique,
            constraint ordered check (low <= high),
            constraint named check (name <> '')
        );
        create unique index lower_name on t (lower(name)) where low is null;
    """
    rows: list[dict[str, Any]] = [
        {"id": 1, "name": "a", "low": 1, "high": 2, "code": "x"},
        {"id": 1, "name": None, "low": 5, "high": 2, "code": "x"},
        {"id": 2, "name": "", "low": 9, "high": 2, "code": "y"},
        {"id": 3, "name": "B", "code": "y"},
        {"id": 4, "name": "b", "code": None},
    ]
    report = judge(scratch, ddl, {"t": rows})
    assert found(report) == {
        ("t", "unique", "t_pk", 1),
        ("t", "unique", "code_unique", 2),
        ("t", "unique", "lower_name", 1),
        ("t", "not null", "name", 1),
        ("t", "check", "ordered", 2),
        ("t", "check", "named", 1),
    }
    assert report.tables[0].rows_loaded == 0
    assert not report.holds


def test_values_that_a_type_does_not_take(scratch: ScratchDatabase) -> None:
    """Malformed, overlong and out-of-domain values are reported by column, with one of them."""
    ddl = """
        create extension vector;
        create domain even as int not null check (value % 2 = 0);
        create type mood as enum ('ok');
        create table t (id int primary key, doc jsonb, code varchar(2), m mood, n even, v vector(2));
    """
    rows = [
        {"id": 1, "doc": "{}", "code": "ab", "m": "ok", "n": 2, "v": "[1,2]"},
        {"id": 2, "doc": "{", "code": "abc", "m": "bad", "n": 3, "v": "[1]"},
        {"id": 3, "doc": "[", "code": "abc", "m": "ok", "n": None, "v": "[1,2]"},
    ]
    report = judge(scratch, ddl, {"t": rows})
    kinds = {(v.kind, v.constraint, v.count) for v in report.violations}
    assert ("input", "doc", 2) in kinds
    assert ("input", "code", 2) in kinds
    assert ("input", "m", 1) in kinds
    # Where the extension is not installed its stand-in takes any text.
    assert ("input", "v", 1) in kinds or any("vector is not available" in warning for warning in scratch.warnings)
    assert {(v.constraint, v.count) for v in report.violations if v.kind == "domain"} == {("n", 1)}
    assert any("NULL" in v.sample for v in report.violations if v.constraint == "n")


def test_orphans_are_counted(scratch: ScratchDatabase) -> None:
    """A foreign key is asked over all rows; composite and MATCH FULL ones by their own rules."""
    ddl = """
        create table p (a int, b int, primary key (a, b));
        create table simple (id int, a int, b int, constraint fk_simple foreign key (a, b) references p);
        create table whole (a int, b int, constraint fk_full foreign key (a, b) references p match full);
    """
    rows: ByTable = {
        "p": [{"a": 1, "b": 1}],
        "simple": [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 7, "b": 7}, {"a": 7}],
        "whole": [{"a": 1, "b": 1}, {"a": 1}, {}],
    }
    report = judge(scratch, ddl, rows)
    assert found(report) == {
        ("simple", "foreign key", "fk_simple", 2),
        ("whole", "foreign key", "fk_full", 1),
    }


def test_children_of_a_refused_table_are_not_blamed(scratch: ScratchDatabase) -> None:
    """When a parent table is refused, its children are held against the rows that were made for it."""
    ddl = """
        create table p (id int primary key, n int constraint positive check (n > 0));
        create table c (p_id int constraint fk references p);
    """
    report = judge(
        scratch, ddl, {"p": [{"id": 1, "n": 1}, {"id": 2, "n": -1}], "c": [{"p_id": 1}, {"p_id": 2}, {"p_id": 3}]}
    )
    assert found(report) == {("p", "check", "positive", 1), ("c", "foreign key", "fk", 1)}


def test_cycles_need_no_order(scratch: ScratchDatabase) -> None:
    """Tables that refer to each other, and to themselves, load whichever comes first."""
    ddl = """
        create table a (id int primary key, b_id int not null, up int references a);
        create table b (id int primary key, a_id int not null references a);
        alter table a add constraint a_b foreign key (b_id) references b;
    """
    rows: ByTable = {"a": [{"id": 1, "b_id": 1, "up": 2}, {"id": 2, "b_id": 1}], "b": [{"id": 1, "a_id": 2}]}
    report = judge(scratch, ddl, rows)
    assert report.holds


def test_a_cycle_that_does_not_close_is_found(scratch: ScratchDatabase) -> None:
    """Dropping foreign keys for the load hides nothing: a deferrable one that dangles is reported."""
    ddl = """
        create table a (id int primary key, b_id int not null);
        create table b (id int primary key, a_id int not null references a deferrable);
        alter table a add constraint a_b foreign key (b_id) references b deferrable initially deferred;
    """
    report = judge(scratch, ddl, {"a": [{"id": 1, "b_id": 9}], "b": [{"id": 1, "a_id": 1}]})
    assert found(report) == {("a", "foreign key", "a_b", 1)}


def test_partitions_are_asked_for_what_is_their_own(scratch: ScratchDatabase) -> None:
    """Rows that no partition takes, and rows that break a constraint of the one that takes them."""
    ddl = """
        create table t (region text not null, n int, id int) partition by list (region);
        create table t_a partition of t (constraint small check (n < 10)) for values in ('a');
        create table t_b partition of t (constraint b_key unique (id)) for values in ('b');
    """
    rows = [
        {"region": "a", "n": 20, "id": 1},
        {"region": "b", "n": 20, "id": 1},
        {"region": "b", "n": 30, "id": 1},
        {"region": "c", "n": 1, "id": 1},
    ]
    report = judge(scratch, ddl, {"t": rows})
    assert found(report) == {
        ("t", "partition", "no partition takes them", 1),
        ("t", "check", "small", 1),
        ("t", "unique", "b_key", 1),
    }


def test_overlaps_are_counted(scratch: ScratchDatabase) -> None:
    """Exclusion constraints and keys WITHOUT OVERLAPS are asked pair by pair."""
    ddl = """
        create extension btree_gist;
        create table stays (room int, during daterange,
            constraint no_overlap exclude using gist (room with =, during with &&));
    """
    rows = [
        {"room": 1, "during": "[2024-01-01,2024-02-01)"},
        {"room": 1, "during": "[2024-01-15,2024-01-20)"},
        {"room": 2, "during": "[2024-01-15,2024-01-20)"},
    ]
    report = judge(scratch, ddl, {"stays": rows})
    assert found(report) == {("stays", "exclusion", "no_overlap", 1)}


def test_triggers_are_off_and_said_to_be(scratch: ScratchDatabase) -> None:
    """A trigger that refuses every row does not stop the load; the report names it."""
    ddl = """
        create table t (id int primary key, day date);
        create function no() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
        create trigger refuse before insert on t for each row execute function no();
    """
    report = judge(scratch, ddl, {"t": [{"id": 1, "day": date(2024, 1, 1)}]})
    assert report.holds
    assert any("refuse" in note for note in report.notes)


def test_nulls_not_distinct(scratch: ScratchDatabase) -> None:
    """NULLs are one value where the key says so, and many where it does not."""
    ddl = "create table t (a int, b int, c int unique, constraint k unique nulls not distinct (a, b))"
    report = judge(scratch, ddl, {"t": [{"a": 1}, {"a": 1}, {}, {}]})
    assert found(report) == {("t", "unique", "k", 2)}


def test_a_server_without_xml(scratch: ScratchDatabase) -> None:
    """Where the type takes no value at all, rows with such columns are judged by the rest of them, and it is said."""
    ddl = "create table t (id int primary key, doc xml, docs xml[])"
    report = judge(scratch, ddl, {"t": [{"id": 1, "doc": "<a/>", "docs": ["<b/>"]}]})
    assert report.holds
    with scratch.connect() as connection:
        try:
            connection.execute("select '<a/>'::xml")
        except psycopg.errors.FeatureNotSupported:
            assert any("public.t.doc, public.t.docs" in note for note in report.notes)


def test_a_plan_for_other_tables_is_refused(scratch: ScratchDatabase) -> None:
    """A plan that names what the database does not have is refused at once, with all that is missing."""
    scratch.load("create table t (id int primary key, n int); create table gone (id int)")
    with scratch.connect() as connection:
        plan = plan_of(introspect(connection), {"t": [{"id": 1}], "gone": [{"id": 1}]})
        connection.execute("drop table gone; alter table t drop column n")
        with pytest.raises(PlanRefused) as refused:
            verify(plan, connection)
    assert [fault.code for fault in refused.value.faults] == ["missing_column", "missing_table"]


def test_the_report_as_json(scratch: ScratchDatabase) -> None:
    """The JSON has the verdict, the counts, and each violation with table and constraint."""
    report = judge(scratch, "create table t (id int primary key)", {"t": [{"id": 1}, {"id": 1}]})
    body = report.to_json()
    assert body["holds"] is False
    assert body["violations"] == 1
    assert body["tables"][0]["violations"][0] == {
        "table": "public.t",
        "constraint": "t_pkey",
        "kind": "unique",
        "count": 1,
        "sample": "(1)",
    }
