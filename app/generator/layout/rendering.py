"""Bytes of an export, part by part: made anywhere, in any order, and the same as made in one go."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

from app.generator.archive.crc import combine_crc32, crc32
from app.generator.archive.gzip import GZIP_START, gzip_end
from app.generator.archive.packing import DEFLATE_END, packer
from app.generator.archive.zip import Entry, Written, directory, entry_end, entry_start, sized_entry
from app.generator.formats.form import Encoder, PortionEncoder
from app.generator.layout.cutting import LOADER_STEM, MANIFEST_STEM
from app.generator.layout.parts import File, Layout, Part, Segment
from app.generator.layout.scripts import loader, manifest, script_end, script_start
from app.generator.layout.sizes import Source, generated, loosely_generated
from app.generator.layout.tallies import SCRIPT_START, Facts, Tally, join_tallies, tallies_in, tallies_of
from app.generator.plan import Plan

OnChunk = Callable[[int], None]

# Where a piece is encoded as one, that takes as long as its rows, and nothing is heard meanwhile. Its rows count for so
# much when they are made, and for the rest with the piece: neither too much nor too little for long.
_MADE = 0.75


class RenderedPart:
    """One part of an export's file, as an iterator of its bytes; at most one piece is held in memory.

    When it is used up, `facts` says what was made: plain data that `render_tail` needs of every part, with `bytes`,
    `rows` and `crc32` of the part itself. Iterate once.
    """

    def __init__(
        self,
        plan: Plan,
        layout: Layout,
        part: Part,
        source: Source | None,
        chunk_rows: int,
        on_chunk: OnChunk | None,
        earlier: Iterable[Facts],
    ) -> None:
        self._plan, self._layout, self._part = plan, layout, part
        self._source, self._chunk_rows, self._on_chunk = source, chunk_rows, on_chunk
        self._earlier = list(earlier) if part.late else []
        self._packer = packer(layout.packing)
        self._tallies: list[Tally] = []
        self._crc = self._bytes = 0
        self._done = False

    @property
    def facts(self) -> dict[str, Any]:
        """What was made; RuntimeError before the last byte was taken."""
        if not self._done:
            raise RuntimeError("the part's facts are known when all its bytes were taken")
        return {
            "part": self._part.number,
            "bytes": self._bytes,
            "rows": self._part.rows,
            "crc32": self._crc,
            "files": [tally.to_json() for tally in self._tallies],
        }

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            self._bytes += len(piece)
            self._crc = self._tallies[0].crc32 if self._is_tallied() else crc32(piece, self._crc)
            yield piece
        self._done = True

    def _is_tallied(self) -> bool:
        """Whether all bytes so far are those that the first tally went through, as they are."""
        return not self._packer.whole_pieces and len(self._tallies) == 1 and self._tallies[0].raw == self._bytes

    def _pieces(self) -> Iterator[bytes]:
        if self._part.number == 1:
            yield from self._start()
        for segment in self._part.segments:
            yield from self._segment(segment)

    def _start(self) -> Iterator[bytes]:
        for name, text in _leading_files(self._plan, self._layout).items():
            yield _sized(name, text, 0)[1]
        if self._layout.output.compression == "gzip":
            yield GZIP_START
        if self._layout.output.form.script:
            for_psql = self._layout.output.form.for_psql
            usage = "Load it with: psql -f" if for_psql else "Run it as a whole: it is one transaction"
            yield self._pack([script_start(self._plan, usage, for_psql=for_psql)], self._tally(SCRIPT_START))

    def _segment(self, segment: Segment) -> Iterator[bytes]:
        file = self._layout.files[segment.file]
        tally = self._tally(segment.file)
        rows = self._rows if self._layout.output.form.encoder is not None else self._described_rows
        if not self._layout.zipped:
            yield from rows(file, segment, tally)
            return
        entry = _entry(self._layout, file)
        if segment.first:
            yield entry_start(entry)
        yield from rows(file, segment, tally)
        if segment.last:
            earlier = self._of_earlier_parts(segment)
            end = _file_end(self._plan, self._layout, segment.file, join_tallies([*earlier, tally]))
            tally.add(end, end)
            closing = DEFLATE_END if entry.deflated else b""
            tally.packed += len(closing)
            whole = join_tallies([*earlier, tally])
            yield end + closing + entry_end(entry, whole.crc32, whole.raw, whole.packed)

    def _of_earlier_parts(self, segment: Segment) -> list[Tally]:
        """What earlier parts made of the file that ends with this segment."""
        found = tallies_of(self._earlier, segment.file, before=self._part.number)
        begins = [part.number for part in self._layout.parts if any(s.file == segment.file for s in part.segments)]
        missing = set(begins) - {tally.part for tally in found} - {self._part.number}
        if missing:
            raise ValueError(f"part {self._part.number} needs the facts of parts {sorted(missing)}")
        return found

    def _rows(self, file: File, segment: Segment, tally: Tally) -> Iterator[bytes]:
        make_encoder = self._layout.output.form.encoder
        assert make_encoder is not None
        encoder = make_encoder(self._plan.tables[file.table])
        held: list[bytes] = [encoder.header()] if segment.first else []
        # What is passed on as it is need not be cut where pieces end.
        pieces = _pieces_of(file, segment) if self._packer.whole_pieces else [(segment.start, segment.stop)]
        for start, stop in pieces:
            row = start
            for batch in self._batches(file, start, stop, loosely=encoder.takes_pieces):
                for some in _portions(encoder, batch, row):
                    held.append(some)
                    if not self._packer.whole_pieces:
                        yield self._pack(held, tally)
                        held = []
                row += batch.num_rows
            if stop < segment.stop:
                yield self._pack(held, tally)
                held = []
        if segment.last:
            held.append(encoder.footer())
        yield self._pack(held, tally)

    def _described_rows(self, file: File, segment: Segment, tally: Tally) -> Iterator[bytes]:
        make_encoder = self._layout.output.form.pieces
        assert make_encoder is not None
        encoder = make_encoder(self._plan.tables[file.table])
        if segment.first:
            yield self._pack([encoder.start()], tally)
        for start, stop in _pieces_of(file, segment):
            piece, note = encoder.encode_piece(self._batches(file, start, stop, made=_MADE))
            if self._on_chunk is not None:
                self._on_chunk(stop - start - _whole(_MADE, stop - start))
            tally.notes.append((len(piece), note))
            yield self._pack([piece], tally)

    def _batches(self, file: File, start: int, stop: int, *, loosely: bool = False, made: float = 1.0) -> Iterator[Any]:
        """The batches of a piece; each is counted when it has been worked on, as so much of it as is `made` then."""
        table = self._plan.tables[file.table].name
        row = start
        source = self._source or (loosely_generated if loosely else generated)
        for batch in source(self._plan, table, start, stop, self._chunk_rows):
            yield batch
            counted = _whole(made, row - start)
            row += batch.num_rows
            if self._on_chunk is not None:
                self._on_chunk(_whole(made, row - start) - counted)
        if row != stop:
            raise RuntimeError(f"rows {start} to {stop} of {table} came as {row - start} rows")

    def _tally(self, file: int) -> Tally:
        self._tallies.append(Tally(self._part.number, file, self._bytes))
        return self._tallies[-1]

    def _pack(self, held: list[bytes], tally: Tally) -> bytes:
        raw = held[0] if len(held) == 1 else b"".join(held)
        if not raw:
            return raw
        packed = self._packer.pack(raw)
        tally.add(raw, packed)
        return packed


def _portions(encoder: Encoder, batch: Any, row: int) -> Iterable[bytes]:
    """A batch's bytes, some rows at a time where the encoder can."""
    if encoder.takes_pieces:
        return cast(PortionEncoder, encoder).portions(batch, row)
    return (encoder.encode(batch, row),)


def _whole(share: float, rows: int) -> int:
    return int(share * rows)


def _pieces_of(file: File, segment: Segment) -> Iterator[tuple[int, int]]:
    for start in range(segment.start, segment.stop, file.piece_rows):
        yield start, min(start + file.piece_rows, segment.stop)


def _entry(layout: Layout, file: File) -> Entry:
    return Entry(file.name, deflated=layout.packing == "deflate", large=file.large)


def _leading_files(plan: Plan, layout: Layout) -> dict[str, bytes]:
    """Files of an archive that stand before those with rows."""
    if not layout.output.form.workbook:
        return {}
    from app.generator.formats.xlsx import name_sheets, workbook_files

    return workbook_files(name_sheets([plan.tables[file.table].name.name for file in layout.files]))


def _trailing_files(plan: Plan, layout: Layout, written: Sequence[Written]) -> dict[str, bytes]:
    """Files of an archive that stand after those with rows."""
    if layout.output.form.workbook:
        return {}
    files = {f"{MANIFEST_STEM}.json": manifest(plan, layout, written)}
    if layout.output.form.loadable:
        files[f"{LOADER_STEM}.sql"] = loader(plan, layout)
    return files


def _sized(name: str, text: bytes, offset: int) -> tuple[Written, bytes]:
    """A small file of an archive."""
    entry, crc = Entry(name), crc32(text)
    packed = packer("deflate").pack(text) + DEFLATE_END
    written = Written(entry, crc, len(text), len(packed), offset, sized=True)
    return written, sized_entry(entry, crc, len(text), len(packed)) + packed


def _file_end(plan: Plan, layout: Layout, file: int, whole: Tally) -> bytes:
    """What ends a file that describes its pieces; nothing for others."""
    make_encoder = layout.output.form.pieces
    return b"" if make_encoder is None else make_encoder(plan.tables[layout.files[file].table]).end(whole.notes)


def render_tail(plan: Plan, layout: Layout, facts: Iterable[Facts]) -> bytes:
    """What follows the last part, from the facts of all of them; empty for a bare file."""
    ordered = sorted(facts, key=lambda f: f["part"])
    if [f["part"] for f in ordered] != [part.number for part in layout.parts]:
        raise ValueError(f"the tail needs the facts of all {len(layout.parts)} parts, each once")
    if layout.zipped:
        return _archive_tail(plan, layout, ordered)
    whole = join_tallies([tally for f in ordered for tally in tallies_in(f)])
    packed = b""
    if layout.output.form.script:
        end = script_end(plan)
        packed = packer(layout.packing).pack(end)
        whole.add(end, packed)
    elif layout.files:
        packed = _file_end(plan, layout, 0, whole)
    return packed + gzip_end(whole.crc32, whole.raw) if layout.output.compression == "gzip" else packed


def _archive_tail(plan: Plan, layout: Layout, ordered: Sequence[Facts]) -> bytes:
    starts: dict[int, int] = {}
    position = 0
    for fact in ordered:
        starts[fact["part"]] = position
        position += fact["bytes"]
    leading: list[Written] = []
    at = 0
    for name, text in _leading_files(plan, layout).items():
        entry, data = _sized(name, text, at)
        leading.append(entry)
        at += len(data)
    written = []
    for index, file in enumerate(layout.files):
        tallies = tallies_of(ordered, index)
        whole = join_tallies(tallies)
        offset = starts[tallies[0].part] + tallies[0].offset
        written.append(Written(_entry(layout, file), whole.crc32, whole.raw, whole.packed, offset))
    tail = b""
    for name, text in _trailing_files(plan, layout, written).items():
        entry, data = _sized(name, text, position + len(tail))
        written.append(entry)
        tail += data
    return tail + directory([*leading, *written], position + len(tail))


def object_crc32(facts: Iterable[Facts], tail: bytes) -> int:
    """The CRC-32 of the whole object, parts and tail."""
    crc = 0
    for fact in sorted(facts, key=lambda f: f["part"]):
        crc = combine_crc32(crc, fact["crc32"], fact["bytes"])
    return combine_crc32(crc, crc32(tail), len(tail))
