"""Functions and operators of text."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.expressions import text_matching
from app.generator.expressions.casts import cast, coerce
from app.generator.expressions.kinds import BOOL, BYTEA, INT4, STRINGS, TEXT, Kind
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Frame, Operand, derived, lift, lift_scalar
from app.generator.expressions.text_arguments import Builder, constant_text, raw_text, scalar, text_of
from app.generator.expressions.text_matching import substring_regex
from app.generator.expressions.vectors import Fails, Vector, compute, disjoined

_MAX_BUILT_CHARACTERS = 100_000
Sliced = TypeVar("Sliced", str, bytes)


def concatenation(left: Operand, right: Operand) -> Operand | None:
    """`||` of texts, and of a text and anything that has a text form."""
    names = {left.kind.name, right.kind.name}
    if not names & STRINGS:
        return None
    if names & {"bytea", "array", "jsonb", "tsvector", "hstore", "bit", "varbit"} and "unknown" in names:
        return None
    if "array" in names:
        return None
    a, b = (text_of(o) if o.kind.name in STRINGS else cast(o, TEXT) for o in (left, right))
    return lift(TEXT, lambda x, y: compute(pc.binary_join_element_wise, x, y, ""), a, b)


def _concat(arguments: Sequence[Operand]) -> Operand:
    return _joined(arguments, "")


def _concat_ws(arguments: Sequence[Operand]) -> Operand:
    return _joined(arguments[1:], constant_text(arguments[0], "a separator"))


def _joined(arguments: Sequence[Operand], separator: str) -> Operand:
    """concat and concat_ws: NULLs are left out."""
    texts = [_output(argument) for argument in arguments]

    def run(frame: Frame) -> Vector:
        vectors = [text.run(frame) for text in texts]
        size = max([max(len(v.data), 1 if v.valid is None else len(v.valid)) for v in vectors] or [1])
        columns = [_nulled(vector, size) for vector in vectors]
        # An empty text before the others, cut off again: rows of nothing but NULLs would be lost.
        empty = pa.repeat(pa.scalar(""), size)
        joined = pc.binary_join_element_wise(empty, *columns, separator, null_handling="skip")
        data = pc.utf8_slice_codeunits(joined, len(separator), None)
        return Vector(data, None, disjoined(vector.failed for vector in vectors))

    return derived(TEXT, run, texts)


def _output(operand: Operand) -> Operand:
    """The text that a value's output function gives: char(n) padded, booleans as t and f."""
    if operand.kind.name == "bool":
        return lift(TEXT, lambda x: pc.if_else(pa.array(x), "t", "f"), operand)
    return raw_text(operand) if operand.kind.name in STRINGS else cast(operand, TEXT)


def _nulled(vector: Vector, size: int) -> pa.Array:
    array = vector.data
    if len(array) != size:
        array = pa.repeat(array[0], size)
    if vector.valid is None:
        return array
    return pc.if_else(pa.array(np.broadcast_to(vector.valid, size)), array, pa.scalar(None, pa.string()))


def _length(arguments: Sequence[Operand]) -> Operand:
    if len(arguments) != 1:
        raise ExpressionUnknown("length with an encoding")
    (value,) = arguments
    name = value.kind.name
    if name == "bytea":
        return lift(INT4, _sizes(pc.binary_length), value)
    if name in ("bit", "varbit"):
        return lift(INT4, _sizes(pc.utf8_length), value)
    return lift(INT4, _sizes(pc.utf8_length), text_of(value))


def _sizes(function: Callable[[Any], Any], factor: int = 1) -> Callable[[Any], Any]:
    def kernel(texts: Any) -> Any:
        found = pc.fill_null(function(texts), 0).to_numpy(zero_copy_only=False)
        return found if factor == 1 else found * factor

    return kernel


def _octets(factor: int) -> Builder:
    def build(arguments: Sequence[Operand]) -> Operand:
        (value,) = arguments
        name = value.kind.name
        if name in ("bit", "varbit"):
            bits = lift(INT4, _sizes(pc.utf8_length), value)
            return bits if factor == 8 else lift(INT4, lambda x: (x + 7) // 8, bits)
        subject = value if name == "bytea" else raw_text(value)
        return lift(INT4, _sizes(pc.binary_length, factor), subject)

    return build


def _simple(kernel: Callable[[Any], Any]) -> Builder:
    def build(arguments: Sequence[Operand]) -> Operand:
        (value,) = arguments
        return lift(TEXT, kernel, text_of(value))

    return build


def _trim(function: Callable[..., Any]) -> Builder:
    def build(arguments: Sequence[Operand]) -> Operand:
        value = text_of(arguments[0])
        if len(arguments) == 1:
            return lift(TEXT, lambda x: function(x, characters=" "), value)
        characters = constant_text(arguments[1], "the characters to trim")
        if not characters:
            return value
        return lift(TEXT, lambda x: function(x, characters=characters), value)

    return build


def _whole(operand: Operand) -> int | None:
    """The integer of a constant; None when it is none."""
    if operand.value is None or operand.is_null:
        return None
    return int(coerce(operand, INT4).constant())


def _substring(arguments: Sequence[Operand]) -> Operand:
    value = arguments[0]
    if value.kind.name in ("bytea", "bit", "varbit"):
        kind = BYTEA if value.kind.name == "bytea" else Kind("varbit")
        return lift_scalar(kind, _slice, value, *(coerce(a, INT4) for a in arguments[1:]))
    subject = text_of(value)
    if len(arguments) == 2 and arguments[1].kind.name in STRINGS:
        return substring_regex(subject, constant_text(arguments[1], "a pattern"))
    start = _whole(arguments[1])
    count = _whole(arguments[2]) if len(arguments) > 2 else -1
    if start is None or count is None or (len(arguments) > 2 and count < 0):
        return lift_scalar(TEXT, _slice, subject, *(coerce(a, INT4) for a in arguments[1:]))
    # Positions before the first character count too: substring('abc', -1, 3) is 'a'.
    stop = start - 1 + count if len(arguments) > 2 else None
    begin = max(0, start - 1)
    if stop is not None and stop <= begin:
        return lift(TEXT, lambda x: pc.utf8_slice_codeunits(x, 0, 0), subject)
    return lift(TEXT, lambda x: pc.utf8_slice_codeunits(x, begin, stop), subject)


def _slice(text: Sliced, start: int, count: int | None = None) -> Sliced:
    if count is None:
        return text[max(0, start - 1) :]
    if count < 0:
        raise Fails("negative substring length not allowed")
    return text[max(0, start - 1) : max(0, start - 1 + count)]


def _side(left: bool) -> Builder:
    def build(arguments: Sequence[Operand]) -> Operand:
        value, count = text_of(arguments[0]), coerce(arguments[1], INT4)
        n = _whole(count)
        if n is not None and left:
            return lift(TEXT, lambda x: pc.utf8_slice_codeunits(x, 0, n), value)
        if n is not None and n > 0:
            return lift(TEXT, lambda x: pc.utf8_slice_codeunits(x, -n, None), value)

        def cut(text: str, size: int) -> str:
            if left:
                return text[:size] if size >= 0 else text[: max(0, len(text) + size)]
            return text[max(0, len(text) - size) :] if size >= 0 else text[-size:]

        return lift_scalar(TEXT, cut, value, count)

    return build


def _replace(arguments: Sequence[Operand]) -> Operand:
    value, old, new = (text_of(argument) for argument in arguments)
    if old.value is not None and new.value is not None and not old.is_null and not new.is_null and old.constant():
        pattern, replacement = old.constant(), new.constant()
        return lift(TEXT, lambda x: pc.replace_substring(x, pattern, replacement), value)
    return lift_scalar(TEXT, lambda x, a, b: x.replace(a, b) if a else x, value, old, new)


def _split_part(text: str, separator: str, number: int) -> str:
    if number == 0:
        raise Fails("field position must not be zero")
    parts = text.split(separator) if separator else [text]
    index = number - 1 if number > 0 else number
    return parts[index] if -len(parts) <= index < len(parts) else ""


def _pad(left: bool) -> Callable[..., str]:
    def pad(text: str, size: int, fill: str = " ") -> str:
        if size > _MAX_BUILT_CHARACTERS:
            raise Fails("a text that long")
        if len(text) >= size or not fill:
            return text[: max(0, size)]
        missing = size - len(text)
        filling = (fill * (missing // len(fill) + 1))[:missing]
        return filling + text if left else text + filling

    return pad


def _repeat(text: str, count: int) -> str:
    if len(text) * count > _MAX_BUILT_CHARACTERS:
        raise Fails("a text that long")
    return text * max(0, count)


def _initcap(text: str) -> str:
    return re.sub(r"[^\W_]+", lambda found: found.group()[0].upper() + found.group()[1:].lower(), text)


def _translate(text: str, source: str, target: str) -> str:
    table: dict[int, int | None] = {}
    for i, char in enumerate(source):
        table.setdefault(ord(char), ord(target[i]) if i < len(target) else None)
    return text.translate(table)


def _overlay(text: str, part: str, start: int, count: int | None = None) -> str:
    size = len(part) if count is None else count
    if start <= 0:
        raise Fails("negative substring length not allowed")
    return text[: start - 1] + part + text[start - 1 + size :]


def _position(text: str, part: str) -> int:
    return text.find(part) + 1


def _ascii(text: str) -> int:
    return ord(text[0]) if text else 0


def _character(code: int) -> str:
    if not 0 < code <= 0x10FFFF:
        raise Fails("character out of range")
    return chr(code)


def _normal(form: str) -> str:
    if form.upper() not in ("NFC", "NFD", "NFKC", "NFKD"):
        raise Fails(f"normal form {form}")
    return form.upper()


def _normalize(text: str, form: str = "NFC") -> str:
    return unicodedata.normalize(_normal(form), text)  # type: ignore[arg-type]  # one of the four, by _normal


def _is_normalized(text: str, form: str = "NFC") -> bool:
    return _normalize(text, form) == text


def _digest(name: str) -> Builder:
    def build(arguments: Sequence[Operand]) -> Operand:
        (value,) = arguments
        if name == "md5":
            subject = value if value.kind.name == "bytea" else text_of(value)
            return lift_scalar(TEXT, _md5, subject)
        return lift_scalar(BYTEA, lambda x: hashlib.new(name, x).digest(), coerce(value, BYTEA))

    return build


def _md5(value: str | bytes) -> str:
    data = value.encode() if isinstance(value, str) else value
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


FUNCTIONS: dict[str, Builder] = {
    **text_matching.FUNCTIONS,
    "length": _length,
    "char_length": _length,
    "character_length": _length,
    "octet_length": _octets(1),
    "bit_length": _octets(8),
    "lower": _simple(pc.utf8_lower),
    "upper": _simple(pc.utf8_upper),
    "btrim": _trim(pc.utf8_trim),
    "trim": _trim(pc.utf8_trim),
    "ltrim": _trim(pc.utf8_ltrim),
    "rtrim": _trim(pc.utf8_rtrim),
    "substr": _substring,
    "substring": _substring,
    "left": _side(left=True),
    "right": _side(left=False),
    "replace": _replace,
    "reverse": _simple(pc.utf8_reverse),
    "concat": _concat,
    "concat_ws": _concat_ws,
    "starts_with": scalar(BOOL, str.startswith, TEXT, TEXT),
    "strpos": scalar(INT4, _position, TEXT, TEXT),
    "position": scalar(INT4, _position, TEXT, TEXT),
    "split_part": scalar(TEXT, _split_part, TEXT, TEXT, INT4),
    "lpad": scalar(TEXT, _pad(left=True), TEXT, INT4, TEXT),
    "rpad": scalar(TEXT, _pad(left=False), TEXT, INT4, TEXT),
    "repeat": scalar(TEXT, _repeat, TEXT, INT4),
    "initcap": scalar(TEXT, _initcap, TEXT),
    "translate": scalar(TEXT, _translate, TEXT, TEXT, TEXT),
    "overlay": scalar(TEXT, _overlay, TEXT, TEXT, INT4, INT4),
    "ascii": scalar(INT4, _ascii, TEXT),
    "chr": scalar(TEXT, _character, INT4),
    "normalize": scalar(TEXT, _normalize, TEXT, TEXT),
    "is_normalized": scalar(BOOL, _is_normalized, TEXT, TEXT),
    "md5": _digest("md5"),
    "sha256": _digest("sha256"),
    "sha224": _digest("sha224"),
    "sha512": _digest("sha512"),
}
