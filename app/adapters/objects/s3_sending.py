"""How a file is sent, and how much of it: told as the client reads it, from when it sends it on.

Before that the client reads a file for its signature, as often as it signs.
"""

import io
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from app.exports.ports import OnSent

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# What is sent in less than a way to the store and back.
_SMALL_BYTES = 256 * 1024
# What the system takes of a connection without having sent it. Linux would take four megabytes, which over a link of
# five a second is most of a second in which everything looks sent; what is on its way is not bounded by this.
_UNSENT_BYTES = 128 * 1024


class _Telling(io.FileIO):
    """A file that tells how far it was read, once it `sends`."""

    def __init__(self, path: Path, on_sent: OnSent) -> None:
        super().__init__(path)
        self._on_sent = on_sent
        self.sends = False

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size)
        if self.sends:
            self._on_sent(self.tell())
        return data


def open_telling(path: Path, on_sent: OnSent | None) -> BinaryIO:
    """Opens a file that is to be sent."""
    if on_sent is None:
        return open(path, "rb")
    telling: Any = _Telling(path, on_sent)
    return telling  # type: ignore[no-any-return]


def tell_from_here(request: Any, **_: Any) -> None:
    """The client's hook before it sends a request, each time that it does."""
    if isinstance(request.body, _Telling):
        request.body.sends = True


def send_small_at_once(params: Any, **_: Any) -> None:
    """The client's hook before a call: it would ask whether the body is wanted, whatever its size, and wait for the
    answer."""
    body = params.get("body")
    if not isinstance(body, io.IOBase):
        return
    at = body.tell()
    size = body.seek(0, os.SEEK_END) - at
    body.seek(at)
    if size <= _SMALL_BYTES:
        params["headers"].pop("Expect", None)


def hold_little_unsent(client: "S3Client") -> None:
    """Has the connections of a client take no more than they send, so that what was read was sent, nearly.

    Botocore has no setting for it; where it keeps its options otherwise, progress runs ahead by what a socket holds.
    """
    options = getattr(client._endpoint.http_session, "_socket_options", None)  # type: ignore[attr-defined]
    if options is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        options.append((socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES))


def lead_no_further(request_dict: Any, response: Any, **_: Any) -> None:
    """The client's hook when the bucket was asked for: where a server leads elsewhere and names no region, it would ask
    for the bucket to learn the region, and be led elsewhere again, until the stack has no more room."""
    if response is None or "x-amz-bucket-region" in response[1]["ResponseMetadata"].get("HTTPHeaders", {}):
        return
    request_dict["context"].setdefault("s3_redirect", {})["redirected"] = True
