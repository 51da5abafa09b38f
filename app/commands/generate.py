"""`seedbed generate`: a schema and a request in, one file out."""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.arguments import Request, add_json, add_request, add_source, read_positive, read_request
from app.commands.crew import Crew
from app.commands.memory import collect_rarely
from app.commands.plans import add_plan, make_plan_of
from app.commands.progress import in_units, show_rows
from app.commands.rendering import (
    LEAST_PART_BYTES,
    PART_BYTES,
    PART_BYTES_IN_PORTIONS,
    STANDARD_OUTPUT,
    Written,
    write_file,
)
from app.commands.sources import read_source
from app.commands.summary import summary_lines, summary_of
from app.errors import ConfigurationInvalid

if TYPE_CHECKING:
    from app.generator.layout import Layout, Output
    from app.generator.plan import Plan

_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
DEFAULT_CHUNK_ROWS = 10_000
_ROWS_WORTH_A_HAND = 250_000
# Columns that are written as they are drawn take no memory: many rows at once are made fastest.
_CELLS_AT_ONCE, _MOST_ROWS_AT_ONCE = 1_200_000, 100_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_source(parser)
    add_request(parser)
    add_plan(parser)
    parser.add_argument(
        "--format",
        metavar="F",
        help="csv, tsv, ndjson, json, sql (INSERT), copy (for psql), parquet, xlsx; by default what PATH's ending says",
    )
    parser.add_argument("--compression", metavar="C", help="gzip or zstd; by default what PATH's ending says")
    parser.add_argument("--chunk-rows", metavar="N", type=read_positive, help="rows made at once; changes no byte")
    parser.add_argument(
        "--jobs", metavar="N", type=read_positive, default=None, help="processes (default: one for each processor)"
    )
    parser.add_argument(
        "-o", "--output", metavar="PATH", type=Path, required=True, help="the file to write; - is standard output"
    )
    parser.add_argument(
        "--sha256",
        action="store_true",
        help="say the file's SHA-256 too, which takes a fifth of the time it is made in",
    )
    parser.add_argument(
        "--summary",
        action="store_true",
        help="show what the rows look like: distinct values, nulls, how children spread over parents, the first rows; "
        "large tables are looked at in part, and it says so",
    )
    add_json(parser)
    parser.epilog = (
        "Several tables are one file too: a script in load order (sql, copy), a workbook (xlsx), or a ZIP archive with "
        "a file for each table."
    )


def run(args: argparse.Namespace) -> int:
    """Writes the file and says what is in it."""
    began = time.monotonic()
    collect_rarely()
    request = read_request(args)
    jobs = args.jobs or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
    # Those that help start while the plan is made, where it will surely be much.
    with Crew(jobs, early=_rows_asked(request) // _ROWS_WORTH_A_HAND) as crew:
        snapshot = read_source(args.source, args.schemas, quiet=args.json)
        from app.generator.layout import layout

        plan = make_plan_of(request, snapshot, args.plan, quiet=args.json)
        output = _output(args, request, len(plan.tables))
        crew.prepare(plan, output)
        part_bytes = PART_BYTES_IN_PORTIONS if output.form.in_portions else PART_BYTES
        shape = layout(plan, output, part_bytes, least_part_bytes=LEAST_PART_BYTES)
        path = _path(args.output, shape)
        chunk_rows = args.chunk_rows or request.values.get("chunkRows") or _rows_at_once(plan, shape)
        with show_rows("generating", plan.rows_total, quiet=args.json) as on_rows:
            written = write_file(
                plan, shape, path, chunk_rows=chunk_rows, crew=crew, on_rows=on_rows, sha256=args.sha256
            )
    _report(args, plan, shape, path, written, time.monotonic() - began)
    return 0


def _rows_asked(request: Request) -> int:
    """Rows of the table of which most are asked for by number."""
    rows = request.values.get("rows")
    asked = list(rows.values()) if isinstance(rows, Mapping) else [rows]
    return max((count for count in asked if isinstance(count, int)), default=0)


def _rows_at_once(plan: "Plan", shape: "Layout") -> int:
    if not shape.output.form.in_portions:
        return DEFAULT_CHUNK_ROWS
    widest = max((len(table.columns) for table in plan.tables), default=0)
    return max(1_000, min(_MOST_ROWS_AT_ONCE, _CELLS_AT_ONCE // max(1, widest)))


def _output(args: argparse.Namespace, request: Request, tables: int) -> "Output":
    from app.generator.formats.registry import FORMATS
    from app.generator.layout import Output

    name = args.output.name.lower()
    compression = next((c for ending, c in _COMPRESSIONS.items() if name.endswith(ending)), None)
    for ending in _COMPRESSIONS:
        name = name.removesuffix(ending)
    by_ending = next((f.name for f in FORMATS.values() if name.endswith(f".{f.extension}")), "csv")
    output = Output(
        args.format or request.values.get("format") or by_ending,
        args.compression or request.values.get("compression") or compression,
    )
    output.check(tables, pointer="")
    return output


def _path(path: Path, shape: "Layout") -> Path:
    if path == STANDARD_OUTPUT or _is_open_as_output(path):
        if sys.stdout.isatty() and (shape.zipped or shape.output.compression):
            raise ConfigurationInvalid(f"a .{shape.extension} file does not belong on a terminal; write -o FILE")
        return STANDARD_OUTPUT
    if path.is_dir():
        return path / f"seedbed.{shape.extension}"
    if shape.extension == "zip" and path.suffix.lower() != ".zip" and not path.exists():
        print(
            f"seedbed: {len(shape.files)} tables as {shape.output.format} are a ZIP archive; "
            f"{path.with_suffix('.zip').name} would say so",
            file=sys.stderr,
        )
    return path


def _is_open_as_output(path: Path) -> bool:
    """Whether it is `/dev/stdout`, or the file that standard output goes to: it is not to be replaced, as its name may
    be another's, and nothing is to be said between the rows."""
    try:
        return os.path.samestat(path.stat(), os.fstat(1))
    except (OSError, ValueError):
        return False


def _report(
    args: argparse.Namespace, plan: "Plan", shape: "Layout", path: Path, written: Written, seconds: float
) -> None:
    out = sys.stderr if path == STANDARD_OUTPUT else sys.stdout
    if args.json:
        report: dict[str, Any] = {
            "path": str(path),
            "bytes": written.bytes,
            "crc32": f"{written.crc32:08x}",
            "sha256": written.sha256,
            "rows": plan.rows_total,
            "tables": [{"name": str(table.name), "rows": table.rows} for table in plan.tables],
            "format": shape.output.format,
            "compression": shape.output.compression,
            "contentType": shape.content_type,
            "seed": plan.seed,
            "engineVersion": plan.engine_version,
            "planSha256": plan.digest,
            "warnings": list(plan.warnings),
            "seconds": round(seconds, 3),
        }
        if args.summary:
            report["summary"] = summary_of(plan)
        print(json.dumps(report), file=out)
        return
    for warning in plan.warnings:
        print(f"seedbed: {warning}", file=sys.stderr)
    tables = f"{len(plan.tables)} tables" if len(plan.tables) != 1 else str(plan.tables[0].name)
    print(
        f"{path}: {plan.rows_total:,} rows of {tables}, {in_units(written.bytes)} in {seconds:.1f} s, "
        + (f"sha256 {written.sha256}" if written.sha256 else f"crc32 {written.crc32:08x}"),
        file=out,
    )
    if args.summary:
        for line in summary_lines(summary_of(plan), out):
            print(line, file=out)
