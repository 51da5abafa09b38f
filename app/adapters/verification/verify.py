"""`seedbed verify`: do the rows of a plan load into Postgres with every constraint on?"""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from app.adapters.introspection.catalog import read
from app.adapters.introspection.dumping import dump_ddl
from app.adapters.introspection.scratch import ScratchDatabase
from app.adapters.introspection.sql_files import read_sql
from app.adapters.verification.copying import copy_rows, prepare_session
from app.adapters.verification.foreign_keys import drop_foreign_keys, restore_foreign_key
from app.adapters.verification.rendering import render_ddl
from app.adapters.verification.report import Report, TableReport, Violation
from app.adapters.verification.violations import Staging
from app.errors import Fault, PlanRefused
from app.generator.plan import Plan, TablePlan
from app.generator.snapshot.model import QName, Snapshot

Connection = psycopg.Connection[Any]
Batches = Callable[[QName], Iterable[pa.RecordBatch]]
OnRows = Callable[[QName, int], None]

# A snapshot has no functions in other languages than SQL; what calls them cannot be judged without the DDL.
_MISSING_FUNCTION = frozenset({"42883"})


def verify_ddl(
    plan: Plan,
    ddl: str,
    *,
    server_url: str | None = None,
    batches: Batches | None = None,
    on_rows: OnRows | None = None,
) -> Report:
    """Loads the plan's rows into a scratch database made from the user's own DDL.

    Without `server_url` an embedded server is started. Raises DdlRefused when the DDL does not load.
    """
    with ScratchDatabase(server_url) as scratch:
        scratch.load(ddl)
        with scratch.connect() as connection:
            return verify(plan, connection, batches=batches, on_rows=on_rows, notes=scratch.warnings)


def verify_snapshot(
    plan: Plan,
    snapshot: Snapshot,
    *,
    server_url: str | None = None,
    batches: Batches | None = None,
    on_rows: OnRows | None = None,
) -> Report:
    """Loads the plan's rows into a scratch database made from the snapshot, which is all there is to judge by."""
    with ScratchDatabase(server_url) as scratch:
        scratch.load(render_ddl(snapshot), tolerated=_MISSING_FUNCTION)
        with scratch.connect() as connection:
            return verify(plan, connection, batches=batches, on_rows=on_rows, notes=scratch.warnings)


def verify_database(
    plan: Plan,
    database_url: str,
    *,
    server_url: str | None = None,
    batches: Batches | None = None,
    on_rows: OnRows | None = None,
) -> Report:
    """Loads the plan's rows into a scratch copy of the database's schema; the database itself is only read.

    Raises DatabaseUnavailable.
    """
    ddl = dump_ddl(database_url, sorted({table.name.schema for table in plan.tables}))
    return verify_ddl(plan, ddl, server_url=server_url, batches=batches, on_rows=on_rows)


def verify(
    plan: Plan,
    connection: Connection,
    *,
    batches: Batches | None = None,
    on_rows: OnRows | None = None,
    notes: Iterable[str] = (),
) -> Report:
    """Loads the plan's rows into a scratch database that has the schema and no rows; nothing is left as it was.

    Tables are loaded in the plan's order, each in a transaction of its own, and a failure of one does not end it: its
    rows are examined, and the others go on. A table whose rows cannot be made is reported as refused. Foreign keys
    are dropped before and added after, over all rows, so that cycles need no order; the user's triggers are off.
    `connection` is in autocommit mode. Raises PlanRefused when the database has not the plan's tables and columns.
    """
    started = time.monotonic()
    rows_of = batches or _engine_batches(plan)
    snapshot = read(connection, merge=False).snapshot
    _require_tables(plan, snapshot)
    prepare_session(connection)
    connection.execute("set jit = off")
    constraints = _scalar(connection, read_sql("verification", "count_constraints"))
    all_notes = [*notes, *_disable_triggers(connection), *_do_without_xml(connection, snapshot)]
    foreign_keys = drop_foreign_keys(connection)
    staging: Staging | None = None
    stand_ins: dict[QName, sql.Composable] = {}
    reports: dict[QName, TableReport] = {}
    # The rows of a table that others inherit from are its own alone; a partitioned one has none of its own.
    counted = {True: "select count(*) from {}", False: "select count(*) from only {}"}
    partitioned = {table.name for table in snapshot.tables if table.partition_key is not None}
    for table in plan.tables:
        try:
            with connection.transaction():
                made = copy_rows(connection, table, rows_of(table.name), on_rows=_report_to(on_rows, table.name))
        except PlanRefused as refusal:
            refused = [Violation(table.name, _constraint(f), "refused", None, f.message) for f in refusal.faults]
            reports[table.name] = TableReport(table.name, 0, 0, tuple(refused))
            continue
        except psycopg.Error as error:
            if connection.closed:
                raise
            staging = staging or Staging(connection, snapshot)
            staged = staging.examine(table, rows_of(table.name), error)
            stand_ins[table.name] = staged.place
            reports[table.name] = TableReport(table.name, staged.rows, 0, staged.violations)
            continue
        loaded = _scalar(connection, sql.SQL(counted[table.name in partitioned]).format(_place(table)))
        reports[table.name] = TableReport(table.name, made, loaded)
    for key in foreign_keys:
        violation = restore_foreign_key(connection, key, stand_ins)
        if violation is not None:
            _add_violation(reports, snapshot, violation)
    version = connection.info.server_version
    return Report(
        tables=tuple(reports.values()),
        constraints=constraints,
        server_version=f"{version // 10000}.{version % 10000}",
        duration_s=time.monotonic() - started,
        notes=tuple(all_notes),
    )


def _constraint(fault: Fault) -> str:
    return str(fault.facts.get("constraint", fault.code))


def _engine_batches(plan: Plan) -> Batches:
    from app.generator.engine.batches import batches

    return lambda name: batches(plan, name, 0, plan.table(name).rows)


def _report_to(on_rows: OnRows | None, name: QName) -> Callable[[int], None] | None:
    return None if on_rows is None else lambda rows: on_rows(name, rows)


def _require_tables(plan: Plan, snapshot: Snapshot) -> None:
    """The plan may be for another version of the schema: said at once, and of all tables."""
    present = {table.name: {column.name for column in table.columns} for table in snapshot.tables}
    faults = []
    for table in plan.tables:
        if table.name not in present:
            facts = {"table": str(table.name)}
            faults.append(Fault("", "missing_table", f"the database has no table {table.name}", facts))
            continue
        for name in table.schema.names:
            if name not in present[table.name]:
                facts = {"table": str(table.name), "column": name}
                faults.append(Fault("", "missing_column", f"table {table.name} has no column {name}", facts))
    if faults:
        raise PlanRefused(faults)


def _disable_triggers(connection: Connection) -> list[str]:
    off = []
    for schema, table, triggers in connection.execute(read_sql("verification", "triggers")).fetchall():
        connection.execute(sql.SQL("alter table {} disable trigger user").format(sql.Identifier(schema, table)))
        off += [f"{schema}.{table}.{trigger}" for trigger in triggers]
    return [f"triggers are off: {', '.join(off)}"] if off else []


def _do_without_xml(connection: Connection, snapshot: Snapshot) -> list[str]:
    """A server that was built without libxml has the type and takes no value of it: such columns become text."""
    columns = [
        (table.name, column)
        for table in snapshot.tables
        for column in table.columns
        if column.type.name == "xml" and table.partition_of is None and not table.inherits
    ]
    if not columns:
        return []
    try:
        connection.execute("select '<a/>'::xml")
        return []
    except psycopg.errors.FeatureNotSupported:
        pass
    # A view that shows such a column keeps it as it is.
    for schema, view in connection.execute(read_sql("verification", "views")).fetchall():
        with suppress(psycopg.Error):
            connection.execute(sql.SQL("drop view if exists {} cascade").format(sql.Identifier(schema, view)))
    unchecked = []
    for name, column in columns:
        command = sql.SQL("alter table {} alter column {} type {}").format(
            sql.Identifier(name.schema, name.name),
            sql.Identifier(column.name),
            sql.SQL("text" + "[]" * column.type.array_dims),
        )
        with suppress(psycopg.Error):  # something depends on its type; its values will be reported
            connection.execute(command)
            unchecked.append(f"{name}.{column.name}")
    return [f"this server has no XML, so these are taken as text: {', '.join(unchecked)}"] if unchecked else []


def _add_violation(reports: dict[QName, TableReport], snapshot: Snapshot, violation: Violation) -> None:
    """Files a violation under its table; under the root when the foreign key stands on a partition."""
    name = violation.table
    while name not in reports:
        table = next((table for table in snapshot.tables if table.name == name), None)
        if table is None or table.partition_of is None:
            reports[name] = TableReport(name, 0, 0)
            break
        name = table.partition_of.parent
    before = reports[name]
    reports[name] = TableReport(name, before.rows_made, before.rows_loaded, (*before.violations, violation))


def _scalar(connection: Connection, query: Any) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _place(table: TablePlan) -> sql.Composable:
    return sql.Identifier(table.name.schema, table.name.name)
