"""What a caller may ask about word of their exports: how it was sent, that it be sent again, what it is signed with."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog

from app.errors import ExportNotFound, NotConfigured
from app.exports.jobs import deliver_job
from app.exports.models import Caller, Delivery, WebhookSecret
from app.exports.ports import Store, WebhookSecrets

log = structlog.get_logger(__name__)


class Notifications:
    """Each method runs as the caller: deliveries are the owner's to see and to send again."""

    def __init__(self, store: Store, secrets: WebhookSecrets | None = None) -> None:
        """`secrets` are None where no webhooks are configured."""
        self._store = store
        self._secrets = secrets

    async def list(self, caller: Caller, export_id: UUID) -> Sequence[Delivery]:
        """The webhooks and mails of an export; none for others than its owner. Raises ExportNotFound."""
        async with self._store.as_user(caller) as work:
            if await work.find(export_id) is None:
                raise ExportNotFound("there is no such export")
            return await work.list_deliveries(export_id)

    async def redeliver(self, caller: Caller, export_id: UUID, delivery_id: UUID) -> Delivery:
        """Sends one again, now and with the same id. Raises ExportNotFound, DeliveryNotFound, NotPermitted (all but
        the owner), StateConflict (it is being sent at this moment)."""
        async with self._store.as_user(caller) as work:
            await work.redeliver(export_id, delivery_id)
            (found,) = [one for one in await work.list_deliveries(export_id) if one.id == delivery_id]
            await work.defer([deliver_job(delivery_id)])
        log.info("delivery_asked_for_again", export_id=str(export_id), delivery_id=str(delivery_id))
        return found

    async def webhook_secret(self, caller: Caller) -> WebhookSecret:
        """Which secret is in force, without the secret. Raises NotConfigured."""
        self._configured()
        async with self._store.as_user(caller) as work:
            return await work.find_webhook_secret() or WebhookSecret(1, None, None)

    async def rotate_webhook_secret(self, caller: Caller) -> WebhookSecret:
        """Puts the caller's next secret in force, and shows it, this once. Raises NotConfigured."""
        secrets = self._configured()
        async with self._store.as_user(caller) as work:
            made = await work.rotate_webhook_secret()
        return replace(made, secret=secrets.secret(caller.user_id, made.version))

    def _configured(self) -> WebhookSecrets:
        if self._secrets is None:
            raise NotConfigured("this service sends no webhooks")
        return self._secrets
