"""What parts say of the files they hold, and how that adds up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.generator.archive.crc import combine_crc32, crc32

Facts = Mapping[str, Any]
# The beginning of a script belongs to no table.
SCRIPT_START = -1


@dataclass(slots=True)
class Tally:
    """Of a file in a part: where in the part it starts; CRC-32 and size of what went in, size of what came out."""

    part: int
    file: int
    offset: int
    raw: int = 0
    packed: int = 0
    crc32: int = 0
    # Size and note of each piece, for formats whose files end with a description of them.
    notes: list[tuple[int, str]] = field(default_factory=list)

    def add(self, raw: bytes, packed: bytes) -> None:
        """Counts one more piece."""
        self.crc32 = crc32(raw, self.crc32)
        self.raw += len(raw)
        self.packed += len(packed)

    def to_json(self) -> dict[str, Any]:
        counted = {
            "file": self.file,
            "offset": self.offset,
            "raw": self.raw,
            "packed": self.packed,
            "crc32": self.crc32,
        }
        return {**counted, "notes": self.notes} if self.notes else counted


def tallies_in(facts: Facts) -> list[Tally]:
    """The tallies of a part's facts, in their order."""
    return [_read(facts["part"], fact) for fact in facts["files"]]


def _read(part: int, fact: Mapping[str, Any]) -> Tally:
    notes = [(size, note) for size, note in fact.get("notes", ())]
    return Tally(part, fact["file"], fact["offset"], fact["raw"], fact["packed"], fact["crc32"], notes)


def tallies_of(facts: Iterable[Facts], file: int, before: int | None = None) -> list[Tally]:
    """The tallies of one file, in the order of the parts; only of parts `before` that number."""
    wanted = [f for f in facts if before is None or f["part"] < before]
    return [t for f in sorted(wanted, key=lambda f: f["part"]) for t in tallies_in(f) if t.file == file]


def join_tallies(tallies: Sequence[Tally]) -> Tally:
    """The tally of pieces one after the other."""
    whole = Tally(tallies[0].part, tallies[0].file, tallies[0].offset) if tallies else Tally(1, SCRIPT_START, 0)
    for tally in tallies:
        whole.crc32 = combine_crc32(whole.crc32, tally.crc32, tally.raw)
        whole.raw += tally.raw
        whole.packed += tally.packed
        whole.notes += tally.notes
    return whole
