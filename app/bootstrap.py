"""Settings in, adapters out: what `app.main`, the commands and the worker are put together from."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from app.adapters import objects
from app.adapters.introspection.loading_process import DdlProcesses
from app.adapters.objects.observed import ClosingObjectStore, ObservedStore, StorageMetrics
from app.adapters.planning.process import PlanningProcesses
from app.adapters.postgres.connections import Bounds, Database, open_engine
from app.adapters.postgres.deliveries import PostgresDeliveries
from app.adapters.postgres.figures import event_lag
from app.adapters.postgres.hub import EventHub
from app.adapters.postgres.ledger import PostgresLedger
from app.adapters.postgres.queue import JobQueue
from app.adapters.postgres.store import PostgresStore
from app.adapters.previews.process import PreviewProcess
from app.adapters.schemas import SchemaFinder, ScratchServer
from app.errors import ConfigurationInvalid
from app.exports.delivering import Channel, Courier, OnAttempt
from app.exports.models import Limits
from app.exports.notifying import Notifications
from app.settings import Settings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from app.adapters.webhooks.signing import SigningSecrets

    # The engine's packages are half a worker's memory, and a worker leaves them to its generator processes.
    from app.exports.desk import Desk
    from app.exports.previewing import Previews
    from app.exports.prompting import PromptPlanner
    from app.exports.service import Exports


@dataclass(frozen=True, slots=True)
class Adapters:
    """What both the API and the worker need. Nothing is connected before it is used."""

    settings: Settings
    database: Database
    queue: JobQueue
    objects: ClosingObjectStore

    async def close(self) -> None:
        """Closes every connection."""
        self.objects.close()
        await self.database.close()


def open_adapters(settings: Settings, application_name: str, registry: "CollectorRegistry | None" = None) -> Adapters:
    """`application_name` is what `pg_stat_activity` shows; with a `registry` the calls of the object store are counted
    there. Raises ConfigurationInvalid."""
    bounds = Bounds(settings.database_timeout_s, pooled=settings.database_direct_url is not None)
    engine = open_engine(
        settings.database_url,
        pool_size=settings.database_pool_size,
        application_name=application_name,
        bounds=bounds,
    )
    store = open_objects(settings)
    if registry is not None:
        store = ObservedStore(store, StorageMetrics(registry))
    return Adapters(settings, Database(engine, bounds=bounds), JobQueue(), store)


def open_ledger(adapters: Adapters) -> PostgresLedger:
    """The worker's side of the database."""
    return PostgresLedger(adapters.database, adapters.queue, retention_s=adapters.settings.retention_s)


def open_deliveries(adapters: Adapters) -> PostgresDeliveries:
    """The database, as far as deliveries need it."""
    return PostgresDeliveries(adapters.database, adapters.queue)


@asynccontextmanager
async def open_courier(
    settings: Settings, deliveries: PostgresDeliveries, on_attempt: OnAttempt | None = None
) -> AsyncIterator[Courier]:
    """What sends webhooks and mails, as far as they are configured; its drivers alone are imported."""
    channels: dict[str, Channel] = {}
    async with AsyncExitStack() as stack:
        secrets = open_webhook_secrets(settings)
        if secrets is not None:
            from app.adapters.webhooks.sender import WebhookSender

            sender = WebhookSender(
                secrets,
                ports=[int(port) for port in settings.webhook_ports],
                public_url=settings.public_url or "",
                development=settings.dev_auth,
            )
            stack.push_async_callback(sender.close)
            channels["webhook"] = sender
        if settings.smtp_host:
            from app.adapters.mail.messages import Letters
            from app.adapters.mail.smtp import SmtpMailer, SmtpServer

            server = SmtpServer(
                settings.smtp_host,
                settings.smtp_port,
                settings.smtp_security,
                settings.smtp_username,
                settings.smtp_password,
            )
            assert settings.mail_from is not None
            assert settings.public_url is not None
            channels["email"] = SmtpMailer(server, Letters(settings.mail_from, settings.public_url))
        yield Courier(
            deliveries,
            channels,
            base_wait_s=settings.retry_base_s,
            most_per_owner=max(1, settings.delivery_concurrency // 4),
            on_attempt=on_attempt,
        )


def open_webhook_secrets(settings: Settings) -> "SigningSecrets | None":
    """The users' signing secrets; None where webhooks are not configured."""
    if not settings.webhook_signing_key:
        return None
    from app.adapters.webhooks.signing import SigningSecrets

    return SigningSecrets(settings.webhook_signing_key)


def open_hub(settings: Settings, registry: "CollectorRegistry") -> EventHub:
    """The hub of events, with its figures in `registry`; it connects when it is started."""
    return EventHub(settings.listen_url, settings.database_url, on_lag=event_lag(registry).observe)


def open_scratch(settings: Settings) -> ScratchServer:
    """The server that strangers' DDL is loaded into."""
    return ScratchServer(settings.scratch_database_url)


@asynccontextmanager
async def open_prompts(settings: Settings) -> "AsyncIterator[PromptPlanner]":
    """What reads prompts: the model that is configured, with the rules behind it, or the rules alone."""
    from app.exports.prompting import BuiltinPlanner, FallbackPlanner

    if not settings.prompt_api_url:
        yield BuiltinPlanner()
        return
    from app.adapters.prompts.chat import ChatModel, ChatPlanner

    model = ChatModel(
        settings.prompt_api_url,
        settings.prompt_model,
        settings.prompt_api_key,
        timeout_s=settings.prompt_timeout_s,
        most_tokens=settings.prompt_max_tokens,
    )
    try:
        yield FallbackPlanner(ChatPlanner(model))
    finally:
        await model.close()


def open_previews() -> PreviewProcess:
    """The process in which plans are tried out; it starts when it is first asked."""
    return PreviewProcess()


def open_desk(settings: Settings) -> PlanningProcesses:
    """The processes in which plans are made; they start when they are told to, or first asked."""
    return PlanningProcesses(
        settings.channels,
        settings.part_bytes,
        at_once=settings.planning_processes,
        limit_s=settings.planning_timeout_s,
    )


def open_ddl(scratch: ScratchServer) -> DdlProcesses:
    """The processes in which strangers' DDL is read; they start when they are first asked."""
    return DdlProcesses(scratch)


def open_exports(
    adapters: Adapters,
    ddl: DdlProcesses,
    previews: "Previews | None" = None,
    prompts: "PromptPlanner | None" = None,
    desk: "Desk | None" = None,
) -> "Exports":
    """The use cases of callers. Without a `desk` plans are made, and without `previews` tried out, in this process;
    without `prompts` the rules read prompts."""
    from app.exports.service import Exports

    settings = adapters.settings
    store = PostgresStore(adapters.database, adapters.queue)
    schemas = SchemaFinder(store, database_url=settings.database_url, ddl=ddl)
    return Exports(
        store,
        adapters.objects,
        schemas,
        database=schemas,
        limits=limits_of(settings),
        part_bytes=settings.part_bytes,
        download_url_ttl_s=settings.download_url_ttl_s,
        channels=settings.channels,
        previews=previews,
        prompts=prompts,
        desk=desk,
    )


def open_notifications(adapters: Adapters) -> Notifications:
    """What callers may ask about word of their exports."""
    store = PostgresStore(adapters.database, adapters.queue)
    return Notifications(store, open_webhook_secrets(adapters.settings))


def limits_of(settings: Settings) -> Limits:
    """What one user may use where `generator_quotas` has no row for them."""
    return Limits(
        active_exports=settings.max_active_exports,
        rows_per_export=settings.max_rows_per_export,
        exports_per_day=settings.max_exports_per_day,
        stored_bytes=settings.max_stored_bytes,
        retention_s=settings.retention_s,
        bucket_bytes=settings.max_bucket_bytes,
    )


def open_objects(settings: Settings) -> ClosingObjectStore:
    """The object store that the settings name: the module of that name in `app.adapters.objects`, imported alone, has
    an `open_store(settings)`. Raises ConfigurationInvalid."""
    name = settings.object_store
    try:
        driver = import_module(f"{objects.__name__}.{name}") if name.isidentifier() else None
    except ModuleNotFoundError as missing:
        if missing.name != f"{objects.__name__}.{name}":
            raise
        driver = None
    opened = getattr(driver, "open_store", None)
    if opened is None:
        raise ConfigurationInvalid(
            f"OBJECT_STORE is {name!r}, and app/adapters/objects has no module of that name with an open_store",
            settings=["OBJECT_STORE"],
        )
    store: ClosingObjectStore = opened(settings)
    return store
