"""Errors as RFC 9457 problems: one table says which status each code answers with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from app.errors import MOST_FAULTS, Fault, QuotaExceeded, RequestRefused, SeedbedError
from app.exports.camel import camel
from app.logging import get_logger
from app.web.access import request_id_of
from app.web.pages import pages_of

log = get_logger(__name__)

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a code answers with. `retry_after_s` is for what passes by itself."""

    status: int
    title: str
    retry_after_s: int | None = None


KINDS: Mapping[str, Kind] = {
    "request_malformed": Kind(400, "The request is malformed"),
    "not_authenticated": Kind(401, "Sign in first"),
    # Not 401: a form is answered, and no other credentials would be taken in its place.
    "sign_in_refused": Kind(400, "Signing in did not work"),
    "not_permitted": Kind(403, "You may see this, but not do that"),
    "schema_not_permitted": Kind(403, "The database does not let you read what this needs"),
    "cross_site_refused": Kind(403, "The request came from another site"),
    "not_found": Kind(404, "There is nothing here"),
    "export_not_found": Kind(404, "There is no such export"),
    "schema_not_found": Kind(404, "There is no such schema"),
    "delivery_not_found": Kind(404, "There is no such delivery"),
    "not_configured": Kind(409, "This service is not set up for this"),
    "file_not_found": Kind(404, "There is no such file"),
    "method_not_allowed": Kind(405, "This cannot be done here"),
    "export_not_ready": Kind(409, "The export has no file"),
    "schema_in_use": Kind(409, "The schema has exports"),
    "state_conflict": Kind(409, "The export is not in a state for this"),
    "idempotency_in_flight": Kind(409, "The same request is being served", 1),
    "too_large": Kind(413, "The request is too large"),
    "unsupported_media_type": Kind(415, "The body is of a kind that is not read here"),
    "request_refused": Kind(422, "The request cannot be served as it is"),
    "snapshot_invalid": Kind(422, "The schema snapshot does not hold"),
    "ddl_refused": Kind(422, "The DDL cannot be used"),
    "plan_refused": Kind(422, "No data can satisfy this request"),
    "idempotency_mismatch": Kind(422, "The Idempotency-Key was used for another request"),
    "quota_exceeded": Kind(429, "Your allowance is used up", 60),
    "too_many_requests": Kind(429, "Too many requests", 1),
    "internal_error": Kind(500, "Something went wrong on our side"),
    "configuration_invalid": Kind(500, "The service is not set up for this"),
    "storage_failed": Kind(503, "The object store does not answer as it should", 5),
    "database_unavailable": Kind(503, "The database cannot be reached", 2),
    "authentication_unavailable": Kind(503, "Tokens cannot be checked at the moment", 2),
    "option_invalid": Kind(422, "An option of the request does not hold"),
    "prompt_unanswered": Kind(503, "The prompt could not be read", 5),
    "planning_failed": Kind(422, "The plan takes more time or memory than a request may"),
    "planning_busy": Kind(503, "Too many plans are being made", 2),
    "preview_failed": Kind(422, "The first rows take more time or memory than a preview may"),
    "load_failed": Kind(500, "The data could not be loaded"),
    "embedded_postgres_busy": Kind(503, "The scratch database is in use", 5),
    "embedded_postgres_failed": Kind(503, "The scratch database did not start", 5),
    "shutting_down": Kind(503, "The service is restarting", 1),
}
_INTERNAL = KINDS["internal_error"]
_CODE_BY_STATUS = {401: "not_authenticated", 403: "not_permitted", 404: "not_found", 405: "method_not_allowed"} | {
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
}
# Members of every problem, which a fact of the same name must not replace.
_RESERVED = frozenset({"type", "title", "status", "detail", "code", "instance", "requestId", "errors"})


def kind_of(code: str) -> Kind:
    """The status and the title of a code; an unknown one is a fault of ours."""
    return KINDS.get(code, _INTERNAL)


def exception_handlers() -> ExceptionHandlersMap:
    """What turns whatever is raised into a problem."""
    return {SeedbedError: _answer_error, HTTPException: _answer_http, Exception: _answer_unexpected}


def problem_response(
    request: "Request[Any, Any, Any]",
    code: str,
    detail: str,
    *,
    faults: "list[Fault] | None" = None,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    status: int | None = None,
) -> "Response[Any]":
    """The answer for an error; for a person with a browser, a page.

    `status` replaces the table's, for codes that stand for several.
    """
    kind = kind_of(code)
    status = kind.status if status is None else status
    body: dict[str, Any] = {
        "type": f"/schema#{code}",
        "title": kind.title,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": request.scope["path"],
        "requestId": request_id_of(request),
    }
    body |= {name: fact for name, fact in _camel_facts(facts or {}).items() if name not in _RESERVED}
    if faults is not None:
        body["errors"] = [_fault(fault) for fault in faults[:MOST_FAULTS]]
    sent = dict(headers or {})
    retry_after_s = (facts or {}).get("retry_after_s", kind.retry_after_s)
    if retry_after_s is not None:
        sent["Retry-After"] = str(retry_after_s)
    if wants_page(request):
        return pages_of(request).problem(body, sent)
    content = msgspec.json.encode(body, enc_hook=str)
    return Response(content, status_code=status, media_type=PROBLEM_JSON, headers=sent)


def _answer_error(request: "Request[Any, Any, Any]", error: SeedbedError) -> "Response[Any]":
    headers: dict[str, str] = {}
    kind = kind_of(error.code)
    if kind.status == 401:
        headers["WWW-Authenticate"] = _challenge(error)
    if isinstance(error, QuotaExceeded):
        request.app.state.metrics.quota_refusals.labels(str(error.facts.get("quota", "other"))).inc()
    if kind.status == 503:
        # Expected now and then, and then for every request: a line each, not a stack.
        log.warning("request_failed", code=error.code, error=error.message, reason=error.facts.get("reason"))
    elif kind.status >= 500:
        log.error("request_failed", code=error.code, error=error.message, exc_info=error)
    detail = error.message
    if kind is _INTERNAL or error.code == "configuration_invalid":
        # What is wrong with our own set-up is for the log.
        return problem_response(request, error.code, "the details are in the service's log")
    faults = error.faults if isinstance(error, RequestRefused) else None
    return problem_response(request, error.code, detail, faults=faults, facts=error.facts, headers=headers)


def _answer_http(request: "Request[Any, Any, Any]", error: HTTPException) -> "Response[Any]":
    status = error.status_code
    if isinstance(error, ValidationException):
        return problem_response(request, "request_malformed", error.detail, faults=_parameter_faults(error))
    if status >= 500:
        return _answer_unexpected(request, error)
    code = _CODE_BY_STATUS.get(status, "request_malformed")
    detail = {
        404: "there is nothing at this address",
        405: f"{request.method} is not possible here",
        413: "the body is larger than is read here",
    }.get(status, error.detail)
    kept = {name: value for name, value in (error.headers or {}).items() if name.lower() in ("allow", "retry-after")}
    return problem_response(request, code, detail, headers=kept, status=status)


def _answer_unexpected(request: "Request[Any, Any, Any]", error: Exception) -> "Response[Any]":
    log.error("request_crashed", error=f"{type(error).__name__}: {error}", exc_info=error)
    return problem_response(request, "internal_error", "the details are in the service's log")


def _challenge(error: SeedbedError) -> str:
    """RFC 6750: without credentials no error is named, so that a client knows it may simply try with some."""
    if error.facts.get("reason") == "missing":
        return 'Bearer realm="seedbed"'
    said = re.sub(r"[^ !#-\[\]-~]", "", error.message)
    return f'Bearer realm="seedbed", error="invalid_token", error_description="{said}"'


def _parameter_faults(error: ValidationException) -> list[Fault]:
    """Litestar's findings about parameters, with a pointer that says where each stood."""
    found = []
    for entry in error.extra if isinstance(error.extra, list) else []:
        source = getattr(entry.get("source"), "value", entry.get("source")) or "request"
        found.append(
            Fault(f"/{source}/{entry.get('key', '')}", "invalid_parameter", str(entry.get("message", "is not valid")))
        )
    return found or [Fault("", "invalid_parameter", error.detail)]


def _fault(fault: Fault) -> dict[str, Any]:
    facts = {name: fact for name, fact in _camel_facts(fault.facts).items() if name not in _FAULT_MEMBERS}
    return {"pointer": fault.pointer, "code": fault.code, "message": fault.message} | facts


_FAULT_MEMBERS = frozenset({"pointer", "code", "message"})


def _camel_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {camel(name): fact for name, fact in facts.items()}


def wants_page(request: "Request[Any, Any, Any]") -> bool:
    """Whether a person with a browser is looking, rather than a program."""
    return request.method == "GET" and MediaType.HTML in request.headers.get("accept", "")
