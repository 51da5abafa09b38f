"""Large exports: into S3 against generating alone and uploading alone, and by two workers against one."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app.adapters.objects.s3 import S3ObjectStore
from benchmarks.exporting.service import BASE, CHECKOUT, Service
from benchmarks.figures import Figure, judge
from tests.fixtures.s3 import SeaweedServer

_PART_BYTES = 32 * 1024 * 1024
_UPLOADS_AT_ONCE = 5


async def measure_alone(
    service: Service, snapshot: Mapping[str, Any], s3: SeaweedServer, rows: int, runs: int = 3
) -> list[Figure]:
    """An export, the same rows written to a file, and that file uploaded in parts: turn by turn."""
    schema_id = await service.register(snapshot)
    source = service.folder / "snapshot.json"
    await asyncio.to_thread(source.write_text, json.dumps(snapshot))
    file = service.folder / "alone.csv"
    exports, generations, uploads, ratios = [], [], [], []
    for run in range(runs + 1):
        job_id = await service.post(schema_id, rows)
        found = await service.ended(job_id)
        if run == 0:
            await asyncio.to_thread(_generate, source, file, rows)
            continue
        exports.append(service.work_s([job_id]))
        generations.append(await asyncio.to_thread(_generate, source, file, rows))
        if file.stat().st_size != found["bytes"]:
            raise RuntimeError("the command and the service wrote different files")
        uploads.append(await asyncio.to_thread(_upload, s3, file))
        ratios.append(exports[-1] / max(generations[-1], uploads[-1]))
    megabytes = file.stat().st_size / 1e6
    file.unlink()
    return [
        judge(f"{rows:,} rows into S3, service", exports, "s"),
        judge(f"{rows:,} rows into a file, `seedbed generate`", generations, "s"),
        judge(f"the same {megabytes:,.0f} MB uploaded alone", uploads, "s"),
        judge("into S3 against the longer of generating and uploading alone", ratios, "x", target=1.25),
    ]


async def measure_workers(
    service: Service, snapshot: Mapping[str, Any], rows: int, what: str, target: float | None, runs: int, **config: Any
) -> list[Figure]:
    """One large export by one worker that has one core, and by two that have one each: turn by turn.

    Whatever else the service needs runs on the same cores: Postgres, the API, and an S3 server where there is one,
    whose share is a figure too. Where it alone fills them, no number of workers makes the export faster.
    """
    schema_id = await service.register(snapshot)
    cores = sorted(os.sched_getaffinity(0))
    times: dict[int, list[float]] = {1: [], 2: []}
    shares: list[float] = []
    for run in range(runs):
        for count in times:
            names = [f"workers-{what}-{run}-{count}-{number}" for number in range(count)]
            workers = [service.start_worker(name, cores[n % len(cores)]) for n, name in enumerate(names)]
            await service._ready(count)
            storing_s, began = _storing_s(), time.perf_counter()
            job_id = await service.post(schema_id, rows, **config)
            await service.ended(job_id)
            shares.append((_storing_s() - storing_s) / (time.perf_counter() - began))
            times[count].append(service.work_s([job_id]))
            await asyncio.to_thread(service.end, workers)
            (await service.http.delete(f"{BASE}/export/{job_id}")).raise_for_status()
    ratios = [one / two for one, two in zip(times[1], times[2], strict=True)]
    figures = [
        judge(f"{rows:,} rows {what}, one worker of one core", times[1], "s"),
        judge(f"{rows:,} rows {what}, two of those", times[2], "s"),
        judge(f"two workers against one, {what}", ratios, "x", target=target, better="more"),
    ]
    if any(shares):
        figures.append(judge(f"cores that the S3 server takes meanwhile, of {len(cores)}", shares, "cores"))
    return figures


def _storing_s() -> float:
    """Processor time of the S3 server that this process has started, so far; 0 without one."""
    ticks = 0
    for children in Path("/proc/self/task").glob("*/children"):
        for child in children.read_text().split():
            name, _, fields = Path(f"/proc/{child}/stat").read_text().rpartition(") ")
            if name.endswith("(weed"):
                ticks += sum(int(number) for number in fields.split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def _generate(source: Path, target: Path, rows: int) -> float:
    command = [
        sys.executable,
        "-m",
        "app.cli",
        "generate",
        str(source),
        f"--rows={rows}",
        "--seed=7",
        "-o",
        str(target),
    ]
    began = time.perf_counter()
    subprocess.run(command, env={"PYTHONPATH": str(CHECKOUT)}, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _upload(s3: SeaweedServer, file: Path) -> float:
    """The file as a multipart upload of the service's part size, by as many threads as a worker has jobs."""
    store = S3ObjectStore(s3.options())
    size = file.stat().st_size
    try:
        began = time.perf_counter()
        upload = store._open_upload("alone/file", "text/csv")

        def put(number: int) -> tuple[int, str]:
            with open(file, "rb") as source:
                source.seek((number - 1) * _PART_BYTES)
                return number, store._put_part("alone/file", upload, number, source.read(_PART_BYTES))

        with ThreadPoolExecutor(_UPLOADS_AT_ONCE) as pool:
            parts = list(pool.map(put, range(1, -(-size // _PART_BYTES) + 1)))
        store._complete("alone/file", upload, parts, size)
        return time.perf_counter() - began
    finally:
        store.close()
