"""The engine at the command line: start-up, rows per second on one core and on two. Whole processes are timed."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, judge, repeat

CHECKOUT = Path(__file__).resolve().parents[1]
CUSTOMERS = """
create table customers (
    id bigint primary key, first_name text not null, last_name text not null, email text not null unique,
    phone varchar(24), company text, street text, city text not null, postal_code varchar(12), country_code char(2),
    birth_date date, created_at timestamptz not null
);
"""
_SMALL, _LARGE = 1_000, 1_000_000


def measure() -> list[Figure]:
    """Every figure of this benchmark."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "customers.sql").write_text(CUSTOMERS)
        # The schema is read once; what is timed from then on is planning and generating.
        _run(folder, "snapshot", "--ddl", "customers.sql", "-o", "customers.json")
        small = repeat(lambda: _generate(folder, _SMALL, jobs=1), 5)
        one = repeat(lambda: _generate(folder, _LARGE, jobs=1), 3)
        two = repeat(lambda: _generate(folder, _LARGE, jobs=2), 3)
        size = (folder / "out.csv").stat().st_size
    return [
        judge("1,000 rows, start-up included", small, "s", target=0.7),
        judge("1M customers as CSV on one core", [_LARGE / run for run in one], "rows/s", better="more"),
        judge("1M customers as CSV on one core, bytes", [size / 1e6 / run for run in one], "MB/s", better="more"),
        judge(
            "two processes against one", [a / b for a, b in zip(one, two, strict=True)], "x", target=1.8, better="more"
        ),
    ]


def _generate(folder: Path, rows: int, *, jobs: int) -> float:
    began = time.perf_counter()
    _run(folder, "generate", "customers.json", f"--rows={rows}", "--seed=7", f"--jobs={jobs}", "-o", "out.csv")
    return time.perf_counter() - began


def _run(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "app.cli", *arguments]
    subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(CHECKOUT)}, check=True, stdout=subprocess.DEVNULL)
