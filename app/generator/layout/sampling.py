"""What a row of a file costs to make, found by making some."""

import time
from collections.abc import Callable, Sequence
from functools import partial

from app.generator.layout.parts import File, Layout, Part, Segment
from app.generator.layout.rendering import RenderedPart
from app.generator.layout.sizes import Source
from app.generator.plan import Plan

# So many rows to begin with, and four times as many until they take long enough to tell.
_FEW_ROWS, _MOST_ROWS = 1_000, 64_000
_LEAST_S = 0.004
_CHUNK_ROWS = 10_000
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
    """Seconds of a row, of `most` rows that there are. What a table costs at all is in every measure, and not in the
    difference of two."""

    def least(rows: int) -> float:
        # What is made for the first time fills caches too.
        return min(time_of(rows), time_of(rows))

    few = min(_FEW_ROWS, most)
    few_s = least(few)
    while True:
        more = min(4 * few, most, _MOST_ROWS)
        if more <= few:
            return max(few_s / few, 1e-9)
        more_s = least(more)
        if more_s >= _LEAST_S or more in (most, _MOST_ROWS):
            # Not less than a tenth of it all: a clock that stood still is no measure.
            return max((more_s - few_s) / (more - few), more_s / more / 10, 1e-9)
        few, few_s = more, more_s


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
