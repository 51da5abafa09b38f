"""The document as a whole: what it is about, who may call, and its components."""

from functools import cache
from typing import Any

import msgspec

from app import __version__
from app.web import delivery_views, plan_views, summary_views, views
from app.web.openapi.bodies import BODY_SCHEMAS
from app.web.openapi.events import EVENT_SCHEMAS
from app.web.openapi.operations import TAGS, paths
from app.web.problems import KINDS

_VIEWS = (
    views.AcceptedView,
    views.StatusView,
    views.ExportView,
    views.ExportPage,
    views.EventView,
    delivery_views.DeliveryList,
    delivery_views.DeliveryView,
    delivery_views.WebhookSecretView,
    delivery_views.NewWebhookSecretView,
    views.ShareView,
    views.ShareList,
    views.TicketView,
    views.SchemaView,
    views.SchemaPage,
    plan_views.PlanView,
    plan_views.StoredPlanView,
    plan_views.PreviewView,
    summary_views.SummaryView,
    views.TokenView,
    views.HealthView,
)
_FAULT = {
    "type": "object",
    "description": "One thing that is wrong, and where.",
    "required": ["pointer", "code", "message"],
    "properties": {
        "pointer": {
            "type": "string",
            "description": "A JSON Pointer into the body; `/query/…` and `/header/…` for parameters.",
        },
        "code": {"type": "string", "description": "Stable: programs may rely on it."},
        "message": {"type": "string", "description": "For people; may change."},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "An error, by RFC 9457. Further members hold the facts of a code.",
    "required": ["type", "title", "status", "detail", "code", "instance", "requestId"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong this time."},
        "code": {"type": "string", "enum": sorted(KINDS), "description": "Stable: programs may rely on it."},
        "instance": {"type": "string"},
        "requestId": {"type": ["string", "null"], "description": "As in the header X-Request-Id, and in the logs."},
        "errors": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Fault"},
            "description": "Everything that is wrong with the request, not only the first of it.",
        },
    },
}
_DESCRIPTION = """\
Believable, referentially intact test data for any Postgres schema, as durable background exports.

Ask for an export with `POST /api/data-generator/export`; follow it by its event stream, or ask for its status every
few seconds; when it is completed, download it. The same request with the same seed makes the same bytes.

Times are in UTC, JSON is in camelCase. Errors are problems by RFC 9457 with a stable `code`; a request that is wrong
in several ways hears of all of them at once.
"""


@cache
def build_document() -> dict[str, Any]:
    """The OpenAPI 3.1 document, as plain data; not to be changed by who gets it."""
    _, components = msgspec.json.schema_components(_VIEWS, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Seedbed",
            "version": __version__,
            "summary": "Test data for Postgres, as background exports",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": TAGS,
        "paths": paths(),
        "components": {
            "schemas": {**components, "Problem": _PROBLEM, "Fault": _FAULT, **EVENT_SCHEMAS, **BODY_SCHEMAS},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of Supabase Auth.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "sb-<project>-auth-token",
                    "description": "The session cookie of `@supabase/ssr`; changes by it are taken from this site's own"
                    " pages alone.",
                },
                "ticket": {
                    "type": "apiKey",
                    "in": "query",
                    "name": "ticket",
                    "description": "A single-use ticket, for an EventSource, which cannot send headers.",
                },
            },
        },
    }
