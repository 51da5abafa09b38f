"""The preview process: `python -m app.exports.preview_main`.

Orders come in on standard input, a line of JSON each, and every one is answered by a line on standard output:

    {"plan": "…", "rows": 10, "tables": [...]}      {"preview": [{"name", "columns", "rows"}]}
    {"plan": "…", "explain": true}                  {"explained": {...}}
    {"plan": "…", "summary": 10, "cells": 1000000}  {"summary": [...]}
    what cannot be                                  {"failed": {"message", "faults"}}

It says {"ready": true} once the engine is loaded. Memory is bounded by the operating system; time is bounded by
whoever asked, who kills the process. Plans are kept, so that a second look at one is quick.
"""

import json
import os
import resource
import signal
import sys
from collections import OrderedDict
from dataclasses import asdict
from typing import Any, BinaryIO

import pyarrow as pa

from app.errors import RequestRefused, SeedbedError
from app.exports.preview_values import plain, plain_summary
from app.generator.plan import Plan

_PLANS_KEPT = 16
_MOST_BYTES = 2 * 1024**3


class Previewer:
    """Answers orders, and remembers the last plans with what was compiled for them."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        """The answer to one order."""
        plan = self._plan(order["plan"])
        if order.get("explain"):
            from app.generator.explaining import explain

            return {"explained": asdict(explain(plan))}
        if "summary" in order:
            from app.generator.summary import summarise

            return {"summary": plain_summary(summarise(plan, cells=order["cells"], sample=order["summary"]))}
        wanted = order.get("tables")
        tables = [t for t in plan.tables if wanted is None or str(t.name) in wanted or t.name.name in wanted]
        return {"preview": [_first_rows(plan, table.name, order["rows"]) for table in tables]}

    def _plan(self, text: str) -> Plan:
        plan = self._plans.get(text)
        if plan is None:
            plan = self._plans[text] = Plan.from_json(json.loads(text))
            if len(self._plans) > _PLANS_KEPT:
                self._plans.popitem(last=False)
        self._plans.move_to_end(text)
        return plan


def _first_rows(plan: Plan, name: Any, rows: int) -> dict[str, Any]:
    from app.generator import batches

    table = plan.table(name)
    stop = min(rows, table.rows)
    whole = pa.Table.from_batches(batches(plan, name, 0, stop, max(stop, 1)), schema=table.schema)
    columns = [[plain(value) for value in column.to_pylist()] for column in whole.columns]
    cells = [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(stop)]
    return {"name": str(name), "columns": whole.schema.names, "rows": cells}


def main() -> int:
    """Serves orders until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    # Nothing that a library prints may come between the answers.
    os.dup2(2, 1)
    most = int(os.environ.get("SEEDBED_PREVIEW_BYTES", _MOST_BYTES))
    # What is written to, not what is reserved: the compiled loop reserves four gigabytes and touches a page of them.
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    _warm_up()
    _say(answers, {"ready": True})
    previewer = Previewer()
    for line in sys.stdin.buffer:
        _say(answers, _answer(previewer, line))
    return 0


def _answer(previewer: Previewer, line: bytes) -> dict[str, Any]:
    try:
        return previewer.answer(json.loads(line))
    except RequestRefused as refused:
        return {"failed": {"message": refused.message, "faults": [asdict(fault) for fault in refused.faults]}}
    except SeedbedError as error:
        return {"failed": {"message": error.message}}
    except MemoryError:
        return {"failed": {"message": "the first rows need more memory than a preview has"}}
    except Exception as error:
        # The log gets the whole story; the caller gets no text of an unknown exception.
        sys.excepthook(type(error), error, error.__traceback__)
        return {"failed": {"message": "the engine failed"}}


def _say(answers: BinaryIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer, separators=(",", ":"), default=str).encode() + b"\n")
    answers.flush()


def _warm_up() -> None:
    """Loads what the first order would otherwise wait for."""
    import app.generator.engine.batches
    import app.generator.explaining
    import app.generator.plan_form  # noqa: F401  # imported for the loading


if __name__ == "__main__":
    sys.exit(main())
