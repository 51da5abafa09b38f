"""What the database refuses, as the product's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg.errors

from app.errors import (
    ExportNotFound,
    Fault,
    NotPermitted,
    QuotaExceeded,
    RequestRefused,
    SeedbedError,
)


def export_not_found() -> ExportNotFound:
    """As for an export that the caller may not see."""
    return ExportNotFound("there is no such export")


@contextmanager
def share_faults() -> Iterator[None]:
    """What the tables of shares and invitations refuse, as faults of the request."""
    try:
        yield
    except psycopg.errors.CheckViolation as error:
        # Of letters that are few the database may know another small form than Python, and one may be longer.
        raise RequestRefused([Fault("/email", "bad_form", "email is not an address that can be invited")]) from error
    except psycopg.errors.ProgramLimitExceeded as error:
        raise RequestRefused([Fault("", "too_many_shares", error.diag.message_primary or "too many")]) from error


@contextmanager
def refusals(in_wrong_state: type[SeedbedError]) -> Iterator[None]:
    """What the functions in sql/functions/ raise, as the product's errors."""
    try:
        yield
    except psycopg.errors.NoDataFound as error:
        raise export_not_found() from error
    except psycopg.errors.ProgramLimitExceeded as error:
        raise QuotaExceeded(error.diag.message_primary or "there is no room for more") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotPermitted(error.diag.message_primary or "this is not allowed") from error
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        message = error.diag.message_primary or "the export is in a state in which this cannot be done"
        raise in_wrong_state(message, status=error.diag.message_detail) from error
