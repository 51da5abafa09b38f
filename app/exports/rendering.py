"""Orders for bytes: what is to be written, where, and what came of it.

They are carried out in generator processes; whoever gives them needs nothing of the engine, not even in memory.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

OnChunk = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to write to `path`.

    whole: a file of one part. part: `part` of a file of several; a late one needs the facts of `earlier` ones.
    tail: what follows the parts whose facts are `earlier`.
    sample: nothing; some rows of `files`, by their places in the layout, to find out what a row costs: seconds, as
    `facts["costs"]`.
    """

    kind: Literal["whole", "part", "tail", "sample"]
    path: str
    plan_json: str
    layout: Mapping[str, Any]
    part: Mapping[str, Any] | None = None
    chunk_rows: int = 10_000
    earlier: tuple[Mapping[str, Any], ...] = ()
    files: tuple[int, ...] = ()

    def to_line(self) -> bytes:
        """One line of JSON."""
        order = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(order, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Order":
        order = json.loads(line)
        return cls(**{**order, "earlier": tuple(order["earlier"]), "files": tuple(order["files"])})


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
