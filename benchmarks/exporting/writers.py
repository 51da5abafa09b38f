"""Each format's encoder next to the writers of pyarrow, Polars and DuckDB: the same table in memory, one core.

`python -m benchmarks.exporting.writers SNAPSHOT ROWS` prints what it measured as JSON. It is a process of its own,
since the rivals read how many threads they may use when they are loaded. Processor time counts, not the clock.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.exporting.service import CHECKOUT
from benchmarks.figures import Figure, judge

_ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}
_ROUNDS = 5
_CHUNK_ROWS = 10_000
# What stands against the fastest rival, by the issue: these three formats, which all of them write.
_HELD_TO = {"csv": 0.7, "ndjson": 0.7, "parquet": 0.7}

Write = Callable[[Path], None]
# Seconds of processor time, by round; and the file's bytes.
Measured = Mapping[str, Mapping[str, tuple[Sequence[float], int]]]


def measure_writers(folder: Path, name: str, snapshot: Mapping[str, Any], rows: int) -> list[Figure]:
    """Figures of one table: MB/s of every writer, and how ours compares with the fastest other."""
    source = folder / f"{name}.json"
    source.write_text(json.dumps(snapshot))
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.exporting.writers", str(source), str(rows)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **_ONE_THREAD},
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    measured: Measured = json.loads(run.stdout)
    figures = []
    for form, writers in measured.items():
        for writer, (seconds, size) in writers.items():
            label = f"{form} of {name}, {writer}, one core"
            figures.append(judge(label, [size / 1e6 / s for s in seconds], "MB/s", better="more"))
        rivals = [writer for writer in writers if writer != "Seedbed"]
        if rivals:
            fastest = min(rivals, key=lambda writer: statistics.median(writers[writer][0]))
            ours, theirs = writers["Seedbed"][0], writers[fastest][0]
            ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
            label = f"{form} of {name}, against the fastest writer ({fastest}), in rows"
            figures.append(judge(label, ratios, "x", target=_HELD_TO.get(form), better="more"))
    return figures


def _measure(source: Path, rows: int) -> Measured:
    import pyarrow as pa

    from app.generator import batches, make_plan
    from app.generator.config import GeneratorConfig
    from app.generator.snapshot.form import snapshot_from_json

    pa.set_cpu_count(1)
    plan = make_plan(snapshot_from_json(json.loads(source.read_text())), GeneratorConfig(rows=rows), "7")
    made = list(batches(plan, plan.tables[0].name, 0, rows, _CHUNK_ROWS))
    table = pa.Table.from_batches(made)
    found: dict[str, dict[str, tuple[list[float], int]]] = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:  # noqa: S108  # memory: a disk is not what is measured
        target = Path(folder) / "file"
        for form in ("csv", "tsv", "ndjson", "json", "copy", "sql", "parquet", "xlsx"):
            writers = {"Seedbed": _ours(form, plan, made), **_rivals(form, table)}
            times: dict[str, list[float]] = {name: [] for name in writers}
            sizes: dict[str, int] = {}
            for turn in range(_ROUNDS + 1):
                for name, write in writers.items():
                    began = time.process_time()
                    write(target)
                    if turn:  # the first warms up
                        times[name].append(time.process_time() - began)
                    sizes[name] = target.stat().st_size
                    target.unlink()
            found[form] = {name: (times[name], sizes[name]) for name in writers}
    return found


def _ours(form: str, plan: Any, made: Sequence[Any]) -> Write:
    from app.generator.formats.registry import FORMATS

    entry, table = FORMATS[form], plan.tables[0]

    def rows_of(target: Path) -> None:
        assert entry.encoder is not None
        encoder, row = entry.encoder(table), 0
        with target.open("wb") as file:
            file.write(encoder.header())
            for batch in made:
                file.write(encoder.encode(batch, row))
                row += batch.num_rows
            file.write(encoder.footer())

    def groups_of(target: Path) -> None:
        assert entry.pieces is not None
        encoder, notes = entry.pieces(table), []
        batches_of_piece = max(1, entry.piece_bytes * len(made) // max(1, sum(batch.nbytes for batch in made)))
        with target.open("wb") as file:
            file.write(encoder.start())
            for first in range(0, len(made), batches_of_piece):
                piece, note = encoder.encode_piece(made[first : first + batches_of_piece])
                file.write(piece)
                notes.append((len(piece), note))
            file.write(encoder.end(notes))

    return rows_of if entry.encoder is not None else groups_of


def _rivals(form: str, table: Any) -> dict[str, Write]:
    """The others' writers of a format, each as its users call it; Parquet with the compression that ours has."""
    import duckdb
    import polars
    import pyarrow.csv
    import pyarrow.parquet

    def by_duckdb(options: str) -> Write:
        def write(target: Path) -> None:
            with duckdb.connect() as connection:
                connection.execute("set threads = 1")
                connection.register("rows", table)
                connection.execute(f"copy rows to '{target}' ({options})")

        return write

    def frame() -> "polars.DataFrame":
        found = polars.from_arrow(table)
        assert isinstance(found, polars.DataFrame)
        return found

    return {
        "csv": {
            "pyarrow": lambda target: pyarrow.csv.write_csv(table, target),
            "Polars": lambda target: frame().write_csv(target),
            "DuckDB": by_duckdb("format csv"),
        },
        "ndjson": {"Polars": lambda target: frame().write_ndjson(target), "DuckDB": by_duckdb("format json")},
        "json": {"DuckDB": by_duckdb("format json, array true")},
        "parquet": {
            "pyarrow": lambda target: pyarrow.parquet.write_table(
                table, target, compression="zstd", compression_level=3
            ),
            "Polars": lambda target: frame().write_parquet(target, compression="zstd", compression_level=3),
            "DuckDB": by_duckdb("format parquet, compression zstd"),
        },
    }.get(form, {})


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]))))
