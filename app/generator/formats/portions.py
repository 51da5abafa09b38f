"""Rows as lines by the kernel, and by Arrow alone where it declines."""

from collections.abc import Callable, Iterator
from typing import Protocol

import pyarrow as pa

from app.generator.kernel.lines import Dialect, write_lines
from app.generator.kernel.machine import is_worth
from app.generator.spelling import Batch, LooseBatch, loose

# The text of a column that the kernel does not know, and whether it may need quotes or escapes.
PlainText = Callable[[pa.Array, pa.Field], tuple[pa.Array, bool]]


class LineEncoder(Protocol):
    """What writes lines in two ways that give the same bytes."""

    @property
    def dialect(self) -> Dialect: ...

    def encode_plainly(self, batch: pa.RecordBatch) -> bytes: ...


def portions_of(encoder: LineEncoder, batch: Batch, plain_text: PlainText) -> Iterator[bytes]:
    """The lines of a batch, some at a time."""
    if not batch.schema.names:
        yield b"\n" * batch.num_rows
        return
    whole = batch if isinstance(batch, LooseBatch) else loose(batch)
    if not is_worth(whole.num_rows):
        yield encoder.encode_plainly(whole.record_batch())
        return

    def text(array: pa.Array, number: int) -> tuple[pa.Array, bool]:
        return plain_text(array, batch.schema.field(number))

    for first, stop, lines in write_lines(whole.columns, encoder.dialect, text, whole.num_rows):
        yield encoder.encode_plainly(whole.slice(first, stop).record_batch()) if lines is None else lines
