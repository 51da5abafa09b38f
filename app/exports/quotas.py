"""What a caller may use, looked at before anything is begun; what is refused says how much is used and allowed."""

from app.errors import Fault, QuotaExceeded, RequestRefused
from app.exports.ports import NewExport, Usage


def check_quota(usage: Usage, row: NewExport) -> None:
    """Raises QuotaExceeded; RequestRefused for a file that is wanted for longer than its owner may keep it."""
    check_active(usage)
    limits = usage.limits
    if row.rows_total > limits.rows_per_export:
        raise _exceeded("rows_per_export", "rows in one export", row.rows_total, limits.rows_per_export)
    if usage.exports_today >= limits.exports_per_day:
        raise _exceeded("exports_per_day", "exports in 24 hours", usage.exports_today, limits.exports_per_day)
    check_stored(usage, row.bytes_expected)
    if row.retention_s is not None and row.retention_s > limits.retention_s:
        message = f"you may keep a file for {limits.retention_s:,} seconds at most"
        facts = {"asked": row.retention_s, "allowed": limits.retention_s}
        raise RequestRefused([Fault("/retentionSeconds", "retention_too_long", message, facts)])


def check_active(usage: Usage) -> None:
    """Raises QuotaExceeded when as many exports are under way as may be."""
    if usage.active_exports >= usage.limits.active_exports:
        allowed = usage.limits.active_exports
        raise _exceeded("active_exports", "exports queued or running", usage.active_exports, allowed)


def check_stored(usage: Usage, expected: int) -> None:
    """Before any work is done: the export's own file, of so many bytes, has to fit too."""
    limits = usage.limits
    if usage.stored_bytes + max(1, expected) > limits.stored_bytes:
        used, what = usage.stored_bytes, f"bytes stored, and {expected:,} more asked for"
        raise _exceeded("stored_bytes", what, used, limits.stored_bytes, asked=expected)
    if limits.bucket_bytes and usage.bucket_bytes + max(1, expected) > limits.bucket_bytes:
        used, what = usage.bucket_bytes, f"bytes stored by everybody, and {expected:,} more asked for"
        raise _exceeded("bucket_bytes", what, used, limits.bucket_bytes, asked=expected)


def _exceeded(quota: str, what: str, used: int, allowed: int, **facts: int) -> QuotaExceeded:
    return QuotaExceeded(f"{used:,} {what}; {allowed:,} are allowed", quota=quota, used=used, allowed=allowed, **facts)
