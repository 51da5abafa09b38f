"""Jobs: what they carry, and when they come back."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job as QueuedJob

from app.errors import DatabaseUnavailable
from app.exports.jobs import finalise_job, part_job, run_job, settle_job
from app.exports.retrying import RetryLater, WorkFailed
from tasks.export import LedgerDecides


def test_jobs_carry_ids_alone() -> None:
    """Arguments are logged and stay in the queue's tables."""
    export_id = uuid4()
    for job in (run_job(export_id, 1), part_job(export_id, 3), finalise_job(export_id), settle_job(export_id)):
        assert set(job.arguments) <= {"export_id", "part_no"}
        assert job.arguments["export_id"] == str(export_id)


def test_small_exports_come_first() -> None:
    """What is done within moments does not wait behind the parts of large exports."""
    assert run_job(uuid4(), 1).priority > part_job(uuid4(), 1).priority
    assert run_job(uuid4(), 9).priority == part_job(uuid4(), 1).priority
    assert finalise_job(uuid4()).priority > part_job(uuid4(), 1).priority


@pytest.mark.parametrize(
    ("error", "wait_s"),
    [
        (RetryLater(31.5), 31.5),
        (DatabaseUnavailable("away"), 5.0),
        (asyncio.CancelledError(), 0.0),
        (JobAborted(), 0.0),
        (WorkFailed("storage_failed"), None),
        (ValueError("a bug"), None),
    ],
)
def test_the_queue_comes_back_when_the_ledger_says_so(error: BaseException, wait_s: float | None) -> None:
    """A failure's wait was written down; a deploy costs none; what is final is final."""
    job = QueuedJob(id=1, queue="q", lock=None, queueing_lock=None, task_name="run_export", attempts=99)
    decision = LedgerDecides().get_retry_decision(exception=error, job=job)
    if wait_s is None:
        assert decision is None
    else:
        assert decision is not None
        assert decision.retry_at is not None
        assert abs(decision.retry_at - datetime.now(UTC) - timedelta(seconds=wait_s)) < timedelta(seconds=1)
