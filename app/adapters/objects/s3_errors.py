"""What an S3 store's errors mean: what went wrong in our words, and whether trying again may help."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from app.adapters.objects.words import advice_for, code_word
from app.errors import StorageFailed

_REASONS = {
    "NoSuchUpload": "upload_missing",
    "NoSuchKey": "object_missing",
    "NoSuchBucket": "bucket_missing",
    "InvalidPart": "invalid_part",
    "InvalidPartOrder": "invalid_part",
    "InvalidChecksum": "invalid_part",  # Supabase's word for an etag that is not the part's
    "InvalidMimeType": "type_refused",
    "EntityTooSmall": "part_too_small",
    "EntityTooLarge": "storage_full",
    "QuotaExceeded": "storage_full",
    "XMinioStorageFull": "storage_full",
    "XMinioAdminBucketQuotaExceeded": "storage_full",
    "AccessDenied": "access_denied",
    "InvalidAccessKeyId": "access_denied",
    "SignatureDoesNotMatch": "access_denied",
    "ExpiredToken": "access_denied",
    "InvalidToken": "access_denied",
    "TokenRefreshRequired": "access_denied",
    "RequestTimeTooSkewed": "clock_skewed",
    "PermanentRedirect": "redirected",
    "AuthorizationHeaderMalformed": "redirected",  # AWS's word for another region
    "SlowDown": "overloaded",
    "ServiceUnavailable": "overloaded",
    "Throttling": "overloaded",
    "ThrottlingException": "overloaded",
    "RequestLimitExceeded": "overloaded",
    "InternalError": "server_error",
    "OperationAborted": "conflict",
    "ConditionalRequestConflict": "conflict",
    "RequestTimeout": "timeout",
    "BadDigest": "damaged_in_transit",
    "IncompleteBody": "damaged_in_transit",
    "XAmzContentSHA256Mismatch": "damaged_in_transit",
}
# Some stores' bodies do not say, or are not sent (HEAD): the status does.
_STATUSES = {
    **dict.fromkeys((301, 302, 303, 307, 308), "redirected"),
    401: "access_denied",
    403: "access_denied",
    404: "object_missing",
    408: "timeout",
    413: "storage_full",
    429: "overloaded",
    501: "refused",
    503: "overloaded",
    507: "storage_full",
}
_RETRYABLE = frozenset(
    {"overloaded", "timeout", "damaged_in_transit", "unreachable", "server_error", "clock_skewed", "conflict"}
)
# Operations on an upload in parts, for which 404 means the upload.
_UPLOAD_OPERATIONS = frozenset({"UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload", "ListParts"})


@dataclass(frozen=True, slots=True)
class Reason:
    """What an error says: our name for it, the store's own code and status, how long it asks us to wait."""

    name: str
    code: str = ""
    status: int | None = None
    retry_after_s: int | None = None

    @property
    def retryable(self) -> bool:
        """Whether the same request may well succeed later."""
        return self.name in _RETRYABLE


def reason_of(error: Exception) -> Reason:
    """What a client's error means; an error that is none of the client's is raised again."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
    from botocore.exceptions import ConnectionError as NoConnection

    if isinstance(error, ClientError):
        return _answered(error)
    if isinstance(error, (HTTPClientError, NoConnection, IncompleteReadError)):
        # No connection, no answer in time, an answer cut short: it is not known whether the store acted.
        return Reason("unreachable", type(error).__name__)
    if isinstance(error, BotoCoreError):
        return Reason("client_error", type(error).__name__)
    from urllib3.exceptions import HTTPError

    if isinstance(error, HTTPError):
        return Reason("unreachable", type(error).__name__)
    raise error


def _answered(error: object) -> Reason:
    response = getattr(error, "response", {})
    said = response.get("Error", {})
    metadata = response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode")
    # Supabase's XML has a namespace, for which botocore leaves the code outside of "Error".
    code = code_word(str(said.get("Code") or response.get("Code") or ""), _REASONS)
    after = str(metadata.get("HTTPHeaders", {}).get("retry-after", ""))
    name = _REASONS.get(code) or _STATUSES.get(status) or ("server_error" if (status or 500) >= 500 else "refused")
    if name == "object_missing" and getattr(error, "operation_name", "") in _UPLOAD_OPERATIONS:
        name = "upload_missing"
    if code == "S3Error" and name == "refused" and getattr(error, "operation_name", "") == "CompleteMultipartUpload":
        # Supabase hands on what a store behind it says so, without that store's code.
        name = "invalid_part"
    return Reason(name, code, status, _seconds(after))


def _seconds(after: str) -> int | None:
    """How long a `Retry-After` asks to wait; it may be a date (RFC 9110, 10.2.3)."""
    if after.isdigit():
        return int(after)
    try:
        wait = parsedate_to_datetime(after) - datetime.now(UTC)
    except (ValueError, TypeError):
        return None  # nothing, or nothing that can be read; a date without a zone is none
    return max(0, math.ceil(wait.total_seconds()))


@contextmanager
def speaking_s3(what: str) -> Iterator[None]:
    """Turns a client's errors into StorageFailed: `what` completes "could not ..."."""
    try:
        yield
    except StorageFailed:
        raise
    except Exception as error:
        from botocore.exceptions import BotoCoreError

        # A client's timeout is an OSError too; one that is not the client's is of our own disk.
        if isinstance(error, OSError) and not isinstance(error, BotoCoreError):
            raise
        reason = reason_of(error)
        told = " ".join(str(part) for part in (reason.status, reason.code) if part)
        facts = {
            "reason": reason.name,
            "retryable": reason.retryable,
            "status": reason.status,
            "store_code": reason.code,
        }
        if reason.retry_after_s is not None:
            facts["retry_after_s"] = reason.retry_after_s
        advice = advice_for(reason.name, "S3_ENDPOINT_URL and S3_REGION have")
        raise StorageFailed(f"could not {what}: {reason.name.replace('_', ' ')} ({told}){advice}", **facts) from error
