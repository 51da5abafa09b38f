"""Promise one: cutting an export into parts and chunks changes no byte of it."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import RequestRefused
from app.generator.archive.crc import crc32
from app.generator.formats.registry import FORMATS
from app.generator.layout import (
    COMPRESSIONS,
    Facts,
    File,
    Layout,
    Output,
    Part,
    layout,
    object_crc32,
    render_all,
    render_part,
    render_tail,
    sizes,
)
from app.generator.layout.cutting import Cutter, part_bounds
from app.generator.plan import Plan
from app.generator.snapshot.model import QName
from tests.unit.formats.samples import make_plan, rows_of, table_plan

COLUMNS = ["id", "text", "price", "words"]
PLANS = {
    "one": make_plan(table_plan("only", 2_500, COLUMNS)),
    "several": make_plan(
        table_plan("small", 3, COLUMNS),
        table_plan("large", 2_000, COLUMNS),
        table_plan("empty", 0, COLUMNS),
        table_plan("middle", 700, COLUMNS),
        table_plan("last", 1, COLUMNS),
    ),
}
# Every format, for one table and for several, with every compression that it takes.
OUTPUTS = [
    pytest.param(name, output, id=f"{name}-{form}-{compression or 'plain'}")
    for form in FORMATS
    for name, plan in PLANS.items()
    for compression in (None, *COMPRESSIONS)
    if not (output := Output(form, compression)).faults(len(plan.tables))
]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 100 rows, so that small tables have many."""
    monkeypatch.setattr(sizes, "_PIECE_ROWS", 100)


@cache
def in_one_go(plan_name: str, output: Output) -> bytes:
    """The file as one process makes it; the same for every way of cutting it."""
    return b"".join(render_all(PLANS[plan_name], output, source=rows_of))


def in_parts(plan: Plan, shape: Layout, chunk_rows: int, jobs: int, order: Random) -> bytes:
    """The file from its parts, which so many jobs make at once in any order, the late ones last; and from facts that
    went through JSON."""
    made: dict[int, bytes] = {}
    facts: dict[int, Facts] = {}

    def make(part: Part) -> None:
        rendered = render_part(plan, shape, part, chunk_rows, earlier=tuple(facts.values()), source=rows_of)
        made[part.number] = b"".join(rendered)
        facts[part.number] = json.loads(json.dumps(rendered.facts))

    with ThreadPoolExecutor(jobs) as pool:
        for late in (False, True):
            parts = [part for part in shape.parts if part.late is late]
            order.shuffle(parts)
            list(pool.map(make, parts))
    return b"".join(made[n] for n in sorted(made)) + render_tail(plan, shape, facts.values())


@pytest.mark.parametrize(("plan_name", "output"), OUTPUTS)
@settings(deadline=None, max_examples=4)
@given(
    part_bytes=st.integers(1_000, 400_000),
    chunk_rows=st.integers(30, 3_000),
    jobs=st.integers(1, 5),
    order=st.randoms(use_true_random=False),
)
def test_parts_in_any_size_and_order_make_the_same_file(
    plan_name: str, output: Output, part_bytes: int, chunk_rows: int, jobs: int, order: Random
) -> None:
    """Any size of parts, any size of chunks, any number of jobs, in any order: the bytes of one process in one go."""
    plan = PLANS[plan_name]
    shape = layout(plan, output, part_bytes, least_part_bytes=1, source=rows_of)
    made = in_parts(plan, Layout.from_json(json.loads(json.dumps(shape.to_json()))), chunk_rows, jobs, order)
    assert made == in_one_go(plan_name, output)


@pytest.mark.parametrize("output", [Output("csv"), Output("copy", "gzip")])
def test_chunks_of_one_row_make_the_same_file(output: Output) -> None:
    """The smallest chunk there is."""
    plan = make_plan(table_plan("a", 25, COLUMNS), table_plan("b", 3, COLUMNS))
    pieces = [b"".join(render_all(plan, output, chunk_rows, source=rows_of)) for chunk_rows in (1, 10_000)]
    assert pieces[0] == pieces[1]


@pytest.mark.parametrize(("plan_name", "output"), OUTPUTS)
def test_every_row_is_in_one_part(plan_name: str, output: Output) -> None:
    """The segments of the parts, in order, are the rows of the tables, in order; heads and feet stand once."""
    plan = PLANS[plan_name]
    shape = layout(plan, output, 20_000, least_part_bytes=1, source=rows_of)
    assert len(shape.parts) > 5
    position = dict.fromkeys(range(len(plan.tables)), 0)
    files = []
    for segment in (s for part in shape.parts for s in part.segments):
        assert segment.start == position[segment.file]
        assert segment.first == (segment.start == 0 and segment.file not in files)
        position[segment.file] = segment.stop
        assert segment.last == (segment.stop == plan.tables[segment.file].rows)
        files.append(segment.file)
    assert files == sorted(files)
    assert list(position.values()) == [table.rows for table in plan.tables]
    assert sum(part.rows for part in shape.parts) == shape.rows == plan.rows_total


def test_facts_describe_the_bytes() -> None:
    """CRC-32 of the object follows from the facts of its parts, without reading it again."""
    plan = PLANS["several"]
    for output in (Output("csv"), Output("copy", "gzip")):
        shape = layout(plan, output, 30_000, least_part_bytes=1, source=rows_of)
        facts: list[Facts] = []
        data = b""
        for part in shape.parts:
            rendered = render_part(plan, shape, part, earlier=facts, source=rows_of)
            data += b"".join(rendered)
            facts.append(rendered.facts)
        tail = render_tail(plan, shape, facts)
        assert sum(f["bytes"] for f in facts) == len(data)
        assert object_crc32(facts, tail) == crc32(data + tail)


def test_progress_is_told_by_chunk() -> None:
    """Every row is told once, in steps of the chunk's size or what is left of a piece."""
    plan = PLANS["one"]
    told: list[int] = []
    for _ in render_all(plan, Output("csv"), chunk_rows=40, on_chunk=told.append, source=rows_of):
        pass
    assert (sum(told), max(told)) == (2_500, 40)


def test_progress_of_a_piece_that_is_encoded_as_one_ends_with_it() -> None:
    """Three quarters of its rows are told as they are made, the rest when they are encoded, each of them once."""
    told: list[int] = []
    for _ in render_all(PLANS["one"], Output("parquet"), chunk_rows=40, on_chunk=told.append, source=rows_of):
        pass
    assert (sum(told), told[:8]) == (2_500, [30, 30, 15, 25] * 2)  # pieces of a hundred rows


def test_a_late_part_says_which_facts_it_needs() -> None:
    """A file of an archive ends with its CRC-32; without the facts of where it began there is no guess."""
    plan = PLANS["several"]
    shape = layout(plan, Output("csv"), 20_000, least_part_bytes=1, source=rows_of)
    late = next(part for part in shape.parts if part.late)
    with pytest.raises(ValueError, match=rf"part {late.number} needs the facts of parts"):
        list(render_part(plan, shape, late, source=rows_of))


def test_no_late_part_waits_for_another() -> None:
    """What a late part needs is in parts that are not late: two rounds make any archive."""
    plan = PLANS["several"]
    for part_bytes in (5_000, 20_000, 60_000):
        shape = layout(plan, Output("csv"), part_bytes, least_part_bytes=1_000, source=rows_of)
        late = {part.number for part in shape.parts if part.late}
        for part in (p for p in shape.parts if p.late):
            ended = {s.file for s in part.segments if s.last and not s.first}
            needed = {p.number for p in shape.parts if any(s.file in ended for s in p.segments)} - {part.number}
            assert not needed & late


def test_a_tail_needs_every_part() -> None:
    """A missing or doubled part is an error, never a file with a hole."""
    plan = PLANS["one"]
    shape = layout(plan, Output("csv", "gzip"), 50_000, least_part_bytes=1, source=rows_of)
    with pytest.raises(ValueError, match="all"):
        render_tail(plan, shape, [])


def test_facts_are_there_only_at_the_end() -> None:
    """Facts of a part that was not read to its end would be wrong."""
    plan = PLANS["one"]
    shape = layout(plan, Output("csv"), source=rows_of)
    with pytest.raises(RuntimeError, match="when all its bytes were taken"):
        _ = render_part(plan, shape, shape.parts[0], source=rows_of).facts


def test_a_source_that_loses_rows_is_found_out() -> None:
    """A file with fewer rows than the plan says never gets to its end."""

    def short(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[pa.RecordBatch]:
        yield from rows_of(plan, table, start, max(start, stop - 1), chunk_rows)

    with pytest.raises(RuntimeError, match="came as"):
        list(render_all(PLANS["one"], Output("csv"), source=short))


def test_zstd_around_a_zip_is_refused_with_what_would_do() -> None:
    """A ZIP is compressed already, and few programs read zstd inside of one."""
    with pytest.raises(RequestRefused) as refusal:
        layout(PLANS["several"], Output("csv", "zstd"), source=rows_of)
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.code) == ("/config/compression", "compression_not_applicable")


def test_every_fault_of_an_output_is_named() -> None:
    """Unknown format and unknown compression are told together."""
    faults = Output("dbase", "rar").faults(1)
    assert [f.code for f in faults] == ["unknown_format", "unknown_compression"]


def test_an_archive_says_what_is_in_it() -> None:
    """The manifest has each file's table, columns, rows, size and CRC-32, and nothing of the day it was made."""
    plan = PLANS["several"]
    data = b"".join(render_all(plan, Output("csv"), source=rows_of))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.namelist() == [
            *(f"{table.name.name}.csv" for table in plan.tables),
            "manifest.json",
            "load.sql",
        ]
        for entry, table in zip(manifest["files"], plan.tables, strict=True):
            content = archive.read(entry["name"])
            assert (entry["rows"], entry["bytes"]) == (table.rows, len(content))
            assert entry["crc32"] == f"{crc32(content):08x}"
        assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())
    assert (manifest["seed"], manifest["plan"], manifest["engineVersion"]) == ("7", plan.digest, 1)


@pytest.mark.parametrize("output", [Output("csv"), Output("copy", "gzip"), Output("copy")])
@pytest.mark.parametrize(
    "rows", [(50_000_000, 50, 90_000_000), (50_000_000, 50), (50, 50_000_000, 20_000_000, 300_000, 7)]
)
def test_parts_are_never_expected_to_be_too_small_for_s3(output: Output, rows: tuple[int, ...]) -> None:
    """Many parts of about the size asked for; none, the last included, is much below the least."""
    plan = make_plan(*(table_plan(f"t{number}", count, COLUMNS) for number, count in enumerate(rows)))
    shape = layout(plan, output, 12 << 20, source=rows_of)
    sizes_of_parts = [part.expected_bytes for part in shape.parts]
    assert len(sizes_of_parts) >= 3
    assert min(sizes_of_parts) > 8 << 20
    assert max(sizes_of_parts) < 64 << 20


@given(total=st.floats(1, 1e13), target=st.floats(1, 1e9), least=st.floats(0, 1e9))
def test_parts_become_smaller_towards_the_end(total: float, target: float, least: float) -> None:
    """So that makers who share them end at about the same time; none is too small, and there are but a few more."""
    least = min(least, target)
    target = max(target, total / 9_000)
    bounds = part_bounds(total, target, least)
    sizes = [end - begin for begin, end in pairwise([0.0, *bounds])]
    assert bounds[-1] == total
    assert len(bounds) <= total / target + 24
    if len(bounds) == 1:
        assert total < 2 * target
        return
    smallest = max(least, target / 4)
    assert max(sizes) <= max(target, 2 * smallest) * 1.001
    assert min(sizes) >= smallest * 0.999
    assert all(after <= before * 1.21 for before, after in pairwise(sizes))
    # Where parts may be that small, whoever is ready last has not begun a whole part shortly before the others end.
    assert least > target / 4 or sizes[-1] <= target * 0.45


@given(
    rows=st.lists(st.integers(0, 600_000), min_size=1, max_size=3),
    piece_rows=st.integers(1_000, 300_000),
    row_bytes=st.floats(1.0, 300.0),
)
def test_large_pieces_leave_no_part_too_small_for_s3(rows: list[int], piece_rows: int, row_bytes: float) -> None:
    """A row group may be larger than a part: the one that is left over makes none of its own, since a tail follows."""
    files = [File(index, 0, count, piece_rows) for index, count in enumerate(rows)]
    least = 6_000_000
    cutter = Cutter([f"t{index}" for index in range(len(files))], files, [row_bytes] * len(files))
    parts = cutter.cut_stream(least, least)
    assert sum(part.rows for part in parts) == sum(rows)
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert len(parts) == 1 or parts[-1].expected_bytes >= least - 1  # whole bytes


@given(rows=st.integers(400_000, 40_000_000), piece_rows=st.sampled_from([5_000, 10_000, 20_000]))
def test_no_part_at_the_end_is_larger_by_more_than_two_pieces(rows: int, piece_rows: int) -> None:
    """What bounds of pieces leave over is spread among the last parts: one of twice the size would end alone."""
    cutter = Cutter(["t"], [File(0, 0, rows, piece_rows)], [160.0])
    parts = cutter.cut_stream(32 << 20, 12 << 20)
    last = [part.expected_bytes for part in parts[-4:]]
    assert len(parts) == 1 or max(last[1:]) <= min(last) + 2 * piece_rows * 160.0


def test_what_is_enough_for_two_parts_makes_two() -> None:
    """Also of the least size, which leaves no room for what pieces leave over."""
    cutter = Cutter(["t"], [File(0, 0, 25_200, 1_000)], [500.0])
    assert [part.rows for part in cutter.cut_stream(6_000_000, 6_000_000)] == [13_000, 12_200]


def test_pieces_that_are_larger_than_parts_are_parts() -> None:
    """Two of them are two parts, which two may make, also where each is more than was asked for."""
    parts = Cutter(["t"], [File(0, 0, 60_000, 30_000)], [73.0]).cut_stream(1_000_000, 500_000)
    assert [part.rows for part in parts] == [30_000, 30_000]


def test_readers_that_do_not_seek_find_right_sizes() -> None:
    """Behind each file of an archive stand its CRC-32 and sizes, for those who read it as it arrives."""
    plan = PLANS["several"]
    data = b"".join(render_all(plan, Output("csv"), source=rows_of))
    for _ in plan.tables:
        signature, *_, name_chars, extra_bytes = struct.unpack("<IHHHHHIIIHH", data[:30])
        assert signature == 0x04034B50
        reader = zlib.decompressobj(-15)
        packed = data[30 + name_chars + extra_bytes :]
        content = reader.decompress(packed)
        after = reader.unused_data
        assert struct.unpack("<IIII", after[:16]) == (
            0x08074B50,
            crc32(content),
            len(packed) - len(after),
            len(content),
        )
        data = after[16:]
