"""psql loads what an export is: a script, a compressed script, an archive with its loader."""

import io
import os
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.adapters.introspection.catalog import introspect
from app.generator import GeneratorConfig
from app.generator import make_plan as plan_of_schema
from app.generator.formats.identifiers import quote_name, quote_qualified
from app.generator.layout import Output, render_all
from app.generator.plan import Plan, TablePlan
from app.generator.types import format_type
from tests.fixtures.programs import program
from tests.unit.formats.samples import (
    AWKWARD_NAME,
    VALUES,
    column_plan,
    make_plan,
    rows_of,
    table_plan,
    values_of,
    with_deferred_cycle,
)


@pytest.fixture(autouse=True)
def _psql() -> None:
    program("psql", "postgresql-client")


# As snapshots write it: without quotes.
SEQUENCE = "public.Odd seq"
NUMBERED = replace(
    table_plan("numbered", 5, []),
    columns=(column_plan("number", VALUES["number"][0], sequence=SEQUENCE, identity="always"),),
)
TABLES = (
    table_plan("every type", 300),
    NUMBERED,
    table_plan(AWKWARD_NAME, 4, [AWKWARD_NAME, "text"], schema="odd 'schema'"),
    table_plan("Empty", 0, ["id"]),
)
# A seed from outside: it must not get out of the comment it stands in.
PLAN = make_plan(*map(with_deferred_cycle, TABLES), seed="7\n\\! touch hacked\nSELECT 1/0; --")


def create_tables(connection: psycopg.Connection[Any], tables: tuple[TablePlan, ...]) -> None:
    """Tables as the plan has them, with columns of the plan's types."""
    connection.execute('create sequence public."Odd seq"')
    for table in tables:
        connection.execute(f"create schema if not exists {quote_name(table.name.schema)}".encode())
        always = " generated always as identity"
        columns = ", ".join(
            f"{quote_name(c.name)} {format_type(c.type)}{always if c.identity else ''}" for c in table.columns
        )
        connection.execute(f"create table {quote_qualified(table.name)} ({columns})".encode())


def texts(connection: psycopg.Connection[Any], table: TablePlan) -> list[Any]:
    """The table's rows as text, in the order of their text."""
    rows = connection.execute(f"select t::text from {quote_qualified(table.name)} t order by 1".encode()).fetchall()
    return [row for (row,) in rows]


def run_psql(url: str, *arguments: str, folder: Path, data: bytes | None = None) -> None:
    environment = {
        **os.environ,
        "PGOPTIONS": "-c datestyle=SQL,DMY -c intervalstyle=sql_standard",
        "PGCLIENTENCODING": "LATIN1",
    }
    command = ["psql", "--no-psqlrc", "--quiet", "-d", url, *arguments]
    run = subprocess.run(command, input=data, cwd=folder, capture_output=True, env=environment, timeout=60)
    assert run.returncode == 0, run.stderr.decode()
    assert run.stderr == b""


def load_by_psql(url: str, folder: Path, plan: Plan, form: str) -> None:
    """Renders a plan's tables and has psql load them: an archive by its `load.sql`, or a script as it is."""
    data = b"".join(render_all(plan, Output(form)))
    if form == "csv":
        zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
        run_psql(url, "-f", "load.sql", folder=folder)
    else:
        run_psql(url, folder=folder, data=data)


def check_loaded(url: str, plan: Plan) -> None:
    """Each table holds the plan's rows, and its sequence goes on after them."""
    with psycopg.connect(url) as connection:
        for table in plan.tables:
            assert connection.execute(f"select count(*) from {quote_qualified(table.name)}".encode()).fetchone() == (
                table.rows,
            )
        connection.execute('create table expected (like "every type")')
        casts = ", ".join(f"cast(%s as {format_type(c.type)})" for c in TABLES[0].columns)
        names = [c.name for c in TABLES[0].columns]
        boxes = names.index("boxes")
        with connection.cursor() as cursor:
            cursor.executemany(
                f"insert into expected values ({casts})".encode(),
                [(*r[:boxes], "{" + ";".join(r[boxes]) + "}", *r[boxes + 1 :]) for r in values_of(TABLES[0], 300)],
            )
        expected = connection.execute("select t::text from expected t order by 1").fetchall()
        assert texts(connection, TABLES[0]) == [row for (row,) in expected]
        # In the order that the server's collation gives them.
        assert sorted(texts(connection, TABLES[2])) == [
            '(,"")',
            '(,"comma, quote "" and \'apostrophe\'")',
            "(x,)",
            "(x,plain)",
        ]
        assert connection.execute("select nextval('public.\"Odd seq\"')").fetchone() == (8,)


@pytest.mark.parametrize(
    ("form", "compression"), [("copy", None), ("copy", "gzip"), ("copy", "zstd"), ("sql", None), ("sql", "zstd")]
)
def test_a_script_loads(empty_database_url: str, tmp_path: Path, form: str, compression: str | None) -> None:
    """`psql -f` of a script, or of what its compression's own program makes of it, whatever the session's settings."""
    data = b"".join(render_all(PLAN, Output(form, compression), source=rows_of))
    if compression is not None:
        data = subprocess.run([program(compression), "-dc"], input=data, capture_output=True, check=True).stdout
    (tmp_path / "script.sql").write_bytes(data)
    with psycopg.connect(empty_database_url) as connection:
        create_tables(connection, PLAN.tables)
    run_psql(empty_database_url, "-f", "script.sql", folder=tmp_path)
    check_loaded(empty_database_url, PLAN)
    assert not (tmp_path / "hacked").exists()


def test_a_script_loads_from_standard_input(empty_database_url: str, tmp_path: Path) -> None:
    """`seedbed generate ... | psql` works too."""
    data = b"".join(render_all(PLAN, Output("copy"), source=rows_of))
    with psycopg.connect(empty_database_url) as connection:
        create_tables(connection, PLAN.tables)
    run_psql(empty_database_url, folder=tmp_path, data=data)
    check_loaded(empty_database_url, PLAN)


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_an_archive_loads(empty_database_url: str, tmp_path: Path, form: str) -> None:
    """Unpacked, `psql -f load.sql` in its folder puts every file where it belongs."""
    with zipfile.ZipFile(io.BytesIO(b"".join(render_all(PLAN, Output(form), source=rows_of)))) as archive:
        archive.extractall(tmp_path)
    with psycopg.connect(empty_database_url) as connection:
        create_tables(connection, PLAN.tables)
    run_psql(empty_database_url, "-f", "load.sql", folder=tmp_path)
    check_loaded(empty_database_url, PLAN)


@pytest.mark.parametrize("form", ["copy", "csv"])
def test_a_cycle_that_no_row_can_start_loads(empty_database_url: str, tmp_path: Path, form: str) -> None:
    """Two tables that need each other: one constraint waits until the end, and is then as it was."""
    with psycopg.connect(empty_database_url) as connection:
        connection.execute((Path(__file__).resolve().parents[2] / "schemas" / "cycles.sql").read_bytes())
    with psycopg.connect(empty_database_url) as connection:
        plan = plan_of_schema(introspect(connection), GeneratorConfig(rows=20), 1)
        before = connection.execute("select conname, condeferrable from pg_constraint order by oid").fetchall()
    load_by_psql(empty_database_url, tmp_path, plan, form)
    with psycopg.connect(empty_database_url) as connection:
        after = connection.execute("select conname, condeferrable from pg_constraint order by oid").fetchall()
        assert after == before
        assert connection.execute("select count(*) from stores natural join clerks").fetchone() == (20,)


_COUNTED = """
create sequence down increment -5 minvalue -100000 maxvalue 5000;
create table lower (id int primary key default nextval('down'));
create sequence beneath increment -1 maxvalue -1;
create table below (id int primary key default nextval('beneath'));
create sequence shared;
create table first (id bigint primary key default nextval('shared'));
create table second (id numeric primary key default nextval('shared'));
create table tenth (id int generated always as identity (start with 1000 increment by 10) primary key, x xid, c cid);
create table nothing ();
"""


@pytest.mark.parametrize("form", ["sql", "csv"])
def test_odd_tables_and_sequences_load(empty_database_url: str, tmp_path: Path, form: str) -> None:
    """Rows without columns, and numbers that are no integers to Postgres. Sequences go on after the rows: also those
    that count downwards, those that reach no row's number, and those that two tables take theirs from."""
    with psycopg.connect(empty_database_url) as connection:
        connection.execute(_COUNTED)
    with psycopg.connect(empty_database_url) as connection:
        config = GeneratorConfig.from_json({"rows": {"*": 20, "public.first": 300}})
        plan = plan_of_schema(introspect(connection), config, 1)
    load_by_psql(empty_database_url, tmp_path, plan, form)
    with psycopg.connect(empty_database_url) as connection:
        for table in plan.tables:
            name = quote_qualified(table.name)
            assert connection.execute(f"select count(*) from {name}".encode()).fetchone() == (table.rows,)
            for _ in range(400):
                connection.execute(f"insert into {name} default values".encode())


def test_a_script_that_fails_loads_nothing(empty_database_url: str, tmp_path: Path) -> None:
    """One transaction: when the last table is missing, the first one stays empty and psql says so."""
    (tmp_path / "script.sql").write_bytes(b"".join(render_all(PLAN, Output("copy"), source=rows_of)))
    with psycopg.connect(empty_database_url) as connection:
        create_tables(connection, PLAN.tables[:2])
    command = ["psql", "--no-psqlrc", "--quiet", "-d", empty_database_url, "-f", "script.sql"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.returncode == 3
    assert "does not exist" in run.stderr
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute('select count(*) from "every type"').fetchone() == (0,)
