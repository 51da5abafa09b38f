"""Mails, handed to a real SMTP server."""

import ssl
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.adapters.mail.messages import Letters
from app.adapters.mail.smtp import SmtpMailer, SmtpServer
from app.exports.delivering import DeliveryFailed, Outgoing
from tests.integration.deliveries.receivers import Certificate, MailServer, mail_server, make_certificate

DELIVERY, EXPORT = UUID(int=2), UUID(int=3)
PAYLOAD = {
    "fileName": "shop.zip",
    "rowsGenerated": 2500,
    "bytes": 118_000,
    "expiresAt": "2026-01-08T12:00:00+00:00",
    "errorDetails": None,
}


def outgoing(to: str = "ann@example.org", event: str = "completed", **payload: Any) -> Outgoing:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    told = {**PAYLOAD, **payload}
    return Outgoing(DELIVERY, EXPORT, UUID(int=1), "email", to, event, told, 1, 1, moment, (1,))


def mailer(port: int, security: Any = "none", password: str | None = None, tls: Any = None) -> SmtpMailer:
    server = SmtpServer("localhost", port, security, "ann" if password else None, password)
    return SmtpMailer(server, Letters("Seedbed <seedbed@example.com>", "https://seedbed.example/"), tls=tls)


@pytest.fixture
def serve(tmp_path: Path) -> Any:
    with ExitStack() as stack:

        def start(mode: str = "none", certificate: Certificate | None = None) -> MailServer:
            return stack.enter_context(mail_server(tmp_path / "mails", mode, certificate))

        yield start


async def test_a_mail_tells_and_links(serve: Callable[..., MailServer]) -> None:
    """Text and HTML with the link that asks who one is; sent again, it is the same message."""
    server = serve()
    for _ in range(2):
        assert (await mailer(server.port).send(outgoing())).status == 250
    first, second = server.mails()
    assert first["Message-ID"] == second["Message-ID"] == f"<{DELIVERY}@example.com>"
    assert (first["Subject"], first["To"], first["X-Envelope-To"]) == (
        "shop.zip is ready", "ann@example.org", "ann@example.org",
    )  # fmt: skip
    assert first["From"] == "Seedbed <seedbed@example.com>"
    assert first["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        part = first.get_body((kind,))
        assert part is not None
        text = part.get_content()
        assert f"https://seedbed.example/api/data-generator/export/{EXPORT}/download" in text
        assert "2,500 rows, 118.0 kB" in text
        assert "08 January 2026, 12:00 UTC" in text


async def test_a_failure_is_told_with_its_reason(serve: Callable[..., MailServer]) -> None:
    """And where to run it again; there is nothing to download."""
    server = serve()
    await mailer(server.port).send(outgoing(event="failed", errorDetails={"message": "the store is full"}))
    (mail,) = server.mails()
    assert mail["Subject"] == "shop.zip could not be made"
    part = mail.get_body(("plain",))
    assert part is not None
    assert "the store is full" in part.get_content()
    assert "download" not in part.get_content()


async def test_names_are_text_in_every_mail(serve: Callable[..., MailServer]) -> None:
    """No header, no markup and no template comes out of what somebody named their file."""
    server = serve()
    name = "<b>x</b>{{ 7*7 }}&\u2028é" + "y" * 150
    await mailer(server.port).send(outgoing(fileName=name, errorDetails={"message": "<script>"}))
    (mail,) = server.mails()
    html = mail.get_body(("html",))
    assert html is not None
    assert "<b>x</b>" not in html.get_content()
    assert "{{ 7*7 }}" in html.get_content()
    assert "\n" not in str(mail["Subject"])
    assert str(mail["Subject"]).startswith("<b>x</b>{{ 7*7 }}&")
    assert set(mail.keys()) & {"Bcc", "Cc"} == set()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_tls_and_account(serve: Callable[..., MailServer], tmp_path: Path, security: str) -> None:
    """The certificate is checked, the account is asked for, and a wrong password is tried again later."""
    certificate = make_certificate(tmp_path, "localhost")
    server = serve(security, certificate)
    trusting = certificate.client_context()
    await mailer(server.port, security, "secret-of-ann", trusting).send(outgoing())
    with pytest.raises(DeliveryFailed, match="account") as refused:
        await mailer(server.port, security, "wrong", trusting).send(outgoing())
    assert refused.value.retryable
    with pytest.raises(DeliveryFailed, match="cannot be used"):
        await mailer(server.port, security, "secret-of-ann", ssl.create_default_context()).send(outgoing())
    assert len(server.mails()) == 1


async def test_starttls_is_not_left_out(serve: Callable[..., MailServer]) -> None:
    """A server that does not offer it, or somebody in between who hides it, gets no mail and no password."""
    server = serve()
    with pytest.raises(DeliveryFailed):
        await mailer(server.port, "starttls", "secret-of-ann").send(outgoing())
    assert not server.mails()


async def test_refusals_for_now_and_for_good(serve: Callable[..., MailServer]) -> None:
    """452 passes by itself, 550 does not; nobody there is tried again."""
    server = serve()
    for to, retryable, code in (("full@example.org", True, 452), ("gone@example.org", False, 550)):
        with pytest.raises(DeliveryFailed) as failed:
            await mailer(server.port).send(outgoing(to))
        assert (failed.value.retryable, failed.value.status) == (retryable, code)
    with pytest.raises(DeliveryFailed) as failed:
        await mailer(1).send(outgoing())
    assert failed.value.retryable
