"""What stands on single partitions only, brought to the root: rows are made for the root, and must fit the leaves."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from app.generator.snapshot.model import Check, Exclusion, ForeignKey, QName, Table, UniqueKey

_Named = TypeVar("_Named", UniqueKey, ForeignKey, Exclusion)

# The oid of the partitioned table, which means nothing elsewhere.
_HASH_OF = re.compile(r"satisfies_hash_partition\('\d+'::oid")


def merge_partitions(
    tables: Sequence[Table], own: Mapping[QName, frozenset[str]], bounds: Mapping[QName, str | None]
) -> list[Table]:
    """Gives each partitioned root the constraints that its partitions have of their own.

    `own` names what a table did not inherit; `bounds` is the condition that a partition's rows meet. A key or a
    foreign key of one partition is asked of all rows, which is more than enough; a check only of the rows that go
    to that partition, since checks of two partitions may contradict each other. Where foreign keys of two partitions
    lead the same column to different tables, no row goes to the second. A foreign key that leads to one partition is
    left as it is: planning asks for rows of that partition (see `planning.partitions`).
    """
    by_name = {table.name: table for table in tables}
    bounds = {name: _portable(bound, by_name[name], by_name) for name, bound in bounds.items() if name in by_name}
    members: defaultdict[QName, list[Table]] = defaultdict(list)
    for table in tables:
        root = table
        while root.partition_of is not None:
            root = by_name[root.partition_of.parent]
        if root is not table:
            members[root.name].append(table)
    return [_merge(table, members[table.name], own, bounds) if table.name in members else table for table in tables]


def _portable(bound: str | None, part: Table, by_name: Mapping[QName, Table]) -> str | None:
    """A partition's condition as it is everywhere; None where a hash in it cannot be computed outside of Postgres."""
    if bound is None or "satisfies_hash_partition" not in bound:
        return bound
    from app.generator.expressions.hashing import HASHED  # which loads Postgres' parser

    while part.partition_of is not None:
        part = by_name[part.partition_of.parent]
        key = part.partition_key
        columns = [element.column for element in key.keys] if key is not None and key.strategy == "hash" else []
        if any(column is None or part.column(column).type.name not in HASHED for column in columns):
            return None
    return _HASH_OF.sub("satisfies_hash_partition('0'::oid", bound)


def _merge(
    root: Table, partitions: Sequence[Table], own: Mapping[QName, frozenset[str]], bounds: Mapping[QName, str | None]
) -> Table:
    not_null = {column.name for part in partitions for column in part.columns if not column.nullable}
    keys = [replace(key, primary=False) for part in partitions for key in part.keys if key.name in own[part.name]]
    foreign_keys, shut = _foreign_keys(partitions, own, bounds)
    exclusions = [one for part in partitions for one in part.exclusions if one.name in own[part.name]]
    return replace(
        root,
        columns=tuple(replace(c, nullable=c.nullable and c.name not in not_null) for c in root.columns),
        # In the order in which a snapshot that is read back has them.
        keys=tuple(sorted(_union(root.keys, keys), key=lambda key: (not key.primary, key.name))),
        foreign_keys=tuple(sorted(_union(root.foreign_keys, foreign_keys), key=lambda key: key.name)),
        exclusions=tuple(sorted(_union(root.exclusions, exclusions), key=lambda one: one.name)),
        checks=tuple(
            sorted((*root.checks, *shut, *_checks(root, partitions, own, bounds)), key=lambda check: check.name)
        ),
    )


def _foreign_keys(
    partitions: Sequence[Table], own: Mapping[QName, frozenset[str]], bounds: Mapping[QName, str | None]
) -> tuple[list[ForeignKey], list[Check]]:
    """The foreign keys that all rows are asked to keep, and checks that keep rows out of partitions with others."""
    kept: list[ForeignKey] = []
    shut: list[Check] = []
    leads: dict[str, tuple[QName, str]] = {}
    for part in sorted(partitions, key=lambda part: part.name):
        keys = [key for key in part.foreign_keys if key.name in own[part.name]]
        pairs = [
            (column, (key.ref_table, ref))
            for key in keys
            for column, ref in zip(key.columns, key.ref_columns, strict=True)
        ]
        bound = bounds[part.name]
        crossed = any(leads.get(column, target) != target for column, target in pairs)
        if crossed and bound is not None:
            shut.append(Check(f"no rows for {part.name.name}", f"NOT ({bound})"))
            continue
        kept += keys
        leads.update(pairs)
    return kept, shut


def _union(present: Sequence[_Named], further: Iterable[_Named]) -> tuple[_Named, ...]:
    """Those present, and of the further ones each that says something new. Names are made unique."""
    result = list(present)
    said = {_without_name(one) for one in present}
    names = {one.name for one in present}
    for one in sorted(further, key=lambda one: one.name):
        if _without_name(one) not in said:
            said.add(_without_name(one))
            name = _free_name(one.name, names)
            result.append(replace(one, name=name))
    return tuple(result)


def _without_name(one: _Named) -> _Named:
    if isinstance(one, UniqueKey):
        return replace(one, name="", primary=False)
    return replace(one, name="")


def _free_name(name: str, taken: set[str]) -> str:
    free, count = name, 1
    while free in taken:
        count += 1
        free = f"{name} {count}"
    taken.add(free)
    return free


def _checks(
    root: Table, partitions: Sequence[Table], own: Mapping[QName, frozenset[str]], bounds: Mapping[QName, str | None]
) -> list[Check]:
    present = {check.expression for check in root.checks}
    names = {check.name for check in root.checks}
    leaves = [part for part in partitions if part.partition_key is None]
    carried: defaultdict[str, set[QName]] = defaultdict(set)
    for part in partitions:
        for check in part.checks:
            carried[check.expression].add(part.name)
    result: list[Check] = []
    for part in sorted(partitions, key=lambda part: part.name):
        for check in part.checks:
            if check.name not in own[part.name] or check.expression in present:
                continue
            everywhere = carried[check.expression] >= {leaf.name for leaf in leaves}
            bound = bounds[part.name]
            if everywhere:
                present.add(check.expression)
            if everywhere or bound is None:
                expression = check.expression
            else:
                expression = f"(NOT ({bound})) OR ({check.expression})"
            result.append(Check(_free_name(check.name, names), expression))
    return result
