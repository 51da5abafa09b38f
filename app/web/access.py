"""What handlers reach for: the services of the application, and the caller of the request."""

from typing import Any

from litestar import Request

from app.exports.models import Caller
from app.web.identity import Identity
from app.web.services import Services
from app.web.streams import Streams

AnyRequest = Request[Any, Any, Any]


def services_of(request: AnyRequest) -> Services:
    services: Services = request.app.state.services
    return services


def identity_of(request: AnyRequest) -> Identity:
    identity: Identity = request.app.state.identity
    return identity


def streams_of(request: AnyRequest) -> Streams:
    streams: Streams = request.app.state.streams
    return streams


async def caller_of(request: AnyRequest) -> Caller:
    """Raises NotAuthenticated, CrossSiteRefused, AuthenticationUnavailable."""
    return await identity_of(request).caller(request)


def request_id_of(request: AnyRequest) -> str | None:
    """The id under which this request stands in logs, answers and records."""
    found: str | None = request.scope.get("state", {}).get("request_id")
    return found
