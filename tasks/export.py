"""The tasks that carry exports forward: each body is one idempotent call, each argument an id."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import procrastinate
from procrastinate import JobContext
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from app import tracing
from app.adapters.postgres.queue import QUEUE
from app.adapters.postgres.traces import TraceLinks
from app.errors import DatabaseUnavailable
from app.exports.jobs import FINALISE_EXPORT, GENERATE_PART, RUN_EXPORT, SETTLE_CANCEL
from app.exports.retrying import RetryLater
from app.exports.running import ExportRunner
from app.logging import bind
from tasks.room import Room

RUNNER = "runner"
ROOM = "room"
TRACES = "traces"
_DATABASE_WAIT_S = 5
_SETTLE_WAIT_S = 1.0


class LedgerDecides(BaseRetryStrategy):
    """Attempts are counted in our tables, where a deploy costs none; the queue only hears when to come back."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When the job runs again: after the wait that was written down, at once after a shutdown, else never."""
        if isinstance(exception, RetryLater):
            return RetryDecision(retry_in={"milliseconds": round(exception.wait_s * 1000)})
        if isinstance(exception, DatabaseUnavailable):
            # Nothing could be written down, so nothing counts. Should the part be held by then, its lease decides.
            return RetryDecision(retry_in={"seconds": _DATABASE_WAIT_S})
        if isinstance(exception, Exception) and not isinstance(exception, JobAborted):
            return None
        return RetryDecision(retry_in={"seconds": 0})  # cancelled: the worker is shutting down


async def run_export(context: JobContext, export_id: str, owner_id: str = "") -> None:
    """Starts an export."""
    async with _told(context, UUID(export_id)):
        await _runner(context).run_export(UUID(export_id))


async def generate_part(context: JobContext, export_id: str, part_no: int, owner_id: str = "") -> None:
    """Makes one part of a large export."""
    room: Room = context.additional_context[ROOM]
    with room.making(context.job.id or 0):
        async with _told(context, UUID(export_id)):
            await _runner(context).generate_part(UUID(export_id), part_no)


async def finalise_export(context: JobContext, export_id: str) -> None:
    """Completes a large export whose parts are all there."""
    async with _told(context, UUID(export_id)):
        await _runner(context).finalise_export(UUID(export_id))


async def settle_cancel(context: JobContext, export_id: str) -> None:
    """Ends an export that is being cancelled, when its workers have let go of it."""
    async with _told(context, UUID(export_id)):
        if not await _runner(context).settle_cancel(UUID(export_id)):
            raise RetryLater(_SETTLE_WAIT_S)


def register(app: procrastinate.App) -> None:
    """Makes the tasks known to an app, under the names that jobs are queued by."""
    retry = LedgerDecides()
    app.task(name=RUN_EXPORT, queue=QUEUE, pass_context=True, retry=retry)(run_export)
    app.task(name=GENERATE_PART, queue=QUEUE, pass_context=True, retry=retry)(generate_part)
    app.task(name=FINALISE_EXPORT, queue=QUEUE, pass_context=True, retry=retry)(finalise_export)
    app.task(name=SETTLE_CANCEL, queue=QUEUE, pass_context=True, retry=retry)(settle_cancel)


@asynccontextmanager
async def _told(context: JobContext, export_id: UUID) -> AsyncIterator[None]:
    """Each line that is logged inside says which job it belongs to, and its trace goes on from the request's."""
    parent = None
    if tracing.enabled():
        links: TraceLinks = context.additional_context[TRACES]
        parent = await links.of_export(export_id)
    told = {"export_id": str(export_id), "job_id": context.job.id}
    with bind(job_id=context.job.id), tracing.job(context.job.task_name, parent, **told):
        yield


def _runner(context: JobContext) -> ExportRunner:
    runner: ExportRunner = context.additional_context[RUNNER]
    return runner
