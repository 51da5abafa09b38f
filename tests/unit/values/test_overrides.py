"""What people may write into config.overrides, and what they are told when it is wrong."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.errors import OptionInvalid
from app.generator.domain import Domain, Pattern
from app.generator.snapshot.model import Column
from app.generator.values.choice import OVERRIDE, Choice
from app.generator.values.nulls import null_rate
from app.generator.values.overrides import override_choice, problems_of
from app.generator.values.registry import build, build_unique, describe, entries
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


def test_any_generator_waits_for_another_column() -> None:
    """NULL unless the other column has one of the words; refused where that cannot be."""
    title = _SIBLINGS["title"].to_pylist()
    rule = {"column": "title", "words": [title[0]]}
    made = _made({"generator": "company", "options": {"when": rule}})
    assert [value is not None for value in made] == [other == title[0] for other in title]
    for wrong, told in (({"column": "nope"}, "no other column"), ("title", "must be {column, words}")):
        problems = problems_of({"generator": "company", "options": {"when": wrong}}, column("text"))
        assert told in problems[0].message
    fixed = replace(column("text"), column=Column("c", column("text").type, nullable=False))
    problems = problems_of({"generator": "company", "options": {"when": rule}}, fixed)
    assert [problem.message for problem in problems] == ["when: the column may not be null"]


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
    assert problems_of({"nullRate": 0.5}, held)


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
        ({"generator": "email", "extra": 1}, "text", "generator, options, nullRate"),
        ({"nullRate": 7}, "text", "between 0 and 1"),
        ({"expression": "drop table students"}, "text", "expression"),
        ({"expression": "nope + 1"}, "int4", "nope"),
        ({"sequence": {"start": 0, "step": 0}}, "int4", "step must not be zero"),
        ({"sequence": {"start": 99999}}, "int2", "start must be between"),
        ({"generator": "pool", "options": {"name": "nope"}}, "text", "no pool"),
        ({"generator": "timestamp", "options": {"pattern": "hourly"}}, "timestamptz", "pattern"),
        ({"regex": "("}, "text", "cannot be filled in"),
        ({"generator": "numbr"}, "int4", "did you mean 'number'"),
        ({"tempalte": "x"}, "text", "did you mean 'template'"),
        ({"generator": "status", "options": {"vlaues": ["a"]}}, "text", "did you mean 'values'"),
        ({"generator": "later", "options": {"of": ["create_at"]}}, "date", "did you mean 'created_at'"),
        ({"reference": "zipf"}, "int4", "foreign key"),
    ],
)  # fmt: skip
def test_mistakes_are_named(override: Any, kind: str, said: str) -> None:
    """Each wrong override is refused with a sentence that says what is wrong."""
    problems = problems_of(override, column(kind))
    assert len(problems) == 1
    assert said in problems[0].message


def test_every_mistake_of_an_override_is_told_with_its_place() -> None:
    """Each option that is wrong is a problem of its own, with the way to it and the name that was meant."""
    wanted = {"generator": "number", "options": {"mim": 1, "max": "x", "distribution": "zip"}}
    found = {problem.path: problem.meant for problem in problems_of(wanted, column("int4"))}
    assert found == {("options", "mim"): "min", ("options", "max"): None, ("options", "distribution"): "zipf"}


def test_overrides_are_never_served_by_something_else() -> None:
    """Neither outside the bounds that were asked for nor by another generator's text: what cannot be is refused."""
    lists = column("text", Domain(values=("a", "b")))
    assert "nothing but a, b" in problems_of({"generator": "email"}, lists)[0].message
    narrow = column("int4", Domain(low=18, high=90))
    assert (
        "no number between" in problems_of({"generator": "number", "options": {"min": 0, "max": 9}}, narrow)[0].message
    )
    codes = column("text", Domain(patterns=(Pattern("^[A-Z]{3}$"),)))
    assert "refuse nearly all" in problems_of({"generator": "email"}, codes)[0].message
    context = column("int4", unique=True)
    choice = override_choice({"generator": "number", "options": {"min": 5, "max": 14}}, context)
    assert build_unique(choice, context, 1000).capacity == 10


def test_overrides_honour_the_domain() -> None:
    """A value that the checks forbid is refused; bounds narrow what a generator makes."""
    assert "do not allow" in problems_of(7, column("int4", Domain(low=10)))[0].message
    assert "longer than 2" in problems_of("abc", column("varchar(2)"))[0].message
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


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({"min": "2020-06-01", "max": "2021-06-01"}, True),
        ({"max": "2021-06-01"}, True),
        ({"min": "2031-01-01"}, True),
        ({"min": "2023-06-01", "max": "2024-06-01"}, False),
        ({"min": "2010-01-01", "max": "2040-01-01"}, False),
    ],
)
def test_moments_that_a_check_leaves_none_of_are_refused(options: dict[str, Any], refused: bool) -> None:
    """As it is with numbers: bounds that were asked for are kept, or the request is refused."""
    domain = Domain(low="2024-01-01T00:00:00+00:00", high="2030-01-01T00:00:00+00:00")
    choice = Choice("timestamp", options, OVERRIDE)
    if refused:
        with pytest.raises(OptionInvalid, match="no moment between"):
            build(choice, column("timestamptz", domain))
        return
    found = build(choice, column("timestamptz", domain)).draw(1, np.arange(200), {}, 0).to_pylist()
    assert all("2024" <= str(moment) < str(options["max"]) for moment in found)


@pytest.mark.parametrize("options", [{"max": "2011-06-01"}, {"min": "2090-01-01"}])
def test_one_bound_of_a_moment_is_enough(options: dict[str, str]) -> None:
    """The other lies on its far side, wherever moments would come naturally."""
    found = build(Choice("timestamp", options, OVERRIDE), column("date")).draw(1, np.arange(200), {}, 0).to_pylist()
    assert len(set(found)) > 100
    assert all(str(day) <= options.get("max", "9") and str(day) >= options.get("min", "") for day in found)
