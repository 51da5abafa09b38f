"""What rows cost, found by making some."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.exports.weighing import cost_of, files_to_weigh, row_costs, weighed
from app.generator.layout import Output, layout
from app.generator.layout.sampling import weigh
from app.generator.plan import Plan
from app.generator.snapshot.model import QName
from tests.unit.formats.samples import make_plan, rows_of, table_plan

COSTS = {"cheap": 1e-6, "costly": 9e-6}


def a_plan(rows: int) -> Plan:
    return make_plan(*(table_plan(name, rows, ["id", "price"]) for name in COSTS))


def test_a_row_costs_what_it_costs_in_a_chunk() -> None:
    """What a table takes the first time is not its rows' cost, nor what comes between; what every chunk takes is."""
    now, calls = 0.0, dict.fromkeys(COSTS, 0)

    def source(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[Any]:
        nonlocal now
        calls[table.name] += 1
        first, fourth = calls[table.name] == 1, calls[table.name] == 4
        now += 0.001 + (0.05 if first or fourth else 0.0)
        for batch in rows_of(plan, table, start, stop, chunk_rows):
            now += batch.num_rows * COSTS[table.name]
            yield batch

    plan = a_plan(100_000)
    laid_out = layout(plan, Output("csv", None), source=rows_of)
    found = weigh(plan, laid_out, [0, 1], source, lambda: now)
    names = [plan.tables[file.table].name.name for file in laid_out.files]
    expected = {name: cost + 0.001 / 10_000 for name, cost in COSTS.items()}
    assert {names[int(index)]: cost for index, cost in found.items()} == pytest.approx(expected)


def test_few_rows_are_enough_of_a_table_that_takes_long() -> None:
    """Weighing is to take a moment, whatever a row costs."""
    now = 0.0

    def source(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[Any]:
        nonlocal now
        for batch in rows_of(plan, table, start, stop, chunk_rows):
            now += batch.num_rows * 4e-5
            yield batch

    plan = a_plan(100_000)
    found = weigh(plan, layout(plan, Output("csv", None), source=rows_of), [0, 1], source, lambda: now)
    assert list(found.values()) == pytest.approx([4e-5, 4e-5])
    assert now < 0.2


def test_a_clock_that_stands_still_is_no_reason_to_fail() -> None:
    """Nor a table of no rows."""
    plan = a_plan(0)
    assert weigh(plan, layout(plan, Output("csv", None), source=rows_of), [0, 1], rows_of) == {}
    plan = a_plan(10)
    found = weigh(plan, layout(plan, Output("csv", None), source=rows_of), [0, 1], rows_of, lambda: 1.0)
    assert len(found) == 2
    assert all(cost > 0 for cost in found.values())


def files(*sizes: tuple[int, int, float]) -> dict[str, Any]:
    """A layout of files: (table, rows, bytes of a row) each."""
    return {"files": [[table, 0, rows, 100, "", False, row_bytes] for table, rows, row_bytes in sizes]}


def test_only_tables_that_matter_are_weighed() -> None:
    """Not one alone, however many sheets it has, nor what is a twentieth; layouts of earlier releases are not."""
    assert files_to_weigh(files((0, 100, 10.0), (1, 100, 10.0), (2, 1, 10.0))) == [0, 1]
    assert files_to_weigh(files((0, 100, 10.0), (0, 100, 10.0), (1, 1, 10.0))) == []
    assert files_to_weigh({"files": [[0, 0, 10, 100, "", False], [1, 0, 10, 100, "", False]]}) == []


def test_a_part_costs_what_its_segments_do() -> None:
    """In the order of its rows; what was not weighed costs by its bytes what the others do."""
    layout_json = files((0, 100, 10.0), (1, 100, 20.0))
    costs = row_costs(layout_json, {0: 5.0})
    assert costs == [5.0, 10.0]
    segments = [{"file": 0, "start": 0, "stop": 10}, {"file": 1, "start": 50, "stop": 60}]
    part = weighed({"segments": segments, "expectedBytes": 300}, costs)
    assert [cost_of(part, rows) for rows in (0, 5, 10, 12, 20)] == [0.0, 25.0, 50.0, 70.0, 150.0]
    # One of an earlier release.
    assert cost_of({"segments": segments, "expectedBytes": 300}, 10) == 150.0
