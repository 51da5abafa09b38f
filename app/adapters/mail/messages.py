"""Mails of an export's end, in text and HTML."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.exports.delivering import Outgoing

_TEMPLATES = Path(__file__).with_name("templates")
_SUBJECTS = {"completed": "{} is ready", "failed": "{} could not be made"}
_SUBJECT_CHARS = 150


class Letters:
    """Writes the mail of a delivery. The same delivery is the same message, by its Message-ID."""

    def __init__(self, sender: str, public_url: str) -> None:
        """`sender`: an address, with a name or without. `public_url`: what links begin with."""
        self.sender = sender
        self._public_url = public_url.rstrip("/")
        self._domain = sender.rpartition("@")[2].strip("> ")
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            # What people named their file, or what went wrong, is text wherever it stands.
            autoescape=select_autoescape(["html.jinja"]),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )

    def write(self, outgoing: Outgoing) -> EmailMessage:
        """The message, ready to be sent."""
        facts = self._facts(outgoing)
        message = EmailMessage()
        message["Subject"] = facts["subject"]
        message["From"] = self.sender
        message["To"] = Address(addr_spec=outgoing.target)
        message["Date"] = format_datetime(outgoing.created_at.astimezone(UTC))
        # A mail that is sent again, after an answer was lost, is known by it.
        message["Message-ID"] = f"<{outgoing.id}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(self._render(f"{outgoing.event}.txt.jinja", facts))
        message.add_alternative(self._render(f"{outgoing.event}.html.jinja", facts), subtype="html")
        return message

    def _render(self, template: str, facts: dict[str, Any]) -> str:
        return self._environment.get_template(template).render(facts)

    def _facts(self, outgoing: Outgoing) -> dict[str, Any]:
        told = outgoing.payload
        name = str(told.get("fileName") or "Your export")
        error = told.get("errorDetails") or {}
        subject = _one_line(_SUBJECTS[outgoing.event].format(name))
        return {
            "subject": subject if len(subject) <= _SUBJECT_CHARS else subject[: _SUBJECT_CHARS - 1] + "…",
            "file_name": name,
            "rows": f"{told.get('rowsGenerated') or 0:,}",
            "size": _size(told.get("bytes")),
            "reason": str(error.get("message") or "The service does not know why."),
            "expires_at": _moment(told.get("expiresAt")),
            "download_url": f"{self._public_url}/api/data-generator/export/{outgoing.export_id}/download",
            "page_url": f"{self._public_url}/exports/{outgoing.export_id}",
        }


def _one_line(text: str) -> str:
    # Unicode has more ends of a line than ASCII, and a header has none.
    return "".join(character if character.isprintable() else " " for character in text)


def _size(size: Any) -> str:
    if not isinstance(size, int):
        return ""
    number = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def _moment(text: Any) -> str:
    if not isinstance(text, str):
        return ""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%d %B %Y, %H:%M UTC")
