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
    owner_id = uuid4()
    jobs = (
        run_job(export_id, owner_id, 1),
        part_job(export_id, owner_id, 3, 1),
        finalise_job(export_id),
        settle_job(export_id),
    )
    for job in jobs:
        assert set(job.arguments) <= {"export_id", "part_no", "owner_id"}
        assert job.arguments["export_id"] == str(export_id)


def test_a_job_costs_what_it_makes() -> None:
    """A small export costs its owner less than a part of a large one, and the end of an export nothing."""
    ids = uuid4(), uuid4()
    assert 0 > run_job(*ids, 1_000).priority > part_job(*ids, 1, 400_000).priority
    assert part_job(*ids, 1, 10**12).priority == part_job(*ids, 1, 10**9).priority
    assert finalise_job(uuid4()).priority > 0


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
