"""Totals of children: exact, whatever rows are made together, and refused where they cannot be."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import PlanRefused
from app.generator import GeneratorConfig, batches, make_plan
from app.generator.config import PerParent
from app.generator.plan import Plan
from app.generator.snapshot.model import QName, Snapshot
from tests.unit.generator.schemas import DATE, MONEY, TEXT, column, key, reference, table

_LINES = PerParent(0, 30, "pareto", mean_millionths=2_700_000)


def _schema() -> Snapshot:
    return Snapshot(
        (
            table("orders", column("id"), column("subtotal", MONEY), column("tax", MONEY), column("total", MONEY),
                  column("line_count"), column("last_added", DATE, null=True), column("pieces"),
                  keys=(key("id", primary=True),)),
            table("order_lines", column("order_id"), column("line_no"), column("quantity"), column("unit_price", MONEY),
                  column("line_total", MONEY), column("added_on", DATE), column("remark", TEXT),
                  keys=(key("order_id", "line_no", primary=True),), refers=(reference("order_id", "orders"),)),
        )
    )  # fmt: skip


def _plan(rows: int, overrides: dict[str, Any] | None = None, lines: Any = _LINES) -> Plan:
    config = GeneratorConfig(rows={"orders": rows, "order_lines": lines}, overrides={"orders": overrides or {}})
    return make_plan(_schema(), config, seed=5)


def _rows(plan: Plan, name: str, *span: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pa.Table.from_batches(batches(plan, QName("public", name), *span)).to_pylist()
    return found


_OVERRIDES = {
    "last_added": {"aggregate": {"table": "order_lines", "function": "max", "expression": "added_on"}},
    "pieces": {"generator": "aggregate", "options": {"table": "order_lines", "expression": "quantity"}},
}


def test_totals_are_the_sums_of_their_lines() -> None:
    """By name where the lines of an order are counted per order, and by override; tax and total follow."""
    plan = _plan(500, _OVERRIDES)
    lines: dict[int, list[dict[str, Any]]] = {}
    for line in _rows(plan, "order_lines"):
        assert line["line_total"] == line["quantity"] * line["unit_price"]
        lines.setdefault(line["order_id"], []).append(line)
    for order in _rows(plan, "orders"):
        own = lines.get(order["id"], [])
        assert order["subtotal"] == sum(line["line_total"] for line in own)
        assert order["total"] == order["subtotal"] + order["tax"]
        assert order["line_count"] == len(own)
        assert order["pieces"] == sum(line["quantity"] for line in own)
        assert order["last_added"] == max((line["added_on"] for line in own), default=None)


@settings(max_examples=8, deadline=None)
@given(start=st.integers(0, 499), length=st.integers(1, 80), more=st.integers(0, 900))
def test_totals_do_not_depend_on_how_rows_are_cut(start: int, length: int, more: int) -> None:
    """A row's totals are the same alone, in any chunk, and when the table is larger."""
    whole = _rows(_WHOLE, "orders")[start : start + length]
    assert _rows(_plan(500 + more, _OVERRIDES), "orders", start, min(start + length, 500)) == whole


_WHOLE = _plan(500, _OVERRIDES)


@pytest.mark.parametrize(
    ("override", "option", "said"),
    [
        ({"table": "order_line", "expression": "quantity"}, "table", "did you mean 'order_lines'"),
        ({"table": "order_lines", "expression": "quantitty"}, "expression", "did you mean 'quantity'"),
        ({"table": "order_lines", "expression": "remark"}, "expression", "no value of this column"),
        ({"table": "order_lines", "function": "sum"}, "expression", "needs an expression"),
        ({"table": "order_lines", "function": "min", "expression": "quantity"}, "function", "may not be null"),
        ({"table": "order_lines", "function": "avg"}, "function", "must be one of"),
        ({"tabel": "order_lines"}, "tabel", "did you mean 'table'"),
    ],
)
def test_what_cannot_be_summed_up_is_refused(override: dict[str, Any], option: str, said: str) -> None:
    """With the option that is wrong and why."""
    with pytest.raises(PlanRefused) as refusal:
        _plan(10, {"pieces": {"aggregate": override}})
    fault = next(f for f in refusal.value.faults if f.facts.get("option") == option)
    assert said in fault.message
    assert fault.pointer == f"/config/overrides/orders/pieces/aggregate/{option}"


def test_totals_need_children_that_are_counted_by_parent() -> None:
    """Where lines pick their orders at random nobody can say which lines an order has."""
    with pytest.raises(PlanRefused, match="perParent"):
        _plan(10, {"pieces": {"aggregate": {"table": "order_lines"}}}, lines=40)
    assert _plan(10, lines=40).table(QName("public", "orders")).column("subtotal").generator != "aggregate"


def test_a_total_that_does_not_fit_is_refused() -> None:
    """A sum is exact or there is none."""
    with pytest.raises(PlanRefused, match="does not fit"):
        _plan(10, {"pieces": {"aggregate": {"table": "order_lines", "expression": "unit_price * 10000000"}}})


def test_many_children_are_made_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are made at once changes no total."""
    whole = _rows(_plan(60, _OVERRIDES), "orders")
    monkeypatch.setattr("app.generator.engine.aggregates._MOST_AT_ONCE", 7)
    assert _rows(_plan(60, _OVERRIDES), "orders") == whole
    assert np.unique([order["pieces"] for order in whole]).size > 5
