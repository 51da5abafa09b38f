"""Nodes -> operands: types are resolved and constants folded once, so that evaluation is array work only."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.generator.expressions import (
    arrays,
    elements,
    extras,
    hashing,
    jsons,
    labels,
    logic,
    moneys,
    number_functions,
    numbers,
    range_functions,
    sets,
    text_matching,
    texts,
    time_fields,
    times,
)
from app.generator.expressions.casts import cast, coerce
from app.generator.expressions.comparison import COMPARISONS, compare, distinct, quantified
from app.generator.expressions.intervals import MICROS_PER_DAY, parse_interval
from app.generator.expressions.kinds import (
    BOOL,
    DATE,
    INT4,
    INT8,
    NUMERIC,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    Kind,
    common_kind,
    kind_of,
)
from app.generator.expressions.literals import read_composite
from app.generator.expressions.moments import micros_of
from app.generator.expressions.nodes import (
    And,
    ArrayOf,
    Call,
    Case,
    Cast,
    Collate,
    ColumnRef,
    Compare,
    Distinct,
    Expr,
    ExpressionUnknown,
    FieldOf,
    Inner,
    IsNull,
    IsTruth,
    Item,
    Literal,
    Lookup,
    Not,
    Operator,
    Or,
    Quantified,
    Strict,
    Subscript,
    array_elements,
    walk,
)
from app.generator.expressions.operands import Operand, absent, column, fixed, lift, lift_nullable, lift_scalar
from app.generator.expressions.text_forms import read_text
from app.generator.snapshot.model import TypeRef
from app.generator.types import TypeCatalog

CLOCK_CALLS = frozenset(
    """now current_date current_timestamp current_time localtime localtimestamp transaction_timestamp
    statement_timestamp clock_timestamp timeofday""".split()
)
_MATCHES = frozenset({"~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*"})

Builder = Callable[[Sequence[Operand]], Operand]

_FUNCTIONS: dict[str, Builder] = {
    **number_functions.FUNCTIONS,
    **texts.FUNCTIONS,
    **times.FUNCTIONS,
    **time_fields.FUNCTIONS,
    **jsons.FUNCTIONS,
    **arrays.FUNCTIONS,
    **range_functions.FUNCTIONS,
    **extras.FUNCTIONS,
    **labels.FUNCTIONS,
    **elements.FUNCTIONS,
    hashing.NAME: hashing.satisfies,
}
_BINARY: tuple[Callable[[str, Operand, Operand], Operand | None], ...] = (
    moneys.arithmetic,
    numbers.arithmetic,
    times.arithmetic,
    labels.operator,
    elements.operator,
    jsons.operator,
    arrays.operator,
    range_functions.operator,
    extras.operator,
)


def reads_clock(expr: Expr) -> bool:
    """Whether the value depends on when it is asked for."""
    return any(
        (isinstance(node, Call) and (node.name in CLOCK_CALLS or (node.name == "age" and len(node.arguments) == 1)))
        or (isinstance(node, Cast) and isinstance(node.argument, Literal) and node.argument.value in _CLOCK_WORDS)
        for node in walk(expr)
    )


_CLOCK_WORDS = frozenset({"now", "today", "tomorrow", "yesterday"})


class Compiler:
    """Compiles expressions over columns of known types. `now` is what now() and CURRENT_DATE give."""

    def __init__(self, columns: Mapping[str, TypeRef], types: TypeCatalog, now: datetime) -> None:
        self._columns = columns
        self._types = types
        self._now_micros = micros_of(now)
        # Of the sets that a sub-select goes over, by the numbers of set and column.
        self.items: dict[tuple[int, int], Kind] = {}

    def compile(self, expr: Expr) -> Operand:
        """Raises ExpressionUnknown for anything whose meaning is not known exactly."""
        compiler = _COMPILERS.get(type(expr))
        if compiler is None:
            where = f"a look into the table {expr.table}" if isinstance(expr, Lookup) else type(expr).__name__.lower()
            raise ExpressionUnknown(where if isinstance(expr, Lookup) else f"a {where} here")
        return compiler(self, expr)

    def condition(self, expr: Expr) -> Operand:
        """An expression that must be boolean."""
        return coerce(self.compile(expr), BOOL)

    def kind(self, ref: TypeRef) -> Kind:
        return kind_of(ref, self._types)

    # --- one method per node -----------------------------------------------------------------------------------------

    def _column(self, expr: ColumnRef) -> Operand:
        ref = self._columns.get(expr.name)
        if ref is None:
            raise ExpressionUnknown(f"the column {expr.name}")
        return column(expr.name, self.kind(ref))

    def _item(self, expr: Item) -> Operand:
        kind = self.items.get((expr.source, expr.place))
        if kind is None:
            raise ExpressionUnknown("a column of a set that is elsewhere")
        return sets.item_operand(expr, kind)

    def _inner(self, expr: Inner) -> Operand:
        return sets.Selection(self, expr).operand

    def _literal(self, expr: Literal) -> Operand:
        value = expr.value
        if value is None:
            return absent(UNKNOWN)
        if isinstance(value, bool):
            return fixed(BOOL, value)
        if isinstance(value, int):
            bits = value.bit_length()
            return fixed(INT4 if bits < 32 else INT8, value) if bits < 64 else fixed(NUMERIC, Decimal(value))
        return fixed(NUMERIC if isinstance(value, Decimal) else UNKNOWN, value)

    def _cast(self, expr: Cast) -> Operand:
        kind, argument = self.kind(expr.type), expr.argument
        if isinstance(argument, ArrayOf) and kind.element is not None:
            return arrays.build_of(kind.element, [cast(self.compile(e), kind.element) for e in argument.elements])
        if isinstance(argument, Literal) and argument.value in _CLOCK_WORDS and kind.name in ("date", "timestamp"):
            days = {"now": 0, "today": 0, "tomorrow": 1, "yesterday": -1}[str(argument.value)]
            return fixed(DATE, self._now_micros // MICROS_PER_DAY + days)
        if isinstance(argument, Literal) and isinstance(argument.value, str) and kind.name == "interval":
            return self._interval(argument.value, expr.type, kind)
        operand = self.compile(argument)
        if kind.name in ("regclass", "regconfig") and operand.literal is not None:
            return operand
        return cast(operand, kind)

    def _interval(self, text: str, ref: TypeRef, kind: Kind) -> Operand:
        span = parse_interval(text, ref.interval_fields)
        if span is None:
            raise ExpressionUnknown(f"the interval {text!r}")
        return fixed(kind.plain, span)

    def _collate(self, expr: Collate) -> Operand:
        found = self.compile(expr.argument)
        return Operand(found.kind, found.run, found.columns, found.value, found.literal, expr.collation)

    def _compare(self, expr: Compare) -> Operand:
        return compare(expr.operator, self.compile(expr.left), self.compile(expr.right))

    def _distinct(self, expr: Distinct) -> Operand:
        return distinct(self.compile(expr.left), self.compile(expr.right), expr.negated)

    def _and(self, expr: And) -> Operand:
        return logic.all_of([self.condition(argument) for argument in expr.arguments])

    def _or(self, expr: Or) -> Operand:
        return logic.any_of([self.condition(argument) for argument in expr.arguments])

    def _not(self, expr: Not) -> Operand:
        return logic.negation(self.condition(expr.argument))

    def _is_null(self, expr: IsNull) -> Operand:
        operand = self.compile(expr.argument)
        found = logic.is_null(operand, expr.negated)
        if operand.kind.name != "composite":
            return found
        # IS NULL is so too where all of its fields are NULL, and IS NOT NULL only where none is.
        alike = lift_scalar(BOOL, lambda text: all((f is None) != expr.negated for f in read_composite(text)), operand)
        return logic.all_of([found, alike]) if expr.negated else logic.any_of([found, alike])

    def _is_truth(self, expr: IsTruth) -> Operand:
        return logic.is_truth(self.condition(expr.argument), expr.value, expr.negated)

    def _quantified(self, expr: Quantified) -> Operand:
        left, array = self.compile(expr.left), array_elements(expr.array)
        if array is not None:
            elements = [self.compile(element) for element in array]
            if any(e.value is None or "interval" in (e.kind.name, left.kind.name) for e in elements):
                tests = [self.binary(expr.operator, left, element) for element in elements]
                return logic.all_of(tests) if expr.every else logic.any_of(tests)
            if isinstance(expr.array, ArrayOf) and elements and all(e.kind.name == "unknown" for e in elements):
                # IN ('a', 'b'): quoted literals take the type of what they are compared with.
                listed = arrays.build_of(left.kind.plain if left.kind.name != "unknown" else TEXT, elements)
                return quantified(expr.operator, left, listed, expr.every, self.binary)
        return quantified(expr.operator, left, self.compile(expr.array), expr.every, self.binary)

    def _case(self, expr: Case) -> Operand:
        conditions = [self.condition(condition) for condition, _ in expr.whens]
        results = [self.compile(result) for _, result in expr.whens] + [self.compile(expr.default)]
        kind, typed = self._alike(results, "CASE")
        return logic.choose(kind, conditions, typed)

    def _alike(self, operands: Sequence[Operand], what: str) -> tuple[Kind, list[Operand]]:
        kinds = [operand.kind for operand in operands]
        kind = common_kind(kinds, what)
        if len(set(kinds)) > 1:
            kind = kind.plain
        return kind, [coerce(operand, kind) for operand in operands]

    def _array(self, expr: ArrayOf) -> Operand:
        if not expr.elements:
            raise ExpressionUnknown("an empty array of no type")
        return arrays.build([self.compile(element) for element in expr.elements])

    def _field(self, expr: FieldOf) -> Operand:
        operand = self.compile(expr.argument)
        names = [name for name, _ in operand.kind.fields]
        if expr.name not in names:
            raise ExpressionUnknown(f"the field {expr.name} of {operand.kind}")
        place = names.index(expr.name)
        kind = operand.kind.fields[place][1]

        def take(text: str) -> Any:
            part = read_composite(text)[place]
            return None if part is None else read_text(part, kind)

        return lift_scalar(kind, take, operand)

    def _subscript(self, expr: Subscript) -> Operand:
        operand, index = self.compile(expr.argument), self.compile(expr.index)
        if operand.kind.name == "jsonb":
            return jsons.subscript(operand, index)
        if operand.kind.name == "array":
            return arrays.subscript(operand, index)
        if operand.kind.name == "point":
            return elements.coordinate(operand, index)
        raise ExpressionUnknown(f"a subscript of {operand.kind}")

    def _strict(self, expr: Strict) -> Operand:
        return logic.strict([self.compile(argument) for argument in expr.arguments], self.compile(expr.body))

    # --- operators and functions -------------------------------------------------------------------------------------

    def _operator(self, expr: Operator) -> Operand:
        right = self.compile(expr.right)
        if expr.left is None:
            found = times.negative(right) if right.kind.name == "interval" and expr.name == "-" else None
            found = found or number_functions.prefix(expr.name, right)
            if found is None:
                raise ExpressionUnknown(f"the operator {expr.name} before {right.kind}")
            return found
        return self.binary(expr.name, self.compile(expr.left), right)

    def binary(self, name: str, left: Operand, right: Operand) -> Operand:
        """`left name right`, comparisons and patterns included."""
        if name in COMPARISONS:
            return compare(name, left, right)
        if name in _MATCHES:
            return text_matching.matches(name, left, right)
        if name == "^@":
            return texts.FUNCTIONS["starts_with"]([left, right])
        for rule in _BINARY:
            found = rule(name, left, right)
            if found is not None:
                return found
        if name == "||":
            joined = texts.concatenation(left, right)
            if joined is not None:
                return joined
        raise ExpressionUnknown(f"the operator {name} between {left.kind} and {right.kind}")

    def _call(self, expr: Call) -> Operand:
        name = expr.name
        if expr.schema is not None and name not in _EXTENSION_FUNCTIONS:
            raise ExpressionUnknown(f"the function {expr.schema}.{name}")
        if name in CLOCK_CALLS:
            return self._clock(name)
        if name in _SHAPED:
            return _SHAPED[name](self, expr.arguments)
        arguments = [self.compile(argument) for argument in expr.arguments]
        if name in range_functions.ON_RANGES and arguments and arguments[0].kind.name in range_functions.RANGES:
            return range_functions.ON_RANGES[name](arguments)
        if name == "age" and len(arguments) == 1:
            today = fixed(TIMESTAMP, self._now_micros // MICROS_PER_DAY * MICROS_PER_DAY)
            arguments = [today, *arguments]
        builder = _FUNCTIONS.get(name)
        if builder is None:
            casted = self._cast_call(name, arguments)
            if casted is None:
                raise ExpressionUnknown(f"the function {name}")
            return casted
        try:
            return builder(arguments)
        except (ValueError, IndexError, TypeError):
            # The builders unpack their arguments: a wrong number of them ends here.
            raise ExpressionUnknown(f"{name} with {len(arguments)} arguments") from None

    def _cast_call(self, name: str, arguments: Sequence[Operand]) -> Operand | None:
        """`text(x)`, `date(x)`, `int4(x)`: a cast that is written as a function."""
        if len(arguments) == 1 and name in ("text", "varchar", "date", "int2", "int4", "int8", "float8", "numeric"):
            return cast(arguments[0], Kind(name))
        return None

    def _clock(self, name: str) -> Operand:
        now = self._now_micros
        if name == "current_date":
            return fixed(DATE, now // MICROS_PER_DAY)
        if name in ("localtime", "current_time"):
            return fixed(TIME, now % MICROS_PER_DAY)
        if name == "timeofday":
            raise ExpressionUnknown("timeofday")
        return fixed(TIMESTAMP if name == "localtimestamp" else TIMESTAMPTZ, now)

    def _coalesce(self, arguments: Sequence[Expr]) -> Operand:
        kind, typed = self._alike([self.compile(argument) for argument in arguments], "COALESCE")
        return logic.coalesce(kind, typed)

    def _nullif(self, arguments: Sequence[Expr]) -> Operand:
        left, right = (self.compile(argument) for argument in arguments)
        equal = logic.is_truth(compare("=", left, right), True, False)
        if left.kind.name == "unknown":
            left = coerce(left, TEXT)
        return logic.choose(left.kind, [equal], [absent(left.kind), left])

    def _extreme(self, greatest: bool, arguments: Sequence[Expr]) -> Operand:
        kind, typed = self._alike([self.compile(argument) for argument in arguments], "GREATEST or LEAST")
        found = typed[0]
        for operand in typed[1:]:
            # NULLs are passed over: the other one is taken.
            better = compare(">=" if greatest else "<=", found, operand)
            takes_first = logic.any_of([logic.is_null(operand, False), logic.is_truth(better, True, False)])
            found = logic.choose(kind, [takes_first], [found, operand])
        return found

    def _count_nulls(self, nulls: bool, arguments: Sequence[Expr]) -> Operand:
        tests = [logic.is_null(self.compile(argument), not nulls) for argument in arguments]

        def count(*masks: Any) -> Any:
            total = masks[0].astype("int64")
            for mask in masks[1:]:
                total = total + mask
            return total

        return lift(INT4, count, *tests)

    def _overlaps(self, arguments: Sequence[Expr]) -> Operand:
        starts, ends = [], []
        for start, end in ((0, 1), (2, 3)):
            first, last = self.compile(arguments[start]), self.compile(arguments[end])
            stop = times.arithmetic("+", first, last) if last.kind.name == "interval" else last
            starts.append(first)
            ends.append(stop or last)
        _, (s1, s2, e1, e2) = self._alike([*starts, *ends], "OVERLAPS")
        return lift_nullable(BOOL, times.overlaps, s1, e1, s2, e2)


_SHAPED: dict[str, Callable[[Compiler, Sequence[Expr]], Operand]] = {
    "coalesce": Compiler._coalesce,
    "nullif": Compiler._nullif,
    "greatest": lambda compiler, arguments: compiler._extreme(True, arguments),
    "least": lambda compiler, arguments: compiler._extreme(False, arguments),
    "num_nulls": lambda compiler, arguments: compiler._count_nulls(True, arguments),
    "num_nonnulls": lambda compiler, arguments: compiler._count_nulls(False, arguments),
    "overlaps": Compiler._overlaps,
}
# Functions that come with extensions, and are known all the same.
_EXTENSION_FUNCTIONS = frozenset(
    """nlevel subpath subltree index ltree2text text2ltree
    st_srid geometrytype st_geometrytype st_ndims st_coorddim st_isempty st_isvalid st_issimple st_x st_y
    vector_dims exist defined akeys""".split()
)

_COMPILERS: dict[type, Callable[[Compiler, Any], Operand]] = {
    ColumnRef: Compiler._column,
    Literal: Compiler._literal,
    Cast: Compiler._cast,
    Collate: Compiler._collate,
    Compare: Compiler._compare,
    Distinct: Compiler._distinct,
    And: Compiler._and,
    Or: Compiler._or,
    Not: Compiler._not,
    IsNull: Compiler._is_null,
    IsTruth: Compiler._is_truth,
    Quantified: Compiler._quantified,
    Case: Compiler._case,
    ArrayOf: Compiler._array,
    FieldOf: Compiler._field,
    Subscript: Compiler._subscript,
    Strict: Compiler._strict,
    Operator: Compiler._operator,
    Call: Compiler._call,
    Item: Compiler._item,
    Inner: Compiler._inner,
}
