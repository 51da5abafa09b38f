"""How a file is sent, and how much of it: told as the client reads it, from when it sends it on.

Before that the client reads a file for its signature, as often as it signs.
"""

import io
import os
from pathlib import Path
from typing import Any, BinaryIO

from app.exports.ports import OnSent

# What is sent in less than a way to the store and back.
_SMALL_BYTES = 256 * 1024


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
