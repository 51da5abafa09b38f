"""The HTTP service, put together."""

import asyncio
import contextlib
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import uvicorn
from litestar import Litestar
from litestar.config.cors import CORSConfig
from prometheus_client import CollectorRegistry

from app.adapters.auth import DevelopmentIssuer, SupabaseAuth, open_verifier
from app.adapters.postgres.figures import DatabaseFigures
from app.adapters.postgres.readiness import wait_for_database
from app.bootstrap import (
    open_adapters,
    open_ddl,
    open_deliveries,
    open_desk,
    open_exports,
    open_hub,
    open_notifications,
    open_previews,
    open_prompts,
    open_scratch,
)
from app.collecting import collect_seldom
from app.errors import ConfigurationInvalid
from app.exports.requests import RequestLimits
from app.generator.formats.registry import FORMATS
from app.settings import Settings
from app.signed_files import open_files
from app.web.body_room import BodyRoom
from app.web.deliveries import deliveries_router
from app.web.development import development_router
from app.web.edge import Application, Metrics
from app.web.events import events_router
from app.web.exports import exports_router
from app.web.files import signed_file
from app.web.health import health, metrics, readiness, results
from app.web.http1 import KEEP_ALIVE_S, BoundedHttpProtocol
from app.web.identity import Identity
from app.web.once import Once
from app.web.openapi import openapi_handlers
from app.web.pages import Pages, SignInWay, page_handlers, static_router
from app.web.problems import exception_handlers
from app.web.rates import RateLimits
from app.web.schemas import schemas_router
from app.web.services import Services
from app.web.sessions import Renewals, cookie_name
from app.web.sign_in import SignInForm, sign_in_router
from app.web.streams import Streams

_ALLOWED_HEADERS = ["authorization", "x-client-info", "apikey", "content-type", "last-event-id", "idempotency-key"]
_EXPOSED_HEADERS = ["etag", "location", "retry-after", "x-request-id", "idempotency-replayed", "content-disposition"]

CLIENT_TIMEOUT_MS = 60_000


def create_app(settings: Settings, services: Services | None = None) -> Application:
    """The application. Without `services` it opens its own when it starts, and closes them when it ends."""
    streams = Streams(settings.max_streams_per_user)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            found = await stack.enter_async_context(open_services(settings)) if services is None else services
            app.state.services = found
            app.state.identity = Identity(
                found.verifier,
                found.exports,
                cookie=cookie_name(settings.supabase_url),
                rates=RateLimits(settings.requests_per_minute),
                public_url=settings.public_url,
                renewals=Renewals(found.sign_ins) if found.sign_ins else None,
            )
            # Anybody may ask, and each look is a call to the database and to the store.
            app.state.looks_ready = Once(lambda: results(found.checks))
            if found.count_deliveries is not None:
                app.state.counts_deliveries = Once(found.count_deliveries)
            app.state.sign_in_form = SignInForm(
                settings.sign_ins_per_minute, settings.public_url, settings.client_address_header
            )
            stack.push_async_callback(app.state.sign_in_form.close)
            streams.start()
            stack.push_async_callback(streams.close)
            yield

    app = Application(
        route_handlers=[
            exports_router(),
            events_router(),
            deliveries_router(),
            schemas_router(),
            health,
            readiness,
            metrics,
            signed_file,
            static_router(),
            *page_handlers(),
            *openapi_handlers(),
            *([development_router()] if settings.dev_auth else []),
            *([sign_in_router()] if _signs_in(settings) else []),
        ],
        lifespan=[lifespan],
        exception_handlers=exception_handlers(),
        cors_config=_cors(settings),
        request_max_body_size=settings.max_body_bytes,
        # Our own: written from the same classes and tables that answer, see app.web.openapi.
        openapi_config=None,
        # structlog is set up by the entry points; Litestar's own set-up would replace it.
        logging_config=None,
        debug=False,
    )
    app.strict_transport = (settings.public_url or "").startswith("https://")
    app.state.streams = streams
    app.state.body_room = BodyRoom(settings.max_body_bytes)
    app.state.answer_room = BodyRoom(settings.max_body_bytes)
    app.state.metrics = Metrics(lambda: len(streams))
    app.state.metrics_port = settings.metrics_port
    app.state.pages = Pages(_way(settings))
    return app


def _way(settings: Settings) -> SignInWay:
    if settings.dev_auth:
        return "development"
    return "supabase" if _signs_in(settings) else "elsewhere"


def _signs_in(settings: Settings) -> bool:
    """Whether people can sign in on the pages: with the key that any browser would be given for it."""
    return bool(settings.supabase_url and settings.supabase_anon_key)


def _cors(settings: Settings) -> CORSConfig | None:
    """Browsers of these origins may call, with tokens; never with cookies, which are for our own pages."""
    if not settings.cors_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=_ALLOWED_HEADERS,
        expose_headers=_EXPOSED_HEADERS,
        allow_credentials=False,
    )


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Everything the edge needs, connected. Raises ConfigurationInvalid, DatabaseUnavailable."""
    async with AsyncExitStack() as stack:
        verifier = open_verifier(settings)
        stack.push_async_callback(verifier.close)
        registry = CollectorRegistry()
        adapters = open_adapters(settings, "seedbed-api", registry)
        stack.push_async_callback(adapters.close)
        scratch = open_scratch(settings)
        stack.push_async_callback(asyncio.to_thread, scratch.close)
        ddl = open_ddl(scratch)
        stack.push_async_callback(ddl.close)
        previews = open_previews()
        stack.push_async_callback(previews.close)
        desk = open_desk(settings)
        stack.push_async_callback(desk.close)
        desk.start()
        prompts = await stack.enter_async_context(open_prompts(settings))
        hub = open_hub(settings, registry)
        await hub.start()
        stack.push_async_callback(hub.close)

        async def database_answers() -> None:
            async with adapters.database.transaction() as transaction:
                await transaction.one("hub_now")

        sign_ins: SupabaseAuth | None = None
        if settings.supabase_url and settings.supabase_anon_key:
            sign_ins = SupabaseAuth(settings.supabase_url, settings.supabase_anon_key)
            stack.push_async_callback(sign_ins.close)

        yield Services(
            exports=open_exports(adapters, ddl, previews, prompts, desk),
            hub=hub,
            verifier=verifier,
            notifications=open_notifications(adapters),
            count_deliveries=open_deliveries(adapters).count,
            files=open_files(adapters.objects),
            sign_ins=sign_ins,
            issuer=DevelopmentIssuer.of(settings) if settings.dev_auth else None,
            limits=RequestLimits(
                formats=tuple(FORMATS),
                download_ttl_s=settings.download_url_max_ttl_s,
                insecure_webhooks=settings.dev_auth,
                webhook_ports=tuple(int(port) for port in settings.webhook_ports),
            ),
            checks={"database": database_answers, "storage": adapters.objects.check},
            figures=DatabaseFigures(adapters.database, registry),
        )


class Server(uvicorn.Server):
    """uvicorn, which ends the open event streams before it waits for connections to close.

    By itself it would wait for them first and tell the application to end after that: for ever.
    """

    def __init__(self, config: uvicorn.Config, app: Application) -> None:
        super().__init__(config)
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # First of all: where it cannot be had nothing is begun.
        port = self._app.state.metrics_port
        beside = await self._take(port) if port else None
        await super().startup(sockets)
        if beside is not None:
            await beside.start_serving()
            self.servers.append(beside)
        # A client that takes nothing is let go by the kernel in the end: a response that was given up on would
        # otherwise keep its socket and its buffer for as long as the client likes.
        for listener in (listener for server in self.servers for listener in server.sockets):
            if listener.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, CLIENT_TIMEOUT_MS)

    async def _take(self, port: int) -> asyncio.base_events.Server:
        """The same application on one more port, when it starts. Raises ConfigurationInvalid when that is taken."""
        config = self.config

        def protocol() -> asyncio.Protocol:
            return BoundedHttpProtocol(config, self.server_state, self.lifespan.state)

        try:
            return await asyncio.get_running_loop().create_server(
                protocol, host=config.host, port=port, backlog=config.backlog, start_serving=False
            )
        except OSError as error:
            raise ConfigurationInvalid(f"METRICS_PORT={port} cannot be used: {error.strerror}") from error

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._app.state.streams.close()
        await super().shutdown(sockets)


def open_server(settings: Settings, app: Application, *, forwarded_allow_ips: str = "127.0.0.1") -> Server:
    """The server for an application; `await server.serve()` returns when it was told to end."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=BoundedHttpProtocol,
        log_config=None,
        # The application logs each request itself: uvicorn would log the query too, where tickets stand.
        access_log=False,
        server_header=False,
        # Behind a proxy of the platform's: the scheme and the client's address are in its headers.
        proxy_headers=True,
        forwarded_allow_ips=forwarded_allow_ips,
        # Streams have ended by then; this bounds what else may hang.
        timeout_graceful_shutdown=10,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    return Server(config, app)


def raise_file_limit() -> int:
    """Lets this process open as many files as it may: each stream is one. The limit that holds then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):  # some systems refuse what they say is allowed
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


async def serve(settings: Settings, *, forwarded_allow_ips: str = "127.0.0.1") -> bool:
    """Serves until SIGTERM or Ctrl-C; whether it ever began. Waits for a database that is not there yet.

    Raises ConfigurationInvalid, DatabaseUnavailable.
    """
    await wait_for_database(settings.listen_url)
    raise_file_limit()
    async with open_services(settings) as services:
        server = open_server(settings, create_app(settings, services), forwarded_allow_ips=forwarded_allow_ips)
        # Ten thousand streams would stand still for it.
        collect_seldom()
        await server.serve()
        return server.started
