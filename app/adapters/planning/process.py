"""The planning processes: requests are read and plans are made in them, and the event loop holds no more than texts.

A pattern or a CHECK of somebody's may keep the engine busy for minutes, and a body of megabytes its reader for seconds:
see `app.adapters.children`.
"""

import asyncio
import itertools
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.adapters.children import Answer, Children
from app.exports.documents import Document

if TYPE_CHECKING:
    # The engine's packages belong to the children; a worker has this module in its bootstrap, and no use for them.
    from app.exports.drafting import PlanSheet, Prepared, SchemaSheet
    from app.exports.ports import ResolvedSchema
    from app.exports.posting import Asked, Kind, Posting
    from app.exports.prompting import Judged, Material, PromptReading
    from app.exports.requests import RequestLimits
    from app.generator.snapshot.model import Snapshot


class PlanningProcesses:
    """The `Desk` of `app.exports.desk`: a few children, each with one order at a time; requests stand in line."""

    def __init__(
        self,
        channels: frozenset[str],
        part_bytes: int,
        *,
        at_once: int = 2,
        limit_s: float = 10.0,
        wait_s: float = 15.0,
        most_bytes: int = 2 * 1024**3,
    ) -> None:
        """`limit_s` bounds one answer, `wait_s` the standing in line, `most_bytes` each child's memory."""
        self._channels, self._part_bytes = channels, part_bytes
        self.children = Children(
            "app.exports.desk_main",
            at_once=at_once,
            limit_s=limit_s,
            wait_s=wait_s,
            most_bytes=most_bytes,
            busy="too many plans are asked for at the moment; try again",
            costly="planning takes longer than {limit}: a check, a pattern, an override or the prompt is too costly, "
            "or there are too many tables here (`tables` names those to make; the limit is PLANNING_TIMEOUT_S)",
        )
        self._numbers = itertools.count()
        # Schemas that were sent lately, by identity: those that are kept elsewhere come again and again.
        self._sent: OrderedDict[int, tuple[Snapshot | Document, int, bytes]] = OrderedDict()

    def start(self) -> None:
        """Begins to start the first child, so that the first request need not wait for it."""
        self.children.start()

    async def close(self) -> None:
        """Ends the children."""
        await self.children.close()

    async def read(self, raw: bytes, kind: "Kind", limits: "RequestLimits") -> "Posting":
        from app.exports.posting import carved

        told, texts = await self.children.ask({"do": "read", "raw": raw, "kind": kind, "limits": limits})
        return carved(told, texts, kind, limits)

    async def plan(
        self, request: "Asked", found: "ResolvedSchema", reading: "PromptReading | None" = None
    ) -> "PlanSheet":
        return _sheet(await self._ask({"do": "plan", "request": request, "reading": reading}, found))

    async def prepare(
        self,
        request: "Asked",
        found: "ResolvedSchema",
        request_id: str | None,
        reading: "PromptReading | None" = None,
    ) -> "Prepared":
        from app.exports.drafting import Prepared, SchemaSheet
        from app.exports.ports import NewExport

        order = {"do": "prepare", "request": request, "request_id": request_id, "reading": reading}
        made, [plan_json, config, document] = await self._ask(order, found)
        told = dict(made["row"])
        told |= {"id": UUID(told["id"]), "schema_id": found.id}
        told |= {"plan_json": plan_json.decode(), "config": Document(config)}
        new = made["schema"]
        schema = None if new is None else SchemaSheet(new["sha256"], document.decode(), new["called"])
        return Prepared(NewExport(**told), made["layout"], schema, tuple(made["warnings"]))

    async def show(self, plan: Document) -> "PlanSheet":
        return _sheet(await self.children.ask({"do": "show", "plan": plan}), plan)

    async def schema(self, found: "ResolvedSchema") -> "SchemaSheet":
        from app.exports.drafting import SchemaSheet

        made, [document] = await self._ask({"do": "schema"}, found)
        return SchemaSheet(made["sha256"], document.decode(), made["called"])

    async def describe(self, request: "Asked", found: "ResolvedSchema") -> "Material":
        from app.exports.prompting import Material

        _, [told, plan] = await self._ask({"do": "describe", "request": request}, found)
        return Material(told.decode(), Document(plan))

    async def judge(self, plan: Document, answer: str) -> "Judged":
        from app.exports.prompting import Judged
        from app.generator.prompt.overrides import PlanOverrides

        told, _ = await self.children.ask({"do": "judge", "plan": plan, "answer": answer})
        overrides = None if told["overrides"] is None else PlanOverrides.from_json(told["overrides"])[0]
        return Judged(overrides, tuple(told["faults"]))

    async def _ask(self, order: Mapping[str, Any], found: "ResolvedSchema") -> Answer:
        from app.exports.desk_main import SCHEMAS_KEPT

        order = {
            **order,
            "schema_id": found.id,
            "warnings": found.warnings,
            "channels": self._channels,
            "part_bytes": self._part_bytes,
        }
        return await self.children.ask(order, await self._numbered(found.snapshot), kept=SCHEMAS_KEPT)

    async def _numbered(self, schema: "Snapshot | Document") -> tuple[int, bytes]:
        from app.exports.desk_main import SCHEMAS_KEPT, pickled

        kept = self._sent.get(id(schema))
        if kept is None or kept[0] is not schema:
            if isinstance(schema, Document):
                packed = pickle.dumps(schema)
            else:
                packed = await asyncio.to_thread(pickled, schema)
            kept = (schema, next(self._numbers), packed)
            self._sent[id(schema)] = kept
            if len(self._sent) > SCHEMAS_KEPT:
                self._sent.popitem(last=False)
        return kept[1], kept[2]


def _sheet(answer: Answer, document: Document | None = None) -> "PlanSheet":
    from app.exports.drafting import PlanSheet

    told, texts = dict(answer[0]), answer[1]
    del told["sizes"]
    told |= {"warnings": tuple(told["warnings"]), "tables": tuple(map(tuple, told["tables"]))}
    return PlanSheet(document=document or Document(texts[0]), **told)
