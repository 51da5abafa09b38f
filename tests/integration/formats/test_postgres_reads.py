"""Postgres reads what the encoders write, value by value, next to rows that psycopg inserted."""

from typing import Any

import psycopg
import pytest

from app.generator.formats.copy import CopyEncoder
from app.generator.formats.csv import CsvEncoder
from app.generator.formats.identifiers import quote_name
from app.generator.plan import TablePlan
from app.generator.types import format_type
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


@pytest.mark.parametrize("form", ["csv", "copy"])
def test_every_value_arrives(empty_database_url: str, form: str) -> None:
    """What COPY reads from the encoder's bytes is what INSERT made of the Python values."""
    table = table_plan("t", ROWS)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("set time zone 'Asia/Kathmandu'")
        create(connection, "copied")
        create(connection, "inserted")
        if form == "csv":
            data = CsvEncoder(table).header() + CsvEncoder(table).encode(batch_of(table, ROWS))
            statement = f"copy copied ({_NAMES}) from stdin with (format csv, header match)"
        else:
            data = CopyEncoder(table).encode(batch_of(table, ROWS))
            statement = f"copy copied ({_NAMES}) from stdin"
        with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            copy.write(data)
        insert(connection, "inserted", values_of(table, ROWS))
        assert texts(connection, "copied") == texts(connection, "inserted")


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
