"""Signing in without a Supabase project: for development alone, and there only where it is switched on."""

import re
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, post
from litestar.datastructures import Cookie

from app.errors import Fault, NotPermitted, RequestRefused
from app.exports.fields import FaultList, Fields, shown
from app.web.access import identity_of, services_of
from app.web.bodies import SMALL_BODY_BYTES, read_json
from app.web.errors import CrossSiteRefused
from app.web.services import TokenIssuer
from app.web.sessions import cookie_name, session_cookie
from app.web.views import TokenView

TOKEN_TTL_S = 3_600
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
AnyRequest = Request[Any, Any, Any]


@post("/token", name="development_token", status_code=200, request_max_body_size=SMALL_BODY_BYTES)
async def development_token(request: AnyRequest) -> TokenView:
    """A token for anybody one says one is."""
    return await _issue(request)


@post("/sign-in", name="development_sign_in", status_code=200, request_max_body_size=SMALL_BODY_BYTES)
async def development_sign_in(request: AnyRequest) -> Response[TokenView]:
    """The same, kept in a cookie for the pages."""
    # Otherwise another site could sign a visitor in as somebody of its choice.
    if not identity_of(request).same_origin(request):
        raise CrossSiteRefused("signing in is for this site's own pages")
    view = await _issue(request)
    return Response(view, cookies=[_cookie(request, session_cookie(view.access_token), TOKEN_TTL_S)])


@post("/sign-out", name="development_sign_out", status_code=204, request_max_body_size=SMALL_BODY_BYTES)
async def development_sign_out(request: AnyRequest) -> Response[None]:
    """Forgets the cookie."""
    if not identity_of(request).same_origin(request):
        raise CrossSiteRefused("signing out is for this site's own pages")
    return Response(None, status_code=204, cookies=[_cookie(request, "", 0)])


def development_router() -> Router:
    return Router("/dev", route_handlers=[development_token, development_sign_in, development_sign_out])


async def _issue(request: AnyRequest) -> TokenView:
    issuer = services_of(request).issuer
    if issuer is None:
        raise NotPermitted("the development issuer is switched off")
    email, user_id = _read_person((await read_json(request)).value, issuer)
    token = issuer.issue(user_id, email, ttl_s=TOKEN_TTL_S)
    return TokenView(
        access_token=token,
        token_type="bearer",  # noqa: S106  # the kind of token, no password
        expires_in=TOKEN_TTL_S,
        user_id=user_id,
        email=email,
    )


def _read_person(value: object, issuer: TokenIssuer) -> tuple[str, UUID]:
    faults = FaultList()
    fields = Fields.of(value, "", faults)
    if fields is None:
        raise RequestRefused(faults.faults)
    fields.require("email")
    fields.refuse_unknown("email", "userId")
    email = fields.text("email", most=254)
    if email is not None and not _ADDRESS.fullmatch(email):
        faults.add("/email", "bad_form", f"email {shown(email)} is not an address")
    text = fields.text("userId", most=100)
    user_id = issuer.user_id(email or "")
    if text is not None:
        try:
            user_id = UUID(text)
        except ValueError:
            faults.add("/userId", "bad_form", f"userId {shown(text)} is not a UUID")
    if email is None or len(faults):
        raise RequestRefused(faults.faults or [Fault("/email", "missing_field", "email is required")])
    return email, user_id


def _cookie(request: AnyRequest, value: str, max_age_s: int) -> Cookie:
    return Cookie(
        key=cookie_name(None),
        value=value,
        path="/",
        max_age=max_age_s,
        httponly=True,
        samesite="lax",
        secure=request.scope.get("scheme") == "https",
    )
