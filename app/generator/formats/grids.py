"""Arrays of several dimensions, which travel as Postgres' text, as JSON. They are rare: each text is read once."""

import json
import re
from collections.abc import Callable

import pyarrow as pa

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([^{},"]+)|([{},])')
# The one type whose arrays have another sign between elements, since its own text has commas and is not quoted.
_TOKEN_OF_BOXES = re.compile(r'"((?:[^"\\]|\\.)*)"|([^{};"]+)|([{};])')
_BRACKETS = {"{": "[", "}": "]", ",": ",", ";": ","}
_NUMBERS = frozenset({"int2", "int4", "int8", "oid", "xid", "cid", "float4", "float8", "numeric"})
_NUMBER = re.compile(r"-?[0-9]")


def grid_json(texts: pa.Array, element_kind: str) -> pa.Array:
    """`{{1,2},{3,NULL}}` as `[[1,2],[3,null]]`, for elements of a base type by its name; NULL stays null."""
    write = _writer(element_kind)
    token = _TOKEN_OF_BOXES if element_kind == "box" else _TOKEN
    encoded = texts.dictionary_encode()
    values = [None if text is None else _convert(text, token, write) for text in encoded.dictionary.to_pylist()]
    return pa.array(values, pa.string()).take(encoded.indices)


def _convert(text: str, token: re.Pattern[str], write: Callable[[str], str]) -> str:
    if "{" not in text:
        return _quote(text)  # no array: a type whose own name begins like an array's
    # The bounds in front of `[0:1]={1,2}` have no place in JSON.
    return "".join(_json_token(found, write) for found in token.finditer(text, text.index("{")))


def _json_token(token: "re.Match[str]", write: Callable[[str], str]) -> str:
    quoted, bare, sign = token.groups()
    if sign is not None:
        return _BRACKETS[sign]
    if bare is not None:
        return "null" if bare.lower() == "null" else write(bare)
    return write(re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))


def _writer(kind: str) -> Callable[[str], str]:
    """How one element is written, as Postgres' `to_json` does."""
    if kind in _NUMBERS:
        return lambda text: text if _NUMBER.match(text) else _quote(text)
    if kind == "bool":
        return lambda text: "true" if text == "t" else "false"
    if kind in ("json", "jsonb"):
        return lambda text: text.replace("\n", " ").replace("\r", " ")
    if kind == "timestamp":
        return lambda text: _quote(text.replace(" ", "T", 1))
    if kind == "timestamptz":
        return lambda text: _quote(re.sub(r"\+00( BC)?$", r"+00:00\1", text.replace(" ", "T", 1)))
    return _quote


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
