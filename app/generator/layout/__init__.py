"""From a plan to the bytes of a file: in one go, or in parts that are made anywhere and in any order.

    shape = layout(plan, Output("csv", "gzip"))
    for part in shape.parts:
        rendered = render_part(plan, shape, part)   # iterate it for the bytes; then `rendered.facts`
    tail = render_tail(plan, shape, facts_of_all_parts)

The parts' bytes and the tail, in order, are what `render_all` gives, whatever the size of parts and chunks.
"""

from collections.abc import Iterable, Iterator

from app.generator.layout.cutting import DEFAULT_PART_BYTES, LEAST_PART_BYTES, cut
from app.generator.layout.output import COMPRESSIONS, Output
from app.generator.layout.parts import File, Layout, Part, Segment
from app.generator.layout.rendering import OnChunk, RenderedPart, object_crc32, render_tail
from app.generator.layout.sizes import Source
from app.generator.layout.tallies import Facts
from app.generator.plan import Plan

__all__ = [
    "COMPRESSIONS",
    "DEFAULT_PART_BYTES",
    "LEAST_PART_BYTES",
    "Facts",
    "File",
    "Layout",
    "Output",
    "Part",
    "RenderedPart",
    "Segment",
    "layout",
    "object_crc32",
    "render_all",
    "render_part",
    "render_tail",
]

DEFAULT_CHUNK_ROWS = 10_000


def layout(
    plan: Plan,
    output: Output,
    part_bytes: int = DEFAULT_PART_BYTES,
    *,
    least_part_bytes: int = LEAST_PART_BYTES,
    source: Source | None = None,
) -> Layout:
    """How the plan's output is cut into parts of about `part_bytes`, none expected below `least_part_bytes`.

    `least_part_bytes` is an object store's limit, with room for what expectations are off. Raises RequestRefused
    when the plan cannot be written so.
    """
    return cut(plan, output, source, part_bytes, least_part_bytes)


def render_part(
    plan: Plan,
    shape: Layout,
    part: Part,
    chunk_rows: int = DEFAULT_CHUNK_ROWS,
    on_chunk: OnChunk | None = None,
    *,
    earlier: Iterable[Facts] = (),
    source: Source | None = None,
) -> RenderedPart:
    """One part's bytes. `on_chunk` is told the rows of each chunk as they are made.

    A part that is `late` needs the facts of all earlier parts as `earlier`; ValueError names those that are missing.
    """
    return RenderedPart(plan, shape, part, source, chunk_rows, on_chunk, earlier)


def render_all(
    plan: Plan,
    output: Output,
    chunk_rows: int = DEFAULT_CHUNK_ROWS,
    on_chunk: OnChunk | None = None,
    *,
    source: Source | None = None,
) -> Iterator[bytes]:
    """The whole file's bytes, for a single process. Raises RequestRefused when the plan cannot be written so."""
    shape = layout(plan, output, source=source)

    def render() -> Iterator[bytes]:
        facts: list[Facts] = []
        for part in shape.parts:
            rendered = render_part(plan, shape, part, chunk_rows, on_chunk, earlier=facts, source=source)
            yield from rendered
            facts.append(rendered.facts)
        yield render_tail(plan, shape, facts)

    return render()
