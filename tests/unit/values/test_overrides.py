"""What people may write into config.overrides, and what they are told when it is wrong."""

import json
from typing import Any

import numpy as np
import pytest

from app.errors import OptionInvalid
from app.generator.domain import Domain
from app.generator.snapshot.model import Column
from app.generator.values.choice import Choice
from app.generator.values.nulls import null_rate
from app.generator.values.registry import build, describe, entries, override_choice, validate_override
from tests.unit.values.columns import column, sibling_arrays

_ROWS = np.arange(200)
_SIBLINGS = sibling_arrays(_ROWS)


def _made(override: Any, kind: str = "text", domain: Domain | None = None) -> list[Any]:
    context = column(kind, domain)
    generator = build(override_choice(override, context), context)
    return list(generator.draw(1, _ROWS, _SIBLINGS, 0).to_pylist())


def test_short_forms() -> None:
    """A value, a list, weights, a template, a pattern, a sequence, an expression."""
    assert set(_made("EUR")) == {"EUR"}
    assert set(_made(7, "int4")) == {7}
    assert set(_made(True, "bool")) == {True}
    assert set(_made(["a", "b"])) == {"a", "b"}
    assert set(_made({"values": ["a", "b"], "weights": [1, 0]})) == {"a"}
    assert _made({"sequence": {"start": 5, "step": 5}}, "int4")[:3] == [5, 10, 15]
    assert _made({"sequence": 100}, "int8")[:2] == [100, 101]
    assert all(len(v) == 8 and v[3] == "-" for v in _made({"regex": "[A-Z]{3}-[0-9]{4}"}))
    assert all(v[2] == "/" for v in _made({"pattern": "??/##"}))
    first = _SIBLINGS["first_name"].to_pylist()
    assert _made({"template": "{{{first_name}}}"}) == [f"{{{name}}}" for name in first]
    product = _made({"expression": "quantity * unit_price"}, "numeric(18,2)")
    rows = zip(_SIBLINGS["quantity"].to_pylist(), _SIBLINGS["unit_price"].to_pylist(), strict=True)
    assert product == [q * p for q, p in rows]


def test_generator_with_options() -> None:
    """The long form names a generator of the catalogue."""
    values = _made({"generator": "number", "options": {"min": 3, "max": 5}}, "int4")
    assert set(values) == {3, 4, 5}


def test_null_rate() -> None:
    """A share of nulls goes with any object; null alone means always."""
    context = column("text")
    assert null_rate(override_choice({"generator": "email", "nullRate": 0.25}, context), context) == 250_000
    assert null_rate(override_choice({"nullRate": 1}, context), context) == 1_000_000
    assert null_rate(override_choice(None, context), context) == 1_000_000
    strict = Column("c", context.type, nullable=False)
    held = column("text", None)
    object.__setattr__(held, "column", strict)
    assert null_rate(Choice("email", {"null_rate": 1}), held) == 0
    assert validate_override({"nullRate": 0.5}, held)


@pytest.mark.parametrize(
    ("override", "kind", "said"),
    [
        ({"generator": "emial"}, "text", "no generator 'emial'"),
        ({"generator": "number", "options": {"mim": 1}}, "int4", "no option 'mim'"),
        ({"generator": "number", "options": {"min": "x"}}, "int4", "must be a number"),
        ({"generator": "number", "options": {"min": 5, "max": 1}}, "int4", "min is more than max"),
        ({"generator": "number", "options": {"distribution": "odd"}}, "int4", "must be one of"),
        ({"generator": "email"}, "int4", "email makes text"),
        ({"generator": "later", "options": {"of": ["nope"]}}, "date", "no other column"),
        ({"generator": "timestamp", "options": {"min": "soon"}}, "date", "ISO 8601"),
        ({"template": "{nope}"}, "text", "no other column"),
        ({"values": ["a"], "weights": [1, 2]}, "text", "1 values and 2 weights"),
        ({"values": []}, "text", "not empty"),
        (["a", 1], "int4", "not a number"),
        (1.5, "int4", "not a whole number"),
        ("yes", "bool", "neither true nor false"),
        ({"colour": "red"}, "text", "an override is a value"),
        ({"generator": "email", "extra": 1}, "text", "generator, options and nullRate"),
        ({"nullRate": 7}, "text", "between 0 and 1"),
        ({"expression": "drop table students"}, "text", "expression"),
        ({"expression": "nope + 1"}, "int4", "nope"),
        ({"sequence": {"start": 0, "step": 0}}, "int4", "step must not be zero"),
        ({"sequence": {"start": 99999}}, "int2", "start must be between"),
        ({"generator": "pool", "options": {"name": "nope"}}, "text", "no pool"),
        ({"generator": "timestamp", "options": {"pattern": "hourly"}}, "timestamptz", "pattern"),
        ({"regex": "("}, "text", "cannot be filled in"),
    ],
)  # fmt: skip
def test_mistakes_are_named(override: Any, kind: str, said: str) -> None:
    """Each wrong override is refused with a sentence that says what is wrong."""
    problems = validate_override(override, column(kind))
    assert len(problems) == 1
    assert said in problems[0]


def test_overrides_honour_the_domain() -> None:
    """A value that the checks forbid is refused; bounds narrow what a generator makes."""
    assert "do not allow" in validate_override(7, column("int4", Domain(low=10)))[0]
    assert "longer than 2" in validate_override("abc", column("varchar(2)"))[0]
    values = _made({"generator": "number", "options": {"min": 0, "max": 100}}, "int4", Domain(low=90))
    assert min(values) >= 90


def test_guesses_give_way_where_overrides_are_refused() -> None:
    """What was only guessed from a name never makes a plan fail."""
    context = column("int4")
    assert build(Choice("email", {}, "email, by its name"), context).arrow_type == context_type()
    with pytest.raises(OptionInvalid):
        build(Choice("email", {}, "override"), context)


def context_type() -> Any:
    """The Arrow type of int4."""
    import pyarrow as pa

    return pa.int32()


def test_catalogue_describes_every_generator() -> None:
    """As plain JSON, with an example that is valid."""
    catalogue = describe()
    assert json.loads(json.dumps(catalogue)) == catalogue
    assert {entry["name"] for entry in catalogue} == set(entries())
    assert all(entry["about"] and entry["serves"] for entry in catalogue)
