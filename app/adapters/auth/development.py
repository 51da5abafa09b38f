"""Tokens for development: signed with a local key, and never together with a real project."""

import hashlib
import time
from typing import ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

import jwt

from app.errors import ConfigurationInvalid
from app.settings import Settings

TOKEN_TTL_S = 3_600


class DevelopmentIssuer:
    """Issues tokens in the form of Supabase Auth's, to whoever asks."""

    ISSUER: ClassVar[str] = "seedbed-development"

    def __init__(self, secret: str) -> None:
        # Hashed, so that a short key of a developer's is long enough for HS256; it protects nothing real.
        self.key = hashlib.sha256(b"seedbed development issuer\n" + secret.encode()).digest()

    @classmethod
    def of(cls, settings: Settings) -> "DevelopmentIssuer":
        """The issuer that the settings ask for. Raises ConfigurationInvalid when they name a Supabase project."""
        if settings.supabase_url is not None:
            raise ConfigurationInvalid(
                "DEV_AUTH must not be set together with SUPABASE_URL: anybody could sign in as anybody"
            )
        if not settings.dev_auth or not settings.dev_auth_key:
            raise ConfigurationInvalid("development tokens need DEV_AUTH=1 and DEV_AUTH_KEY")
        return cls(settings.dev_auth_key)

    def issue(self, user_id: UUID, email: str, *, ttl_s: int = TOKEN_TTL_S) -> str:
        """A token for a user, good for `ttl_s` seconds."""
        now = int(time.time())
        claims = {
            "iss": self.ISSUER,
            "aud": "authenticated",
            "sub": str(user_id),
            "role": "authenticated",
            "email": email,
            "email_verified": True,
            "is_anonymous": False,
            "iat": now,
            "exp": now + ttl_s,
            "app_metadata": {"provider": "development"},
            "user_metadata": {},
        }
        return jwt.encode(claims, self.key, algorithm="HS256")

    @staticmethod
    def user_id(email: str) -> UUID:
        """The same user for the same address, each time."""
        return uuid5(NAMESPACE_URL, f"mailto:{email.strip().lower()}")


def issue_development_token(settings: Settings, user_id: UUID, email: str, *, ttl_s: int = TOKEN_TTL_S) -> str:
    """A development token, for the command line. Raises ConfigurationInvalid where a real project is configured."""
    return DevelopmentIssuer.of(settings).issue(user_id, email, ttl_s=ttl_s)
