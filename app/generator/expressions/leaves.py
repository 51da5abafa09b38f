"""A single condition about a single column -> the domain that keeps it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.generator.domain import Domain, Pattern
from app.generator.expressions.bounds import comparison_domain, literal
from app.generator.expressions.calendar import calendar_values, part_range
from app.generator.expressions.casts import coerce
from app.generator.expressions.compiler import Compiler, reads_clock
from app.generator.expressions.evaluate import HORIZON
from app.generator.expressions.intervals import MICROS_PER_DAY
from app.generator.expressions.kinds import DATES, INTEGERS, NUMBERS, STRINGS, Kind
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
from app.generator.expressions.ranges import range_of
from app.generator.expressions.regex import like_to_regex, quoted
from app.generator.snapshot.model import TypeRef
from app.generator.types import TypeCatalog

_LENGTHS = frozenset({"length", "char_length", "character_length"})
_TRIMS = frozenset({"btrim", "trim", "ltrim", "rtrim"})
_MAX_VALUES = 4096


@dataclass(frozen=True, slots=True)
class Finding:
    """What a condition says about one column.

    `enough`: every value of the domain satisfies the condition. `needed`: every value that satisfies it is in the
    domain.
    """

    column: str
    domain: Domain
    enough: bool = True
    needed: bool = True

    def narrowed(self, **changes: Any) -> "Finding":
        """The same with other fields."""
        return replace(self, **changes)


class LeafReader:
    """Reads leaves over columns of known types."""

    def __init__(self, columns: Mapping[str, TypeRef], types: TypeCatalog, reference: datetime) -> None:
        self._reference = reference
        self._compiler = Compiler(columns, types, reference)
        self._later = Compiler(columns, types, reference + HORIZON)

    def read(self, leaf: Leaf) -> Finding | None:
        """What the leaf says, or None when it is about several columns or is not understood in this way."""
        columns = columns_of(leaf.expr)
        if len(columns) != 1:
            return None
        try:
            found = self._read(leaf.expr, leaf.negated)
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

    def _constant(self, expr: Expr, operator: str = "=") -> Operand | None:
        """A constant's operand. One that moves with the clock is taken at the end of time at which it asks most."""
        if columns_of(expr):
            return None
        compiler = self._later if operator[0] == ">" else self._compiler
        if operator in ("=", "<>") and reads_clock(expr):
            return None
        operand = compiler.compile(expr)
        failed = operand.value is not None and operand.value.failed is not None
        return None if operand.value is None or operand.is_null or failed else operand

    def _text(self, expr: Expr) -> str | None:
        operand = self._constant(expr)
        return str(operand.constant()) if operand and operand.kind.name in STRINGS else None

    def _number(self, expr: Expr) -> int | Decimal | None:
        operand = self._constant(expr)
        if operand is None or operand.kind.name not in NUMBERS:
            return None
        value = operand.constant()
        return Decimal(repr(value)) if isinstance(value, float) else value

    def _kind(self, expr: Expr) -> Kind:
        return self._compiler.compile(expr).kind

    def value_of(self, expr: Expr) -> tuple[Kind, Any] | None:
        """A constant's kind and Python form; None for what is no constant, or moves with the clock."""
        try:
            operand = self._constant(expr)
        except ExpressionUnknown:
            return None
        return None if operand is None else (operand.kind, operand.constant())

    def kind_of_column(self, name: str) -> Kind:
        """The kind of a column."""
        return self._kind(ColumnRef(name))

    # --- tests -------------------------------------------------------------------------------------------------------

    def _null(self, expr: IsNull) -> Finding | None:
        argument = expr.argument
        column = _column(argument)
        if column is not None:
            return Finding(column, Domain(nullable=False) if expr.negated else Domain(null_only=True))
        if isinstance(argument, Call) and argument.name == "array_position" and not expr.negated:
            array = _column(argument.arguments[0])
            if array is not None and uncast(argument.arguments[1]) == Literal(None):
                return Finding(array, Domain(element_not_null=True))
        if isinstance(argument, Operator) and argument.name in ("->", "->>") and expr.negated and argument.left:
            document, key = _column(argument.left), self._text(argument.right)
            if document is not None and key is not None:
                return Finding(document, Domain(nullable=False, json_types=("object",), json_keys=(key,)), enough=False)
        if isinstance(argument, Call) and argument.name in ("lower", "upper"):
            if self._kind(argument.arguments[0]).name in STRINGS:
                return self._null(IsNull(uncast(argument.arguments[0]), expr.negated))
            column = _column(argument.arguments[0])
            if column is not None and expr.negated and self._kind(ColumnRef(column)).name == "range":
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
        constant = self._constant(expr.right, expr.operator)
        if constant is None:
            return None
        if constant.kind.name == "unknown":
            constant = coerce(constant, self._kind(expr.left).plain)
        return self._compared(expr.operator, expr.left, constant.kind, constant.constant())

    def _compared(self, operator: str, expr: Expr, kind: Kind, value: Any) -> Finding | None:
        """`expr operator value`."""
        if isinstance(expr, ColumnRef):
            return self._column_compared(operator, expr, kind, value)
        if isinstance(expr, Collate):
            return self._compared(operator, expr.argument, kind, value)
        if isinstance(expr, Cast):
            return self._cast_compared(operator, expr, kind, value)
        if isinstance(expr, Call):
            handler = _COMPARED_CALLS.get(expr.name)
            return handler(self, operator, expr, kind, value) if handler else None
        if isinstance(expr, Operator):
            return self._operator_compared(operator, expr, kind, value)
        if isinstance(expr, Subscript) and operator != "<>":
            return None
        return None

    def _column_compared(self, operator: str, expr: ColumnRef, kind: Kind, value: Any) -> Finding | None:
        own = self._kind(expr)
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
        inner, target = self._kind(expr.argument), self._kind(expr)
        a, b = inner.name, target.name
        if a in STRINGS and b in STRINGS and (target.length is None):
            return self._compared(operator, expr.argument, kind, value)
        if (a in NUMBERS and b in NUMBERS and _is_widening(inner, target)) or (a == "date" and b in DATES):
            return self._compared(operator, expr.argument, kind, value)
        if a == b and target.precision is None:
            return self._compared(operator, expr.argument, kind, value)
        if a in ("enum", "uuid") and b in STRINGS and operator in ("=", "<>"):
            if a == "enum" and value not in inner.labels:
                return None
            return self._compared(operator, expr.argument, inner, value)
        if a in ("timestamp", "timestamptz") and b == "date" and kind.name == "date":
            return self._day_compared(operator, expr.argument, inner, int(value))
        if a in INTEGERS and b in STRINGS and operator == "=" and str(value).lstrip("-").isdigit():
            return self._compared(operator, expr.argument, Kind("int8"), int(value))
        return None

    def _day_compared(self, operator: str, expr: Expr, kind: Kind, days: int) -> Finding | None:
        """A time stamp's date against a date."""
        start, end = days * MICROS_PER_DAY, (days + 1) * MICROS_PER_DAY
        if operator in (">=", "<"):
            return self._compared(operator, expr, kind, start)
        if operator in (">", "<="):
            return self._compared(">=" if operator == ">" else "<", expr, kind, end)
        if operator == "=":
            low, high = self._compared(">=", expr, kind, start), self._compared("<", expr, kind, end)
            return _both(low, high)
        return None

    def _operator_compared(self, operator: str, expr: Operator, kind: Kind, value: Any) -> Finding | None:
        if expr.left is None:
            if expr.name == "-" and kind.name in NUMBERS:
                return self._compared(MIRRORED[operator], expr.right, kind, -value)
            return None
        if kind.name not in NUMBERS | DATES:
            return self._text_of_document(operator, expr, value)
        if expr.name == "%":
            return self._remainder(operator, expr.left, expr.right, value)
        left_constant, right_constant = self._number(expr.left), self._number(expr.right)
        if kind.name == "date" and right_constant is not None and self._kind(expr.left).name == "date":
            days = int(right_constant) if expr.name == "+" else -int(right_constant)
            return self._compared(operator, expr.left, kind, value - days) if expr.name in ("+", "-") else None
        if expr.name in ("+", "-") and kind.name in NUMBERS:
            return self._shifted(operator, expr, kind, value, left_constant, right_constant)
        if expr.name == "*" and kind.name in NUMBERS:
            factor = left_constant if left_constant is not None else right_constant
            side = expr.right if left_constant is not None else expr.left
            exact = _exact(value)
            if factor is None or factor <= 0 or exact is None or operator in ("=", "<>"):
                return None
            # Divided with many digits: off by less than any stored value's unit, and tested besides.
            found = self._compared(operator, side, Kind("numeric"), exact / Decimal(factor))
            return found.narrowed(enough=False, needed=False) if found else None
        return None

    def _shifted(self, operator: str, expr: Operator, kind: Kind, value: Any, left: Any, right: Any) -> Finding | None:
        """x + 5 > 10, 100 - x >= 0; dates shifted by days, too."""
        exact = _exact(value)
        assert expr.left is not None
        if exact is None:
            return None
        if right is not None:
            moved = exact - Decimal(right) if expr.name == "+" else exact + Decimal(right)
            return self._number_or_none(operator, expr.left, moved)
        if left is not None:
            if expr.name == "+":
                return self._number_or_none(operator, expr.right, exact - Decimal(left))
            return self._number_or_none(MIRRORED[operator], expr.right, Decimal(left) - exact)
        for side, other, sign in ((expr.left, expr.right, 1), (expr.right, expr.left, -1)):
            # date - date is a number of days.
            constant = self._constant(other, ">" if (operator[0] == ">") == (sign > 0) else "<")
            if constant is None or constant.kind.name != "date" or expr.name != "-" or exact != int(exact):
                continue
            days = constant.constant() + sign * int(exact)
            return self._compared(operator if sign > 0 else MIRRORED[operator], side, Kind("date"), days)
        return None

    def _number_or_none(self, operator: str, expr: Expr, value: Decimal) -> Finding | None:
        return self._compared(operator, expr, Kind("numeric"), value) if self._kind(expr).name in NUMBERS else None

    def _remainder(self, operator: str, dividend: Expr, divisor: Expr, value: Any) -> Finding | None:
        """x % 5 = 0, x % 2 = 1 (the remainder has the sign of x)."""
        modulus, column = self._number(divisor), _column(dividend)
        rest = _exact(value)
        if modulus is None or column is None or rest is None or operator != "=" or modulus == 0:
            return None
        size = abs(Decimal(modulus))
        if abs(rest) >= size:
            return Finding(column, Domain(values=()))
        whole = rest == int(rest) and size == int(size)
        period, remainder = (int(size), int(rest)) if whole else (Decimal(size), rest)
        own = self._kind(ColumnRef(column))
        if own.name not in NUMBERS:
            return None
        bound: Any = 0 if own.name in INTEGERS else Decimal(0)
        low, high = (bound if rest > 0 else None), (bound if rest < 0 else None)
        return Finding(column, Domain(multiple_of=period, remainder=remainder, low=low, high=high))

    def _text_of_document(self, operator: str, expr: Operator, value: Any) -> Finding | None:
        """`doc ->> 'kind' = 'x'` passes without the key, too: nothing is needed, the rest is tested."""
        return None

    # --- functions compared with constants ---------------------------------------------------------------------------

    def _length_compared(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        exact = _exact(value)
        argument = expr.arguments[0]
        if exact is None or len(expr.arguments) != 1:
            return None
        inner = uncast(argument)
        if isinstance(inner, Call) and inner.name in _TRIMS | {"lower", "upper"} and len(inner.arguments) == 1:
            found = self._length_compared(operator, Call(expr.name, inner.arguments), kind, value)
            if found is None or inner.name in ("lower", "upper"):
                return found
            if found.domain.min_length == 1 and found.domain.max_length is None:
                return found.narrowed(domain=replace(found.domain, min_length=1, not_blank=True))
            return found.narrowed(domain=replace(found.domain, trimmed=True), needed=False)
        column = _column(inner)
        if column is None:
            return None
        own = self._kind(ColumnRef(column))
        if own.name in INTEGERS and operator in ("=", "<=", "<", ">=", ">"):
            return self._digits(operator, column, exact)
        if own.name not in STRINGS and own.name not in ("bytea", "bit", "varbit"):
            return None
        low, high = _whole_bounds(operator, exact)
        if operator == "<>":
            if exact == 0:
                low = 1
            else:
                return None
        if expr.name == "octet_length" or own.name == "bytea":
            return Finding(column, Domain(min_bytes=low, max_bytes=high))
        # The blanks at the end of char(n) do not count.
        return Finding(column, Domain(min_length=low, max_length=high, trimmed=own.name == "bpchar" and bool(low)))

    def _digits(self, operator: str, column: str, size: Decimal) -> Finding | None:
        """length(x::text) of an integer: the numbers that are not negative serve."""
        low, high = _whole_bounds(operator, size)
        least = 0 if low is None or low <= 1 else 10 ** (low - 1)
        most = None if high is None else 10**high - 1
        return Finding(column, Domain(low=least, high=most), needed=False)

    def _stored_size(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        """pg_column_size: a text takes its bytes and a header, a document at most about twice its text."""
        column, exact = _column(expr.arguments[0]), _exact(value)
        if column is None or exact is None or operator not in ("<", "<=") or exact < 32:
            return None
        return Finding(column, Domain(max_bytes=(int(exact) - 16) // 2), needed=False)

    def _absolute(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        exact = _exact(value)
        if exact is None or operator not in ("<", "<="):
            return None
        low = self._compared(MIRRORED[operator], expr.arguments[0], Kind("numeric"), -exact)
        high = self._compared(operator, expr.arguments[0], Kind("numeric"), exact)
        return _both(low, high)

    def _modulo_call(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        return self._remainder(operator, expr.arguments[0], expr.arguments[1], value)

    def _cased(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        """lower(x) = 'abc'; lower and upper of a range are its bounds."""
        argument = expr.arguments[0]
        own = self._kind(argument)
        if own.name == "range":
            return self._bound_compared(operator, expr, kind, value)
        change = str.lower if expr.name == "lower" else str.upper
        if own.name not in STRINGS or not isinstance(value, str):
            return None
        if operator == "=" and change(value) != value:
            return Finding(next(iter(columns_of(expr))), Domain(values=()))
        found = self._compared(operator, argument, kind, value) if operator in ("=", "<>") else None
        if found is None:
            return None
        return found.narrowed(enough=operator == "=", needed=operator == "<>" and not value)

    def _bound_compared(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        column = _column(expr.arguments[0])
        own = self._kind(expr.arguments[0]).element
        if column is None or own is None:
            return None
        domain = comparison_domain(operator, own, value, kind)
        if domain is None or operator in ("=", "<>"):
            return None
        # Both bounds are kept within: more than is asked, and always enough.
        return Finding(
            column, Domain(element=domain, range_bounded=True, range_not_empty=True), enough=False, needed=False
        )

    def _trimmed(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        if operator == "<>" and value == "":
            found = self._compared("<>", expr.arguments[0], kind, value)
            if found is None or len(expr.arguments) != 1:
                return found.narrowed(enough=False, needed=False) if found else None
            return found.narrowed(domain=replace(found.domain, not_blank=True, min_length=1))
        if operator == "=" and value == str(value).strip():
            found = self._compared("=", expr.arguments[0], kind, value)
            return found.narrowed(needed=False) if found else None
        return None

    def _part_compared(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        """date_part('year', d) >= 2000, extract(isodow from d) = 1."""
        field, column, exact = self._text(expr.arguments[0]), _column(uncast(expr.arguments[1])), _exact(value)
        if field is None or column is None or exact is None or exact != int(exact):
            return None
        own = self._kind(ColumnRef(column))
        if own.name not in DATES:
            return None
        span = part_range(field.lower(), operator, int(exact))
        if span is not None:
            low, high = span
            parts = [Finding(column, Domain())]
            if low is not None:
                parts.append(Finding(column, comparison_domain(">=", own, low, Kind("date")) or Domain()))
            if high is not None:
                parts.append(Finding(column, comparison_domain("<", own, high, Kind("date")) or Domain()))
            return _all(parts)
        chosen = calendar_values(field.lower(), {int(exact)}, own.name, self._reference) if operator == "=" else None
        return None if chosen is None else Finding(column, Domain(values=chosen), needed=False)

    def _type_compared(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        column = _column(expr.arguments[0])
        if column is None or operator not in ("=", "<>"):
            return None
        known = ("object", "array", "string", "number", "boolean", "null")
        allowed = (str(value),) if operator == "=" else tuple(name for name in known if name != value)
        return Finding(column, Domain(json_types=allowed))

    def _items_compared(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        column, exact = _column(uncast(expr.arguments[0])), _exact(value)
        if column is None or exact is None:
            return None
        own = self._kind(ColumnRef(column))
        if own.name != "array":
            return None
        if len(expr.arguments) > 1 and self._number(expr.arguments[1]) != 1:
            return None
        low, high = _whole_bounds(operator, exact)
        if operator == "<>":
            low, high = (1, None) if exact == 0 else (None, None)
        # The length of an empty array is NULL, which passes.
        lenient = expr.name != "cardinality" and (low or 0) > 0
        return Finding(column, Domain(min_items=low, max_items=high), needed=not lenient, enough=operator != "<>")

    def _prefix_compared(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        """left(x, 2) = 'ab', substr(x, 1, 2) = 'ab', right(x, 3) = 'xyz'."""
        column, text = _column(uncast(expr.arguments[0])), str(value)
        sizes = [self._number(argument) for argument in expr.arguments[1:]]
        if column is None or operator != "=" or any(size is None for size in sizes):
            return None
        start = sizes[0] if expr.name in ("substr", "substring") else 1
        count = sizes[-1] if expr.name in ("left", "right") or len(sizes) > 1 else None
        if start != 1 or count != len(text):
            return None
        body = "".join(map(quoted, text))
        regex = body + "$" if expr.name == "right" else "^" + body
        return Finding(column, Domain(patterns=(Pattern(regex),)), enough=False)

    def _position_compared(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        """position('@' in x) > 0."""
        column, part, exact = _column(uncast(expr.arguments[0])), self._text(expr.arguments[1]), _exact(value)
        if column is None or not part or exact is None:
            return None
        found = (operator, int(exact)) in ((">", 0), (">=", 1), ("<>", 0))
        absent = (operator, int(exact)) in (("=", 0), ("<", 1), ("<=", 0))
        if not (found or absent):
            return None
        body = "".join(map(quoted, part))
        return Finding(column, Domain(patterns=(Pattern(body, negated=absent),)), enough=False)

    def _truncated_compared(self, operator: str, expr: Call, kind: Kind, value: Any) -> Finding | None:
        """date_trunc('day', t) <= '2020-01-01': close to a range, and tested."""
        found = self._compared(operator, expr.arguments[1], kind, value) if operator in (">", ">=", "<") else None
        return found.narrowed(enough=False, needed=False) if found else None

    # --- a column compared with a function of itself ------------------------------------------------------------------

    def _with_itself(self, expr: Compare) -> Finding | None:
        """x = lower(x), x = btrim(x), x = round(x, 2), x = date_trunc('month', x)."""
        for plain, changed in ((expr.left, expr.right), (expr.right, expr.left)):
            column = _column(uncast(plain))
            if column is not None and expr.operator == "=":
                domain = self._unchanged_by(uncast(changed), column)
                if domain is not None:
                    return Finding(column, domain, enough=domain.values is None, needed=domain.values is None)
        return None

    def _unchanged_by(self, expr: Expr, column: str) -> Domain | None:
        if isinstance(expr, ColumnRef):
            return Domain()
        if not isinstance(expr, Call) or not expr.arguments:
            return None
        if expr.name == "date_trunc":
            field = self._text(expr.arguments[0])
            own = self._kind(ColumnRef(column))
            chosen = calendar_values(f"trunc {field}", set(), own.name, self._reference) if field else None
            return None if chosen is None or _column(uncast(expr.arguments[1])) != column else Domain(values=chosen)
        inner = self._unchanged_by(uncast(expr.arguments[0]), column)
        if inner is None:
            return None
        if expr.name in ("lower", "upper") and len(expr.arguments) == 1:
            return inner.intersect(Domain(case="lower" if expr.name == "lower" else "upper"))
        if expr.name in _TRIMS and len(expr.arguments) == 1:
            return inner.intersect(Domain(trimmed=True))
        if expr.name in ("round", "trunc", "floor", "ceil", "ceiling"):
            digits = self._number(expr.arguments[1]) if len(expr.arguments) > 1 else 0
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
        array = self._constant(expr.array)
        if array is None:
            return self._elements(expr)
        element = array.kind.element
        values = array.constant()
        if element is None and array.kind.name == "unknown":
            array = coerce(array, Kind("array", self._kind(expr.left).plain))
            element, values = array.kind.element, array.constant()
        if element is None or not values or None in values or len(values) > _MAX_VALUES:
            return None
        return self._joined([self._compared(expr.operator, expr.left, element, value) for value in values], expr)

    def _joined(self, found: Sequence[Finding | None], expr: Quantified) -> Finding | None:
        known = [finding for finding in found if finding is not None]
        if len(known) < len(found):
            return None
        if expr.every:
            return _all(known)
        if expr.operator != "=":
            return None
        return _any_value(known)

    def _elements(self, expr: Quantified) -> Finding | None:
        """`constant <> ALL (column)`, `0 < ALL (column)`: a rule for each element."""
        column = _column(uncast(expr.array))
        own = self._kind(expr.array).element if column is not None else None
        if column is None or own is None or expr.operator not in MIRRORED:
            return None
        constant = self._constant(expr.left, MIRRORED[expr.operator])
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
            return self._pattern(expr.name, expr.left, expr.right)
        if expr.name == "^@" and not negated:
            prefix, column = self._text(expr.right), _column(uncast(expr.left))
            if prefix is None or column is None:
                return None
            return Finding(column, Domain(patterns=(Pattern("^" + "".join(map(quoted, prefix))),)), enough=False)
        if expr.name == "?" and not negated:
            column, key = _column(expr.left), self._text(expr.right)
            if column is not None and key is not None and self._kind(ColumnRef(column)).name == "jsonb":
                return Finding(column, Domain(json_types=("object",), json_keys=(key,)), enough=False, needed=False)
        if expr.name == "?&" and not negated:
            column, keys = _column(expr.left), self._constant(expr.right)
            if column is not None and keys is not None and self._kind(ColumnRef(column)).name == "jsonb":
                listed = coerce(keys, Kind("array", Kind("text"))).constant()
                return Finding(
                    column, Domain(json_types=("object",), json_keys=tuple(listed)), enough=False, needed=False
                )
        if expr.name in ("<@", "@>", "&&") and not negated:
            return self._containment(expr)
        return None

    def _pattern(self, name: str, left: Expr, right: Expr) -> Finding | None:
        pattern = self._text(right)
        if pattern is None:
            return None
        negated, like = name.startswith("!"), "~~" in name
        ignore_case = name.endswith("*")
        regex = like_to_regex(pattern) if like else pattern
        subject = uncast(left)
        case: dict[str, Any] = {}
        if isinstance(subject, Call) and subject.name in ("lower", "upper") and len(subject.arguments) == 1:
            # A text that is in that case already: then the function changes nothing.
            case = {"case": subject.name}
            subject = uncast(subject.arguments[0])
        elif isinstance(subject, Call) and subject.name in _TRIMS and len(subject.arguments) == 1:
            case = {"trimmed": True}
            subject = uncast(subject.arguments[0])
        column = _column(subject)
        if column is None or self._kind(ColumnRef(column)).name not in STRINGS:
            return None
        domain = Domain(patterns=(Pattern(regex, ignore_case, negated),), **case)
        return Finding(column, domain, enough=False, needed=not case)

    def _containment(self, expr: Operator) -> Finding | None:
        assert expr.left is not None
        left, right = (expr.left, expr.right) if columns_of(expr.left) else (expr.right, expr.left)
        name = expr.name if columns_of(expr.left) else {"<@": "@>", "@>": "<@", "&&": "&&"}[expr.name]
        column, constant = _column(uncast(left)), self._constant(right)
        if column is None or constant is None:
            return None
        own = self._kind(ColumnRef(column))
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
            found = self._compared(">=" if span.low_inclusive else ">", ColumnRef(column), subtype, span.low)
            parts.append(found or Finding(column, Domain(), enough=False))
        if span.high is not None:
            found = self._compared("<=" if span.high_inclusive else "<", ColumnRef(column), subtype, span.high)
            parts.append(found or Finding(column, Domain(), enough=False))
        return _all(parts)

    def _call(self, expr: Call, negated: bool) -> Finding | None:
        column = _column(uncast(expr.arguments[0])) if expr.arguments else None
        if column is None:
            return None
        if expr.name == "isempty" and negated:
            return Finding(column, Domain(range_not_empty=True))
        if expr.name in ("lower_inf", "upper_inf") and negated:
            return Finding(column, Domain(range_bounded=True), needed=False)
        if expr.name == "isfinite" and not negated:
            return Finding(column, Domain(finite=True))
        if expr.name == "is_json" and not negated:
            return None
        return None


Handler = Callable[[LeafReader, str, Call, Kind, Any], Finding | None]

_COMPARED_CALLS: dict[str, Handler] = {
    **dict.fromkeys((*_LENGTHS, "octet_length"), LeafReader._length_compared),
    **dict.fromkeys(_TRIMS, LeafReader._trimmed),
    **dict.fromkeys(("lower", "upper"), LeafReader._cased),
    **dict.fromkeys(("extract", "date_part"), LeafReader._part_compared),
    **dict.fromkeys(("jsonb_typeof", "json_typeof"), LeafReader._type_compared),
    **dict.fromkeys(("array_length", "array_upper", "cardinality"), LeafReader._items_compared),
    **dict.fromkeys(("left", "right", "substr", "substring"), LeafReader._prefix_compared),
    **dict.fromkeys(("position", "strpos"), LeafReader._position_compared),
    "abs": LeafReader._absolute,
    "mod": LeafReader._modulo_call,
    "date_trunc": LeafReader._truncated_compared,
    "pg_column_size": LeafReader._stored_size,
}


def _column(expr: Expr) -> str | None:
    """The name of a column, or of one in a cast that changes no text and no number."""
    return expr.name if isinstance(expr, ColumnRef) else None


def uncast(expr: Expr) -> Expr:
    """Without casts and collations around it."""
    while isinstance(expr, Cast | Collate):
        if isinstance(expr, Cast) and expr.type.array_dims:
            break
        expr = expr.argument
    return expr


def _is_widening(source: Kind, target: Kind) -> bool:
    """Whether every number of the source kind keeps its value (as floats: nearly, in order)."""
    if target.precision is not None:
        return False
    ranks = {"int2": 0, "int4": 1, "oid": 1, "int8": 2, "numeric": 3, "float4": 4, "float8": 5}
    return ranks[source.name] <= ranks[target.name] and target.name != "float4"


def _exact(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def _whole_bounds(operator: str, value: Decimal) -> tuple[int | None, int | None]:
    """The least and the largest whole number n >= 0 with `n operator value`."""
    floor = int(value // 1)
    whole = value == floor
    if operator == "=":
        return (floor, floor) if whole else (1, 0)
    if operator == ">=":
        return (max(0, floor if whole else floor + 1), None)
    if operator == ">":
        return (max(0, floor + 1), None)
    if operator == "<=":
        return (None, floor)
    if operator == "<":
        return (None, floor - 1 if whole else floor)
    return (None, None)


def _both(left: Finding | None, right: Finding | None) -> Finding | None:
    return None if left is None or right is None else _all([left, right])


def _all(findings: Sequence[Finding]) -> Finding:
    """Findings about one column that all have to be kept."""
    found = findings[0]
    for other in findings[1:]:
        found = Finding(
            found.column,
            found.domain.intersect(other.domain),
            found.enough and other.enough,
            found.needed and other.needed,
        )
    return found


def _any_value(findings: Sequence[Finding]) -> Finding | None:
    """Findings that each allow some values (or lengths, or types): together they allow all of those."""
    first = findings[0]
    domains = [finding.domain for finding in findings]
    enough, needed = all(f.enough for f in findings), all(f.needed for f in findings)
    if all(domain.values is not None for domain in domains):
        values = tuple(dict.fromkeys(value for domain in domains for value in domain.values or ()))
        return Finding(first.column, replace(domains[0], values=values), enough, needed)
    if all(domain.json_types is not None for domain in domains):
        names = tuple(dict.fromkeys(name for domain in domains for name in domain.json_types or ()))
        return Finding(first.column, Domain(json_types=names), enough, needed)
    for low, high in (("min_length", "max_length"), ("min_bytes", "max_bytes"), ("min_items", "max_items")):
        lows, highs = [getattr(d, low) for d in domains], [getattr(d, high) for d in domains]
        if all(value is not None for value in (*lows, *highs)):
            sizes = sorted(set(lows))
            dense = sizes == list(range(sizes[0], sizes[0] + len(sizes))) and lows == highs
            hull: dict[str, Any] = {low: min(lows), high: max(highs)}
            return Finding(first.column, Domain(**hull), enough and dense, needed)
    return None
