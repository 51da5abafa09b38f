"""Making the bytes: what runs in a generator process, one order at a time.

It knows the engine and files, and nothing of the database, the queue or the object store.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import pyarrow as pa

from app.generator.layout import Layout, Part, object_crc32, render_part, render_tail
from app.generator.layout.sizes import Source
from app.generator.plan import Plan
from app.generator.snapshot.model import QName

OnChunk = Callable[[int], None]
_PLANS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Order:
    """What to write to `path`.

    whole: a file of one part. part: `part` of a file of several; a late one needs the facts of `earlier` ones.
    tail: what follows the parts whose facts are `earlier`.
    """

    kind: Literal["whole", "part", "tail"]
    path: str
    plan_json: str
    layout: Mapping[str, Any]
    part: Mapping[str, Any] | None = None
    chunk_rows: int = 10_000
    earlier: tuple[Mapping[str, Any], ...] = ()

    def to_line(self) -> bytes:
        """One line of JSON."""
        order = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(order, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Order":
        order = json.loads(line)
        return cls(**{**order, "earlier": tuple(order["earlier"])})


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was written. `facts` is what the tail needs of a part; `crc32` is the whole object's for whole and tail."""

    bytes: int
    sha256: str
    crc32: int
    facts: Mapping[str, Any] = field(default_factory=dict)


class Renderer(Protocol):
    """Carries orders out somewhere else than in the event loop."""

    async def render(self, order: Order, on_chunk: OnChunk) -> Rendered:
        """`on_chunk` is told the rows of each chunk. Raises GenerationFailed, GeneratorDied, OSError.
        Cancelling it ends the work at once; what was written so far is the caller's to remove."""
        ...


class Renderings:
    """Carries orders out in this process, and remembers the last plans it read. `source` makes the rows."""

    def __init__(self, source: Source | None = None) -> None:
        self._source = source or _engine
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
            for piece in rendered:
                write(piece)
            facts = rendered.facts
            return Rendered(facts["bytes"], facts["sha256"], facts["crc32"], facts)
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


def _engine(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[pa.RecordBatch]:
    from app.generator import batches

    return batches(plan, table, start, stop, chunk_rows)
