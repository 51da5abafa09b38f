"""Letting others in: users by their id, and whoever proves to have a mail address."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

from app.errors import ExportNotFound, Fault, RequestRefused
from app.exports.models import Caller, Role, Share
from app.exports.ports import Store

T = TypeVar("T")


class Sharing:
    """The part of what a caller can do that concerns other people."""

    _store: Store

    async def list_shares(self, caller: Caller, export_id: UUID) -> Sequence[Share]:
        """The shares the caller may see: all of them as the owner, else their own. Raises ExportNotFound."""
        async with self._store.as_user(caller) as work:
            return await work.list_shares(export_id)

    async def put_share(self, caller: Caller, export_id: UUID, user_id: UUID, role: Role) -> Share:
        """Lets another user in, or changes how. Raises ExportNotFound, NotPermitted (all but the owner)."""
        async with self._store.as_user(caller) as work:
            return await work.put_share(export_id, user_id, role)

    async def invite(self, caller: Caller, export_id: UUID, email: str, role: Role) -> Share:
        """Lets whoever proves to have this address in as soon as they come by, or changes how. What is answered is the
        same whether they have an account or not. Raises as `put_share` does, and RequestRefused for one's own."""
        address = email.strip().lower()
        if address == _address_of(caller):
            raise RequestRefused([Fault("/email", "own_address", "the export is yours already")])
        async with self._store.as_user(caller) as work:
            return await work.put_invitation(export_id, address, role)

    async def delete_share(self, caller: Caller, export_id: UUID, share_id: UUID) -> None:
        """Takes a share or an invitation back, or hands a share back. Raises ExportNotFound, also when the caller sees
        no such share."""
        async with self._store.as_user(caller) as work:
            if not await work.delete_share(export_id, share_id):
                raise ExportNotFound("the export is not shared with this user")

    async def claim(self, caller: Caller) -> int:
        """Makes shares of the invitations to the caller's address; how many there were."""
        if not has_address(caller):
            return 0
        async with self._store.as_user(caller) as work:
            return await work.claim_invitations()

    async def _as_invited(self, caller: Caller, attempt: Callable[[], Awaitable[T]]) -> T:
        """What `attempt` gives; when it finds no export, once more if the caller turns out to be invited to some."""
        try:
            return await attempt()
        except ExportNotFound:
            if not await self.claim(caller):
                raise
            return await attempt()


def has_address(caller: Caller) -> bool:
    """Whether the caller's token names a mail address, so that there may be invitations to it."""
    return _address_of(caller) is not None


def _address_of(caller: Caller) -> str | None:
    email = caller.claims.get("email")
    return email.strip().lower() or None if isinstance(email, str) else None
