"""Foreign and unique keys of the rows that come out."""

import re
from dataclasses import replace

import numpy as np
import pytest

from app.errors import PlanRefused
from app.generator import GeneratorConfig, Plan, Snapshot, make_plan
from app.generator.config import Distribution, PerParent
from app.generator.engine.fanout import Fanout
from app.generator.snapshot.model import Check, QName, Table

from .schemas import UUID, column, key, reference, shop, table, type_of
from .test_determinism import plan_of, rows_of


def check_integrity(plan: Plan, snapshot: Snapshot) -> None:
    """Every key is unique and every reference leads to a row."""
    made = {t.name: rows_of(plan, t.name.name).to_pylist() for t in plan.tables}
    for found in snapshot.tables:
        if found.name not in made:
            continue
        rows = made[found.name]
        for unique in found.keys:
            assert unique.columns is not None
            values = [tuple(r[c] for c in unique.columns) for r in rows]
            values = [v for v in values if None not in v]
            assert len(set(values)) == len(values), f"{found.name}.{unique.name}"
            assert not unique.primary or len(values) == len(rows)
        for fk in found.foreign_keys:
            parents = {tuple(r[c] for c in fk.ref_columns) for r in made.get(fk.ref_table, [])}
            for row in rows:
                value = tuple(row[c] for c in fk.columns)
                assert None in value or value in parents, f"{found.name}.{fk.name}: {value}"


@pytest.mark.parametrize("rows", [0, 1, 2, 37, 1000])
def test_keys_hold_at_every_size(rows: int) -> None:
    """From an empty table on, keys are unique and references lead somewhere."""
    check_integrity(plan_of(shop(), rows), shop())


def test_each_parent_gets_the_children_that_were_asked_for() -> None:
    """perParent is exact: two to four lines for every order, none for an order that is not there."""
    config = GeneratorConfig(rows={"*": 100, "order_lines": PerParent(2, 4, parent="orders")})
    plan = make_plan(shop(), config, 7)
    lines = rows_of(plan, "order_lines").to_pylist()
    counts = [sum(line["order_id"] == o for line in lines) for o in range(1, 101)]
    assert set(counts) == {2, 3, 4}
    assert sum(counts) == len(lines)
    check_integrity(plan, shop())


@pytest.mark.parametrize("distribution", ["uniform", "pareto"])
def test_a_mean_number_of_children_is_kept_exactly(distribution: Distribution) -> None:
    """Within the bounds, by every hundred parents, whatever their number; the heavy tail reaches far."""
    wish = PerParent(0, 400, distribution, mean_millionths=3_250_000)
    fanout = Fanout(11, wish, 9_000)
    assert fanout.total == 29_250
    firsts, counts = fanout.children_of(np.arange(9_000))
    assert counts.min() >= 0
    assert counts.max() <= 400
    assert (counts.reshape(-1, 100).sum(axis=1) == 325).all()
    assert (np.cumsum(counts) - counts == firsts).all()
    parents, places = fanout.parents_of(np.arange(fanout.total))
    assert (np.bincount(parents, minlength=9_000) == counts).all()
    assert (firsts[parents] + places == np.arange(fanout.total)).all()
    fewer = Fanout(11, wish, 8_450).children_of(np.arange(8_450))[1]
    assert (fewer == counts[:8_450]).all()
    assert (counts.max() > 60) == (distribution == "pareto")


def test_references_to_themselves_look_back() -> None:
    """A row refers to an earlier one, so that it loads in order; the first refers to none."""
    rows = rows_of(plan_of(shop()), "employees").to_pylist()
    assert rows[0]["manager_id"] is None
    assert all(r["manager_id"] is None or r["manager_id"] < r["id"] for r in rows)
    assert any(r["manager_id"] for r in rows)


def tenants() -> Snapshot:
    """Two references that share the tenant, and a third to the table itself."""
    return Snapshot(
        (
            table("tenants", column("id", UUID), keys=(key("id", primary=True),)),
            table("users", column("tenant_id", UUID), column("id"), keys=(key("tenant_id", "id", primary=True),),
                  refers=(reference("tenant_id", "tenants"),)),
            table("projects", column("tenant_id", UUID), column("id"), keys=(key("tenant_id", "id", primary=True),),
                  refers=(reference("tenant_id", "tenants"),)),
            table("tasks", column("tenant_id", UUID), column("id"), column("project_id"), column("assignee", null=True),
                  column("parent_id", null=True),
                  keys=(key("tenant_id", "id", primary=True),),
                  refers=(reference("tenant_id", "tenants"),
                          reference(("tenant_id", "project_id"), "projects", ("tenant_id", "id")),
                          reference(("tenant_id", "assignee"), "users", ("tenant_id", "id")),
                          reference(("tenant_id", "parent_id"), "tasks", ("tenant_id", "id")))),
        )
    )  # fmt: skip


def test_references_that_share_a_column_agree_on_it() -> None:
    """A task, its project and its assignee are of one tenant."""
    snapshot = tenants()
    plan = plan_of(snapshot, {"tenants": 5, "users": 50, "projects": 40, "tasks": 300})
    check_integrity(plan, snapshot)
    tasks = rows_of(plan, "tasks").to_pylist()
    assert any(t["assignee"] is not None for t in tasks)
    assert any(t["parent_id"] is not None for t in tasks)


def test_a_cycle_is_broken_where_it_can_be() -> None:
    """An optional reference in a cycle is left empty, and the plan says so."""
    snapshot = Snapshot(
        (
            table("a", column("id"), column("b_id", null=True), keys=(key("id", primary=True),),
                  refers=(reference("b_id", "b"),)),
            table("b", column("id"), column("a_id"), keys=(key("id", primary=True),), refers=(reference("a_id", "a"),)),
        )
    )  # fmt: skip
    plan = plan_of(snapshot)
    assert [t.name.name for t in plan.tables] == ["a", "b"]
    assert any("a.b_id_fkey is left NULL" in w for w in plan.warnings)
    check_integrity(plan, snapshot)


def knot_beside(name: str) -> Snapshot:
    """Places and people refer to each other over many ways, and a table of that name to some of them."""

    def made(table_name: str, **refers: str) -> Table:
        columns = (column(c, null=True) for c in refers)
        return table(
            table_name,
            column("id"),
            *columns,
            keys=(key("id", primary=True),),
            refers=tuple(reference(c, parent) for c, parent in refers.items()),
        )

    return Snapshot((
        made("countries", changed_by="people"), made("regions", country_id="countries", changed_by="people"),
        made("towns", region_id="regions", changed_by="people"), made("people", town_id="towns", favourite="addresses"),
        made("addresses", person_id="people", town_id="towns", region_id="regions"),
        made(name, place="addresses", who="people", town="towns"),
    ))  # fmt: skip


@pytest.mark.parametrize("beside", ["aaa", "zzz"])
def test_a_knot_is_cut_at_the_fewest_and_least_of_its_keys(beside: str) -> None:
    """Who changed a row is left empty before where it is, and what is around the knot has no say in that."""
    plan = plan_of(knot_beside(beside))
    empty = {(t.name.name, c) for t in plan.tables for r in t.relations if r.pick == "null" for c in r.columns}
    changes = {(name, "changed_by") for name in ("countries", "regions", "towns")}
    assert empty == changes | {("people", "favourite")}


def test_a_deferrable_cycle_keeps_its_references() -> None:
    """A deferrable constraint needs no parent first: nothing is left empty."""
    snapshot = Snapshot(
        (
            table("a", column("id"), column("b_id"), keys=(key("id", primary=True),),
                  refers=(reference("b_id", "b", deferrable=True),)),
            table("b", column("id"), column("a_id"), keys=(key("id", primary=True),), refers=(reference("a_id", "a"),)),
        )
    )  # fmt: skip
    check_integrity(plan_of(snapshot), snapshot)


def test_a_cycle_that_no_row_can_start_is_spelled_out_and_forced() -> None:
    """The warning names the tables in their circle and the constraint to be deferred, and every reference holds."""
    snapshot = Snapshot(
        (
            table("a", column("id"), column("b_id"), keys=(key("id", primary=True),), refers=(reference("b_id", "b"),)),
            table("b", column("id"), column("a_id"), keys=(key("id", primary=True),), refers=(reference("a_id", "a"),)),
        )
    )
    plan = plan_of(snapshot)
    assert re.search(r"public\.a -> public\.b -> public\.a.*: public\.a\.\S+ has to be deferrable", plan.warnings[0])
    assert [r.forced for t in plan.tables for r in t.relations].count(True) == 1
    check_integrity(plan, snapshot)


def test_one_to_one_pairs_each_child_with_its_own_parent() -> None:
    """A reference that is unique repeats no parent, and a table cannot have more rows than its parent."""
    snapshot = Snapshot(
        (
            table("people", column("id"), keys=(key("id", primary=True),)),
            table("passports", column("person_id"), keys=(key("person_id", primary=True),),
                  refers=(reference("person_id", "people"),)),
        )
    )  # fmt: skip
    check_integrity(plan_of(snapshot, {"people": 100, "passports": 100}), snapshot)
    with pytest.raises(PlanRefused, match=r"passports\.person_id: unique over 10 values, 11 rows asked"):
        plan_of(snapshot, {"people": 10, "passports": 11})
    wished = plan_of(snapshot, {"people": 10, "*": 11})
    assert wished.table(QName("public", "passports")).rows == 10
    assert any("11 rows asked (person_id_key); 10 are made" in w for w in wished.warnings)


def test_a_key_over_few_values_says_how_few() -> None:
    """Capacity is known before a row is made."""
    flags = table("flags", column("on", type_of("bool")), keys=(key("on", primary=True),))
    with pytest.raises(PlanRefused, match=r"flags\.on: unique over 2 values, 3 rows asked"):
        plan_of(Snapshot((flags,)), {"flags": 3})


def test_overlapping_keys_hold_together() -> None:
    """Two keys over one shared column, neither of which can lead alone."""
    kind = type_of("int2")
    found = table("t", column("a", kind), column("b", kind), column("c", kind),
                  keys=(key("a", "b"), key("b", "c"), key("a", "c")))  # fmt: skip
    checks = tuple(Check(f"{c}_small", f"({c} >= 1 AND {c} <= 40)") for c in "abc")
    snapshot = Snapshot((replace(found, checks=checks),))
    check_integrity(plan_of(snapshot, {"t": 500}), snapshot)


def test_every_fault_of_a_request_is_reported() -> None:
    """One answer names all that is wrong."""
    config = GeneratorConfig(rows={"custmers": 5, "orders": 5, "nope": 1}, overrides={"orders": {"colour": {}}})
    with pytest.raises(PlanRefused) as caught:
        make_plan(shop(), config, 1)
    assert [f.code for f in caught.value.faults] == ["unknown_table", "unknown_table", "unknown_column"]
    assert "did you mean 'customers'" in caught.value.faults[0].message


def test_parents_that_are_required_come_along() -> None:
    """Asking for a child alone brings the tables that its rows cannot do without, and says so."""
    plan = plan_of(shop(), {"order_lines": 10})
    assert {t.name.name for t in plan.tables} == {"order_lines", "orders", "customers", "products"}
    assert any("public.orders is added" in w for w in plan.warnings)


def test_a_table_alone_refers_to_nothing_where_it_need_not() -> None:
    """What was not asked for is not made; only what a row cannot do without comes along."""
    pets = table("pets", column("id"), column("client_id"), column("breed_id", null=True), keys=(key("id", primary=True),),
                 refers=(reference("client_id", "clients"), reference("breed_id", "breeds")))  # fmt: skip
    others = (table(name, column("id"), keys=(key("id", primary=True),)) for name in ("clients", "breeds"))
    snapshot = Snapshot((pets, *others))
    plan = make_plan(snapshot, GeneratorConfig(rows=20, tables=("pets",)), 1)
    assert {made.name.name for made in plan.tables} == {"pets", "clients"}
    assert {row["breed_id"] for row in rows_of(plan, "pets").to_pylist()} == {None}
    check_integrity(plan, snapshot)
