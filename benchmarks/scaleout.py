"""One to eight worker processes, 10 ms from their Postgres: what they come to, and what the model had said.

The way is made longer between network namespaces (`benchmarks.scaling.distance`). Coefficients are taken from some runs
with one worker, and what crowding costs from one with four; all others are predicted by them. Everything computes on
this machine's cores, Postgres too: from some point on it is those that are measured, and the model is told how many
were ours.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.commands.sizing import Costs, rate
from app.commands.sources import read_source
from app.generator.snapshot.form import snapshot_to_json
from benchmarks.exporting.service import Service
from benchmarks.figures import Figure, judge
from benchmarks.scaling.page import tell
from benchmarks.scaling.runs import Run, follow, run

__all__ = ["measure", "tell"]

_TIMES = 1
_FAR_MS = 10.0
_SMALL, _LARGE = 1_000, 2_000_000
# So many that what one of them does alone, to begin and to end, goes on beside the others' parts.
_LARGE_EXPORTS = 4
_WORKERS = (1, 2, 4, 8)
_ERROR_PERCENT = 25.0


def _of(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"


_CROWDED = "1,000 rows, 4 workers"
_CROWDING = "processor time of a job, times more for each further worker on the same cores"
# Name → (workers, jobs at once in each, round trip in ms, exports, rows of each).
_FITTED: Mapping[str, tuple[int, int, float, int, int]] = {
    "one job at a time, no distance": (1, 1, 0.0, 40, _SMALL),
    "one job at a time": (1, 1, _FAR_MS, 30, _SMALL),
    "1,000 rows, 1 worker, no distance": (1, 5, 0.0, 200, _SMALL),
    "2,000,000 rows, 1 worker, no distance": (1, 5, 0.0, _LARGE_EXPORTS, _LARGE),
    _CROWDED: (4, 5, _FAR_MS, 200, _SMALL),
}
_CHECKED: Mapping[str, tuple[int, int, float, int, int]] = {
    **{f"1,000 rows, {_of(n)}": (n, 5, _FAR_MS, 100 + 25 * n, _SMALL) for n in _WORKERS if n != 4},
    "1,000 rows, 1 worker of 20 jobs": (1, 20, _FAR_MS, 200, _SMALL),
    "10,000 rows, 1 worker": (1, 5, _FAR_MS, 100, 10_000),
    "10,000 rows, 1 worker, no distance": (1, 5, 0.0, 100, 10_000),
    "100,000 rows, 1 worker": (1, 5, _FAR_MS, 20, 100_000),
    "100,000 rows, 1 worker, no distance": (1, 5, 0.0, 20, 100_000),
    **{f"2,000,000 rows, {_of(n)}": (n, 5, _FAR_MS, _LARGE_EXPORTS, _LARGE) for n in _WORKERS},
}


def measure() -> list[Figure]:
    """The coefficients, each run beside what was predicted of it, and how far predictions are off."""
    with tempfile.TemporaryDirectory() as name:
        customers = snapshot_to_json(read_source(str(Path(__file__).with_name("schemas") / "customers.sql")))
        runs, api_s, kept_bytes = asyncio.run(_all_runs(Path(name) / "service", customers))
    costs = replace(fit(runs), api_export_s=api_s, database_export_bytes=kept_bytes)
    figures = _of_costs(runs, costs)
    errors = []
    for name in (_CROWDED, *_CHECKED):
        predicted = [_predicted(one, costs) for one in runs[name]]
        measured = [one.exports * _jobs(one) / one.wall_s for one in runs[name]]
        error = [100 * abs(p / m - 1) for p, m in zip([p.jobs_per_s for p in predicted], measured, strict=True)]
        bound = statistics.mode(p.bound for p in predicted)
        rows = [one.rows_per_s for one in runs[name]]
        figures += [
            judge(f"{name}: rows", rows, "rows/s"),
            judge(f"{name}: jobs", measured, "jobs/s"),
            judge(f"{name}: jobs, as predicted (bound by {bound})", [p.jobs_per_s for p in predicted], "jobs/s"),
            judge(f"{name}: processors used", [one.cores_used for one in runs[name]], "cores"),
        ]  # fmt: skip
        if name in _CHECKED:
            errors.append(statistics.median(error))
    figures += _of_distance(runs)
    return [
        *figures,
        judge("prediction off by, median of the runs above", errors, "%", target=_ERROR_PERCENT),
        judge("prediction off by, worst of the runs above", [max(errors)], "%"),
    ]


async def _all_runs(folder: Path, snapshot: Mapping[str, Any]) -> tuple[Mapping[str, list[Run]], float, float]:
    found: dict[str, list[Run]] = {name: [] for name in (*_FITTED, *_CHECKED)}
    async with Service.start(folder, workers=0) as service:
        schema_id = await service.register(snapshot)
        await follow(service, schema_id, 20, _SMALL)  # pools and caches
        size_before = _size(service)
        api_s = statistics.median([await follow(service, schema_id, 100, _SMALL) for _ in range(_TIMES)])
        kept_bytes = (_size(service) - size_before) / (100 * _TIMES)
        # In turns, so that what slows the machine down slows all of them.
        for _ in range(_TIMES):
            for name, (workers, concurrency, far_ms, exports, rows) in {**_FITTED, **_CHECKED}.items():
                one = await run(
                    service, schema_id, workers=workers, concurrency=concurrency, round_trip_ms=far_ms,
                    exports=exports, rows=rows,
                )  # fmt: skip
                found[name].append(one)
                print(
                    f"{name}: {one.rows_per_s:,.0f} rows/s, {one.cores_used:.2f} of {one.cores:.2f} cores", flush=True
                )
    return found, api_s, kept_bytes


def fit(runs: Mapping[str, list[Run]]) -> Costs:
    """The coefficients that the runs of `_FITTED` show."""
    near, far, busy, large, crowded = (runs[name] for name in _FITTED)

    def median(of: Callable[[Run], float], some: list[Run]) -> float:
        return statistics.median(of(one) for one in some)

    # A relay's work is not the service's; on the clock it is part of the distance.
    worker_s = median(lambda one: one.worker_cpu_s / one.exports, busy)
    database_s = median(lambda one: one.database_cpu_s / one.exports, busy)
    jobs = median(lambda one: float(_jobs(one)), large)
    row_s = (median(lambda one: one.worker_cpu_s / one.exports, large) - jobs * worker_s) / (_LARGE - jobs * _SMALL)
    making_row_s = median(lambda one: one.making_cpu_s / (one.exports * one.rows), large)
    (workers,) = {one.workers for one in crowded}
    crowded_s = median(lambda one: (one.worker_cpu_s + one.database_cpu_s) / one.exports, crowded)
    trips = median(lambda one: one.round_trips / one.exports, near + far)
    rest_s = statistics.median(
        one.wall_s / one.exports - trips * one.round_trip_ms / 1000 - one.rows * making_row_s for one in near + far
    )
    return Costs(
        worker_job_s=worker_s - _SMALL * row_s,
        database_job_s=database_s,
        row_s=row_s,
        making_row_s=making_row_s,
        crowding=max(0.0, crowded_s / (worker_s + database_s) - 1) / (workers - 1),
        job_round_trips=trips,
        job_rest_s=rest_s,
    )


def _predicted(one: Run, costs: Costs) -> Any:
    relayed = replace(costs, database_job_s=costs.database_job_s + one.relay_cpu_s / (one.exports * _jobs(one)))
    return rate(
        relayed,
        workers=one.workers,
        concurrency=one.concurrency,
        round_trip_s=one.round_trip_ms / 1000,
        rows_per_job=one.rows / _jobs(one),
        cores=one.cores,
        database_beside=True,
    )


def _jobs(one: Run) -> int:
    """Jobs of one export."""
    parts = one.parts // one.exports
    return 1 if parts == 1 else parts + 2


def _of_costs(runs: Mapping[str, list[Run]], costs: Costs) -> list[Figure]:
    small = [one for name in _FITTED for one in runs[name] if one.rows == _SMALL]
    return [
        judge("processor time of the API for an export", [costs.api_export_s * 1e3], "ms"),
        judge("processor time of a worker for a job, beside its rows", [costs.worker_job_s * 1e3], "ms"),
        judge("processor time of Postgres for a job", [costs.database_job_s * 1e3], "ms"),
        judge("processor time of a worker for a million rows of customers as CSV", [costs.row_s * 1e6], "s"),
        judge("of that, of its generators", [costs.making_row_s * 1e6], "s"),
        judge(_CROWDING, [costs.crowding], "x"),
        judge("round trips of a job, one after the other", [costs.job_round_trips], ""),
        judge("everything else that a job waits for", [costs.job_rest_s * 1e3], "ms"),
        judge("transactions of a small export", [one.transactions / one.exports for one in small], ""),
        judge("events of a small export", [one.events / one.exports for one in small], ""),
        judge("write-ahead log of a small export", [one.wal_bytes / one.exports / 1e3 for one in small], "KB"),
        judge("what an export leaves in Postgres", [costs.database_export_bytes / 1e3], "KB"),
        judge("round trip to Postgres", [one.round_trip_ms for one in runs["one job at a time"]], "ms"),
    ]  # fmt: skip


def _of_distance(runs: Mapping[str, list[Run]]) -> list[Figure]:
    """What is left of the speed at a distance of 10 ms, by the size of an export."""
    found = []
    for size in ("1,000", "10,000", "100,000", "2,000,000"):
        far = runs[f"{size} rows, 1 worker"]
        near = runs[f"{size} rows, 1 worker, no distance"]
        ratios = [a.rows_per_s / b.rows_per_s for a, b in zip(far, near, strict=True)]
        found.append(judge(f"{size} rows, 1 worker: speed at 10 ms against none", ratios, "x"))
    return found


def _size(service: Service) -> int:
    ((size,),) = service.sql(
        "select sum(pg_total_relation_size(relid))::bigint from pg_stat_user_tables"
        " where schemaname in ('public', 'queue', 'seedbed')"
    )
    return int(size)
