"""Compiled expressions: closures over columns, NULLs and errors carried beside the values.

A kernel is a function over data (see `vectors`); `lift` makes it strict, as Postgres' functions are: NULL in, NULL
out, an error in, an error out. Where no vectorised kernel exists, `lift_scalar` calls a Python function once for each
distinct combination of arguments.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.expressions.kinds import UNKNOWN, Kind
from app.generator.expressions.vectors import (
    Exact,
    Fails,
    Mask,
    Spans,
    Vector,
    conjoined,
    constant,
    disjoined,
    from_arrow,
    from_python,
    take,
)

_WIDE = Context(prec=2000)


@dataclass(slots=True)
class Frame:
    """The rows that an expression is evaluated for; columns are converted once."""

    arrays: Mapping[str, pa.Array]
    length: int
    _vectors: dict[str, Vector] = field(default_factory=dict)

    def column(self, name: str, kind: Kind) -> Vector:
        """A column as a vector. Raises KeyError when it is not among the arrays."""
        found = self._vectors.get(name)
        if found is None:
            found = self._vectors[name] = from_arrow(kind, self.arrays[name])
        return found

    def put(self, name: str, vector: Vector) -> None:
        """Gives the rows one more column."""
        self._vectors[name] = vector

    def taken(self, rows: npt.NDArray[np.int64], names: frozenset[str]) -> "Frame":
        """Some of the rows, in any order and as often as they are named: their columns `names`, and those put there."""
        places = pa.array(rows)
        arrays = {name: self.arrays[name].take(places) for name in names if name in self.arrays}
        kept = {name: _taken(vector, rows) for name, vector in self._vectors.items() if name not in self.arrays}
        return Frame(arrays, len(rows), kept)


def _taken(vector: Vector, rows: npt.NDArray[np.int64]) -> Vector:
    masks = (None if mask is None or len(mask) == 1 else mask[rows] for mask in (vector.valid, vector.failed))
    return Vector(take(vector.data, rows), *masks)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A kernel's result when rows may be NULL (`absent`) or in error (`failed`) although no argument is."""

    data: Any
    absent: Mask | None = None
    failed: Mask | None = None


@dataclass(frozen=True, slots=True)
class Operand:
    """A compiled (sub-)expression. `value` is set for constants, `literal` for a quoted one that has no type yet."""

    kind: Kind
    run: Callable[[Frame], Vector]
    columns: frozenset[str] = frozenset()
    value: Vector | None = None
    literal: str | None = None
    collation: str | None = None

    @property
    def is_null(self) -> bool:
        """Whether it is a constant NULL."""
        return self.value is not None and self.value.valid is not None and not self.value.valid[0]

    def constant(self) -> Any:
        """The Python form of a constant; None for NULL. Only for operands with `value`."""
        assert self.value is not None
        return None if self.is_null else to_python(self.kind, self.value.data)[0]


def column(name: str, kind: Kind) -> Operand:
    """The values of a column."""
    return Operand(kind, lambda frame: frame.column(name, kind), frozenset((name,)))


def fixed(kind: Kind, value: Any) -> Operand:
    """A constant from its Python form."""
    vector = constant(kind, value)
    literal = value if kind == UNKNOWN else None
    return Operand(kind, lambda _: vector, value=vector, literal=literal)


def absent(kind: Kind, columns: frozenset[str] = frozenset()) -> Operand:
    """NULL of a kind."""
    vector = constant(kind, None)
    return Operand(kind, lambda _: vector, columns, value=vector)


def derived(kind: Kind, run: Callable[[Frame], Vector], operands: Sequence[Operand]) -> Operand:
    """An operand computed from others, at once when all are constants."""
    columns = frozenset[str]().union(*(operand.columns for operand in operands))
    if all(operand.value is not None for operand in operands):
        vector = run(Frame({}, 1))
        return Operand(kind, lambda _: vector, columns, value=vector)
    return Operand(kind, run, columns)


def lift(kind: Kind, kernel: Callable[..., Any], *operands: Operand) -> Operand:
    """A strict function. `kernel` takes the data of the operands and gives data, or an `Outcome`."""
    if any(operand.is_null for operand in operands):
        return absent(kind, frozenset[str]().union(*(operand.columns for operand in operands)))

    def run(frame: Frame) -> Vector:
        vectors = [operand.run(frame) for operand in operands]
        result = kernel(*(vector.data for vector in vectors))
        valid = conjoined(vector.valid for vector in vectors)
        failed = disjoined(vector.failed for vector in vectors)
        if not isinstance(result, Outcome):
            return settled(kind, result, valid, failed)
        if result.failed is not None:
            failed = disjoined((failed, result.failed if valid is None else result.failed & valid))
        if result.absent is not None:
            valid = conjoined((valid, ~result.absent))
        return settled(kind, result.data, valid, failed)

    return derived(kind, run, operands)


def settled(kind: Kind, data: Any, valid: Mask | None, failed: Mask | None) -> Vector:
    """A vector whose booleans are False where there is no value, and where a failure counts as no value."""
    if failed is not None:
        failed = failed if failed.any() else None
        if failed is not None:
            valid = ~failed if valid is None else valid & ~failed
    if kind.name == "bool" and valid is not None:
        data = data & valid
    return Vector(data, valid, failed)


def lift_scalar(kind: Kind, function: Callable[..., Any], *operands: Operand) -> Operand:
    """A strict function of Python values, called once per distinct combination of arguments.

    It gives None for NULL and raises Fails for an error.
    """
    kinds = [operand.kind for operand in operands]
    if any(operand.is_null for operand in operands):
        return absent(kind, frozenset[str]().union(*(operand.columns for operand in operands)))

    def run(frame: Frame) -> Vector:
        vectors = [operand.run(frame) for operand in operands]
        valid = conjoined(vector.valid for vector in vectors)
        failed = disjoined(vector.failed for vector in vectors)
        size = max((_size(vector) for vector in vectors), default=1)
        data = [vector.data for vector in vectors]
        if valid is not None and not np.broadcast_to(valid, size).all():
            rows = np.flatnonzero(np.broadcast_to(valid, size))
            results, codes = _distinct(function, kinds, [take(d, rows) for d in data], len(rows))
            # One more result, NULL, stands for the rows that were left out.
            results.append(None)
            full = np.full(size, len(results) - 1, dtype=np.int64)
            full[rows] = codes
            codes = full
        else:
            results, codes = _distinct(function, kinds, data, size)
        return _gathered(kind, results, codes, valid, failed)

    return derived(kind, run, operands)


def lift_nullable(kind: Kind, function: Callable[..., Any], *operands: Operand) -> Operand:
    """Like `lift_scalar`, but not strict: NULL goes in as None, too."""
    kinds = [operand.kind for operand in operands]

    def run(frame: Frame) -> Vector:
        vectors = [operand.run(frame) for operand in operands]
        failed = disjoined(vector.failed for vector in vectors)
        size = max((_size(vector) for vector in vectors), default=1)
        data = [vector.data for vector in vectors]
        results, codes = _distinct(function, kinds, data, size, [vector.valid for vector in vectors])
        return _gathered(kind, results, codes, None, failed)

    return derived(kind, run, operands)


class _Failed:
    """Stands among the results for an error."""


_FAILED = _Failed()


def _size(vector: Vector) -> int:
    data = vector.data
    size = len(data.unscaled) if isinstance(data, Exact) else len(data)
    return max(size, 1 if vector.valid is None else len(vector.valid))


def _distinct(
    function: Callable[..., Any],
    kinds: Sequence[Kind],
    data: Sequence[Any],
    size: int,
    valid: Sequence[Mask | None] = (),
) -> tuple[list[Any], npt.NDArray[np.int64]]:
    """The results for the distinct arguments, and for each row which of them is its own."""
    uniques: list[list[Any]] = []
    codes: npt.NDArray[np.int64] = np.zeros(size, dtype=np.int64)
    room = 1
    if size == 0:
        return [], codes
    for place, (kind, values) in enumerate(zip(kinds, data, strict=True)):
        known = valid[place] if valid else None
        one_codes, one_uniques = factorise(kind, values) if known is None else _with_null(kind, values, known)
        if room * max(1, len(one_uniques)) >= 1 << 62:
            # Many columns of many values: the combinations that occur are few enough, the possible ones are not.
            return _distinct_rows(function, kinds, data, size, valid)
        codes = codes * len(one_uniques) + one_codes if one_uniques else codes
        room *= max(1, len(one_uniques))
        uniques.append(one_uniques)
    dense, kept = _compacted(codes) if len(uniques) != 1 else (codes, np.arange(len(uniques[0])))
    arguments = [[unique[d] for d in _digits(kept, uniques, i)] for i, unique in enumerate(uniques)]
    return [_outcome(function, combination) for combination in zip(*arguments, strict=True)], dense


def _with_null(kind: Kind, data: Any, known: Mask) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """Codes and distinct values, None the last of them for the rows that are not known."""
    rows = np.flatnonzero(known)
    if len(known) == 1 or not len(rows):
        codes, uniques = factorise(kind, data) if len(rows) else (np.zeros(1, np.int64), [None])
        return (codes, uniques) if len(rows) else (np.zeros(len(known), np.int64), uniques)
    some, uniques = factorise(kind, take(data, rows))
    codes = np.full(len(known), len(uniques), dtype=np.int64)
    codes[rows] = some
    return codes, [*uniques, None]


def _distinct_rows(
    function: Callable[..., Any],
    kinds: Sequence[Kind],
    data: Sequence[Any],
    size: int,
    valid: Sequence[Mask | None] = (),
) -> tuple[list[Any], npt.NDArray[np.int64]]:
    columns: list[list[Any]] = []
    for place, (kind, values) in enumerate(zip(kinds, data, strict=True)):
        known = valid[place] if valid else None
        codes, uniques = factorise(kind, values) if known is None else _with_null(kind, values, known)
        columns.append([uniques[code] for code in codes.tolist()])
    rows = list(zip(*(values * size if len(values) == 1 else values for values in columns), strict=True))
    codes, uniques = _factorise_objects(rows)
    return [_outcome(function, row) for row in uniques], codes


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except (Fails, ValueError, ArithmeticError):
        return _FAILED


def _digits(codes: npt.NDArray[np.int64], uniques: list[list[Any]], place: int) -> list[int]:
    """The digit at `place` of mixed-radix codes, whose last place counts the last list's entries."""
    below = 1
    for unique in uniques[place + 1 :]:
        below *= max(1, len(unique))
    digits: list[int] = (codes // below % max(1, len(uniques[place]))).tolist()
    return digits


def _compacted(codes: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    encoded = pa.array(codes).dictionary_encode()
    dense = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    kept: npt.NDArray[np.int64] = encoded.dictionary.to_numpy(zero_copy_only=False)
    return dense, kept


def factorise(kind: Kind, data: Any) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """Codes, and the Python form of each distinct value."""
    if isinstance(data, Exact) and data.unscaled.dtype != object:
        encoded = pa.array(data.unscaled).dictionary_encode()
        values = to_python(kind, Exact(encoded.dictionary.to_numpy(zero_copy_only=False), data.scale))
    elif isinstance(data, np.ndarray) and data.dtype != object:
        encoded = pa.array(data).dictionary_encode()
        values = to_python(kind, encoded.dictionary.to_numpy(zero_copy_only=False))
    elif isinstance(data, pa.Array) and not pa.types.is_nested(data.type):
        encoded = data.dictionary_encode()
        values = encoded.dictionary.to_pylist()
    else:
        return _factorise_objects(to_python(kind, data))
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return codes.astype(np.int64), values


def _factorise_objects(values: list[Any]) -> tuple[npt.NDArray[np.int64], list[Any]]:
    numbers: dict[Any, int] = {}
    uniques: list[Any] = []
    codes = np.empty(len(values), dtype=np.int64)
    for i, value in enumerate(values):
        key = repr(value) if isinstance(value, list | tuple) else value
        code = numbers.get(key)
        if code is None:
            code = numbers[key] = len(uniques)
            uniques.append(value)
        codes[i] = code
    return codes, uniques


def _gathered(
    kind: Kind, results: list[Any], codes: npt.NDArray[np.int64], valid: Mask | None, failed: Mask | None
) -> Vector:
    if not results:
        results, valid = [None], np.zeros(len(codes), dtype=np.bool_)
    bad = np.array([result is _FAILED for result in results])
    none = np.array([result is None for result in results]) | bad
    data = take_all(from_python(kind, [None if result is _FAILED else result for result in results]), codes)
    if none.any():
        valid = conjoined((valid, ~none[codes]))
    if bad.any():
        failed = disjoined((failed, bad[codes]))
    return settled(kind, data, valid, failed)


def take_all(data: Any, codes: npt.NDArray[np.int64]) -> Any:
    """The data at `codes`, those of length 1 too."""
    one = len(data.unscaled) if isinstance(data, Exact) else len(data)
    if one != 1:
        return take(data, codes)
    if isinstance(data, Exact):
        return Exact(np.repeat(data.unscaled, len(codes)), data.scale)
    if isinstance(data, Spans):
        return Spans(*(np.repeat(part, len(codes)) for part in (data.months, data.days, data.micros)))
    if isinstance(data, np.ndarray):
        return np.repeat(data, len(codes))
    return data.take(pa.array(codes))


def to_python(kind: Kind, data: Any) -> list[Any]:
    """The Python form of each value: see `vectors.from_python`."""
    if isinstance(data, Exact):
        scale = -data.scale
        return [Decimal(value).scaleb(scale, _WIDE) for value in data.unscaled.tolist()]
    if isinstance(data, Spans):
        return list(zip(data.months.tolist(), data.days.tolist(), data.micros.tolist(), strict=True))
    if isinstance(data, np.ndarray):
        return list(data.tolist())
    if kind.name == "array" and kind.element is not None:
        return list_values(kind, data)
    found: list[Any] = data.to_pylist()
    return found


def list_values(kind: Kind, data: Any) -> list[Any]:
    """Arrays as Python lists, their elements in their own Python forms."""
    assert kind.element is not None
    flat = data.flatten()
    inner = from_arrow(kind.element, flat)
    elements = to_python(kind.element, inner.data)
    if inner.valid is not None:
        elements = [value if ok else None for value, ok in zip(elements, inner.valid.tolist(), strict=True)]
    found: list[Any] = []
    start = 0
    sizes = pc.fill_null(pc.list_value_length(data), 0).to_pylist()
    for size in sizes:
        found.append(elements[start : start + size])
        start += size
    return found
