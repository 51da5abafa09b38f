"""What a run has to have been like, as figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.commands.sizing import most_connections
from app.settings import Settings
from benchmarks.figures import Figure
from tests.soak.book import Book
from tests.soak.readings import Reading, TableReading
from tests.soak.trend import by_minute, longest_s, trend

# A straight line through less than this says more about the noise than about the service.
LONG_ENOUGH_S = 1_200.0
_FLAT_PERCENT = 5.0
# Half of what `fly.toml` gives an API machine and a worker machine: the API is four processes (itself, two that plan,
# one of previews), each with the engine, and the other half is for large plans.
_MOST_MEMORY_MB = 512.0
_MOST_TRANSACTION_S = 30.0
# Autovacuum comes by every minute, and is at one table after the other.
_MOST_DUE_S = 240.0
# B-trees of random keys are two thirds full, and a fifth of the rows may be dead before anything is done about it.
_MOST_BLOAT = 2.0
_BLOAT_FROM_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found when all was over: exports by status, sizes of tables before and after they were rewritten."""

    statuses: dict[str, int]
    open_jobs: int
    deleted_left: int
    stray_files: int
    rewritten: dict[str, tuple[int, int]]
    errors_logged: int
    bad_exits: int
    mean_cores: float


def figures(book: Book, readings: Sequence[Reading], settled_s: float, outcome: Outcome) -> list[Figure]:
    """Everything that is said of a run. What needs time is judged when there was enough after `settled_s`."""
    settled = [one for one in readings if one.at_s >= settled_s]
    long_enough = settled[-1].at_s - settled[0].at_s >= LONG_ENOUGH_S
    return [
        *_of_exports(book, outcome),
        *_of_processes(settled, long_enough),
        *_of_connections(settled, long_enough),
        *_of_tables(settled, outcome, long_enough),
        _figure("processor time of everything, the crowd too", outcome.mean_cores, "cores"),
    ]


def _of_exports(book: Book, outcome: Outcome) -> list[Figure]:
    ended = {"completed", "cancelled", "expired"}
    open_ = sum(count for status, count in outcome.statuses.items() if status not in ended)
    gone = len(book.accepted) - len(book.deleted) - sum(outcome.statuses.values())
    counts = {
        "exports accepted": len(book.accepted),
        "exports cancelled": book.cancels,
        "exports run again": book.retries,
        "exports deleted": len(book.deleted),
        "exports shared": book.shares,
        "previews": book.previews,
        "plans": book.plans,
        "requests": book.requests,
        "requests that were told to come back later": book.put_off,
        "events read from streams": book.events,
        "downloads compared by SHA-256": book.downloads,
    }
    return [
        *(_figure(name, count, "") for name, count in counts.items()),
        _figure("bytes downloaded", book.downloaded_bytes / 1e6, "MB"),
        _figure("exports that did not end well", open_, "exports", 0),
        _figure("exports that are lost", abs(gone), "exports", 0),
        _figure("jobs left in the queue", outcome.open_jobs, "jobs", 0),
        _figure("downloads that differ from the reference", book.wrong_downloads, "downloads", 0),
        _figure("deleted exports that are still there", outcome.deleted_left, "exports", 0),
        _figure("files and uploads that are nobody's", outcome.stray_files, "files", 0),
        _figure("answers and streams that were not as they should be", len(book.faults), "faults", 0),
        _figure("errors in the logs", outcome.errors_logged, "lines", 0),
        _figure("processes that did not end in good order", outcome.bad_exits, "processes", 0),
    ]


def _of_processes(settled: Sequence[Reading], long_enough: bool) -> list[Figure]:
    found = []
    for name in settled[0].memory:
        megabytes = _series(settled, lambda one, name=name: one.memory[name] / 1e6)  # type: ignore[misc]  # a closure
        files = _series(settled, lambda one, name=name: float(one.open_files[name]))  # type: ignore[misc]  # as above
        line, opened = trend(*megabytes), trend(*files)
        found += [
            _figure(f"{name}: memory (PSS)", line.last, "MB", _MOST_MEMORY_MB, runs=by_minute(*megabytes)),
            _figure(f"{name}: growth of memory", line.growth_percent, "%", _FLAT_PERCENT, judged=long_enough, way="flat"),
            _figure(f"{name}: open files", opened.last, "files", runs=by_minute(*files)),
            _figure(f"{name}: growth of open files", opened.growth_percent, "%", _FLAT_PERCENT, judged=long_enough),
        ]  # fmt: skip
    return found


def _of_connections(settled: Sequence[Reading], long_enough: bool) -> list[Figure]:
    totals = _series(settled, lambda one: float(sum(one.connections.values())))
    line = trend(*totals)
    most = max(totals[1])
    workers = sum(name.startswith("worker") for name in settled[0].memory)
    usual = Settings()
    allowed = most_connections(1, workers, pool_size=usual.database_pool_size, concurrency=usual.worker_concurrency)
    longest = max(one.longest_transaction_s for one in settled)
    of_whom = sorted({name for one in settled for name in one.connections})
    kinds = {name: _series(settled, lambda one, name=name: float(one.connections.get(name, 0))) for name in of_whom}  # type: ignore[misc]  # a closure
    return [
        _figure("connections to Postgres, most", most, "connections", allowed, runs=by_minute(*totals)),
        *(
            _figure(f"connections of {name}, most", max(series[1]), "connections", runs=by_minute(*series))
            for name, series in kinds.items()
        ),
        _figure("connections to Postgres, growth", line.last - line.first, "connections", 1.0, judged=long_enough),
        _figure("longest transaction that was seen", longest, "s", _MOST_TRANSACTION_S),
    ]


def _of_tables(settled: Sequence[Reading], outcome: Outcome, long_enough: bool) -> list[Figure]:
    def rows(name: str) -> list[TableReading]:
        return [one.tables[name] for one in settled if name in one.tables]

    at = [one.at_s for one in settled]
    names = sorted(settled[-1].tables)
    due = {name: longest_s(at, [row.due for row in rows(name)]) for name in names if len(rows(name)) == len(at)}
    worst = max(due, key=lambda name: due[name])
    large = {name: sizes for name, sizes in outcome.rewritten.items() if sizes[0] >= _BLOAT_FROM_BYTES}
    found = [
        _figure("tables with more dead rows than autovacuum lets be, longest", due[worst], "s", _MOST_DUE_S,
                judged=long_enough),
        _figure("rounds of autovacuum", sum(rows(name)[-1].vacuumed for name in names), ""),
    ]  # fmt: skip
    for name, (before, after) in sorted(large.items()):
        last = rows(name)[-1]
        seen = [one.at_s for one in settled if name in one.tables]
        megabytes = by_minute(seen, [row.bytes / 1e6 for row in rows(name)])
        of_indexes = by_minute(seen, [row.index_bytes / 1e6 for row in rows(name)])
        found += [
            _figure(f"{name}: size", before / 1e6, "MB", runs=megabytes),
            _figure(f"{name}: size of its indexes", of_indexes[-1], "MB", runs=of_indexes),
            _figure(f"{name}: rows, and dead ones beside them", last.live, "rows", runs=[last.live, last.dead]),
            _figure(f"{name}: size against the same rows written anew", before / after, "x", _MOST_BLOAT,
                    judged=long_enough),
        ]  # fmt: skip
    return found


def _series(readings: Sequence[Reading], value: Callable[[Reading], float]) -> tuple[list[float], list[float]]:
    return [one.at_s for one in readings], [value(one) for one in readings]


def _figure(
    name: str,
    value: float,
    unit: str,
    target: float | None = None,
    *,
    judged: bool = True,
    way: Literal["less", "flat"] = "less",
    runs: Sequence[float] = (),
) -> Figure:
    """`flat`: it must not fall by more than the target either. What is not judged has no target."""
    target = target if judged else None
    holds = target is None or (abs(value) if way == "flat" else value) <= target
    return Figure(name, round(value, 3), unit, target, holds, tuple(round(run, 3) for run in runs))
