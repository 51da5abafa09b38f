"""The routes of schemas, and what can be asked of a schema without an export: its plan and its first rows."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, post
from litestar.params import FromPath

from app.web.access import caller_of, services_of
from app.web.bodies import read_posting, requested
from app.web.faults import pointing_at
from app.web.parameters import LISTED, read_cursor, read_limit, read_previewed, read_query
from app.web.plan_views import PlanView, PreviewView, plan_view, preview_view
from app.web.views import (
    BASE,
    SchemaPage,
    SchemaView,
    schema_page,
    schema_view,
)

_PREVIEWED = 10
_NAME_CHARS = 200
_MOST_TABLES = 1_000
AnyRequest = Request[Any, Any, Any]


@post("/schema", name="store_schema", status_code=201)
async def store_schema(request: AnyRequest) -> Response[SchemaView]:
    """Stores a schema, given as a snapshot, as DDL, or read from the database. The same content is stored once."""
    caller = await caller_of(request)
    posting = await read_posting(request, "schema")
    with pointing_at(posting.source, ""):
        entry = await services_of(request).exports.store_schema(caller, posting.name, posting.source)
    return Response(schema_view(entry), status_code=201, headers={"Location": f"{BASE}/schema/{entry.id}"})


@post("/schema/introspect", name="introspect_schema", status_code=201)
async def introspect_schema(request: AnyRequest) -> Response[SchemaView]:
    """Reads the live database as the caller, who sees what they have privileges on, and stores what was found."""
    services = services_of(request)
    caller = await caller_of(request)
    posting = await read_posting(request, "database")
    entry = await services.exports.store_schema(caller, posting.name, posting.source)
    whole = replace(await services.exports.get_schema(caller, entry.id), warnings=entry.warnings)
    return Response(schema_view(whole), status_code=201, headers={"Location": f"{BASE}/schema/{entry.id}"})


@get("/schema", name="list_schemas")
async def list_schemas(request: AnyRequest) -> SchemaPage:
    """The caller's schemas, newest first, without their snapshots."""
    caller = await caller_of(request)
    cursor, limit = read_query(request, cursor=read_cursor, limit=read_limit)
    return schema_page(await services_of(request).exports.list_schemas(caller, cursor=cursor, limit=limit or LISTED))


@get("/schema/{schema_id:uuid}", name="get_schema")
async def get_schema(request: AnyRequest, schema_id: FromPath[UUID]) -> SchemaView:
    """A schema with its snapshot."""
    return schema_view(await services_of(request).exports.get_schema(await caller_of(request), schema_id))


@delete("/schema/{schema_id:uuid}", name="delete_schema")
async def delete_schema(request: AnyRequest, schema_id: FromPath[UUID]) -> None:
    """Removes a schema of which there are no exports."""
    await services_of(request).exports.delete_schema(await caller_of(request), schema_id)


@post("/plan", name="make_plan", status_code=200)
async def make_plan(request: AnyRequest) -> PlanView:
    """What an export of this request would do, with warnings. Nothing is started."""
    services = services_of(request)
    caller = await caller_of(request)
    posting = await read_posting(request, "export")
    with pointing_at(posting.source, "/schema"):
        planned = await services.exports.plan(caller, requested(posting))
    expected = await services.exports.explain(planned.plan)
    return plan_view(planned.plan, planned.schema_id, expected)


@post("/preview", name="preview_rows", status_code=200)
async def preview_rows(request: AnyRequest) -> PreviewView:
    """The first rows of each table, the very ones that an export of this request would begin with."""
    services = services_of(request)
    caller = await caller_of(request)
    rows, tables = read_query(request, rows=read_previewed, tables=_read_tables)
    posting = await read_posting(request, "export")
    with pointing_at(posting.source, "/schema"):
        found = await services.exports.preview(caller, requested(posting), rows or _PREVIEWED, tables)
    return preview_view(found)


def schemas_router() -> Router:
    return Router(
        BASE,
        route_handlers=[
            store_schema,
            introspect_schema,
            list_schemas,
            get_schema,
            delete_schema,
            make_plan,
            preview_rows,
        ],
    )


def _read_tables(text: str) -> tuple[str, ...]:
    names = tuple(name.strip(" ") for name in text.split(","))
    if not all(names) or len(names) > _MOST_TABLES or len(text) > _MOST_TABLES * _NAME_CHARS:
        raise ValueError("is to be names of tables with commas between them")
    return names
