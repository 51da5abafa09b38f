"""What a row of a file costs to make, found by making some."""

import time
from collections.abc import Callable, Sequence
from functools import partial

from app.generator.layout.parts import File, Layout, Part, Segment
from app.generator.layout.rendering import RenderedPart
from app.generator.layout.sizes import Source
from app.generator.plan import Plan

# So many rows to begin with; then whole chunks of them, unless those few take long already.
_FEW_ROWS, _CHUNK_ROWS = 1_000, 10_000
_LONG_S = 0.02
# The least of so many tells: something may come between.
_TIMES = 3
# What is not weighed by then is worth no more time.
_MOST_S = 0.25


def weigh(
    plan: Plan,
    layout: Layout,
    files: Sequence[int],
    source: Source | None = None,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Seconds of a row of each of these files, by its place in the layout: those that there was time for."""
    costs: dict[str, float] = {}
    began = clock()
    for index in files:
        if clock() - began > _MOST_S:
            break
        rows = layout.files[index].stop - layout.files[index].start
        if rows:
            costs[str(index)] = _weigh(partial(_time, plan, layout, index, source, clock), rows)
    return costs


def _weigh(time_of: Callable[[int], float], most: int) -> float:
    """Seconds of a row, of `most` rows that there are: as it is made in chunks, each of which costs something too."""
    rows = min(_FEW_ROWS, most)
    # What is made for the first time fills caches.
    time_of(rows)
    seconds = time_of(rows)
    if seconds < _LONG_S and most > rows:
        rows = min(_CHUNK_ROWS, most)
        seconds = min(time_of(rows) for _ in range(_TIMES))
    return max(seconds / rows, 1e-9)


def _time(
    plan: Plan, layout: Layout, index: int, source: Source | None, clock: Callable[[], float], rows: int
) -> float:
    file: File = layout.files[index]
    segment = Segment(index, str(plan.tables[file.table].name), file.start, file.start + rows, first=False, last=False)
    # Neither the first part nor a late one: only rows are made.
    rendered = RenderedPart(plan, layout, Part(2, (segment,), 0), source, _CHUNK_ROWS, None, ())
    began = clock()
    for _ in rendered:
        pass
    return clock() - began
