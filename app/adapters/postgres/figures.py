"""Figures that only the database knows, for Prometheus: what waits, what is stored, how full the event bus is.

Every API process tells the same of them: take the maximum over processes, not the sum.
"""

import asyncio
import time
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge, Histogram

from app.adapters.postgres.connections import Database
from app.errors import DatabaseUnavailable

# Scrapes that come faster than this, or from several scrapers, share one look.
_FRESH_S = 5.0
_TIMEOUT_S = 5.0


_LAG_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)


def event_lag(registry: CollectorRegistry) -> Histogram:
    """What the hub's `on_lag` observes: it hears of notifications at once, and looks by itself every second or two."""
    return Histogram(
        "seedbed_event_lag_seconds",
        "Time from the making of an event until its followers had it",
        buckets=_LAG_BUCKETS,
        registry=registry,
    )


@dataclass(frozen=True, slots=True)
class _Figure:
    name: str
    help: str
    labels: tuple[str, ...] = ()


_FIGURES = {
    "jobs": _Figure("seedbed_jobs", "Jobs that wait (todo) or run (doing)", ("task", "status")),
    "job_age": _Figure("seedbed_oldest_due_job_age_seconds", "How long the oldest due job has been due"),
    "exports": _Figure("seedbed_exports_active", "Exports that have not ended", ("status",)),
    "export_age": _Figure("seedbed_oldest_queued_export_age_seconds", "How long the oldest queued export has waited"),
    "parts": _Figure("seedbed_parts_open", "Parts of active exports that are not done", ("state",)),
    "stored_files": _Figure("seedbed_stored_files", "Files of completed exports"),
    "stored_bytes": _Figure("seedbed_stored_bytes", "Bytes of the files of completed exports"),
    "orphans": _Figure("seedbed_orphaned_objects", "Objects and uploads noted for removal from the store"),
    "workers": _Figure("seedbed_workers_alive", "Workers whose heart beat within the last 30 seconds"),
    "notify_queue": _Figure("seedbed_notify_queue_usage_ratio", "Share of the NOTIFY queue in use, 0 to 1"),
    "event_days": _Figure("seedbed_event_days_ahead", "Days to come whose events have a partition"),
    "connections": _Figure("seedbed_database_connections", "Connections to the database, by whose", ("application",)),
}  # fmt: skip


class DatabaseFigures:
    """Gauges that are looked up when somebody asks."""

    def __init__(self, database: Database, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._database = database
        self._up = Gauge("seedbed_database_up", "Whether the database answered the last look", registry=registry)
        self._gauges = {
            key: Gauge(figure.name, figure.help, figure.labels, registry=registry) for key, figure in _FIGURES.items()
        }
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def refresh(self) -> None:
        """Brings the gauges up to date, unless they are. Raises nothing: an outage is a figure of its own."""
        async with self._looking:
            if time.monotonic() - self._looked_at < _FRESH_S:
                return
            try:
                async with asyncio.timeout(_TIMEOUT_S), self._database.transaction() as transaction:
                    rows = await transaction.all("figures")
            except (DatabaseUnavailable, TimeoutError):
                # Figures of before the outage would look like figures of now.
                self._up.set(0)
                self._clear()
                return
            self._looked_at = time.monotonic()
            self._up.set(1)
            self._clear()
            for row in rows:
                gauge = self._gauges[row["figure"]]
                values = [row["first"], row["second"]][: len(_FIGURES[row["figure"]].labels)]
                (gauge.labels(*values) if values else gauge).set(row["value"])

    def _clear(self) -> None:
        for key, gauge in self._gauges.items():
            if _FIGURES[key].labels:
                gauge.clear()
            else:
                gauge.set(float("nan"))
