"""The routes of deliveries: how word of an export was sent, sending it again, and the secret that signs webhooks."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.params import FromPath

from app.web.access import caller_of, services_of
from app.web.delivery_views import (
    DeliveryList,
    DeliveryView,
    NewWebhookSecretView,
    WebhookSecretView,
    delivery_view,
    new_webhook_secret_view,
    webhook_secret_view,
)
from app.web.views import BASE

AnyRequest = Request[Any, Any, Any]


@get("/export/{export_id:uuid}/deliveries", name="list_deliveries")
async def list_deliveries(request: AnyRequest, export_id: FromPath[UUID]) -> DeliveryList:
    """The webhooks and mails that told, or are to tell, of an export; for its owner."""
    found = await services_of(request).notifications.list(await caller_of(request), export_id)
    return DeliveryList(items=[delivery_view(delivery) for delivery in found])


@post("/export/{export_id:uuid}/deliveries/{delivery_id:uuid}/redeliver", name="redeliver", status_code=202)
async def redeliver(request: AnyRequest, export_id: FromPath[UUID], delivery_id: FromPath[UUID]) -> DeliveryView:
    """Sends one again, at once and under the same id."""
    caller = await caller_of(request)
    return delivery_view(await services_of(request).notifications.redeliver(caller, export_id, delivery_id))


@get("/webhook-secret", name="webhook_secret")
async def webhook_secret(request: AnyRequest) -> WebhookSecretView:
    """Which of the caller's signing secrets is in force. The secret itself was shown when it was made."""
    return webhook_secret_view(await services_of(request).notifications.webhook_secret(await caller_of(request)))


@post("/webhook-secret", name="rotate_webhook_secret", status_code=201)
async def rotate_webhook_secret(request: AnyRequest) -> NewWebhookSecretView:
    """A new signing secret, shown this once. The one before holds for another day: deliveries carry both signatures."""
    made = await services_of(request).notifications.rotate_webhook_secret(await caller_of(request))
    return new_webhook_secret_view(made)


def deliveries_router() -> Router:
    return Router(BASE, route_handlers=[list_deliveries, redeliver, webhook_secret, rotate_webhook_secret])
