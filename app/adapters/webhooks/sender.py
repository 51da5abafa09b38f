"""Sends a webhook: one POST to a vetted address, signed, bounded in time and size, following nothing."""

import asyncio
import json
import ssl
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from app import __version__
from app.adapters.cookieless import cookieless
from app.adapters.webhooks.addresses import Resolve, Resolver, vetted_addresses
from app.adapters.webhooks.signing import SigningSecrets
from app.exports.delivering import DeliveryFailed, Outgoing, Taken
from app.exports.targets import Address

TIMEOUT_S = 10.0
MOST_BODY_BYTES = 64 * 1024
MOST_RESPONSE_BYTES = 16 * 1024
_CONNECT_TIMEOUT_S = 4.0
_MOST_ADDRESSES = 3
_MOST_RETRY_AFTER_S = 86_400
_GONE = 410


class WebhookSender:
    """The `Channel` of webhooks."""

    def __init__(
        self,
        secrets: SigningSecrets,
        *,
        ports: Sequence[int] = (443, 8443),
        public_url: str = "",
        development: bool = False,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`public_url` makes links absolute. With `development`, receivers on this machine are called too, by http
        and on any port."""
        self._secrets = secrets
        self._ports = frozenset(ports)
        self._public_url = public_url.rstrip("/")
        self._development = development
        self._resolve = resolve or Resolver()
        self._timeout_s = timeout_s
        # A connection for each attempt: one that was kept would be to an address that was vetted for another name.
        self._client = httpx.AsyncClient(
            verify=tls if tls is not None else ssl.create_default_context(),
            trust_env=False,  # a proxy would look the name up again
            follow_redirects=False,
            cookies=cookieless(),
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=httpx.Timeout(timeout_s, connect=_CONNECT_TIMEOUT_S),
        )

    async def send(self, outgoing: Outgoing) -> Taken:
        """Posts it, once. Raises DeliveryFailed for everything but a 2xx answer within the time."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._post(outgoing)
        except TimeoutError as error:
            raise DeliveryFailed(f"the receiver did not answer within {self._timeout_s:g} s") from error

    async def close(self) -> None:
        await self._client.aclose()
        if isinstance(self._resolve, Resolver):
            self._resolve.close()

    async def _post(self, outgoing: Outgoing) -> Taken:
        url = self._parse(outgoing.target)
        host, port = url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)
        addresses = await vetted_addresses(host, port, self._resolve, loopback=self._development)
        if not all(address.is_loopback for address in addresses):
            self._check_public(url, port)
        body = self._body(outgoing)
        headers = self._headers(outgoing, url, body)
        for address in addresses[:_MOST_ADDRESSES]:
            try:
                return await self._call(url, address, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                # Nothing was sent yet: another of its addresses may answer.
                failed = DeliveryFailed(_told(error))
            except httpx.HTTPError as error:
                raise DeliveryFailed(_told(error)) from error
        raise failed

    def _parse(self, target: str) -> httpx.URL:
        try:
            url = httpx.URL(target)
        except (httpx.InvalidURL, ValueError) as error:
            raise DeliveryFailed("the target is not a URL", retryable=False) from error
        if url.scheme not in ("https", "http") or not url.raw_host or url.userinfo:
            raise DeliveryFailed("the target is not a URL that is called", retryable=False)
        return url

    def _check_public(self, url: httpx.URL, port: int) -> None:
        if url.scheme != "https":
            raise DeliveryFailed("receivers elsewhere are called by https alone", retryable=False)
        if port not in self._ports:
            allowed = ", ".join(map(str, sorted(self._ports)))
            raise DeliveryFailed(f"port {port} is not among those that are called: {allowed}", retryable=False)

    async def _call(self, url: httpx.URL, address: Address, headers: Mapping[str, str], body: str) -> Taken:
        # The name stays in Host and in TLS; the connection goes to the address that was vetted.
        request = self._client.build_request(
            "POST",
            url.copy_with(host=str(address)),
            content=body.encode(),
            headers=dict(headers),
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        response = await self._client.send(request, stream=True)
        try:
            told = await _beginning(response)
        finally:
            await response.aclose()
        status = response.status_code
        if 200 <= status < 300:
            return Taken(status, told)
        if 300 <= status < 400:
            raise DeliveryFailed(f"the receiver answered {status}, and redirects are not followed", status=status)
        raise DeliveryFailed(
            f"the receiver answered {status}",
            status=status,
            response=told,
            retryable=status != _GONE,
            retry_after_s=_retry_after(response.headers.get("retry-after")),
        )

    def _headers(self, outgoing: Outgoing, url: httpx.URL, body: str) -> dict[str, str]:
        message_id, now = f"msg_{outgoing.id.hex}", datetime.now(UTC)
        versions = outgoing.secret_versions
        return {
            "host": url.netloc.decode("ascii"),
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": f"Seedbed/{__version__} (webhooks)",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._secrets.sign(outgoing.owner_id, versions, message_id, now, body),
        }

    def _body(self, outgoing: Outgoing) -> str:
        """The same bytes at each attempt."""
        data: dict[str, Any] = dict(outgoing.payload)
        here = f"{self._public_url}/api/data-generator/export/{outgoing.export_id}"
        data["links"] = {"self": here, "download": f"{here}/download"} if data.get("sha256") else {"self": here}
        message = {
            "type": f"export.{outgoing.event}",
            "timestamp": outgoing.created_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "data": data,
        }
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        if len(body.encode()) > MOST_BODY_BYTES:
            raise DeliveryFailed("the message is larger than is sent", retryable=False)
        return body


async def _beginning(response: httpx.Response) -> str:
    """The answer's first bytes: what a receiver sends beyond them is neither read nor kept."""
    read = b""
    async for chunk in response.aiter_raw(4096):
        read += chunk
        if len(read) >= MOST_RESPONSE_BYTES:
            break
    return read[:MOST_RESPONSE_BYTES].decode("utf-8", "replace")


def _retry_after(header: str | None) -> float:
    """Seconds, by the header's number or date; 0 for what it cannot be."""
    if header is None:
        return 0.0
    if header.isdecimal() and header.isascii():
        return float(min(int(header[:6]), _MOST_RETRY_AFTER_S))
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, min(parsedate_to_datetime(header).timestamp() - time.time(), _MOST_RETRY_AFTER_S))
    except (ValueError, OverflowError):  # a day or a zone with twenty digits does not fit a number of C's
        return 0.0


def _told(error: httpx.HTTPError) -> str:
    """What went wrong, in words of our own: the library's may name the address."""
    if isinstance(error, httpx.TimeoutException):
        return "the receiver did not answer in time"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the receiver's certificate does not hold: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the receiver does not speak TLS as it should"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return "the receiver cannot be reached"
    return "the receiver closed the connection, or answered with something that is not HTTP"
