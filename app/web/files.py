"""Downloads from the local store, by signed URLs; other stores serve their files themselves."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from litestar import HttpMethod, Request, route
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

from app.web.access import services_of
from app.web.errors import FileNotFound
from app.web.services import SignedFile

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
AnyRequest = Request[Any, Any, Any]


@route("/files/{key:path}", http_method=[HttpMethod.GET, HttpMethod.HEAD], name="signed_file")
async def signed_file(request: AnyRequest, key: FromPath[str]) -> ASGIApp:
    """The file that a signed URL leads to, whole or the range that is asked for."""
    files = services_of(request).files
    query: Mapping[str, str] = dict(request.query_params.multi_items())
    file = None if files is None else await files.open_signed(key.lstrip("/"), query)
    if file is None:
        raise FileNotFound("there is no such file, or the link to it has expired")
    headers = [
        (b"content-disposition", content_disposition(file.download_name).encode("latin-1")),
        (b"content-type", file.content_type.encode("latin-1")),
        (b"accept-ranges", b"bytes"),
        (b"etag", file.etag.encode("latin-1")),
        (b"cache-control", b"private, no-store"),
        # Whatever is in it, a browser is not to run it as a page of ours.
        (b"content-security-policy", b"sandbox; default-src 'none'"),
    ]
    header, if_range = request.headers.get("range"), request.headers.get("if-range")
    # A range of another version of the file would be spliced to what the client has.
    wanted = None if header is None or if_range not in (None, file.etag) else read_range(header, file.size)
    first, last = wanted or (0, file.size - 1)
    if wanted is not None:
        if first > last:
            return ASGIResponse(status_code=416, headers=[("content-range", f"bytes */{file.size}")])
        headers.append((b"content-range", b"bytes %d-%d/%d" % (first, last, file.size)))
    headers.append((b"content-length", b"%d" % (last - first + 1)))
    return _Sending(206 if wanted else 200, headers, file, first, last, body=request.method != HttpMethod.HEAD)


def content_disposition(name: str) -> str:
    """`attachment` with a file name, in plain ASCII for old clients and in full beside it (RFC 6266, RFC 8187)."""
    plain = re.sub(r"[^ !#-$&-\[\]-~]", "_", name)
    if plain == name:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def read_range(header: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte that a Range header asks for, of a file of `size` bytes.

    None for what is no single range, which is then answered in whole; a first past the last when there are no such
    bytes.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(1) == match.group(2) == "":
        return None
    if match.group(1) == "":
        wanted = int(match.group(2))
        return (max(0, size - wanted), size - 1) if wanted else (1, 0)
    first = int(match.group(1))
    last = int(match.group(2)) if match.group(2) else size - 1
    if match.group(2) and last < first:
        return None
    return (first, min(last, size - 1)) if first < size else (1, 0)


class _Sending:
    """A response that sends a part of a file as fast as the client takes it."""

    def __init__(
        self, status: int, headers: list[tuple[bytes, bytes]], file: SignedFile, first: int, last: int, *, body: bool
    ) -> None:
        self._status = status
        self._headers = headers
        self._file = file
        self._first = first
        self._last = last
        self._body = body and first <= last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        if self._body:
            async for chunk in self._file.read(self._first, self._last):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
