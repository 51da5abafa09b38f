"""Functions and operators of arrays."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.expressions.casts import cast, coerce, to_arrow
from app.generator.expressions.comparison import quantified
from app.generator.expressions.kinds import BOOL, INT4, TEXT, Kind, common_kind
from app.generator.expressions.literals import read_array
from app.generator.expressions.logic import all_of, any_of, is_truth, strict
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Frame, Operand, Outcome, derived, fixed, lift, lift_nullable, lift_scalar
from app.generator.expressions.sorting import sort_key
from app.generator.expressions.text_arguments import text_of
from app.generator.expressions.text_forms import write_text
from app.generator.expressions.vectors import Mask, Vector, disjoined


def _array(operand: Operand) -> Operand:
    if operand.kind.name == "unknown":
        return cast(operand, Kind("array", TEXT))
    if operand.kind.name != "array":
        raise ExpressionUnknown(f"a value of type {operand.kind} where an array is expected")
    return operand


def _pair(left: Operand, right: Operand) -> tuple[Operand, Operand] | None:
    if "array" not in (left.kind.name, right.kind.name):
        return None
    kind = common_kind([left.kind, right.kind], "arrays")
    return coerce(left, kind), coerce(right, kind)


def operator(name: str, left: Operand, right: Operand) -> Operand | None:
    """An operator on arrays; None for any other."""
    if "array" not in (left.kind.name, right.kind.name):
        return None
    if name == "||":
        return _joined(left, right)
    if name not in ("@>", "<@", "&&"):
        return None
    pair = _pair(left, right)
    if pair is None:
        return None
    if name == "<@":
        pair = (pair[1], pair[0])
    return _overlaps(*pair) if name == "&&" else _contains(*pair)


def _known(operand: Operand) -> list[Any] | None:
    return None if operand.value is None or operand.is_null else list(operand.constant())


def _contains(outer: Operand, inner: Operand) -> Operand:
    element = outer.kind.element
    assert element is not None
    wanted = _known(inner)
    if wanted is not None and outer.value is None and None not in wanted:
        if not wanted:
            return lift(BOOL, lambda x: np.ones(len(x), dtype=np.bool_), outer)
        tests = [is_truth(_is_element(fixed(element, item), outer), True, False) for item in wanted]
        return strict([outer], all_of(tests))
    key = _element_key(element)

    def test(a: list[Any], b: list[Any]) -> bool:
        have = {repr(key(item)) for item in a if item is not None}
        return all(item is not None and repr(key(item)) in have for item in b)

    return lift_scalar(BOOL, test, outer, inner)


def _is_element(item: Operand, array: Operand) -> Operand:
    return quantified("=", item, array, False, _no_operator)


def _no_operator(*_: Any) -> Operand:
    raise ExpressionUnknown("this operator with ANY or ALL")


def _overlaps(left: Operand, right: Operand) -> Operand:
    element = left.kind.element
    assert element is not None
    for array, other in ((left, right), (right, left)):
        wanted = _known(array)
        if wanted is not None and other.value is None:
            tests = [
                is_truth(_is_element(fixed(element, item), other), True, False) for item in wanted if item is not None
            ]
            # Of an empty constant too, a NULL array gives NULL.
            if not tests:
                return lift(BOOL, lambda x: np.zeros(len(x), dtype=np.bool_), other)
            return strict([other], any_of(tests))
    key = _element_key(element)

    def test(a: list[Any], b: list[Any]) -> bool:
        have = {repr(key(item)) for item in a if item is not None}
        return any(item is not None and repr(key(item)) in have for item in b)

    return lift_scalar(BOOL, test, left, right)


def _element_key(element: Kind) -> Callable[[Any], Any]:
    key = sort_key(element)
    if key is None:
        raise ExpressionUnknown(f"a comparison of arrays of {element}")
    return key


def _joined(left: Operand, right: Operand) -> Operand | None:
    if left.kind.name == right.kind.name == "array" or "unknown" in (left.kind.name, right.kind.name):
        pair = _pair(left, right)
        assert pair is not None
        # NULL is passed over: only of two NULLs nothing comes.
        return lift_nullable(
            pair[0].kind, lambda a, b: (a or []) + (b or []) if (a, b) != (None, None) else None, *pair
        )
    if left.kind.name == "array":
        return _appended([left, right])
    return _prepended([left, right])


def _appended(arguments: Sequence[Operand]) -> Operand:
    array = _array(arguments[0])
    assert array.kind.element is not None
    return lift_nullable(
        array.kind, lambda a, item: [*(a or []), item], array, coerce(arguments[1], array.kind.element)
    )


def _prepended(arguments: Sequence[Operand]) -> Operand:
    array = _array(arguments[1])
    assert array.kind.element is not None
    return lift_nullable(
        array.kind, lambda item, a: [item, *(a or [])], coerce(arguments[0], array.kind.element), array
    )


def _sizes(lists: Any) -> Any:
    return pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)


def _cardinality(arguments: Sequence[Operand]) -> Operand:
    if arguments[0].kind.name == "nested_array":
        return lift_scalar(INT4, lambda text: _product(_dimensions(text)), arguments[0])
    return lift(INT4, _sizes, _array(arguments[0]))


def _length(arguments: Sequence[Operand]) -> Operand:
    array, dimension = arguments[0], coerce(arguments[1], INT4)
    if array.kind.name == "nested_array":
        return lift_scalar(INT4, lambda text, n: _nth(_dimensions(text), n), array, dimension)
    if dimension.value is None or dimension.constant() != 1:
        return lift_scalar(INT4, lambda a, n: (len(a) or None) if n == 1 else None, _array(array), dimension)
    return lift(INT4, _empty_as_null, _array(array))


def _empty_as_null(lists: Any) -> Outcome:
    sizes = _sizes(lists)
    empty: Mask = sizes == 0
    return Outcome(sizes, absent=empty)


def _lower(arguments: Sequence[Operand]) -> Operand:
    length = _length(arguments)
    return lift(INT4, lambda x: np.ones(len(x), dtype=np.int64), length)


def _dimension_count(arguments: Sequence[Operand]) -> Operand:
    if arguments[0].kind.name == "nested_array":
        return lift_scalar(INT4, lambda text: len(_dimensions(text)) or None, arguments[0])
    length = lift(INT4, _empty_as_null, _array(arguments[0]))
    return lift(INT4, lambda x: np.ones(len(x), dtype=np.int64), length)


def _shape(arguments: Sequence[Operand]) -> Operand:
    """array_dims: '[1:2][1:3]'; NULL for an empty array."""
    if arguments[0].kind.name == "nested_array":
        return lift_scalar(TEXT, lambda text: "".join(f"[1:{n}]" for n in _dimensions(text)) or None, arguments[0])
    return lift_scalar(TEXT, lambda a: f"[1:{len(a)}]" if a else None, _array(arguments[0]))


def _dimensions(text: str) -> list[int]:
    """The sizes of an array of any number of dimensions, from its text; none for an empty one."""
    plain = text.strip()
    if "=" in plain and plain.startswith("["):
        plain = plain.partition("=")[2]
    if plain == "{}":
        return []
    if not plain.startswith("{{"):
        return [len(read_array(plain))]
    depth, items, start, found = 0, 0, 0, [0]
    for i, char in enumerate(plain):
        if char == "{":
            depth += 1
            if depth == 2 and items == 0:
                start = i
        elif char == "}":
            depth -= 1
            if depth == 1:
                items += 1
                if items == 1:
                    found = _dimensions(plain[start : i + 1])
    return [items, *found]


def _product(sizes: list[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total if sizes else 0


def _nth(sizes: list[int], number: int) -> int | None:
    return sizes[number - 1] if 1 <= number <= len(sizes) else None


def _position(arguments: Sequence[Operand]) -> Operand:
    array = _array(arguments[0])
    element = array.kind.element
    assert element is not None
    if len(arguments) > 2:
        raise ExpressionUnknown("array_position from an index")
    item = coerce(arguments[1], element)
    key = _element_key(element)
    if item.is_null:
        return lift_scalar(INT4, lambda a: a.index(None) + 1 if None in a else None, array)

    def find(a: list[Any], wanted: Any) -> int | None:
        return next((i + 1 for i, x in enumerate(a) if x is not None and key(x) == key(wanted)), None)

    return lift_scalar(INT4, find, array, item)


def _removed(arguments: Sequence[Operand]) -> Operand:
    array = _array(arguments[0])
    element = array.kind.element
    assert element is not None
    if arguments[1].is_null:
        return lift_scalar(array.kind, lambda a: [item for item in a if item is not None], array)
    key = _element_key(element)

    def remove(a: list[Any], wanted: Any) -> list[Any]:
        return [item for item in a if item is None or key(item) != key(wanted)]

    return lift_scalar(array.kind, remove, array, coerce(arguments[1], element))


def _to_string(arguments: Sequence[Operand]) -> Operand:
    array = _array(arguments[0])
    element = array.kind.element
    assert element is not None

    def join(a: list[Any], separator: str, null: str | None = None) -> str:
        texts = [null if item is None else write_text(item, element) for item in a]
        return separator.join(text for text in texts if text is not None)

    return lift_scalar(TEXT, join, array, *(text_of(argument) for argument in arguments[1:]))


def _from_string(arguments: Sequence[Operand]) -> Operand:
    def split(text: str, separator: str, null: str | None = None) -> list[str | None]:
        if not text:
            return []
        parts = text.split(separator) if separator else [text]
        return [None if part == null else part for part in parts]

    return lift_scalar(Kind("array", TEXT), split, *(text_of(argument) for argument in arguments))


def subscript(array: Operand, index: Operand) -> Operand:
    """`array[index]`, counted from 1; NULL outside."""
    element = array.kind.element
    assert element is not None
    return lift_scalar(element, lambda a, n: a[n - 1] if 1 <= n <= len(a) else None, array, coerce(index, INT4))


def _slice(arguments: Sequence[Operand]) -> Operand:
    array = _array(arguments[0])
    low = fixed(INT4, 1) if arguments[1].is_null else coerce(arguments[1], INT4)
    high = fixed(INT4, (1 << 31) - 1) if arguments[2].is_null else coerce(arguments[2], INT4)
    return lift_scalar(array.kind, lambda a, m, n: a[max(0, m - 1) : max(0, n)], array, low, high)


def build(elements: Sequence[Operand]) -> Operand:
    """ARRAY[...]."""
    kind = common_kind([element.kind for element in elements], "the elements of an array").plain
    return build_of(kind, elements)


def build_of(kind: Kind, elements: Sequence[Operand]) -> Operand:
    """ARRAY[...] of elements of one kind. Raises ExpressionUnknown for intervals, which no array holds here."""
    if kind.name == "interval":
        raise ExpressionUnknown("an array of intervals")
    typed = [coerce(element, kind) for element in elements]
    array = Kind("array", kind)
    if all(element.value is not None for element in typed):
        return fixed(array, [element.constant() for element in typed])

    def run(frame: Frame) -> Vector:
        vectors = [element.run(frame) for element in typed]
        columns = [to_arrow(kind, vector, frame.length) for vector in vectors]
        # Element j of row i stands at j * rows + i of the columns one after the other.
        rows = np.arange(frame.length)[:, None] + np.arange(len(columns))[None, :] * frame.length
        values = pa.concat_arrays(columns).take(pa.array(rows.ravel()))
        offsets = pa.array(np.arange(frame.length + 1, dtype=np.int32) * len(columns))
        return Vector(pa.ListArray.from_arrays(offsets, values), None, disjoined(vector.failed for vector in vectors))

    return derived(array, run, typed)


FUNCTIONS: dict[str, Callable[[Sequence[Operand]], Operand]] = {
    "cardinality": _cardinality,
    "array_length": _length,
    "array_upper": _length,
    "array_lower": _lower,
    "array_ndims": _dimension_count,
    "array_dims": _shape,
    "array_position": _position,
    "array_remove": _removed,
    "array_append": _appended,
    "array_prepend": _prepended,
    "array_cat": lambda arguments: _needed(_joined(*arguments)),
    "array_to_string": _to_string,
    "string_to_array": _from_string,
    "array_slice": _slice,
}


def _needed(operand: Operand | None) -> Operand:
    if operand is None:
        raise ExpressionUnknown("a concatenation of values that are no arrays")
    return operand
