"""Exclusion constraints as keys: rows whose other elements agree must lie side by side.

`EXCLUDE (room WITH =, during WITH &&)` holds where (room, slot) is unique and slots do not overlap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.generator.engine import slots
from app.generator.engine.contexts import base_type
from app.generator.snapshot.model import Column, Exclusion, KeyElement, Table, UniqueKey
from app.generator.types import TypeCatalog

if TYPE_CHECKING:
    from app.generator.expressions import Expr

_RANGE_MAKERS = frozenset({"tsrange", "tstzrange", "daterange", "int4range", "int8range"})


@dataclass(slots=True)
class Overlaps:
    """What became of a table's exclusions.

    `keys` to serve like unique keys; `axes` says which slot axis a start or end column is on (with its part), and
    `sizes` of what type the slots are. `unserved` has a sentence for each exclusion that no construction covers.
    """

    keys: list[UniqueKey] = field(default_factory=list)
    axes: dict[str, tuple[str, str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    unserved: list[str] = field(default_factory=list)


def overlaps_of(table: Table, types: TypeCatalog) -> Overlaps:
    """Reads the exclusions of a table."""
    found = Overlaps()
    columns = {c.name: c for c in table.columns}
    for exclusion in sorted(table.exclusions, key=lambda e: e.name):
        elements = [_element(e.expression, e.operator, exclusion, columns, types, found) for e in exclusion.elements]
        if any(e is None for e in elements):
            found.unserved.append(
                f"{table.name}.{exclusion.name}: this exclusion constraint is not understood, so it may be violated; "
                "override the columns it names"
            )
            continue
        kept = tuple(e for e in elements if e is not None)
        spans = any(e.operator == "&&" for e in exclusion.elements)
        found.keys.append(UniqueKey(exclusion.name, kept, predicate=exclusion.predicate, without_overlaps=spans))
    return found


def _element(
    sql: str, operator: str, exclusion: Exclusion, columns: Mapping[str, Column], types: TypeCatalog, found: Overlaps
) -> KeyElement | None:
    # Here and not above: few schemas have exclusions, and the compiler takes a while to load.
    from app.generator.expressions import ExpressionUnknown, parse_expression
    from app.generator.expressions.nodes import ColumnRef

    operator = operator.rpartition(".")[2].strip("() ")
    try:
        expr = parse_expression(sql)
    except ExpressionUnknown:
        return None
    if isinstance(expr, ColumnRef) and expr.name in columns:
        kind = base_type(types, columns[expr.name].type)
        spans = kind.name.endswith(("range", "multirange")) or types.resolve(kind).user is not None
        return KeyElement(column=expr.name) if operator == "=" or (operator == "&&" and spans) else None
    pair = _pair(expr)
    if operator != "&&" or pair is None or not set(pair) <= columns.keys():
        return None
    kind = base_type(types, columns[pair[0]].type)
    if slots.axis_of(kind.name) is None or kind.array_dims or any(p in found.axes for p in pair):
        known = found.axes.get(pair[0])
        same = known is not None and known == (known[0], "start") and found.axes.get(pair[1]) == (known[0], "end")
        return KeyElement(column=known[0]) if same and known is not None else None
    axis = f"~ {exclusion.name}"
    found.axes[pair[0]], found.axes[pair[1]] = (axis, "start"), (axis, "end")
    found.kinds[axis] = kind.name
    return KeyElement(column=axis)


def _pair(expr: "Expr") -> tuple[str, str] | None:
    """The two columns of tsrange(a, b) or tsrange(a, b, '[)')."""
    from app.generator.expressions.nodes import Call, ColumnRef

    if not isinstance(expr, Call) or expr.name.lower() not in _RANGE_MAKERS or len(expr.arguments) not in (2, 3):
        return None
    low, high = expr.arguments[:2]
    return (low.name, high.name) if isinstance(low, ColumnRef) and isinstance(high, ColumnRef) else None


def shared_spans(keys: Sequence[UniqueKey]) -> frozenset[str]:
    """Span columns that several keys without overlaps share: those are made distinct by themselves."""
    counts: dict[str, int] = {}
    for key in keys:
        if key.without_overlaps and key.elements[-1].column is not None:
            counts[key.elements[-1].column] = counts.get(key.elements[-1].column, 0) + 1
    return frozenset(name for name, count in counts.items() if count > 1)


def span_last(key: UniqueKey, table: Table, types: TypeCatalog) -> UniqueKey:
    """The key with its span as the last element, as WITHOUT OVERLAPS has it."""
    if not key.without_overlaps:
        return key

    def is_span(element: KeyElement) -> bool:
        if element.column is None or element.column.startswith("~ "):
            return True
        return base_type(types, table.column(element.column).type).name.endswith("range")

    return replace(key, elements=tuple(sorted(key.elements, key=is_span)))
