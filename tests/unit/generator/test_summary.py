"""A summary says of the rows what counting them says; and where it does not count, that it does not."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from app.generator import batches
from app.generator.handbook.page import plan_of
from app.generator.plan import Plan, TablePlan
from app.generator.summary import TableSummary, bars, estimate_distinct, rows_looked_at, summarise


def rows_of(plan: Plan, table: TablePlan) -> list[dict[str, Any]]:
    return [row for batch in batches(plan, table.name) for row in batch.to_pylist()]


def named(tables: tuple[TableSummary, ...], name: str) -> TableSummary:
    return next(table for table in tables if table.name == f"public.{name}")


CONFIG: Mapping[str, Any] = {
    "rows": {"customers": 120, "orders": {"perParent": {"min": 0, "max": 12}}, "order_lines": 700},
    "overrides": {"customers": {"loyalty": {"generator": "number", "options": {"min": 1, "max": 5}, "nullRate": 0}}},
}


def test_it_says_what_counting_says() -> None:
    """Every figure of every column and of every foreign key, by counting rows one by one."""
    plan = plan_of(CONFIG)
    for table, summary in zip(plan.tables, summarise(plan, sample=3), strict=True):
        rows = rows_of(plan, table)
        assert (summary.name, summary.rows, summary.looked, summary.exact) == (str(table.name), *[len(rows)] * 2, True)
        assert list(summary.sample) == rows[:3]
        for column in summary.columns:
            values = [row[column.name] for row in rows]
            present = [value for value in values if value is not None]
            assert column.null_rate == pytest.approx(1 - len(present) / len(values), abs=1e-6)
            assert column.distinct == len(set(present))
            assert column.least == min(present, default=None)
            assert column.most == max(present, default=None)
            counted = Counter(present)
            for one in column.common:
                assert one.share == pytest.approx(counted[one.value] / len(values), abs=1e-6)
            top = [times for _, times in counted.most_common(3) if times >= 2]
            assert [round(one.share * len(values)) for one in column.common] == top
        for relation, spread in zip(table.relations, summary.relations, strict=True):
            children = Counter(
                key for row in rows if None not in (key := tuple(row[name] for name in relation.columns))
            )
            parents = plan.table(relation.ref_table).rows
            assert (spread.parents, spread.counted) == (parents, True)
            assert spread.most == max(children.values(), default=0)
            assert spread.average == pytest.approx(sum(children.values()) / parents, abs=1e-3)
            numbers = [*children.values(), *[0] * (parents - len(children))]
            assert [bar.parents for bar in spread.bars] == [
                sum(bar.low <= number <= bar.high for number in numbers) for bar in spread.bars
            ]
            assert sum(bar.parents for bar in spread.bars) == parents


def test_a_large_table_is_estimated_and_said_to_be() -> None:
    """From blocks of it all over; near to what counting all of it says."""
    plan = plan_of({"rows": {"customers": 300, "orders": 60_000, "order_lines": 10}})
    whole = named(summarise(plan), "orders")
    part = named(summarise(plan, cells=50_000), "orders")
    assert whole.exact
    assert not part.exact
    assert 2_000 < part.looked < 20_000
    assert part.rows == 60_000
    for exact, guessed in zip(whole.columns, part.columns, strict=True):
        assert guessed.null_rate == pytest.approx(exact.null_rate, abs=0.03)
        assert exact.distinct is not None
        assert guessed.distinct == pytest.approx(exact.distinct, rel=0.35, abs=3)
    assert [spread.counted for spread in part.relations] == [False, False]
    assert [spread.average for spread in part.relations] == pytest.approx([200, 180], rel=0.02)
    # Where only the other columns are too many, the keys of all rows are counted.
    more = named(summarise(plan, cells=400_000), "orders")
    assert (more.exact, more.relations) == (False, whole.relations)
    # Small tables are looked at whole all the same.
    assert named(summarise(plan, cells=50_000), "customers").exact


def test_what_is_looked_at_is_bounded() -> None:
    """However large the tables; small ones leave their share to the others."""
    plan = plan_of({"rows": {"customers": 10**9, "orders": 10**8, "order_lines": 50}})
    looked = rows_looked_at(plan, 1_000_000)
    cells = sum(looked[str(table.name)] * len(table.columns) for table in plan.tables)
    assert 900_000 < cells <= 1_000_000
    assert looked["public.order_lines"] == 50
    assert rows_looked_at(plan, 10**12)["public.customers"] == 1_000_000


def test_a_table_without_rows() -> None:
    """Nothing to count is no fault."""
    orders = named(summarise(plan_of({"rows": {"customers": 3, "orders": 0, "order_lines": 0}})), "orders")
    assert (orders.rows, orders.exact, orders.sample) == (0, True, ())
    assert {(column.distinct, column.least, column.null_rate) for column in orders.columns} == {(0, None, 0.0)}
    assert [bar.parents for bar in orders.relations[0].bars] == [3]


@pytest.mark.parametrize(
    ("counts", "rows", "expected"),
    [
        ([1] * 100, 10_000, 10_000),  # all different: as many as there are rows
        ([50, 50], 10_000, 2),  # seen again and again: no others
        ([], 10_000, 0),
        ([3, 4], 7, 2),
    ],
)
def test_distinct_values_of_a_sample(counts: list[int], rows: int, expected: int) -> None:
    """Its ends are known."""
    assert estimate_distinct(np.array(counts, np.int64), rows) == expected


def test_bars_double_in_width() -> None:
    """And none is missing, none counted twice."""
    found = bars(np.array([1, 8, 9, 16, 17, 100], np.int64), 10)
    assert [(bar.low, bar.high, bar.parents) for bar in found] == [
        (0, 0, 4), (1, 1, 1), (2, 2, 0), (3, 3, 0), (4, 4, 0), (5, 5, 0), (6, 6, 0), (7, 7, 0), (8, 8, 1),
        (9, 16, 2), (17, 32, 1), (33, 64, 0), (65, 128, 1),
    ]  # fmt: skip
