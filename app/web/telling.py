"""What an event says to a person, in one sentence: the text of a toast."""

from app.exports.models import EventKind, ExportEvent

_CHANNELS = {"webhook": "webhook", "email": "mail"}


def sentence(event: ExportEvent) -> str | None:
    """None for what nobody needs to be told: progress, and steps on the way."""
    name = event.file_name or "Your export"
    if event.kind is EventKind.COMPLETED:
        size = event.details.get("bytes")
        told = f"{name} is ready: {_counted(event.rows_generated, 'row')}"
        return f"{told}, {_size(size)}" if isinstance(size, int) else told
    if event.kind is EventKind.FAILED:
        why = event.details.get("message")
        return f"{name} failed: {why}" if isinstance(why, str) and why else f"{name} failed"
    if event.kind is EventKind.CANCELLED:
        return f"{name} was cancelled"
    if event.kind is EventKind.EXPIRED:
        return f"{name} has expired, and its file is removed"
    if event.kind is EventKind.DELIVERY:
        return _delivery(name, event)
    return None


def _delivery(name: str, event: ExportEvent) -> str:
    channel = _CHANNELS.get(str(event.details.get("channel")), "message")
    state = event.details.get("state")
    if state == "delivered":
        return f"The {channel} about {name} was delivered"
    why = event.details.get("error")
    because = f": {why}" if isinstance(why, str) and why else ""
    if state == "pending":
        wait_s = event.details.get("retryInSeconds")
        again = f"; it is tried again in {_span(wait_s)}" if isinstance(wait_s, int | float) else ""
        return f"The {channel} about {name} was not taken{because}{again}"
    return f"The {channel} about {name} could not be delivered{because}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _size(size: int) -> str:
    number = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def _span(seconds: float) -> str:
    if seconds < 90:
        return _counted(max(1, round(seconds)), "second")
    if seconds < 90 * 60:
        return _counted(round(seconds / 60), "minute")
    return _counted(round(seconds / 3600), "hour")
