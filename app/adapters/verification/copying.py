"""Arrow batches into a table, by COPY."""

from collections.abc import Callable, Iterable
from typing import Any

import psycopg
import pyarrow as pa

from app.generator.formats.copy import CopyEncoder
from app.generator.plan import TablePlan

Connection = psycopg.Connection[Any]
OnRows = Callable[[int], None]

# What the text of values means depends on these.
READING = {
    "client_encoding": "UTF8",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "bytea_output": "hex",
    "xmloption": "content",
    "extra_float_digits": "1",
}


def prepare_session(connection: Connection, *, local: bool = False) -> None:
    """Makes the session read values as the encoders write them; with `local`, until the transaction ends."""
    for name, value in READING.items():
        connection.execute("select set_config(%s, %s, %s)", (name, value, local))


def copy_rows(
    connection: Connection,
    table: TablePlan,
    batches: Iterable[pa.RecordBatch],
    statement: str | None = None,
    on_rows: OnRows | None = None,
) -> int:
    """Copies batches into the table of the plan, or by another COPY statement; gives the number of rows sent."""
    encoder = CopyEncoder(table)
    rows = 0
    with connection.cursor() as cursor, cursor.copy((statement or encoder.statement("stdin")).encode()) as copy:
        for batch in batches:
            copy.write(encoder.encode(batch))
            rows += batch.num_rows
            if on_rows is not None:
                on_rows(batch.num_rows)
    return rows
