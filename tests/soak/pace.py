"""How fast the crowd may act: as fast as the machine bears with half of itself left for others."""

import asyncio
import os
import time

from benchmarks.exporting.consumption import tree_processor_s

_LOOK_S = 5.0
_SLOWEST_S, _FASTEST_S = 1.0, 0.25
# A step up is smaller than a step down: what was asked for has yet to be made.
_UP, _DOWN = 0.93, 1.2
# Whoever waits for so long asks for less. A machine that others use up is slow long before we have had our share.
_PATIENCE_S = 5.0
_LATE_SHARE = 0.1


class Pace:
    """Turns, handed out so far apart that this process and all it started use at most `cores` of the processors.

    Judged by processor time, so that what others do on the machine neither slows the crowd nor lets it run ahead.
    """

    def __init__(self, cores: float, interval_s: float = 0.4) -> None:
        self.cores = cores
        self.interval_s = interval_s
        self._answers, self._late = 0, 0
        self._next = time.monotonic()
        self._began = time.monotonic()
        self._used_before_s = tree_processor_s(os.getpid())

    async def turn(self) -> None:
        """Waits for the next turn."""
        now = time.monotonic()
        self._next = max(self._next, now) + self.interval_s
        await asyncio.sleep(self._next - now)

    def answered(self, after_s: float) -> None:
        """An answer came after so long."""
        self._answers += 1
        self._late += after_s > _PATIENCE_S

    async def keep(self) -> None:
        """Sets the distance between turns anew every few seconds, until it is cancelled."""
        used, at = tree_processor_s(os.getpid()), time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_S)
            found, now = await asyncio.to_thread(tree_processor_s, os.getpid()), time.monotonic()
            cores = (found - used) / (now - at)
            used, at = found, now
            tried = self._late > _LATE_SHARE * self._answers
            self._answers, self._late = 0, 0
            factor = _DOWN if cores > self.cores or tried else _UP
            self.interval_s = min(_SLOWEST_S, max(_FASTEST_S, self.interval_s * factor))

    def mean_cores(self) -> float:
        """What was used on average since the beginning."""
        used_s = tree_processor_s(os.getpid()) - self._used_before_s
        return used_s / (time.monotonic() - self._began)
