"""A connection on which nothing comes is not waited for without end, whatever stage its request is in."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import uvicorn

from app.main import open_server
from app.web.http1 import KEEP_ALIVE_S, BoundedHttpProtocol
from tests.integration.web.service import Service


class Impatient(BoundedHttpProtocol):
    """As the server's, in a hurry."""

    head_timeout_s = 0.3
    body_timeout_s = 0.3


async def _echo(scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # an ASGI application in eight lines
    """Answers with the length of the body, or `hung up` where it was not complete."""
    length, more = 0, scope["type"] == "http"
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"8")]})
    await send({"type": "http.response.body", "body": b"%8d" % length})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where an impatient server listens."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(_echo, http=Impatient, lifespan="off", log_config=None))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


def _rest(port: int, *pieces: bytes) -> bytes:
    """Everything that comes back until the server hangs up."""
    found = b""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
        for piece in pieces:
            connection.sendall(piece)
        while data := connection.recv(4096):
            found += data
    return found


_POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n"


@pytest.mark.parametrize(
    "pieces", [(b"G",), (b"GET / HTTP/1.1\r\nhost: ",), (_POST,), (_POST + b"\r\n",), (_POST + b"\r\n12345",)]
)
def test_half_a_request_is_told_that_it_is_late(port: int, pieces: tuple[bytes, ...]) -> None:
    """408 with a problem, and the connection is closed."""
    answer = _rest(port, *pieces)
    assert answer.startswith(b"HTTP/1.1 408 "), answer
    assert b'"code":"request_timeout"' in answer


def test_a_connection_that_asks_nothing_is_closed_without_a_word(port: int) -> None:
    """Browsers open some in case they need them, and would take an answer for that of their next request."""
    assert _rest(port) == b""


def test_half_a_second_request_is_told_too(port: int) -> None:
    """The first is answered as ever."""
    answer = _rest(port, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", b"GET / HT")
    assert answer.count(b"HTTP/1.1 200 ") == 1
    assert answer.count(b"HTTP/1.1 408 ") == 1


def test_an_answer_that_takes_long_is_not_cut_off_by_half_a_request_behind_it() -> None:
    """Nothing is owed by who waits for us; the half request is told after the answer."""

    async def run() -> bytes:
        over = asyncio.Event()

        async def slow(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
            await over.wait()
            await _echo(scope, receive, send)

        expired = 0

        class Watched(Impatient):
            def _lose_patience(self) -> None:
                nonlocal expired
                super()._lose_patience()
                expired += 1
                if expired == 2:
                    over.set()

        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(slow, http=Watched, lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HT")
        async with asyncio.timeout(30):
            answer = await reader.read()
        writer.close()
        server.should_exit = True
        await serving
        return answer

    answer = asyncio.run(run())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


def test_the_server_outwaits_proxies(service: Service) -> None:
    """nginx, and others by default, keep a connection for a minute: the one who closes it has to be they."""
    config = open_server(service.settings, service.server.config.app).config  # type: ignore[arg-type]
    assert config.timeout_keep_alive == KEEP_ALIVE_S > 60
    assert config.http is BoundedHttpProtocol
