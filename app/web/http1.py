"""HTTP/1.1 as uvicorn speaks it by httptools, with a bound on what stands before a body.

By itself httptools keeps a request's line and headers however long they are, so that one connection of a stranger's
could fill the memory of a process.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# As nginx and Node take by default, and more than a session cookie in pieces and a token together.
MOST_HEAD_BYTES = 64 * 1024
_ANSWER = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%b"
)
_PROBLEM = (
    b'{"type":"about:blank","title":"The request line and headers are too long","status":431,'
    b'"code":"headers_too_large","detail":"send at most 65,536 bytes before the body"}'
)


class HeadTooLarge(Exception):
    """Raised in a callback of the parser, which then ends with an error of its own."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Answers 431 and hangs up where a request's line and headers are longer than MOST_HEAD_BYTES."""

    # Of the head that is being read: what its parts come to, and what has arrived of it while it has no end.
    _head_bytes = 0
    _arrived_bytes = 0
    _in_head = False
    _began = False
    _refused = False

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        began_in_head, self._began = self._in_head, False
        super().data_received(data)
        # A single header that never ends is told by no callback. What a head has of the piece that it begins in is left
        # out: the rest of that piece may be an earlier request's body.
        if began_in_head and self._in_head and not self._began:
            self._arrived_bytes += len(data)
            if self._arrived_bytes > MOST_HEAD_BYTES and not self._refused:
                self._refuse()

    def on_message_begin(self) -> None:
        self._in_head = self._began = True
        self._head_bytes = self._arrived_bytes = 0
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

    def send_400_response(self, msg: str) -> None:
        if not self._refused:
            super().send_400_response(msg)

    def _count(self, added: int) -> None:
        self._head_bytes += added
        if self._head_bytes > MOST_HEAD_BYTES:
            self._refuse()
            raise HeadTooLarge

    def _refuse(self) -> None:
        self._refused = True
        self.transport.write(_ANSWER % (len(_PROBLEM), _PROBLEM))
        self.transport.close()
