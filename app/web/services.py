"""What the HTTP edge is given to work with; `app.main` composes it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from prometheus_client import CollectorRegistry

from app.exports.models import DeliveryCount
from app.exports.notifying import Notifications
from app.exports.requests import RequestLimits
from app.exports.service import Exports
from app.web.identity import TokenVerifier
from app.web.sessions import SignIns
from app.web.streams import Hub


class TokenIssuer(Protocol):
    """Issues tokens to developers."""

    def issue(self, user_id: UUID, email: str, *, ttl_s: int = ...) -> str: ...

    def user_id(self, email: str) -> UUID: ...


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file that a signed URL leads to."""

    size: int
    download_name: str
    content_type: str
    etag: str
    # Bytes from the first to the last offset, both included.
    read: Callable[[int, int], AsyncIterator[bytes]]


class SignedFiles(Protocol):
    """The files of a store that has no HTTP server of its own."""

    async def open_signed(self, key: str, query: Mapping[str, str]) -> SignedFile | None:
        """The file of a signed URL; None when the signature does not hold, is too old, or the file is gone."""
        ...


class Figures(Protocol):
    """Figures of what the services do, for Prometheus."""

    @property
    def registry(self) -> CollectorRegistry: ...

    async def refresh(self) -> None:
        """Looks up what has to be looked up before the registry is read; raises nothing."""
        ...


Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Services:
    """The domain and the adapters, as far as the edge needs them."""

    exports: Exports
    hub: Hub
    verifier: TokenVerifier
    notifications: Notifications
    files: SignedFiles | None = None
    issuer: TokenIssuer | None = None
    # Where people sign in on the pages; without one they come with a session of another program's.
    sign_ins: SignIns | None = None
    limits: RequestLimits = field(default_factory=RequestLimits)
    # How many deliveries there are, for the metrics.
    count_deliveries: Callable[[], Awaitable[Sequence[DeliveryCount]]] | None = None
    # What must answer for the service to be ready, by name; a check raises when it does not.
    checks: Mapping[str, Check] = field(default_factory=dict)
    figures: Figures | None = None
