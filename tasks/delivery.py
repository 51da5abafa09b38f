"""The task that sends word of an export's end, and the finding of what no job is going to send any more."""

from uuid import UUID

import procrastinate
import structlog
from procrastinate import JobContext

from app import tracing
from app.adapters.postgres.deliveries import PostgresDeliveries
from app.adapters.postgres.queue import DELIVERY_QUEUE
from app.adapters.postgres.traces import TraceLinks
from app.adapters.postgres.upkeep import GRACE_S
from app.exports.delivering import Courier
from app.exports.jobs import DELIVER
from app.logging import bind
from tasks.export import TRACES, LedgerDecides
from tasks.transport import PatientJobManager

log = structlog.get_logger(__name__)

COURIER = "courier"
# A delivery is due, its job was fetched, and nothing has come of it: longer than a worker's poll and an attempt.
_GRACE_S = 60.0


async def deliver(context: JobContext, delivery_id: str) -> None:
    """Sends one webhook or mail; its id is all that a job knows of it."""
    courier: Courier = context.additional_context[COURIER]
    parent = None
    if tracing.enabled():
        links: TraceLinks = context.additional_context[TRACES]
        parent = await links.of_delivery(UUID(delivery_id))
    with bind(job_id=context.job.id), tracing.job(DELIVER, parent, delivery_id=delivery_id, job_id=context.job.id):
        await courier.deliver(UUID(delivery_id))


async def redeliver_stranded(deliveries: PostgresDeliveries, jobs: PatientJobManager) -> None:
    """Takes up the deliveries of workers that were lost."""
    for job in await jobs.get_stalled_jobs(queue=DELIVERY_QUEUE, seconds_since_heartbeat=GRACE_S):
        log.warning("job_rescued", job_id=job.id, task=job.task_name, **job.task_kwargs)
        await jobs.retry_job(job)
    for delivery_id in await deliveries.requeue_stranded(_GRACE_S):
        log.warning("delivery_rescued", delivery_id=str(delivery_id))


def register(app: procrastinate.App) -> None:
    """Makes the task known to an app, under the name that jobs are queued by."""
    app.task(name=DELIVER, queue=DELIVERY_QUEUE, pass_context=True, retry=LedgerDecides())(deliver)
