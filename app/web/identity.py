"""Who is calling: a bearer token, the session cookie of a page, or a ticket for an event stream."""

import re
import time
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request
from litestar.datastructures import Cookie

from app.errors import AuthenticationUnavailable, NotAuthenticated, SignInRefused
from app.exports.asking import ASKING
from app.exports.models import Caller
from app.web.errors import CrossSiteRefused
from app.web.rates import RateLimits
from app.web.sessions import Renewals, Session, SessionCookies, read_session, session_cookie

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_TICKET_CHARS = 200

AnyRequest = Request[Any, Any, Any]


class TokenVerifier(Protocol):
    """Says whose an access token is."""

    async def verify(self, token: str) -> Caller:
        """Raises NotAuthenticated, AuthenticationUnavailable."""
        ...

    async def issued(self, token: str) -> bool:
        """Whether this is a token of a user's, be it over. Raises AuthenticationUnavailable."""
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
        renewals: Renewals | None = None,
    ) -> None:
        """`cookie` is the name of the session cookie; `public_url` names the origin of our own pages, beside the one
        a request was sent to. With `renewals` sessions that these pages began go on while they are used."""
        self._rates = rates
        self._verifier = verifier
        self._tickets = tickets
        self.cookies = SessionCookies(cookie, secure=(public_url or "").startswith("https://"))
        self._renewals = renewals
        self._public_host = urlsplit(public_url).netloc.lower() if public_url else None

    async def caller(self, request: AnyRequest) -> Caller:
        """The caller by bearer token or by cookie; a token that is there decides alone, right or wrong."""
        headers = request.headers.getall("authorization", [])
        if len(headers) > 1:
            # A proxy in front may have looked at the other one.
            raise NotAuthenticated("there is more than one Authorization header", reason="malformed")
        if headers:
            return self._counted(await self._verifier.verify(_bearer(headers[0])))
        session = read_session(request.cookies, self.cookies.name)
        if session is None:
            raise NotAuthenticated("send an access token as `Authorization: Bearer …`", reason="missing")
        # A browser sends cookies along with what other sites' pages make it send; it never does so with a bearer
        # token. So a cookie counts for changes only when the request is seen to come from a page of our own.
        if request.method not in SAFE_METHODS and not self.same_origin(request):
            raise CrossSiteRefused("changes by session cookie are taken from this site's own pages alone")
        session = await self._renewed(request, session)
        return self._counted(await self._verifier.verify(session.access_token))

    async def session(self, request: AnyRequest) -> Session | None:
        """The session in the cookie, renewed where that is due and possible; whether it holds is not looked at."""
        session = read_session(request.cookies, self.cookies.name)
        try:
            return session and await self._renewed(request, session)
        except NotAuthenticated:
            return None

    async def _renewed(self, request: AnyRequest, session: Session) -> Session:
        """The session, or the one that takes its place; then the answer sets the cookie."""
        if self._renewals is None or not self._renewals.due(session, time.time()):
            return session
        https = is_https(request)
        try:
            # Anybody can make up a cookie: the project is not asked about what it never gave out.
            if not await self._verifier.issued(session.access_token):
                return session
            fresh = await self._renewals.renew(session)
        except SignInRefused:
            set_with_answer(request, self.cookies.drop(request.cookies, https=https))
            raise NotAuthenticated("the session is over; sign in again", reason="expired") from None
        except AuthenticationUnavailable:
            # The token may be good for a few seconds yet. If it is not, whoever checks it says so.
            return session
        value = session_cookie(fresh.access_token, fresh.refresh_token, fresh.expires_at)
        set_with_answer(request, self.cookies.keep(value, request.cookies, https=https))
        return fresh

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
        ASKING.set(caller.user_id)
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


def is_https(request: AnyRequest) -> bool:
    """Whether the request came by https, as far as the proxy in front of us says."""
    return bool(request.scope.get("scheme") == "https")


def set_with_answer(request: AnyRequest, cookies: list[Cookie]) -> None:
    """Has cookies set by whatever answers this request; see `app.web.edge`."""
    state: dict[str, Any] = request.scope.setdefault("state", {})
    state["cookies"] = cookies


def _bearer(header: str) -> str:
    match = re.fullmatch(r"(?i:bearer) +([A-Za-z0-9._~+/=-]+) *", header)
    if match is None:
        raise NotAuthenticated("the Authorization header is to be `Bearer` and an access token", reason="malformed")
    return match.group(1)
