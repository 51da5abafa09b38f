"""Casts: between numbers, dates and texts over whole arrays, the rest once per distinct value."""

import json
import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.expressions.intervals import MICROS_PER_DAY, format_interval
from app.generator.expressions.kinds import (
    DATES,
    FLOAT8,
    FLOATS,
    INTEGERS,
    NUMBERS,
    STRINGS,
    Kind,
)
from app.generator.expressions.moments import INFINITY, MINUS_INFINITY, round_micros
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import (
    Frame,
    Operand,
    Outcome,
    absent,
    derived,
    fixed,
    lift,
    lift_scalar,
    settled,
    to_python,
)
from app.generator.expressions.text_forms import INTEGER_BOUNDS, read_money, read_text, write_text
from app.generator.expressions.vectors import Exact, Fails, Vector, from_arrow, magnitude, narrowed, storage, wide

_DIGITS = Context(prec=2000, rounding=ROUND_HALF_UP)
_ALIKE = ({"inet", "cidr"}, {"bit", "varbit"})
_TEXTS = STRINGS - {"unknown"}
# Kinds that are held as text, and whose text is what a cast to text gives.
_TEXT_FORMS = frozenset(
    """uuid enum json xml inet cidr macaddr macaddr8 bit varbit ltree hstore tsvector tsquery pg_lsn money timetz point
    box circle line lseg path polygon jsonpath""".split()
)


def coerce(operand: Operand, kind: Kind) -> Operand:
    """An implicit conversion. Raises ExpressionUnknown where Postgres would need an explicit cast."""
    source, target = operand.kind, kind
    if source == target:
        return operand
    if source.name == "unknown":
        return cast(operand, target.plain if target.name in ("bpchar", "varchar", "numeric") else target)
    if source.name == target.name and source.name not in ("array", "range", "enum"):
        return Operand(target.plain, operand.run, operand.columns, operand.value, None, operand.collation)
    widening = source.name in NUMBERS and target.name in NUMBERS
    texts = source.name in STRINGS and target.name in STRINGS
    dates = source.name in DATES and target.name in DATES
    if widening or texts or dates or source.name == target.name or {source.name, target.name} in _ALIKE:
        return cast(operand, target.plain)
    raise ExpressionUnknown(f"a value of type {source} where {target} is expected")


def cast(operand: Operand, kind: Kind) -> Operand:
    """An explicit cast. Raises ExpressionUnknown when it is not known, or a constant cannot be cast."""
    source = operand.kind
    if operand.is_null:
        return absent(kind, operand.columns)
    if source.name == "unknown" and operand.literal is not None:
        return _literal(operand.literal, kind)
    if source == kind:
        return operand
    found = _conversion(operand, source, kind)
    if found is None:
        raise ExpressionUnknown(f"a cast of {source} to {kind}")
    return found


def _literal(text: str, kind: Kind) -> Operand:
    if kind.name == "numeric" and text.strip().lower().lstrip("+-") in ("nan", "infinity", "inf"):
        # Decimals hold no NaN; as a float it compares the same with every number.
        return fixed(FLOAT8, float(text.strip().lower()))
    if kind.element is not None and kind.element.name == "interval":
        raise ExpressionUnknown("an array of intervals")
    try:
        return fixed(kind, read_text(text, kind))
    except Fails as error:
        raise ExpressionUnknown(f"the constant {text!r} as {kind} ({error})") from None


def _conversion(operand: Operand, source: Kind, target: Kind) -> Operand | None:
    a, b = source.name, target.name
    if a in NUMBERS and b in NUMBERS:
        return _number(operand, source, target)
    if b in _TEXTS:
        return _sized(_to_text(operand, source), target)
    if a in _TEXTS:
        return lift_scalar(target, lambda text: read_text(_unpadded(text, source), target), operand)
    if a == "jsonb" and (b in NUMBERS or b == "bool"):
        return _of_document(operand, target)
    if a in DATES and a != b and b in DATES:
        return lift(target, lambda x: _between_dates(x, a, b), operand)
    if a in ("timestamp", "timestamptz") and b == "time":
        return lift(target, lambda x: x % MICROS_PER_DAY, operand)
    if (a, b) == ("time", "interval"):
        return lift_scalar(target, lambda micros: (0, 0, micros), operand)
    if (a, b) == ("interval", "time"):
        return lift_scalar(target, lambda span: span[2] % MICROS_PER_DAY, operand)
    if a == "bool" and b == "int4":
        return lift(target, lambda x: x.astype(np.int64), operand)
    if a in ("int4",) and b == "bool":
        return lift(target, lambda x: x != 0, operand)
    if a == b and a in ("timestamp", "timestamptz", "time", "interval"):
        return _rounded_time(operand, target)
    if a == "array" and b == "array" and source.element is not None and target.element is not None:
        return _array(operand, source.element, target)
    if {a, b} <= {"json", "jsonb", "inet", "cidr", "bit", "varbit"} or a == b or "money" in (a, b):
        return _same_text(operand, source, target)
    return None


def _of_document(operand: Operand, target: Kind) -> Operand:
    """A document that is a lone number, or true or false; an error for any other (for null, too: versions differ)."""

    def lone(text: str) -> Any:
        found = json.loads(text, parse_int=Decimal, parse_float=Decimal)
        if not isinstance(found, bool if target.name == "bool" else Decimal):
            raise Fails("a document of another type")
        return found

    if target.name == "bool":
        return lift_scalar(target, lone, operand)
    return cast(lift_scalar(Kind("numeric"), lone, operand), target)


def _same_text(operand: Operand, source: Kind, target: Kind) -> Operand | None:
    if target.name == "money" and source.name in NUMBERS:
        return lift_scalar(target, lambda number: str(Decimal(str(number)).quantize(Decimal("0.01"))), operand)
    if source.name == "money" and target.name == "numeric":
        return lift_scalar(target, read_money, operand)
    same = (source.name, target.name) in (("json", "jsonb"), ("jsonb", "json"), ("cidr", "inet"), ("inet", "cidr"))
    if same or source.name == target.name or {source.name, target.name} == {"bit", "varbit"}:
        return Operand(target, operand.run, operand.columns, operand.value)
    return None


def _unpadded(text: str, source: Kind) -> str:
    return text.rstrip(" ") if source.name == "bpchar" else text


def _sized(operand: Operand, target: Kind) -> Operand:
    """A text as varchar(n), cut, or as char(n), cut and padded."""
    length = target.length
    if length is None:
        return Operand(target, operand.run, operand.columns, operand.value, None, operand.collation)

    def kernel(x: Any) -> Any:
        cut = pc.utf8_slice_codeunits(x, 0, length)
        return pc.utf8_rpad(cut, length, " ") if target.name == "bpchar" else cut

    return lift(target, kernel, operand)


def _to_text(operand: Operand, source: Kind) -> Operand:
    text, name = Kind("text"), source.name
    if name == "bpchar":
        return lift(text, lambda x: pc.utf8_rtrim(x, characters=" "), operand)
    if name in STRINGS or name in _TEXT_FORMS:
        return Operand(text, operand.run, operand.columns, operand.value, None, operand.collation)
    if name in INTEGERS:
        return lift(text, lambda x: pc.cast(pa.array(x), pa.string()), operand)
    if name == "bool":
        return lift(text, lambda x: pc.if_else(pa.array(x), "true", "false"), operand)
    return lift_scalar(text, lambda value: write_text(value, source), operand)


def _number(operand: Operand, source: Kind, target: Kind) -> Operand:
    a, b = source.name, target.name
    if b == "numeric" and a in FLOATS:
        digits = 6 if a == "float4" else 15
        as_number = lift_scalar(Kind("numeric"), lambda value: _float_to_decimal(value, digits), operand)
        return cast(as_number, target) if target.precision is not None else as_number
    return lift(target, lambda values: _converted(values, a, target), operand)


def _converted(values: Any, source: str, target: Kind) -> Any:
    name = target.name
    if name == "numeric":
        return _sized_numeric(values if isinstance(values, Exact) else Exact(wide(values), 0), target)
    if name in INTEGERS:
        if source in FLOATS:
            return _float_to_integer(values, name)
        return checked_integers(round_exact(values, 0).unscaled if source == "numeric" else values, name)
    if source == "numeric":
        return _exact_to_float(values, name)
    return values.astype(np.float32 if name == "float4" else np.float64)


def checked_integers(values: Any, name: str) -> Any:
    """The integers, rows outside the type's bounds failed."""
    low, high = INTEGER_BOUNDS[name]
    if values.dtype != object and name == "int8":
        return values
    outside = np.asarray((values < low) | (values > high), dtype=np.bool_)
    if not outside.any():
        return narrowed(values)
    return Outcome(np.where(outside, 0, values).astype(np.int64), failed=outside)


def _float_to_integer(values: Any, name: str) -> Any:
    low, high = INTEGER_BOUNDS[name]
    rounded = np.rint(values.astype(np.float64))
    # float(2^63 - 1) is 2^63: the upper bound itself is outside.
    outside = ~((rounded >= float(low)) & (rounded < float(high) + (1.0 if name != "int8" else 0.0)))
    integers = np.where(outside, 0.0, rounded).astype(np.int64)
    return Outcome(integers, failed=outside) if outside.any() else integers


def _float_to_decimal(value: float, digits: int) -> Decimal:
    if not math.isfinite(value):
        raise Fails("NaN or infinity as numeric")
    return Decimal(f"{value:.{digits - 1}e}").normalize(_DIGITS)


_MAX_DECIMAL_SCALE = 38
_EXACT_FLOAT = 1 << 53


def _exact_to_float(value: Exact, name: str) -> Any:
    dtype = np.float32 if name == "float4" else np.float64
    integers = value.unscaled
    if value.scale == 0 and integers.dtype != object:
        return integers.astype(dtype)
    # Both operands exact: the division then rounds correctly, as strtod does.
    exact = integers.dtype != object and value.scale <= 22 and magnitude(integers) <= _EXACT_FLOAT
    if exact and name == "float8":
        return integers / float(10**value.scale)
    decimals = to_python(Kind("numeric"), value)
    return np.array([float(number) for number in decimals], dtype=dtype)


def round_exact(value: Exact, scale: int) -> Exact:
    """Rounded half away from zero to `scale` digits after the point (before it when negative)."""
    drop = value.scale - scale
    if drop <= 0:
        return value
    unit = 10**drop
    integers = value.unscaled
    if unit > 1 << 62:
        integers = integers.astype(object)
    magnitude = (np.abs(integers) + unit // 2) // unit
    rounded = np.where(integers < 0, -magnitude, magnitude)
    if scale < 0:
        return Exact(rounded * 10**-scale, 0)
    return Exact(rounded, scale)


def _sized_numeric(value: Exact, target: Kind) -> Any:
    if target.precision is None or target.scale is None:
        return value
    rounded = round_exact(value, target.scale)
    limit = 10 ** (target.precision - target.scale + rounded.scale)
    outside = np.asarray((rounded.unscaled >= limit) | (rounded.unscaled <= -limit), dtype=np.bool_)
    return Outcome(rounded, failed=outside) if outside.any() else rounded


def _between_dates(values: Any, source: str, target: str) -> Any:
    values = values.astype(np.int64, copy=False)
    infinite = (values == INFINITY) | (values == MINUS_INFINITY)
    if source == "date" and target != "date":
        moved = np.where(infinite, 0, values) * MICROS_PER_DAY
    elif target == "date" and source != "date":
        moved = values // MICROS_PER_DAY
    else:
        return values
    return np.where(infinite, values, moved) if infinite.any() else moved


def _rounded_time(operand: Operand, target: Kind) -> Operand:
    precision = target.precision
    if precision is None or precision >= 6 or target.name == "interval":
        return Operand(target, operand.run, operand.columns, operand.value)
    unit = 10 ** (6 - precision)
    return lift(target, lambda x: round_micros(x, unit), operand)


def _array(operand: Operand, source: Kind, target: Kind) -> Operand:
    element = target.element
    assert element is not None
    slot = Operand(source, lambda frame: frame.column("", source))
    converted = cast(slot, element)

    def run(frame: Frame) -> Vector:
        vector = operand.run(frame)
        flat = vector.data.flatten()
        inner = converted.run(Frame({}, len(flat), {"": from_arrow(source, flat)}))
        failed = vector.failed
        if inner.failed is not None:
            raise ExpressionUnknown(f"a cast of {source}[] to {target} that fails for some elements")
        values = to_arrow(element, inner, len(flat))
        lists = _relisted(vector.data, values)
        return settled(target, lists, vector.valid, failed)

    return derived(target, run, [operand])


def _relisted(lists: Any, values: Any) -> Any:
    sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def to_arrow(kind: Kind, vector: Vector, length: int) -> pa.Array:
    """A vector as an Arrow array of `length` rows, in the Arrow type of its kind."""
    data, valid = vector.data, vector.valid
    type_ = storage(kind)
    if isinstance(data, Exact):
        array = _as_decimals(data, kind)
    elif kind.name == "interval":
        array = pa.array([format_interval(span) for span in to_python(kind, data)], pa.string())
    elif isinstance(data, np.ndarray):
        array = pa.array(data)
        if array.type != type_:
            array = array.cast(type_) if kind.name not in DATES | {"time"} else _dated(data, type_)
    else:
        array = data
    if len(array) != length:
        array = pa.chunked_array([array] * length, type=array.type).combine_chunks() if length else array.slice(0, 0)
    if valid is None:
        return array
    keep = pa.array(np.broadcast_to(valid, length))
    if pa.types.is_list(array.type):
        return array.take(pc.if_else(keep, pa.array(np.arange(length)), pa.scalar(None, pa.int64())))
    return pc.if_else(keep, array, pa.scalar(None, array.type))


def _as_decimals(data: Exact, kind: Kind) -> pa.Array:
    """Decimals of 38 digits, or of 76 where those are too few; NULL for what has more, which no column here holds."""
    scale = max(data.scale, kind.scale or 0)
    integers = narrowed(data.rescaled(scale))
    if integers.dtype == object or scale > _MAX_DECIMAL_SCALE:
        digits = _MAX_DECIMAL_SCALE if magnitude(integers) < 10**_MAX_DECIMAL_SCALE else 2 * _MAX_DECIMAL_SCALE
        scale = min(scale, digits)
        values = [value if value.adjusted() + 1 + scale <= digits else None for value in to_python(kind, data)]
        rounded = [
            value if value is None else value.quantize(Decimal(1).scaleb(-scale), context=_DIGITS) for value in values
        ]
        return pa.array(
            rounded, pa.decimal128(digits, scale) if digits == _MAX_DECIMAL_SCALE else pa.decimal256(digits, scale)
        )
    words = np.empty((len(integers), 2), dtype=np.int64)
    words[:, 0], words[:, 1] = integers, integers >> 63
    type_ = pa.decimal128(_MAX_DECIMAL_SCALE, scale)
    return pa.Array.from_buffers(type_, len(integers), [None, pa.py_buffer(words.tobytes())])


def _dated(data: Any, type_: pa.DataType) -> pa.Array:
    width = np.int32 if type_ == pa.date32() else np.int64
    return pa.array(data.astype(width)).view(type_)
