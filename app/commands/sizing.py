"""What machines a load takes: a model of the service with measured coefficients. Arithmetic alone; docs/ops/capacity.md
says where each number comes from, and a test holds the two together.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What things take, as benchmarks/scaleout.py found it. Seconds are of one core's time, unless they say otherwise.

    A job is a part of an export, or a whole small one. Rows are those of the `customers` table as CSV: 12 columns, 170
    bytes each.
    """

    # One export in the API: the request, its stream of events, a look and a link.
    api_export_s: float = 0.02
    # One job in the worker, and in Postgres, beside its rows.
    worker_job_s: float = 0.0147
    database_job_s: float = 0.0047
    # One row: made, written, digested, stored and read back.
    row_s: float = 7.6e-07
    # The generator's share of that.
    making_row_s: float = 4.5e-07
    # How much dearer all of it is for each further worker on the same cores, with Postgres: they take turns.
    crowding: float = 0.0058
    # An event to one subscriber (benchmarks/sse.py: 1.25 s for 30,000).
    stream_event_s: float = 42e-6
    # What a job waits for, one thing after the other: trips to Postgres, and the rest, by the clock.
    job_round_trips: float = 5.8
    job_rest_s: float = 0.019
    # Of these, what a worker does for one job after the other.
    fetch_round_trips: float = 1.0
    fetch_rest_s: float = 0.004
    # What an export leaves in Postgres: rows of its tables with their indexes, and of the queue for a day.
    database_export_bytes: float = 12900.0
    # A large export reports four times a second at most.
    events_per_export: float = 4.0
    reports_per_s: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Jobs a second, and what keeps it from being more: `round trips`, `fetching`, `generators` or `processors`."""

    jobs_per_s: float
    bound: str


def rate(
    costs: Costs,
    *,
    workers: int,
    concurrency: int,
    round_trip_s: float,
    rows_per_job: float,
    cores: float,
    generators: int = 1,
    database_beside: bool = False,
) -> Rate:
    """What so many worker processes come to, with `cores` for all of them together.

    `round_trip_s` is the distance to Postgres, `generators` the processes that make rows in each worker
    (`WORKER_PROCESSES`); with `database_beside` all of it is one machine, on whose cores Postgres computes too.
    """
    making_s = rows_per_job * costs.making_row_s
    processor_s = costs.worker_job_s + rows_per_job * costs.row_s
    if database_beside:
        processor_s = (processor_s + costs.database_job_s) * (1 + costs.crowding * (workers - 1))
    cycle_s = costs.job_rest_s + costs.job_round_trips * round_trip_s + making_s
    limits = {
        "round trips": workers * concurrency / cycle_s,
        "fetching": workers / (costs.fetch_rest_s + costs.fetch_round_trips * round_trip_s),
        "processors": cores / processor_s,
        "generators": workers * generators / making_s if making_s else math.inf,
    }
    bound = min(limits, key=lambda name: limits[name])
    return Rate(jobs_per_s=limits[bound], bound=bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is wanted, and of what the machines are.

    `peak` is how much busier the busiest minutes are than the hour, `busy` how much of a machine is to be used then.
    `row_cost` is how much dearer a row is than one of `customers` as CSV; `watchers` follow each export.
    """

    exports_per_hour: float
    rows: float
    row_bytes: float = 170.0
    row_cost: float = 1.0
    watchers: float = 1.0
    open_streams: float = 0.0
    round_trip_ms: float = 1.0
    concurrency: int = 5
    worker_cores: int = 2
    part_bytes: int = 32 * 1024**2
    pool_size: int = 10
    retention_days: float = 7.0
    event_retention_days: float = 30.0
    peak: float = 2.0
    busy: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What that takes. Rates are those of the busiest minutes."""

    exports_per_s: float
    rows_per_s: float
    parts_per_export: int
    jobs_per_s: float
    jobs_per_s_per_worker: float
    bound: str
    export_s: float
    workers: int
    apis: int
    database_cores: float
    connections: int
    events_per_s: float
    notifications_per_s: float
    stream_events_per_s: float
    streams: int
    stored_bytes: float
    stored_bytes_per_s: float
    database_bytes: float


# Of one API process on one core: benchmarks/sse.py holds so many, and tells them all within half a second.
_STREAMS_PER_API = 10_000
# The API's pool, and beside it the one that listens, the one that calls it and the one that reads events; a worker's
# pool, that of its queue, and an ear for each of its two queues.
_API_EARS, _WORKER_EXTRA, _QUEUE_CONNECTIONS = 3, 5, 8
# A commit that notifies waits for the one before it, whatever the cores: benchmarks/sse.py came to 1,225 a second.
MOST_NOTIFICATIONS_PER_S = 1_200.0


def most_connections(apis: int, workers: int, *, pool_size: int, concurrency: int) -> int:
    """The connections to Postgres that so many processes of each kind have at most."""
    worker = max(pool_size, concurrency + _WORKER_EXTRA) + _QUEUE_CONNECTIONS
    return apis * (pool_size + _API_EARS) + workers * worker


def forecast(load: Load, costs: Costs | None = None) -> Forecast:
    """The machines for a load."""
    # Here, so that the model's coefficients can be had without the engine.
    from app.generator.layout.cutting import LEAST_PART_BYTES, part_bounds

    costs = costs or Costs()
    bytes_per_export = load.rows * load.row_bytes
    # Its last parts are smaller than the others.
    parts = len(part_bounds(bytes_per_export, load.part_bytes, LEAST_PART_BYTES))
    # Of several parts: one job cuts, one puts together.
    jobs = 1 if parts == 1 else parts + 2
    rows_per_job = load.rows * load.row_cost / jobs
    exports_per_s = load.exports_per_hour / 3600 * load.peak
    jobs_per_s = exports_per_s * jobs
    one = rate(
        costs,
        workers=1,
        concurrency=load.concurrency,
        round_trip_s=load.round_trip_ms / 1000,
        rows_per_job=rows_per_job,
        cores=load.worker_cores,
        generators=load.worker_cores,
    )
    usable = one.jobs_per_s * load.busy
    workers = max(1, math.ceil(jobs_per_s / usable))
    alone_s = costs.job_rest_s + costs.job_round_trips * load.round_trip_ms / 1000
    export_s = alone_s * (1 if parts == 1 else 3) + load.rows * load.row_cost * costs.row_s / min(
        workers * load.worker_cores, parts
    )
    events = costs.events_per_export + (costs.reports_per_s * export_s if parts > 1 else 0.0)
    events_per_s = exports_per_s * events
    stream_events = events_per_s * load.watchers
    streams = math.ceil(load.open_streams + exports_per_s * export_s * load.watchers)
    api_cores = exports_per_s * costs.api_export_s + stream_events * costs.stream_event_s
    apis = max(1, math.ceil(api_cores / load.busy), math.ceil(streams / _STREAMS_PER_API))
    database = jobs_per_s * costs.database_job_s + (events_per_s - 4 * exports_per_s) * costs.database_job_s / 4
    connections = most_connections(apis, workers, pool_size=load.pool_size, concurrency=load.concurrency)
    per_day = load.exports_per_hour * 24
    return Forecast(
        exports_per_s=exports_per_s,
        rows_per_s=exports_per_s * load.rows,
        parts_per_export=parts,
        jobs_per_s=jobs_per_s,
        jobs_per_s_per_worker=one.jobs_per_s,
        bound=one.bound,
        export_s=export_s,
        workers=workers,
        apis=apis,
        database_cores=database / load.busy,
        connections=connections,
        events_per_s=events_per_s,
        # One for the events of a commit, one for each job that was put into the queue.
        notifications_per_s=events_per_s + jobs_per_s,
        stream_events_per_s=stream_events,
        streams=streams,
        stored_bytes=per_day * load.retention_days * bytes_per_export,
        stored_bytes_per_s=exports_per_s * bytes_per_export,
        database_bytes=per_day * load.event_retention_days * costs.database_export_bytes,
    )
