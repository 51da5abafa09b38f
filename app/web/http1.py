"""HTTP/1.1 as uvicorn speaks it by httptools, with bounds on what stands before a body and on how long it may take.

By itself httptools keeps a request's line and headers however long they are, so that one connection of a stranger's
could fill the memory of a process; and uvicorn waits forever for a request that has begun, so that connections which
say nothing could take all the open files of a process.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

# As nginx and Node take by default, and more than a session cookie in pieces and a token together.
MOST_HEAD_BYTES = 64 * 1024
# Longer than proxies keep a connection that they may use again (60 s by nginx, AWS and others): whoever opened it has
# to be the one who closes it, or a request now and then meets a connection that is just being closed.
KEEP_ALIVE_S = 75
_ANSWER = b"HTTP/1.1 %b\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
_TOO_LARGE = (
    b"431 Request Header Fields Too Large",
    (
        b'{"type":"about:blank","title":"The request line and headers are too long","status":431,'
        b'"code":"headers_too_large","detail":"send at most 65,536 bytes before the body"}'
    ),
)
_TOO_SLOW = (
    b"408 Request Timeout",
    (
        b'{"type":"about:blank","title":"The request took too long to arrive","status":408,'
        b'"code":"request_timeout","detail":"send the headers within a minute, and each next piece of the body"}'
    ),
)


class HeadTooLarge(Exception):
    """Raised in a callback of the parser, which then ends with an error of its own."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Answers 431 and hangs up where a request's line and headers are longer than MOST_HEAD_BYTES; 408 where they are
    not complete within `head_timeout_s`, or nothing more of the body comes for `body_timeout_s`."""

    # As nginx gives by default.
    head_timeout_s = 60.0
    body_timeout_s = 60.0

    # Of the head that is being read: what its parts come to, and what has arrived of it while it has no end.
    _head_bytes = 0
    _arrived_bytes = 0
    _in_head = False
    _began = False
    _refused = False
    # Runs while something is owed to us: a request, or the rest of one.
    _patience: asyncio.TimerHandle | None = None
    _heard_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._be_patient(self.head_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._heard_at = self.loop.time()
        began_in_head, self._began = self._in_head, False
        super().data_received(data)
        # A single header that never ends is told by no callback. What a head has of the piece that it begins in is left
        # out: the rest of that piece may be an earlier request's body.
        if began_in_head and self._in_head and not self._began:
            self._arrived_bytes += len(data)
            if self._arrived_bytes > MOST_HEAD_BYTES and not self._refused:
                self._refuse(*_TOO_LARGE)

    def on_message_begin(self) -> None:
        self._in_head = self._began = True
        self._head_bytes = self._arrived_bytes = 0
        if self._patience is None:
            self._be_patient(self.head_timeout_s)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + len(b": \r\n"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self._refused:
            super().send_400_response(msg)

    def _count(self, added: int) -> None:
        self._head_bytes += added
        if self._head_bytes > MOST_HEAD_BYTES:
            self._refuse(*_TOO_LARGE)
            raise HeadTooLarge

    def _refuse(self, status: bytes, problem: bytes) -> None:
        self._refused = True
        self.transport.write(_ANSWER % (status, len(problem), problem))
        self.transport.close()

    def _be_patient(self, seconds: float) -> None:
        self._patience = self.loop.call_later(seconds, self._lose_patience)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _lose_patience(self) -> None:
        self._patience = None
        cycle: RequestResponseCycle | None = self.cycle
        if self.transport.is_closing():
            return
        if not self._heard_at:
            self.transport.close()  # opened in case it is needed: nothing was asked, and nothing is answered
            return
        if self._in_head:
            # While an earlier request of this connection is answered, ours would stand in the middle of its answer.
            if cycle is not None and not cycle.response_complete:
                self._be_patient(self.head_timeout_s)
            else:
                self._refuse(*_TOO_SLOW)
            return
        left_s = self._heard_at + self.body_timeout_s - self.loop.time()
        if self.flow.read_paused:  # it is we who do not read
            left_s = self.body_timeout_s
        if left_s > 0:
            self._be_patient(left_s)
        elif cycle is not None and cycle.response_started:
            self.transport.close()
        else:
            self._refuse(*_TOO_SLOW)
