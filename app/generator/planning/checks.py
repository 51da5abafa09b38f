"""The checks that rows have to pass, gathered; keys on expressions brought down to columns."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from app.generator.engine.constraints import COMPUTABLE, Constraints
from app.generator.planning.partitions import has_partition, partition_check, reference_checks
from app.generator.snapshot.model import Check, Column, KeyElement, Snapshot, Table, UniqueKey
from app.generator.snapshot.partial import is_partial
from app.generator.types import TypeCatalog, quote_name

# Casts of what may be a text.
_READING = re.compile(
    r"::(?:smallint|integer|bigint|numeric|real|double precision|date|time|interval|uuid|boolean|inet|cidr|money)"
)
_TEXTS = frozenset({"text", "varchar", "bpchar", "citext", "name"})


def all_checks(table: Table, snapshot: Snapshot, types: TypeCatalog) -> tuple[Check, ...]:
    """The table's checks, its columns' domains', its partitions' and references'."""
    checks = list(table.checks)
    for column in table.columns:
        resolved = types.resolve(column.type)
        for check in resolved.checks:
            expression = value_as(check.expression, column.name)
            checks.append(Check(f"{column.name}: {resolved.domains[0]}.{check.name}", expression))
    # What Postgres computes for a column that may not be NULL has to be there: documents must have its keys.
    checks += [
        Check(f"{column.name}: not null", f"({column.generated}) IS NOT NULL")
        for column in table.columns
        if column.generated is not None and not column.nullable
    ]
    checks += [
        Check(column.name + COMPUTABLE, f"({column.generated}) IS NOT DISTINCT FROM ({column.generated})")
        for column in table.columns
        if column.generated is not None and column.nullable and _may_fail(column, table)
    ]
    checks += reference_checks(table, snapshot)
    if table.partition_key is not None and has_partition(table, snapshot):
        partitions = partition_check(table, snapshot)
        if partitions is not None:
            checks.append(partitions)
    # By what they say: Postgres numbers the names of checks in the order in which it comes across them.
    return tuple(sorted(checks, key=lambda c: (c.expression, c.name)))


# What may come to more than a number of so many digits holds, and what may only where its terms are large already.
_GROWING, _ADDING = re.compile(r"[*^]|<<|\b(?:power|exp)\("), re.compile(r"[+-]")
_WHOLE = frozenset({"int2", "int4", "int8"})


def _may_fail(column: Column, table: Table) -> bool:
    """Whether Postgres may raise an error where it computes this: a text that is no number, a range that ends early,
    a product that its column has no room for.
    """
    expression = column.generated or ""
    whole = column.type.name in _WHOLE
    if (whole or column.type.name == "numeric") and not column.type.array_dims and _GROWING.search(expression):
        return True
    if is_partial(expression) or (whole and _ADDING.search(expression) is not None):
        return True
    if not _READING.search(expression):
        return False
    texts = (c.name for c in table.columns if c.type.name in _TEXTS)
    return "->" in expression or "#>" in expression or any(name in expression for name in texts)


def value_as(expression: str, column: str) -> str:
    """A domain's check with VALUE replaced by a column, by tokens: a string with that word in it stays as it is."""
    return quote_name(column).join(_around_value(expression))


@lru_cache(maxsize=4096)
def _around_value(expression: str) -> tuple[str, ...]:
    """What stands before, between and behind its VALUEs."""
    from pglast.parser import scan

    out: list[str] = []
    at = 0
    for token in scan(expression):
        if token.name == "VALUE_P":
            out.append(expression[at : token.start])
            at = token.end + 1
    return (*out, expression[at:])


def carried_keys(keys: Sequence[UniqueKey], constraints: Constraints) -> Iterator[UniqueKey]:
    """The keys, with an expression replaced by the column that carries it where there is one."""
    for key in keys:
        yield replace(key, elements=tuple(_carried(e, constraints) for e in key.elements))


def _carried(element: KeyElement, constraints: Constraints) -> KeyElement:
    column = constraints.carrier(element.expression) if element.expression is not None else None
    return KeyElement(column=column) if column is not None else element
