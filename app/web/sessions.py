"""The session cookie of the pages, in the form of `@supabase/ssr`: read, written, renewed.

The cookie is one value or, where that is too long for browsers, pieces of it named `name.0`, `name.1`, …
"""

import asyncio
import base64
import binascii
import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote, urlsplit

from litestar.datastructures import Cookie

_MOST_CHUNKS = 10
_MOST_COOKIE_CHARS = 64 * 1024
_BASE64 = "base64-"
# Browsers keep 4,096 characters of a cookie, its name and its attributes among them.
_CHUNK_CHARS = 3_180
# The session itself ends when Supabase Auth says so; the cookie, when nobody has come back for so long.
_COOKIE_TTL_S = 30 * 86_400
# A page that is about to be shown should not have its calls refused a moment later.
_RENEWED_BEFORE_S = 60
# What several calls of one page bring along at once is renewed once; Supabase Auth would let it pass for ten seconds.
_REMEMBERED_S = 60.0
_MOST_REMEMBERED = 2_000
# Ours alone are renewed here: another program's session, kept in the same cookie, is that program's to renew, whose
# scripts could not read the cookie that we would put in its place.
_MARK = "seedbed"


class SignedIn(Protocol):
    """What signing in gives; `expires_at` says until when the access token is good, in seconds since 1970."""

    @property
    def access_token(self) -> str: ...

    @property
    def refresh_token(self) -> str: ...

    @property
    def expires_at(self) -> int: ...


class SignIns(Protocol):
    """Where people sign in with what only they know or receive.

    Everything raises SignInRefused with `facts["reason"]`, and AuthenticationUnavailable when nobody answers.
    """

    async def by_password(self, email: str, password: str) -> SignedIn: ...

    async def send_link(self, email: str, *, redirect_to: str, challenge: str) -> None:
        """Mails a link that leads to `redirect_to` with a `code`, for the browser that holds the challenge's key."""
        ...

    async def by_code(self, code: str, verifier: str) -> SignedIn: ...

    async def refresh(self, refresh_token: str) -> SignedIn: ...

    async def sign_out(self, access_token: str) -> None:
        """Ends the session: its refresh token is good for nothing from then on."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """What is kept of somebody who signed in. `expires_at` is in seconds since 1970; `ours` when made here."""

    access_token: str
    refresh_token: str | None = None
    expires_at: int | None = None
    ours: bool = False


def cookie_name(supabase_url: str | None) -> str:
    """The name under which `@supabase/ssr` keeps a project's session; in development one of our own."""
    if supabase_url is None:
        return "sb-seedbed-auth-token"
    return f"sb-{(urlsplit(supabase_url).hostname or '').split('.')[0]}-auth-token"


def read_session(cookies: Mapping[str, str], name: str) -> Session | None:
    """The session in the cookie; None without one, or with one that makes no sense."""
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
        kept = json.loads(text)
    except (ValueError, binascii.Error, RecursionError):
        return None
    token = kept.get("access_token") if isinstance(kept, dict) else None
    if not isinstance(token, str) or not token:
        return None
    refresh, expires_at = kept.get("refresh_token"), kept.get("expires_at")
    return Session(
        token,
        refresh if isinstance(refresh, str) and refresh else None,
        expires_at if isinstance(expires_at, int) else None,
        kept.get("made_by") == _MARK,
    )


def session_token(cookies: Mapping[str, str], name: str) -> str | None:
    """The access token in the session cookie, None without a session."""
    session = read_session(cookies, name)
    return session.access_token if session else None


def session_cookie(token: str, refresh_token: str | None = None, expires_at: int | None = None) -> str:
    """A session cookie's whole value in the form that `read_session` reads."""
    kept: dict[str, str | int] = {"access_token": token, "token_type": "bearer", "made_by": _MARK}
    if refresh_token is not None:
        kept["refresh_token"] = refresh_token
    if expires_at is not None:
        kept |= {"expires_at": expires_at, "expires_in": max(0, expires_at - int(time.time()))}
    return _BASE64 + base64.urlsafe_b64encode(json.dumps(kept).encode()).decode().rstrip("=")


class SessionCookies:
    """Sets and takes back the cookies of one service. No script of any page can read them."""

    def __init__(self, name: str, *, secure: bool) -> None:
        """`secure` where people reach the service by https whatever the last proxy speaks."""
        self.name = name
        self._secure = secure

    def keep(self, value: str, present: Mapping[str, str], *, https: bool, ttl_s: int = _COOKIE_TTL_S) -> list[Cookie]:
        """The cookies for a session's value, and the removal of pieces of an earlier one among those `present`."""
        if len(value) <= _CHUNK_CHARS:
            wanted = {self.name: value}
        else:
            pieces = range(0, len(value), _CHUNK_CHARS)
            wanted = {f"{self.name}.{number}": value[at : at + _CHUNK_CHARS] for number, at in enumerate(pieces)}
        kept = [self.one(name, text, ttl_s, https=https) for name, text in wanted.items()]
        return kept + [self.one(name, "", 0, https=https) for name in self._ours(present) if name not in wanted]

    def drop(self, present: Mapping[str, str], *, https: bool) -> list[Cookie]:
        """The removal of the session from a browser."""
        return [self.one(name, "", 0, https=https) for name in self._ours(present)]

    def one(self, name: str, value: str, ttl_s: int, *, https: bool, path: str = "/") -> Cookie:
        # Lax, not Strict: whoever follows a link in a mail is to arrive signed in.
        secure = https or self._secure
        return Cookie(key=name, value=value, path=path, max_age=ttl_s, httponly=True, samesite="lax", secure=secure)

    def _ours(self, present: Mapping[str, str]) -> list[str]:
        pieces = {f"{self.name}.{number}" for number in range(_MOST_CHUNKS + 1)}
        return [name for name in present if name == self.name or name in pieces]


class Renewals:
    """Renews sessions that are about to end; several requests that bring the same one along get the same new one."""

    def __init__(self, sign_ins: SignIns) -> None:
        self._sign_ins = sign_ins
        self._known: OrderedDict[str, tuple[asyncio.Task[Session], float]] = OrderedDict()

    @staticmethod
    def due(session: Session, now: float) -> bool:
        """Whether the session is ours to renew, and it is time; `now` in seconds since 1970."""
        return (
            session.ours
            and session.refresh_token is not None
            and session.expires_at is not None
            and session.expires_at - now < _RENEWED_BEFORE_S
        )

    async def renew(self, session: Session) -> Session:
        """The session that takes this one's place. Raises SignInRefused when it is over, AuthenticationUnavailable."""
        token = session.refresh_token or ""
        now = time.monotonic()
        task, at = self._known.get(token, (None, 0.0))
        if task is None or now - at > _REMEMBERED_S or (task.done() and task.exception() is not None):
            task = asyncio.create_task(self._fetch(token))
            self._known[token] = task, now
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
        # Shielded: a browser that goes away must not end what its other requests wait for.
        return await asyncio.shield(task)

    async def _fetch(self, token: str) -> Session:
        found = await self._sign_ins.refresh(token)
        return Session(found.access_token, found.refresh_token, found.expires_at, ours=True)
