"""The digest of a file, taken through its parts in order while many workers make them in any order.

SHA-256 goes through a file from front to back (see `app.exports.sha256`). The maker of each part takes it up where the
part before ends and leaves it for the next one, beside its other work: the part is stored and done meanwhile, and its
bytes are kept until its turn has come. Nothing depends on it: where it breaks off, as when a worker is lost with what
it kept, the rest of the file is read back in the end.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar
from uuid import UUID

import structlog

from app.exports.ledger import Claim, FinishedPart, Ledger
from app.exports.sha256 import Sha256, can_be_handed_on

log = structlog.get_logger(__name__)

# The parts that this process keeps for their turn. Elsewhere somebody is slow then; a moment is given to that, once.
_KEPT = 16
_PATIENCE_S = 2.0
# Who leaves a digest tells those who wait for it. In case that is lost, one looks; and whether the export still runs.
_LOOKS_S = (0.1, 0.5, 1.0)
# States of parts of this process whose next part was not made yet; and exports.
_REMEMBERED = 64

K = TypeVar("K")
V = TypeVar("V")

# An export and one of its parts.
Place = tuple[UUID, int]


class Digests:
    """Those that this process has a part in."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._left: dict[Place, bytes] = {}
        self._waiting: dict[Place, asyncio.Event] = {}
        self._tasks: dict[asyncio.Task[None], UUID] = {}
        self._given_up: dict[UUID, None] = {}

    @asynccontextmanager
    async def through(self, claim: Claim, path: Path, sha256: str) -> AsyncIterator[None]:
        """While the block stores the part at `path`, whose own digest is `sha256`, the file's digest begins to go
        through it. It goes on beyond the block, also when the file at `path` is removed; not if the block fails."""
        if not can_be_handed_on():
            yield
            return
        # Open, it outlasts its name; reading from it is left to a thread.
        file = path.open("rb", buffering=0)
        task = asyncio.create_task(self._take_through(claim, file, sha256))
        self._tasks[task] = claim.export_id
        task.add_done_callback(partial(self._ended, file))
        try:
            yield
        except BaseException:
            task.cancel()
            raise
        if len(self._tasks) > _KEPT:
            await asyncio.wait(self._tasks, timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        if len(self._tasks) > _KEPT:
            # It is not getting on: room for other exports, and for the rest of this one no more waiting.
            self._give_up(claim.export_id)

    def heard(self, payload: str) -> None:
        """Somebody left the digest after a part: "<export id> <part>"."""
        export_id, _, part_no = payload.partition(" ")
        try:
            place = UUID(export_id), int(part_no)
        except ValueError:
            return  # anybody may speak on a channel
        self._tell(place)

    async def whole(self, claim: Claim, parts: Sequence[FinishedPart]) -> Sequence[FinishedPart]:
        """The parts anew when the digest has gone through all of them; as long as it gets on, that is waited for."""
        last = parts[-1]
        if last.running_sha256 is not None or not can_be_handed_on():
            return parts
        place, through = (claim.export_id, last.part_no), -1
        while True:
            news = self._news(place)
            found = await self._ledger.digested_parts(claim.export_id)
            if found == len(parts) or found == through:
                self._waiting.pop(place, None)
                return await self._ledger.finished_parts(claim.export_id)
            through = found
            await _within(news, _PATIENCE_S)

    async def close(self) -> None:
        """Ends what goes on, having given it a moment."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_PATIENCE_S)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_through(self, claim: Claim, file: BinaryIO, sha256: str) -> None:
        before = None
        if claim.part_no > 1:
            before = await self._before(claim)
            if before is None:
                return
        digest = Sha256(before)
        await asyncio.to_thread(digest.read_from, file)
        state = digest.state()
        # Not before it is written down: what follows is worth nothing should it turn out to be another's.
        if await self._ledger.note_running_sha256(claim, sha256, state):
            place = claim.export_id, claim.part_no
            _remember(self._left, place, state)
            self._tell(place)

    async def _before(self, claim: Claim) -> bytes | None:
        """The digest before the part; None when it does not come."""
        place, looks = (claim.export_id, claim.part_no - 1), 0
        try:
            while True:
                news = self._news(place)
                state = self._left.pop(place, None)
                if state is not None:
                    return state
                state, coming = await self._ledger.running_sha256(claim)
                if state is not None or not coming or claim.export_id in self._given_up:
                    return state
                await _within(news, _LOOKS_S[min(looks, len(_LOOKS_S) - 1)])
                looks += 1
        finally:
            self._waiting.pop(place, None)

    def _news(self, place: Place) -> asyncio.Event:
        """Set when somebody says that the digest after a part is there. Asked for before looking, it misses nothing."""
        event = self._waiting.setdefault(place, asyncio.Event())
        event.clear()
        return event

    def _tell(self, place: Place) -> None:
        if place in self._waiting:
            self._waiting[place].set()

    def _give_up(self, export_id: UUID) -> None:
        _remember(self._given_up, export_id, None)
        for task, theirs in self._tasks.items():
            if theirs == export_id:
                task.cancel()

    def _ended(self, file: BinaryIO, task: "asyncio.Task[None]") -> None:
        file.close()
        export_id = self._tasks.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("digest_left_off", export_id=str(export_id), exc_info=error)


def _remember(known: dict[K, V], key: K, value: V) -> None:
    """Keeps the latest few."""
    known[key] = value
    while len(known) > _REMEMBERED:
        del known[next(iter(known))]


async def _within(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        pass
