"""Who is calling: a bearer token, the session cookie of a page, or a ticket for an event stream."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from litestar import Request

from app.errors import NotAuthenticated
from app.exports.models import Caller
from app.web.errors import CrossSiteRefused
from app.web.rates import RateLimits

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_CHUNKS = 10
_MOST_COOKIE_CHARS = 64 * 1024
_MOST_TICKET_CHARS = 200
_BASE64 = "base64-"

AnyRequest = Request[Any, Any, Any]


class TokenVerifier(Protocol):
    """Says whose an access token is."""

    async def verify(self, token: str) -> Caller:
        """Raises NotAuthenticated, AuthenticationUnavailable."""
        ...


class Tickets(Protocol):
    """Where tickets for streams are redeemed."""

    async def redeem_ticket(self, token: str, export_id: UUID | None = None) -> Caller:
        """Raises NotAuthenticated."""
        ...


class Identity:
    """Finds the caller of a request.

    Every method raises NotAuthenticated when there is none, TooManyRequests for one who asks too fast.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        tickets: Tickets,
        *,
        cookie: str,
        rates: RateLimits,
        public_url: str | None = None,
    ) -> None:
        """`cookie` is the name of the session cookie; `public_url` names the origin of our own pages, beside the one
        a request was sent to."""
        self._rates = rates
        self._verifier = verifier
        self._tickets = tickets
        self._cookie = cookie
        self._public_host = urlsplit(public_url).netloc.lower() if public_url else None

    async def caller(self, request: AnyRequest) -> Caller:
        """The caller by bearer token or by cookie; a token that is there decides alone, right or wrong."""
        header = request.headers.get("authorization")
        if header is not None:
            return self._counted(await self._verifier.verify(_bearer(header)))
        token = session_token(request.cookies, self._cookie)
        if token is None:
            raise NotAuthenticated("send an access token as `Authorization: Bearer …`", reason="missing")
        # A browser sends cookies along with what other sites' pages make it send; it never does so with a bearer
        # token. So a cookie counts for changes only when the request is seen to come from a page of our own.
        if request.method not in SAFE_METHODS and not self.same_origin(request):
            raise CrossSiteRefused("changes by session cookie are taken from this site's own pages alone")
        return self._counted(await self._verifier.verify(token))

    async def follower(self, request: AnyRequest, export_id: UUID | None) -> Caller:
        """The caller of an event stream, who may also come with a ticket for it."""
        ticket = request.query_params.get("ticket")
        if ticket is None:
            return await self.caller(request)
        if not 0 < len(ticket) <= _MOST_TICKET_CHARS:
            raise NotAuthenticated("the ticket does not hold", reason="bad_ticket")
        return self._counted(await self._tickets.redeem_ticket(ticket, export_id))

    def _counted(self, caller: Caller) -> Caller:
        self._rates.take(caller.user_id)
        return caller

    async def visitor(self, request: AnyRequest) -> Caller | None:
        """The person looking at a page, None when nobody is signed in."""
        try:
            return await self.caller(request)
        except NotAuthenticated:
            return None

    def same_origin(self, request: AnyRequest) -> bool:
        """Whether the browser says that a page of our own sent this."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = request.headers.get("origin")
        if origin is None:
            return False
        host = urlsplit(origin).netloc.lower()
        return bool(host) and host in (request.headers.get("host", "").lower(), self._public_host)


def cookie_name(supabase_url: str | None) -> str:
    """The name under which `@supabase/ssr` keeps a project's session; in development one of our own."""
    if supabase_url is None:
        return "sb-seedbed-auth-token"
    return f"sb-{(urlsplit(supabase_url).hostname or '').split('.')[0]}-auth-token"


def session_token(cookies: Mapping[str, str], name: str) -> str | None:
    """The access token in the session cookie, which may be cut into `name.0`, `name.1`, …; None without a session."""
    value = cookies.get(name)
    if value is None:
        chunks: list[str] = []
        while len(chunks) <= _MOST_CHUNKS and (chunk := cookies.get(f"{name}.{len(chunks)}")) is not None:
            chunks.append(chunk)
        value = "".join(chunks)
    if not value or len(value) > _MOST_COOKIE_CHARS:
        return None
    try:
        if value.startswith(_BASE64):
            encoded = value.removeprefix(_BASE64)
            text = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        else:
            text = unquote(value)
        session = json.loads(text)
    except (ValueError, binascii.Error, RecursionError):
        return None
    token = session.get("access_token") if isinstance(session, dict) else None
    return token if isinstance(token, str) and token else None


def session_cookie(token: str) -> str:
    """A session cookie's value in the form that `session_token` reads."""
    text = json.dumps({"access_token": token, "token_type": "bearer"})
    return _BASE64 + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _bearer(header: str) -> str:
    match = re.fullmatch(r"(?i:bearer) +([A-Za-z0-9._~+/=-]+) *", header)
    if match is None:
        raise NotAuthenticated("the Authorization header is to be `Bearer` and an access token", reason="malformed")
    return match.group(1)
