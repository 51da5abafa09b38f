"""What a format says of itself, and what makes an encoder for a table."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import pyarrow as pa

from app.generator.plan import TablePlan
from app.generator.spelling import Batch


class Encoder(Protocol):
    """Turns one table into bytes: the header, batches in row order, the footer.

    `encode` is pure: what it returns depends on the batch and the number of its first row alone, so batches may be
    encoded anywhere, and cutting rows into other batches gives the same bytes.
    """

    # Whether it is a PortionEncoder.
    takes_pieces: ClassVar[bool]

    def header(self) -> bytes: ...

    def encode(self, batch: pa.RecordBatch, first_row: int = 0) -> bytes: ...

    def footer(self) -> bytes: ...


class PortionEncoder(Encoder, Protocol):
    """An encoder that takes text in pieces."""

    def portions(self, batch: Batch, first_row: int = 0) -> Iterator[bytes]:
        """What `encode` gives, some rows at a time."""


class PieceEncoder(Protocol):
    """Turns one table into a file of pieces and an end that describes them.

    `encode_piece` is pure, and the same however its rows are cut into batches.
    """

    def start(self) -> bytes: ...

    def encode_piece(self, batches: Iterable[pa.RecordBatch]) -> tuple[bytes, str]: ...

    def end(self, notes: Sequence[tuple[int, str]]) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    `script`: one file holds all tables; otherwise several tables are several files in a ZIP. `loadable`: `\\copy`
    reads it. `pieces` instead of `encoder`: it is made of pieces that it compresses itself, of about `piece_bytes`
    before that. `workbook`: the ZIP is a spreadsheet, of sheets of `most_rows`. `for_psql`: nothing else runs the
    script. `in_portions`: its encoder is a PortionEncoder.
    """

    name: str
    extension: str
    content_type: str
    encoder: Callable[[TablePlan], Encoder] | None = None
    pieces: Callable[[TablePlan], PieceEncoder] | None = None
    # Small enough to be held a few times, large enough to be compressed well.
    piece_bytes: int = 2 * 1024 * 1024
    script: bool = False
    workbook: bool = False
    most_rows: int | None = None
    loadable: bool = False
    for_psql: bool = False
    in_portions: bool = False

    @property
    def compressed(self) -> bool:
        """Whether the file is compressed as it is."""
        return self.workbook or self.pieces is not None
