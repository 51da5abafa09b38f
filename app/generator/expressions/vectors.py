"""Values of one expression for many rows, and the way from and to Arrow.

What `Vector.data` holds depends on the kind: numpy booleans; numpy integers for integers, dates (days) and times
(microseconds); numpy floats; `Exact` for numeric; `Spans` for interval; Arrow lists for arrays; Arrow binary for bytea;
an Arrow string array for every other kind, in the text form of that kind.

A vector of length 1 stands for any number of rows: constants are one value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.expressions.intervals import parse_interval
from app.generator.expressions.kinds import FLOATS, INTEGER_LIKE, Kind

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[Any]

_INT64_MAX = (1 << 63) - 1
# Postgres allows 131,072 digits before the point; what people write has far fewer.
_WIDE = Context(prec=2000)


class Fails(Exception):
    """Evaluating a scalar is an error in Postgres (division by zero, a cast that cannot be)."""


@dataclass(frozen=True, slots=True)
class Exact:
    """Decimals as integers over one power of ten: value = unscaled / 10^scale.

    `unscaled` is int64 while that is safe; where a result could pass 2^63 it is an array of Python's integers, with
    which the same numpy expressions work, unlimited and slower.
    """

    unscaled: Ints
    scale: int

    def rescaled(self, scale: int) -> Ints:
        """The unscaled values at a scale that is not smaller."""
        if scale == self.scale:
            return self.unscaled
        return times(self.unscaled, 10 ** (scale - self.scale))


@dataclass(frozen=True, slots=True)
class Spans:
    """Intervals: months, days and microseconds, which Postgres keeps apart."""

    months: npt.NDArray[np.int64]
    days: npt.NDArray[np.int64]
    micros: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.months)


@dataclass(frozen=True, slots=True)
class Vector:
    """`valid` is None when no row is NULL, `failed` None when evaluation failed for no row.

    Data under a row that is not valid are arbitrary; booleans there are False.
    """

    data: Any
    valid: Mask | None = None
    failed: Mask | None = None


def conjoined(masks: Iterable[Mask | None]) -> Mask | None:
    """Rows for which all hold; None holds for every row."""
    found: Mask | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found & mask
    return found


def disjoined(masks: Iterable[Mask | None]) -> Mask | None:
    """Rows for which any holds; None holds for no row."""
    found: Mask | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found


def magnitude(values: Ints) -> int:
    """The largest absolute value, as one of Python's integers."""
    if not values.size:
        return 0
    return max(abs(int(values.max())), abs(int(values.min())))


def wide(values: Ints) -> Ints:
    """int64, so that sums and products have room; arrays of Python's integers stay what they are."""
    return values if values.dtype == object else values.astype(np.int64, copy=False)


def times(left: Ints, right: Any) -> Ints:
    """The product, exact: in Python's integers when 64 bits could be too few."""
    a = wide(left)
    b = np.asarray(right, dtype=object if isinstance(right, int) and abs(right) > _INT64_MAX else None)
    b = wide(b)
    if a.dtype != object and b.dtype != object and magnitude(a) * magnitude(np.atleast_1d(b)) > _INT64_MAX:
        a = a.astype(object)
    product: Ints = a * b
    return product


def plus(left: Ints, right: Ints, sign: int = 1) -> Ints:
    """The sum, or with sign -1 the difference, exact."""
    a, b = wide(left), wide(right)
    if a.dtype != object and b.dtype != object and magnitude(a) + magnitude(b) > _INT64_MAX:
        a = a.astype(object)
    return a + b if sign > 0 else a - b


def narrowed(values: Ints) -> Ints:
    """Back to int64 when all values fit."""
    if values.dtype == object and magnitude(values) <= _INT64_MAX:
        return values.astype(np.int64)
    return values


def as_bools(array: pa.Array) -> Mask:
    """A boolean Arrow array as numpy's; NULL as False."""
    if isinstance(array, pa.Scalar):
        array = pa.array([array.as_py()], pa.bool_())
    if array.null_count:
        array = pc.fill_null(array, False)
    found: Mask = array.to_numpy(zero_copy_only=False)
    return found


def validity(array: pa.Array) -> Mask | None:
    """Which rows are not NULL; None for all."""
    if not array.null_count:
        return None
    found: Mask = array.is_valid().to_numpy(zero_copy_only=False)
    return found


def compute(function: Any, *arrays: Any, **options: Any) -> Any:
    """Calls an Arrow kernel; arrays of length 1 beside longer ones go in as scalars, so that they are repeated."""
    size = max((len(a) for a in arrays if isinstance(a, pa.Array)), default=1)
    if size != 1 or any(len(a) == 0 for a in arrays if isinstance(a, pa.Array)):
        arrays = tuple(a[0] if isinstance(a, pa.Array) and len(a) == 1 else a for a in arrays)
    return function(*arrays, **options)


def from_arrow(kind: Kind, array: Any) -> Vector:
    """A column's array, in the Arrow type that its kind has, as a vector."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        return Vector(constant(kind, None).data, np.zeros(len(array), np.bool_))
    return Vector(_data(kind, array), validity(array))


def _data(kind: Kind, array: pa.Array) -> Any:
    name, type_ = kind.name, array.type
    if name == "bool":
        return as_bools(array)
    if name in INTEGER_LIKE or name in FLOATS:
        if pa.types.is_string(type_):
            return from_python(kind, array.to_pylist())
        return _numpy(array)
    if name == "numeric":
        return _exact(array)
    if name == "interval":
        return _spans(array)
    if pa.types.is_large_string(type_):
        return array.cast(pa.string())
    if name == "bpchar" and kind.length:
        return pc.utf8_rpad(array, kind.length, " ")
    return array


_BUFFER_TYPES = {
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "float": np.float32,
    "double": np.float64,
    "date32[day]": np.int32,
    "time64[us]": np.int64,
}


def _numpy(array: pa.Array) -> Ints:
    """The values without a copy; what stands under NULL is whatever the buffer holds."""
    text = str(array.type)
    dtype = _BUFFER_TYPES.get(text, np.int64 if text.startswith("timestamp[us") else None)
    if dtype is None:
        return _numpy(array.cast(pa.int64()))
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array), dtype)
    return np.frombuffer(buffer, dtype, len(array), array.offset * np.dtype(dtype).itemsize)


def _exact(array: pa.Array) -> Exact:
    if not pa.types.is_decimal128(array.type):
        if pa.types.is_integer(array.type):
            return Exact(_numpy(array), 0)
        return decimals([None if v is None else Decimal(v) for v in array.to_pylist()])
    buffer = array.buffers()[1]
    words = np.frombuffer(buffer, np.int64, 2 * len(array), 16 * array.offset).reshape(-1, 2)
    low, high = words[:, 0], words[:, 1]
    fits = high == (low >> 63)
    if array.null_count:
        fits |= array.is_null().to_numpy(zero_copy_only=False)
    if fits.all():
        return Exact(np.ascontiguousarray(low), array.type.scale)
    unscaled = (high.astype(object) << 64) + low.view(np.uint64).astype(object)
    return Exact(unscaled, array.type.scale)


def decimals(values: Sequence[Decimal | None]) -> Exact:
    """Decimals (NULL as 0) at the largest of their scales. Raises Fails for NaN and infinities."""
    scale = 0
    for value in values:
        if value is not None:
            exponent = value.as_tuple().exponent
            if isinstance(exponent, str):
                raise Fails(f"numeric {value}")
            scale = max(scale, -exponent)
    unscaled = [0 if value is None else int(value.scaleb(scale, _WIDE)) for value in values]
    big = any(abs(value) > _INT64_MAX for value in unscaled)
    return Exact(np.array(unscaled, dtype=object if big else np.int64), scale)


def _spans(array: pa.Array) -> Spans:
    encoded = array.dictionary_encode()
    parsed = [parse_interval(text) for text in encoded.dictionary.to_pylist()] or [(0, 0, 0)]
    table = np.array([span if span is not None else (0, 0, 0) for span in parsed], dtype=np.int64)
    codes = pc.fill_null(encoded.indices, 0).to_numpy(zero_copy_only=False)
    rows = table[codes]
    return Spans(*(np.ascontiguousarray(rows[:, i]) for i in range(3)))


def constant(kind: Kind, value: Any) -> Vector:
    """One value for every row, from its Python form; None is NULL."""
    valid = np.zeros(1, np.bool_) if value is None else None
    return Vector(from_python(kind, [value]), valid)


def from_python(kind: Kind, values: Sequence[Any]) -> Any:
    """Data of a kind from Python values: bool, int, Decimal, float, (months, days, micros), list, bytes or text."""
    name = kind.name
    if name == "bool":
        return np.array([bool(value) for value in values], dtype=np.bool_)
    if name in INTEGER_LIKE:
        return np.array([0 if value is None else value for value in values], dtype=np.int64)
    if name in FLOATS:
        numbers = [0.0 if value is None else value for value in values]
        return np.array(numbers, dtype=np.float32 if name == "float4" else np.float64)
    if name == "numeric":
        return decimals(values)
    if name == "interval":
        table = np.array([(0, 0, 0) if value is None else value for value in values], dtype=np.int64).reshape(-1, 3)
        return Spans(table[:, 0], table[:, 1], table[:, 2])
    if name == "bytea":
        return pa.array(values, pa.binary())
    if name == "array":
        return pa.array(values, pa.list_(storage(kind.element)))
    return pa.array(values, pa.string())


def storage(kind: Kind | None) -> pa.DataType:
    """The Arrow type of a kind's values inside arrays, and of results."""
    name = kind.name if kind else "text"
    if kind is not None and name == "array":
        return pa.list_(storage(kind.element))
    if kind is not None and name == "numeric":
        scale = 4 if kind.scale is None else kind.scale
        return pa.decimal128(38, max(0, scale))
    return _STORAGE.get(name, pa.string())


_STORAGE: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "oid": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "time": pa.time64("us"),
    "bytea": pa.binary(),
}


def length_of(data: Any) -> int:
    """How many rows the data hold."""
    return len(data.unscaled) if isinstance(data, Exact) else len(data)


def take(data: Any, rows: npt.NDArray[np.int64]) -> Any:
    """The data at some row numbers; of a constant, the constant."""
    if length_of(data) == 1:
        return data
    if isinstance(data, Exact):
        return Exact(data.unscaled[rows], data.scale)
    if isinstance(data, Spans):
        return Spans(data.months[rows], data.days[rows], data.micros[rows])
    if isinstance(data, np.ndarray):
        return data[rows]
    return data.take(pa.array(rows))
