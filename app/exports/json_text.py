"""JSON in UTF-8, read strictly, in bounded time and space."""

import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any

from app.errors import Fault, RequestMalformed
from app.exports.fields import shown

MOST_DEPTH = 64
# Each value costs some sixty bytes however short it is written: `[],[],[],…` must not become gigabytes.
MOST_VALUES = 1_000_000
_MOST_DIGITS = 1_000


@dataclass(frozen=True, slots=True)
class Body:
    """A decoded body, and the hash that says whether two bodies are the same."""

    value: Any
    sha256: str


def decode(raw: bytes) -> Body:
    """The value in `raw`. Raises RequestMalformed saying where what is wrong."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _malformed("invalid_encoding", f"byte {error.start} is not UTF-8", byte=error.start) from None
    if not text.strip():
        raise _malformed("empty_body", "the body is empty; a JSON object is expected")
    opened = text.count("[") + text.count("{")
    if opened + text.count(",") > MOST_VALUES:
        raise _malformed("too_many_values", f"the body has more than {MOST_VALUES:,} values")
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        message = f"the body is not JSON: {error.msg} at {where}"
        raise _malformed("invalid_json", message, line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise _too_deep() from None
    # The brackets that there are bound the depth, so that a common body needs no walk.
    if opened > MOST_DEPTH and _deeper_than(value, MOST_DEPTH):
        raise _too_deep()
    return Body(value, hashlib.sha256(_canonical(value)).hexdigest())


def _canonical(value: Any) -> bytes:
    # Two bodies are the same when they say the same, whatever the order of fields and the spaces between.
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                # Which of the two counts would be anybody's guess, a proxy's and ours might differ.
                raise _malformed("duplicate_field", f"the field {shown(name)} stands twice in one object")
            seen.add(name)
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise _malformed("number_too_long", f"a number in the body has more than {_MOST_DIGITS:,} digits")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _malformed("number_too_large", f"the number {shown(digits)} is too large")
    return number


def _no_number(name: str) -> Any:
    raise _malformed("invalid_json", f"the body is not JSON: {name} is no JSON number")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_no_number
)


def _deeper_than(value: Any, most: int) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(most):
        inner = (child for outer in level for child in (outer.values() if isinstance(outer, dict) else outer))
        level = [child for child in inner if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _too_deep() -> RequestMalformed:
    return _malformed("too_deep", f"the body is nested more than {MOST_DEPTH} levels deep")


def _malformed(code: str, message: str, **facts: Any) -> RequestMalformed:
    return RequestMalformed([Fault("", code, message, facts)])
