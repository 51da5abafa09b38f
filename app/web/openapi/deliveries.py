"""The operations of deliveries and signing secrets."""

from typing import Any

from app.web.openapi.parts import CHANGE, EXPORT, ok, operation, path


def delivery_paths() -> dict[str, Any]:
    """Their `paths`."""
    listed = operation(
        "listDeliveries",
        "Deliveries",
        "See how word of an export was sent",
        ok(200, "The webhooks and mails; none for others than the owner.", "DeliveryList"),
        ["export_not_found", "not_found"],
        parameters=[EXPORT],
    )
    again = operation(
        "redeliver",
        "Deliveries",
        "Send a webhook or a mail again",
        ok(202, "It is sent at once, under the same id.", "DeliveryView"),
        [*CHANGE, "delivery_not_found", "state_conflict"],
        parameters=[EXPORT, path("deliveryId", "The delivery.")],
    )
    looked = operation(
        "getWebhookSecret",
        "Deliveries",
        "Look which signing secret is in force",
        ok(200, "Its version; the secret was shown when it was made.", "WebhookSecretView"),
        ["not_configured"],
    )
    made = operation(
        "rotateWebhookSecret",
        "Deliveries",
        "Get a signing secret, or a new one",
        ok(201, "The secret, shown this once.", "NewWebhookSecretView"),
        ["not_configured", "cross_site_refused"],
        description="Webhooks are signed by the Standard Webhooks specification. After a change, deliveries carry the"
        " signature of the secret before as well, for a day.",
    )
    return {
        "/api/data-generator/export/{exportId}/deliveries": {"get": listed},
        "/api/data-generator/export/{exportId}/deliveries/{deliveryId}/redeliver": {"post": again},
        "/api/data-generator/webhook-secret": {"get": looked, "post": made},
    }
