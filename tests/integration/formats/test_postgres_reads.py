"""Postgres reads what the encoders write, value by value, next to rows that psycopg inserted."""

import json
from decimal import Decimal
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from app.generator.formats.copy import CopyEncoder
from app.generator.formats.grids import grid_json
from app.generator.formats.identifiers import quote_name
from app.generator.formats.json import JsonEncoder, NdjsonEncoder
from app.generator.formats.registry import FORMATS
from app.generator.plan import TablePlan
from app.generator.types import format_type
from tests.conftest import Server
from tests.unit.formats.samples import VALUES, batch_of, infinity_batch, table_plan, values_of

ROWS = 400
_NAMES = ", ".join(quote_name(column) for column in VALUES)


def create(connection: psycopg.Connection[Any], name: str) -> None:
    """A table with a column of each sampled type."""
    columns = ", ".join(f"{quote_name(column)} {format_type(ref)}" for column, (ref, _) in VALUES.items())
    connection.execute(f"create table {name} ({columns}, row_no int generated always as identity)".encode())


def insert(connection: psycopg.Connection[Any], name: str, rows: list[tuple[Any, ...]]) -> None:
    """The same values by another road: psycopg's own adaptation."""
    casts = ", ".join(f"cast(%s as {format_type(ref)})" for ref, _ in VALUES.values())
    boxes = list(VALUES).index("boxes")
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into {name} ({_NAMES}) values ({casts})".encode(),
            [(*row[:boxes], "{" + ";".join(row[boxes]) + "}", *row[boxes + 1 :]) for row in rows],
        )


def texts(connection: psycopg.Connection[Any], name: str) -> list[tuple[Any, ...]]:
    """Every value as Postgres prints it, in the order of insertion."""
    columns = ", ".join(f"{quote_name(column)}::text" for column in VALUES)
    return connection.execute(f"select {columns} from {name} order by row_no".encode()).fetchall()


def write(connection: psycopg.Connection[Any], form: str, batch_rows: int) -> None:
    """Fills the table `copied` by way of a format, in batches of so many rows."""
    table = table_plan("copied", ROWS)
    make_encoder, batch = FORMATS[form].encoder, batch_of(table, ROWS)
    assert make_encoder is not None
    encoder = make_encoder(table)
    pieces = [encoder.encode(batch.slice(start, batch_rows), start) for start in range(0, ROWS, batch_rows)]
    data = encoder.header() + b"".join(pieces) + encoder.footer()
    if form == "sql":
        connection.execute("set standard_conforming_strings = on")
        connection.execute(data)
        return
    options = {"csv": "with (format csv, header match)", "tsv": "with (format csv, header match, delimiter e'\\t')"}
    data = b"".join(pieces) if form == "copy" else data
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy copied ({_NAMES}) from stdin {options.get(form, '')}".encode()) as copy,
    ):
        copy.write(data)


@pytest.mark.parametrize("batch_rows", [ROWS, 37])
@pytest.mark.parametrize("form", ["csv", "tsv", "copy", "sql"])
def test_every_value_arrives(empty_database_url: str, form: str, batch_rows: int) -> None:
    """What Postgres makes of the encoder's bytes is what INSERT made of the Python values."""
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("set time zone 'Asia/Kathmandu'")
        create(connection, "copied")
        create(connection, "inserted")
        write(connection, form, batch_rows)
        insert(connection, "inserted", values_of(table_plan("copied", ROWS), ROWS))
        assert texts(connection, "copied") == texts(connection, "inserted")


def test_json_is_what_postgres_writes_itself(empty_database_url: str) -> None:
    """Each object has the values, to the last digit, that row_to_json gives for the same row."""
    table = table_plan("copied", ROWS)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("set time zone 'UTC'")
        create(connection, "copied")
        write(connection, "copy", ROWS)
        query = f"select row_to_json(r)::text from (select {_NAMES} from copied order by row_no) r"
        rows = [row for (row,) in connection.execute(query.encode())]
    # An interval is the text that it was made as; Postgres writes this one otherwise.
    rows = [row.replace('"-1 days +02:03:04"', '"-1 day 02:03:04"') for row in rows]
    expected = [json.loads(row, parse_float=Decimal) for row in rows]
    lines = NdjsonEncoder(table).encode(batch_of(table, ROWS)).decode().splitlines()
    assert [json.loads(line, parse_float=Decimal) for line in lines] == expected
    encoder, batch = JsonEncoder(table), batch_of(table, ROWS)
    document = (
        encoder.header() + encoder.encode(batch.slice(0, 3)) + encoder.encode(batch.slice(3), 3) + encoder.footer()
    )
    assert json.loads(document, parse_float=Decimal) == expected


def test_infinity_and_years_before_christ_arrive(empty_database_url: str) -> None:
    """The extreme integers of dates and time stamps mean infinity, as on Postgres' own wire."""
    batch = infinity_batch()
    table = TablePlan(table_plan("ends", 4).name, 4, ())
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("set time zone 'UTC'")
        connection.execute("create table ends (day date, at_zone timestamptz)")
        with connection.cursor() as cursor, cursor.copy("copy ends from stdin") as copy:
            copy.write(CopyEncoder(table).encode(batch))
        assert connection.execute("select day::text, at_zone::text from ends order by ctid").fetchall() == [
            ("infinity", "infinity"),
            ("-infinity", "-infinity"),
            ("0001-01-01 BC", "10000-01-01 00:00:00+00"),
            (None, None),
        ]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int4", "[0:1][2:3]={{1,2},{3,NULL}}"),
        ("text", '[-1:0][0:0]={{"a=b;"},{"};{\\\\\\""}}'),
        ("float8", "{{NaN,Infinity},{-Infinity,-0}}"),
        ("numeric", "{{NaN,1e40,0.000}}"),
        ("timestamptz", '{{"294276-12-31 23:59:59+00","4713-01-01 00:00:00+00 BC"},{infinity,NULL}}'),
        ("timestamp", '{{"0044-03-15 12:00:00 BC","-infinity"}}'),
        ("date", '{{"0044-03-15 BC",infinity}}'),
        ("box", "{{(1,1),(0,0);(2,2),(0,0)};{(3,3),(0,0);NULL}}"),
        ("int4range", '{{"[1,)"},{empty}}'),
        ("jsonb", '{{"{\\"a\\": [1, null]}",NULL}}'),
        ("bytea", '{{"\\\\xdead",""}}'),
    ],
)
def test_grids_are_what_postgres_writes_itself(postgres: Server, kind: str, text: str) -> None:
    """Arrays of several dimensions, with elements of every kind that is written in its own way."""
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute(f"select x::text, to_json(x)::text from (select %s::{kind}[]) as t (x)", (text,))
        [(spelt, expected)] = found
    assert grid_json(pa.array([spelt, None]), kind).to_pylist() == [expected, None]
