"""A request as it was posted: read where it may take its time, and handed on without what is large in it.

Whatever a schema, a plan or overrides come to, the process that others wait for holds their text alone (`Document`);
it looks at what leads to the schema, and at the prompt.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from app.errors import RequestRefused
from app.exports.documents import Document
from app.exports.fields import FaultList, Fields
from app.exports.json_text import decode
from app.exports.requests import (
    ExportRequest,
    RequestLimits,
    SchemaByDatabase,
    SchemaByDdl,
    SchemaById,
    SchemaBySnapshot,
    SchemaSource,
    parse_database_source,
    parse_export_request,
    parse_schema_source,
)

# From this size on reading would hold up the event loop noticeably.
INLINE_BYTES = 64 * 1024
_NAME_CHARS = 200
# Where a request is read again, its schema has been found by then.
_FOUND = {"id": str(UUID(int=0))}

Kind = Literal["export", "schema", "database"]


@dataclass(frozen=True, slots=True)
class PostedRequest:
    """A request that is well-formed, of which this process has read no more than it needs; `rest` is all of it but the
    schema."""

    schema: SchemaSource
    prompt_context: str | None
    has_plan: bool
    rest: Document
    limits: RequestLimits

    def whole(self) -> ExportRequest:
        """The request itself, with a schema of no meaning in it."""
        return parse_export_request({**self.rest.read(), "schema": _FOUND}, self.limits)


Asked = ExportRequest | PostedRequest


@dataclass(frozen=True, slots=True)
class Posting:
    """What a body asks for: an export (`request`), or that a schema be stored (`name`). `sha256` says whether two
    bodies are the same."""

    source: SchemaSource
    sha256: str
    request: Asked | None = None
    name: str | None = None


def read_posting(raw: bytes, kind: Kind, limits: RequestLimits) -> Posting:
    """What a body asks for. Raises RequestMalformed, RequestRefused with every fault there is."""
    body = decode(raw)
    if kind == "export":
        request = parse_export_request(body.value, limits)
        return Posting(request.schema, body.sha256, request)
    name, rest = _split_name(body.value)
    source = parse_schema_source(rest, limits) if kind == "schema" else parse_database_source(rest, limits)
    return Posting(source, body.sha256, name=name)


def carve(raw: bytes, kind: Kind, limits: RequestLimits) -> tuple[Mapping[str, Any], Sequence[bytes]]:
    """What a body asks for, as data: the small of it, and the texts of its schema and of all else. Raises as
    `read_posting` does."""
    posting = read_posting(raw, kind, limits)
    told: dict[str, Any] = {"sha256": posting.sha256, "name": posting.name}
    schema = rest = b""
    match posting.source:
        case SchemaById(id=schema_id):
            told |= {"by": "id", "id": str(schema_id)}
        case SchemaBySnapshot(snapshot=snapshot):
            told |= {"by": "snapshot"}
            schema = _text(snapshot)
        case SchemaByDdl(ddl=ddl):
            told |= {"by": "ddl"}
            schema = ddl.encode("utf-8", "surrogatepass")
        case SchemaByDatabase(schemas=schemas, tables=tables):
            told |= {"by": "database", "schemas": schemas, "tables": tables}
    if posting.request is not None:
        told |= {"prompt": posting.request.prompt_context, "planned": posting.request.has_plan}
        rest = _text({name: value for name, value in decode(raw).value.items() if name != "schema"})
    return told, [schema, rest]


def carved(told: Mapping[str, Any], texts: Sequence[bytes], kind: Kind, limits: RequestLimits) -> Posting:
    """What `carve` told of a body."""
    schema, rest = texts
    source: SchemaSource
    match told["by"]:
        case "id":
            source = SchemaById(UUID(told["id"]))
        case "snapshot":
            source = SchemaBySnapshot(Document(schema))
        case "ddl":
            source = SchemaByDdl(schema.decode("utf-8", "surrogatepass"))
        case _:
            source = SchemaByDatabase(_names(told["schemas"]), _names(told["tables"]))
    request = None
    if kind == "export":
        request = PostedRequest(source, told["prompt"], told["planned"], Document(rest), limits)
    return Posting(source, told["sha256"], request, told["name"])


def _names(told: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if told is None else tuple(told)


def _text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _split_name(body: object) -> tuple[str | None, object]:
    """The name to store a schema under, and the rest of the body, which says what the schema is."""
    if not isinstance(body, dict) or "name" not in body:
        return None, body
    faults = FaultList()
    name = Fields("", body, faults).text("name", most=_NAME_CHARS)
    if len(faults):
        raise RequestRefused(faults.faults)
    return name, {key: value for key, value in body.items() if key != "name"}
