"""JSON Schema, as far as our own document uses it: enough to hold answers to what is documented."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

_KINDS: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value == int(value),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_FORMATS: dict[str, Callable[[str], Any]] = {"uuid": UUID, "date-time": datetime.fromisoformat}
_KNOWN = frozenset(
    "$ref type enum const anyOf oneOf allOf properties required additionalProperties minProperties items minItems "
    "maxItems uniqueItems minLength maxLength pattern format minimum maximum title description default "
    "examples".split()
)


def violations(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "") -> list[str]:
    """What in `value` is not as `schema` says; empty when it holds. Fails on keywords that it does not know."""
    return list(_violations(value, schema, document, at))


def _violations(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str) -> Iterator[str]:
    unknown = schema.keys() - _KNOWN
    assert not unknown, f"keywords this validator does not know: {unknown}"
    if "$ref" in schema:
        target: Any = document
        for token in schema["$ref"].removeprefix("#/").split("/"):
            target = target[token]
        yield from _violations(value, target, document, at)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_KINDS[kind](value) for kind in kinds):
        yield f"{at}: {json.dumps(value)[:80]} is not of type {kinds}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not one of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    for inner in schema.get("allOf", []):
        yield from _violations(value, inner, document, at)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            count = sum(not violations(value, inner, document, at) for inner in schema[word])
            if count == 0 or (word == "oneOf" and count > 1):
                yield f"{at}: {count} of {word} hold for {json.dumps(value)[:80]}"
    if isinstance(value, dict):
        yield from _object_violations(value, schema, document, at)
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{at}: {len(value)} items"
        for position, item in enumerate(value):
            yield from _violations(item, schema.get("items", {}), document, f"{at}/{position}")
    elif isinstance(value, str):
        yield from _string_violations(value, schema, at)
    elif _KINDS["number"](value) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value} is out of range"


def _object_violations(
    value: dict[str, Any], schema: dict[str, Any], document: dict[str, Any], at: str
) -> Iterator[str]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}: {name} is missing"
    if len(value) < schema.get("minProperties", 0):
        yield f"{at}: too few members"
    for name, inner in value.items():
        if name in properties:
            yield from _violations(inner, properties[name], document, f"{at}/{name}")
        elif others is False:
            yield f"{at}: {name} is not documented"
        elif isinstance(others, dict):
            yield from _violations(inner, others, document, f"{at}/{name}")


def _string_violations(value: str, schema: dict[str, Any], at: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{at}: {len(value)} characters"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not match {schema['pattern']}"
    if schema.get("format") in _FORMATS:
        try:
            _FORMATS[schema["format"]](value)
        except ValueError:
            yield f"{at}: {value!r} is no {schema['format']}"
