"""Every operation: what it takes, what it answers, and which problems it can meet."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from app.exports.models import Status
from app.web.openapi.bodies import EXAMPLE_REQUEST
from app.web.parameters import LISTED, MOST_LISTED
from app.web.problems import KINDS, PROBLEM_JSON

TAGS = [
    {"name": "Exports", "description": "Ask for data, look how far they are, fetch them."},
    {"name": "Events", "description": "Follow exports as they happen (Server-Sent Events)."},
    {"name": "Sharing", "description": "Let others in."},
    {"name": "Schemas", "description": "Schemas to fill, and what an export of them would be."},
    {"name": "Service", "description": "The service itself."},
]
_ID = "7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001"
_HERE = f"/api/data-generator/export/{_ID}"
_ALWAYS = ("internal_error", "shutting_down")
_SIGNED_IN = ("not_authenticated", "authentication_unavailable", "database_unavailable", "request_malformed")
_BODY = ("request_malformed", "request_refused", "too_large", "unsupported_media_type", "cross_site_refused")
_PLANNING = ("schema_not_found", "snapshot_invalid", "ddl_refused", "plan_refused", "embedded_postgres_failed")
_CHANGE = ("export_not_found", "not_found", "not_permitted", "cross_site_refused")
_LINKS_EXAMPLE = {
    "self": _HERE,
    **{name: f"{_HERE}/{name}" for name in ("status", "events", "download", "cancel", "retry", "shares")},
    "ticket": f"{_HERE}/events-ticket",
}
_ACCEPTED_EXAMPLE = {"jobId": _ID, "status": "queued", "links": _LINKS_EXAMPLE}
_STATUS_EXAMPLE = {
    "jobId": _ID,
    "status": "running",
    "progressPercent": 42.5,
    "rowsGenerated": 2550,
    "rowsTotal": 6000,
    "etaSeconds": 4,
}
_EVENTS_EXAMPLE = f"""\
retry: 2000

id: 3
event: progress
data: {{"jobId":"{_ID}","seq":3,"kind":"progress","status":"running","progressPercent":42.5,"rowsGenerated":2550,\
"details":{{}},"createdAt":"2025-10-02T12:00:00Z"}}

"""


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


_RETRY_AFTER = {"Retry-After": _header("Seconds until it is worth asking again.", "integer")}
_LOCATION = {"Location": _header("Where it is.")}


def _path(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "uuid"}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_EXPORT = _path("exportId", "The export, as `jobId`.")
_CURSOR = _query("cursor", "`nextCursor` of the page before.", {"type": "string", "minLength": 1, "maxLength": 200})
_LIMIT = _query(
    "limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": LISTED}
)
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A value of your own for this request. Sent again with the same body it answers with the same"
    " export instead of making another, for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
_LAST_EVENT = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The `id` of the last event that was seen, as an EventSource sends it by itself.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,16}$"},
}
_LAST_EVENT_QUERY = _query(
    "lastEventId", "The same, where headers cannot be set.", {"type": "string", "pattern": "^[0-9]{1,16}$"}
)


def _ok(
    status: int, description: str, schema: str | None = None, example: Any = None, headers: Any = None
) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": description}
    if schema is not None:
        content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
        answer["content"] = {"application/json": content | ({"example": example} if example is not None else {})}
    if headers:
        answer["headers"] = headers
    return {str(status): answer}


def _problems(codes: Iterable[str]) -> dict[str, Any]:
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
            answer["headers"] = _RETRY_AFTER
        found[str(status)] = answer
    return found


def _operation(
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
    security = [{"bearer": []}, {"session": []}] if security is None else security
    codes = [*(_SIGNED_IN if security else ()), *problems, *_ALWAYS]
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
        codes += _BODY
    found["responses"] = answers | _problems(codes)
    found["security"] = security
    return found


_EVENTS_ANSWER: dict[str, Any] = {
    "200": {
        "description": "The stream. `id` is the event's number, `event` one of `progress`, `status` and `delivery`,"
        " `data` one line of JSON. A comment comes every 15 seconds when nothing else does.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": _EVENTS_EXAMPLE,
                "x-event-data": {
                    name: {"$ref": "#/components/schemas/EventView"} for name in ("progress", "status", "delivery")
                },
            }
        },
    }
}
_STREAM_SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"session": []}, {"ticket": []}]


def paths() -> dict[str, Any]:
    """The `paths` of the document."""
    return {
        "/api/data-generator/export": {"post": _create_export(), "get": _list_exports()},
        "/api/data-generator/export/{exportId}": {"get": _get_export(), "delete": _delete_export()},
        "/api/data-generator/export/{exportId}/status": {"get": _export_status()},
        "/api/data-generator/export/{exportId}/download": {"get": _download_export()},
        "/api/data-generator/export/{exportId}/cancel": {"post": _cancel_export()},
        "/api/data-generator/export/{exportId}/retry": {"post": _retry_export()},
        **_event_paths(),
        **_share_paths(),
        **_schema_paths(),
        **_service_paths(),
    }


def _create_export() -> dict[str, Any]:
    return _operation(
        "createExport",
        "Exports",
        "Ask for an export",
        _ok(202, "Accepted: it is queued.", "AcceptedView", _ACCEPTED_EXAMPLE, _LOCATION | _RETRY_AFTER),
        [*_PLANNING, "quota_exceeded", "idempotency_in_flight", "idempotency_mismatch", "not_permitted"],
        parameters=[_KEY],
        body="ExportRequest",
        example=EXAMPLE_REQUEST,
    )


def _list_exports() -> dict[str, Any]:
    status = _query("status", "Only exports in this state.", {"type": "string", "enum": [s.value for s in Status]})
    return _operation(
        "listExports",
        "Exports",
        "List your exports and those shared with you, newest first",
        _ok(200, "A page of exports.", "ExportPage"),
        ["request_refused"],
        parameters=[status, _CURSOR, _LIMIT],
    )


def _get_export() -> dict[str, Any]:
    return _operation(
        "getExport",
        "Exports",
        "Look at an export",
        _ok(200, "The export; when it is completed, with a URL to download it by.", "ExportView", headers=_RETRY_AFTER),
        ["export_not_found", "not_found", "storage_failed"],
        parameters=[_EXPORT],
    )


def _export_status() -> dict[str, Any]:
    headers = {"ETag": _header("Send it back as `If-None-Match`."), **_RETRY_AFTER}
    none_match = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}
    return _operation(
        "getExportStatus",
        "Exports",
        "Ask how far an export is",
        {
            **_ok(200, "How far it is.", "StatusView", _STATUS_EXAMPLE, headers),
            "304": {"description": "Nothing has changed.", "headers": headers},
        },
        ["export_not_found", "not_found"],
        parameters=[_EXPORT, none_match],
    )


def _download_export() -> dict[str, Any]:
    return _operation(
        "downloadExport",
        "Exports",
        "Download an export's file",
        _ok(302, "To a URL that is good for a minute.", headers=_LOCATION),
        ["export_not_found", "not_found", "not_permitted", "export_not_ready", "storage_failed"],
        description="The link to keep: who may download is asked anew each time.",
        parameters=[_EXPORT],
    )


def _cancel_export() -> dict[str, Any]:
    return _operation(
        "cancelExport",
        "Exports",
        "Cancel an export",
        _ok(202, "It will end soon, or has ended.", "AcceptedView", _ACCEPTED_EXAMPLE | {"status": "cancelling"}),
        [*_CHANGE, "state_conflict"],
        parameters=[_EXPORT],
    )


def _retry_export() -> dict[str, Any]:
    return _operation(
        "retryExport",
        "Exports",
        "Run an export again",
        _ok(202, "It is queued again.", "AcceptedView", _ACCEPTED_EXAMPLE),
        [*_CHANGE, "state_conflict", "quota_exceeded"],
        description="For exports that failed, were cancelled or have expired. Finished parts are not made again.",
        parameters=[_EXPORT],
    )


def _delete_export() -> dict[str, Any]:
    return _operation(
        "deleteExport",
        "Exports",
        "Delete an export and its file",
        _ok(204, "It is gone."),
        [*_CHANGE, "state_conflict", "storage_failed"],
        parameters=[_EXPORT],
    )


def _event_paths() -> dict[str, Any]:
    ticket = _query("ticket", "Instead of a token.", {"type": "string", "minLength": 1, "maxLength": 200})
    follow_one = _operation(
        "followExport",
        "Events",
        "Follow one export",
        {**_EVENTS_ANSWER, "204": {"description": "It has ended, and there is nothing new: do not come back."}},
        ["export_not_found", "not_found"],
        description="Everything since `Last-Event-ID`, then what happens, until the export has ended.",
        parameters=[_EXPORT, _LAST_EVENT, _LAST_EVENT_QUERY, ticket],
        security=_STREAM_SECURITY,
    )
    follow_all = _operation(
        "followExports",
        "Events",
        "Follow every export you may see",
        _EVENTS_ANSWER,
        description="From `Last-Event-ID`, or from now on. `id` is a time; after reconnecting an event may come twice:"
        " `jobId` and `seq` say which it is.",
        parameters=[_LAST_EVENT, _LAST_EVENT_QUERY, ticket],
        security=_STREAM_SECURITY,
    )
    issued = _ok(201, "A ticket, good for a minute and for one connection.", "TicketView")
    ticket_one = _operation(
        "issueExportTicket",
        "Events",
        "Get a ticket for an export's stream",
        issued,
        ["export_not_found", "not_found", "cross_site_refused"],
        parameters=[_EXPORT],
    )
    ticket_all = _operation("issueTicket", "Events", "Get a ticket for your own stream", issued, ["cross_site_refused"])
    return {
        "/api/data-generator/export/{exportId}/events": {"get": follow_one},
        "/api/data-generator/export/{exportId}/events-ticket": {"post": ticket_one},
        "/api/data-generator/events": {"get": follow_all},
        "/api/data-generator/events-ticket": {"post": ticket_all},
    }


def _share_paths() -> dict[str, Any]:
    user = _path("userId", "The other user.")
    return {
        "/api/data-generator/export/{exportId}/shares": {
            "get": _operation(
                "listShares",
                "Sharing",
                "See who else may see an export",
                _ok(200, "The shares.", "ShareList"),
                ["export_not_found", "not_found"],
                parameters=[_EXPORT],
            )
        },
        "/api/data-generator/export/{exportId}/shares/{userId}": {
            "put": _operation(
                "putShare",
                "Sharing",
                "Share an export with somebody",
                _ok(200, "The share.", "ShareView"),
                _CHANGE,
                parameters=[_EXPORT, user],
                body="ShareRequest",
                example={"role": "viewer"},
            ),
            "delete": _operation(
                "deleteShare",
                "Sharing",
                "Take a share back",
                _ok(204, "It is gone."),
                _CHANGE,
                description="New URLs are refused at once; one that was handed out holds until it expires.",
                parameters=[_EXPORT, user],
            ),
        },
    }


def _schema_paths() -> dict[str, Any]:
    stored = _ok(201, "It is stored; the same content is stored once.", "SchemaView", headers=_LOCATION)
    rows = _query("rows", "Rows of each table.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 10})
    return {
        "/api/data-generator/schema": {
            "post": _operation(
                "storeSchema",
                "Schemas",
                "Store a schema",
                stored,
                [*_PLANNING, "not_permitted"],
                body="StoreSchemaRequest",
                example={"name": "shop", "ddl": "create table customers (id int primary key, email text)"},
            ),
            "get": _operation(
                "listSchemas",
                "Schemas",
                "List your schemas, newest first",
                _ok(200, "A page of schemas.", "SchemaPage"),
                ["request_refused"],
                parameters=[_CURSOR, _LIMIT],
            ),
        },
        "/api/data-generator/schema/introspect": {
            "post": _operation(
                "introspectSchema",
                "Schemas",
                "Read a schema from the live database",
                stored,
                [*_PLANNING, "not_permitted"],
                description="As the caller, who sees what they have privileges on.",
                body="IntrospectRequest",
                example={"schemas": ["public"]},
            )
        },
        "/api/data-generator/schema/{schemaId}": {
            "get": _operation(
                "getSchema",
                "Schemas",
                "Look at a schema",
                _ok(200, "The schema with its snapshot.", "SchemaView"),
                ["schema_not_found", "not_found"],
                parameters=[_path("schemaId", "The schema.")],
            )
        },
        "/api/data-generator/plan": {
            "post": _operation(
                "makePlan",
                "Schemas",
                "See what an export would do",
                _ok(200, "The plan. Nothing was started.", "PlanView"),
                [*_PLANNING, "not_permitted"],
                body="ExportRequest",
                example=EXAMPLE_REQUEST,
            )
        },
        "/api/data-generator/preview": {
            "post": _operation(
                "previewRows",
                "Schemas",
                "See the first rows of each table",
                _ok(200, "The very rows that an export would begin with.", "PreviewView"),
                [*_PLANNING, "not_permitted"],
                parameters=[rows],
                body="ExportRequest",
                example=EXAMPLE_REQUEST,
            )
        },
    }


def _service_paths() -> dict[str, Any]:
    unready = {"503": _ok(503, "Not ready.", "HealthView", headers=_RETRY_AFTER)["503"]}
    health = _operation("getHealth", "Service", "Is the process alive", _ok(200, "It is.", "HealthView"), security=[])
    ready = _operation(
        "getReadiness", "Service", "Can it serve requests", _ok(200, "It can.", "HealthView"), security=[]
    )
    ready["responses"] |= unready
    figures: dict[str, Any] = {
        "200": {
            "description": "Figures in Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    }
    return {
        "/healthz": {"get": health},
        "/readyz": {"get": ready},
        "/metrics": {"get": _operation("getMetrics", "Service", "Figures for Prometheus", figures, security=[])},
    }
