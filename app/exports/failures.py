"""What went wrong with a part, and whether it is worth another try."""

import errno
from dataclasses import dataclass
from typing import Any

from app.errors import DatabaseUnavailable, RequestRefused, SeedbedError, StorageFailed

_MESSAGE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """`code` is stable; `message` is safe to show: it is one of ours, never an exception's text from elsewhere.
    `cause` is the kind of the exception that it came from."""

    code: str
    message: str
    cause: str
    retryable: bool

    def details(self, *, part_no: int, attempt: int) -> dict[str, Any]:
        """`error_details` of an export."""
        return {
            "code": self.code,
            "message": self.message,
            "cause": self.cause,
            "part": part_no,
            "attempt": attempt,
        }


class GenerationFailed(SeedbedError):
    """The engine could not make the rows. The same plan will fail again in the same way."""

    code = "generation_failed"


class GeneratorDied(SeedbedError):
    """The process that made the rows ended without a word, as when memory runs out."""

    code = "generator_died"


class ChecksumMismatch(SeedbedError):
    """The object store holds other bytes than it was given."""

    code = "checksum_mismatch"


def classify(error: BaseException) -> Failure:
    """A plan or data error fails at once; trouble with storage, the database or the process is tried again."""
    cause = type(error).__name__
    if isinstance(error, StorageFailed):
        reason = error.facts.get("reason")
        code = "storage_full" if reason == "storage_full" else error.code
        # A full disk is not emptied by waiting a minute; somebody has to look.
        retryable = code != "storage_full" and bool(error.facts.get("retryable", True))
        return Failure(code, _clip(error.message), cause, retryable)
    if isinstance(error, DatabaseUnavailable | GeneratorDied | ChecksumMismatch):
        return Failure(error.code, _clip(error.message), cause, True)
    if isinstance(error, RequestRefused | GenerationFailed):
        return Failure(error.code, _clip(error.message), cause, False)
    if isinstance(error, SeedbedError):
        return Failure(error.code, _clip(error.message), cause, False)
    if isinstance(error, OSError):
        # The work folder's disk: the errno's own words, without the path.
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        code = "storage_full" if full else "worker_io_failed"
        return Failure(code, _clip(error.strerror or cause), cause, code != "storage_full")
    return Failure("internal_error", "the worker failed in a way that it does not know; its log has more", cause, True)


def _clip(text: str) -> str:
    return text if len(text) <= _MESSAGE_CHARS else text[: _MESSAGE_CHARS - 1] + "…"
