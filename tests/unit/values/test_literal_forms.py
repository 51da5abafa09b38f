"""What a person writes down is a value of the column's type, or is refused before a row is made."""

import re
from typing import Any

import pytest

from app.errors import OptionInvalid, PlanRefused
from app.generator import GeneratorConfig, Snapshot, make_plan
from app.generator.snapshot.model import CompositeType, QName, TypeRef
from app.generator.types import TypeCatalog
from app.generator.values.choice import OVERRIDE, Choice
from app.generator.values.literal_forms import composite_misfit
from app.generator.values.registry import build
from tests.unit.generator.schemas import INT, TEXT, table, type_of
from tests.unit.generator.schemas import column as declared
from tests.unit.values.columns import column

_GOOD: dict[str, list[Any]] = {
    "uuid": ["7c9e6679-7425-40de-944b-e07fc1f90ae7", "{7C9E6679742540DE944BE07FC1F90AE7}"],
    "inet": ["10.0.0.1", "10.0.0.1/8", "2001:db8::1"],
    "cidr": ["10.0.0.0/8", "10/8", "2001:db8::/32"],
    "macaddr": ["02:1a:2b:3c:4d:5e", "021a.2b3c.4d5e", "021A2B3C4D5E"],
    "interval": ["1 day", "P1DT2H", "-infinity"],
    "int4range": ["[1,5)", "empty", "(,7]", "[5,5]"],
    "numrange": ["[ 1.5 , 2 )", "[NaN,]"],
    "tstzrange": ["[2024-01-01 00:00+00,2024-02-01)", "[yesterday,tomorrow)", "(,infinity)"],
    "tstzmultirange": ["{}", "{[2024-01-01,2024-02-01)}"],
    "point": ["(1,2.5)", "-1e3,.5"],
    "varbit": ["101", "B01"],
    "jsonb": ['"a"', "{}", {"a": [1]}, 5, True],
    "date": ["2024-02-29"],
    "int2": [7],
    "float8": [1e308],
    "text": ["\U0001f642", ""],
}
_BAD: dict[str, list[Any]] = {
    "uuid": ["xyz", "7c9e6679-7425-40de-944b"],
    "inet": ["10.0.0", "10.0.0.256"],
    "cidr": ["10.0.0.1/8", "net"],
    "macaddr": ["02:1a:2b", "zz:zz:zz:zz:zz:zz"],
    "interval": ["soon"],
    "int4range": ["1-5", "[1,5", "[5,1)", "[a,5)"],
    "numrange": ["(2.5,2.4]"],
    "daterange": ["[2024-02-01,2024-01-01)"],
    "int4multirange": ["{[1,2),[7,5)}"],
    "tstzmultirange": ["[2024-01-01,)"],
    "point": ["1", "(a,b)"],
    "varbit": ["102"],
    "jsonb": ["a", "{a}", "NaN"],
    "date": ["2023-02-29"],
    "int2": [70_000, 10**400, 1.5],
    "numeric(12,2)": [10**12, 1.234],
    "text": ["a\0b", "\ud800"],
}


@pytest.mark.parametrize("generator", ["constant", "one_of"])
@pytest.mark.parametrize("kind", _GOOD)
def test_values_of_the_type_are_taken(kind: str, generator: str) -> None:
    """In every spelling that Postgres reads."""
    for value in _GOOD[kind]:
        build(_choice(generator, value), column(kind))


@pytest.mark.parametrize("generator", ["constant", "one_of"])
@pytest.mark.parametrize("kind", _BAD)
def test_others_are_refused(kind: str, generator: str) -> None:
    """In a sentence, whatever they are."""
    for value in _BAD[kind]:
        with pytest.raises(OptionInvalid):
            build(_choice(generator, value), column(kind))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('(1,"a, b",2.5)', ""),
        ("(,,)", ""),
        ("(x,a,1)", "x is no int4"),
        ("(1,a,many)", "price is no numeric"),
        ("(1,a)", "it has 3 attributes"),
        ("1,a,2", "parentheses"),
    ],
)
def test_composite_values_have_the_attributes_of_their_type(text: str, problem: str) -> None:
    """As many, each one that its type takes; what is left out is NULL."""
    pair = CompositeType(QName("public", "part"), (("x", INT), ("name", TEXT), ("price", type_of("numeric", 8, 2))))
    assert problem in (composite_misfit(text, pair, TypeCatalog((pair,))) or "")
    snapshot = Snapshot((table("t", declared("part", TypeRef("public", "part"))),), types=(pair,))
    config = GeneratorConfig(rows=5, overrides={"t": {"part": text}})
    if problem:
        with pytest.raises(PlanRefused, match=re.escape(problem)):
            make_plan(snapshot, config, 7)
    else:
        make_plan(snapshot, config, 7)


def test_what_a_column_has_no_room_for_is_not_cut() -> None:
    """A pattern is served as it is written."""
    build(Choice("pattern", {"pattern": "??-##"}, OVERRIDE), column("varchar(5)"))
    for pattern in ("???-####", "\0#"):
        with pytest.raises(OptionInvalid, match="pattern: "):
            build(Choice("pattern", {"pattern": pattern}, OVERRIDE), column("varchar(5)"))
    for template in ("\0{name}", "\ud800"):
        with pytest.raises(OptionInvalid, match="template: "):
            build(Choice("template", {"template": template}, OVERRIDE), column("text"))


@pytest.mark.parametrize(
    "overrides",
    [
        {"a": {"template": "{b}"}, "b": {"template": "{a}"}},
        {"a": {"expression": "b || '.'"}, "b": {"expression": "upper(c)"}, "c": {"template": "-{a}"}},
    ],
)
@pytest.mark.parametrize("rows", [10, 10**6])
def test_columns_that_are_made_of_each_other_are_refused(overrides: dict[str, Any], rows: int) -> None:
    """With the way that leads back, however many rows are asked for."""
    snapshot = Snapshot((table("t", *(declared(name, TEXT) for name in "abc")),))
    with pytest.raises(PlanRefused, match=r"public\.t\.a: .*\(a -> b -> .*a\)"):
        make_plan(snapshot, GeneratorConfig(rows=rows, overrides={"t": overrides}), 7)


def _choice(generator: str, value: Any) -> Choice:
    return Choice(generator, {"value": value} if generator == "constant" else {"values": [value]}, OVERRIDE)
