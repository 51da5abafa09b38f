"""Same request, same bytes: what a cell depends on, and what it does not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.generator import GeneratorConfig, Plan, Snapshot, batches, make_plan
from app.generator.snapshot.model import Check, QName

from .schemas import INT, TEXT, column, key, shop, table, type_of


def rows_of(plan: Plan, name: str, chunk_rows: int = 10_000, start: int = 0, stop: int | None = None) -> pa.Table:
    """A table's rows, made in chunks of the given size."""
    wanted = QName("public", name)
    made = list(batches(plan, wanted, start, stop, chunk_rows))
    return pa.Table.from_batches(made, plan.table(wanted).schema)


def plan_of(snapshot: Snapshot, rows: int | Mapping[str, Any] = 200, seed: str | int = 7) -> Plan:
    """A plan with default settings."""
    return make_plan(snapshot, GeneratorConfig(rows=rows), seed)


ALL_TABLES = [t.name.name for t in shop().tables]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(ALL_TABLES), st.integers(1, 300), st.integers(0, 200), st.integers(0, 200))
def test_rows_do_not_depend_on_how_they_are_cut(name: str, chunk_rows: int, start: int, length: int) -> None:
    """Any slice in chunks of any size is that slice of the whole."""
    plan = plan_of(shop())
    whole = rows_of(plan, name)
    piece = rows_of(plan, name, chunk_rows, start, start + length)
    assert piece.equals(whole.slice(start, max(0, min(length, whole.num_rows - start))))


def test_a_plan_read_back_makes_the_same_rows() -> None:
    """What is stored with an export is enough to make it again."""
    plan = plan_of(shop())
    again = Plan.from_json(plan.to_json())
    assert again == plan
    assert again.digest == plan.digest
    for name in ALL_TABLES:
        assert rows_of(again, name).equals(rows_of(plan, name))


def test_the_order_of_the_ddl_does_not_matter() -> None:
    """Tables and columns declared in another order have the same cells."""
    forward, backward = shop(), shop()
    backward = replace(backward, tables=tuple(replace(t, columns=t.columns[::-1]) for t in backward.tables[::-1]))
    one, other = plan_of(forward), plan_of(backward)
    for name in ALL_TABLES:
        expected = rows_of(one, name)
        assert rows_of(other, name).select(expected.column_names).equals(expected)


def test_the_numbers_in_the_names_of_checks_do_not_matter() -> None:
    """Postgres numbers the checks that have no name, and those of a table whose columns change places otherwise."""
    stated = (
        "((a)::integer + (b)::integer) <= 1",
        "NOT (c AND d)",
        "(c IS TRUE) OR (d IS NOT NULL)",
        "a OR (c IS NULL)",
        "(d IS FALSE) OR (n > 5)",
        "(n < 900) OR (b IS TRUE)",
    )
    flags = tuple(column(name, type_of("bool"), null=name in "cd") for name in "abcd")
    bare = table("flags", column("id"), *flags, column("n"), keys=(key("id", primary=True),))

    def numbered(order: Sequence[int]) -> pa.Table:
        checks = tuple(Check(f"flags_check{n or ''}", sql) for n, sql in zip(order, stated, strict=True))
        return rows_of(plan_of(Snapshot((replace(bare, checks=checks),))), "flags")

    assert numbered(range(6)).equals(numbered((5, 4, 3, 2, 1, 0)))
    assert numbered(range(6)).equals(numbered((2, 0, 4, 1, 5, 3)))


def test_another_table_or_column_changes_no_cell() -> None:
    """A schema that grows leaves the data that was there as they were."""
    grown = shop()
    tables = tuple(
        replace(t, columns=(column("added", TEXT), *t.columns)) if t.name.name == "orders" else t for t in grown.tables
    )
    extra = table("aaa_first", column("id", INT), keys=(key("id", primary=True),))
    before, after = plan_of(shop()), plan_of(replace(grown, tables=(extra, *tables)))
    for name in ALL_TABLES:
        expected = rows_of(before, name)
        assert rows_of(after, name).select(expected.column_names).equals(expected)


@pytest.mark.parametrize("name", ALL_TABLES)
def test_more_rows_leave_the_earlier_ones_as_they_were(name: str) -> None:
    """Raising one table's count keeps its first rows, their foreign keys included."""
    few = plan_of(shop(), {"*": 200, name: 200})
    many = plan_of(shop(), {"*": 200, name: 3_000})
    assert rows_of(many, name).slice(0, 200).equals(rows_of(few, name))


def test_more_parents_change_no_other_column_of_the_child() -> None:
    """Of a child only the reference may follow the number of parents."""
    few, many = plan_of(shop(), {"*": 200}), plan_of(shop(), {"*": 200, "customers": 5_000})
    kept = ["id", "placed_on"]
    assert rows_of(many, "orders").select(kept).equals(rows_of(few, "orders").select(kept))


def test_seeds_differ_and_a_number_is_its_text() -> None:
    """Another seed gives other data; 7 and "7" are one seed."""
    plan = plan_of(shop(), seed=7)
    assert rows_of(plan, "customers").equals(rows_of(plan_of(shop(), seed="7"), "customers"))
    assert not rows_of(plan, "customers").equals(rows_of(plan_of(shop(), seed=8), "customers"))


def test_the_last_row_of_ten_billion_is_as_near_as_the_first() -> None:
    """Rows are addressed: none before them is made."""
    events = table("events", column("id", type_of("int8")), column("kind", TEXT), keys=(key("id", primary=True),))
    plan = plan_of(Snapshot((events,)), {"events": 10**10})
    last = rows_of(plan, "events", start=10**10 - 3).to_pylist()
    assert [r["id"] for r in last] == [10**10 - 2, 10**10 - 1, 10**10]
