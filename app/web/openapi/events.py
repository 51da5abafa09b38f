"""What the `data` of each kind of event is, as JSON Schema."""

from typing import Any

from app.exports.models import EventKind

_DELIVERY_DETAILS: dict[str, Any] = {
    "type": "object",
    "description": "How an attempt went. It names no target: whoever sees the export sees this.",
    "required": ["channel", "state"],
    "properties": {
        "deliveryId": {"type": "string", "format": "uuid"},
        "channel": {"type": "string", "enum": ["webhook", "email"]},
        "event": {"type": "string", "enum": ["completed", "failed"], "description": "What it tells of."},
        "state": {
            "type": "string",
            "enum": ["delivered", "pending", "failed"],
            "description": "`pending`: it was not taken, and is tried again.",
        },
        "attempt": {"type": "integer", "minimum": 1},
        "lastStatus": {"type": "integer", "description": "What the receiver answered: HTTP's code, or SMTP's."},
        "error": {"type": "string"},
        "retryInSeconds": {"type": "number"},
    },
}
_STATUS_DETAILS: dict[str, Any] = {
    "type": "object",
    "description": "`completed`: the file's bytes and digests. `failed`, `retry`: what went wrong, and where.",
    "properties": {
        "bytes": {"type": "integer"},
        "sha256": {"type": "string"},
        "crc32": {"type": "string"},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "part": {"type": "integer"},
        "attempt": {"type": "integer"},
        "retryInSeconds": {"type": "number"},
    },
}


def _event(description: str, kinds: list[str], details: dict[str, Any] | None = None) -> dict[str, Any]:
    properties: dict[str, Any] = {"kind": {"type": "string", "enum": kinds}}
    if details is not None:
        properties["details"] = details
    event = {"$ref": "#/components/schemas/EventView"}
    return {"description": description, "allOf": [event, {"type": "object", "properties": properties}]}


EVENT_SCHEMAS: dict[str, dict[str, Any]] = {
    "ProgressEvent": _event("`data` of an event named `progress`: rows were written.", ["progress"]),
    "StatusEvent": _event(
        "`data` of an event named `status`: the export is in another state, or a part of it is tried again.",
        [kind.value for kind in EventKind if kind not in (EventKind.PROGRESS, EventKind.DELIVERY)],
        _STATUS_DETAILS,
    ),
    "DeliveryEvent": _event(
        "`data` of an event named `delivery`: a webhook or mail was sent, or was not taken.",
        ["delivery"],
        _DELIVERY_DETAILS,
    ),
}
EVENT_DATA = {
    name: {"$ref": f"#/components/schemas/{schema}"}
    for name, schema in (("progress", "ProgressEvent"), ("status", "StatusEvent"), ("delivery", "DeliveryEvent"))
}
