"""Signing in with Supabase Auth on behalf of the pages: the calls that supabase-js would make from a browser."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.adapters.cookieless import cookieless
from app.errors import AuthenticationUnavailable, NotConfigured, SignInRefused
from app.logging import get_logger

if TYPE_CHECKING:
    import httpx

log = get_logger(__name__)

TIMEOUT_S = 10.0
# The answer's form from then on: `code` is a word and not the status once more.
_API_VERSION = "2024-01-01"
_MOST_BYTES = 256 * 1024

# What a person can do something about. Whatever else is refused reads as a wrong password: who has an account, who is
# banned and who signed up by other means is nobody's to find out here.
_SAID = {
    # Told after the password was found right.
    "email_not_confirmed": "confirm the address first, by the link in the mail that was sent when you signed up",
    "otp_expired": "the link has expired or was used before; ask for a new one",
    "flow_state_expired": "the link has expired; ask for a new one",
    "flow_state_not_found": "the link was used before; ask for a new one",
    "bad_code_verifier": "open the link in the browser in which you asked for it",
}
_WRONG = "the address or the password is not right"
_NOT_HERE = {
    "email_provider_disabled": "signing in by e-mail is switched off in the Supabase project",
    "captcha_failed": "the Supabase project asks for a captcha, which these pages do not have",
}


@dataclass(frozen=True, slots=True)
class SupabaseSession:
    """What signing in gives; `expires_at` is in seconds since 1970."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: int


class SupabaseAuth:
    """Supabase Auth of one project, asked with its anon or publishable key.

    Every method raises SignInRefused with `facts["reason"]`, NotConfigured where the project does not let people in
    this way, and AuthenticationUnavailable when it does not answer as it should.
    """

    def __init__(self, url: str, key: str) -> None:
        """`url` is the project's."""
        self._url = f"{url.rstrip('/')}/auth/v1"
        self._key = key
        self._client: httpx.AsyncClient | None = None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def by_password(self, email: str, password: str) -> SupabaseSession:
        """A session for whoever knows the password."""
        return _session(await self._post("/token?grant_type=password", {"email": email, "password": password}))

    async def send_link(self, email: str, *, redirect_to: str, challenge: str) -> None:
        """Has a link mailed. Whether that makes an account for a new address is the project's setting to decide."""
        body = {
            "email": email,
            "create_user": True,
            "code_challenge": challenge,
            "code_challenge_method": "s256",
        }
        await self._post("/otp", body, query={"redirect_to": redirect_to})

    async def by_code(self, code: str, verifier: str) -> SupabaseSession:
        """A session for the code that a link came back with, and the verifier that its challenge was made from."""
        return _session(await self._post("/token?grant_type=pkce", {"auth_code": code, "code_verifier": verifier}))

    async def refresh(self, refresh_token: str) -> SupabaseSession:
        """The session that goes on from this refresh token."""
        return _session(await self._post("/token?grant_type=refresh_token", {"refresh_token": refresh_token}))

    async def sign_out(self, access_token: str) -> None:
        """Ends the session that the token belongs to, and no other of that user."""
        try:
            await self._post("/logout?scope=local", {}, token=access_token)
        except SignInRefused as error:
            # A session that is over already, of a user who is gone, or by a token that has expired.
            log.info("sign_out_refused", reason=error.facts.get("reason"))

    async def _post(
        self, path: str, body: Mapping[str, Any], *, query: Mapping[str, str] | None = None, token: str | None = None
    ) -> Any:
        import httpx  # 0.1 s to import: only processes whose people sign in pay for it

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, cookies=cookieless())
        headers = {"apikey": self._key, "x-supabase-api-version": _API_VERSION}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        try:
            answer = await self._client.post(self._url + path, json=body, params=query, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("supabase_auth_unreachable", error=f"{type(error).__name__}: {error}")
            raise AuthenticationUnavailable("Supabase Auth cannot be reached at the moment; try again") from None
        value = _read(answer.content)
        if answer.is_success:
            return value
        raise _refusal(answer.status_code, value)


def _read(content: bytes) -> Any:
    import json

    if len(content) > _MOST_BYTES:
        return None
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError):
        return None


def _refusal(status: int, value: Any) -> Exception:
    said = value if isinstance(value, dict) else {}
    # Servers before that version of the answers have `error_code` beside the status in `code`.
    reason = next((word for word in (said.get("error_code"), said.get("code")) if isinstance(word, str)), "unknown")
    if status == 429:
        return SignInRefused("too many tries; wait a minute", reason="too_many")
    if status >= 500 or status in (401, 403, 404):
        # The key, the address or the server is not as it should be, unless a session is spoken of.
        if reason in ("session_not_found", "session_expired", "user_not_found", "bad_jwt", "flow_state_not_found"):
            return SignInRefused(_SAID.get(reason, "the session is over; sign in again"), reason=reason)
        log.warning("supabase_auth_failed", status=status, reason=reason)
        return AuthenticationUnavailable("Supabase Auth does not answer as it should; try again")
    if reason in _NOT_HERE:
        return NotConfigured(_NOT_HERE[reason])
    if reason in _SAID:
        return SignInRefused(_SAID[reason], reason=reason)
    log.info("sign_in_refused", reason=reason)
    return SignInRefused(_WRONG, reason="invalid_credentials")


def _session(value: Any) -> SupabaseSession:
    found = value if isinstance(value, dict) else {}
    access, refresh = found.get("access_token"), found.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str) or not access or not refresh:
        raise AuthenticationUnavailable("Supabase Auth does not answer as it should; try again")
    expires_at, lasts_s = found.get("expires_at"), found.get("expires_in")
    if not isinstance(expires_at, int):
        expires_at = int(time.time()) + (lasts_s if isinstance(lasts_s, int) else 3_600)
    return SupabaseSession(access, refresh, expires_at)
