"""What operations are put together from: parameters, headers, answers, problems."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from app.web.openapi.events import EVENT_DATA
from app.web.parameters import LISTED, MOST_LISTED
from app.web.problems import KINDS, PROBLEM_JSON

ID = "7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001"
HERE = f"/api/data-generator/export/{ID}"
ALWAYS = ("internal_error", "shutting_down")
SIGNED_IN = (
    "not_authenticated",
    "authentication_unavailable",
    "database_unavailable",
    "request_malformed",
    "too_many_requests",
)
BODY = ("request_malformed", "request_refused", "too_large", "unsupported_media_type", "cross_site_refused")
PLANNING = (
    "schema_not_found",
    "schema_not_permitted",
    "snapshot_invalid",
    "ddl_refused",
    "plan_refused",
    "planning_failed",
    "planning_busy",
    "embedded_postgres_failed",
)
CHANGE = ("export_not_found", "not_found", "not_permitted", "cross_site_refused")
LINKS_EXAMPLE = {
    "self": HERE,
    **{name: f"{HERE}/{name}" for name in ("status", "events", "download", "cancel", "retry", "shares")},
    "ticket": f"{HERE}/events-ticket",
}
ACCEPTED_EXAMPLE = {"jobId": ID, "status": "queued", "links": LINKS_EXAMPLE}
STATUS_EXAMPLE = {
    "jobId": ID,
    "status": "running",
    "progressPercent": 42.5,
    "rowsGenerated": 2550,
    "rowsTotal": 6000,
    "bytesGenerated": 183042,
    "etaSeconds": 4.2,
}
EVENTS_EXAMPLE = f"""\
retry: 2000

id: 3
event: progress
data: {{"jobId":"{ID}","seq":3,"kind":"progress","status":"running","progressPercent":42.5,"rowsGenerated":2550,\
"bytesGenerated":183042,"etaSeconds":4.2,"fileName":"orders.csv","details":{{}},"createdAt":"2025-10-02T12:00:00Z"}}

"""


def header(description: str, kind: str = "string") -> dict[str, Any]:
    """A response header."""
    return {"description": description, "schema": {"type": kind}}


RETRY_AFTER = {"Retry-After": header("Seconds until it is worth asking again.", "integer")}
LOCATION = {"Location": header("Where it is.")}


def path(name: str, description: str) -> dict[str, Any]:
    """A parameter in the path."""
    schema = {"type": "string", "format": "uuid"}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter in the query."""
    return {"name": name, "in": "query", "description": description, "schema": schema}


EXPORT = path("exportId", "The export, as `jobId`.")
CURSOR = query("cursor", "`nextCursor` of the page before.", {"type": "string", "minLength": 1, "maxLength": 200})
LIMIT = query(
    "limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": LISTED}
)
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A value of your own for this request. Sent again with the same body it answers with the same"
    " export instead of making another, for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
LAST_EVENT = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The `id` of the last event that was seen, as an EventSource sends it by itself.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,16}$"},
}
LAST_EVENT_QUERY = query(
    "lastEventId", "The same, where headers cannot be set.", {"type": "string", "pattern": "^[0-9]{1,16}$"}
)


def ok(
    status: int, description: str, schema: str | None = None, example: Any = None, headers: Any = None
) -> dict[str, Any]:
    """An answer that is not a problem."""
    answer: dict[str, Any] = {"description": description}
    if schema is not None:
        content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
        answer["content"] = {"application/json": content | ({"example": example} if example is not None else {})}
    if headers:
        answer["headers"] = headers
    return {str(status): answer}


def problem_answers(codes: Iterable[str]) -> dict[str, Any]:
    """The problems that an operation can meet, by status."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(KINDS[code].status, []).append(code)
    found: dict[str, Any] = {}
    for status, names in sorted(by_status.items()):
        examples = {
            code: {
                "value": {
                    "type": f"/schema#{code}",
                    "title": KINDS[code].title,
                    "status": status,
                    "detail": KINDS[code].title,
                    "code": code,
                    "instance": "/api/data-generator/export",
                    "requestId": "0f7e2a5c",
                }
            }
            for code in names
        }
        answer: dict[str, Any] = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in names)}",
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
        }
        if any(KINDS[code].retry_after_s is not None for code in names):
            answer["headers"] = RETRY_AFTER
        found[str(status)] = answer
    return found


def operation(
    operation_id: str,
    tag: str,
    summary: str,
    answers: dict[str, Any],
    problems: Iterable[str] = (),
    *,
    description: str | None = None,
    parameters: Iterable[dict[str, Any]] = (),
    body: str | None = None,
    example: Any = None,
    security: list[dict[str, list[str]]] | None = None,
) -> dict[str, Any]:
    """One operation, with the problems that every operation can meet."""
    security = [{"bearer": []}, {"session": []}] if security is None else security
    codes = [*(SIGNED_IN if security else ()), *problems, *ALWAYS]
    found: dict[str, Any] = {"operationId": operation_id, "tags": [tag], "summary": summary}
    if description:
        found["description"] = description
    if parameters := list(parameters):
        found["parameters"] = parameters
    if body:
        content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{body}"}}
        if example is not None:
            content["example"] = example
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
        codes += BODY
    found["responses"] = answers | problem_answers(codes)
    found["security"] = security
    return found


EVENTS_ANSWER: dict[str, Any] = {
    "200": {
        "description": "The stream. `id` is the event's number, `event` one of `progress`, `status` and `delivery`,"
        " `data` one line of JSON. A comment comes every 15 seconds when nothing else does.",
        "content": {
            "text/event-stream": {
                # The stream as a text, or each event of it: before OpenAPI 3.2 tools read it as the one or the other.
                "schema": {
                    "type": ["string", "object"],
                    "properties": {
                        "id": {"type": "string", "pattern": "^[0-9]{1,16}$"},
                        "event": {"type": "string", "enum": ["progress", "status", "delivery"]},
                        "data": {"type": "string", "description": "JSON: see `x-event-data`."},
                        "retry": {"type": ["integer", "string"]},
                    },
                },
                "example": EVENTS_EXAMPLE,
                # `data` by the event's name.
                "x-event-data": EVENT_DATA,
            }
        },
    }
}
STREAM_SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"session": []}, {"ticket": []}]
