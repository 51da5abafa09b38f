"""Exclusion constraints as keys: rows whose other elements agree must lie side by side.

`EXCLUDE (room WITH =, during WITH &&)` holds where (room, slot) is unique and slots do not overlap. Where it is not
known how to lay values side by side, (room) alone is made unique, which is more than enough.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.generator.domain import Domain
from app.generator.engine import slots
from app.generator.engine.axes import Axis
from app.generator.engine.contexts import base_type
from app.generator.snapshot.model import Check, Column, Exclusion, KeyElement, Table, UniqueKey
from app.generator.types import TypeCatalog, quote_name

if TYPE_CHECKING:
    from app.generator.expressions import Expr

_RANGE_MAKERS = frozenset({"tsrange", "tstzrange", "daterange", "int4range", "int8range"})
_MOMENTS = frozenset({"date", "timestamp", "timestamptz"})
# Of the length of a slot, in the type of the start.
_LENGTHS = {"date": "{}", "timestamp": "interval '{} microseconds'", "timestamptz": "interval '{} microseconds'"}


@dataclass(slots=True)
class Overlaps:
    """What became of a table's exclusions.

    `keys` to serve like unique keys; `axes` says which slot axis a start or end column is on (with its part), and
    `kinds` of what type the slots are. `checks` keep what is no column of its own within its slot.
    """

    keys: list[UniqueKey] = field(default_factory=list)
    axes: dict[str, tuple[str, str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Span:
    """How a span is kept apart from others: by a span column or a slot axis, or by the equality of a column."""

    column: str
    equal: bool = False


def overlaps_of(table: Table, types: TypeCatalog) -> Overlaps:
    """Reads the exclusions of a table."""
    found = Overlaps()
    for exclusion in sorted(table.exclusions, key=lambda e: (repr(e.elements), e.predicate or "", e.name)):
        found.keys.append(_Reading(table, types, exclusion, found).key())
    return found


class _Reading:
    """Reads one exclusion."""

    def __init__(self, table: Table, types: TypeCatalog, exclusion: Exclusion, found: Overlaps) -> None:
        self._columns: Mapping[str, Column] = {c.name: c for c in table.columns}
        self._types = types
        self._exclusion = exclusion
        self._found = found

    def key(self) -> UniqueKey:
        """The key that keeps it."""
        elements = [(e.expression, e.operator.rpartition(".")[2].strip("() ")) for e in self._exclusion.elements]
        equal = [self._equal(sql) for sql, operator in elements if operator == "="]
        others = [(sql, operator) for sql, operator in elements if operator != "="]
        name, predicate = self._exclusion.name, self._exclusion.predicate
        spans = [self._span(sql) if operator == "&&" else None for sql, operator in others]
        if others and all(span is None for span in spans):
            exempt = [self._exempt(sql) for sql, _ in others]
            return UniqueKey(name, (*equal, *exempt), predicate=predicate)
        # One span that lies apart is enough, and without an expression that has to be equal it is one for more rows.
        span = next((span for span in spans if span is not None), None)
        if span is None or span.equal:
            kept = [*equal, *([KeyElement(column=span.column)] if span else [])]
            return UniqueKey(name, tuple(dict.fromkeys(kept)), predicate=predicate)
        named = [e for e in equal if e.column is not None]
        return UniqueKey(name, (*named, KeyElement(column=span.column)), predicate=predicate, without_overlaps=True)

    def _equal(self, sql: str) -> KeyElement:
        """An element that is compared for equality; a range of one value is that value."""
        from app.generator.expressions import ExpressionUnknown, parse_expression
        from app.generator.expressions.nodes import ColumnRef

        try:
            expr = parse_expression(sql)
        except ExpressionUnknown:
            return KeyElement(expression=sql)
        pair = _bounds(expr)
        if pair is not None and isinstance(pair[0], ColumnRef) and pair[0] == pair[1]:
            expr = pair[0]
        known = isinstance(expr, ColumnRef) and expr.name in self._columns
        return KeyElement(column=expr.name) if known and isinstance(expr, ColumnRef) else KeyElement(expression=sql)

    def _exempt(self, sql: str) -> KeyElement:
        """NULL where the expression is: a row with a NULL in it is in nobody's way. Else the same for all rows."""
        from app.generator.expressions import ExpressionUnknown, columns_of, parse_expression

        try:
            expr = parse_expression(sql)
            names = frozenset() if self._is_there(expr) else columns_of(expr)
        except ExpressionUnknown:
            names = frozenset()
        plain = bool(names) and all(n in self._columns and self._columns[n].generated is None for n in names)
        return KeyElement(expression=f"NULLIF(({sql}) IS NULL, true)" if plain else "true")

    def _span(self, sql: str) -> _Span | None:
        # Here and not above: few schemas have exclusions, and the compiler takes a while to load.
        from app.generator.expressions import ExpressionUnknown, parse_expression
        from app.generator.expressions.nodes import ColumnRef

        try:
            expr = parse_expression(sql)
            if isinstance(expr, ColumnRef) and (computed := self._columns[expr.name].generated) is not None:
                sql, expr = computed, parse_expression(computed)
        except (ExpressionUnknown, KeyError):
            return None
        if isinstance(expr, ColumnRef):
            kind = base_type(self._types, self._columns[expr.name].type)
            if kind.name in ("inet", "cidr"):
                return _Span(expr.name, equal=True)  # addresses are made, or networks that lie side by side
            spans = kind.name.endswith(("range", "multirange")) or self._types.resolve(kind).user is not None
            return _Span(expr.name) if spans and not kind.array_dims else None
        pair = _bounds(expr)
        return None if pair is None else self._between(*pair, sql)

    def _between(self, low: "Expr", high: "Expr", sql: str) -> _Span | None:
        """The span from one expression to another."""
        from app.generator.expressions.nodes import ColumnRef, columns_of

        if not columns_of(low) | columns_of(high) <= self._columns.keys():
            return None
        if isinstance(low, ColumnRef) and isinstance(high, ColumnRef):
            return _Span(low.name, equal=True) if low == high else self._slot(low.name, high.name)
        if isinstance(low, ColumnRef) and low in _terms(high):
            axis = self._slot(low.name, None)
            return axis if axis is not None and self._keep_within(low.name, sql) else None
        days = [t for t in _terms(low) if t in _terms(high) and isinstance(t, ColumnRef) and self._kind(t) == "date"]
        hours = {t for t in (*_terms(low), *_terms(high)) if t not in days}
        if days and all(isinstance(t, ColumnRef) and self._kind(t) == "time" for t in hours):
            # Within a day, so that days apart are enough, where neither end is left open.
            for name in sorted({t.name for t in (*hours, *days) if isinstance(t, ColumnRef)}):
                if self._columns[name].nullable:
                    self._found.checks.append(
                        Check(f"{self._exclusion.name}: {name}", f"{quote_name(name)} IS NOT NULL")
                    )
            return _Span(days[0].name, equal=True)
        return None

    def _is_there(self, expr: "Expr") -> bool:
        """Whether it is a range of two bounds, or what a function of the user's makes of columns that are there."""
        from app.generator.expressions.nodes import Call, columns_of

        if not isinstance(expr, Call):
            return False
        nullable = any(n not in self._columns or self._columns[n].nullable for n in columns_of(expr))
        own = expr.schema not in (None, "pg_catalog") and not nullable
        return expr.name in _RANGE_MAKERS | {"numrange"} or own

    def _kind(self, column: "Expr") -> str:
        from app.generator.expressions.nodes import ColumnRef

        assert isinstance(column, ColumnRef)
        kind = base_type(self._types, self._columns[column.name].type)
        return "" if kind.array_dims else kind.name

    def _slot(self, start: str, end: str | None) -> _Span | None:
        """The slot axis of a start and an end column, or of a start alone."""
        from app.generator.expressions.nodes import ColumnRef

        axes, wanted = self._found.axes, [start, *([end] if end else [])]
        kind = self._kind(ColumnRef(start))
        if any(name in axes for name in wanted):
            axis = axes[start][0] if start in axes else ""
            same = [axes.get(name) for name in wanted] == [(axis, "start"), (axis, "end")][: len(wanted)]
            alone = end is None and sum(a == axis for a, _ in axes.values()) > 1
            return _Span(axis) if same and not alone else None
        if kind not in slots.KINDS or any(self._columns[name].generated is not None for name in wanted):
            return None
        if end is not None and self._kind(ColumnRef(end)) != kind:
            return None
        axis = f"~ {self._exclusion.name}"
        self._found.kinds[axis] = kind
        axes.update(zip(wanted, [(axis, "start"), (axis, "end")], strict=False))
        return _Span(axis)

    def _keep_within(self, start: str, sql: str) -> bool:
        """Checks that a span whose end is computed ends within the slot that it starts in."""
        bounds = _arguments(sql)
        if bounds is None:
            return False
        kind = self._found.kinds[self._found.axes[start][0]]
        length = _LENGTHS.get(kind, "{}").format(slots.length_of(kind))
        low, high = bounds
        name = f"{self._exclusion.name}: within its slot"
        text = f"(({high}) >= {low}) AND (({high}) < ({quote_name(start)} + {length}))"
        self._found.checks.append(Check(name, text))
        return True


def _bounds(expr: "Expr") -> "tuple[Expr, Expr] | None":
    """The two ends of tsrange(a, b) or tsrange(a, b, '[)'), as they are once they are moments, and without end."""
    from app.generator.expressions.nodes import Call

    if not isinstance(expr, Call) or expr.name.lower() not in _RANGE_MAKERS or len(expr.arguments) not in (2, 3):
        return None
    low, high = map(_bare, expr.arguments[:2])
    return low, high


def _bare(expr: "Expr") -> "Expr":
    """Without casts between moments, and without what stands for a bound that is NULL."""
    from app.generator.expressions.nodes import Call, Cast, columns_of

    while True:
        if isinstance(expr, Cast) and expr.type.name in _MOMENTS | {"int4", "int8"}:
            expr = expr.argument
        elif (
            isinstance(expr, Call)
            and expr.name.lower() == "coalesce"
            and not any(columns_of(a) for a in expr.arguments[1:])
        ):
            expr = expr.arguments[0]
        else:
            return expr


def _terms(expr: "Expr") -> "tuple[Expr, ...]":
    """What is added up."""
    from app.generator.expressions.nodes import Operator

    if isinstance(expr, Operator) and expr.name == "+" and expr.left is not None:
        return (*_terms(_bare(expr.left)), *_terms(_bare(expr.right)))
    return (expr,)


def _arguments(sql: str) -> tuple[str, str] | None:
    """The first two arguments of a call, as text."""
    from pglast import parse_sql
    from pglast.stream import RawStream

    statement: Any = parse_sql(f"SELECT {sql}")[0].stmt
    call = statement.targetList[0].val
    if type(call).__name__ != "FuncCall":
        return None
    low, high = (str(RawStream()(argument)) for argument in call.args[:2])
    return f"({low})", high


def limits_of(overlaps: Overlaps, axis: str, domain_of: Callable[[str], Domain]) -> dict[str, int]:
    """What the checks of the columns on a slot axis leave: `low` and `high`, where they leave off something."""
    kind = overlaps.kinds[axis]
    domains = [domain_of(column) for column, (own, _) in overlaps.axes.items() if own == axis]
    lows = [low for d in domains if (low := slots.number_of(kind, d.low)) is not None]
    highs = [high for d in domains if (high := slots.number_of(kind, d.high)) is not None]
    return {**({"low": max(lows)} if lows else {}), **({"high": min(highs)} if highs else {})}


def axis_of_slots(overlaps: Overlaps, axis: str, domain_of: Callable[[str], Domain], reference: datetime) -> Axis:
    """The slots that the checks of the columns on a slot axis leave, as an axis of a key."""
    kind = overlaps.kinds[axis]
    parts = {column: part for column, (own, part) in overlaps.axes.items() if own == axis}
    marks = slots.marks_of(parts, domain_of, kind, reference)
    return (
        marks.axis if marks is not None else slots.grid_of(kind, reference, **limits_of(overlaps, axis, domain_of)).axis
    )


def shared_spans(keys: Sequence[UniqueKey]) -> frozenset[str]:
    """Span columns that several keys without overlaps share: those are made distinct by themselves."""
    counts: dict[str, int] = {}
    for key in keys:
        if key.without_overlaps and key.elements[-1].column is not None:
            counts[key.elements[-1].column] = counts.get(key.elements[-1].column, 0) + 1
    return frozenset(name for name, count in counts.items() if count > 1)


def span_last(key: UniqueKey, table: Table, types: TypeCatalog, references: Sequence[Sequence[str]] = ()) -> UniqueKey:
    """The key with its span as the last element, as WITHOUT OVERLAPS has it.

    `references` are the columns that come from one parent, for each reference.
    """
    if not key.without_overlaps:
        return key

    def is_span(element: KeyElement) -> bool:
        if element.column is None or element.column.startswith("~ "):
            return True
        return base_type(types, table.column(element.column).type).name.endswith("range")

    others = tuple(element for element in key.elements if not is_span(element))
    named = [e.column for e in key.elements if is_span(e) and e.column is not None and not e.column.startswith("~ ")]
    beside = {e.column for e in others}
    # A span that comes from a parent, and of which others of the key do not, is as long as the parent's.
    given = any(name in columns and beside - set(columns) for columns in references for name in named)
    multiple = any(base_type(types, table.column(name).type).name.endswith("multirange") for name in named)
    if others and (given or multiple):
        # Where it is not known how to lay values side by side, the rest of the key is unique by itself.
        return replace(key, elements=others, without_overlaps=False)
    return replace(key, elements=tuple(sorted(key.elements, key=is_span)))
