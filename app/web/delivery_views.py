"""What answers about deliveries and signing secrets look like."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.exports.models import Delivery, WebhookSecret

Count = Annotated[int, Meta(ge=0)]


class DeliveryView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A webhook or a mail that tells of an export's end, and how it went."""

    id: Annotated[UUID, Meta(description="Stable: a webhook's `webhook-id` and a mail's `Message-ID` are made of it.")]
    channel: Literal["webhook", "email"]
    target: str
    event: Literal["completed", "failed"]
    state: Annotated[
        Literal["pending", "delivering", "delivered", "failed"],
        Meta(description="`pending` until it is taken; `failed` when nothing more is tried."),
    ]
    attempts: Count
    last_status: Annotated[int | None, Meta(description="What the receiver last answered: HTTP's code, or SMTP's.")]
    last_response: Annotated[str | None, Meta(description="The beginning of that answer.")]
    last_error: Annotated[str | None, Meta(description="Why the last attempt failed; null when it did not.")]
    next_attempt_at: Annotated[datetime | None, Meta(description="When it is tried again; null when it is not.")]
    created_at: datetime
    delivered_at: datetime | None


class DeliveryList(Struct, frozen=True, kw_only=True, rename="camel"):
    items: list[DeliveryView]


class WebhookSecretView(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which of a user's signing secrets is in force."""

    version: Annotated[int, Meta(ge=1, description="Counts the secrets the caller has had.")]
    created_at: Annotated[datetime | None, Meta(description="Null while nobody has asked for one.")]
    previous_until: Annotated[
        datetime | None, Meta(description="Until then deliveries are signed with the secret before this one as well.")
    ]


class NewWebhookSecretView(WebhookSecretView, frozen=True, kw_only=True, rename="camel"):
    """A signing secret that was just put in force."""

    secret: Annotated[
        str, Meta(description="In the form of Standard Webhooks' libraries: `whsec_…`. It is not shown again.")
    ]


def delivery_view(delivery: Delivery) -> DeliveryView:
    open_ = delivery.state in ("pending", "delivering")
    return DeliveryView(
        id=delivery.id,
        channel=delivery.channel,
        target=delivery.target,
        event=delivery.event,
        state=delivery.state,
        attempts=delivery.attempts,
        last_status=delivery.last_status,
        last_response=delivery.last_response,
        last_error=delivery.last_error,
        next_attempt_at=delivery.next_attempt_at if open_ else None,
        created_at=delivery.created_at,
        delivered_at=delivery.delivered_at,
    )


def webhook_secret_view(found: WebhookSecret) -> WebhookSecretView:
    return WebhookSecretView(version=found.version, created_at=found.created_at, previous_until=found.previous_until)


def new_webhook_secret_view(made: WebhookSecret) -> NewWebhookSecretView:
    assert made.secret is not None
    return NewWebhookSecretView(
        version=made.version, created_at=made.created_at, previous_until=made.previous_until, secret=made.secret
    )
