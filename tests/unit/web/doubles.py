"""An application around doubles: what the edge does by itself, without a database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid5

from litestar.testing import TestClient

from app.adapters.auth import DevelopmentIssuer
from app.errors import NotAuthenticated
from app.exports.documents import Document
from app.exports.models import Access, Caller, Created, Export, Page, SignedUrl, Status
from app.exports.notifying import Notifications
from app.exports.posting import Kind, Posting, read_posting
from app.exports.requests import RequestLimits
from app.exports.service import Exports
from app.main import create_app
from app.settings import Settings
from app.web.edge import Application
from app.web.services import Services

OWNER = UUID("2e9b3c1a-4b1f-4f43-8f6e-8a8b7c6d5e4f")
EXPORT = UUID("7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001")
MOMENT = datetime(2025, 10, 2, 12, 0, tzinfo=UTC)
AS_ANN = {"authorization": "Bearer ann"}
REQUEST: dict[str, Any] = {
    "schema": {"ddl": "create table t (id int)"},
    "config": {"format": "csv", "rows": 10},
    "seed": 1,
}


def an_export(**changes: Any) -> Export:
    values: dict[str, Any] = {
        "id": EXPORT,
        "owner_id": OWNER,
        "status": Status.RUNNING,
        "config": Document(b'{"format":"csv","rows":10}'),
        "seed": "1",
        "engine_version": 1,
        "format": "csv",
        "compression": None,
        "file_name": "t.csv",
        "extension": "csv",
        "object_path": f"{OWNER}/{EXPORT}.csv",
        "content_type": "text/csv",
        "rows_total": 10,
        "requested_at": MOMENT,
        "updated_at": MOMENT,
        "access": Access.OWNER,
        **changes,
    }
    return Export(**values)


class Verifier:
    """The token is the user's name; there are no others than Ann and Ben."""

    async def verify(self, token: str) -> Caller:
        if token not in ("ann", "ben"):
            raise NotAuthenticated("the token has expired", reason="expired")
        user_id = OWNER if token == "ann" else uuid5(OWNER, token)
        return Caller(user_id, {"email": f"{token}@example.com"}, token=token)

    async def issued(self, token: str) -> bool:
        return token in ("ann", "ben")


class FakeExports:
    """Answers with an export, or raises what it is told to."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.download_error: BaseException | None = None
        self.export = an_export()
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    async def read(self, raw: bytes, kind: Kind, limits: RequestLimits) -> Posting:
        """As the real ones do."""
        return read_posting(raw, kind, limits)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def answer(*args: Any, **kwargs: Any) -> Any:
            self.calls.append((name, args, kwargs))
            if self.error is not None:
                raise self.error
            if name == "create":
                return Created(self.export)
            if name == "describe":
                return self.export, []
            if name == "list":
                return Page((self.export,), "next")
            if name == "download":
                if self.download_error is not None:
                    raise self.download_error
                return SignedUrl("https://files.example.com/x", MOMENT)
            return self.export

        return answer


class FakeHub:
    healthy = True

    def follow(self, *_: Any) -> Any:
        raise NotImplementedError

    async def follow_user(self, *_: Any) -> Any:
        raise NotImplementedError


@contextmanager
def running(
    exports: FakeExports | None = None, *, checks: Any = None, **settings: Any
) -> Iterator[TestClient[Application]]:
    """A client of an application around doubles; `settings` replace those of development."""
    chosen: dict[str, Any] = {"dev_auth": True, "dev_auth_key": "local", **settings}
    made = Settings(**chosen)
    services = Services(
        exports=cast(Exports, exports or FakeExports()),
        hub=FakeHub(),
        verifier=Verifier(),
        notifications=cast(Notifications, None),
        issuer=DevelopmentIssuer.of(made) if made.dev_auth else None,
        checks=checks or {},
    )
    with TestClient(create_app(made, services), raise_server_exceptions=False) as client:
        yield client
