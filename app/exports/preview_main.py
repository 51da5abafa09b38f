"""The preview process: `python -m app.exports.preview_main`; see `app.exports.orders` for how it is spoken to.

{"do": "rows", "plan", "rows", "tables"}    the first rows of each table: [{"name", "columns", "rows"}]
{"do": "explain", "plan"}                   what is to be expected: {"bytes", "seconds"}, and of each table
{"do": "summarise", "plan", "rows"}         what the rows look like, table by table

What is said of tables is JSON as the API tells it: whoever asked hands it on unread. Plans are kept, so that a second
look at one is quick.
"""

import json
import sys
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from app.errors import PreviewFailed
from app.exports.camel import camelled
from app.exports.orders import Answer, serve
from app.exports.preview_values import plain, plain_summary
from app.generator.plan import Plan

# What is looked at of all tables together: half a second's work, since others wait for the process meanwhile.
_SUMMARY_CELLS = 400_000
_PLANS_KEPT = 16
# An answer is held by a process that others are answered by, and read by a person.
_MOST_ANSWER_BYTES = 32 * 1024**2
# Names inside these are the schema's or the generators' own, and values are whatever they are.
_VERBATIM = frozenset({"options", "expected_bytes", "rows", "value", "least", "most"})


class Previewer:
    """Answers orders, and remembers the last plans with what was compiled for them."""

    def __init__(self, most_bytes: int = _MOST_ANSWER_BYTES) -> None:
        self._most_bytes = most_bytes
        self._plans: OrderedDict[bytes, Plan] = OrderedDict()

    def answer(self, order: Mapping[str, Any]) -> Answer:
        """The answer to one order. Raises SeedbedError."""
        plan = self._plan(order["plan"])
        match order["do"]:
            case "explain":
                from app.generator.explaining import explain

                told = asdict(explain(plan))
                figures = {"bytes": told["expected_bytes"], "seconds": told["expected_seconds"]}
                return figures, [self._text(camelled(told["tables"], _VERBATIM))]
            case "summarise":
                from app.generator.summary import summarise

                found = plain_summary(summarise(plan, cells=_SUMMARY_CELLS, sample=order["rows"]))
                return {}, [self._text(camelled(found, _VERBATIM))]
        wanted = order["tables"]
        tables = [t for t in plan.tables if wanted is None or str(t.name) in wanted or t.name.name in wanted]
        return {}, [self._text([_first_rows(plan, table.name, order["rows"]) for table in tables])]

    def _plan(self, text: bytes) -> Plan:
        plan = self._plans.get(text)
        if plan is None:
            plan = self._plans[text] = Plan.from_json(json.loads(text))
            if len(self._plans) > _PLANS_KEPT:
                self._plans.popitem(last=False)
        self._plans.move_to_end(text)
        return plan

    def _text(self, tables: Any) -> bytes:
        text = json.dumps(tables, separators=(",", ":"), default=str).encode()
        if len(text) > self._most_bytes:
            message = f"what there is to show comes to more than {self._most_bytes:,} bytes; look at less of it"
            raise PreviewFailed(message, reason="size")
        return text


def _first_rows(plan: Plan, name: Any, rows: int) -> dict[str, Any]:
    from app.generator import batches

    table = plan.table(name)
    stop = min(rows, table.rows)
    whole = pa.Table.from_batches(batches(plan, name, 0, stop, max(stop, 1)), schema=table.schema)
    columns = [[plain(value) for value in column.to_pylist()] for column in whole.columns]
    cells = [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(stop)]
    return {"name": str(name), "columns": whole.schema.names, "rows": cells}


def _warm_up() -> None:
    """Loads what the first order would otherwise wait for."""
    import app.generator.engine.batches
    import app.generator.explaining
    import app.generator.plan_form  # noqa: F401  # imported for the loading


if __name__ == "__main__":
    sys.exit(serve(Previewer().answer, _warm_up))
