"""What a worker counts for Prometheus; docs/ops/metrics.md lists every figure."""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Histogram

from app.exports.ledger import Claim
from app.exports.models import Status
from app.exports.observation import Outcome
from tasks.maintenance import Swept

_WAIT_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
_DURATION_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)


class WorkerMetrics:
    """The figures of one worker process; the `Observer` of `app.exports.observation`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._queue_wait = Histogram(
            "seedbed_export_queue_wait_seconds",
            "Time from the request to a worker taking the export up",
            buckets=_WAIT_BUCKETS,
            registry=registry,
        )
        self._duration = Histogram(
            "seedbed_export_duration_seconds",
            "Time from the request to the end of an export",
            ["outcome"],
            buckets=_DURATION_BUCKETS,
            registry=registry,
        )
        self._exports = Counter("seedbed_exports_ended", "Exports ended by this worker", ["outcome"], registry=registry)
        self._rows = Counter("seedbed_rows_generated", "Rows made, repeated runs included", registry=registry)
        self._made = Counter("seedbed_bytes_generated", "Bytes made, repeated runs included", registry=registry)
        self._bytes = Counter("seedbed_file_bytes", "Bytes of completed files", registry=registry)
        self._parts = Counter(
            "seedbed_parts", "Runs at parts, by kind of work and how they ended", ["work", "outcome"], registry=registry
        )
        self._part_seconds = Histogram(
            "seedbed_part_duration_seconds", "Time of a run at a part", ["work"], buckets=_DURATION_BUCKETS,
            registry=registry,
        )  # fmt: skip
        self.rescues = Counter(
            "seedbed_rescues", "Jobs of dead workers and parts nobody was going to make, taken up", ["what"],
            registry=registry,
        )  # fmt: skip
        self._swept = Counter("seedbed_swept", "Things that were over, removed", ["what"], registry=registry)
        self._swept_bytes = Counter("seedbed_swept_bytes", "Bytes of expired files", registry=registry)
        self._attempts = Counter(
            "seedbed_delivery_attempts_ended", "Attempts at webhooks and mails", ["channel", "outcome"],
            registry=registry,
        )  # fmt: skip
        self._attempt_seconds = Histogram(
            "seedbed_delivery_attempt_seconds", "Time of an attempt at a webhook or mail", ["channel"],
            buckets=_DURATION_BUCKETS, registry=registry,
        )  # fmt: skip
        for outcome in Outcome:
            self._parts.labels("make_part", outcome)
        for status in (Status.COMPLETED, Status.FAILED, Status.CANCELLED):
            self._exports.labels(status)

    def part_ended(self, kind: str, outcome: Outcome, seconds: float, rows: int) -> None:
        """Counts a run at a part."""
        self._parts.labels(kind, outcome).inc()
        self._part_seconds.labels(kind).observe(seconds)
        self._rows.inc(rows)

    def rendered(self, size: int) -> None:
        """Counts bytes that were made."""
        self._made.inc(size)

    def export_started(self, claim: Claim) -> None:
        """Notes how long the export waited."""
        self._queue_wait.observe(_since(claim.requested_at))

    def export_ended(self, status: Status, claim: Claim | None, size: int = 0) -> None:
        """Counts the export and its bytes, and notes how long it took."""
        self._exports.labels(status).inc()
        self._bytes.inc(size)
        if claim is not None:
            self._duration.labels(status).observe(_since(claim.requested_at))

    def delivery_attempted(self, channel: str, outcome: str, seconds: float) -> None:
        """Counts an attempt. `outcome`: delivered, pending (it will be tried again) or failed."""
        self._attempts.labels(channel, outcome).inc()
        self._attempt_seconds.labels(channel).observe(seconds)

    def count_swept(self, swept: Swept) -> None:
        """Counts what a sweep removed."""
        for name, count in swept.counts().items():
            if name == "bytes_freed":
                self._swept_bytes.inc(count)
            else:
                self._swept.labels(name).inc(count)


def _since(then: datetime) -> float:
    # The database's clock against this machine's: a small skew must not make a time negative.
    return max(0.0, (datetime.now(UTC) - then).total_seconds())
