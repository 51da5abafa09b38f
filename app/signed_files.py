"""Serves the local store's signed URLs: the one place where the HTTP edge and a driver of the object store meet."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import BinaryIO

from app.adapters.objects.local import LocalObjectStore, open_plain
from app.adapters.objects.observed import ObservedStore
from app.errors import NotPermitted, StorageFailed
from app.exports.ports import ObjectStore
from app.generator.formats.registry import FORMATS
from app.web.services import SignedFile

_READ_BYTES = 1 << 20
_ANY_TYPE = "application/octet-stream"
_CONTENT_TYPES = {
    **{form.extension: form.content_type for form in FORMATS.values()},
    "zip": "application/zip",
    "gz": "application/gzip",
    "zst": "application/zstd",
}


class LocalFiles:
    """The `SignedFiles` of `app.web.services`, for a folder."""

    def __init__(self, store: LocalObjectStore) -> None:
        self._store = store

    async def open_signed(self, key: str, query: Mapping[str, str]) -> SignedFile | None:
        """None for every reason alike: who guesses at links learns nothing."""
        expires, name, signature = query.get("expires", ""), query.get("name", ""), query.get("sig", "")
        try:
            path = await asyncio.to_thread(self._store.verify, key, expires, name, signature)
            found = await asyncio.to_thread(path.stat)
        except (NotPermitted, StorageFailed, FileNotFoundError):
            return None
        # A file under its final name is replaced as a whole, never written to: these tell one from the next.
        etag = f'"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"'
        content_type = _CONTENT_TYPES.get(key.rpartition(".")[2], _ANY_TYPE)

        def read(first: int, last: int) -> AsyncIterator[bytes]:
            return _read(path, first, last)

        return SignedFile(found.st_size, name, content_type, etag, read)


async def _read(path: Path, first: int, last: int) -> AsyncIterator[bytes]:
    left = last - first + 1
    file: BinaryIO = await asyncio.to_thread(open_plain, path)
    try:
        await asyncio.to_thread(file.seek, first)
        while left > 0 and (chunk := await asyncio.to_thread(file.read, min(left, _READ_BYTES))):
            left -= len(chunk)
            yield chunk
    finally:
        file.close()


def open_files(objects: ObjectStore) -> LocalFiles | None:
    """What serves the store's files; None when the store does so itself."""
    driver = objects.driver if isinstance(objects, ObservedStore) else objects
    return LocalFiles(driver) if isinstance(driver, LocalObjectStore) else None
