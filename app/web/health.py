"""Is it alive, is it ready, and how is it doing."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.exceptions import NotFoundException

from app.errors import SeedbedError
from app.logging import get_logger
from app.web.access import services_of, streams_of
from app.web.services import Check
from app.web.views import HealthView

log = get_logger(__name__)

CHECK_TIMEOUT_S = 3.0
AnyRequest = Request[Any, Any, Any]


@get("/healthz", name="health")
async def health() -> HealthView:
    """The process answers. It says nothing of what it depends on: a restart would not mend that."""
    return HealthView(status="ok", checks={})


@get("/readyz", name="readiness")
async def readiness(request: AnyRequest) -> Response[HealthView]:
    """Whether requests can be served now; 503 while something that is needed does not answer."""
    services = services_of(request)
    checks = dict(await request.app.state.looks_ready())
    checks["events"] = "ok" if services.hub.healthy else "not listening"
    if streams_of(request).closing:
        checks["process"] = "closing"
    ready = all(result == "ok" for result in checks.values())
    view = HealthView(status="ok" if ready else "unavailable", checks=checks)
    return Response(view, status_code=200 if ready else 503, headers={} if ready else {"Retry-After": "2"})


@get("/metrics", name="metrics", media_type=MediaType.TEXT)
async def metrics(request: AnyRequest) -> Response[bytes]:
    """Figures for Prometheus, on the port that is set for them."""
    port = request.app.state.metrics_port
    if port and request.scope["server"] is not None and request.scope["server"][1] != port:
        raise NotFoundException
    services = services_of(request)
    if services.count_deliveries is not None:
        try:
            request.app.state.metrics.show_deliveries(await request.app.state.counts_deliveries())
        except SeedbedError as error:  # the other figures are wanted most just then
            log.warning("deliveries_not_counted", code=error.code)
    figures = services.figures
    if figures is not None:
        await figures.refresh()
    body, content_type = request.app.state.metrics.render(*([figures.registry] if figures else []))
    return Response(body, media_type=content_type)


async def results(checks: Mapping[str, Check]) -> dict[str, str]:
    """What came of each check, by its name: "ok", or what is wrong in a few words."""
    found = await asyncio.gather(*(_result(name, check) for name, check in checks.items()))
    return dict(zip(checks, found, strict=True))


async def _result(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except TimeoutError:
        return "no answer in time"
    except Exception as error:  # whatever keeps it from answering, the service is not ready
        # What exactly is wrong may name hosts and accounts: that is for the log.
        log.warning("check_failed", check=name, error=f"{type(error).__name__}: {error}")
        return "unavailable"
    return "ok"
