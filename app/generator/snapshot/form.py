"""The snapshot's JSON form: camelCase, types as text, what has its default value left out.

`snapshot.schema.json` beside this file is its JSON Schema.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.errors import SnapshotInvalid
from app.generator.snapshot.consistency import find_contradictions
from app.generator.snapshot.form_reading import read_form
from app.generator.snapshot.model import (
    Check,
    Column,
    CompositeType,
    DomainType,
    EnumType,
    Exclusion,
    ForeignKey,
    KeyElement,
    PartitionKey,
    PartitionOf,
    QName,
    RangeType,
    Snapshot,
    SqlFunction,
    Table,
    UniqueKey,
    UserType,
)
from app.generator.snapshot.statistics import statistics_to_json
from app.generator.snapshot.type_names import format_type

_MAX_FAULTS = 100


def snapshot_from_json(form: object) -> Snapshot:
    """Reads the JSON form. Raises SnapshotInvalid with every fault: what is malformed, or contradicts itself."""
    snapshot, faults, places = read_form(form)
    faults += find_contradictions(snapshot, places)
    if faults:
        raise SnapshotInvalid(faults[:_MAX_FAULTS])
    return snapshot


def snapshot_to_json(snapshot: Snapshot) -> dict[str, Any]:
    """The JSON form. Equal snapshots have equal forms, whatever order their parts were given in."""
    return _brief(
        version=snapshot.version,
        serverVersion=snapshot.server_version,
        extensions=sorted(snapshot.extensions),
        types=[_type(type_) for type_ in sorted(snapshot.types, key=lambda type_: type_.name)],
        functions=[_function(f) for f in sorted(snapshot.functions, key=lambda f: (f.name, repr(f.arguments)))],
        statistics=statistics_to_json(snapshot.statistics),
    ) | {"tables": [_table(table) for table in sorted(snapshot.tables, key=lambda table: table.name)]}


def canonical_json(snapshot: Snapshot) -> bytes:
    """The form as the bytes that the digest is taken of: keys sorted, no blanks, UTF-8."""
    form = snapshot_to_json(snapshot)
    return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def snapshot_digest(snapshot: Snapshot) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(snapshot)).hexdigest()


@cache
def form_schema() -> Mapping[str, Any]:
    """The JSON Schema of the form."""
    path = Path(__file__).with_name("snapshot.schema.json")
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def _brief(**members: Any) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in members.items() if value is not None and value is not False and value != []}


def _name(name: QName) -> dict[str, Any]:
    return {"schema": name.schema, "name": name.name}


def _type(type_: UserType) -> dict[str, Any]:
    match type_:
        case EnumType():
            return {"kind": "enum"} | _name(type_.name) | {"labels": list(type_.labels)}
        case DomainType():
            return (
                {"kind": "domain"}
                | _name(type_.name)
                | {"base": format_type(type_.base)}
                | _brief(notNull=type_.not_null, default=type_.default, checks=_checks(type_.checks))
            )
        case CompositeType():
            attributes = [{"name": name, "type": format_type(of)} for name, of in type_.attributes]
            return {"kind": "composite"} | _name(type_.name) | {"attributes": attributes}
        case RangeType():
            subtype = {"subtype": format_type(type_.subtype)}
            return {"kind": "range"} | _name(type_.name) | subtype | _brief(multirange=type_.multirange)


def _function(function: SqlFunction) -> dict[str, Any]:
    return (
        _name(function.name)
        | _brief(arguments=[{"name": name, "type": format_type(of)} for name, of in function.arguments])
        | {"returns": format_type(function.returns), "body": function.body}
        | _brief(strict=function.strict)
    )


def _table(table: Table) -> dict[str, Any]:
    return (
        _name(table.name)
        | _brief(kind=None if table.kind == "table" else table.kind, comment=table.comment)
        | {"columns": [_column(column) for column in table.columns]}
        | _brief(
            keys=[_key(key) for key in sorted(table.keys, key=lambda key: (not key.primary, key.name))],
            foreignKeys=[_foreign_key(key) for key in sorted(table.foreign_keys, key=lambda key: key.name)],
            checks=_checks(table.checks),
            exclusions=[_exclusion(one) for one in sorted(table.exclusions, key=lambda one: one.name)],
            partitionKey=_partition_key(table.partition_key) if table.partition_key else None,
            partitionOf=_partition_of(table.partition_of) if table.partition_of else None,
            inherits=[_name(parent) for parent in table.inherits],
        )
    )


def _column(column: Column) -> dict[str, Any]:
    generated = None
    if column.generated is not None:
        generated = {"expression": column.generated, "kind": column.generated_kind or "stored"}
    identity = {"always": "always", "by_default": "byDefault"}.get(column.identity or "")
    return (
        {"name": column.name, "type": format_type(column.type)}
        | ({} if column.nullable else {"nullable": False})
        | _brief(
            default=column.default,
            identity=identity,
            generated=generated,
            sequence=column.sequence,
            collation=column.collation,
            comment=column.comment,
        )
        | ({} if column.collation_deterministic else {"collationDeterministic": False})
    )


def _checks(checks: tuple[Check, ...]) -> list[dict[str, Any]]:
    return [{"name": c.name, "expression": c.expression} for c in sorted(checks, key=lambda check: check.name)]


def _elements(elements: tuple[KeyElement, ...]) -> list[dict[str, Any]]:
    return [_brief(column=element.column, expression=element.expression) for element in elements]


def _key(key: UniqueKey) -> dict[str, Any]:
    parts = {"columns": list(key.columns)} if key.columns is not None else {"elements": _elements(key.elements)}
    return {"name": key.name, **parts} | _brief(
        primary=key.primary,
        nullsNotDistinct=key.nulls_not_distinct,
        predicate=key.predicate,
        deferrable=key.deferrable,
        withoutOverlaps=key.without_overlaps,
    )


def _foreign_key(key: ForeignKey) -> dict[str, Any]:
    target = {"schema": key.ref_table.schema, "table": key.ref_table.name, "columns": list(key.ref_columns)}
    return (
        {"name": key.name, "columns": list(key.columns), "references": target}
        | _brief(
            match=None if key.match == "simple" else key.match,
            onDelete=None if key.on_delete == "no action" else key.on_delete,
            onUpdate=None if key.on_update == "no action" else key.on_update,
            deferrable=key.deferrable,
            initiallyDeferred=key.initially_deferred,
            period=key.period,
        )
        | ({} if key.enforced else {"enforced": False})
    )


def _exclusion(one: Exclusion) -> dict[str, Any]:
    elements = [{"expression": element.expression, "operator": element.operator} for element in one.elements]
    return {"name": one.name, "method": one.method, "elements": elements} | _brief(predicate=one.predicate)


def _partition_key(key: PartitionKey) -> dict[str, Any]:
    return {"strategy": key.strategy, "keys": _elements(key.keys)}


def _partition_of(of: PartitionOf) -> dict[str, Any]:
    return {"schema": of.parent.schema, "table": of.parent.name, "bound": of.bound}
