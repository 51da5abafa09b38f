"""The kinds of exports that the crowd asks for, and the file that each of them has to be."""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.exporting.service import CHECKOUT


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind: `rows` of the schema `schema`, in a format; `weight` says how often it is asked for."""

    schema: str
    rows: int
    format: str
    compression: str | None = None
    seed: int = 7
    weight: int = 10

    @property
    def name(self) -> str:
        packed = f".{self.compression}" if self.compression else ""
        return f"{self.rows:,} {self.schema} as {self.format}{packed}"

    def body(self, schema_id: str) -> dict[str, Any]:
        """The request for it."""
        config: dict[str, Any] = {"format": self.format, "rows": self.rows}
        if self.compression:
            config["compression"] = self.compression
        return {"schema": {"id": schema_id}, "config": config, "seed": self.seed}


# Every format, one table and many; one of several parts, of the least size that the settings allow.
SHAPES = (
    Shape("customers", 100, "csv", weight=20),
    Shape("customers", 1_000, "json", weight=15),
    Shape("customers", 5_000, "ndjson", "zstd"),
    Shape("customers", 20_000, "parquet"),
    Shape("customers", 120_000, "csv", weight=3),
    Shape("lineitem", 60_000, "tsv", "gzip", weight=4),
    Shape("shop", 50, "csv"),
    Shape("shop", 100, "sql"),
    Shape("shop", 200, "copy", "gzip"),
    Shape("shop", 100, "xlsx", weight=5),
)


async def reference(shape: Shape, snapshot: Mapping[str, Any], folder: Path) -> str:
    """SHA-256 of the file that `seedbed generate` makes of a shape: another program, by the same rule."""
    source, target = folder / f"{shape.schema}.json", folder / "reference"
    await asyncio.to_thread(source.write_text, json.dumps(snapshot))
    words = ["generate", str(source), f"--rows={shape.rows}", f"--seed={shape.seed}", f"--format={shape.format}"]
    words += [f"--compression={shape.compression}"] if shape.compression else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", *words, "-o", str(target),
        env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(CHECKOUT)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    digest = await asyncio.to_thread(_digest, target)
    target.unlink()
    return digest


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
