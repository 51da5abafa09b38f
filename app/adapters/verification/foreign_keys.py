"""Foreign keys off for the load, and on again after it, which proves every one of them for every row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from app.adapters.introspection.sql_files import read_sql
from app.adapters.verification.report import Violation
from app.generator.snapshot.model import QName

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class DroppedForeignKey:
    """A foreign key as the catalogue described it."""

    table: QName
    name: str
    definition: str
    columns: tuple[str, ...]
    ref_table: QName
    ref_columns: tuple[str, ...]
    ref_partitioned: bool
    match_full: bool
    period: bool


def drop_foreign_keys(connection: Connection) -> list[DroppedForeignKey]:
    """Drops the foreign keys of the database; cycles can then be loaded in any order."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(read_sql("verification", "foreign_keys", connection.info.server_version)).fetchall()
    dropped = [
        DroppedForeignKey(
            table=QName(row["schema"], row["table"]),
            name=row["name"],
            definition=row["definition"].removesuffix(" NOT VALID"),
            columns=tuple(row["columns"]),
            ref_table=QName(row["ref_schema"], row["ref_table"]),
            ref_columns=tuple(row["ref_columns"]),
            ref_partitioned=row["ref_partitioned"],
            match_full=row["match_full"],
            period=row["period"],
        )
        for row in rows
    ]
    with connection.transaction():
        for key in dropped:
            connection.execute(
                sql.SQL("alter table {} drop constraint {}").format(_table(key.table), sql.Identifier(key.name))
            )
    return dropped


def restore_foreign_key(
    connection: Connection, key: DroppedForeignKey, stand_ins: Mapping[QName, sql.Composable]
) -> Violation | None:
    """Adds the foreign key again, over all rows; the violation when Postgres refuses.

    `stand_ins` has other places of the rows, for tables that could not be loaded.
    """
    if key.table in stand_ins or key.ref_table in stand_ins:
        return _count_orphans(connection, key, stand_ins)
    # The definition is what Postgres printed; names in it are quoted.
    command = sql.SQL("alter table {} add constraint {} ").format(_table(key.table), sql.Identifier(key.name))
    try:
        with connection.transaction():
            connection.execute(command.as_bytes() + key.definition.encode())
    except psycopg.errors.IntegrityError as error:
        counted = None if key.period else _count_orphans(connection, key, stand_ins)
        return counted or Violation(key.table, key.name, "foreign key", None, error.diag.message_detail or "")
    return None


def _count_orphans(
    connection: Connection, key: DroppedForeignKey, stand_ins: Mapping[QName, sql.Composable]
) -> Violation | None:
    if key.period:
        return None  # what overlaps what is not counted here
    child, parent = stand_ins.get(key.table), stand_ins.get(key.ref_table)
    columns = [sql.Identifier("c", name) for name in key.columns]
    pairs = [
        sql.SQL("{} = {}").format(sql.Identifier("p", ref), column)
        for ref, column in zip(key.ref_columns, columns, strict=True)
    ]
    values = sql.SQL(", ").join(columns)
    query = sql.SQL(
        "select count(*), min(row({values})::text) from {child} c where {subject}"
        " and not exists (select from {parent} p where {match})"
    ).format(
        values=values,
        child=child or _table(key.table),
        # An inheritance child's rows do not count for a foreign key that leads to its parent.
        parent=parent or (sql.SQL("") if key.ref_partitioned else sql.SQL("only ")) + _table(key.ref_table),
        subject=sql.SQL("num_nonnulls({}) > 0" if key.match_full else "num_nulls({}) = 0").format(values),
        match=sql.SQL(" and ").join(pairs),
    )
    count, sample = connection.execute(query).fetchone() or (0, None)
    if not count:
        return None
    return Violation(key.table, key.name, "foreign key", count, f"({', '.join(key.columns)}) = {sample}")


def _table(name: QName) -> sql.Composable:
    return sql.Identifier(name.schema, name.name)
