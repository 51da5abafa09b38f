"""Exports through the whole service: latency, throughput, into S3, memory, event loops; and each format's writer.

`SEEDBED_BENCH_ROWS` scales the large ones down, in millions of rows (default 100).
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.commands.sources import read_source
from app.generator.snapshot.form import snapshot_to_json
from benchmarks.exporting.bounds import measure_cores, measure_memory, read_stalls
from benchmarks.exporting.large import measure_alone, measure_workers
from benchmarks.exporting.prediction import Shape, measure_predictions
from benchmarks.exporting.service import Service
from benchmarks.exporting.small import measure_latency, measure_throughput
from benchmarks.exporting.writers import measure_writers
from benchmarks.figures import Figure
from tests.fixtures.fault_proxy import FaultProxy, Slow
from tests.fixtures.s3 import SeaweedServer

_SCHEMAS = Path(__file__).with_name("schemas")
_WRITER_ROWS = 400_000
_MILLION = 1_000_000
# Of each part on its way.
_SLOW_BYTES_PER_S = 5_000_000
_NARROW = "create table readings (id bigint primary key, value int not null);\n"


def measure() -> list[Figure]:
    """Every figure of this benchmark."""
    millions = int(os.environ.get("SEEDBED_BENCH_ROWS", "100"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "readings.sql").write_text(_NARROW)
        narrow = snapshot_to_json(read_source(str(folder / "readings.sql")))
        (folder / "mixed.sql").write_text(_NARROW + (_SCHEMAS / "customers.sql").read_text())
        mixed = snapshot_to_json(read_source(str(folder / "mixed.sql")))
        tables = {
            stem: snapshot_to_json(read_source(str(_SCHEMAS / f"{stem}.sql"))) for stem in ("customers", "lineitem")
        }
        figures = [f for stem, one in tables.items() for f in measure_writers(folder, stem, one, _WRITER_ROWS)]
        figures += asyncio.run(
            _into_a_folder(folder / "local", tables["customers"], narrow, mixed, millions * _MILLION)
        )
        with _seaweed() as s3:
            figures += asyncio.run(_into_s3(folder / "s3", tables["customers"], s3))
            figures += asyncio.run(_by_workers(folder / "workers", tables["customers"], s3))
    return figures


async def _into_a_folder(
    folder: Path, customers: Mapping[str, Any], narrow: Mapping[str, Any], mixed: Mapping[str, Any], rows: int
) -> list[Figure]:
    async with Service.start(folder) as service:
        figures = await measure_latency(service, customers, "local")
        figures.append(await measure_throughput(service, customers, "local"))
        figures += await measure_memory(service, narrow, (_MILLION, rows))
        figures.append(await measure_cores(service, customers, 3 * _MILLION))
        figures.append(await measure_cores(service, customers, 3 * _MILLION, compression="zstd"))
    async with Service.start(folder.with_name("ticking"), ticking=True) as service:
        figures += await measure_predictions(service, _shapes(customers, narrow, mixed))
    return [*figures, *read_stalls(service)]


def _shapes(customers: Mapping[str, Any], narrow: Mapping[str, Any], mixed: Mapping[str, Any]) -> list[Shape]:
    """A second or two, many seconds, tables whose rows cost a tenth of others', and one that takes a compressor."""
    return [
        Shape("600,000 rows of csv", customers, 600_000),
        Shape("3,000,000 rows of csv", customers, 3 * _MILLION),
        Shape("5,000,000 rows of csv and zstd", customers, 5 * _MILLION, config={"compression": "zstd"}),
        Shape("1,000,000 rows of parquet", customers, _MILLION, "parquet"),
        Shape("30,000,000 narrow rows of csv", narrow, 30 * _MILLION),
        Shape("two tables in an archive", mixed, {"readings": 20 * _MILLION, "customers": 2 * _MILLION}),
        Shape("two tables in a script", mixed, {"readings": 5 * _MILLION, "customers": _MILLION}, "sql"),
    ]


async def _into_s3(folder: Path, customers: Mapping[str, Any], s3: SeaweedServer) -> list[Figure]:
    async with Service.start(folder, s3=s3) as service:
        figures = await measure_latency(service, customers, "s3")
        figures.append(await measure_throughput(service, customers, "s3"))
        figures += await measure_alone(service, customers, s3, _MILLION)
    async with FaultProxy.start(s3.endpoint_url) as proxy:
        proxy.faults += [Slow(what, sys.maxsize, bytes_per_s=_SLOW_BYTES_PER_S) for what in ("PutObject", "UploadPart")]
        slow = replace(s3, endpoint_url=proxy.endpoint_url)
        async with Service.start(folder.with_name("slow"), s3=slow, workers=2) as service:
            shape = Shape("3,000,000 rows of csv over a slow link, two workers", customers, 3 * _MILLION)
            return [*figures, *await measure_predictions(service, [shape], runs=1)]


async def _by_workers(folder: Path, customers: Mapping[str, Any], s3: SeaweedServer) -> list[Figure]:
    """Where making the rows is the work, and where this machine's own S3 server is: it takes nine tenths of the time,
    most of that to compress what it is sent, so that no target makes sense."""
    rows = 5 * _MILLION
    async with Service.start(folder / "local", workers=0) as service:
        what = "as csv and zstd into a folder"
        figures = await measure_workers(service, customers, rows, what, 1.8, runs=3, compression="zstd")
    async with Service.start(folder / "s3", workers=0, s3=s3) as service:
        return [*figures, *await measure_workers(service, customers, rows, "as csv into S3", None, runs=1)]


@contextmanager
def _seaweed() -> Iterator[SeaweedServer]:
    folder = Path(tempfile.mkdtemp(prefix="seaweed-"))
    try:
        with SeaweedServer.start(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
