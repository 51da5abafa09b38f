"""The HTTP server: uvicorn, which is told to end the event streams before it waits for open responses."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from litestar import Litestar

from app.settings import Settings
from app.web.streams import Streams

_GRACE_S = 10


class ApiServer(uvicorn.Server):
    """Serves the API until it is told to exit: by SIGTERM or SIGINT, or by `should_exit` with `signals=False`."""

    def __init__(self, app: Litestar, settings: Settings, *, signals: bool = True) -> None:
        self._app = app
        self._signals = signals
        self.ready = asyncio.Event()
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            # The scheme and the address of the client are in headers of the platform's proxy; FORWARDED_ALLOW_IPS
            # says whose headers are believed.
            proxy_headers=True,
            # Whatever hangs for longer than this after the end was announced is cut off.
            timeout_graceful_shutdown=_GRACE_S,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Sets `ready` when connections are accepted."""
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the streams, which would otherwise be waited for, then everything else."""
        streams = self._app.state.get("streams")
        if isinstance(streams, Streams):
            await streams.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own handlers, unless signals are somebody else's."""
        if not self._signals:
            yield
            return
        with super().capture_signals():
            yield
