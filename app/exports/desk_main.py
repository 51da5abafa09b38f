"""The planning process: `python -m app.exports.desk_main`.

Orders come in on standard input: eight bytes of length, then a pickled mapping, from the service that started it. An
answer is a line of JSON and, where it says so, as many bytes as its `sizes` name: answers are read by a process that
knows secrets, so that nothing in them is ever more than data.

    {"do": "plan" | "plan_with" | "prepare", ...}    {"sizes": [...], ...}
    what cannot be                                   {"failed": {"kind", "message", "faults", "facts"}}

Memory is bounded by the operating system; time is bounded by whoever asked, who kills the process.
"""

import json
import os
import pickle
import resource
import signal
import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, BinaryIO

from app.errors import RequestRefused, SeedbedError
from app.exports.drafting import Draughtsman
from app.exports.planning import EnginePlanning, plan_text
from app.exports.ports import ResolvedSchema
from app.generator.plan import Plan
from app.generator.snapshot.model import Snapshot

SNAPSHOTS_KEPT = 8
LENGTH_BYTES = 8
_MOST_BYTES = 2 * 1024**3
Answer = tuple[Mapping[str, Any], Sequence[bytes]]


class Drawer:
    """Carries orders out, and remembers the last snapshots by the numbers that they were sent under."""

    def __init__(self) -> None:
        self._snapshots: OrderedDict[int, Snapshot] = OrderedDict()

    def answer(self, order: Mapping[str, Any]) -> Answer:
        """The answer to one order. Raises SeedbedError."""
        snapshot = self._snapshot(order)
        draughtsman = Draughtsman(EnginePlanning(), order["channels"], order["part_bytes"])
        request = order["request"]
        base = Plan.from_json(json.loads(order["base"])) if order.get("base") else None
        if order["do"] == "prepare":
            found = ResolvedSchema(snapshot, order["schema_id"], order["warnings"])
            made = draughtsman.prepare(request, found, order["request_id"], base)
            sha256, text = made.snapshot or (None, None)
            row = asdict(replace(made.row, plan_json=""))
            told = {"row": row, "layout": made.layout, "warnings": made.warnings, "sha256": sha256}
            return told, [made.row.plan_json.encode(), (text or "").encode()]
        if order["do"] == "plan_with":
            assert base is not None
            return {}, [plan_text(draughtsman.plan_with(request, snapshot, base, order["reading"])).encode()]
        return {}, [plan_text(draughtsman.plan(request, snapshot)).encode()]

    def _snapshot(self, order: Mapping[str, Any]) -> Snapshot:
        number = order["snapshot"]
        if order["document"] is not None:
            rest, tables = pickle.loads(order["document"])  # noqa: S301  # from the service that started this
            self._snapshots[number] = replace(rest, tables=tuple(map(pickle.loads, tables)))
            if len(self._snapshots) > SNAPSHOTS_KEPT:
                self._snapshots.popitem(last=False)
        self._snapshots.move_to_end(number)
        return self._snapshots[number]


def pickled(snapshot: Snapshot) -> bytes:
    """A snapshot as an order holds it. A table at a time: one call for all would hold up every other thread."""
    return pickle.dumps((replace(snapshot, tables=()), [pickle.dumps(table) for table in snapshot.tables]))


def main() -> int:
    """Serves orders until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    # Nothing that a library prints may come between the answers.
    os.dup2(2, 1)
    most = int(os.environ.get("SEEDBED_DESK_BYTES", _MOST_BYTES))
    # What is written to, not what is reserved.
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    _warm_up()
    _say(answers, {"ready": True})
    drawer = Drawer()
    while length := sys.stdin.buffer.read(LENGTH_BYTES):
        _say(answers, *_answer(drawer, sys.stdin.buffer.read(int.from_bytes(length))))
    return 0


def _answer(drawer: Drawer, order: bytes) -> Answer:
    try:
        return drawer.answer(pickle.loads(order))  # noqa: S301  # from the service that started this
    except RequestRefused as refused:
        faults = [asdict(fault) for fault in refused.faults]
        return _failed(type(refused).__name__, refused.message, faults=faults), []
    except SeedbedError as error:
        return _failed(type(error).__name__, error.message, facts=error.facts), []
    except MemoryError:
        message = "the plan needs more memory than a request has"
        return _failed("PlanningFailed", message, facts={"reason": "memory"}), []
    except RecursionError:
        message = "the schema or the request is nested too deeply to be planned"
        return _failed("PlanningFailed", message, facts={"reason": "depth"}), []
    except Exception as error:
        # The log gets the whole story; the caller gets no text of an unknown exception.
        sys.excepthook(type(error), error, error.__traceback__)
        return _failed("SeedbedError", "the engine failed"), []


def _failed(kind: str, message: str, **more: Any) -> Mapping[str, Any]:
    return {"failed": {"kind": kind, "message": message, **more}}


def _say(answers: BinaryIO, answer: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> None:
    told = {**answer, "sizes": [len(blob) for blob in blobs]}
    answers.write(json.dumps(told, separators=(",", ":"), default=str).encode() + b"\n")
    for blob in blobs:
        answers.write(blob)
    answers.flush()


def _warm_up() -> None:
    """Loads, and does once, what the first order would otherwise wait for."""
    from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
    from app.generator.snapshot.model import Column, QName, Table, TypeRef

    column = Column("id", TypeRef("pg_catalog", "int4"), nullable=False)
    snapshot = Snapshot(tables=(Table(QName("public", "t"), (column,)),))
    request = ExportRequest(SchemaBySnapshot({}), ExportConfig("csv", 1), "1")
    Draughtsman(EnginePlanning(), frozenset(), 32 * 1024**2).prepare(request, ResolvedSchema(snapshot), None)


if __name__ == "__main__":
    sys.exit(main())
