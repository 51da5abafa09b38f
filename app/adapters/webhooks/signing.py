"""Signing secrets: each user's are derived from the service's key, so that none of them is stored anywhere."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook


class SigningSecrets:
    """Makes the secret of a user and version, and signs with it."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def secret(self, user_id: UUID, version: int) -> str:
        """The secret in the form that receivers' libraries take: `whsec_` and base64 of 32 bytes."""
        # One block of HKDF-Expand (RFC 5869): the key is taken to be uniformly random, as settings ask for.
        info = f"seedbed webhook secret {user_id} {version}".encode()
        derived = hmac.new(hashlib.sha256(self._key).digest(), info + b"\x01", hashlib.sha256).digest()
        return "whsec_" + base64.b64encode(derived).decode()

    def sign(self, user_id: UUID, versions: Sequence[int], message_id: str, moment: datetime, body: str) -> str:
        """The `webhook-signature` header: one signature for each version, so that a receiver may know either."""
        return " ".join(Webhook(self.secret(user_id, version)).sign(message_id, moment, body) for version in versions)
