"""The OpenAPI document and the page that shows it.

The document is put together from what answers: schemas from the view classes, statuses and codes from the table of
problems, limits from the request parser. Litestar's generator is not used since bodies are read by our own parser
(every fault at once), of which it knows nothing. A test holds paths and answers to the document.
"""

from functools import cache
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from app.web.access import identity_of
from app.web.openapi.document import build_document
from app.web.pages import pages_of
from app.web.problems import KINDS

OPENAPI_JSON = "application/vnd.oai.openapi+json"


@get("/schema/openapi.json", name="openapi_document")
async def openapi_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The OpenAPI document."""
    headers = {"Cache-Control": "public, max-age=300"}
    return Response(document_bytes(), media_type=OPENAPI_JSON, headers=headers)


@get("/schema", name="openapi_page")
async def openapi_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The reference of the API, as a page that loads nothing from elsewhere."""
    visitor = await identity_of(request).visitor(request)
    document = build_document()
    return pages_of(request).render(
        "reference.html", visitor=visitor, document=document, groups=_groups(document), kinds=KINDS
    )


def openapi_handlers() -> list[HTTPRouteHandler]:
    return [openapi_document, openapi_page]


@cache
def document_bytes() -> bytes:
    return msgspec.json.encode(build_document())


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by tag, each with its method and path, in the document's order."""
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append({"method": method.upper(), "path": path, **operation})
    return found
