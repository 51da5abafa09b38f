"""Whether the store holds what was made: size, CRC-32 and SHA-256 of a file, with as little reading as its store's word
allows.

A store that named the digest of the bytes it was sent has proved that it has them: `StoredObject.proven`. What it has
not proved is read back. Digesting is another matter: that goes through the parts while they are made (see
`app.exports.digesting`), and where it broke off, the rest of the file is read.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

from app.exports.ledger import FileMade, FinishedPart
from app.exports.ports import ObjectStore
from app.exports.sha256 import Sha256, can_be_handed_on
from app.generator.archive.crc import combine_crc32, crc32

_READ_BYTES = 1024 * 1024


class Digest(Protocol):
    """What `hashlib` and `Sha256` have in common."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


async def check_parts(
    objects: ObjectStore, key: str, parts: Sequence[FinishedPart], tail: Path, made: tuple[int, int], *, proven: bool
) -> FileMade | None:
    """What the store holds under `key`, which was put together of the parts and the tail; `made` are the size and the
    CRC-32 that it must have. None when it has others."""
    digest, through = _digest_through(parts)
    size, crc = made
    if digest is not None and through == len(parts):
        await asyncio.to_thread(digest.update_from, tail)
        if not proven and not await is_stored(objects, key, size, crc):
            return None
    elif digest is not None and proven:
        before, crc_before = 0, 0
        for part in parts[:through]:
            before, crc_before = before + part.bytes, combine_crc32(crc_before, part.crc32, part.bytes)
        rest, crc_of_rest = await _read_through(objects.read(key, _READ_BYTES, start=before), digest)
        if (before + rest, combine_crc32(crc_before, crc_of_rest, rest)) != made:
            return None
    else:
        anew = hashlib.sha256()
        if await _read_through(objects.read(key, _READ_BYTES), anew) != made:
            return None
        return FileMade(size, anew.hexdigest(), crc)
    return FileMade(size, digest.hexdigest(), crc)


async def is_stored(objects: ObjectStore, key: str, size: int, crc: int) -> bool:
    """Reads the object back: whether it has this size and this CRC-32."""
    return await _read_through(objects.read(key, _READ_BYTES)) == (size, crc)


def _digest_through(parts: Sequence[FinishedPart]) -> tuple[Sha256 | None, int]:
    """The file's digest as far as the parts' makers took it, and how many parts that are."""
    through = 0
    while through < len(parts) and parts[through].running_sha256 is not None:
        through += 1
    if through == 0 or not can_be_handed_on():
        return None, 0
    return Sha256(parts[through - 1].running_sha256), through


async def _read_through(chunks: AsyncIterator[bytes], digest: Digest | None = None) -> tuple[int, int]:
    """Size and CRC-32 of a stream that also goes through the digest; a chunk is digested, in a thread, while the next
    one is on its way."""
    crc, size = 0, 0

    def take(chunk: bytes) -> None:
        nonlocal crc, size
        if digest is not None:
            digest.update(chunk)
        crc = crc32(chunk, crc)
        size += len(chunk)

    taking: asyncio.Future[None] | None = None
    try:
        async for chunk in chunks:
            if taking is not None:
                await taking
            taking = asyncio.ensure_future(asyncio.to_thread(take, chunk))
    finally:
        if taking is not None:
            await taking
    return size, crc
