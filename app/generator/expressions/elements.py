"""Single bits, coordinates, keys and paths: what is taken out of bit strings, points, hstores and documents."""

from collections.abc import Callable, Sequence
from typing import Any

from app.generator.expressions import jsonpath, path_items
from app.generator.expressions.casts import coerce
from app.generator.expressions.extras import read_hstore
from app.generator.expressions.jsons import load
from app.generator.expressions.kinds import BOOL, BYTEA, FLOAT8, INT4, JSONB, TEXT, Kind
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Operand, fixed, lift_scalar
from app.generator.expressions.text_arguments import text_of
from app.generator.expressions.vectors import Fails

Builder = Callable[[Sequence[Operand]], Operand]

_HSTORE = Kind("hstore")


def _get_bit(arguments: Sequence[Operand]) -> Operand:
    value = arguments[0]

    def of_bits(bits: str, index: int) -> int:
        if not 0 <= index < len(bits):
            raise Fails("bit index out of valid range")
        return int(bits[index])

    def of_bytes(data: bytes, index: int) -> int:
        # Bits of bytes are counted from each byte's lowest one.
        if not 0 <= index < 8 * len(data):
            raise Fails("index out of valid range")
        return data[index // 8] >> index % 8 & 1

    if value.kind.name in ("bit", "varbit"):
        return lift_scalar(INT4, of_bits, value, coerce(arguments[1], INT4))
    return lift_scalar(INT4, of_bytes, coerce(value, BYTEA), coerce(arguments[1], Kind("int8")))


def coordinate(point: Operand, index: Operand) -> Operand:
    """`p[0]` and `p[1]`: NULL for any other number."""

    def take(text: str, place: int) -> float | None:
        numbers = text.strip("() ").split(",")
        return float(numbers[place]) if place in (0, 1) and len(numbers) == 2 else None

    return lift_scalar(FLOAT8, take, point, coerce(index, INT4))


def _enum_range(arguments: Sequence[Operand]) -> Operand:
    """All labels of an enum, or those between two of them."""
    kind = next((argument.kind for argument in arguments if argument.kind.name == "enum"), None)
    if kind is None or (len(arguments) > 1 and any(argument.value is None for argument in arguments)):
        raise ExpressionUnknown("enum_range between values that are no constants")
    labels = list(kind.labels)
    if len(arguments) > 1:
        # NULL for the first or the last of all.
        low, high = (None if a.is_null else str(a.constant()) for a in arguments)
        labels = labels[labels.index(low) if low else 0 : labels.index(high) + 1 if high else None]
    return fixed(Kind("array", kind.plain), labels)


def _enum_end(place: int) -> Builder:
    def build(arguments: Sequence[Operand]) -> Operand:
        (value,) = arguments
        if value.kind.name != "enum":
            raise ExpressionUnknown(f"an end of the labels of {value.kind}")
        return fixed(value.kind, value.kind.labels[place])

    return build


def _of_hstore(kind: Kind, function: Callable[..., Any]) -> Builder:
    def build(arguments: Sequence[Operand]) -> Operand:
        rest = [text_of(argument) for argument in arguments[1:]]
        value = coerce(arguments[0], _HSTORE)
        return lift_scalar(kind, lambda text, *keys: function(read_hstore(text), *keys), value, *rest)

    return build


def _by_path(arguments: Sequence[Operand]) -> tuple[Operand, jsonpath.Path | jsonpath.Condition]:
    document, path = arguments[0], arguments[1]
    if len(arguments) > 2 or path.value is None or path.is_null:
        raise ExpressionUnknown("a jsonpath with variables, or from a column")
    if document.kind.name != "jsonb":
        document = coerce(document, JSONB)
    return document, jsonpath.parse_path(str(path.literal if path.literal is not None else path.constant()))


def _path_exists(arguments: Sequence[Operand]) -> Operand:
    document, path = _by_path(arguments)

    def exists(text: str) -> bool:
        try:
            return bool(path_items.follow(path, load(text)))
        except path_items.PathError:
            raise Fails("a jsonpath item of another type") from None

    return lift_scalar(BOOL, exists, document)


def _path_match(arguments: Sequence[Operand]) -> Operand:
    document, path = _by_path(arguments)

    def match(text: str) -> bool | None:
        try:
            found = path_items.follow(path, load(text))
        except path_items.PathError:
            raise Fails("a jsonpath item of another type") from None
        if len(found) != 1 or not (found[0] is None or isinstance(found[0], bool)):
            raise Fails("single boolean result is expected")
        answer: bool | None = found[0]
        return answer

    return lift_scalar(BOOL, match, document)


def operator(name: str, left: Operand, right: Operand) -> Operand | None:
    """jsonb @? and @@ jsonpath; None for any other."""
    if left.kind.name != "jsonb" or name not in ("@?", "@@"):
        return None
    # The operators swallow errors: nothing is known then.
    document, path = _by_path((left, right))

    def answer(text: str) -> bool | None:
        try:
            found = path_items.follow(path, load(text))
        except path_items.PathError:
            return None
        if name == "@?":
            return bool(found)
        return found[0] if len(found) == 1 and isinstance(found[0], bool) else None

    return lift_scalar(BOOL, answer, document)


FUNCTIONS: dict[str, Builder] = {
    "enum_range": _enum_range,
    "enum_first": _enum_end(0),
    "enum_last": _enum_end(-1),
    "get_bit": _get_bit,
    "exist": _of_hstore(BOOL, lambda pairs, key: key in pairs),
    "defined": _of_hstore(BOOL, lambda pairs, key: pairs.get(key) is not None),
    "akeys": _of_hstore(Kind("array", TEXT), lambda pairs: sorted(pairs, key=lambda key: (len(key), key))),
    "jsonb_path_exists": _path_exists,
    "jsonb_path_match": _path_match,
}
