"""The planning process: `python -m app.exports.desk_main`; see `app.exports.orders` for how it is spoken to.

{"do": "read", "raw", "kind", "limits"}              what a body asks for, without what is large in it
{"do": "plan" | "prepare", "request", "reading"}     the plan of a request for the schema of that number
{"do": "schema"}                                     that schema as it is stored
{"do": "show", "plan"}                               what is said of a stored plan
{"do": "describe", "request"}                        what a reader of its prompt is told
{"do": "judge", "plan", "answer"}                    what is wrong with what they answer
"""

import pickle
import sys
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.exports.documents import Document
from app.exports.drafting import Draughtsman, PlanSheet, SchemaSheet, snapshot_of
from app.exports.orders import Answer, serve
from app.exports.planning import EnginePlanning
from app.exports.ports import NewExport, ResolvedSchema
from app.exports.posting import carve
from app.generator.snapshot.model import Snapshot

SCHEMAS_KEPT = 8


class Drawer:
    """Carries orders out, and remembers the last plans, and schemas by the numbers that they were sent under."""

    def __init__(self) -> None:
        self._schemas: OrderedDict[int, Snapshot | Document] = OrderedDict()
        self._planning = EnginePlanning()

    def answer(self, order: Mapping[str, Any]) -> Answer:
        """The answer to one order. Raises SeedbedError."""
        draughtsman = Draughtsman(self._planning, order.get("channels", frozenset()), order.get("part_bytes", 0))
        match order["do"]:
            case "read":
                return carve(order["raw"], order["kind"], order["limits"])
            case "show":
                return _told(draughtsman.show(order["plan"]))[0], []
            case "judge":
                judged = draughtsman.judge(order["plan"], order["answer"])
                overrides = None if judged.overrides is None else judged.overrides.to_json()
                return {"overrides": overrides, "faults": judged.faults}, []
        found = self._found(order)
        match order["do"]:
            case "plan":
                told, text = _told(draughtsman.sheet(order["request"], found, order["reading"]))
                return told, [text]
            case "schema":
                return _named(draughtsman.schema(found))
            case "describe":
                material = draughtsman.describe(order["request"], found)
                return {}, [material.told.encode(), material.plan.text]
        made = draughtsman.prepare(order["request"], found, order["request_id"], order["reading"])
        row = {name: getattr(made.row, name) for name in NewExport.__slots__ if name not in ("plan_json", "config")}
        schema, texts = (None, [b""]) if made.schema is None else _named(made.schema)
        told = {"row": row, "layout": made.layout, "warnings": made.warnings, "schema": schema}
        return told, [made.row.plan_json.encode(), made.row.config.text, *texts]

    def _found(self, order: Mapping[str, Any]) -> ResolvedSchema:
        number = order["number"]
        if order["document"] is not None:
            self._schemas[number] = _unpickled(order["document"])
            if len(self._schemas) > SCHEMAS_KEPT:
                self._schemas.popitem(last=False)
        self._schemas.move_to_end(number)
        found = ResolvedSchema(self._schemas[number], order["schema_id"], order["warnings"])
        # Read once; where it cannot be read it is sent again with the next order, and refused again.
        self._schemas[number] = snapshot = snapshot_of(found)
        return replace(found, snapshot=snapshot)


def pickled(snapshot: Snapshot) -> bytes:
    """A snapshot as an order holds it. A table at a time: one call for all would hold up every other thread."""
    return pickle.dumps((replace(snapshot, tables=()), [pickle.dumps(table) for table in snapshot.tables]))


def _unpickled(document: bytes) -> Snapshot | Document:
    found: Document | tuple[Snapshot, list[bytes]] = pickle.loads(document)  # noqa: S301  # from the service that started this
    if isinstance(found, Document):
        return found
    rest, tables = found
    return replace(rest, tables=tuple(map(pickle.loads, tables)))


def _told(sheet: PlanSheet) -> tuple[Mapping[str, Any], bytes]:
    """A sheet as data, and the text of its plan."""
    told = {name: getattr(sheet, name) for name in PlanSheet.__slots__ if name != "document"}
    return told, sheet.document.text


def _named(sheet: SchemaSheet) -> tuple[Mapping[str, Any], list[bytes]]:
    return {"sha256": sheet.sha256, "called": sheet.called}, [sheet.text.encode()]


def _warm_up() -> None:
    """Loads, and does once, what the first order would otherwise wait for."""
    from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
    from app.generator.snapshot.model import Column, QName, Table, TypeRef

    column = Column("id", TypeRef("pg_catalog", "int4"), nullable=False)
    snapshot = Snapshot(tables=(Table(QName("public", "t"), (column,)),))
    request = ExportRequest(SchemaBySnapshot({}), ExportConfig("csv", 1), "1")
    Draughtsman(EnginePlanning(), frozenset(), 32 * 1024**2).prepare(request, ResolvedSchema(snapshot), None)


if __name__ == "__main__":
    sys.exit(serve(Drawer().answer, _warm_up))
