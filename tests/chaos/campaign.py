"""A campaign: one fault after the other under load, how long each took to get over, and an audit at the end."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.arena import SHAPES, Arena
from tests.chaos.audit import Report, audit
from tests.chaos.faults import Fault


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario; times in seconds from the end of a fault, None where it was not got over."""

    name: str
    recoveries: tuple[float | None, ...]
    report: Report

    @property
    def recovered_percent(self) -> float:
        return 100.0 * sum(one is not None for one in self.recoveries) / max(1, len(self.recoveries))

    @property
    def p50_s(self) -> float:
        return statistics.median(self._times())

    @property
    def max_s(self) -> float:
        return max(self._times())

    def _times(self) -> Sequence[float]:
        return [one for one in self.recoveries if one is not None] or [float("inf")]


async def run(arena: Arena, name: str, faults: Sequence[Fault], *, stop: bool = True, exports: int = 4) -> Outcome:
    """Makes the faults, one after the other, each at a random moment; then lets everything end, and audits."""
    for shape in SHAPES:
        await arena.reference(shape)
    while len(arena.workers) < arena.workers_wanted:
        await arena.start_worker()
    recoveries: list[float | None] = []
    async with arena.load(exports):
        for fault in faults:
            await asyncio.sleep(1.5 * arena.random.random())
            held = await arena.claims()
            await fault.inject(arena)
            since = time.monotonic()
            try:
                recoveries.append(await arena.recovery_s(held, since))
            except TimeoutError:
                recoveries.append(None)
    await arena.drained()
    report = await audit(arena, attempts=any(fault.attempts for fault in faults), stop=stop)
    return Outcome(name, tuple(recoveries), report)


def table(outcomes: Sequence[Outcome]) -> str:
    """A line for each scenario."""
    lines: list[tuple[str, ...]] = [("scenario", "runs", "recovered", "p50", "max", "exports", "attempts", "audit")]
    lines += [_line(one) for one in outcomes]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _line(one: Outcome) -> tuple[str, ...]:
    faults = one.report.faults
    return (
        one.name,
        str(len(one.recoveries)),
        f"{one.recovered_percent:.0f} %",
        f"{one.p50_s:.1f} s",
        f"{one.max_s:.1f} s",
        str(one.report.exports),
        str(one.report.attempts),
        f"{len(faults)} FAULTS" if faults else "clean",
    )
