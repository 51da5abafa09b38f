"""Checking access tokens: the signature, then every claim that decides whose they are."""

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

import jwt
from jwt.utils import base64url_decode

from app.adapters.auth.development import DevelopmentIssuer
from app.adapters.auth.jwks import KeySet, fetch_from
from app.errors import NotAuthenticated
from app.exports.fields import check_storable
from app.exports.models import Caller
from app.settings import Settings

AUDIENCE = "authenticated"
ROLE = "authenticated"
LEEWAY_S = 30
MOST_CHARS = 16 * 1024
_MOST_KID_CHARS = 256
_REQUIRED = ["exp", "sub", "aud"]
# A page polls with one token many times a minute. What was checked is believed for so long, never past its end.
REMEMBERED_S = 30.0
_MOST_REMEMBERED = 2_048
_LATEST = 2**53


class Keys(Protocol):
    """Where public keys are found, by id."""

    async def find(self, kid: str) -> jwt.PyJWK | None: ...

    async def close(self) -> None: ...


class TokenVerifier:
    """Says whose an access token is.

    Which key checks a signature is decided by its algorithm alone, and each kind of key serves one algorithm: a
    public key is never used as a shared secret, and nothing inside a token (jwk, jku, x5u) is used as a key.
    """

    def __init__(
        self,
        *,
        issuer: str | None,
        keys: Keys | None = None,
        secret: bytes | None = None,
        anonymous_users: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`secret` allows HS256. Without `issuer` (a bare secret, no project URL) that claim is not looked at."""
        self._issuer = issuer
        self._keys = keys
        self._secret = secret
        self._anonymous_users = anonymous_users
        self._now = now
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    async def verify(self, token: str) -> Caller:
        """The caller a token stands for.

        Raises NotAuthenticated with `facts["reason"]`, AuthenticationUnavailable when the keys cannot be had.
        """
        caller, until = self._known.get(token, (None, 0.0))
        if caller is not None and self._now() < until:
            return caller
        caller = await self._checked(token)
        self._known[token] = caller, min(self._now() + REMEMBERED_S, float(caller.claims["exp"]) + LEEWAY_S)
        if len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return caller

    async def issued(self, token: str) -> bool:
        """Whether this is a token of a user's, be it over. Raises AuthenticationUnavailable."""
        try:
            await self._checked(token, ended_too=True)
        except NotAuthenticated:
            return False
        return True

    async def _checked(self, token: str, *, ended_too: bool = False) -> Caller:
        if len(token) > MOST_CHARS:
            raise _refused("the token is too long", "malformed")
        header = _header(token)
        key, algorithm = await self._key(header)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={
                    "require": [*_REQUIRED, "iss"] if self._issuer else _REQUIRED,
                    "verify_exp": not ended_too,
                },
            )
        except jwt.ExpiredSignatureError:
            raise _refused("the token has expired", "expired") from None
        except jwt.ImmatureSignatureError:
            raise _refused("the token is not valid yet", "not_yet_valid") from None
        except jwt.InvalidSignatureError:
            raise _refused("the token's signature does not hold", "bad_signature") from None
        except jwt.InvalidIssuerError:
            raise _refused("the token was issued by somebody else", "wrong_issuer") from None
        except jwt.InvalidAudienceError:
            raise _refused("the token was issued for somebody else", "wrong_audience") from None
        except jwt.MissingRequiredClaimError as error:
            raise _refused(f"the token has no claim {error.claim}", "missing_claim") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise _refused("the token is malformed", "malformed") from None
        if _says_twice(token):
            # Which of the two counts would be anybody's guess: ours, PostgREST's and the storage server's may differ.
            raise _refused("the token says one thing twice", "malformed")
        if not _is_whole(claims):
            raise _refused("the token has a claim that is no JSON to others", "malformed")
        return self._caller(claims, token)

    async def close(self) -> None:
        if self._keys is not None:
            await self._keys.close()

    async def _key(self, header: Mapping[str, Any]) -> tuple[Any, str]:
        algorithm = header.get("alg")
        if "crit" in header:
            raise _refused("the token demands extensions that are not known here", "malformed")
        if algorithm == "HS256" and self._secret is not None:
            return self._secret, "HS256"
        if algorithm in ("ES256", "RS256") and self._keys is not None:
            kid = header.get("kid")
            if not isinstance(kid, str) or not 0 < len(kid) <= _MOST_KID_CHARS:
                raise _refused("the token does not say which key signed it", "unknown_key")
            key = await self._keys.find(kid)
            if key is None or key.algorithm_name != algorithm:
                raise _refused("the token was signed with a key that is not known", "unknown_key")
            return key.key, algorithm
        raise _refused("tokens with this signature algorithm are not accepted", "wrong_algorithm")

    def _caller(self, claims: Mapping[str, Any], token: str) -> Caller:
        role = claims.get("role")
        if role != ROLE:
            # The anon and service keys of a project are tokens as well, and belong to nobody.
            raise _refused("the token is not a user's", "wrong_role")
        if claims.get("is_anonymous") not in (None, False) and not self._anonymous_users:
            raise _refused("anonymous users are not let in", "anonymous")
        try:
            user_id = UUID(claims["sub"])
        except (ValueError, TypeError, AttributeError):
            raise _refused("the token's subject is not a user id", "malformed") from None
        return Caller(user_id=user_id, claims=claims, role=ROLE, token=token)


def open_verifier(settings: Settings) -> TokenVerifier:
    """The verifier that the settings ask for. Raises ConfigurationInvalid."""
    if settings.dev_auth:
        return TokenVerifier(issuer=DevelopmentIssuer.ISSUER, secret=DevelopmentIssuer.of(settings).key)
    secret = settings.supabase_jwt_secret.encode() if settings.supabase_jwt_secret else None
    if settings.supabase_url is None:
        return TokenVerifier(issuer=None, secret=secret, anonymous_users=settings.anonymous_users)
    issuer = f"{settings.supabase_url.rstrip('/')}/auth/v1"
    keys = KeySet(fetch_from(f"{issuer}/.well-known/jwks.json"))
    return TokenVerifier(issuer=issuer, keys=keys, secret=secret, anonymous_users=settings.anonymous_users)


def _header(token: str) -> Mapping[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise _refused("the token is malformed", "malformed") from None


def _says_twice(token: str) -> bool:
    """Whether an object in the header or the claims has a name twice; of a token that was decoded before."""
    found = False

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        whole = dict(pairs)
        found |= len(whole) != len(pairs)
        return whole

    for part in token.split(".")[:2]:
        json.loads(base64url_decode(part), object_pairs_hook=look)
    return found


def _is_whole(claims: Mapping[str, Any]) -> bool:
    """Whether the claims are what Postgres takes as `request.jwt.claims`: no NUL, no half of a pair, no number beyond
    all bounds; and the end is a moment."""
    try:
        json.dumps(claims, allow_nan=False)
    except ValueError:
        return False
    ends = claims["exp"]
    return isinstance(ends, int | float) and abs(ends) < _LATEST and check_storable(claims)


def _refused(message: str, reason: str) -> NotAuthenticated:
    return NotAuthenticated(message, reason=reason)
