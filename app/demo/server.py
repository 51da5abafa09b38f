"""The API's server inside a program that handles signals itself, and wants to know when it accepts connections."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

from app.main import Server, create_app, open_server
from app.settings import Settings


class DemoServer(Server):
    """Ends when `should_exit` is set; `ready` is set when connections are accepted."""

    ready: asyncio.Event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn would take Ctrl-C for itself."""
        yield


def open_demo_server(settings: Settings) -> DemoServer:
    """The server of the demonstration."""
    app = create_app(settings)
    server = DemoServer(open_server(settings, app).config, app)
    server.ready = asyncio.Event()
    return server
