"""The text form of one value: what Postgres' input functions read and its output functions print."""

import json
import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

import numpy as np

from app.generator.expressions.addresses import canonical_address, canonical_mac
from app.generator.expressions.intervals import format_clock, format_interval, parse_interval
from app.generator.expressions.kinds import FLOATS, INTEGERS, Kind
from app.generator.expressions.literals import read_array, read_range, write_array
from app.generator.expressions.moments import (
    INFINITY,
    MINUS_INFINITY,
    format_date,
    format_timestamp,
    read_date,
    read_time,
    read_timestamp,
    round_micros,
)
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.vectors import Fails

INTEGER_BOUNDS = {
    "int2": (-(1 << 15), (1 << 15) - 1),
    "int4": (-(1 << 31), (1 << 31) - 1),
    "int8": (-(1 << 63), (1 << 63) - 1),
    "oid": (0, (1 << 32) - 1),
}
_DIGITS = Context(prec=2000, rounding=ROUND_HALF_UP)


def read_text(text: str, kind: Kind) -> Any:
    """The Python form of a value from the text that Postgres' input function takes. Raises Fails."""
    reader = _READERS.get(kind.name)
    if reader is None:
        return text
    try:
        return reader(text, kind)
    except (ValueError, InvalidOperation, KeyError, OverflowError) as error:
        raise Fails(f"{text!r} is no {kind}: {error}") from None


def _read_bool(text: str, kind: Kind) -> bool:
    word = text.strip().lower()
    for value, names in ((True, ("true", "yes", "on", "1")), (False, ("false", "no", "off", "0"))):
        if word and any(name.startswith(word) and (name not in ("on", "off") or len(word) > 1) for name in names):
            return value
    raise ValueError(text)


_INTEGER = re.compile(r"\s*[+-]?(\d+|0x[0-9a-f]+|0o[0-7]+|0b[01]+)\s*", re.IGNORECASE)


def _read_integer(text: str, kind: Kind) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(text)
    plain = text.strip().lower()
    value = int(plain, 0) if plain.lstrip("+-")[:2] in ("0x", "0o", "0b") else int(plain)
    low, high = INTEGER_BOUNDS[kind.name]
    if not low <= value <= high:
        raise ValueError("out of range")
    return value


_DECIMAL = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", re.IGNORECASE)


def _read_numeric(text: str, kind: Kind) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    value = Decimal(text.strip())
    if kind.scale is not None and kind.precision is not None:
        value = value.quantize(Decimal(1).scaleb(-kind.scale), context=_DIGITS)
        if value.copy_abs() >= Decimal(10) ** (kind.precision - kind.scale):
            raise ValueError("out of range")
    return value


def _read_float(text: str, kind: Kind) -> float:
    word = text.strip().lower()
    if word.lstrip("+-") in ("nan", "infinity", "inf"):
        return float(word)
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return float(np.float32(text)) if kind.name == "float4" else float(text)


def _needed(value: Any) -> Any:
    if value is None:
        raise ValueError("not understood")
    return value


def _read_sized(text: str, kind: Kind) -> str:
    cut = text if kind.length is None else text[: kind.length]
    return cut.ljust(kind.length or 0) if kind.name == "bpchar" else cut


def _read_label(text: str, kind: Kind) -> str:
    if text not in kind.labels:
        raise ValueError("no such label")
    return text


def _read_uuid(text: str, kind: Kind) -> str:
    digits = text.strip().strip("{}").replace("-", "").lower()
    if not re.fullmatch(r"[0-9a-f]{32}", digits):
        raise ValueError(text)
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _read_bytea(text: str, kind: Kind) -> bytes:
    if text.startswith("\\x"):
        return bytes.fromhex(text[2:])
    if "\\" in text:
        raise ValueError("escapes")
    return text.encode()


def _read_json(text: str, kind: Kind) -> str:
    json.loads(text)
    return text


def _read_moment(text: str, kind: Kind) -> int:
    if kind.name == "date":
        return int(_needed(read_date(text)))
    micros = int(_needed(read_timestamp(text, kind.name == "timestamptz")))
    if kind.precision is not None and kind.precision < 6 and micros not in (INFINITY, MINUS_INFINITY):
        unit = 10 ** (6 - kind.precision)
        micros = int(round_micros(micros, unit))
    return micros


def read_money(text: str) -> Decimal:
    """A money value's text as a number."""
    plain = re.sub(r"[^0-9.()-]", "", text)
    negative = plain.startswith("(") or "-" in plain
    number = Decimal(re.sub(r"[^0-9.]", "", plain) or "0")
    return -number if negative else number


def _read_array(text: str, kind: Kind) -> list[Any]:
    assert kind.element is not None
    element = kind.element
    return [None if item is None else read_text(item, element) for item in read_array(text)]


def _read_range(text: str, kind: Kind) -> str:
    read_range(text)
    return text


_READERS: dict[str, Callable[[str, Kind], Any]] = {
    "bool": _read_bool,
    "int2": _read_integer,
    "int4": _read_integer,
    "int8": _read_integer,
    "oid": _read_integer,
    "numeric": _read_numeric,
    "float4": _read_float,
    "float8": _read_float,
    "bpchar": _read_sized,
    "varchar": _read_sized,
    "enum": _read_label,
    "uuid": _read_uuid,
    "bytea": _read_bytea,
    "json": _read_json,
    "jsonb": _read_json,
    "date": _read_moment,
    "timestamp": _read_moment,
    "timestamptz": _read_moment,
    "time": lambda text, kind: int(_needed(read_time(text))),
    "interval": lambda text, kind: _needed(parse_interval(text)),
    "inet": lambda text, kind: canonical_address(text, network=False),
    "cidr": lambda text, kind: canonical_address(text, network=True),
    "macaddr": lambda text, kind: canonical_mac(text, 6),
    "macaddr8": lambda text, kind: canonical_mac(text, 8),
    "array": _read_array,
    "range": _read_range,
}


def write_text(value: Any, kind: Kind) -> str:
    """What Postgres' output function prints for a value in its Python form."""
    name = kind.name
    if name == "bool":
        return "true" if value else "false"
    if name == "numeric":
        scale = kind.scale
        return (
            f"{value:f}" if scale is None else f"{value.quantize(Decimal(1).scaleb(-max(0, scale)), context=_DIGITS):f}"
        )
    if name in FLOATS:
        return write_float(value, name)
    if name == "date":
        return format_date(value)
    if name in ("timestamp", "timestamptz"):
        return format_timestamp(value, name == "timestamptz")
    if name == "time":
        return format_clock(value)
    if name == "interval":
        return format_interval(value)
    if name == "bytea":
        return "\\x" + bytes(value).hex()
    if name == "array":
        element = kind.element or Kind("text")
        return write_array([None if item is None else _array_item(item, element) for item in value])
    if name == "jsonb":
        return write_jsonb(json.loads(value, parse_float=Decimal))
    if isinstance(value, str):
        return value
    if name in INTEGERS:
        return str(value)
    raise ExpressionUnknown(f"the text form of {kind}")


def _array_item(item: Any, kind: Kind) -> str:
    return ("t" if item else "f") if kind.name == "bool" else write_text(item, kind)


def write_float(value: float, name: str) -> str:
    """The shortest text that reads back as the same float, as Postgres prints it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = str(np.float32(value)) if name == "float4" else repr(float(value))
    digits = Decimal(text)
    if digits == 0:
        return "-0" if text.startswith("-") else "0"
    exponent = digits.adjusted()
    limit = 6 if name == "float4" else 15
    if -4 <= exponent < limit:
        return f"{digits.normalize(_DIGITS):f}"
    sign, figures, _ = digits.normalize(_DIGITS).as_tuple()
    head, tail = str(figures[0]), "".join(map(str, figures[1:]))
    mantissa = head + (f".{tail}" if tail else "")
    return f"{'-' if sign else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def write_jsonb(value: Any) -> str:
    """A document as jsonb prints it: keys by length then bytes, one space after colons and commas."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        inner = ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {write_jsonb(value[key])}" for key in keys)
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(write_jsonb(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False)
