"""What a partitioned table accepts: the union of its partitions' bounds, as one check over its columns.

Rows are made for the root and routed by Postgres, so each must fall into some leaf.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from app.generator.snapshot.model import Check, ForeignKey, QName, Snapshot, Table
from app.generator.types import quote_name

CHECK_NAME = "partition bounds"
_LOWEST, _HIGHEST = "MINVALUE", "MAXVALUE"


@dataclass(frozen=True, slots=True)
class _Bound:
    """A partition's bound: `values` of a list (None for NULL), `low` and `high` of a range, or a `share` of hashes.

    The share of a hash is 1 / modulus, and `remainder` tells which one.
    """

    default: bool = False
    values: tuple[str | None, ...] | None = None
    low: tuple[str, ...] = ()
    high: tuple[str, ...] = ()
    share: Fraction = Fraction(0)
    remainder: int = 0


def partition_check(table: Table, snapshot: Snapshot) -> Check | None:
    """The check that a row of a partitioned table has to pass; None when every row finds a partition."""
    children: dict[QName, list[Table]] = {}
    for found in snapshot.tables:
        if found.partition_of is not None:
            children.setdefault(found.partition_of.parent, []).append(found)
    # Where others refer to single partitions those have to have rows, whatever a default one would take.
    wanted = {key.ref_table for found in snapshot.tables for key in found.foreign_keys}
    accepted = _accepted(table, children, 0, frozenset(wanted))
    return None if accepted is None else Check(CHECK_NAME, accepted)


def has_partition(table: Table, snapshot: Snapshot) -> bool:
    """Whether there is any partition that could take a row; True for a table that is not partitioned."""
    if table.partition_key is None:
        return True
    own = (t for t in snapshot.tables if t.partition_of is not None and t.partition_of.parent == table.name)
    return any(has_partition(t, snapshot) for t in own)


def reference_checks(table: Table, snapshot: Snapshot) -> Iterator[Check]:
    """What keeps the references to a single partition to that partition's rows, as far as the key itself tells them.

    Rows are made for the root; the key has the columns that decide on the partition where it is the root's own.
    """
    partitions = {found.name for found in snapshot.tables if found.partition_of is not None}
    keys = [key for key in table.foreign_keys if key.enforced and key.ref_table in partitions]
    by_name = {found.name: found for found in snapshot.tables} if keys else {}
    for key in keys:
        target = by_name[key.ref_table]
        condition = _condition_of(target, key, by_name)
        if condition is not None:
            missing = " OR ".join(f"{quote_name(c)} IS NULL" for c in key.columns)
            yield Check(f"{key.name}: rows of {key.ref_table.name}", f"({missing} OR ({condition}))")


def _condition_of(target: Table, key: ForeignKey, by_name: Mapping[QName, Table]) -> str | None:
    """The bounds of a partition and those above it, over the columns of a key that refers to it; None for others."""
    names = dict(zip(key.ref_columns, key.columns, strict=True))
    conditions = []
    while target.partition_of is not None:
        parent = by_name[target.partition_of.parent]
        columns = [names.get(e.column or "") for e in parent.partition_key.keys] if parent.partition_key else [None]
        if parent.partition_key is None:
            return None
        keys = [quote_name(column) for column in columns if column is not None]
        if len(keys) < len(columns):
            return None
        bound = _bound(target)
        beside = [_bound(t) for t in by_name.values() if t.partition_of and t.partition_of.parent == parent.name]
        others = " OR ".join(_condition(keys, one) for one in beside if not one.default) or "false"
        conditions.append(f"({others}) IS NOT TRUE" if bound.default else _condition(keys, bound))
        target = parent
    return " AND ".join(f"({condition})" for condition in conditions)


def _accepted(table: Table, children: Mapping[QName, list[Table]], depth: int, wanted: frozenset[QName]) -> str | None:
    if table.partition_key is None or depth > 16:
        return None
    keys = [quote_name(e.column) if e.column else f"({e.expression})" for e in table.partition_key.keys]
    parts = [(_bound(t), t) for t in children.get(table.name, ())]
    if table.partition_key.strategy == "hash":
        whole = sum((b.share for b, _ in parts), Fraction(0)) >= 1
        under = {t.name: _accepted(t, children, depth + 1, wanted) for _, t in parts}
        if whole and not any(under.values()):
            return None
        hashed = [_condition(keys, b) + (f" AND {under[t.name]}" if under[t.name] else "") for b, t in parts]
        return " OR ".join(f"({one})" for one in hashed) or "false"
    below = {t.name: _accepted(t, children, depth + 1, wanted) for _, t in parts}
    rest = [t for b, t in parts if b.default]
    if rest and not any(below.values()) and not any(t.name in wanted for _, t in parts):
        return None
    whole_ranges = [b for b, t in parts if not b.default and below[t.name] is None]
    pieces = [_condition(keys, b) for b in _merged(whole_ranges)]
    pieces += [f"({_condition(keys, b)} AND {below[t.name]})" for b, t in parts if not b.default and below[t.name]]
    if rest:
        others = " OR ".join(_condition(keys, b) for b, _ in parts if not b.default) or "false"
        further = below[rest[0].name]
        pieces.append(f"(({others}) IS NOT TRUE" + (f" AND {further})" if further else ")"))
    return "(" + " OR ".join(pieces) + ")" if pieces else "false"


def _condition(keys: Sequence[str], bound: _Bound) -> str:
    if bound.share:
        return f"satisfies_hash_partition(0, {bound.share.denominator}, {bound.remainder}, {', '.join(keys)})"
    if bound.values is not None:
        known = [v for v in bound.values if v is not None]
        listed = f"{keys[0]} IN ({', '.join(known)})" if known else ""
        if len(known) < len(bound.values):
            return f"({listed} OR {keys[0]} IS NULL)" if listed else f"{keys[0]} IS NULL"
        return f"({keys[0]} IS NOT NULL AND {listed})"
    known_keys = " AND ".join(f"{k} IS NOT NULL" for k in keys)
    same = 0
    while same < len(keys) and bound.low[same] == bound.high[same] and bound.low[same] not in (_LOWEST, _HIGHEST):
        same += 1
    equal = [f"{k} = {v}" for k, v in zip(keys[:same], bound.low, strict=False)]
    tail = [_beyond(keys[same:], bound.low[same:], ">"), _beyond(keys[same:], bound.high[same:], "<")]
    return "(" + " AND ".join([known_keys, *equal, *(t for t in tail if t)]) + ")"


def _beyond(keys: Sequence[str], limits: Sequence[str], operator: str) -> str:
    """(k1, k2, ...) >= limits, or < limits, written out; empty where every row is beyond."""
    if not keys:
        return "" if operator == ">" else "false"
    key, limit = keys[0], limits[0]
    open_end = _LOWEST if operator == ">" else _HIGHEST
    if limit == open_end:
        return ""
    if limit in (_LOWEST, _HIGHEST):
        return "false"
    if len(keys) == 1:
        return f"{key} >= {limit}" if operator == ">" else f"{key} < {limit}"
    deeper = _beyond(keys[1:], limits[1:], operator)
    equal = f"{key} = {limit}" + (f" AND {deeper}" if deeper else "")
    return f"({key} {operator} {limit} OR ({equal}))"


def _merged(bounds: Sequence[_Bound]) -> list[_Bound]:
    """Ranges of one key that lie end to end as one, lists as one: what a check reads most easily."""
    lists = [b for b in bounds if b.values is not None]
    ranges = [b for b in bounds if b.values is None]
    out: list[_Bound] = []
    if lists:
        out.append(_Bound(values=tuple(v for b in lists for v in b.values or ())))
    if any(len(b.low) != 1 for b in ranges):
        return out + ranges
    by_low = {_instant(b.low[0]): b for b in ranges}
    highs = {_instant(b.high[0]) for b in ranges}
    for low in by_low:
        if low in highs:
            continue
        first = last = by_low[low]
        while _instant(last.high[0]) in by_low and last.high[0] != _HIGHEST:
            last = by_low[_instant(last.high[0])]
        out.append(_Bound(low=first.low, high=last.high))
    return out


def _instant(literal: str) -> Any:
    """A bound in a form in which the same instant written with two offsets is equal."""
    try:
        read = datetime.fromisoformat(literal.strip("'"))
    except ValueError:
        return literal
    return read.astimezone(UTC) if read.tzinfo else read


def _bound(table: Table) -> _Bound:
    from pglast import parse_sql

    assert table.partition_of is not None
    statement: Any = parse_sql(f"CREATE TABLE p PARTITION OF t {table.partition_of.bound}")[0].stmt
    spec = statement.partbound
    if spec.is_default:
        return _Bound(default=True)
    if spec.strategy == "h" or getattr(spec.strategy, "value", spec.strategy) == "h":
        return _Bound(share=Fraction(1, spec.modulus), remainder=spec.remainder)
    if spec.listdatums:
        return _Bound(values=tuple(_literal(d) for d in spec.listdatums))
    return _Bound(low=tuple(map(_edge, spec.lowerdatums)), high=tuple(map(_edge, spec.upperdatums)))


def _edge(node: Any) -> str:
    text = _literal(node)
    if text is None:
        return _LOWEST
    return text.upper() if text.upper() in (_LOWEST, _HIGHEST) else text


def _literal(node: Any) -> str | None:
    from pglast.stream import RawStream

    if type(node).__name__ == "A_Const" and node.isnull:
        return None
    return str(RawStream()(node))
