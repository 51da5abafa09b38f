"""What a worker must not do, however large the export: take more memory, or hold its loop up."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.exporting.consumption import tree_processor_s, tree_pss_bytes
from benchmarks.exporting.service import Service
from benchmarks.figures import Figure, judge

_SAMPLE_S = 0.1
_WARMING_ROWS = 10_000_000


async def measure_memory(service: Service, snapshot: Mapping[str, Any], sizes: tuple[int, int]) -> list[Figure]:
    """Peak memory of a worker and its generators (PSS) over exports of two sizes, five parts at once."""
    schema_id = await service.register(snapshot)
    worker = service.processes[-1].pid
    # The first parts fill pools and caches that stay, in each generator: so many of them that each has some.
    await service.ended(await service.post(schema_id, _WARMING_ROWS))
    peaks = []
    few, many = sizes
    # Parquet at the end: its row groups are held as a whole, and some of what they took stays.
    for rows, form in ((few, "csv"), (many, "csv"), (_WARMING_ROWS, "parquet")):
        async with _watching(worker) as peak:
            await service.ended(await service.post(schema_id, rows, form))
        peaks.append(peak[0] / 1e6)
    return [
        judge(f"worker's memory at {few:,} rows", peaks[:1], "MB", target=300),
        judge(f"worker's memory at {many:,} rows", peaks[1:2], "MB", target=300),
        judge(f"worker's memory at {_WARMING_ROWS:,} rows as Parquet", peaks[2:], "MB", target=300),
        judge(f"memory at {many:,} rows against {few:,}", [peaks[1] / peaks[0]], "x", target=1.1),
    ]


@asynccontextmanager
async def _watching(pid: int) -> AsyncIterator[list[int]]:
    """The highest memory (PSS), in bytes, of a process and its children, while the block runs."""
    peak = [0]

    async def sample() -> None:
        while True:
            peak[0] = max(peak[0], await asyncio.to_thread(tree_pss_bytes, pid))
            await asyncio.sleep(_SAMPLE_S)

    sampling = asyncio.create_task(sample())
    try:
        yield peak
    finally:
        sampling.cancel()


async def measure_cores(service: Service, snapshot: Mapping[str, Any], rows: int, **config: Any) -> Figure:
    """Processor time of one worker process and its children in a large export, by the second."""
    schema_id = await service.register(snapshot)
    worker = service.processes[-1].pid
    before, began = tree_processor_s(worker), time.perf_counter()
    await service.ended(await service.post(schema_id, rows, **config))
    used = (tree_processor_s(worker) - before) / (time.perf_counter() - began)
    form = " and ".join(["csv", *config.values()])
    return judge(f"cores that one worker process uses for {form}, of {len(os.sched_getaffinity(0))}", [used], "cores")


def read_stalls(service: Service) -> list[Figure]:
    """The longest that the event loops of the service, which has ended, were held up; and by their own computing."""
    figures = []
    for name in ("api", "worker"):
        late_ms, computed_ms = map(float, (service.folder / name).read_text().split())
        figures.append(judge(f"longest stall of the {name}'s event loop", [late_ms], "ms", target=100))
        figures.append(judge(f"longest turn of the {name}'s event loop, computing", [computed_ms], "ms", target=100))
    return figures
