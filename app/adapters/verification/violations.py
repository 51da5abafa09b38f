"""All that is wrong with rows that Postgres refused: they are put where anything goes, and each constraint is asked."""

# ruff: noqa: S608  # names are quoted; expressions come from the catalogue of a scratch database of our own

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import pyarrow as pa
from psycopg import sql

from app.adapters.verification.copying import copy_rows
from app.adapters.verification.report import Kind, Violation
from app.generator.formats.identifiers import quote_name, quote_qualified, quote_text
from app.generator.plan import TablePlan
from app.generator.snapshot.model import DomainType, QName, Snapshot, Table, TypeRef, UniqueKey

Connection = psycopg.Connection[Any]

_ROW = "seedbed_row_number"
_STATEMENT_TIMEOUT_MS = 60_000
_INPUT_FAULT: LiteralString = """
create or replace function pg_temp.input_fault(value text, type text) returns text language plpgsql as $$
begin
    return (select message from pg_input_error_info(value, type));
exception when others then
    return sqlerrm;  -- types of extensions may not know how to fail softly
end $$
"""
# Before version 16 there is no asking: the value is tried on a table with a column of the type.
_INPUT_FAULT_13: LiteralString = """
create or replace function pg_temp.input_fault(value text, type text) returns text language plpgsql as $$
begin
    if value is not null then execute format('insert into pg_temp.seedbed_probe values (%L)', value); end if;
    return null;
exception when others then
    return sqlerrm;
end $$
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """Where the rows of a refused table are, those that its types take, and what is wrong with them."""

    rows: int
    place: sql.Composable
    violations: tuple[Violation, ...]


class Staging:
    """Finds violations in a scratch database. `snapshot` is that database's, partitions not merged."""

    def __init__(self, connection: Connection, snapshot: Snapshot) -> None:
        self._connection = connection
        self._tables = {table.name: table for table in snapshot.tables}
        self._domains = {type_.name: type_ for type_ in snapshot.types if isinstance(type_, DomainType)}
        self._children: dict[QName, list[Table]] = {}
        for table in snapshot.tables:
            if table.partition_of is not None:
                self._children.setdefault(table.partition_of.parent, []).append(table)
        self._staged = 0
        self._violations: list[Violation] = []
        self._probes = connection.info.server_version < 160000
        connection.execute(_INPUT_FAULT_13 if self._probes else _INPUT_FAULT)
        connection.execute(sql.SQL("set statement_timeout = {}").format(_STATEMENT_TIMEOUT_MS))

    def examine(self, plan: TablePlan, batches: Iterable[pa.RecordBatch], error: psycopg.Error) -> Staged:
        """Loads the rows without any constraint and counts what breaks each. `error` is what Postgres said."""
        self._violations = []
        self._staged += 1
        table = self._tables[plan.name]
        raw, typed = f"seedbed_raw_{self._staged}", f"seedbed_typed_{self._staged}"
        rows = self._load_raw(plan, batches, raw)
        types = self._types(plan)
        self._find_input_faults(table, raw, types)
        if self._make_typed(table, raw, typed, types):
            self._find_violations(table, typed)
        if not self._violations:
            name = error.diag.constraint_name or error.diag.column_name or "load"
            self._violations.append(Violation(plan.name, name, "other", None, _short(_message(error))))
        return Staged(rows, sql.Identifier("pg_temp", typed), tuple(self._violations))

    def _load_raw(self, plan: TablePlan, batches: Iterable[pa.RecordBatch], raw: str) -> int:
        names = plan.schema.names
        columns = "".join(f", {quote_name(name)} text" for name in names)
        self._run(f"create temp table {raw} ({_ROW} bigint generated always as identity{columns})")
        self._run(f"create temp table {raw}_faults (number bigint, name text, fault text, value text)")
        listed = f" ({', '.join(map(quote_name, names))})" if names else ""
        return copy_rows(self._connection, plan, batches, f"copy pg_temp.{raw}{listed} from stdin")

    def _find_input_faults(self, table: Table, raw: str, types: Mapping[str, str]) -> None:
        """Values that a column's type or domain does not take; their rows are left out of what follows."""
        for name, type_ in types.items():
            if self._probes:
                self._run("drop table if exists pg_temp.seedbed_probe")
                self._run(f"create temp table seedbed_probe (v {type_})")
            column = quote_name(name)
            fault = f"pg_temp.input_fault({column}, {quote_text(type_)})"
            if self._refuses_null(table.column(name).type):
                fault = f"case when {column} is null then 'NULL is not allowed' else {fault} end"
            self._run(
                f"insert into {raw}_faults select * from"
                f" (select {_ROW}, {quote_text(name)}, {fault} as fault, {column} from {raw}) f where fault is not null"
            )
        for name, fault, count, value in self._run(
            f"select name, fault, count(*), min(value) from {raw}_faults group by 1, 2 order by 1, 2 limit 20"
        ).fetchall():
            kind: Kind = "domain" if self._is_domain(table.column(name).type) else "input"
            sample = _short(f"{value!r}: {fault}" if value is not None else fault)
            self._violations.append(Violation(table.name, name, kind, count, sample))

    def _make_typed(self, table: Table, raw: str, typed: str, types: Mapping[str, str]) -> bool:
        """The rows as the table would hold them, generated columns included, in a table without constraints."""
        self._run(f"create temp table {typed} (like {quote_qualified(table.name)} including generated)")
        for column in table.columns:
            if not column.nullable:
                self._run(f"alter table {typed} alter column {quote_name(column.name)} drop not null")
        if not types:
            return True
        columns = ", ".join(quote_name(name) for name in types)
        values = ", ".join(f"{quote_name(name)}::{type_}" for name, type_ in types.items())
        try:
            self._run(
                f"insert into {typed} ({columns}) select {values} from {raw}"
                f" where {_ROW} not in (select number from {raw}_faults)"
            )
        except psycopg.Error as error:
            generated = ", ".join(column.name for column in table.columns if column.generated is not None)
            self._violations.append(Violation(table.name, generated or "load", "generated", None, _message(error)))
            return False
        return True

    def _find_violations(self, table: Table, typed: str) -> None:
        self._ask_relation(table, table, typed, "true")
        leaves = list(self._leaves(table))
        conditions = {leaf.name: self._partition_condition(leaf) for leaf in leaves}
        if leaves and all(conditions.values()):
            anywhere = " or ".join(f"({condition})" for condition in conditions.values())
            self._ask_rows(table, typed, f"not ({anywhere})", "partition", "no partition takes them")
        for leaf in leaves:
            self._ask_relation(table, leaf, typed, conditions[leaf.name] or "true")

    def _ask_relation(self, table: Table, relation: Table, typed: str, condition: str) -> None:
        """Asks the constraints of the table, or those that one of its partitions has of its own."""
        is_root = relation is table
        nullable = {column.name: column.nullable for column in table.columns}
        for column in relation.columns:
            if not column.nullable and (is_root or nullable[column.name]):
                where = f"({condition}) and {quote_name(column.name)} is null"
                self._ask_rows(table, typed, where, "not null", column.name)
        known = {check.expression for check in table.checks}
        for check in relation.checks:
            if is_root or check.expression not in known:
                self._ask_rows(table, typed, f"({condition}) and not ({check.expression})", "check", check.name)
        known_keys = {(key.elements, key.predicate) for key in table.keys}
        for key in relation.keys:
            if is_root or (key.elements, key.predicate) not in known_keys:
                self._ask_key(table, typed, key, condition)
        known_exclusions = {(one.elements, one.predicate) for one in table.exclusions}
        for one in relation.exclusions:
            if is_root or (one.elements, one.predicate) not in known_exclusions:
                elements = [(element.expression, element.operator) for element in one.elements]
                self._ask_pairs(table, typed, elements, one.predicate, condition, "exclusion", one.name)

    def _ask_rows(self, table: Table, typed: str, where: str, kind: Kind, name: str) -> None:
        alias = quote_name(table.name.name)
        self._ask(
            table, kind, name, f"select count(*), min({alias}::text) from pg_temp.{typed} as {alias} where {where}"
        )

    def _ask_key(self, table: Table, typed: str, key: UniqueKey, condition: str) -> None:
        elements = [quote_name(e.column) if e.column is not None else f"({e.expression})" for e in key.elements]
        if key.without_overlaps:
            pairs = [(element, "=") for element in elements[:-1]] + [(elements[-1], "&&")]
            self._ask_pairs(table, typed, pairs, key.predicate, condition, "unique", key.name)
            return
        names = [f"e{n}" for n in range(len(elements))]
        named = ", ".join(f"{element} as {name}" for element, name in zip(elements, names, strict=True))
        listed = ", ".join(names)
        distinct = "true" if key.nulls_not_distinct else f"num_nulls({listed}) = 0"
        self._ask(
            table, "unique", key.name,
            f"select sum(n - 1), min(sample) from (select count(*) as n, row({listed})::text as sample"
            f" from (select {named} from pg_temp.{typed} as {quote_name(table.name.name)}"
            f" where ({condition}) and ({key.predicate or 'true'})) s"
            f" where {distinct} group by {listed} having count(*) > 1) d",
        )  # fmt: skip

    def _ask_pairs(
        self, table: Table, typed: str, elements: Sequence[tuple[str, str]], predicate: str | None, condition: str,
        kind: Kind, name: str,
    ) -> None:  # fmt: skip
        """Rows that stand against another one by every operator."""
        named = ", ".join(f"({expression}) as e{n}" for n, (expression, _) in enumerate(elements))
        against = " and ".join(f"a.e{n} {operator} b.e{n}" for n, (_, operator) in enumerate(elements))
        listed = ", ".join(f"a.e{n}" for n in range(len(elements)))
        self._ask(
            table, kind, name,
            f"with s as (select row_number() over () as id, {named}"
            f" from pg_temp.{typed} as {quote_name(table.name.name)}"
            f" where ({condition}) and ({predicate or 'true'}))"
            f" select count(distinct a.id), min(row({listed})::text) from s a join s b on a.id > b.id and {against}",
        )  # fmt: skip

    def _ask(self, table: Table, kind: Kind, name: str, query: str) -> None:
        try:
            count, sample = self._run(query).fetchone() or (0, None)
        except psycopg.errors.QueryCanceled:
            return  # too many rows to count; the first error that Postgres gave is reported
        except psycopg.Error as error:
            self._violations.append(Violation(table.name, name, kind, None, _message(error)))
            return
        if count:
            self._violations.append(Violation(table.name, name, kind, int(count), _short(sample or "")))

    def _leaves(self, table: Table) -> Iterator[Table]:
        for child in self._children.get(table.name, ()):
            if child.partition_key is None:
                yield child
            else:
                yield from self._leaves(child)

    def _partition_condition(self, leaf: Table) -> str | None:
        query = "select pg_get_partition_constraintdef(%s::regclass)"
        row = self._connection.execute(query, (quote_qualified(leaf.name),)).fetchone()
        return row[0] if row else None

    def _types(self, plan: TablePlan) -> dict[str, str]:
        rows = self._connection.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0",
            (quote_qualified(plan.name),),
        ).fetchall()
        types = dict(rows)
        return {name: types[name] for name in plan.schema.names}

    def _domain(self, type_: TypeRef) -> DomainType | None:
        return None if type_.array_dims else self._domains.get(QName(type_.schema, type_.name))

    def _is_domain(self, type_: TypeRef) -> bool:
        return self._domain(type_) is not None

    def _refuses_null(self, type_: TypeRef) -> bool:
        domain = self._domain(type_)
        return domain is not None and (domain.not_null or self._refuses_null(domain.base))

    def _run(self, statement: str) -> "psycopg.Cursor[Any]":
        # Names are quoted, expressions come from the catalogue of our own scratch database.
        return self._connection.execute(statement.encode())


def _message(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error)


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:199] + "…"
