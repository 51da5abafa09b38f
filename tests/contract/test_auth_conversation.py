"""The double of Supabase Auth answers as the real server did.

With AUTH_TEST_URL (a server at its root, with `/token`), AUTH_TEST_SERVICE_TOKEN (a service_role token that it takes)
and AUTH_TEST_SMTP_PORT (where it sends mails; this listens there) the real server is asked again.
"""

import email
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.contract.auth_conversation import ANSWERS, CALLBACK, Place, converse, recorded
from tests.fixtures.supabase_auth import KEY, SupabaseAuth

REAL = "AUTH_TEST_URL" in os.environ


@contextmanager
def auth_place() -> Iterator[Place]:
    """The place that the environment names, else a double of its own."""
    if REAL:
        with _real_place() as place:
            yield place
        return
    with SupabaseAuth.start() as auth:
        auth.allowed = [CALLBACK]

        def make_user(email: str, password: str, confirmed: bool) -> None:
            auth.add_user(email, password, confirmed=confirmed)

        yield Place(f"{auth.url}/auth/v1", KEY, make_user, auth.link_for)


@contextmanager
def _real_place() -> Iterator[Place]:
    from aiosmtpd.controller import Controller

    url, port = os.environ["AUTH_TEST_URL"], int(os.environ["AUTH_TEST_SMTP_PORT"])
    mails: list[tuple[str, str]] = []

    class Mailbox:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
            found = email.message_from_bytes(envelope.content)
            parts = [part.get_payload(decode=True) for part in found.walk() if not part.is_multipart()]
            links = re.findall(r'href="([^"]+verify[^"]+)"', b"\n".join(part for part in parts if part).decode())  # type: ignore[misc]
            mails.append((envelope.rcpt_tos[0], links[0].replace("&amp;", "&")))
            return "250 Taken"

    def make_user(address: str, password: str, confirmed: bool) -> None:
        body = {"email": address, "password": password, "email_confirm": confirmed}
        headers = {"authorization": f"Bearer {os.environ['AUTH_TEST_SERVICE_TOKEN']}"}
        httpx.post(f"{url}/admin/users", json=body, headers=headers).raise_for_status()

    def link_for(address: str) -> str:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = [link for to, link in mails if to == address]
            if found:
                return found[-1]
            time.sleep(0.05)  # mail comes when its server sends it; bounded above
        raise AssertionError(f"no mail to {address}")

    controller = Controller(Mailbox(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield Place(url, "", make_user, link_for)
    finally:
        controller.stop()


def test_the_double_answers_as_the_real_server() -> None:
    """Status and body of every call that signing in makes, and of every refusal it may meet."""
    expected = recorded()
    with auth_place() as place:
        found = dict(converse(place))
    assert list(found) == list(expected)
    for name, answer in found.items():
        assert answer == expected[name], name


def test_the_recording_holds_nothing_of_its_run() -> None:
    """No token, id or time of the day it was made: such answers could never be the same twice."""
    text = ANSWERS.read_text()
    assert "eyJ" not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)
    assert "<token>" in text
    assert "<uuid>" in text
