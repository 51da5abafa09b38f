"""Making the bytes: what runs in a generator process, one order at a time.

It knows the engine and files, and nothing of the database, the queue or the object store.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.exports.rendering import OnChunk, Order, Rendered
from app.generator.layout import Layout, Part, object_crc32, render_part, render_tail
from app.generator.layout.sampling import weigh
from app.generator.layout.sizes import Source
from app.generator.plan import Plan

_PLANS_KEPT = 8


class FileRenderer:
    """Carries orders out in this process, and remembers the last plans it read.

    `source` makes the rows; without it, the engine.
    """

    def __init__(self, source: Source | None = None) -> None:
        self._source = source
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    def carry_out(self, order: Order, on_chunk: OnChunk) -> Rendered:
        """Writes the file of an order; an error leaves none."""
        path = Path(order.path)
        try:
            with open(path, "wb") as file:
                rendered = self._write(order, file.write, on_chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return rendered

    def _write(self, order: Order, write: Callable[[bytes], Any], on_chunk: OnChunk) -> Rendered:
        plan, layout = self._plan(order.plan_json), Layout.from_json(order.layout)
        if order.kind == "sample":
            return Rendered(0, "", 0, {"costs": weigh(plan, layout, order.files, self._source)})
        if order.kind == "tail":
            tail = render_tail(plan, layout, order.earlier)
            write(tail)
            return Rendered(len(tail), hashlib.sha256(tail).hexdigest(), object_crc32(order.earlier, tail))
        if order.kind == "part":
            assert order.part is not None
            part = Part.from_json(order.part)
            rendered = render_part(
                plan, layout, part, order.chunk_rows, on_chunk, earlier=order.earlier, source=self._source
            )
            sha256 = hashlib.sha256()
            for piece in rendered:
                sha256.update(piece)
                write(piece)
            facts = rendered.facts
            return Rendered(facts["bytes"], sha256.hexdigest(), facts["crc32"], facts)
        return self._write_whole(plan, layout, order.chunk_rows, write, on_chunk)

    def _write_whole(
        self, plan: Plan, layout: Layout, chunk_rows: int, write: Callable[[bytes], Any], on_chunk: OnChunk
    ) -> Rendered:
        sha256 = hashlib.sha256()
        facts: list[Mapping[str, Any]] = []
        for part in layout.parts:
            rendered = render_part(plan, layout, part, chunk_rows, on_chunk, earlier=facts, source=self._source)
            for piece in rendered:
                sha256.update(piece)
                write(piece)
            facts.append(rendered.facts)
        tail = render_tail(plan, layout, facts)
        sha256.update(tail)
        write(tail)
        size = sum(fact["bytes"] for fact in facts) + len(tail)
        return Rendered(size, sha256.hexdigest(), object_crc32(facts, tail))

    def _plan(self, text: str) -> Plan:
        plan = self._plans.get(text)
        if plan is None:
            plan = self._plans[text] = Plan.from_json(json.loads(text))
            if len(self._plans) > _PLANS_KEPT:
                self._plans.popitem(last=False)
        self._plans.move_to_end(text)
        return plan
