"""The form of the URLs that a request may name for webhooks."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from app.exports.fields import shown


def webhook_fault(url: str, insecure: bool) -> str | None:
    """What is wrong with the form of a URL; where it leads to is looked at when it is called."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"webhook {shown(url)} is not a URL"
    schemes: Sequence[str] = ("https", "http") if insecure else ("https",)
    if parts.scheme not in schemes:
        return f"webhook is to be an {' or '.join(schemes)} URL"
    if not host or any(character in url for character in ' \\"<>^`{|}'):
        return f"webhook {shown(url)} is not a URL"
    if parts.username is not None or parts.password is not None:
        return "webhook may not carry a user name or a password; deliveries are signed instead"
    if parts.fragment:
        return "webhook may not carry a #fragment: it would never be sent"
    return None
