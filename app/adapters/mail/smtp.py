"""Sends mails by SMTP."""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Literal

import aiosmtplib

from app.adapters.mail.messages import Letters
from app.exports.delivering import DeliveryFailed, Outgoing, Taken

TIMEOUT_S = 30.0
_STEP_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`security`: "starttls" (required, not merely tried), "tls" from the first byte, or "none"."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)


class SmtpMailer:
    """The `Channel` of mails: a connection for each, since they are few."""

    def __init__(self, server: SmtpServer, letters: Letters, *, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._letters = letters
        self._tls = tls

    async def send(self, outgoing: Outgoing) -> Taken:
        """Hands it to the server. Raises DeliveryFailed: for good when the server says so with a 5xx code."""
        message = self._letters.write(outgoing)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                async with self._connected() as smtp:
                    _, response = await smtp.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            raise _failed("the mail server refused the address", refused.code, refused.message) from error
        except aiosmtplib.SMTPAuthenticationError as error:
            # Ours to mend, and then the mail is still wanted.
            raise DeliveryFailed("the mail server refused the service's account", status=error.code) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _failed("the mail server refused the mail", error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise DeliveryFailed(f"the mail server cannot be used: {type(error).__name__}") from error
        return Taken(250, response)

    def _connected(self) -> aiosmtplib.SMTP:
        return _connection(self._server, self._tls)


async def greet(server: SmtpServer) -> None:
    """Connects and signs in, and sends nothing. Raises DeliveryFailed."""
    try:
        async with asyncio.timeout(_STEP_TIMEOUT_S), _connection(server, None) as smtp:
            await smtp.noop()
    except aiosmtplib.SMTPAuthenticationError as error:
        raise DeliveryFailed("the mail server refused the service's account", status=error.code) from error
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise DeliveryFailed(f"the mail server cannot be used: {told}") from error


def _connection(server: SmtpServer, tls: ssl.SSLContext | None) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        username=server.username,
        password=server.password,
        timeout=_STEP_TIMEOUT_S,
        tls_context=tls or ssl.create_default_context(),
    )


def _failed(what: str, code: int, response: str) -> DeliveryFailed:
    return DeliveryFailed(f"{what} ({code})", status=code, response=response, retryable=not 500 <= code < 600)
