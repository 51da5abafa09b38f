"""Checks that drawing alone never meets: values are pieced together for them, and what nothing meets is refused soon."""

import json
from dataclasses import replace
from typing import Any

import pytest

from app.errors import PlanRefused
from app.generator import GeneratorConfig, Snapshot, batches, make_plan
from app.generator.engine.conditions import RowCheck
from app.generator.snapshot.model import Check, TypeRef

from .schemas import INT, TEXT, column, key, table, type_of

_TEXTS = TypeRef("pg_catalog", "text", (), 1)


def _rows(kind: TypeRef, check: str, *, rows: int = 60, unique: bool = False, cuts: tuple[int, ...] = ()) -> list[Any]:
    keys = (key("id", primary=True), *((key("x"),) if unique else ()))
    only = replace(table("frobs", column("id", INT), column("x", kind), keys=keys), checks=(Check("x_check", check),))
    plan = make_plan(Snapshot((only,)), GeneratorConfig(rows=rows), 1)
    assert not plan.warnings
    bounds = zip((0, *cuts), (*cuts, rows), strict=True)
    made = (batch for start, stop in bounds for batch in batches(plan, only.name, start, stop))
    return [row["x"] for batch in made for row in batch.to_pylist()]


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (TEXT, "concat(left(x, 1), right(x, 1)) = '()' AND length(x) > 4"),
        (TEXT, "reverse(x) LIKE '321%' AND x LIKE 'a%'"),
        (TEXT, "length(x) - length(replace(x, 'ab', '')) = 4"),
        (_TEXTS, "'en' = ANY (x) AND (x && ARRAY['de', 'fr'] OR cardinality(x) = 1)"),
        (type_of("jsonb"), "x @@ '$.price >= 10 && $.currency == \"EUR\"'"),
        (type_of("jsonb"), "(x #>> '{address,zip}') IS NOT NULL AND (x #> '{items,0,qty}')::int > 900"),
        (type_of("inet"), "masklen(x) = 24 AND x << '10.0.0.0/8'::inet"),
        (type_of("daterange"), "upper(x) = (lower(x) + interval '1 month')::date"),
        (type_of("point"), "x[0] BETWEEN 5 AND 6 AND x[1] > 47"),
    ],
)
def test_values_are_pieced_together_where_no_draw_meets_a_check(kind: TypeRef, check: str) -> None:
    """Each row has one, and the same one in whatever company it is made."""
    together = _rows(kind, check)
    assert len(together) == 60
    assert together == _rows(kind, check, cuts=(1, 9, 40))


def test_distinct_values_that_seldom_pass_are_redrawn_and_told_apart() -> None:
    """A key does not keep a column from being pieced together."""
    found = _rows(TEXT, "ascii(x) = 40 AND right(x, 1) = ')'", unique=True)
    assert len(set(found)) == 60
    assert all(value[0] == "(" and value[-1] == ")" for value in found)


@pytest.mark.parametrize("check", ["x % 7 <> 3", "x % 100 NOT IN (13, 14) AND x <> 5"])
def test_distinct_numbers_of_which_some_do_not_pass_are_told_apart_by_looking(check: str) -> None:
    """A number that a row has for its place in a key cannot be drawn again."""
    found = _rows(INT, check, rows=300, unique=True)
    assert len(set(found)) == 300
    assert not [x for x in found if x % 7 == 3] or "% 7" not in check
    assert not [x for x in found if x % 100 in (13, 14) or x == 5] or "100" not in check


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (TEXT, "length(x) = 4 AND md5(x) = 'nothing'"),
        (type_of("inet"), "host(x) = 'nowhere'"),
        (type_of("daterange"), "lower(x) > upper(x)"),
        (INT, "x * x = -1"),
    ],
)
def test_a_check_that_nothing_satisfies_is_refused_after_few_tries(
    kind: TypeRef, check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By table, constraint, expression and what to override; a large table costs no more tries for each of its rows."""
    tested = 0
    failing = RowCheck.failing

    def counted(self: RowCheck, arrays: Any, length: int) -> Any:
        nonlocal tested
        tested += length
        return failing(self, arrays, length)

    monkeypatch.setattr(RowCheck, "failing", counted)
    with pytest.raises(PlanRefused) as refused:
        _rows(kind, check, rows=3_000)
    (fault,) = refused.value.faults
    assert fault.message.startswith("public.frobs.x_check: ")
    assert f"CHECK ({check})" in fault.message
    assert fault.message.endswith("override x")
    assert fault.facts["expression"] == check
    assert tested < 9 * 3_000 + 140_000


def test_whether_anything_satisfies_a_check_does_not_depend_on_who_asks() -> None:
    """A value that few draws give is found for a row on its own as for many."""
    check = "x % 1000 = 7 AND x % 7 = 3 AND (x / 3) % 5 = 2"
    whole = _rows(INT, check, rows=30)
    assert whole == _rows(INT, check, rows=30, cuts=tuple(range(1, 30)))


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (type_of("int8"), "((x -> 'message') -> 'number')::jsonb::numeric = id AND x ->> 'kind' = 'a'"),
        (INT, "(x ->> 'n')::int = id AND (x ->> 'm')::bigint = id AND jsonb_typeof(x -> 'n') = 'number'"),
        (TEXT, "id = x ->> 'code' AND id ~ '^[A-Z]{5}$'"),
        (type_of("date"), "(x ->> 'day')::date = id"),
        (type_of("uuid"), "id = (x -> 'a' ->> 'b')::uuid"),
    ],
)
@pytest.mark.parametrize("null", [False, True])
def test_a_document_has_the_value_of_a_key_inside(kind: TypeRef, check: str, null: bool) -> None:
    """Documents that do are few when they are listed: the key counts on, and the document follows."""
    columns = (column("id", kind), column("x", type_of("jsonb"), null=null))
    only = replace(table("frobs", *columns, keys=(key("id", primary=True),)), checks=(Check("x_check", check),))
    plan = make_plan(Snapshot((only,)), GeneratorConfig(rows=90), 1)
    assert not plan.warnings
    rows = [row for batch in batches(plan, only.name, 0, 90) for row in batch.to_pylist()]
    assert len({row["id"] for row in rows}) == 90
    for row in rows:
        text = str(row["id"])
        assert f": {text}" in row["x"] or f': "{text}"' in row["x"]


def test_what_is_asked_inside_a_document_is_asked_of_the_key_that_it_has() -> None:
    """The key starts where the document's condition lets it."""
    columns = (column("id"), column("x", type_of("jsonb")))
    checks = (Check("same", "(x ->> 'n')::int = id"), Check("high", "(x ->> 'n')::int > 5"))
    only = replace(table("frobs", *columns, keys=(key("id", primary=True),)), checks=checks)
    plan = make_plan(Snapshot((only,)), GeneratorConfig(rows=90), 1)
    rows = [row for batch in batches(plan, only.name, 0, 90) for row in batch.to_pylist()]
    assert all(row["id"] > 5 and json.loads(row["x"])["n"] == row["id"] for row in rows)
