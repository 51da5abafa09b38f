"""What a worker stores and what the command writes from the same snapshot, request and seed is one file."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.exports.models import Status
from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
from app.generator.snapshot.form import snapshot_to_json
from tasks.app import run_worker
from tests.integration.tasks.workers import PROJECT, SHOP, Site

# Cut into parts by the worker; and by the command, at other places.
ROWS, SEED = 100_000, "7"


def generate(folder: Path, *arguments: str) -> bytes:
    """Runs `seedbed generate`; its standard output."""
    command = [sys.executable, "-m", "app.cli", "generate", "shop.json", f"--rows={ROWS}", f"--seed={SEED}", *arguments]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(PROJECT)}
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=120).stdout


@pytest.mark.slow
async def test_the_command_writes_what_a_worker_stores(site: Site, tmp_path: Path) -> None:
    """To a file, into a directory and to standard output; archives and a script."""
    (tmp_path / "shop.json").write_text(json.dumps(snapshot_to_json(SHOP)))
    (tmp_path / "folder").mkdir()
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(site.worker_settings(), stop))
    digests = []
    for form, compression in (("csv", None), ("copy", None), ("parquet", None)):
        config = ExportConfig(form, ROWS, compression=compression)
        export = (await site.exports.create(site.caller, ExportRequest(SchemaBySnapshot({}), config, SEED))).export
        done = await site.ended(export, 120)
        assert done.status is Status.COMPLETED
        assert done.parts_total > 1 or form == "parquet"
        digests.append(done.sha256)
    stop.set()
    await working
    await asyncio.to_thread(generate, tmp_path, "--format=csv", "-o", "folder")
    script = await asyncio.to_thread(generate, tmp_path, "--format=copy", "-o", "-")
    await asyncio.to_thread(generate, tmp_path, "--format=parquet", "--jobs=1", "-o", "shop.zip")
    written = [(tmp_path / "folder/seedbed.zip").read_bytes(), script, (tmp_path / "shop.zip").read_bytes()]
    assert [hashlib.sha256(data).hexdigest() for data in written] == digests
