"""The routes of sharing: with users by their id, and with whoever has a mail address."""

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.errors import RequestRefused
from app.exports.fields import FaultList, Fields, shown
from app.exports.models import Role
from app.web.access import caller_of, services_of
from app.web.bodies import SMALL_BODY_BYTES, read_json
from app.web.sign_in import ADDRESS
from app.web.views import ShareList, ShareView, share_view

AnyRequest = Request[Any, Any, Any]


@get("/{export_id:uuid}/shares", name="list_shares")
async def list_shares(request: AnyRequest, export_id: FromPath[UUID]) -> ShareList:
    """Who else may see an export."""
    shares = await services_of(request).exports.list_shares(await caller_of(request), export_id)
    return ShareList(items=[share_view(share) for share in shares])


@post("/{export_id:uuid}/shares", name="invite", status_code=200, request_max_body_size=SMALL_BODY_BYTES)
async def invite(request: AnyRequest, export_id: FromPath[UUID]) -> ShareView:
    """Lets whoever proves to have a mail address in, as `viewer` or `editor`. Addresses stand in no path: paths are
    logged."""
    caller = await caller_of(request)
    email, role = _read_invitation((await read_json(request)).value)
    return share_view(await services_of(request).exports.invite(caller, export_id, email, role))


@put("/{export_id:uuid}/shares/{user_id:uuid}", name="put_share", request_max_body_size=SMALL_BODY_BYTES)
async def put_share(request: AnyRequest, export_id: FromPath[UUID], user_id: FromPath[UUID]) -> ShareView:
    """Lets another user in, as `viewer` or `editor`."""
    caller = await caller_of(request)
    role = _read_role((await read_json(request)).value)
    return share_view(await services_of(request).exports.put_share(caller, export_id, user_id, role))


@delete("/{export_id:uuid}/shares/{user_id:uuid}", name="delete_share")
async def delete_share(request: AnyRequest, export_id: FromPath[UUID], user_id: FromPath[UUID]) -> None:
    """Takes a share back, by its `id`: new URLs are refused at once; one that was handed out holds until it expires."""
    await services_of(request).exports.delete_share(await caller_of(request), export_id, user_id)


def sharing_handlers() -> list[HTTPRouteHandler]:
    return [list_shares, invite, put_share, delete_share]


def _read_role(value: object) -> Role:
    faults = FaultList()
    fields = Fields.of(value, "", faults)
    role: str | None = None
    if fields is not None:
        fields.require("role")
        fields.refuse_unknown("role")
        role = fields.choice("role", _ROLES)
    if role is None or len(faults):
        raise RequestRefused(faults.faults)
    return Role(role)


def _read_invitation(value: object) -> tuple[str, Role]:
    faults = FaultList()
    fields = Fields.of(value, "", faults)
    if fields is None:
        raise RequestRefused(faults.faults)
    fields.require("email", "role")
    fields.refuse_unknown("email", "role")
    email = fields.text("email", most=254)
    role = fields.choice("role", _ROLES)
    if email is not None and not ADDRESS.fullmatch(email.strip()):
        faults.add("/email", "bad_form", f"email {shown(email)} is not an address")
    if email is None or role is None or len(faults):
        raise RequestRefused(faults.faults)
    return email, Role(role)


_ROLES = [role.value for role in Role]
