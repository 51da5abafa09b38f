"""Request bodies: what they are to be, and where they are read.

A large one is read by a child process, since decoding it would hold up everybody else; most routes take no large one.
"""

from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException

from app.errors import Fault, RequestMalformed
from app.exports.asking import ASKING
from app.exports.fields import shown
from app.exports.json_text import Body, decode
from app.exports.posting import Asked, Kind, Posting
from app.web.access import services_of
from app.web.errors import MediaTypeUnsupported

# What a form, a share or an invitation can come to; Litestar answers 413 for more.
SMALL_BODY_BYTES = 64 * 1024


async def read_json(request: "Request[Any, Any, Any]") -> Body:
    """The JSON body of a request of a route that takes small ones.

    Raises RequestMalformed (400), MediaTypeUnsupported (415), and Litestar's own for one that is too large (413).
    """
    _check_type(request)
    return decode(await _whole(request))


async def read_posting(request: "Request[Any, Any, Any]", kind: Kind) -> Posting:
    """What a body that may be large asks for. Raises as `read_json` does, RequestRefused, PlanningFailed,
    PlanningBusy."""
    _check_type(request)
    services = services_of(request)
    return await services.exports.read(await _whole(request), kind, services.limits)


async def _whole(request: "Request[Any, Any, Any]") -> bytes:
    """The bytes of the body. Whoever hangs up in the middle of it made a fault of theirs, not one of ours to look
    into. Raises RequestMalformed, TooManyRequests."""
    owner = ASKING.get()
    held = None
    if owner is not None:
        # Let go of with the answer, see app.web.edge: what is made of it stands in line for long.
        held = request.scope["state"]["body"] = request.app.state.body_room.open(owner)
    found = []
    try:
        async for piece in request.stream():
            if held is not None:
                held.add(len(piece))
            found.append(piece)
        return b"".join(found)
    except InternalServerException:  # Litestar's word for it
        raise RequestMalformed([Fault("", "incomplete_body", "the body ended before it was complete")]) from None


def requested(posting: Posting) -> Asked:
    """The request for an export that a body of that kind has in it."""
    assert posting.request is not None
    return posting.request


def _check_type(request: "Request[Any, Any, Any]") -> None:
    name, options = request.content_type
    if not (name == "application/json" or (name.startswith("application/") and name.endswith("+json"))):
        told = f", not {shown(name)}" if name else ""
        raise MediaTypeUnsupported(f"the body is to be application/json{told}", accepted=["application/json"])
    if options.get("charset", "utf-8").lower().replace("_", "-") not in ("utf-8", "utf8"):
        raise MediaTypeUnsupported("JSON is to be in UTF-8", accepted=["application/json"])
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeUnsupported("compressed bodies are not read", accepted=["application/json"])
