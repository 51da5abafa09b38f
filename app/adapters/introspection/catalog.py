"""Reads the catalogues of a Postgres database (13 to 18) into a snapshot, by a handful of set-based queries."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from app.adapters.introspection.catalog_functions import read_functions
from app.adapters.introspection.catalog_types import TypeRows, read_types
from app.adapters.introspection.partitions import merge_partitions
from app.adapters.introspection.sql_files import read_sql
from app.generator.snapshot.model import (
    Check,
    Column,
    Exclusion,
    ExclusionElement,
    ForeignKey,
    KeyElement,
    PartitionKey,
    PartitionOf,
    QName,
    Snapshot,
    Table,
    UniqueKey,
)
from app.generator.snapshot.partial import is_partial

Row = Mapping[str, Any]
Connection = psycopg.Connection[Any]

_ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_STRATEGIES: Mapping[str, Literal["range", "list", "hash"]] = {"r": "range", "l": "list", "h": "hash"}
# What Postgres prints depends on these; with them the same schema reads the same everywhere.
_PRINTING = {
    "search_path": "",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "quote_all_identifiers": "off",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}


# Casts that not every text survives, and what takes lists only.
_CAST = re.compile(
    r"\bjsonb?_array_length\(|::(?:smallint|integer|bigint|numeric|real|double|money|uuid|date|timestamp|time|interval|boolean|inet|jsonb?)\b"
)


@dataclass(frozen=True, slots=True)
class Dangling:
    """A foreign key that is not in the snapshot, since it leads to what may not be read."""

    table: QName
    constraint: str
    parent: QName

    def __str__(self) -> str:
        return f"{self.table}: foreign key {self.constraint} leads to {self.parent}, which may not be read"


@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot, and what could not be taken into it."""

    snapshot: Snapshot
    warnings: tuple[str, ...] = ()
    dangling: tuple[Dangling, ...] = ()


@dataclass(slots=True)
class _Draft:
    """One table while it is put together. `attnums` has the columns that may be seen."""

    oid: int
    row: Row
    attnums: dict[int, str] = field(default_factory=dict)
    columns: list[Column] = field(default_factory=list)
    keys: list[UniqueKey] = field(default_factory=list)
    foreign_keys: list[tuple[ForeignKey, int]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    own: set[str] = field(default_factory=set)  # names of what is not inherited from a partitioned parent

    @property
    def name(self) -> QName:
        return QName(self.row["schema"], self.row["name"])

    def sees(self, attnums: Iterable[int]) -> bool:
        # 0 stands for an expression or the whole row, negative numbers for system columns.
        return all(attnum <= 0 or attnum in self.attnums for attnum in attnums)


def introspect(
    connection: Connection,
    *,
    schemas: Collection[str] | None = None,
    tables: Collection[str] | None = None,
    as_role: str | None = None,
) -> Snapshot:
    """The snapshot of a database; see `read`."""
    return read(connection, schemas=schemas, tables=tables, as_role=as_role).snapshot


async def introspect_in_thread(
    connection: Connection,
    *,
    schemas: Collection[str] | None = None,
    tables: Collection[str] | None = None,
    as_role: str | None = None,
) -> Reading:
    """`read` for callers on an event loop: psycopg's waiting happens in a thread."""
    return await asyncio.to_thread(read, connection, schemas=schemas, tables=tables, as_role=as_role)


def read(
    connection: Connection,
    *,
    schemas: Collection[str] | None = None,
    tables: Collection[str] | None = None,
    as_role: str | None = None,
    without: Collection[str] = (),
    merge: bool = True,
) -> Reading:
    """Reads all tables, or those of `schemas`, or those named in `tables` (`name` or `schema.name`).

    Tables that a foreign key of theirs leads to come along, since no row could be made without them; those of `without`
    are not read. With `as_role` only tables and columns are read on which that role holds some privilege, and of
    their constraints only those that mention nothing else. With `merge` partitioned tables have the constraints of
    their partitions too. Leaves no trace: settings are those from before afterwards.
    """
    with connection.transaction(force_rollback=True):
        for name, value in _PRINTING.items():
            connection.execute("select pg_catalog.set_config(%s, %s, true)", (name, value))
        with connection.cursor(row_factory=dict_row) as cursor:
            return _Catalog(cursor, connection.info.server_version, as_role).read(schemas, tables, without, merge)


class _Catalog:
    def __init__(self, cursor: "psycopg.Cursor[dict[str, Any]]", server_version: int, role: str | None) -> None:
        self._cursor = cursor
        self._server_version = server_version
        self._role = role
        self._warnings: list[str] = []
        self._dangling: list[Dangling] = []

    def query(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        return self._cursor.execute(read_sql("introspection", name, self._server_version), parameters).fetchall()

    def read(
        self,
        schemas: Collection[str] | None,
        tables: Collection[str] | None,
        without: Collection[str],
        merge: bool,
    ) -> Reading:
        found = (_Draft(row["oid"], row) for row in self.query("relations", role=self._role))
        drafts = {draft.oid: draft for draft in found if str(draft.name) not in without}
        constraints = self.query("constraints", tables=list(drafts))
        drafts = _select(drafts, constraints, schemas, tables)
        oids = list(drafts)
        columns = self.query("columns", tables=oids, role=self._role)
        types = read_types(self.query, (row["type"] for row in columns))
        self._read_columns(drafts, columns, types)
        self._read_keys(drafts)
        self._read_computed_indexes(drafts)
        self._read_constraints(drafts, constraints)
        self._read_exclusions(drafts)
        functions = read_functions(self.query, oids, types, self._role)
        result = [self._table(draft, drafts) for draft in drafts.values()]
        if merge:
            result = merge_partitions(
                result,
                {draft.name: frozenset(draft.own) for draft in drafts.values()},
                {draft.name: draft.row["partition_constraint"] for draft in drafts.values()},
            )
        snapshot = Snapshot(
            tables=tuple(sorted(result, key=lambda table: table.name)),
            types=types.user_types(),
            functions=functions,
            extensions=tuple(row["name"] for row in self.query("extensions")),
            server_version=_version_text(self._server_version),
        )
        return Reading(snapshot, tuple(self._warnings), tuple(self._dangling))

    def _read_columns(self, drafts: Mapping[int, _Draft], rows: Sequence[Row], types: TypeRows) -> None:
        sequences: dict[tuple[int, int], str] = {}
        for found in self.query("sequences", tables=list(drafts)):
            sequences.setdefault((found["relation"], found["attnum"]), str(QName(found["schema"], found["name"])))
        for row in rows:
            draft = drafts[row["relation"]]
            draft.attnums[row["attnum"]] = row["name"]
            draft.columns.append(_column(row, types, sequences.get((row["relation"], row["attnum"]))))

    def _read_keys(self, drafts: Mapping[int, _Draft]) -> None:
        for row in self.query("keys", tables=list(drafts)):
            draft = drafts[row["relation"]]
            if not draft.sees([*row["attnums"], *(row["reads"] or ())]):
                self._leave_out(draft, row["name"])
                continue
            draft.keys.append(_key(row, draft.attnums))
            if not row["inherited"]:
                draft.own.add(row["name"])

    def _read_computed_indexes(self, drafts: Mapping[int, _Draft]) -> None:
        """An index that casts a text is as good as a check that the text can be cast; so with other computations."""
        named: set[tuple[int, str]] = set()
        for row in self.query("computed_indexes", tables=list(drafts)):
            draft, expression = drafts[row["relation"]], row["expression"]
            # The ranges that an exclusion compares are made with it in mind.
            partial = not row["excludes"] and is_partial(expression)
            if (_CAST.search(expression) or partial) and draft.sees(row["reads"]):
                name = f"index {row['name']}"
                if (row["relation"], name) in named:
                    name = f"{name}, {row['place']}"
                named.add((row["relation"], name))
                draft.checks.append(Check(name, f"(({expression}) IS NOT NULL) OR (({expression}) IS NULL)"))

    def _read_constraints(self, drafts: Mapping[int, _Draft], rows: Sequence[Row]) -> None:
        for row in rows:
            draft = drafts.get(row["relation"])
            if draft is None or (row["kind"] == "c" and not row["enforced"]):
                continue
            if not draft.sees(row["attnums"]):
                self._leave_out(draft, row["name"])
            elif row["kind"] == "c":
                draft.checks.append(Check(row["name"], row["expression"]))
                if row["inherited_count"] == 0:
                    draft.own.add(row["name"])
            elif not row["has_parent"]:
                # Those with a parent are Postgres' own copies, one for each pair of partitions.
                self._read_foreign_key(draft, drafts.get(row["ref_relation"]), row)

    def _read_foreign_key(self, draft: _Draft, target: _Draft | None, row: Row) -> None:
        if target is None or not set(row["ref_columns"]) <= set(target.attnums.values()):
            left_out = Dangling(draft.name, row["name"], QName(row["ref_schema"], row["ref_name"]))
            self._dangling.append(left_out)
            self._warnings.append(f"{left_out}; it is left out")
            return
        draft.own.add(row["name"])
        key = ForeignKey(
            name=row["name"],
            columns=tuple(draft.attnums[attnum] for attnum in row["attnums"]),
            ref_table=target.name,
            ref_columns=tuple(row["ref_columns"]),
            match="full" if row["match"] == "f" else "simple",
            on_delete=_ACTIONS[row["on_delete"]],
            on_update=_ACTIONS[row["on_update"]],
            deferrable=row["deferrable"],
            initially_deferred=row["initially_deferred"],
            enforced=row["enforced"],
            period=row["period"],
        )
        draft.foreign_keys.append((key, row["ref_relation"]))

    def _read_exclusions(self, drafts: Mapping[int, _Draft]) -> None:
        for row in self.query("exclusions", tables=list(drafts)):
            draft = drafts[row["relation"]]
            if not draft.sees(row["reads"]):
                self._leave_out(draft, row["name"])
                continue
            elements = tuple(
                ExclusionElement(expression, operator)
                for expression, operator in zip(row["expressions"], row["operators"], strict=True)
            )
            draft.exclusions.append(Exclusion(row["name"], row["method"], elements, row["predicate"]))
            if not row["inherited"]:
                draft.own.add(row["name"])

    def _leave_out(self, draft: _Draft, name: str) -> None:
        self._warnings.append(f"{draft.name}: {name} mentions columns that may not be read; it is left out")

    def _table(self, draft: _Draft, drafts: Mapping[int, _Draft]) -> Table:
        row = draft.row
        parents = [drafts[oid].name for oid in row["parents"] if oid in drafts]
        is_partition = row["is_partition"] and bool(parents)
        kind: Literal["table", "partitioned", "partition"] = "table"
        if is_partition:
            kind = "partition"
        elif row["kind"] == "p":
            kind = "partitioned"
        return Table(
            name=draft.name,
            columns=tuple(draft.columns),
            kind=kind,
            keys=tuple(sorted(draft.keys, key=lambda key: (not key.primary, key.name))),
            foreign_keys=tuple(sorted((key for key, _ in draft.foreign_keys), key=lambda key: key.name)),
            checks=tuple(sorted(draft.checks, key=lambda check: check.name)),
            exclusions=tuple(sorted(draft.exclusions, key=lambda exclusion: exclusion.name)),
            partition_key=_partition_key(row, draft.attnums) if row["kind"] == "p" else None,
            partition_of=PartitionOf(parents[0], row["bound"]) if is_partition else None,
            inherits=() if row["is_partition"] else tuple(parents),
            comment=row["comment"],
        )


def _select(
    drafts: dict[int, _Draft],
    constraints: Sequence[Row],
    schemas: Collection[str] | None,
    tables: Collection[str] | None,
) -> dict[int, _Draft]:
    """The tables asked for, the whole partition trees they are in, and all that foreign keys lead to from there."""
    if schemas is None and tables is None:
        return drafts
    wanted = {
        oid
        for oid, draft in drafts.items()
        if (schemas is None or draft.row["schema"] in schemas)
        and (tables is None or draft.row["name"] in tables or str(draft.name) in tables)
    }
    leads_to: defaultdict[int, set[int]] = defaultdict(set)
    for row in constraints:
        if row["kind"] == "f":
            leads_to[row["relation"]].add(row["ref_relation"])
    for oid, draft in drafts.items():
        for parent in draft.row["parents"]:
            if draft.row["is_partition"]:
                leads_to[oid].add(parent)
                leads_to[parent].add(oid)
    pending = list(wanted)
    while pending:
        found = (leads_to[pending.pop()] & drafts.keys()) - wanted
        wanted |= found
        pending += found
    return {oid: draft for oid, draft in drafts.items() if oid in wanted}


def _column(row: Row, types: TypeRows, sequence: str | None) -> Column:
    type_ = types.reference(row["type"], row["formatted"], row["dimensions"])
    domain_collation = types.deterministic(row["type"])
    kinds: Mapping[str, Literal["stored", "virtual"]] = {"s": "stored", "v": "virtual"}
    identities: Mapping[str, Literal["always", "by_default"]] = {"a": "always", "d": "by_default"}
    generated = kinds.get(row["generated"])
    return Column(
        name=row["name"],
        type=type_,
        nullable=not row["not_null"],
        default=None if generated else row["expression"],
        identity=identities.get(row["identity"]),
        generated=row["expression"] if generated else None,
        generated_kind=generated,
        sequence=sequence,
        collation=row["collation"],
        collation_deterministic=row["collation_deterministic"] and domain_collation,
        comment=row["comment"],
    )


def _key(row: Row, attnums: Mapping[int, str]) -> UniqueKey:
    expressions = row["expressions"] or [None] * len(row["attnums"])
    return UniqueKey(
        name=row["name"],
        elements=tuple(
            KeyElement(column=attnums[attnum]) if attnum else KeyElement(expression=expression)
            for attnum, expression in zip(row["attnums"], expressions, strict=True)
        ),
        primary=row["is_primary"],
        nulls_not_distinct=row["nulls_not_distinct"],
        predicate=row["predicate"],
        deferrable=row["deferrable"],
        without_overlaps=row["without_overlaps"],
    )


def _partition_key(row: Row, attnums: Mapping[int, str]) -> PartitionKey:
    expressions = iter(split_expressions(row["partition_expressions"] or ""))
    return PartitionKey(
        _STRATEGIES[row["strategy"]],
        tuple(
            KeyElement(column=attnums.get(attnum, "")) if attnum else KeyElement(expression=next(expressions))
            for attnum in row["partition_attnums"]
        ),
    )


def split_expressions(text: str) -> list[str]:
    """The expressions of a list that pg_get_expr printed: split at commas outside of brackets and quotes."""
    parts, start, depth, quote = [], 0, 0, ""
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    return [*parts, text[start:].strip()] if text else []


def _version_text(server_version: int) -> str:
    return f"{server_version // 10000}.{server_version % 10000}"
