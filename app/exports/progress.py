"""Progress of a part while it is made: counted at every chunk, told now and then, and the claim kept alive."""

import asyncio
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from app.errors import DatabaseUnavailable
from app.exports.ledger import Claim, Ledger, Sent, Standing

log = structlog.get_logger(__name__)

REPORT_INTERVAL_S = 0.25
# While a part is on its way: that is told from a thread, and nobody is woken by it.
_SENDING_SILENCE_S = 0.5
# Until something is sent, it is looked for more often, as long as that is likely to come.
_BEGINNING_S, _MOMENT_S = 1.0, 0.01
_BUFFERS_S = 0.1
# A claim that nothing is told of is renewed this often within its lease.
_RENEWALS = 4
# Nobody waits longer than this for a cancelled export to be noticed.
_LONGEST_SILENCE_S = 2.0
_CHUNK_LINE_INTERVAL_S = 1.0


class ClaimLost(Exception):
    """Somebody else holds the part now."""


class ExportCancelled(Exception):
    """The export is being cancelled."""


class ExportEnded(Exception):
    """The export has ended without this part."""


def go_on(standing: Standing) -> None:
    """Returns while the claim is held. Raises ClaimLost, ExportCancelled, ExportEnded."""
    if standing is Standing.LOST:
        raise ClaimLost
    if standing is Standing.CANCELLING:
        raise ExportCancelled
    if standing is Standing.ENDED:
        raise ExportEnded


class ChunkLines:
    """Log lines of chunks, at most one a second: a large export has many thousand chunks, and no row goes untold."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """`facts` say whose chunks they are."""
        self._facts = facts
        self._untold = _Untold()
        self._told_at = float("-inf")

    def add(self, rows: int, rows_done: int) -> None:
        """A chunk of `rows` rows was made, after which there are `rows_done`."""
        self._untold = _Untold(self._untold.chunks + 1, self._untold.rows + rows, rows_done)
        if asyncio.get_running_loop().time() - self._told_at >= _CHUNK_LINE_INTERVAL_S:
            self.flush()

    def flush(self) -> None:
        """Writes what is not told yet."""
        untold, self._untold = self._untold, _Untold()
        if untold.chunks:
            self._told_at = asyncio.get_running_loop().time()
            log.info("chunk_done", **self._facts, chunks=untold.chunks, rows=untold.rows, rows_done=untold.rows_done)


@dataclass(frozen=True, slots=True)
class _Untold:
    chunks: int = 0
    rows: int = 0
    rows_done: int = 0


class Progress:
    """Rows made so far of one claim, and what was sent of its `size` bytes."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.rows = 0
        self.size = 0
        self._sent = self._buffered = 0
        self._until = 0.0
        self._busy_s = self._busy_since = 0.0
        # Set before the last word is written down, after which the claim is over and reports would find it lost.
        self._finishing = False
        self.changed = asyncio.Event()

    def is_finishing(self) -> bool:
        return self._finishing

    def finish(self) -> None:
        """Nothing is reported from here on."""
        self._finishing = True

    def send(self, sent: int) -> None:
        """So many bytes are sent by now. May be called in any thread."""
        now = time.monotonic()
        if not self._sent:
            # What was before, digests and whether the store wants it at all, says nothing of the way there.
            self._busy_since, self._until = now, now + _BUFFERS_S
        self._sent = sent
        if now < self._until:
            # What goes at once has gone into buffers; it stands for what is still in them later.
            self._buffered = sent

    @contextmanager
    def storing(self, size: int) -> Iterator[None]:
        """While the part is on its way, which has so many bytes."""
        self.size, self._sent, self._buffered = size, 0, 0
        self._busy_since = time.monotonic()
        # Whoever reports is to look more often then. Most are stored before.
        looking = asyncio.get_running_loop().call_later(REPORT_INTERVAL_S, self.changed.set)
        try:
            yield
        finally:
            looking.cancel()
            self._busy_s = self.take_busy_s()
            self.size = 0

    def take_busy_s(self) -> float:
        """For how many seconds the part has been on its way since this was last asked."""
        now = time.monotonic()
        taken = self._busy_s + (now - self._busy_since if self.size else 0.0)
        self._busy_s, self._busy_since = 0.0, now
        return taken

    def silence_s(self, told: float) -> float:
        """How long nothing is told while the part is on its way, 0 when it is not; `told` is the share that was. How
        fast the way is wants to be known early."""
        if not self.size:
            return 0.0
        begins = not told and (self.sent() > 0 or time.monotonic() - self._busy_since < _BEGINNING_S)
        return _MOMENT_S if begins else _until_next(_SENDING_SILENCE_S)

    def sent(self) -> float:
        """The share that is sent."""
        return min(1.0, (self._sent - self._buffered) / self.size) if self.size else 0.0

    def add(self, rows: int) -> None:
        """Counts a chunk. The last one is left to the transaction that finishes the part."""
        self.rows += rows
        if self.rows < self.claim.rows:
            self.changed.set()


async def watch(work: "Coroutine[Any, Any, None]", progress: Progress, ledger: Ledger, lease_s: float) -> None:
    """Runs the work while its progress is reported. Raises what it raises; or, having ended it, ClaimLost,
    ExportCancelled or ExportEnded."""
    running = asyncio.create_task(work)
    watching = asyncio.create_task(_report(progress, ledger, lease_s))
    try:
        await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await watching  # raises: it never returns by itself
        await running
    finally:
        for task in (running, watching):
            task.cancel()
        await asyncio.gather(running, watching, return_exceptions=True)


async def _report(progress: Progress, ledger: Ledger, lease_s: float) -> None:
    silence_s = min(lease_s / _RENEWALS, _LONGEST_SILENCE_S)
    told, in_step = 0.0, False
    while True:
        try:
            async with asyncio.timeout(progress.silence_s(told) or silence_s):
                await progress.changed.wait()
        except TimeoutError:
            pass  # nothing new to tell but that we are alive, and what is sent
        progress.changed.clear()
        if progress.is_finishing():
            continue
        rows, share = min(progress.rows, progress.claim.rows), progress.sent()
        # Of a store that tells nothing of a part before it has it, the time comes with the part.
        busy_s = progress.take_busy_s() if share > told else 0.0
        told = share
        sent = Sent(share if progress.size else None, busy_s, in_step)
        try:
            standing = await ledger.report(progress.claim, rows, lease_s, sent)
        except DatabaseUnavailable:
            # The token says whether the claim survived; until then the work goes on.
            log.warning("report_failed", export_id=str(progress.claim.export_id), part=progress.claim.part_no)
        else:
            if progress.is_finishing():
                continue
            go_on(standing)
        # All at the same moments, also in other workers: each report is of its own part alone, and only then do they
        # add up. The first of a part comes by itself.
        await asyncio.sleep(_until_next(REPORT_INTERVAL_S))
        in_step = True


def _until_next(interval_s: float) -> float:
    return interval_s - time.time() % interval_s
