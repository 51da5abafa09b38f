"""Values drawn from domains, as a generator would: for tests of what domains promise."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.arrow_types import arrow_type
from app.generator.domain import Domain
from app.generator.expressions.kinds import INTEGERS, Kind, kind_of
from app.generator.expressions.pattern import PatternGenerator
from app.generator.expressions.text_forms import read_text
from app.generator.keys import draw
from app.generator.snapshot.model import Column
from app.generator.values.networks import restricted
from tests.unit.expressions.checks import TYPES

ATTEMPTS = 400


def draw_column(column: Column, domain: Domain, rows: int, chance: random.Random, null_rate: float = 0.2) -> list[Any]:
    """Values that honour the domain, as Python values of the column's Arrow type."""
    kind = kind_of(column.type, TYPES)
    texts = _pattern_texts(domain, rows, chance) if domain.patterns else None
    found: list[Any] = []
    for row in range(rows):
        if domain.null_only or (domain.nullable and column.nullable and chance.random() < null_rate):
            found.append(None)
        else:
            found.append(texts[row] if texts is not None else one_value(kind, domain, chance))
    return found


def _pattern_texts(domain: Domain, rows: int, chance: random.Random) -> list[str]:
    generator = PatternGenerator.for_domain(domain)
    words = draw(chance.getrandbits(60), np.arange(rows), 0)
    return list(generator.draw(words).to_pylist())


def one_value(kind: Kind, domain: Domain, chance: random.Random) -> Any:
    """One value that the domain permits."""
    for _ in range(ATTEMPTS):
        literal = _literal(kind, domain, chance)
        if not isinstance(literal, int | str | Decimal | bool) or domain.permits(literal):
            return _stored(kind, literal)
    raise AssertionError(f"no value of {kind} found for {domain.to_json()}")


def _stored(kind: Kind, literal: Any) -> Any:
    if kind.name in ("date", "timestamp", "timestamptz", "time") and isinstance(literal, str):
        return read_text(literal, kind)
    if kind.name in ("float4", "float8") and isinstance(literal, Decimal):
        return float(literal)
    return literal


def _literal(kind: Kind, domain: Domain, chance: random.Random) -> Any:
    if domain.values is not None:
        return chance.choice(domain.values)
    name = kind.name
    if name in INTEGERS or name in ("numeric", "float4", "float8"):
        return _number(kind, domain, chance)
    if name == "bool":
        return chance.random() < 0.5
    if name == "date":
        return _moment(domain, chance, "%Y-%m-%d")
    if name in ("timestamp", "timestamptz"):
        return _moment(domain, chance, "%Y-%m-%dT%H:%M:%S") + ("+00:00" if name == "timestamptz" else "")
    if name == "time":
        return f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:00"
    if name == "interval":
        low = 1 if domain.low is not None else 0
        return f"{chance.randrange(low, 20):02d}:{chance.randrange(60):02d}:00"
    if name == "jsonb":
        return _document(domain, chance)
    if name == "array":
        return _array(kind, domain, chance)
    if name == "range":
        return _range(kind, domain, chance)
    if name == "uuid":
        return f"{chance.getrandbits(128):032x}"
    if name == "bytea":
        least = domain.min_bytes or 0
        return chance.randbytes(chance.randint(least, domain.max_bytes if domain.max_bytes is not None else least + 8))
    if name == "inet" and (domain.networks or domain.masks is not None):
        made = restricted(domain.networks, domain.masks, host=True)
        assert made is not None
        return made.at(np.array([chance.randrange(made.capacity)]))[0].as_py()
    if name == "inet":
        return chance.choice(["192.0.2.1", "2001:db8::1"])
    if name == "enum":
        return chance.choice(kind.labels)
    return _text(kind, domain, chance)


def _number(kind: Kind, domain: Domain, chance: random.Random) -> Any:
    low = Decimal(-50) if domain.low is None else Decimal(domain.low)
    high = max(low, Decimal(0)) + 200 if domain.high is None else Decimal(domain.high)
    low = min(low, high - 200) if domain.low is None else low
    if kind.name in INTEGERS:
        value = chance.randint(int(low), int(high))
        if domain.multiple_of is not None:
            value = value // int(domain.multiple_of) * int(domain.multiple_of) + int(domain.remainder)
        return value
    scale = 2 if kind.scale is None else kind.scale
    drawn = (low + (high - low) * Decimal(chance.randrange(10**6)) / 10**6).quantize(Decimal(1).scaleb(-scale))
    if domain.multiple_of is not None:
        unit = Decimal(domain.multiple_of)
        drawn = (drawn // unit * unit + Decimal(domain.remainder)).quantize(Decimal(1).scaleb(-scale))
    return drawn


def _moment(domain: Domain, chance: random.Random, form: str) -> str:
    low = datetime.fromisoformat(str(domain.low or "1950-01-01")).replace(tzinfo=None)
    high = datetime.fromisoformat(str(domain.high or "2025-12-31")).replace(tzinfo=None)
    high = max(high, low + timedelta(days=400)) if domain.high is None else high
    low = min(low, high - timedelta(days=400)) if domain.low is None else low
    return (low + (high - low) * chance.random()).strftime(form)


def _text(kind: Kind, domain: Domain, chance: random.Random) -> str:
    least = max(domain.min_length or 0, domain.min_bytes or 0)
    bounds = [n for n in (domain.max_length, domain.max_bytes, kind.length, least + 12) if n is not None]
    letters = "abcdefghij -Z" if domain.case is None else "abcdefghij -"
    text = "".join(chance.choice(letters) for _ in range(chance.randint(least, max(least, min(bounds)))))
    if domain.trimmed or domain.not_blank:
        text = text.replace(" ", "x")
    return text.upper() if domain.case == "upper" else text


def _document(domain: Domain, chance: random.Random) -> str:
    shapes = {"object": "{}", "array": "[1]", "string": '"a"', "number": "1", "boolean": "true", "null": "null"}
    if domain.json_keys:
        inner = ", ".join(f'"{key}": "a"' for key in domain.json_keys)
        return "{" + inner + "}"
    return shapes[chance.choice(domain.json_types or tuple(shapes))]


def _array(kind: Kind, domain: Domain, chance: random.Random) -> list[Any]:
    least = domain.min_items or 0
    most = domain.max_items if domain.max_items is not None else least + 3
    assert kind.element is not None
    element = domain.element or Domain()
    return [one_value(kind.element, element, chance) for _ in range(chance.randint(least, most))]


def _range(kind: Kind, domain: Domain, chance: random.Random) -> str:
    if not domain.range_not_empty and chance.random() < 0.1:
        return "empty"
    assert kind.element is not None
    element = domain.element or Domain()
    low, high = sorted(str(_literal(kind.element, element, chance)) for _ in range(2))
    if kind.element.name == "int4":
        low, high = sorted((low, high), key=int)
    return f'["{low}","{high}"]'


def as_arrays(columns: Mapping[str, Column], drawn: Mapping[str, list[Any]]) -> dict[str, pa.Array]:
    """Drawn values as the engine's arrays."""
    found = {}
    for name, values in drawn.items():
        type_ = arrow_type(columns[name].type)
        if pa.types.is_temporal(type_):
            width = pa.int32() if type_ == pa.date32() else pa.int64()
            found[name] = pa.array(values, width).view(type_)
        else:
            found[name] = pa.array(values, type_)
    return found
