"""Checks whose functions look at the row that a reference leads to: kept where that row is chosen, and else told of."""

from dataclasses import replace
from typing import Any

import pytest

from app.generator import GeneratorConfig, Snapshot, batches, make_plan
from app.generator.snapshot.model import Check, Column, ForeignKey, QName, SqlFunction, Table, TypeRef

from .schemas import INT, column, key, reference, table

_BOOL = TypeRef("pg_catalog", "bool")
_CHECK = Check("parent_ok", "even_parent(parent_id)")
_BY_NUMBER: dict[str, Any] = {"keys": (key("id", primary=True),)}


def _snapshot(*tables: Table) -> Snapshot:
    body = "SELECT (SELECT id FROM public.{0} WHERE id = $1) % 2 = 0"
    looked = "parents" if any(t.name.name == "parents" for t in tables) else "children"
    function = SqlFunction(QName("public", "even_parent"), (("parent", INT),), _BOOL, body.format(looked))
    return Snapshot(tables, functions=(function,))


def _children(parent: str, *more: Column, refers: tuple[ForeignKey, ...] = ()) -> Table:
    columns = (column("id"), column("parent_id"), *more)
    made = table("children", *columns, refers=(reference("parent_id", parent, deferrable=True), *refers), **_BY_NUMBER)
    return replace(made, checks=(_CHECK,))


def _parents(*more: Column, refers: tuple[ForeignKey, ...] = ()) -> Table:
    return table("parents", column("id"), *more, refers=refers, **_BY_NUMBER)


def test_the_rows_that_pass_are_referred_to() -> None:
    """Nothing is said of a check that is kept."""
    plan = make_plan(_snapshot(_parents(), _children("parents")), GeneratorConfig(rows=30), 1)
    rows = [row for batch in batches(plan, QName("public", "children"), 0, 30) for row in batch.to_pylist()]
    assert not plan.warnings
    assert len(rows) == 30
    assert all(row["parent_id"] % 2 == 0 for row in rows)


@pytest.mark.parametrize(
    ("snapshot", "rows"),
    [
        (_snapshot(_parents(column("best"), refers=(reference("best", "children", deferrable=True),)),
                   _children("parents")), 30),
        (_snapshot(_parents(column("hub"), refers=(reference("hub", "hubs", deferrable=True),)),
                   table("hubs", column("id"), column("c"), refers=(reference("c", "children", deferrable=True),),
                         **_BY_NUMBER),
                   _children("parents")), 30),
        (_snapshot(_children("children")), 30),
        (_snapshot(_parents(), _children("parents")), {"parents": 9, "children": {"perParent": {"min": 2, "max": 3}}}),
    ],
    ids=["cycle", "longer cycle", "own table", "every parent"],
)  # fmt: skip
def test_a_check_is_told_of_where_the_row_is_not_chosen(snapshot: Snapshot, rows: Any) -> None:
    """Once, by table, constraint, expression and column."""
    plan = make_plan(snapshot, GeneratorConfig.from_json({"rows": rows}), 1)
    (warning,) = [w for w in plan.warnings if "parent_ok" in w]
    assert warning.startswith("public.children.parent_ok: a look into the table ")
    assert f"CHECK ({_CHECK.expression}) may be violated" in warning
    assert warning.endswith("override parent_id")


@pytest.mark.parametrize(
    "body",
    [
        "SELECT EXISTS (SELECT 1 FROM public.parents p WHERE p.id = $1 AND p.id % 2 = 0)",
        "SELECT NOT EXISTS (SELECT FROM parents WHERE id % 2 = 1 AND id = parent)",
        "SELECT EXISTS (SELECT 1 FROM parents WHERE parent = parents.id AND parents.id % 2 = 0)",
    ],
)
def test_a_row_that_has_to_exist_is_referred_to(body: str) -> None:
    """EXISTS with conditions on the row whose key is given, in whatever order."""
    made = _snapshot(_parents(), _children("parents"))
    function = replace(made.functions[0], body=body)
    plan = make_plan(replace(made, functions=(function,)), GeneratorConfig(rows=30), 1)
    assert not plan.warnings
    rows = [row for batch in batches(plan, QName("public", "children")) for row in batch.to_pylist()]
    assert len(rows) == 30
    assert all(row["parent_id"] % 2 == 0 for row in rows)
