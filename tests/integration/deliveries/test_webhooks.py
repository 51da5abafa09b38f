"""Webhooks over real sockets: what is sent, where it may go, and how long it may take."""

import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.adapters.webhooks.sender import MOST_RESPONSE_BYTES, WebhookSender
from app.adapters.webhooks.signing import SigningSecrets
from app.exports.delivering import DeliveryFailed, Outgoing
from tests.integration.deliveries.receivers import Receiver, make_certificate, receiving, status

ANN = UUID(int=1)
DELIVERY = UUID(int=2)
EXPORT = UUID(int=3)
SECRETS = SigningSecrets("a key of some length")


def outgoing(target: str, **changes: Any) -> Outgoing:
    values: dict[str, Any] = {
        "id": DELIVERY,
        "export_id": EXPORT,
        "owner_id": ANN,
        "channel": "webhook",
        "target": target,
        "event": "completed",
        "payload": {"jobId": str(EXPORT), "fileName": "kunden ä.csv", "status": "completed", "sha256": "ab"},
        "attempts": 1,
        "attempt": 1,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "secret_versions": (1,),
        **changes,
    }
    return Outgoing(**values)


@asynccontextmanager
async def sending(**options: Any) -> AsyncIterator[WebhookSender]:
    sender = WebhookSender(SECRETS, **{"public_url": "https://seedbed.example", "development": True, **options})
    try:
        yield sender
    finally:
        await sender.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


async def test_a_message_is_verified_by_the_library(receiver: Receiver) -> None:
    """Id, time and signature hold; the body is JSON; links are absolute and lead to what asks who one is."""
    async with sending() as sender:
        taken = await sender.send(outgoing(receiver.url))
    (request,) = receiver.received
    assert taken.status == 204
    assert request.path == "/hook?a=1"
    assert request.headers["webhook-id"] == f"msg_{DELIVERY.hex}"
    message = Webhook(SECRETS.secret(ANN, 1)).verify(request.body, dict(request.headers))
    assert message["type"] == "export.completed"
    assert message["data"]["fileName"] == "kunden ä.csv"
    assert message["data"]["links"]["download"] == (
        f"https://seedbed.example/api/data-generator/export/{EXPORT}/download"
    )
    for other in (SECRETS.secret(ANN, 2), SECRETS.secret(UUID(int=9), 1), SigningSecrets("another").secret(ANN, 1)):
        with pytest.raises(WebhookVerificationError):
            Webhook(other).verify(request.body, dict(request.headers))


async def test_attempts_are_the_same_message(receiver: Receiver) -> None:
    """The same id and bytes at each, whatever else differs."""
    receiver.answers = [status(500), status(503), status(200)]
    async with sending() as sender:
        for attempt in (1, 2, 3):
            with suppress(DeliveryFailed):
                await sender.send(outgoing(receiver.url, attempt=attempt, attempts=attempt))
    assert len({request.body for request in receiver.received}) == 1
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
    assert len(receiver.received) == 3


async def test_both_secrets_sign_while_one_replaces_the_other(receiver: Receiver) -> None:
    """A receiver that knows either takes it."""
    async with sending() as sender:
        await sender.send(outgoing(receiver.url, secret_versions=(5, 4)))
    (request,) = receiver.received
    for version, holds in ((5, True), (4, True), (3, False)):
        webhook = Webhook(SECRETS.secret(ANN, version))
        if holds:
            assert webhook.verify(request.body, dict(request.headers))
        else:
            with pytest.raises(WebhookVerificationError):
                webhook.verify(request.body, dict(request.headers))


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/",
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://127.1:{port}/",
        "https://2130706433:{port}/",
        "https://0x7f000001:{port}/",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://[::ffff:7f00:1]:{port}/",
        "https://0.0.0.0:{port}/",
        "https://[::]:{port}/",
        "https://①②⑦.0.0.1:{port}/",
        "https://example.com@127.0.0.1:{port}/",
        "https://127.0.0.1:{port}\\@example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
    ],
)
async def test_nothing_of_this_machine_is_called_in_production(receiver: Receiver, target: str) -> None:
    """However it is spelt: refused for good, and no connection was made."""
    async with sending(development=False, ports=(443, receiver.port)) as sender:
        with pytest.raises(DeliveryFailed):
            await sender.send(outgoing(target.format(port=receiver.port)))
    assert receiver.connections == 0


async def test_a_name_is_looked_up_once(receiver: Receiver) -> None:
    """Between the look and the call it may come to mean another machine: the address that was seen is called."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["10.0.0.1"] if len(asked) > 1 else ["127.0.0.1"]

    async with sending(resolve=rebinding) as sender:
        assert (await sender.send(outgoing(f"http://hooks.example.test:{receiver.port}/"))).status == 204
    assert asked == ["hooks.example.test"]
    assert receiver.received[0].headers["host"] == f"hooks.example.test:{receiver.port}"


async def test_tls_is_asked_for_by_name_and_checked(tmp_path: Path) -> None:
    """The connection goes to the address, SNI and the certificate's check to the name."""
    certificate = make_certificate(tmp_path, "hooks.example.test")

    async def here(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    with receiving(certificate) as receiver:
        async with sending(resolve=here, tls=certificate.client_context()) as sender:
            await sender.send(outgoing(f"https://hooks.example.test:{receiver.port}/x"))
            with pytest.raises(DeliveryFailed, match="certificate"):
                await sender.send(outgoing(f"https://other.example.test:{receiver.port}/x"))
        async with sending(resolve=here) as sender:  # which trusts what everybody trusts
            with pytest.raises(DeliveryFailed, match="certificate"):
                await sender.send(outgoing(f"https://hooks.example.test:{receiver.port}/x"))
    (request,) = receiver.received
    assert request.server_name == "hooks.example.test"
    assert request.headers["host"] == f"hooks.example.test:{receiver.port}"


async def test_public_receivers_are_called_by_https_on_few_ports() -> None:
    """Before anything is sent; the address is one that no test reaches."""

    async def public(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34"]

    async with sending(resolve=public, ports=(443, 8443)) as sender:
        for target, why in (("http://a.example/", "https"), ("https://a.example:5432/", "port 5432")):
            with pytest.raises(DeliveryFailed, match=why) as refused:
                await sender.send(outgoing(target))
            assert not refused.value.retryable


async def test_redirects_are_not_followed(receiver: Receiver) -> None:
    """Wherever they lead."""
    with receiving() as other:
        receiver.answers = [status(307, location=other.url)]
        async with sending() as sender:
            with pytest.raises(DeliveryFailed, match="307"):
                await sender.send(outgoing(receiver.url))
    assert other.connections == 0


async def test_what_one_receiver_sets_no_other_is_sent(receiver: Receiver) -> None:
    """Many users' receivers may be at one address: nothing that one of them answered goes along to the next."""
    receiver.answers = [status(204, set_cookie="session=of-another-user; Path=/")]
    async with sending() as sender:
        for _ in range(2):
            await sender.send(outgoing(receiver.url))
    assert [sorted(name for name in r.headers if name.lower() == "cookie") for r in receiver.received] == [[], []]


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """An answer that never ends, a byte at a time: each read succeeds."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(1_000):
        handler.wfile.write(b"x-more: 1\r\n")
        handler.wfile.flush()
        time.sleep(0.01)  # the fault itself: an answer that drips


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)  # the fault itself: longer than the sender waits


def flooding(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(10_000):
        handler.wfile.write(b"x" * 65_536)


@pytest.mark.parametrize("answer", [dripping, silent])
async def test_a_slow_receiver_is_left(receiver: Receiver, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
    """The limit is on the whole, not on each byte."""
    receiver.answers = [answer]
    async with sending(timeout_s=0.3) as sender:
        with pytest.raises(DeliveryFailed) as failed:
            await sender.send(outgoing(receiver.url))
    assert failed.value.retryable


async def test_only_the_beginning_of_an_answer_is_read(receiver: Receiver) -> None:
    """A receiver that sends gigabytes costs kilobytes."""
    receiver.answers = [flooding]
    async with sending() as sender:
        taken = await sender.send(outgoing(receiver.url))
    assert taken.status == 200
    assert len(taken.response) <= MOST_RESPONSE_BYTES


@pytest.mark.parametrize(
    ("answer", "retryable", "retry_after_s"),
    [
        (status(500), True, 0),
        (status(404), True, 0),
        (status(410), False, 0),
        (status(429, retry_after="120"), True, 120),
        (status(503, retry_after="Fri, 01 Jan 2100 00:00:00 GMT"), True, 86_400),
        (status(503, retry_after="soon"), True, 0),
        (status(410, retry_after="Mon, 99999999999999999999 Jan 2020 00:00:00 GMT"), False, 0),
        (status(429, retry_after="Mon, 01 Jan 2020 00:00:00 +99999999999999999999"), True, 0),
    ],
)
async def test_what_is_not_a_yes_is_a_no(
    receiver: Receiver, answer: Any, retryable: bool, retry_after_s: float
) -> None:
    """Gone is for good; a receiver may say when to come back."""
    receiver.answers = [answer]
    async with sending() as sender:
        with pytest.raises(DeliveryFailed) as failed:
            await sender.send(outgoing(receiver.url))
    assert (failed.value.retryable, failed.value.retry_after_s) == (retryable, retry_after_s)


async def test_a_receiver_that_is_not_there(receiver: Receiver) -> None:
    """Told without its address, and tried again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        async with sending() as sender:
            with pytest.raises(DeliveryFailed) as failed:
                await sender.send(outgoing(f"http://127.0.0.1:{port}/"))
    assert failed.value.message == "the receiver cannot be reached"
    assert failed.value.retryable


async def test_proxies_of_the_environment_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would look the name up again, and reach what we may not."""
    with receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with sending() as sender:
            await sender.send(outgoing(receiver.url))
    assert (proxy.connections, receiver.connections) == (0, 1)
