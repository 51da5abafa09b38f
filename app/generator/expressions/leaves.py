"""A single condition about a single column -> the domain that keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.generator.domain import Domain, Pattern
from app.generator.expressions import subnets, text_parts
from app.generator.expressions.attributes import read_attribute
from app.generator.expressions.bounds import comparison_domain, literal
from app.generator.expressions.calendar import calendar_values
from app.generator.expressions.calls import HANDLERS
from app.generator.expressions.casts import coerce
from app.generator.expressions.compiler import Compiler, reads_clock
from app.generator.expressions.evaluate import HORIZON
from app.generator.expressions.findings import (
    Finding,
    as_array,
    as_document,
    as_text,
    both,
    column_of,
    either,
    is_widening,
    key_inside,
    together,
    uncast,
    with_key,
)
from app.generator.expressions.intervals import MICROS_PER_DAY
from app.generator.expressions.keyed import KEY_OPERATORS, keys_asked, kind_asked
from app.generator.expressions.kinds import DATES, INTEGERS, NUMBERS, STRINGS, Kind
from app.generator.expressions.like import quoted
from app.generator.expressions.nodes import (
    Call,
    Cast,
    Collate,
    ColumnRef,
    Compare,
    Expr,
    ExpressionUnknown,
    IsNull,
    Literal,
    Operator,
    Quantified,
    Subscript,
    array_elements,
    columns_of,
)
from app.generator.expressions.normal import MIRRORED, Leaf
from app.generator.expressions.operands import Operand
from app.generator.expressions.path_queries import below, lquery_to_regex
from app.generator.expressions.range_lengths import length_compared
from app.generator.expressions.ranges import range_of
from app.generator.expressions.sums import operator_compared
from app.generator.snapshot.model import TypeRef
from app.generator.types import TypeCatalog

_MAX_VALUES = 4096


class LeafReader:
    """Reads leaves over columns of known types."""

    def __init__(self, columns: Mapping[str, TypeRef], types: TypeCatalog, reference: datetime) -> None:
        self.reference = reference
        self._columns, self._types = columns, types
        self._compiler = Compiler(columns, types, reference)
        self._later = Compiler(columns, types, reference + HORIZON)

    def read(self, leaf: Leaf) -> Finding | None:
        """What the leaf says, or None when it is about several columns or is not understood in this way."""
        columns = columns_of(leaf.expr)
        if len(columns) != 1:
            return None
        try:
            found = read_attribute(leaf, self._columns, self._types, self.reference)
            found = found or self._read(leaf.expr, leaf.negated)
        except (ExpressionUnknown, ValueError, ArithmeticError, OverflowError):
            return None
        if found is not None and leaf.holds and not isinstance(leaf.expr, IsNull):
            found = found.narrowed(domain=replace(found.domain, nullable=False))
        return found

    def _read(self, expr: Expr, negated: bool) -> Finding | None:
        if isinstance(expr, IsNull):
            return self._null(expr)
        if isinstance(expr, Compare) and not negated:
            return self._comparison(expr)
        if isinstance(expr, Quantified):
            return None if negated else self._membership(expr)
        if isinstance(expr, Operator):
            return self._operator(expr, negated)
        if isinstance(expr, Call):
            return self._call(expr, negated)
        return None

    # --- constants ---------------------------------------------------------------------------------------------------

    def constant(self, expr: Expr, operator: str = "=") -> Operand | None:
        """A constant's operand. One that moves with the clock is taken at the end of time at which it asks most."""
        if columns_of(expr):
            return None
        compiler = self._later if operator[0] == ">" else self._compiler
        if operator in ("=", "<>") and reads_clock(expr):
            return None
        operand = compiler.compile(expr)
        failed = operand.value is not None and operand.value.failed is not None
        return None if operand.value is None or operand.is_null or failed else operand

    def text(self, expr: Expr) -> str | None:
        operand = self.constant(expr)
        return str(operand.constant()) if operand and operand.kind.name in STRINGS else None

    def number(self, expr: Expr) -> int | Decimal | None:
        operand = self.constant(expr)
        if operand is None or operand.kind.name not in NUMBERS:
            return None
        value = operand.constant()
        return Decimal(repr(value)) if isinstance(value, float) else value

    def kind(self, expr: Expr) -> Kind:
        return self._compiler.compile(expr).kind

    def value_of(self, expr: Expr) -> tuple[Kind, Any] | None:
        """A constant's kind and Python form; None for what is no constant, or moves with the clock."""
        try:
            operand = self.constant(expr)
        except ExpressionUnknown:
            return None
        return None if operand is None else (operand.kind, operand.constant())

    def kind_of_column(self, name: str) -> Kind:
        """The kind of a column."""
        return self.kind(ColumnRef(name))

    # --- tests -------------------------------------------------------------------------------------------------------

    def _null(self, expr: IsNull) -> Finding | None:
        argument = expr.argument
        column = column_of(argument)
        if column is not None:
            whole = not expr.negated or self.kind(argument).name != "composite"  # whose fields have to be there too
            return Finding(column, Domain(nullable=False) if expr.negated else Domain(null_only=True), enough=whole)
        if isinstance(argument, Call) and argument.name == "array_position" and not expr.negated:
            array = column_of(argument.arguments[0])
            if array is not None and uncast(argument.arguments[1]) == Literal(None):
                return Finding(array, Domain(element_not_null=True))
        if isinstance(argument, Operator) and argument.name in ("->", "->>") and expr.negated and argument.left:
            document, key = column_of(as_document(argument.left)), self.text(argument.right)
            if document is not None and key is not None:
                return Finding(document, with_key(key), enough=False)
        if expr.negated and (read := text_parts.spelled(self, uncast(argument))) is not None:
            return read
        if expr.negated and (inside := key_inside(argument, self.text)) is not None:
            return inside
        if isinstance(argument, Call) and argument.name in ("lower", "upper"):
            if self.kind(argument.arguments[0]).name in STRINGS:
                return self._null(IsNull(as_text(argument.arguments[0]), expr.negated))
            column = column_of(argument.arguments[0])
            if column is not None and expr.negated and self.kind(ColumnRef(column)).name == "range":
                domain = Domain(nullable=False, range_not_empty=True, range_bounded=True)
                return Finding(column, domain, needed=False)
        if expr.negated and isinstance(argument, Operator | Call | Subscript):
            (name,) = columns_of(argument)
            return Finding(name, Domain(nullable=False), enough=False, needed=False)
        return None

    def _comparison(self, expr: Compare) -> Finding | None:
        if columns_of(expr.left) and columns_of(expr.right):
            return self._with_itself(expr)
        if not columns_of(expr.left):
            expr = Compare(MIRRORED[expr.operator], expr.right, expr.left)  # type: ignore[arg-type]  # one of the six
        constant = self.constant(expr.right, expr.operator)
        if constant is None:
            return None
        if constant.kind.name == "unknown":
            constant = coerce(constant, self.kind(expr.left).plain)
        return self.compared(expr.operator, expr.left, constant.kind, constant.constant())

    def compared(self, operator: str, expr: Expr, kind: Kind, value: Any) -> Finding | None:
        """`expr operator value`."""
        taken = text_parts.compared(self, operator, expr, value) or text_parts.spelled(self, expr)
        if taken is not None:
            return taken
        if isinstance(expr, ColumnRef):
            return self._column_compared(operator, expr, kind, value)
        if isinstance(expr, Collate):
            return self.compared(operator, expr.argument, kind, value)
        if isinstance(expr, Cast):
            return self._cast_compared(operator, expr, kind, value)
        if isinstance(expr, Call):
            handler = HANDLERS.get(expr.name)
            return handler(self, operator, expr, kind, value) if handler else None
        if isinstance(expr, Operator):
            found = length_compared(operator, expr, kind, value)
            return found or operator_compared(self, operator, expr, kind, value)
        return None

    def _column_compared(self, operator: str, expr: ColumnRef, kind: Kind, value: Any) -> Finding | None:
        own = self.kind(expr)
        if own.name == "array":
            return self._array_compared(operator, expr.name, value)
        if own.name == "range" and kind.name == "range" and str(value).strip().lower() == "empty":
            return Finding(expr.name, Domain(range_not_empty=True)) if operator == "<>" else None
        if own.name in ("range", "multirange"):
            return None
        domain = comparison_domain(operator, own, value, kind)
        if domain is None:
            return None
        if own.name in ("json", "jsonb") and operator == "<>":
            return Finding(expr.name, domain, enough=False, needed=False)
        # Texts are ordered by the database's collation, which generators do not follow: tested all the same.
        orders_text = own.name in STRINGS and operator not in ("=", "<>")
        # citext equality takes other spellings, too.
        spelled = own.name == "citext"
        return Finding(
            expr.name, domain, enough=not orders_text and not spelled, needed=not orders_text and not spelled
        )

    def _array_compared(self, operator: str, column: str, value: Any) -> Finding | None:
        if value != []:
            return None
        if operator in ("<>", ">"):
            return Finding(column, Domain(min_items=1))
        return Finding(column, Domain(max_items=0)) if operator == "=" else None

    def _cast_compared(self, operator: str, expr: Cast, kind: Kind, value: Any) -> Finding | None:
        inner, target = self.kind(expr.argument), self.kind(expr)
        a, b = inner.name, target.name
        if a in STRINGS and b in STRINGS and (target.length is None):
            return self.compared(operator, expr.argument, kind, value)
        if (a in NUMBERS and b in NUMBERS and is_widening(inner, target)) or (a == "date" and b in DATES):
            return self.compared(operator, expr.argument, kind, value)
        if a == b and target.precision is None:
            return self.compared(operator, expr.argument, kind, value)
        if a in ("enum", "uuid") and b in STRINGS and operator in ("=", "<>"):
            if a == "enum" and value not in inner.labels:
                return None
            return self.compared(operator, expr.argument, inner, value)
        if a in ("timestamp", "timestamptz") and b == "date" and kind.name == "date":
            return self._day_compared(operator, expr.argument, inner, int(value))
        if a in INTEGERS and b in STRINGS and operator == "=" and str(value).lstrip("-").isdigit():
            return self.compared(operator, expr.argument, Kind("int8"), int(value))
        return None

    def _day_compared(self, operator: str, expr: Expr, kind: Kind, days: int) -> Finding | None:
        """A time stamp's date against a date."""
        start, end = days * MICROS_PER_DAY, (days + 1) * MICROS_PER_DAY
        if operator in (">=", "<"):
            return self.compared(operator, expr, kind, start)
        if operator in (">", "<="):
            return self.compared(">=" if operator == ">" else "<", expr, kind, end)
        if operator == "=":
            low, high = self.compared(">=", expr, kind, start), self.compared("<", expr, kind, end)
            return both(low, high)
        return None

    # --- a column compared with a function of itself ------------------------------------------------------------------

    def _with_itself(self, expr: Compare) -> Finding | None:
        """x = lower(x), x = btrim(x), x = round(x, 2), x = date_trunc('month', x)."""
        for plain, changed in ((expr.left, expr.right), (expr.right, expr.left)):
            column = column_of(uncast(plain))
            if column is not None and expr.operator == "=":
                domain = self._unchanged_by_cast(changed, column) or self._unchanged_by(uncast(changed), column)
                if domain is not None:
                    enough = domain.values is None and self._is_itself(plain, column)
                    return Finding(column, domain, enough, needed=enough)
        return None

    def _is_itself(self, expr: Expr, column: str) -> bool:
        """Whether it is the column, or a cast that changes no value of it."""
        if column_of(as_text(expr)) == column:
            return True
        own, target = self.kind_of_column(column), self.kind(expr)
        return {own.name, target.name} <= NUMBERS and is_widening(own, target)

    def _unchanged_by_cast(self, expr: Expr, column: str) -> Domain | None:
        """x = x::integer, t = t::date: whole numbers, midnights."""
        if not isinstance(expr, Cast) or column_of(expr.argument) != column:
            return None
        own, target = self.kind_of_column(column).name, self.kind(expr).name
        if target in INTEGERS and own in NUMBERS:
            return Domain(multiple_of=1)
        if target == "date" and own in DATES:
            values = calendar_values("trunc day", set(), own, self.reference)
            return None if values is None else Domain(values=values)
        return None

    def _unchanged_by(self, expr: Expr, column: str) -> Domain | None:
        if isinstance(expr, ColumnRef):
            return Domain() if self.kind_of_column(column).name in STRINGS | NUMBERS else None
        if not isinstance(expr, Call) or not expr.arguments:
            return None
        if expr.name == "date_trunc":
            field = self.text(expr.arguments[0])
            own = self.kind(ColumnRef(column))
            chosen = calendar_values(f"trunc {field}", set(), own.name, self.reference) if field else None
            return None if chosen is None or column_of(uncast(expr.arguments[1])) != column else Domain(values=chosen)
        whole = text_parts.unchanged(self, expr, column) or text_parts.of_hex(expr, column)
        inner = whole or self._unchanged_by(as_text(expr.arguments[0]), column)
        if whole is not None or inner is None:
            return whole
        if expr.name in ("lower", "upper") and len(expr.arguments) == 1:
            return inner.intersect(Domain(case="lower" if expr.name == "lower" else "upper"))
        if expr.name in text_parts.TRIMS and len(expr.arguments) == 1:
            return inner.intersect(Domain(trimmed=True))
        if expr.name in ("round", "trunc", "floor", "ceil", "ceiling"):
            digits = self.number(expr.arguments[1]) if len(expr.arguments) > 1 else 0
            if digits is None:
                return None
            unit = Decimal(1).scaleb(-int(digits))
            return inner.intersect(Domain(multiple_of=1 if unit == 1 else unit))
        return None

    # --- ANY, patterns and the rest -----------------------------------------------------------------------------------

    def _membership(self, expr: Quantified) -> Finding | None:
        listed = array_elements(expr.array)
        if listed and len(listed) <= _MAX_VALUES and expr.operator in MIRRORED:
            # One by one: quoted literals take the type of what they are compared with.
            pairs = [Compare(expr.operator, expr.left, element) for element in listed]  # type: ignore[arg-type]
            return self._joined([self._comparison(pair) for pair in pairs], expr)
        array = self.constant(expr.array)
        if array is None:
            return self._elements(expr)
        element = array.kind.element
        values = array.constant()
        if element is None and array.kind.name == "unknown":
            array = coerce(array, Kind("array", self.kind(expr.left).plain))
            element, values = array.kind.element, array.constant()
        if element is None or not values or None in values or len(values) > _MAX_VALUES:
            return None
        return self._joined([self.compared(expr.operator, expr.left, element, value) for value in values], expr)

    def _joined(self, found: Sequence[Finding | None], expr: Quantified) -> Finding | None:
        known = [finding for finding in found if finding is not None]
        if len(known) < len(found):
            return None
        if expr.every:
            return together(known)
        if expr.operator != "=":
            return None
        return either(known)

    def _elements(self, expr: Quantified) -> Finding | None:
        """`constant <> ALL (column)`, `0 < ALL (column)`: a rule for each element."""
        column = column_of(as_array(expr.array))
        own = self.kind(expr.array).element if column is not None else None
        if column is None or own is None or expr.operator not in MIRRORED:
            return None
        constant = self.constant(expr.left, MIRRORED[expr.operator])
        if constant is None:
            return None
        if not expr.every:
            return Finding(column, Domain(min_items=1), enough=False)
        domain = comparison_domain(MIRRORED[expr.operator], own, constant.constant(), constant.kind)
        return None if domain is None else Finding(column, Domain(element=domain), enough=False)

    def _operator(self, expr: Operator, negated: bool) -> Finding | None:
        if expr.left is None:
            return None
        if expr.name in ("~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*") and not negated:
            if expr.name == "~" and (path := self._path(expr)) is not None:
                return path
            return text_parts.matched(self, expr.name, expr.left, expr.right)
        if expr.name == "^@" and not negated:
            prefix, column = self.text(expr.right), column_of(as_text(expr.left))
            if prefix is None or column is None:
                return None
            return Finding(column, Domain(patterns=(Pattern("^" + "".join(map(quoted, prefix))),)), enough=False)
        if expr.name in KEY_OPERATORS and not negated:
            return keys_asked(self, expr)
        if expr.name in ("<@", "@>", "&&") and not negated:
            return self._containment(expr)
        if expr.name in ("<<", "<<=", ">>", ">>=") and not negated:
            return subnets.within(self, expr)
        return None

    def _path(self, expr: Operator) -> Finding | None:
        """p ~ 'Top.*{1,2}' of a path of labels."""
        column = column_of(uncast(expr.left)) if expr.left is not None else None
        if column is None or self.kind(ColumnRef(column)).name != "ltree":
            return None
        found = self.value_of(expr.right)
        if found is None:
            return None
        return Finding(column, Domain(patterns=(Pattern(lquery_to_regex(str(found[1]))),)), enough=False)

    def _containment(self, expr: Operator) -> Finding | None:
        assert expr.left is not None
        left, right = (expr.left, expr.right) if columns_of(expr.left) else (expr.right, expr.left)
        name = expr.name if columns_of(expr.left) else {"<@": "@>", "@>": "<@", "&&": "&&"}[expr.name]
        column, constant = column_of(as_array(left)), self.constant(right)
        if column is None or constant is None:
            return None
        own = self.kind(ColumnRef(column))
        if own.name == "ltree" and name == "<@":
            return Finding(column, Domain(patterns=(Pattern(below(str(constant.constant()))),)), enough=False)
        if own.name == "jsonb" and name == "@>":
            return Finding(column, Domain(values=(str(coerce(constant, own).constant()),)), enough=False, needed=False)
        if own.name == "array" and own.element is not None:
            items = coerce(constant, own).constant()
            listed = tuple(v for v in (literal(own.element, item) for item in items) if v is not None)
            if name == "<@":
                return Finding(column, Domain(element=Domain(values=listed), element_not_null=True), enough=False)
            if items:
                return Finding(
                    column, Domain(min_items=1, element=Domain(suggested=listed)), enough=False, needed=False
                )
            return None
        if constant.kind.name == "range" and name == "<@" and constant.kind.element is not None:
            return self._within(column, constant)
        return None

    def _within(self, column: str, constant: Operand) -> Finding | None:
        """`x <@ '[1,10]'::int4range`."""
        subtype = constant.kind.element
        assert subtype is not None
        span = range_of(constant.constant(), subtype)
        if span.empty:
            return None
        parts = [Finding(column, Domain())]
        if span.low is not None:
            found = self.compared(">=" if span.low_inclusive else ">", ColumnRef(column), subtype, span.low)
            parts.append(found or Finding(column, Domain(), enough=False))
        if span.high is not None:
            found = self.compared("<=" if span.high_inclusive else "<", ColumnRef(column), subtype, span.high)
            parts.append(found or Finding(column, Domain(), enough=False))
        return together(parts)

    def _call(self, expr: Call, negated: bool) -> Finding | None:
        column = column_of(uncast(expr.arguments[0])) if expr.arguments else None
        if column is None:
            return None
        if expr.name == "isempty" and negated:
            return Finding(column, Domain(range_not_empty=True))
        if expr.name in ("lower_inf", "upper_inf") and negated:
            return Finding(column, Domain(range_bounded=True), needed=False)
        if expr.name == "is_json" and not negated:
            return kind_asked(self, expr)
        if expr.name == "isfinite" and not negated:
            return Finding(column, Domain(finite=True))
        return None
