"""What Supabase Storage's answers mean: what went wrong in our words, and whether trying again may help.

Its REST side answers most refusals with status 400 and says the real status in the body, which `storage3` hands on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.adapters.objects.words import advice_for, code_word
from app.errors import NotAuthenticated, NotPermitted, SeedbedError, StorageFailed

# By the body's `error`, which is finer than its status.
_REASONS = {
    "not_found": "object_missing",
    "Bucket not found": "bucket_missing",
    "Unauthorized": "access_denied",
    "unauthorized": "access_denied",
    "invalid_mime_type": "type_refused",
    "Payload too large": "storage_full",
    "too_many_connections": "overloaded",
}
_STATUSES = {
    **dict.fromkeys((301, 302, 303, 307, 308), "redirected"),
    401: "access_denied",
    403: "access_denied",
    404: "object_missing",
    408: "timeout",
    413: "storage_full",
    415: "type_refused",
    429: "overloaded",
    503: "overloaded",
    507: "storage_full",
    544: "overloaded",  # its own: no connection to its database in time
}
_RETRYABLE = frozenset({"overloaded", "timeout", "unreachable", "server_error"})
_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no success. `status` is the real one, `said` the server's own word for it."""

    reason: str
    status: int | None = None
    said: str = ""
    message: str = ""

    @property
    def retryable(self) -> bool:
        """Whether the same request may well succeed later."""
        return self.reason in _RETRYABLE

    def failure(self, what: str) -> StorageFailed:
        """`what` completes "could not ..."."""
        told = " ".join(str(part) for part in (self.status, self.said) if part)
        advice = advice_for(self.reason, "SUPABASE_URL has")
        return StorageFailed(
            f"could not {what}: {self.reason.replace('_', ' ')} ({told}){advice}",
            reason=self.reason,
            retryable=self.retryable,
            status=self.status,
            store_code=self.said,
        )


def answer_of(error: Exception) -> Answer:
    """What a client's error means; an error that is none of the client's is raised again."""
    import httpx
    from storage3.exceptions import StorageApiError

    if isinstance(error, StorageApiError):
        status = int(error.status) if str(error.status).isdigit() else None
        said = code_word(str(error.code), _REASONS)
        reason = _REASONS.get(said) or _STATUSES.get(status or 0)
        if reason is None:
            reason = "server_error" if (status or 500) >= 500 else "refused"
        return Answer(reason, status, said, str(error.message)[:_MOST_SHOWN])
    if isinstance(error, httpx.TransportError):
        # No connection, no answer in time, an answer cut short: it is not known whether the store acted.
        return Answer("unreachable", None, type(error).__name__)
    if isinstance(error, (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, LookupError, AttributeError)):
        # A redirect, or a body that is not what the protocol says, of which the client takes parts that are not there:
        # something else answers at this address.
        return Answer("server_error", None, type(error).__name__)
    raise error


@contextmanager
def speaking_supabase(what: str) -> Iterator[None]:
    """Turns a client's errors into StorageFailed: `what` completes "could not ..."."""
    try:
        yield
    except (SeedbedError, OSError):
        raise
    except Exception as error:
        # Without the original: it holds the request, whose headers hold a key or a person's token.
        raise answer_of(error).failure(what) from None


def refusal_of(answer: Answer) -> SeedbedError | None:
    """What the refusal to sign a URL means for the caller; None when it is the store's fault and not theirs."""
    if answer.reason == "object_missing":
        # Row-level security hides what it refuses: a file that may not be read, and one that is not there, look alike.
        return NotPermitted("the object store does not hand this file to you", reason=answer.reason)
    if answer.reason == "access_denied":
        if "exp" in answer.message.lower():
            return NotAuthenticated("the token has expired", reason="expired")
        return NotPermitted("the object store does not take your token", reason=answer.reason)
    return None
