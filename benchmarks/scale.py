"""A large schema: how long its plan takes, what memory, and how long 1,000 rows of each table.

Each run is a process of its own on one processor; times are its processor time, imports included.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, judge
from benchmarks.schemas.large import CHECKS, FOREIGN_KEYS, TABLES, UNIQUES, ddl

_ROWS = 1_000
_RUNS = 3
_FAR_ROWS = 10**10


def measure() -> Sequence[Figure]:
    """The figures: plan, memory, rows, and a slice at the far end of ten billion rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "snapshot.json")
        path.write_text(json.dumps(_snapshot()), encoding="utf-8")
        runs = [_run("whole", path) for _ in range(_RUNS)]
        plans = [_run("plan", path) for _ in range(_RUNS)]
        far = [_run("far", path) for _ in range(_RUNS)]
    size = f"{TABLES} tables, {FOREIGN_KEYS} foreign keys, {CHECKS} checks, {UNIQUES} unique indexes"
    return [
        judge(f"plan of {size}", [r["plan_s"] for r in plans], "s", target=5),
        judge("peak memory of a process that plans it", [r["peak_mb"] for r in plans], "MB", target=300),
        judge(f"plan and {_ROWS:,} rows a table, as CSV", [r["all_s"] for r in runs], "s", target=60),
        judge("rows of it that were made", [r["rows"] for r in runs], "rows", target=_ROWS * TABLES, better="more"),
        judge("plan and the last 1,000 of 10^10 rows of a table", [r["all_s"] for r in far], "s", target=5),
    ]


def _snapshot() -> dict[str, Any]:
    from app.adapters.introspection.ddl import snapshot_from_ddl
    from app.generator.snapshot.form import snapshot_to_json

    snapshot, _ = snapshot_from_ddl(ddl())
    return snapshot_to_json(snapshot)


def _run(what: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.scale", what, str(path)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _child(what: str, path: str) -> dict[str, float]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from app.generator import GeneratorConfig, make_plan
    from app.generator.snapshot.form import snapshot_from_json

    snapshot = snapshot_from_json(json.loads(Path(path).read_text(encoding="utf-8")))
    rows = {"*": 10, "t7": _FAR_ROWS} if what == "far" else _ROWS
    started = time.process_time()
    plan = make_plan(snapshot, GeneratorConfig(rows=rows), 1)
    planned = time.process_time() - started
    made = 0
    if what == "whole":
        from app.generator.layout import Output, render_all

        for _ in render_all(plan, Output("csv"), on_chunk=None):
            pass
        made = plan.rows_total
    elif what == "far":
        from app.generator import batches

        table = next(t for t in plan.tables if t.name.name == "t7")
        made = sum(b.num_rows for b in batches(plan, table.name, _FAR_ROWS - _ROWS, _FAR_ROWS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"plan_s": planned, "all_s": time.process_time(), "peak_mb": peak, "rows": made}


if __name__ == "__main__":
    print(json.dumps(_child(sys.argv[1], sys.argv[2])))
