"""Progress of a part while it is made: counted at every chunk, told now and then, and the claim kept alive."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from app.errors import DatabaseUnavailable
from app.exports.ledger import Claim, Ledger, Standing

log = structlog.get_logger(__name__)

REPORT_INTERVAL_S = 0.25
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
    """Rows made so far of one claim."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.rows = 0
        # Set before the last word is written down, after which the claim is over and reports would find it lost.
        self._finishing = False
        self.changed = asyncio.Event()

    def is_finishing(self) -> bool:
        return self._finishing

    def finish(self) -> None:
        """Nothing is reported from here on."""
        self._finishing = True

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
    while True:
        try:
            async with asyncio.timeout(silence_s):
                await progress.changed.wait()
        except TimeoutError:
            pass  # nothing new to tell but that we are alive
        progress.changed.clear()
        if progress.is_finishing():
            continue
        try:
            standing = await ledger.report(progress.claim, min(progress.rows, progress.claim.rows), lease_s)
        except DatabaseUnavailable:
            # The token says whether the claim survived; until then the work goes on.
            log.warning("report_failed", export_id=str(progress.claim.export_id), part=progress.claim.part_no)
        else:
            if progress.is_finishing():
                continue
            if standing is Standing.LOST:
                raise ClaimLost
            if standing is Standing.CANCELLING:
                raise ExportCancelled
            if standing is Standing.ENDED:
                raise ExportEnded
        await asyncio.sleep(REPORT_INTERVAL_S)
