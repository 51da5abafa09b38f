"""Signing in on the pages with Supabase Auth: by password, or by a link in a mail.

The service speaks to Supabase Auth, not the browser: so the pages' policy needs no opening to another origin, and no
script ever holds a token. A link comes back with a code (PKCE) that is worth something only in the browser that asked
for it, and only through the cookie that this has kept there.
"""

import asyncio
import base64
import hashlib
import ipaddress
import json
import re
import secrets
import time
from typing import Any

from litestar import Request, Response, Router, get, post
from msgspec import Struct

from app.errors import NotAuthenticated, NotConfigured, RequestRefused, SeedbedError, SignInRefused
from app.exports.fields import FaultList, Fields, shown
from app.exports.targets import is_loopback
from app.logging import get_logger
from app.web.access import identity_of, services_of
from app.web.bodies import SMALL_BODY_BYTES, read_json
from app.web.errors import CrossSiteRefused, TooManyRequests
from app.web.identity import is_https
from app.web.own_paths import own_path
from app.web.pages import pages_of
from app.web.rates import RateLimits
from app.web.sessions import SignedIn, SignIns, session_cookie

log = get_logger(__name__)

AnyRequest = Request[Any, Any, Any]
CALLBACK = "/auth/callback"
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
# Supabase Auth answers sooner for an address that it does not know, since there is no password to check.
_REFUSED_AFTER_S = 0.5
_LINK_TTL_S = 3_600
_MOST_PASSWORD_CHARS = 1_000
_MOST_CODE_CHARS = 200
# Mails that are being asked for at a time: beyond them somebody is flooding, from many addresses.
_MOST_SENDING = 100
_EXPIRED = "The link has expired or was used before. Ask for a new one."
_ELSEWHERE = "Open the link in the browser in which you asked for it, or ask for a new one here."


class SignedInView(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where to go on."""

    next: str


class SignInForm:
    """What outlives single requests: how often who may try, and the mails that are on their way."""

    def __init__(self, per_minute: int, public_url: str | None, address_header: str | None = None) -> None:
        """`address_header`: where a proxy in front says who calls, whatever the client sent there."""
        self.rates = RateLimits(per_minute)
        self._address_header = address_header
        self._public_url = public_url.rstrip("/") if public_url else None
        self._sending: set[asyncio.Task[None]] = set()

    def address(self, request: AnyRequest) -> str:
        """Where the request comes from: the proxy's word, or the other end of the connection."""
        given = request.headers.getall(self._address_header, []) if self._address_header else []
        # Twice it would be the client's as well.
        return given[0].strip() if len(given) == 1 else request.client.host if request.client else ""

    def callback_url(self, request: AnyRequest) -> str:
        """Where links lead; the project's list of redirect URLs has to hold it.

        Raises NotConfigured: whoever asks says by which name, and could have somebody else's link lead to a place of
        theirs that a wildcard in that list lets through. On the machine itself nobody else has a place.
        """
        if self._public_url is None and not _is_here(request.base_url.hostname or ""):
            raise NotConfigured("links in mails lead to PUBLIC_URL, which is not set")
        return (self._public_url or str(request.base_url).rstrip("/")) + CALLBACK

    def send(self, sign_ins: SignIns, email: str, *, redirect_to: str, challenge: str) -> None:
        """Has a mail sent, without waiting: how long that takes would tell who has an account."""
        if len(self._sending) >= _MOST_SENDING:
            raise TooManyRequests("too many mails are being sent; try again in 10 s", retry_after_s=10)
        task = asyncio.create_task(_send(sign_ins, email, redirect_to, challenge))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        """Waits for the mails that were promised."""
        await asyncio.gather(*self._sending, return_exceptions=True)


@post("/sign-in", name="sign_in", status_code=200, request_max_body_size=SMALL_BODY_BYTES)
async def sign_in(request: AnyRequest) -> Response[SignedInView]:
    """By address and password."""
    sign_ins = _from_own_page(request)
    email, password, onward = _read((await read_json(request)).value, with_password=True)
    _count(request, email)
    began = time.monotonic()
    try:
        session = await sign_ins.by_password(email, password)
    except SignInRefused as error:
        await asyncio.sleep(max(0.0, began + _REFUSED_AFTER_S - time.monotonic()))
        if error.facts.get("reason") == "too_many":
            raise TooManyRequests(error.message, retry_after_s=60) from None
        raise
    response = Response(SignedInView(next=onward))
    await _keep(request, response, session)
    return response


@post("/link", name="sign_in_link", status_code=204, request_max_body_size=SMALL_BODY_BYTES)
async def sign_in_link(request: AnyRequest) -> Response[None]:
    """By a link in a mail. The answer is the same whether the address has an account or not."""
    sign_ins = _from_own_page(request)
    email, _, onward = _read((await read_json(request)).value, with_password=False)
    _count(request, email)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    form = form_of(request)
    form.send(sign_ins, email, redirect_to=form.callback_url(request), challenge=challenge)
    kept = base64.urlsafe_b64encode(json.dumps({"verifier": verifier, "next": onward}).encode()).decode().rstrip("=")
    cookies = identity_of(request).cookies
    cookie = cookies.one(_link_cookie(request), kept, _LINK_TTL_S, https=is_https(request), path=CALLBACK)
    return Response(None, status_code=204, cookies=[cookie])


@get("/callback", name="sign_in_callback", status_code=303)
async def sign_in_callback(request: AnyRequest) -> Response[Any]:
    """Where links in mails lead: the code in the query and the cookie's verifier become a session."""
    sign_ins = services_of(request).sign_ins
    code = request.query_params.get("code")
    verifier, onward = _read_kept(request.cookies.get(_link_cookie(request)))
    if sign_ins is None or code is None or len(code) > _MOST_CODE_CHARS:
        return _again(request, _EXPIRED, onward)
    if verifier is None:
        return _again(request, _ELSEWHERE, onward)
    try:
        session = await sign_ins.by_code(code, verifier)
    except SignInRefused as error:
        return _again(request, error.message[:1].upper() + error.message[1:] + ".", onward)
    response = Response("", status_code=303, headers={"location": onward, "cache-control": "no-store"})
    await _keep(request, response, session)
    gone = identity_of(request).cookies.one(_link_cookie(request), "", 0, https=is_https(request), path=CALLBACK)
    response.set_cookie(gone)
    return response


@post("/sign-out", name="sign_out", status_code=204, request_max_body_size=SMALL_BODY_BYTES)
async def sign_out(request: AnyRequest) -> Response[None]:
    """Ends the session, here and at Supabase Auth."""
    sign_ins = _from_own_page(request)
    identity = identity_of(request)
    session = await identity.session(request)
    # What was renewed on the way in is not to be kept.
    request.scope["state"].pop("cookies", None)
    response = Response[None](None, status_code=204)
    for cookie in identity.cookies.drop(request.cookies, https=is_https(request)):
        response.set_cookie(cookie)
    if session is not None and session.ours:
        try:
            await sign_ins.sign_out(session.access_token)
        except SeedbedError as error:
            # The browser has forgotten it in any case; at Supabase it ends by itself.
            log.warning("sign_out_failed", code=error.code)
    return response


def sign_in_router() -> Router:
    return Router("/auth", route_handlers=[sign_in, sign_in_link, sign_in_callback, sign_out])


def form_of(request: AnyRequest) -> SignInForm:
    form: SignInForm = request.app.state.sign_in_form
    return form


async def _send(sign_ins: SignIns, email: str, redirect_to: str, challenge: str) -> None:
    try:
        await sign_ins.send_link(email, redirect_to=redirect_to, challenge=challenge)
    except SeedbedError as error:
        log.warning("link_not_sent", code=error.code, reason=error.facts.get("reason"), error=error.message)


def _from_own_page(request: AnyRequest) -> SignIns:
    # Otherwise another site could sign a visitor in as somebody of its choice.
    if not identity_of(request).same_origin(request):
        raise CrossSiteRefused("signing in and out is for this site's own pages")
    sign_ins = services_of(request).sign_ins
    if sign_ins is None:
        raise NotAuthenticated("sign in with the application that this service belongs to", reason="missing")
    return sign_ins


def _count(request: AnyRequest, email: str) -> None:
    """Raises TooManyRequests for an address of the network, or of a mailbox, that is tried too often."""
    form = form_of(request)
    form.rates.take(_network(form.address(request)))
    form.rates.take(hashlib.sha256(email.lower().encode()).digest())


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or is_loopback(ipaddress.ip_address(host))
    except ValueError:
        return False


def _network(host: str) -> str:
    # Whoever has an IPv6 address has 2^64 of them.
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else host


async def _keep(request: AnyRequest, response: Response[Any], session: SignedIn) -> None:
    """Sets the session's cookies, once the token is one that this service takes."""
    try:
        await services_of(request).verifier.verify(session.access_token)
    except NotAuthenticated as error:
        log.warning("signed_in_and_not_taken", reason=error.facts.get("reason"))
        raise SignInRefused(f"this service does not take the token: {error.message}", reason="not_taken") from None
    value = session_cookie(session.access_token, session.refresh_token, session.expires_at)
    for cookie in identity_of(request).cookies.keep(value, request.cookies, https=is_https(request)):
        response.set_cookie(cookie)


def _again(request: AnyRequest, notice: str, onward: str) -> Response[str]:
    return pages_of(request).render("sign_in.html", status=400, notice=notice, onward=onward)


def _link_cookie(request: AnyRequest) -> str:
    return f"{identity_of(request).cookies.name}-link"


def _read_kept(value: str | None) -> tuple[str | None, str]:
    try:
        kept = json.loads(base64.urlsafe_b64decode((value or "") + "=" * (-len(value or "") % 4)))
        return str(kept["verifier"]), own_path(str(kept["next"]))
    except (ValueError, KeyError, TypeError):
        return None, "/"


def _read(value: object, *, with_password: bool) -> tuple[str, str, str]:
    """Address, password ("" without) and the page to go on to. Raises RequestRefused."""
    faults = FaultList()
    fields = Fields.of(value, "", faults)
    if fields is None:
        raise RequestRefused(faults.faults)
    needed = ["email", "password"] if with_password else ["email"]
    fields.require(*needed)
    fields.refuse_unknown(*needed, "next")
    email = fields.text("email", most=254)
    password = fields.text("password", most=_MOST_PASSWORD_CHARS) if with_password else ""
    onward = fields.text("next", most=500)
    if email is not None and not ADDRESS.fullmatch(email):
        faults.add("/email", "bad_form", f"email {shown(email)} is not an address")
    if email is None or password is None or len(faults):
        raise RequestRefused(faults.faults)
    return email, password, own_path(onward)
