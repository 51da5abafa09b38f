"""An SMTP server for tests: `python smtp_server.py FOLDER none|starttls|tls [CERTIFICATE]`.

Prints its port and runs until it is ended. Mail to `full@…` is put off (452), to `gone@…` refused (550).
"""

import asyncio
import base64
import json
import ssl
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

REFUSALS = {"full": "452 The mailbox is full", "gone": "550 There is no such mailbox"}


class Mailbox:
    """Writes each mail to a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  # aiosmtpd calls it so
        refusal = REFUSALS.get(address.partition("@")[0])
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        content = base64.b64encode(envelope.content).decode()
        path = self._folder / f"{time.monotonic_ns():020}.json"
        path.with_suffix(".tmp").write_text(json.dumps({"to": envelope.rcpt_tos, "content": content}))
        path.with_suffix(".tmp").rename(path)
        return "250 Taken"


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    held = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ann", b"secret-of-ann")
    return AuthResult(success=held, handled=False)


async def serve(folder: str, mode: str, certificate: str = "") -> None:
    options: dict[str, Any] = {}
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": mode == "starttls"}

    def session() -> SMTP:
        return SMTP(
            Mailbox(Path(folder)),
            hostname="mail.example.test",
            tls_context=context if mode == "starttls" else None,
            require_starttls=mode == "starttls",
            **options,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
