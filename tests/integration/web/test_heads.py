"""What stands before a body is bounded, however it comes; what is within the bound is served."""

import socket
from collections.abc import Callable, Iterator

import pytest

from app.web.http1 import MOST_HEAD_BYTES
from tests.integration.web.service import Service

_PIECE = b"a" * 4096
# Far more than is kept: a server that reads on would take all of it.
_ENDLESS = 4_000


def _many_headers() -> Iterator[bytes]:
    yield b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    for number in range(_ENDLESS):
        yield b"x-%d: %b\r\n" % (number, _PIECE)


def _one_header() -> Iterator[bytes]:
    yield b"GET /healthz HTTP/1.1\r\nHost: x\r\nx-long: "
    for _ in range(_ENDLESS):
        yield _PIECE


def _a_line() -> Iterator[bytes]:
    yield b"GET /healthz?"
    for _ in range(_ENDLESS):
        yield _PIECE


def _a_name() -> Iterator[bytes]:
    yield b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    for _ in range(_ENDLESS):
        yield _PIECE


def _the_second_request() -> Iterator[bytes]:
    yield b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    yield from _one_header()


def _sent(service: Service, pieces: Iterator[bytes]) -> tuple[int, bytes]:
    """How many bytes were taken until the server hung up, and its answer."""
    _, _, address = service.url.partition("//")
    host, _, port = address.partition(":")
    sent = 0
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:
            pass  # hung up
        answer = b""
        try:
            while data := connection.recv(65_536):
                answer += data
        except OSError:
            pass  # the reset of a connection on which more was sent than was read
    return sent, answer


@pytest.mark.parametrize("pieces", [_many_headers, _one_header, _a_line, _a_name, _the_second_request])
def test_a_head_without_end_is_not_kept(service: Service, pieces: Callable[[], Iterator[bytes]]) -> None:
    """The server hangs up after what the sockets' buffers hold, not after the sixteen megabytes that were to come."""
    sent, answer = _sent(service, pieces())
    assert sent < _ENDLESS * len(_PIECE) / 2
    # A reset may overtake the answer; nothing else is answered in its place.
    assert answer == b"" or b" 431 " in answer


@pytest.mark.parametrize("headers", [1, 40])
def test_a_head_just_too_long_is_told_so(service: Service, headers: int) -> None:
    """431 with a problem that says how much may be sent; one that is just within is served."""
    room = MOST_HEAD_BYTES - 200 - 20 * headers
    for bytes_, status in ((room, b"200"), (MOST_HEAD_BYTES + 1, b"431")):
        lines = b"".join(b"x-%d: %b\r\n" % (n, b"a" * (bytes_ // headers)) for n in range(headers))
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines + b"\r\n"
        _, answer = _sent(service, iter([request]))
        assert answer.startswith(b"HTTP/1.1 " + status), answer[:200]
    assert b"headers_too_large" in answer


def test_a_large_body_behind_a_short_head_is_none_of_this(service: Service) -> None:
    """Head and body in one piece: the bound on bodies is another one."""
    body = b'{"email": "%b@example.com"}' % (b"a" * 200_000)
    head = b"POST /dev/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\ncontent-type: application/json\r\n"
    _, answer = _sent(service, iter([head + b"content-length: %d\r\n\r\n" % len(body) + body]))
    assert b" 431 " not in answer.split(b"\r\n", 1)[0]
