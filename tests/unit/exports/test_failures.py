"""What is tried again, and what a record of a failure may say."""

import errno

import pytest

from app.errors import DatabaseUnavailable, ExportNotFound, Fault, PlanRefused, StorageFailed
from app.exports.failures import ChecksumMismatch, GenerationFailed, GeneratorDied, classify


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (StorageFailed("away", retryable=True), "storage_failed", True),
        (StorageFailed("no such bucket", retryable=False), "storage_failed", False),
        (StorageFailed("the disk is full", reason="storage_full", retryable=False), "storage_full", False),
        (DatabaseUnavailable("away"), "database_unavailable", True),
        (GeneratorDied("signal 9"), "generator_died", True),
        (ChecksumMismatch("other bytes"), "checksum_mismatch", True),
        (GenerationFailed("no value left"), "generation_failed", False),
        (PlanRefused([Fault("", "x", "no")]), "plan_refused", False),
        (ExportNotFound("gone"), "export_not_found", False),
        (OSError(errno.ENOSPC, "No space left on device"), "storage_full", False),
        (OSError(errno.EIO, "Input/output error"), "worker_io_failed", True),
        (ValueError("anything"), "internal_error", True),
    ],
)
def test_errors_are_classified(error: Exception, code: str, retryable: bool) -> None:
    """A plan or data error fails at once; trouble around it is tried again."""
    failure = classify(error)
    assert (failure.code, failure.retryable) == (code, retryable)
    assert failure.cause == type(error).__name__


def test_a_foreign_exceptions_text_is_not_kept() -> None:
    """It may hold anything, a password too."""
    details = classify(RuntimeError("postgresql://u:hunter2@db/x")).details(part_no=3, attempt=2)
    assert "hunter2" not in str(details)
    assert (details["part"], details["attempt"]) == (3, 2)


def test_a_path_is_not_kept() -> None:
    """An OSError's file name says where the worker keeps its files."""
    assert "/secret" not in str(classify(FileNotFoundError(errno.ENOENT, "No such file", "/secret/place")))


def test_messages_are_short() -> None:
    """A record is read by people."""
    assert len(classify(GenerationFailed("x" * 10_000)).message) <= 500
