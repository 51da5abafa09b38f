"""Cutting an export's file into parts.

Bounds are data: they follow from the plan, the output and the size of the parts, never from what has been made.
Pieces (what is compressed on its own) do not even depend on the size of the parts, so the object's bytes do not.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from app.errors import Fault, RequestRefused
from app.generator.archive.names import file_stems
from app.generator.layout.output import Output
from app.generator.layout.parts import File, Layout, Part, Segment, packing_of
from app.generator.layout.sizes import Source, expect_size
from app.generator.plan import Plan

DEFAULT_PART_BYTES = 32 * 1024 * 1024
# S3 refuses parts (but the last) below 5 MiB. Expectations are off by a little, and bounds by up to two pieces.
LEAST_PART_BYTES = 12 * 1024 * 1024
_MOST_PARTS = 9_000  # S3: 10,000
# What is left is thought to be shared by so many makers. Parts become smaller towards the end, so that all end at about
# the same time: guided self-scheduling, Polychronopoulos and Kuck 1987.
_MAKERS = 6
_LEAST_SHARE = 0.25
_MOST_BYTES = 5 * 1024**4  # S3: 5 TiB
_LARGE_FILE_BYTES = 1024**3
MANIFEST_STEM, LOADER_STEM = "manifest", "load"


def cut(
    plan: Plan,
    output: Output,
    source: Source | None,
    part_bytes: int = DEFAULT_PART_BYTES,
    least_part_bytes: int = LEAST_PART_BYTES,
) -> Layout:
    """The layout of a plan's output in parts of about `part_bytes`, or more where those would be too small or too many.

    Raises RequestRefused when the plan cannot be written so.
    """
    tables = len(plan.tables)
    output.check(tables)
    zipped = output.zipped(tables)
    packing = packing_of(output, zipped)
    files, weights = [], []
    for index, table in enumerate(plan.tables):
        size = expect_size(plan, table, output.form, packing, source)
        for start, stop in _sheets(table.rows, output.form.most_rows):
            large = (stop - start) * size.row_bytes >= _LARGE_FILE_BYTES
            row_bytes = round(size.packed_row_bytes, 3)
            files.append(File(index, start, stop, size.piece_rows, large=large, row_bytes=row_bytes))
            weights.append(size.packed_row_bytes)
    if zipped:
        files = [replace(f, name=name) for f, name in zip(files, _file_names(plan, output, files), strict=True)]
    total = sum((f.stop - f.start) * weight for f, weight in zip(files, weights, strict=True))
    if total > _MOST_BYTES:
        message = f"the file would have about {total / 1024**4:.1f} TiB; an object store takes 5: ask for fewer rows"
        raise RequestRefused([Fault("/config/rows", "output_too_large", message, {"expectedBytes": int(total)})])
    target = max(part_bytes, least_part_bytes, math.ceil(total / _MOST_PARTS))
    cutter = Cutter([str(table.name) for table in plan.tables], files, weights)
    parts = cutter.cut_archive(target, least_part_bytes) if zipped else cutter.cut_stream(target, least_part_bytes)
    return Layout(output, zipped, tuple(files), tuple(parts), output.extension(tables), output.content_type(tables))


def part_bounds(total: float, target: float, least: float) -> list[float]:
    """Where parts of `total` bytes end: about `target` each, smaller at the end, but never below `least` or a fourth
    of `target`."""
    if total < 2 * target:
        return [total]
    smallest = max(least, target * _LEAST_SHARE)
    bounds = [0.0]
    while (left := total - bounds[-1]) > smallest * _MAKERS:
        bounds.append(bounds[-1] + min(target, left / _MAKERS))
    count = int(left / smallest)
    return [*bounds[1:], *(total - left * (count - number) / count for number in range(1, count)), total]


def _sheets(rows: int, most: int | None) -> list[tuple[int, int]]:
    """The rows of each file of a table: all in one, or as many as fit."""
    if most is None or rows <= most:
        return [(0, rows)]
    return [(start, min(start + most, rows)) for start in range(0, rows, most)]


def _file_names(plan: Plan, output: Output, files: Sequence[File]) -> list[str]:
    if output.form.workbook:
        return [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(files) + 1)]
    stems = file_stems([table.name for table in plan.tables], (MANIFEST_STEM, LOADER_STEM))
    return [f"{stems[file.table]}.{output.form.extension}" for file in files]


class Cutter:
    """Cuts files, of which a row is expected to take `weights` bytes, into parts; bounds are bounds of pieces."""

    def __init__(self, tables: Sequence[str], files: Sequence[File], weights: Sequence[float]) -> None:
        self._tables, self._files, self._weights = tables, files, weights
        self._parts: list[Part] = []
        self._segments: list[Segment] = []
        self._size = 0.0
        self._in_archive = False

    def cut_stream(self, target: float, least: float = 0.0) -> list[Part]:
        """Parts of about `target` each, and smaller ones at the end. The last is not below `least`: the little that
        large pieces leave for it goes with the part before."""
        sizes = [self._bytes_of(index) for index in range(len(self._files))]
        # A bound is up to a piece beyond where it was wanted: what is left for the last part is so much less. But what
        # is enough for two parts makes two.
        piece = max((min(size, self._piece_bytes(index)) for index, size in enumerate(sizes)), default=0.0)
        bounds = part_bounds(sum(sizes), target, min(least + piece, max(target, least)))
        done = 0.0
        for index, file in enumerate(self._files):
            start = file.start
            while True:
                # A large piece may have reached beyond the bound before.
                bound = max(bounds[min(len(self._parts), len(bounds) - 1)], done + least)
                last = len(self._parts) + 1 == len(bounds)
                stop = file.stop if last else self._stop(index, start, bound - done - self._size)
                self._take(index, start, stop)
                start = stop
                if not last and done + self._size >= bound:
                    done += self._size
                    self._close()
                if start == file.stop:
                    break
        while self._parts and self._size < least:
            self._reopen()
        return self._finish()

    def cut_archive(self, target: float, least: float) -> list[Part]:
        """Parts of an archive: small files together, large ones in parts of their own, the last of which is late.

        Late parts are as small as allowed, since they wait for the others. Those of the last large file become smaller
        towards its end.
        """
        self._in_archive = True
        large = [index for index in range(len(self._files)) if self._bytes_of(index) >= target + least]
        for index, file in enumerate(self._files):
            size = self._bytes_of(index)
            if index not in large:
                self._take(index, file.start, file.stop)
                if self._size >= target:
                    self._close()
                continue
            start, count = file.start, max(1, int((size - least) / target))
            bounds = [(size - least) * (number + 1) / count for number in range(count)]
            for bound in part_bounds(size - least, target, least) if index == large[-1] else bounds:
                stop = self._stop(index, start, bound - (start - file.start) * self._weights[index])
                self._take(index, start, stop)
                self._close()
                start = stop
                if start == file.stop:
                    break
            if start < file.stop:
                self._take(index, start, file.stop)
                self._close()
        if self._parts and self._size < least:
            self._reopen()
        return self._finish()

    def _bytes_of(self, index: int) -> float:
        return (self._files[index].stop - self._files[index].start) * self._weights[index]

    def _piece_bytes(self, index: int) -> float:
        return self._files[index].piece_rows * self._weights[index]

    def _stop(self, index: int, start: int, wanted: float) -> int:
        """Where a segment ends that has `wanted` bytes, or a piece more; it is never empty."""
        file = self._files[index]
        pieces = max(1, math.ceil(wanted / self._piece_bytes(index)))
        return min(start + pieces * file.piece_rows, file.stop)

    def _take(self, index: int, start: int, stop: int) -> None:
        file = self._files[index]
        first, last = start == file.start, stop == file.stop
        self._segments.append(Segment(index, self._tables[file.table], start, stop, first, last))
        self._size += (stop - start) * self._weights[index]

    def _close(self) -> None:
        late = self._in_archive and any(segment.last and not segment.first for segment in self._segments)
        self._parts.append(Part(len(self._parts) + 1, tuple(self._segments), int(self._size), late))
        self._segments, self._size = [], 0.0

    def _reopen(self) -> None:
        part = self._parts.pop()
        self._segments = [*part.segments, *self._segments]
        self._size += part.expected_bytes

    def _finish(self) -> list[Part]:
        if self._segments or not self._parts:
            self._close()
        return self._parts
