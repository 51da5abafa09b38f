"""Functions and operators of json and jsonb: documents are parsed once per distinct text."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.generator.expressions.casts import coerce
from app.generator.expressions.kinds import BOOL, INT4, INTEGERS, JSON, JSONB, STRINGS, TEXT, Kind
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Operand, fixed, lift_scalar
from app.generator.expressions.sorting import json_key
from app.generator.expressions.text_arguments import constant_text, text_of
from app.generator.expressions.text_forms import write_jsonb, write_text
from app.generator.expressions.vectors import Fails

DOCUMENTS = frozenset({"json", "jsonb"})
_TEXTS = Kind("array", TEXT)


@lru_cache(maxsize=8192)
def load(text: str) -> Any:
    """The document; numbers with a point as Decimal. Callers must not change it. Raises ValueError."""
    return json.loads(text, parse_float=Decimal)


def operator(name: str, left: Operand, right: Operand) -> Operand | None:
    """An operator whose left side is a document; None for any other."""
    if left.kind.name not in DOCUMENTS:
        return None
    kind = left.kind
    if name in ("->", "->>"):
        # A quoted literal is a key, as an untyped one is text to Postgres.
        step = right if right.kind.name in INTEGERS else text_of(right)
        return _step(kind, left, step, as_text=name == "->>")
    if name in ("#>", "#>>"):
        path = coerce(right, _TEXTS)
        if name == "#>":
            return lift_scalar(kind, lambda text, keys: _document(_follow(load(text), keys)), left, path)
        return lift_scalar(TEXT, lambda text, keys: _as_text(_follow(load(text), keys)), left, path)
    if kind.name == "json":
        return None
    if name == "?":
        return lift_scalar(BOOL, lambda text, key: _has_key(load(text), key), left, text_of(right))
    if name in ("?|", "?&"):
        test = any if name == "?|" else all
        keys = coerce(right, _TEXTS)
        return lift_scalar(
            BOOL, lambda text, k: test(_has_key(load(text), key) for key in k if key is not None), left, keys
        )
    if name in ("@>", "<@") and right.kind.name in DOCUMENTS | {"unknown"}:
        a, b = (left, coerce(right, JSONB)) if name == "@>" else (coerce(right, JSONB), left)
        return lift_scalar(BOOL, lambda outer, inner: contains(load(outer), load(inner)), a, b)
    if name == "-":
        return _without(left, right)
    if name == "||":
        return lift_scalar(JSONB, lambda a, b: write_jsonb(_joined(load(a), load(b))), left, coerce(right, JSONB))
    return None


_MISSING = object()


def _step(kind: Kind, left: Operand, step: Operand, as_text: bool) -> Operand:
    # jsonb keeps a lone scalar as an array of one, and lets it show here.
    get = _get_of_scalar if kind.name == "jsonb" else _get
    if as_text:
        return lift_scalar(TEXT, lambda text, key: _as_text(get(load(text), key)), left, step)
    return lift_scalar(kind, lambda text, key: _document(get(load(text), key)), left, step)


def _get_of_scalar(document: Any, key: str | int) -> Any:
    alone = isinstance(key, int) and not isinstance(document, dict | list)
    return _get([document] if alone else document, key)


def _get(document: Any, key: str | int) -> Any:
    if isinstance(key, str):
        return document.get(key, _MISSING) if isinstance(document, dict) else _MISSING
    if isinstance(document, list) and -len(document) <= key < len(document):
        return document[key]
    return _MISSING


def _follow(document: Any, keys: list[str | None]) -> Any:
    for key in keys:
        if key is None:
            return _MISSING
        if isinstance(document, list):
            if not key.lstrip("-").isdigit():
                return _MISSING
            document = _get(document, int(key))
        else:
            document = _get(document, key)
        if document is _MISSING:
            return _MISSING
    return document


def _document(found: Any) -> str | None:
    return None if found is _MISSING else write_jsonb(found)


def _as_text(found: Any) -> str | None:
    if found is _MISSING or found is None:
        return None
    return found if isinstance(found, str) else write_jsonb(found)


def _has_key(document: Any, key: str) -> bool:
    if isinstance(document, dict):
        return key in document
    if isinstance(document, list):
        return any(isinstance(item, str) and item == key for item in document)
    return isinstance(document, str) and document == key


def contains(outer: Any, inner: Any) -> bool:
    """`outer @> inner`: objects by keys, arrays by elements; an array holds a scalar at the top level."""
    if isinstance(outer, dict) and isinstance(inner, dict):
        return all(key in outer and _contains_inside(outer[key], value) for key, value in inner.items())
    if isinstance(outer, list) and isinstance(inner, list):
        return all(any(_contains_inside(item, wanted) for item in outer) for wanted in inner)
    if isinstance(outer, list) and not isinstance(inner, dict):
        return any(json_key(item) == json_key(inner) for item in outer)
    return bool(json_key(outer) == json_key(inner))


def _contains_inside(outer: Any, inner: Any) -> bool:
    if isinstance(inner, dict | list):
        return type(outer) is type(inner) and contains(outer, inner)
    return bool(json_key(outer) == json_key(inner))


def _without(left: Operand, right: Operand) -> Operand:
    step = right if right.kind.name in INTEGERS | {"array"} else text_of(right)

    def remove(text: str, key: Any) -> str:
        document = load(text)
        if isinstance(document, dict):
            keys = key if isinstance(key, list) else [key]
            if isinstance(key, int):
                raise Fails("cannot delete from object using integer index")
            return write_jsonb({k: v for k, v in document.items() if k not in keys})
        if not isinstance(document, list):
            raise Fails("cannot delete from scalar")
        if isinstance(key, int):
            index = key if key >= 0 else len(document) + key
            return write_jsonb([item for i, item in enumerate(document) if i != index])
        keys = key if isinstance(key, list) else [key]
        return write_jsonb([item for item in document if item not in keys])

    return lift_scalar(JSONB, remove, left, step)


def _joined(left: Any, right: Any) -> Any:
    if isinstance(left, dict) and isinstance(right, dict):
        return left | right
    return (left if isinstance(left, list) else [left]) + (right if isinstance(right, list) else [right])


def type_of(document: Any) -> str:
    """jsonb_typeof."""
    if document is None:
        return "null"
    if isinstance(document, bool):
        return "boolean"
    if isinstance(document, dict):
        return "object"
    if isinstance(document, list):
        return "array"
    return "string" if isinstance(document, str) else "number"


def _documented(argument: Operand) -> Operand:
    return argument if argument.kind.name in DOCUMENTS else coerce(argument, JSONB)


def _typeof(arguments: Sequence[Operand]) -> Operand:
    return lift_scalar(TEXT, lambda text: type_of(load(text)), _documented(arguments[0]))


def _array_length(arguments: Sequence[Operand]) -> Operand:
    def count(text: str) -> int:
        document = load(text)
        if not isinstance(document, list):
            raise Fails("cannot get array length of a non-array")
        return len(document)

    return lift_scalar(INT4, count, _documented(arguments[0]))


def _extract_path(as_text: bool) -> Callable[[Sequence[Operand]], Operand]:
    def build(arguments: Sequence[Operand]) -> Operand:
        document = _documented(arguments[0])
        keys = [text_of(argument) for argument in arguments[1:]]
        if as_text:
            return lift_scalar(TEXT, lambda text, *path: _as_text(_follow(load(text), list(path))), document, *keys)
        kind = document.kind
        return lift_scalar(kind, lambda text, *path: _document(_follow(load(text), list(path))), document, *keys)

    return build


def _exists(arguments: Sequence[Operand]) -> Operand:
    return lift_scalar(BOOL, lambda t, key: _has_key(load(t), key), _documented(arguments[0]), text_of(arguments[1]))


def _is_json(arguments: Sequence[Operand]) -> Operand:
    kind = constant_text(arguments[1], "a kind")
    value = arguments[0]

    def test(text: str) -> bool:
        try:
            found = type_of(load(text))
        except ValueError:
            return False
        return kind == "any" or kind == found or (kind == "scalar" and found not in ("object", "array"))

    subject = value if value.kind.name in DOCUMENTS else text_of(value)
    return lift_scalar(BOOL, test, subject)


def _to_json(kind: Kind) -> Callable[[Sequence[Operand]], Operand]:
    def build(arguments: Sequence[Operand]) -> Operand:
        (value,) = arguments
        source = value.kind
        if source.name in DOCUMENTS:
            return Operand(kind, value.run, value.columns, value.value)
        return lift_scalar(kind, lambda item: write_jsonb(_as_json(item, source)), value)

    return build


def _as_json(value: Any, kind: Kind) -> Any:
    if value is None or (isinstance(value, bool | int | Decimal) and kind.name not in ("date", "timestamp", "time")):
        return value
    if isinstance(value, list):
        return [_as_json(item, kind.element or TEXT) for item in value]
    if kind.name in STRINGS:
        return value
    text = write_text(value, kind)
    if kind.name in ("float4", "float8"):
        return Decimal(text)
    return text.replace(" ", "T") if kind.name.startswith("timestamp") else text


def subscript(document: Operand, index: Operand) -> Operand:
    """`document['key']` of jsonb."""
    step = index if index.kind.name in INTEGERS else text_of(index)
    return _step(JSONB, document, step, as_text=False)


def _build_object(arguments: Sequence[Operand]) -> Operand:
    if arguments:
        raise ExpressionUnknown("jsonb_build_object with arguments")
    return fixed(JSONB, "{}")


def _strip_nulls(arguments: Sequence[Operand]) -> Operand:
    def strip(document: Any) -> Any:
        if isinstance(document, dict):
            return {key: strip(item) for key, item in document.items() if item is not None}
        return [strip(item) for item in document] if isinstance(document, list) else document

    return lift_scalar(JSONB, lambda text: write_jsonb(strip(load(text))), _documented(arguments[0]))


FUNCTIONS: dict[str, Callable[[Sequence[Operand]], Operand]] = {
    **dict.fromkeys(("json_typeof", "jsonb_typeof"), _typeof),
    **dict.fromkeys(("json_array_length", "jsonb_array_length"), _array_length),
    **dict.fromkeys(("json_extract_path", "jsonb_extract_path"), _extract_path(as_text=False)),
    **dict.fromkeys(("json_extract_path_text", "jsonb_extract_path_text"), _extract_path(as_text=True)),
    "jsonb_exists": _exists,
    "jsonb_build_object": _build_object,
    "jsonb_strip_nulls": _strip_nulls,
    "to_json": _to_json(JSON),
    "to_jsonb": _to_json(JSONB),
    "is_json": _is_json,
}
