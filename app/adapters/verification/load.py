"""`seedbed load`: a plan's rows straight into a database of the user's, in one transaction."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from app.adapters.introspection.catalog import read
from app.adapters.introspection.sql_files import read_sql
from app.adapters.verification.copying import copy_rows, prepare_session
from app.errors import DatabaseUnavailable, Fault, LoadFailed, PlanRefused
from app.generator.plan import Plan, TablePlan
from app.generator.snapshot.model import QName, Snapshot, Table
from app.generator.types import format_type

Connection = psycopg.Connection[Any]
Batches = Callable[[QName], Iterable[pa.RecordBatch]]
OnRows = Callable[[QName, int], None]

_LOCK_TIMEOUT = "10s"


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was loaded: rows by table, and the sequences that go on after them."""

    rows: dict[QName, int]
    sequences: int
    duration_s: float
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "rows": {str(name): rows for name, rows in self.rows.items()},
            "rowsTotal": sum(self.rows.values()),
            "sequences": self.sequences,
            "durationS": round(self.duration_s, 3),
            "notes": list(self.notes),
        }


def load(
    plan: Plan,
    database_url: str,
    *,
    batches: Batches | None = None,
    on_rows: OnRows | None = None,
    triggers: bool = False,
) -> LoadReport:
    """Copies the plan's rows, parents first, and sets the sequences after them; all or nothing.

    The user's triggers are off during the load, as they are in `verify`, unless `triggers`. Raises PlanRefused when
    tables or columns are missing or of other types, LoadFailed with table and constraint when Postgres refuses a row,
    DatabaseUnavailable.
    """
    started = time.monotonic()
    try:
        connection = psycopg.connect(database_url, connect_timeout=10, application_name="seedbed load")
    except psycopg.Error as error:
        raise DatabaseUnavailable(f"the database cannot be reached: {' '.join(str(error).split())}") from None
    with _telling_of_locks(), connection, connection.transaction():
        # First: catalogues of a table that somebody has locked are waited for too.
        connection.execute("select set_config('lock_timeout', %s, true)", (_LOCK_TIMEOUT,))
        snapshot = read(connection, merge=False).snapshot
        _require_fit(plan, snapshot)
        prepare_session(connection, local=True)
        notes = [] if triggers else _disable_triggers(connection, plan)
        cycles = _defer_cycles(connection, plan, snapshot)
        connection.execute("set constraints all deferred")
        rows = _copy_all(connection, plan, batches or _engine_batches(plan), on_rows)
        _check_deferred(connection)
        for restore in (*cycles, *(statement for _, statement in notes)):
            connection.execute(restore)
        # A sequence does not roll back: its turn is the last before the commit.
        sequences = _set_sequences(connection, plan)
    return LoadReport(rows, sequences, time.monotonic() - started, tuple(note for note, _ in notes))


@contextmanager
def _telling_of_locks() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.LockNotAvailable as error:
        raise LoadFailed(
            f"somebody else has locked a table for more than {_LOCK_TIMEOUT}; nothing was loaded. Try again when their "
            "transaction has ended.",
            table=None,
            constraint=None,
        ) from error


def _engine_batches(plan: Plan) -> Batches:
    from app.generator.engine.batches import batches

    return lambda name: batches(plan, name, 0, plan.table(name).rows)


def _require_fit(plan: Plan, snapshot: Snapshot) -> None:
    tables = {table.name: table for table in snapshot.tables}
    faults = [fault for table in plan.tables for fault in _misfits(table, tables.get(table.name))]
    if faults:
        raise PlanRefused(faults)


def _misfits(plan: TablePlan, table: Table | None) -> Iterable[Fault]:
    name = str(plan.name)
    if table is None:
        yield Fault("", "missing_table", f"the database has no table {name}", {"table": name})
        return
    present = {column.name: column for column in table.columns}
    planned = {column.name for column in plan.columns}
    for column in plan.written_columns:
        facts = {"table": name, "column": column.name}
        found = present.get(column.name)
        if found is None:
            yield Fault("", "missing_column", f"table {name} has no column {column.name}", facts)
        elif found.generated is not None:
            yield Fault("", "column_mismatch", f"{name}.{column.name} is generated in the database", facts)
        elif format_type(found.type) != format_type(column.type):
            there, here = format_type(found.type), format_type(column.type)
            message = f"{name}.{column.name} is {there} in the database, and {here} in the plan"
            yield Fault("", "column_mismatch", message, facts | {"database": there, "plan": here})
    for own in table.columns:
        needed = not own.nullable and own.default is None and own.identity is None and own.generated is None
        if needed and own.name not in planned:
            message = f"{name}.{own.name} must have a value, and the plan has none for it"
            yield Fault("", "column_mismatch", message, {"table": name, "column": own.name})


def _disable_triggers(connection: Connection, plan: Plan) -> list[tuple[str, sql.Composed]]:
    """Switches the user's triggers off; gives a note and the way back for each table."""
    planned = {table.name for table in plan.tables}
    done: list[tuple[str, sql.Composed]] = []
    for schema, table, names in connection.execute(read_sql("verification", "triggers")).fetchall():
        if QName(schema, table) not in planned:
            continue
        place = sql.Identifier(schema, table)
        # Only the owner may; anybody else loads with the triggers on.
        with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            enabled = [name for name in names if _is_enabled(connection, schema, table, name)]
            for name in enabled:
                connection.execute(sql.SQL("alter table {} disable trigger {}").format(place, sql.Identifier(name)))
            back = [sql.SQL("enable trigger {}").format(sql.Identifier(name)) for name in enabled]
            if back:
                restore = sql.SQL("alter table {} {}").format(place, sql.SQL(", ").join(back))
                done.append((f"triggers of {schema}.{table} were off: {', '.join(enabled)}", restore))
    return done


def _is_enabled(connection: Connection, schema: str, table: str, trigger: str) -> bool:
    query = "select tgenabled = 'O' from pg_trigger where tgrelid = %s::regclass and tgname = %s"
    row = connection.execute(query, (sql.Identifier(schema, table).as_string(), trigger)).fetchone()
    return bool(row and row[0])


def _defer_cycles(connection: Connection, plan: Plan, snapshot: Snapshot) -> list[sql.Composed]:
    """Makes foreign keys that lead to a table loaded later wait until the end; gives the way back for each."""
    order = {table.name: position for position, table in enumerate(plan.tables)}
    back: list[sql.Composed] = []
    for table in snapshot.tables:
        for key in table.foreign_keys:
            later = order.get(key.ref_table, -1) > order.get(table.name, len(order))
            if not later or key.deferrable or not key.enforced:
                continue
            alter = sql.SQL("alter table {} alter constraint {} ").format(
                sql.Identifier(table.name.schema, table.name.name), sql.Identifier(key.name)
            )
            connection.execute(alter + sql.SQL("deferrable initially deferred"))
            back.append(alter + sql.SQL("not deferrable"))
    return back


def _copy_all(connection: Connection, plan: Plan, rows_of: Batches, on_rows: OnRows | None) -> dict[QName, int]:
    rows: dict[QName, int] = {}
    for table in plan.tables:
        report = None if on_rows is None else _bind(on_rows, table.name)
        try:
            rows[table.name] = copy_rows(connection, table, rows_of(table.name), on_rows=report)
        except psycopg.errors.LockNotAvailable:
            raise
        except psycopg.Error as error:
            raise _failure(error, str(table.name)) from error
    return rows


def _bind(on_rows: OnRows, name: QName) -> Callable[[int], None]:
    return lambda rows: on_rows(name, rows)


def _check_deferred(connection: Connection) -> None:
    try:
        connection.execute("set constraints all immediate")
    except psycopg.Error as error:
        raise _failure(error, None) from error


def _failure(error: psycopg.Error, table: str | None) -> LoadFailed:
    diag = error.diag
    if table is None and diag.table_name:
        table = f"{diag.schema_name}.{diag.table_name}"
    message = diag.message_primary or " ".join(str(error).split())
    if diag.message_detail:
        message += f" ({diag.message_detail})"
    hint = ""
    if isinstance(error, psycopg.errors.UniqueViolation):
        hint = " If the table had rows before, load into an empty one."
    return LoadFailed(
        f"{table or 'the load'}: {message}; nothing was loaded.{hint}", table=table, constraint=diag.constraint_name
    )


def _set_sequences(connection: Connection, plan: Plan) -> int:
    """Sets each sequence after the numbers in the columns that take theirs from it; gives how many."""
    by_oid: dict[int, sql.Identifier] = {}
    for table in plan.tables:
        place = sql.Identifier(table.name.schema, table.name.name)
        row = connection.execute("select %s::regclass::oid::bigint", (place.as_string(),)).fetchone()
        if row is not None:
            by_oid[row[0]] = place
    rows = connection.execute(read_sql("introspection", "sequences"), {"tables": list(by_oid)}).fetchall()
    # A serial column both owns its sequence and defaults to it.
    places = {(relation, attnum, schema, name) for relation, attnum, schema, name, _ in rows}
    return sum(
        _set_sequence(connection, by_oid[relation], (relation, attnum), sql.Identifier(schema, name))
        for relation, attnum, schema, name in sorted(places)
    )


def _set_sequence(connection: Connection, table: sql.Identifier, place: tuple[int, int], name: sql.Identifier) -> bool:
    column = connection.execute(
        "select attname from pg_attribute where attrelid = %s and attnum = %s"
        " and atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)",
        place,
    ).fetchone()
    settings = connection.execute(
        "select seqincrement, seqmin, seqmax from pg_sequence where seqrelid = %s::regclass", (name.as_string(),)
    ).fetchone()
    if column is None or settings is None:
        return False  # a text that is made with a number from the sequence
    increment, least, most = settings
    query = "select {}({})::bigint, (select case when is_called then last_value end from {}) from {}"
    # One that counts downwards goes on from its lowest number.
    furthest = sql.SQL("max" if increment > 0 else "min")
    row = connection.execute(sql.SQL(query).format(furthest, sql.Identifier(column[0]), name, table)).fetchone()
    numbers = [number for number in row or () if number is not None]
    if not numbers:
        return False
    reached = max(numbers) if increment > 0 else min(numbers)
    connection.execute("select setval(%s::regclass, %s)", (name.as_string(), min(max(reached, least), most)))
    return True
