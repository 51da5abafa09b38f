"""Every operation: what it takes, what it answers, and which problems it can meet."""

from typing import Any

from app.exports.models import Status
from app.web.openapi.bodies import EXAMPLE_REQUEST
from app.web.openapi.deliveries import delivery_paths
from app.web.openapi.parts import (
    ACCEPTED_EXAMPLE,
    CHANGE,
    CURSOR,
    EVENTS_ANSWER,
    EXPORT,
    KEY,
    LAST_EVENT,
    LAST_EVENT_QUERY,
    LIMIT,
    LOCATION,
    PLANNING,
    RETRY_AFTER,
    STATUS_EXAMPLE,
    STREAM_SECURITY,
    header,
    ok,
    operation,
    path,
    query,
)
from app.web.parameters import LONGEST_URL_TTL_S, MOST_PREVIEWED

PREVIEWED = {"type": "integer", "minimum": 1, "maximum": MOST_PREVIEWED}

TAGS = [
    {"name": "Exports", "description": "Ask for data, look how far they are, fetch them."},
    {"name": "Events", "description": "Follow exports as they happen (Server-Sent Events)."},
    {"name": "Deliveries", "description": "Word of an export's end, by webhook and mail."},
    {"name": "Sharing", "description": "Let others in."},
    {"name": "Schemas", "description": "Schemas to fill, and what an export of them would be."},
    {"name": "Service", "description": "The service itself."},
]


def paths() -> dict[str, Any]:
    """The `paths` of the document."""
    return {
        "/api/data-generator/export": {"post": _create_export(), "get": _list_exports()},
        "/api/data-generator/export/{exportId}": {"get": _get_export(), "delete": _delete_export()},
        "/api/data-generator/export/{exportId}/status": {"get": _export_status()},
        "/api/data-generator/export/{exportId}/download": {"get": _download_export()},
        "/api/data-generator/export/{exportId}/plan": {"get": _export_plan()},
        "/api/data-generator/export/{exportId}/summary": {"get": _export_summary()},
        "/api/data-generator/export/{exportId}/cancel": {"post": _cancel_export()},
        "/api/data-generator/export/{exportId}/retry": {"post": _retry_export()},
        **_event_paths(),
        **delivery_paths(),
        **_share_paths(),
        **_schema_paths(),
        **_service_paths(),
    }


def _export_plan() -> dict[str, Any]:
    return operation(
        "getExportPlan",
        "Exports",
        "Look at the plan of an export",
        ok(200, "The plan, to be sent back as it is or edited.", "StoredPlanView"),
        ["export_not_found", "not_found", "plan_refused", "planning_failed", "planning_busy"],
        description="With it a request for the same schema makes the same bytes, without its prompt being read again.",
        parameters=[EXPORT],
    )


def _export_summary() -> dict[str, Any]:
    return operation(
        "getExportSummary",
        "Exports",
        "See what the rows of an export look like",
        ok(200, "Each table with counts, shares of nulls, values and how children spread.", "SummaryView"),
        ["export_not_found", "not_found", "plan_refused", "preview_failed", "planning_busy"],
        description="Large tables are looked at in part: `exact` says whether figures are counted or estimated.",
        parameters=[EXPORT, query("rows", "Rows shown of each table.", PREVIEWED | {"default": 5})],
    )


def _create_export() -> dict[str, Any]:
    return operation(
        "createExport",
        "Exports",
        "Ask for an export",
        ok(202, "Accepted: it is queued.", "AcceptedView", ACCEPTED_EXAMPLE, LOCATION | RETRY_AFTER),
        [*PLANNING, "quota_exceeded", "idempotency_in_flight", "idempotency_mismatch", "not_permitted"],
        parameters=[KEY],
        body="ExportRequest",
        example=EXAMPLE_REQUEST,
    )


def _list_exports() -> dict[str, Any]:
    status = query("status", "Only exports in this state.", {"type": "string", "enum": [s.value for s in Status]})
    return operation(
        "listExports",
        "Exports",
        "List your exports and those shared with you, newest first",
        ok(200, "A page of exports.", "ExportPage"),
        ["request_refused"],
        parameters=[status, CURSOR, LIMIT],
    )


def _get_export() -> dict[str, Any]:
    expiry = query(
        "expiresIn",
        "For how many seconds `downloadUrl` is to be good; a service may be set to allow less than a week.",
        {"type": "integer", "minimum": 1, "maximum": LONGEST_URL_TTL_S},
    )
    return operation(
        "getExport",
        "Exports",
        "Look at an export",
        ok(200, "The export; when it is completed, with a URL to download it by.", "ExportView", headers=RETRY_AFTER),
        ["export_not_found", "not_found", "storage_failed"],
        parameters=[EXPORT, expiry],
    )


def _export_status() -> dict[str, Any]:
    headers = {"ETag": header("Send it back as `If-None-Match`."), **RETRY_AFTER}
    none_match = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}
    return operation(
        "getExportStatus",
        "Exports",
        "Ask how far an export is",
        {
            **ok(200, "How far it is.", "StatusView", STATUS_EXAMPLE, headers),
            "304": {"description": "Nothing has changed.", "headers": headers},
        },
        ["export_not_found", "not_found"],
        parameters=[EXPORT, none_match],
    )


def _download_export() -> dict[str, Any]:
    return operation(
        "downloadExport",
        "Exports",
        "Download an export's file",
        ok(302, "To a URL that is good for a minute.", headers=LOCATION),
        ["export_not_found", "not_found", "not_permitted", "export_not_ready", "storage_failed"],
        description="The link to keep: who may download is asked anew each time.",
        parameters=[EXPORT],
    )


def _cancel_export() -> dict[str, Any]:
    return operation(
        "cancelExport",
        "Exports",
        "Cancel an export",
        ok(202, "It will end soon, or has ended.", "AcceptedView", ACCEPTED_EXAMPLE | {"status": "cancelling"}),
        [*CHANGE, "state_conflict"],
        parameters=[EXPORT],
    )


def _retry_export() -> dict[str, Any]:
    return operation(
        "retryExport",
        "Exports",
        "Run an export again",
        ok(202, "It is queued again.", "AcceptedView", ACCEPTED_EXAMPLE),
        [*CHANGE, "state_conflict", "quota_exceeded"],
        description="For exports that failed, were cancelled or have expired. Finished parts are not made again.",
        parameters=[EXPORT],
    )


def _delete_export() -> dict[str, Any]:
    return operation(
        "deleteExport",
        "Exports",
        "Delete an export and its file",
        ok(204, "It is gone."),
        [*CHANGE, "state_conflict", "storage_failed"],
        parameters=[EXPORT],
    )


def _event_paths() -> dict[str, Any]:
    ticket = query("ticket", "Instead of a token.", {"type": "string", "minLength": 1, "maxLength": 200})
    follow_one = operation(
        "followExport",
        "Events",
        "Follow one export",
        {**EVENTS_ANSWER, "204": {"description": "It has ended, and there is nothing new: do not come back."}},
        ["export_not_found", "not_found"],
        description="Everything since `Last-Event-ID`, then what happens, until the export has ended.",
        parameters=[EXPORT, LAST_EVENT, LAST_EVENT_QUERY, ticket],
        security=STREAM_SECURITY,
    )
    follow_all = operation(
        "followExports",
        "Events",
        "Follow every export you may see",
        EVENTS_ANSWER,
        description="From `Last-Event-ID`, or from now on. `id` is a time; after reconnecting an event may come twice:"
        " `jobId` and `seq` say which it is.",
        parameters=[LAST_EVENT, LAST_EVENT_QUERY, ticket],
        security=STREAM_SECURITY,
    )
    issued = ok(201, "A ticket, good for a minute and for one connection.", "TicketView")
    ticket_one = operation(
        "issueExportTicket",
        "Events",
        "Get a ticket for an export's stream",
        issued,
        ["export_not_found", "not_found", "cross_site_refused"],
        parameters=[EXPORT],
    )
    ticket_all = operation("issueTicket", "Events", "Get a ticket for your own stream", issued, ["cross_site_refused"])
    return {
        "/api/data-generator/export/{exportId}/events": {"get": follow_one},
        "/api/data-generator/export/{exportId}/events-ticket": {"post": ticket_one},
        "/api/data-generator/events": {"get": follow_all},
        "/api/data-generator/events-ticket": {"post": ticket_all},
    }


def _share_paths() -> dict[str, Any]:
    user = path("userId", "The other user; to take an invitation back, the `id` of the share.")
    return {
        "/api/data-generator/export/{exportId}/shares": {
            "get": operation(
                "listShares",
                "Sharing",
                "See who else may see an export",
                ok(200, "The shares.", "ShareList"),
                ["export_not_found", "not_found"],
                parameters=[EXPORT],
            ),
            "post": operation(
                "invite",
                "Sharing",
                "Share an export with whoever has a mail address",
                ok(200, "The share; the same whether the address has an account or not.", "ShareView"),
                CHANGE,
                description=(
                    "It comes into force when somebody signs in who proves to have that address. No mail is sent: send"
                    " them the link. The same address again changes the role."
                ),
                parameters=[EXPORT],
                body="InvitationRequest",
                example={"email": "ben@example.com", "role": "viewer"},
            ),
        },
        "/api/data-generator/export/{exportId}/shares/{userId}": {
            "put": operation(
                "putShare",
                "Sharing",
                "Share an export with somebody",
                ok(200, "The share.", "ShareView"),
                CHANGE,
                parameters=[EXPORT, user],
                body="ShareRequest",
                example={"role": "viewer"},
            ),
            "delete": operation(
                "deleteShare",
                "Sharing",
                "Take a share back",
                ok(204, "It is gone."),
                CHANGE,
                description="New URLs are refused at once; one that was handed out holds until it expires.",
                parameters=[EXPORT, user],
            ),
        },
    }


def _schema_paths() -> dict[str, Any]:
    stored = ok(201, "It is stored; the same content is stored once.", "SchemaView", headers=LOCATION)
    names = {"type": "string", "pattern": "^ *[^, ][^,]*(, *[^, ][^,]*)*$"}
    tables = query("tables", "Only these tables, with commas between them.", names)
    rows = query("rows", "Rows of each table.", PREVIEWED | {"default": 10})
    return {
        "/api/data-generator/schema": {
            "post": operation(
                "storeSchema",
                "Schemas",
                "Store a schema",
                stored,
                [*PLANNING, "not_permitted"],
                body="StoreSchemaRequest",
                example={"name": "shop", "ddl": "create table customers (id int primary key, email text)"},
            ),
            "get": operation(
                "listSchemas",
                "Schemas",
                "List your schemas, newest first",
                ok(200, "A page of schemas.", "SchemaPage"),
                ["request_refused"],
                parameters=[CURSOR, LIMIT],
            ),
        },
        "/api/data-generator/schema/introspect": {
            "post": operation(
                "introspectSchema",
                "Schemas",
                "Read a schema from the live database",
                stored,
                [*PLANNING, "not_permitted"],
                description="As the caller, who sees what they have privileges on.",
                body="IntrospectRequest",
                example={"schemas": ["public"]},
            )
        },
        "/api/data-generator/schema/{schemaId}": {
            "get": operation(
                "getSchema",
                "Schemas",
                "Look at a schema",
                ok(200, "The schema with its snapshot.", "SchemaView"),
                ["schema_not_found", "not_found"],
                parameters=[path("schemaId", "The schema.")],
            ),
            "delete": operation(
                "deleteSchema",
                "Schemas",
                "Delete a schema",
                ok(204, "It is gone."),
                ["schema_not_found", "not_found", "schema_in_use", "cross_site_refused"],
                description="One of which there are no exports: their plans refer to it.",
                parameters=[path("schemaId", "The schema.")],
            ),
        },
        "/api/data-generator/plan": {
            "post": operation(
                "makePlan",
                "Schemas",
                "See what an export would do",
                ok(200, "The plan. Nothing was started.", "PlanView"),
                [*PLANNING, "not_permitted", "preview_failed"],
                body="ExportRequest",
                example=EXAMPLE_REQUEST,
            )
        },
        "/api/data-generator/preview": {
            "post": operation(
                "previewRows",
                "Schemas",
                "See the first rows of each table",
                ok(200, "The very rows that an export would begin with.", "PreviewView"),
                [*PLANNING, "not_permitted", "preview_failed"],
                parameters=[rows, tables],
                body="ExportRequest",
                example=EXAMPLE_REQUEST,
            )
        },
    }


def _service_paths() -> dict[str, Any]:
    unready = {"503": ok(503, "Not ready.", "HealthView", headers=RETRY_AFTER)["503"]}
    health = operation("getHealth", "Service", "Is the process alive", ok(200, "It is.", "HealthView"), security=[])
    ready = operation("getReadiness", "Service", "Can it serve requests", ok(200, "It can.", "HealthView"), security=[])
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
        "/metrics": {
            "get": operation(
                "getMetrics",
                "Service",
                "Figures for Prometheus",
                figures,
                ["not_found"],
                description="Where `METRICS_PORT` is set they are on that port alone.",
                security=[],
            )
        },
    }
