"""Whether the store holds what was made: size, CRC-32 and SHA-256 of a file, with as little reading as its store's word
allows.

A store that named the digest of the bytes it was sent has proved that it has them: `StoredObject.proven`. What it has
not proved is read back. Digesting is another matter: SHA-256 goes through a file in order, so the makers of parts hand
it on (see `app.exports.sha256`), each going through its own part while that is on its way to the store. Where one was
not there in time, the rest of the file is read.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import structlog

from app.exports.ledger import Claim, FileMade, FinishedPart, Ledger
from app.exports.ports import ObjectStore
from app.exports.sha256 import Sha256, can_be_handed_on
from app.generator.archive.crc import combine_crc32, crc32

log = structlog.get_logger(__name__)

_READ_BYTES = 4 * 1024 * 1024
# For the digest before one's own, where another process takes it; parts are made in about the time of a few looks, and
# none is stored before its own turn has come. Of this process' own parts one hears.
_WAITS_S = (0.02, 0.05)
_WAIT_FOR_OWN_S = 0.5
# It comes while the part is stored; beyond that it is worth a moment, since reading the rest of a file takes longer.
_PATIENCE_S = 2.0


class Digest(Protocol):
    """What `hashlib` and `Sha256` have in common."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


class Handing:
    """The parts of one export that this process works on: one that waits for the digest of another hears when it is
    left, and need not ask the database again and again."""

    def __init__(self) -> None:
        self._here: set[int] = set()
        self._left = asyncio.Event()

    @contextmanager
    def part(self, number: int) -> Iterator[None]:
        """While the part is worked on."""
        self._here.add(number)
        try:
            yield
        finally:
            self._here.discard(number)
            # Whoever waits for it finds out that nothing comes any more.
            self.tell()

    def tell(self) -> None:
        """Something was left: all who wait look."""
        left, self._left = self._left, asyncio.Event()
        left.set()

    def news(self, number: int, looks: int) -> "Callable[[], Awaitable[None]]":
        """What to wait for, after having looked so often, until it is worth a look whether part `number` has left its
        digest. Asked for before looking, it misses nothing."""
        left, here = self._left, number in self._here
        wait_s = _WAIT_FOR_OWN_S if here else _WAITS_S[min(looks, len(_WAITS_S) - 1)]

        async def wait() -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await left.wait()

        return wait


@asynccontextmanager
async def digesting(ledger: Ledger, claim: Claim, path: Path, sha256: str, handing: Handing) -> AsyncIterator[None]:
    """While the block stores the part at `path`, whose own digest is `sha256`, takes the file's digest through it.
    Nothing depends on it: what goes wrong is logged."""
    task = asyncio.create_task(_take_through(ledger, claim, path, sha256, handing))
    try:
        yield
        await asyncio.wait({task}, timeout=_PATIENCE_S)
    finally:
        task.cancel()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(outcome, Exception):
            log.warning("digest_left_off", export_id=str(claim.export_id), part=claim.part_no, exc_info=outcome)


async def _take_through(ledger: Ledger, claim: Claim, path: Path, sha256: str, handing: Handing) -> None:
    if not can_be_handed_on():
        return
    state, looks = None, 0
    while claim.part_no > 1 and state is None:
        news = handing.news(claim.part_no - 1, looks)
        state, coming = await ledger.running_sha256(claim)
        if state is None:
            if not coming:
                return
            await news()
            looks += 1
    digest = Sha256(state)
    await asyncio.to_thread(digest.update_from, path)
    await ledger.note_running_sha256(claim, sha256, digest.state())
    handing.tell()


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
