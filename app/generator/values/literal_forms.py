"""What a text has to look like to be a value of a type that is written as text: a uuid, an address, a range.

Postgres reads more spellings of some types than are told here in full. Of those only what it cannot be is refused.
"""

import ipaddress
import json
import re
from datetime import datetime
from decimal import Decimal

from app.generator.snapshot.model import CompositeType
from app.generator.types import TypeCatalog

_NUMBER = r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*"
_RANGE = r"\s*(empty|[\[(].*,.*[\])])\s*"
_SPANS = ("int4", "int8", "num", "date", "ts", "tstz")
_SHAPE = r".*\d.*,.*\d.*"
_PATTERNS = {
    "uuid": r"\{?[0-9a-f]{4}(-?[0-9a-f]{4}){7}\}?",
    "macaddr": r"[0-9a-f]{2}([:-]?[0-9a-f]{2}){5}|([0-9a-f]{4}[.-]){2}[0-9a-f]{4}",
    "macaddr8": r"[0-9a-f]{2}([:-]?[0-9a-f]{2}){5}([:-]?[0-9a-f]{2}){0,2}|([0-9a-f]{4}[.-]){2,3}[0-9a-f]{4}",
    "interval": r".*\d.*|-?infinity",
    "bit": r"[01]*|b[01]+|x[0-9a-f]+",
    "varbit": r"[01]*|b[01]+|x[0-9a-f]+",
    "point": rf"\s*\(?{_NUMBER},{_NUMBER}\)?\s*",
    "ltree": r"[\w-]*(\.[\w-]+)*",
    "vector": r"\s*\[.*\]\s*",
    **{f"{name}range": _RANGE for name in _SPANS},
    **{f"{name}multirange": r"\s*\{.*\}\s*" for name in _SPANS},
    **dict.fromkeys(("line", "lseg", "box", "path", "polygon", "circle"), _SHAPE),
}
_NUMBERS = {
    **dict.fromkeys(("int2", "int4", "int8"), r"\s*[-+]?[\d_]+\s*"),
    **dict.fromkeys(("numeric", "float4", "float8"), rf"{_NUMBER}|\s*(nan|[-+]?inf(inity)?)\s*"),
}
_JSON = frozenset({"json", "jsonb"})
# A part of an address, as cidr takes it: 10/8.
_SHORT_NETWORK = re.compile(r"\d{1,3}(\.\d{1,3}){0,2}(/\d{1,2})?")
_LEAST_SURROGATE, _MOST_SURROGATE = "\ud800", "\udfff"


def unstorable(text: str) -> str | None:
    """Why Postgres stores no such text; None where it does."""
    if "\0" in text:
        return "no text of Postgres has a NUL in it"
    if any(_LEAST_SURROGATE <= sign <= _MOST_SURROGATE for sign in text):
        return "half of a surrogate pair is no character"
    return None


def misfit(text: str, type_name: str) -> str | None:
    """Why a text is no value of a type; None where it is one or nothing is known of the type."""
    problem = unstorable(text)
    if problem is not None:
        return f"{text[:60]!a}: {problem}"
    if type_name in _JSON:
        return None if _is_json(text) else f"{text[:60]!r} is no {type_name}; a text in it stands in quotes of its own"
    pattern = _PATTERNS.get(type_name)
    fits = pattern is None or re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL) is not None
    if type_name in ("inet", "cidr"):
        fits = _is_address(text, type_name)
    if fits and type_name.endswith("range"):
        fits = _in_order(text, type_name)
    return None if fits else f"{text[:60]!r} is no {type_name}"


def composite_misfit(text: str, composite: CompositeType, types: TypeCatalog) -> str | None:
    """Why a text is no value of a composite type; None where it is one, or nothing is known of its attributes."""
    from app.generator.expressions.literals import read_composite

    wrong = f"{text[:60]!r} is no {composite.name.name}"
    try:
        fields = read_composite(text)
    except ValueError:
        return f"{wrong}: its attributes stand in parentheses"
    if len(fields) != len(composite.attributes):
        return f"{wrong}: it has {len(composite.attributes)} attributes"
    for (name, declared), field in zip(composite.attributes, fields, strict=True):
        base = types.resolve(declared).base
        if field is None or base.array_dims or base.schema != "pg_catalog":
            continue
        number = _NUMBERS.get(base.name)
        if misfit(field, base.name) or (number is not None and not re.fullmatch(number, field, re.IGNORECASE)):
            return f"{wrong}: of its attributes {name} is no {base.name}"
    return None


def _in_order(text: str, type_name: str) -> bool:
    """Whether no range of the text ends before it begins, or has an end that is no number where it has to be one."""
    from app.generator.expressions.literals import read_multirange, read_range

    try:
        multi = type_name.endswith("multirange")
        ranges = read_multirange(text) if multi else [read_range(text)]
        kind = type_name.removesuffix("multirange" if multi else "range")
        return not any(_is_backwards(one.low, one.high, kind) for one in ranges if not one.empty)
    except (ValueError, ArithmeticError):
        return False


def _is_backwards(low: str | None, high: str | None, kind: str) -> bool:
    bounds = [bound.strip() for bound in (low, high) if bound is not None]
    if kind in ("int4", "int8"):
        numbers = [int(bound) for bound in bounds]
        return len(numbers) == 2 and numbers[0] > numbers[1]
    if kind == "num":
        exact = [Decimal(bound) for bound in bounds]
        return len(exact) == 2 and exact[0] > exact[1]
    try:
        moments = [datetime.fromisoformat(bound) for bound in bounds]
        return len(moments) == 2 and moments[0] > moments[1]
    except (ValueError, TypeError):
        return False  # Postgres reads more spellings than these, and times with and without a zone side by side


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(word: str) -> None:
    raise ValueError(word)


def _is_address(text: str, type_name: str) -> bool:
    try:
        if type_name == "inet":
            ipaddress.ip_interface(text.strip())
        else:
            ipaddress.ip_network(text.strip())
    except ValueError:
        return type_name == "cidr" and _SHORT_NETWORK.fullmatch(text) is not None
    return True
