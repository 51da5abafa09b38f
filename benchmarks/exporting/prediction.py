"""How far the predicted end of an export is off the real one, for exports of several shapes.

What counts begins when a tenth of the time is over. An answer that predicts nothing has no error; how many there are of
those stands beside it.
"""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from benchmarks.exporting.service import BASE, Service
from benchmarks.figures import Figure, judge

_SAMPLE_S = 0.05
_FIRST = 0.1


@dataclass(frozen=True, slots=True)
class Shape:
    """An export to predict: its schema, and how many rows of which tables in what form."""

    name: str
    snapshot: Mapping[str, Any]
    rows: "int | Mapping[str, int]"
    form: str = "csv"
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """What was predicted while an export ran: (seconds since it began, seconds left or None), and how long it took."""

    told: Sequence[tuple[float, float | None]]
    whole_s: float

    def after_the_first_tenth(self) -> list[tuple[float, float | None]]:
        return [(at, left) for at, left in self.told if self.whole_s * _FIRST <= at < self.whole_s]

    def errors(self) -> list[float]:
        """How far off each prediction was, as a share of the whole time."""
        counted = self.after_the_first_tenth()
        return [abs(at + left - self.whole_s) / self.whole_s for at, left in counted if left is not None]

    def untold(self) -> float:
        """The share of answers that predicted nothing."""
        counted = self.after_the_first_tenth()
        return sum(left is None for _, left in counted) / len(counted) if counted else 1.0


async def follow(service: Service, shape: Shape) -> Course:
    """Runs an export of this shape and asks for its status all the while."""
    schema_id = await service.register(shape.snapshot)
    job_id = await service.post(schema_id, shape.rows, shape.form, **shape.config)
    ending = asyncio.create_task(service.ended(job_id))
    answers: list[tuple[float, float | None]] = []
    while not ending.done():
        status = (await service.http.get(f"{BASE}/export/{job_id}/status")).json()
        if status["status"] == "running":
            answers.append((time.time(), status["etaSeconds"]))
        await asyncio.sleep(_SAMPLE_S)
    await ending
    ((began, whole_s),) = service.sql(
        "select extract(epoch from started_at)::float8, extract(epoch from finished_at - started_at)::float8"
        " from generator_exports where id = %s",
        UUID(job_id),
    )
    return Course([(at - began, left) for at, left in answers], whole_s)


async def measure_predictions(service: Service, shapes: Sequence[Shape], runs: int = 3) -> list[Figure]:
    """For each shape the worst error and the median one, each the median of some exports."""
    figures = []
    for shape in shapes:
        courses = [await follow(service, shape) for _ in range(runs)]
        whole_s = statistics.median(course.whole_s for course in courses)
        what = f"predicted end of {shape.name} ({whole_s:.1f} s)"
        errors = [course.errors() or [1.0] for course in courses]
        figures += [
            judge(f"{what}, worst after the first tenth", [max(some) for some in errors], "of the time", target=0.2),
            judge(f"{what}, median", [statistics.median(some) for some in errors], "of the time"),
            judge(f"{what}, answers without one", [course.untold() for course in courses], "of all", target=0.1),
        ]
    return figures
