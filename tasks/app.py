"""The worker: `procrastinate --app=tasks.app worker`, and `run_worker` for a process that has other things to do too.

Importing this reads no environment and opens no connection; the settings are read when a worker starts.
"""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import procrastinate
import structlog
from procrastinate.worker import Worker
from prometheus_client import CollectorRegistry

from app.adapters.postgres.queue import DELIVERY_QUEUE, QUEUE
from app.adapters.postgres.readiness import wait_for_database
from app.adapters.postgres.traces import TraceLinks
from app.adapters.postgres.upkeep import GRACE_S, PostgresUpkeep
from app.bootstrap import Adapters, open_adapters, open_courier, open_deliveries, open_ledger
from app.collecting import collect_seldom
from app.exports.retrying import RetryPolicy
from app.exports.running import ExportRunner, RunnerOptions
from app.logging import configure_logging
from app.settings import Settings
from app.tracing import tracing
from tasks.delivery import COURIER, redeliver_stranded
from tasks.delivery import register as register_delivery
from tasks.export import ROOM, RUNNER, TRACES, register
from tasks.generators import GeneratorPool
from tasks.health import HealthServer
from tasks.maintenance import STRAY_AGE_S, SWEEP_INTERVAL_S, Sweeper, Swept, repeat, rescue
from tasks.metrics import WorkerMetrics
from tasks.room import LeavingRenderer, Room
from tasks.transport import PatientJobManager, QueueConnector

log = structlog.get_logger(__name__)

# Retried and scheduled jobs are announced by nobody.
_POLL_S = 1.0
_RESCUE_S = 5.0
_RESTART_WAITS_S = (0.2, 1.0, 2.0, 5.0)
_POOL_EXTRA = 5  # for the rescue, the sweep, a report and deliveries while every job is at its own transaction


class WorkerApp(procrastinate.App):
    """A Procrastinate app whose worker comes with everything it needs, and goes on after whatever ends it."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Without `settings`, they are read from the environment when the worker starts."""
        self.ear = connector = QueueConnector(settings)
        super().__init__(connector=connector)
        self.patient = PatientJobManager(connector)
        self.job_manager = self.patient
        self._settings = settings
        register(self)
        register_delivery(self)

    async def run_worker_async(self, **options: Any) -> None:
        """What the `procrastinate` command calls, on an app that is open: works until SIGTERM or Ctrl-C."""
        settings = self._settings or Settings.from_env(os.environ, needs=frozenset({"database", "store"}))
        configure_logging(log_format=settings.log_format, level=settings.log_level, secrets=settings.secrets())
        stop = asyncio.Event()
        with _stopping_on_signals(stop), tracing("seedbed-worker"):
            await _work(self, settings, stop, options, collect_seldom)


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Works inside another program until `stop` is set: own connections, no signal handlers, no logging set-up."""
    own = WorkerApp(settings)
    async with own.open_async():
        await _work(own, settings, stop, {})


async def sweep(settings: Settings, *, dry_run: bool, stray_age_s: float = STRAY_AGE_S) -> Swept:
    """Removes what is over, once; with `dry_run` only counts it."""
    async with _adapters(settings) as adapters:
        upkeep = PostgresUpkeep(adapters.database, adapters.queue)
        return await _sweeper(adapters, upkeep, stray_age_s=stray_age_s).sweep(dry_run=dry_run)


def _sweeper(
    adapters: Adapters,
    upkeep: PostgresUpkeep,
    *,
    stray_age_s: float = STRAY_AGE_S,
    on_swept: Callable[[Swept], None] | None = None,
) -> Sweeper:
    settings = adapters.settings
    return Sweeper(
        upkeep,
        adapters.objects,
        retention_s=settings.retention_s,
        event_retention_s=settings.event_retention_s,
        stray_age_s=stray_age_s,
        on_swept=on_swept,
    )


async def _work(
    app: WorkerApp,
    settings: Settings,
    stop: asyncio.Event,
    options: dict[str, Any],
    settled: Callable[[], None] = lambda: None,
) -> None:
    """`settled` is called when all is there that stays."""
    concurrency = options.get("concurrency") or settings.worker_concurrency
    registry = CollectorRegistry()
    metrics = WorkerMetrics(registry)
    # Who asks for short leases wants to be rescued as quickly.
    dead_s = min(GRACE_S, settings.lease_s / 2)
    app.patient.vitals.silent_s = dead_s
    async with AsyncExitStack() as stack:
        stack.enter_context(HealthServer(settings.host, settings.worker_port, app.patient.vitals, registry))
        if not await _ready(settings, stop):
            return
        adapters = await stack.enter_async_context(_adapters(settings, concurrency, registry))
        renderer = await stack.enter_async_context(GeneratorPool(generator_count(settings, concurrency)))
        work_dir = stack.enter_context(_work_folder())
        room = app.patient.room = Room(renderer.size)
        runner = ExportRunner(
            open_ledger(adapters),
            adapters.objects,
            LeavingRenderer(renderer, room),
            RunnerOptions(
                work_dir,
                chunk_rows=settings.chunk_rows,
                retry=RetryPolicy(settings.retry_count, settings.retry_base_s),
                lease_s=settings.lease_s,
            ),
            metrics,
        )
        stack.push_async_callback(runner.digests.close)
        app.ear.on_digest = runner.digests.heard
        deliveries = open_deliveries(adapters)
        courier = await stack.enter_async_context(open_courier(settings, deliveries, metrics.delivery_attempted))
        upkeep = PostgresUpkeep(adapters.database, adapters.queue)
        stuck_s = settings.database_timeout_s / 2
        sweeper = _sweeper(adapters, upkeep, on_swept=metrics.count_swept)
        await stack.enter_async_context(
            _beside(
                repeat(lambda: rescue(upkeep, dead_s, stuck_s, metrics.rescues), min(_RESCUE_S, dead_s), "rescue"),
                repeat(lambda: redeliver_stranded(deliveries, app.patient), _RESCUE_S, "deliveries"),
                repeat(sweeper.sweep_in_turn, SWEEP_INTERVAL_S, "sweep"),
            )
        )
        settled()
        log.info("worker_started", concurrency=concurrency, processes=renderer.size)
        shared = {
            **options,
            "fetch_job_polling_interval": _POLL_S,
            "shutdown_graceful_timeout": settings.shutdown_grace_s,
            "install_signal_handlers": False,
            "update_heartbeat_interval": dead_s / 3,
            "stalled_worker_timeout": dead_s,
            "additional_context": {RUNNER: runner, ROOM: room, COURIER: courier, TRACES: TraceLinks(adapters.database)},
        }
        queues = options.get("queues") or [QUEUE, DELIVERY_QUEUE]
        # Each queue has its own places: slow receivers take none from the making of files.
        places = {DELIVERY_QUEUE: settings.delivery_concurrency}
        async with asyncio.TaskGroup() as workers:
            for queue in queues:
                chosen = {**shared, "queues": [queue], "concurrency": places.get(queue, concurrency)}
                workers.create_task(_supervise(app, stop, chosen, room if queue == QUEUE else Room(1)))


async def _ready(settings: Settings, stop: asyncio.Event) -> bool:
    """Waits for the database; False when the worker is told to stop before it is there."""
    waiting = asyncio.create_task(wait_for_database(settings.listen_url))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            return False
        await waiting
        return True
    finally:
        for task in (waiting, stopping):
            task.cancel()
        await asyncio.gather(waiting, stopping, return_exceptions=True)


async def _supervise(app: WorkerApp, stop: asyncio.Event, options: dict[str, Any], room: Room) -> None:
    """Runs a worker until it is told to stop, and another one whenever it ends by itself."""
    restarts = 0
    while not stop.is_set():
        room.open()
        # Any: Procrastinate's worker has annotations for its arguments alone.
        worker: Any = Worker(app=app, **options)

        async def register_anew(worker_id: int, worker: Any = worker) -> None:
            if worker.worker_id == worker_id:
                worker.worker_id = await app.patient.register_worker()

        app.patient.on_pruned.append(register_anew)
        running = asyncio.create_task(worker.run())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            worker.stop()
            room.close()
            await running
        except asyncio.CancelledError:
            room.close()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            raise
        except Exception as error:
            if stop.is_set() or not options.get("wait", True):
                raise
            # Until it has fetched again it is no worker, however often it is begun.
            app.patient.vitals.fetch_failed(",".join(options["queues"]))
            log.warning("worker_restarted", cause=type(error).__name__, exc_info=error)
        finally:
            stopping.cancel()
            app.patient.on_pruned.remove(register_anew)
        if not options.get("wait", True):
            return
        if not stop.is_set():
            wait_s = _RESTART_WAITS_S[min(restarts, len(_RESTART_WAITS_S) - 1)]
            restarts += 1
            await asyncio.wait({stopped := asyncio.create_task(stop.wait())}, timeout=wait_s)
            stopped.cancel()


def generator_count(settings: Settings, concurrency: int) -> int:
    """Generator processes: one for each core there is, as long as there are jobs for them."""
    return settings.worker_processes or max(1, min(concurrency, len(os.sched_getaffinity(0))))


@asynccontextmanager
async def _adapters(
    settings: Settings, concurrency: int = 1, registry: CollectorRegistry | None = None
) -> AsyncIterator[Adapters]:
    pool_size = max(settings.database_pool_size, concurrency + _POOL_EXTRA)
    adapters = open_adapters(replace(settings, database_pool_size=pool_size), "seedbed worker", registry)
    try:
        yield adapters
    finally:
        await adapters.close()


@asynccontextmanager
async def _beside(*coroutines: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def _work_folder() -> Iterator[Path]:
    """A folder for the parts in the making. What a killed worker left in its own is removed by the next one."""
    base = Path(tempfile.gettempdir())
    prefix = f"seedbed-work-{os.geteuid()}-"
    for left in base.glob(f"{prefix}*"):
        if _alive(left.name.removeprefix(prefix).partition("-")[0]):
            continue
        # Another worker that starts at this moment may be quicker.
        with suppress(FileNotFoundError):
            if left.lstat().st_uid == os.geteuid():
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _stopping_on_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def ask() -> None:
        log.info("worker_stopping")
        stop.set()
        # A second Ctrl-C ends it at once.
        for number in signals:
            loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


app = WorkerApp()
