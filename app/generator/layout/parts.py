"""The layout of an export's file, as data: which files are in it, and which of their rows are in which part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.generator.archive.packing import Packing
from app.generator.layout.output import Output


@dataclass(frozen=True, slots=True)
class File:
    """Rows `start` to `stop` of the table at `table` in the plan, as one file (of an archive, or of a stream). A row is
    expected to take `row_bytes`; 0 where that was not written down."""

    table: int
    start: int
    stop: int
    piece_rows: int
    name: str = ""
    large: bool = False
    row_bytes: float = 0.0


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows `start` to `stop` of a file. The first brings the file's header, the last its footer."""

    file: int
    table: str
    start: int
    stop: int
    first: bool
    last: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "table": self.table,
            "start": self.start,
            "stop": self.stop,
            "first": self.first,
            "last": self.last,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Segment":
        return cls(data["file"], data["table"], data["start"], data["stop"], data["first"], data["last"])


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the object holds; `number` counts from 1.

    A `late` part can be made only when the facts of earlier parts are known: it ends a file of an archive that began
    in another part, and CRC-32 and sizes stand behind each file. No other part of the export waits for a late one.
    """

    number: int
    segments: tuple[Segment, ...]
    expected_bytes: int
    late: bool = False

    @property
    def rows(self) -> int:
        return sum(segment.stop - segment.start for segment in self.segments)

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "segments": [segment.to_json() for segment in self.segments],
            "expectedBytes": self.expected_bytes,
            "late": self.late,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Part":
        segments = tuple(map(Segment.from_json, data["segments"]))
        return cls(data["number"], segments, data["expectedBytes"], data["late"])


@dataclass(frozen=True, slots=True)
class Layout:
    """How an export's file is put together: the parts in order, then the tail."""

    output: Output
    zipped: bool
    files: tuple[File, ...]
    parts: tuple[Part, ...]
    extension: str
    content_type: str

    @property
    def rows(self) -> int:
        return sum(file.stop - file.start for file in self.files)

    @property
    def expected_bytes(self) -> int:
        return sum(part.expected_bytes for part in self.parts)

    @property
    def packing(self) -> Packing:
        """How pieces are compressed."""
        return packing_of(self.output, self.zipped)

    def to_json(self) -> dict[str, Any]:
        """The layout as plain data; `from_json` reads it back to an equal layout."""
        return {
            "output": self.output.to_json(),
            "zipped": self.zipped,
            "files": [[f.table, f.start, f.stop, f.piece_rows, f.name, f.large, f.row_bytes] for f in self.files],
            "parts": [part.to_json() for part in self.parts],
            "extension": self.extension,
            "contentType": self.content_type,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Layout":
        return cls(
            Output.from_json(data["output"]),
            data["zipped"],
            tuple(File(*values) for values in data["files"]),
            tuple(map(Part.from_json, data["parts"])),
            data["extension"],
            data["contentType"],
        )


def packing_of(output: Output, zipped: bool) -> Packing:
    """How the pieces of such an output are compressed."""
    if output.form.pieces is not None:
        return "none"
    if zipped or output.compression == "gzip":
        return "deflate"
    return "zstd" if output.compression == "zstd" else "none"
