"""What may happen to a schema or to a count without moving a cell that was there, over schemas that Hypothesis draws."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from app.generator import GeneratorConfig, Plan, Snapshot, batches, make_plan
from app.generator.snapshot.model import Column, QName, Table

from .drawn import ADDED, drawn_snapshots, drawn_tables
from .schemas import INT, TEXT, column, key, reference, table, type_of

DRAWN = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    # Growing smaller takes minutes where making rows is what is tested; a failing schema is small as it is.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SEED = "growth"


def plan_of(snapshot: Snapshot, rows: int | Mapping[str, Any]) -> Plan:
    """The plan of a schema with these counts."""
    return make_plan(snapshot, GeneratorConfig(rows=rows), SEED)


def rows_of(plan: Plan, name: QName, start: int = 0, stop: int | None = None, chunk_rows: int = 10_000) -> pa.Table:
    """Rows of a table, made in chunks of the given size."""
    return pa.Table.from_batches(list(batches(plan, name, start, stop, chunk_rows)), plan.table(name).schema)


def assert_same_cells(before: Plan, after: Plan, *names: QName) -> None:
    """Every column that was there has the same cells, in however many columns more."""
    for name in names:
        expected = rows_of(before, name)
        assert rows_of(after, name).select(expected.column_names).equals(expected), name


@DRAWN
@given(drawn_snapshots(), st.randoms(use_true_random=False))
def test_the_order_of_the_ddl_changes_no_cell(snapshot: Snapshot, order: Any) -> None:
    """Tables, columns, keys, foreign keys and checks may be declared in any order."""

    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(order.sample(items, len(items)))

    other = replace(
        snapshot,
        tables=tuple(
            replace(t, columns=shuffled(t.columns), keys=shuffled(t.keys), foreign_keys=shuffled(t.foreign_keys),
                    checks=shuffled(t.checks))
            for t in shuffled(snapshot.tables)
        ),
    )  # fmt: skip
    assert_same_cells(plan_of(snapshot, 60), plan_of(other, 60), *(t.name for t in snapshot.tables))


@DRAWN
@given(drawn_snapshots(), st.data())
def test_another_table_changes_no_cell(snapshot: Snapshot, data: st.DataObject) -> None:
    """Also one that refers to those that are there, wherever its name stands among theirs."""
    extra = data.draw(drawn_tables(data.draw(st.sampled_from(["aaa", "t00", "zzz"])), snapshot.tables))
    place = data.draw(st.integers(0, len(snapshot.tables)))
    grown = replace(snapshot, tables=(*snapshot.tables[:place], extra, *snapshot.tables[place:]))
    assert_same_cells(plan_of(snapshot, 60), plan_of(grown, 60), *(t.name for t in snapshot.tables))


def test_a_table_that_needs_something_of_another_changes_that_column_alone() -> None:
    """A reference to what may be NULL, or to what has no room in it, leaves the columns beside as they were."""
    parent = table(
        "accounts", column("id", type_of("int8")), column("code", TEXT, null=True), column("email", TEXT, null=True),
        column("balance", type_of("int8")), keys=(key("id", primary=True), key("code"), key("email"), key("balance")),
    )  # fmt: skip
    before = plan_of(Snapshot((parent,)), 60)
    for name, kind in (("code", TEXT), ("balance", INT), ("id", INT)):
        child = table("aaa", column("of", kind), refers=(reference("of", "accounts", name),))
        expected, found = rows_of(before, parent.name), rows_of(plan_of(Snapshot((child, parent)), 60), parent.name)
        others = [c for c in expected.column_names if c != name]
        assert found.select(others).equals(expected.select(others)), name
        assert not found[name].null_count


@DRAWN
@given(drawn_snapshots(), st.sampled_from(ADDED), st.data())
def test_another_column_changes_no_cell(snapshot: Snapshot, added: Column, data: st.DataObject) -> None:
    """Wherever it stands. (Moments are the exception: they stand in an order, so that a new one moves those after it.)"""
    chosen = data.draw(st.sampled_from(snapshot.tables))
    place = data.draw(st.integers(0, len(chosen.columns)))
    wider = replace(chosen, columns=(*chosen.columns[:place], added, *chosen.columns[place:]))
    grown = replace(snapshot, tables=tuple(wider if t is chosen else t for t in snapshot.tables))
    assert_same_cells(plan_of(snapshot, 60), plan_of(grown, 60), *(t.name for t in snapshot.tables))


@DRAWN
@given(drawn_snapshots(), st.integers(1, 60), st.integers(1, 300), st.data())
def test_more_rows_change_no_earlier_row_and_no_other_table(
    snapshot: Snapshot, few: int, more: int, data: st.DataObject
) -> None:
    """The table keeps its first rows, references included; only what refers to it may follow its count."""
    chosen = data.draw(st.sampled_from(snapshot.tables))
    before = plan_of(snapshot, {"*": 40, chosen.name.name: few})
    after = plan_of(snapshot, {"*": 40, chosen.name.name: few + more})
    expected = rows_of(before, chosen.name)
    assert rows_of(after, chosen.name, stop=expected.num_rows).equals(expected)
    for other in snapshot.tables:
        if other is chosen:
            continue
        expected = rows_of(before, other.name)
        kept = [c for c in expected.column_names if c not in _followers(other, chosen.name)]
        assert rows_of(after, other.name).select(kept).equals(expected.select(kept)), other.name


def _followers(other: Table, parent: QName) -> set[str]:
    """The columns that may follow the count of a parent: the references to it, and what shares a key with one."""
    found = {c for f in other.foreign_keys if f.ref_table == parent for c in f.columns}
    for unique in other.keys:
        names = set(unique.columns or ())
        found |= names if names & found else set()
    return found


@DRAWN
@given(drawn_snapshots(), st.integers(1, 70), st.integers(0, 60), st.integers(0, 60))
def test_cutting_changes_no_cell(snapshot: Snapshot, chunk_rows: int, start: int, length: int) -> None:
    """Any slice in chunks of any size is that slice of the whole."""
    plan = plan_of(snapshot, 60)
    for t in snapshot.tables:
        whole = rows_of(plan, t.name)
        assert rows_of(plan, t.name, start, start + length, chunk_rows).equals(whole.slice(start, length)), t.name


@pytest.mark.parametrize(
    ("name", "kind", "counts"),
    [
        ("currency_code", type_of("bpchar", 3), (100, 200, 30_000)),
        ("country_code", type_of("varchar", 2), (100, 300, 1_200)),
        ("postal_code", TEXT, (1_000, 60_000)),
        ("weekday", TEXT, (5, 500)),
        ("city", type_of("citext"), (50, 5_000)),
    ],
)
def test_a_pool_that_is_used_up_goes_on_with_other_values(name: str, kind: Any, counts: tuple[int, ...]) -> None:
    """The natural values stay where they are, and no two of all are one, also for a reader who ignores case."""
    only = table("places", column("id", INT), column(name, kind), keys=(key("id", primary=True), key(name)))
    before: list[str] = []
    for rows in counts:
        plan = plan_of(Snapshot((only,)), rows)
        values = rows_of(plan, only.name)[name].to_pylist()
        assert len({value.strip().lower() for value in values}) == len(values) == rows
        assert values[: len(before)] == before
        before = values
