"""Text that has not been put together yet: which pieces each row's text is made of.

A name from a pool is a number until somebody reads it. Columns stay in this form on their way from the generator to
an encoder that can write the pieces where they belong, without making the text in between.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows

Mask = npt.NDArray[np.bool_]


class Pattern(Protocol):
    """Patterns with free characters, of which `free` has (place, base) from the right; base 10 or 23.

    See `app.generator.values.templates.Patterns`.
    """

    patterns: tuple[str, ...]
    free: tuple[tuple[tuple[int, int], ...], ...]
    longest: int

    def fill(self, pattern: Rows, number: Rows) -> pa.Array: ...


@dataclass(frozen=True, slots=True)
class Gathered:
    """`pool[index]`; the pool has no NULLs."""

    pool: pa.Array
    index: Rows

    def text(self) -> pa.Array:
        return self.pool.take(pa.array(self.index))

    def slice(self, start: int, stop: int) -> "Gathered":
        return Gathered(self.pool, self.index[start:stop])


@dataclass(frozen=True, slots=True)
class Number:
    """Integers in decimal, as long as they are."""

    values: Rows

    def text(self) -> pa.Array:
        return pc.cast(pa.array(self.values), pa.string())

    def slice(self, start: int, stop: int) -> "Number":
        return Number(self.values[start:stop])


@dataclass(frozen=True, slots=True)
class Filled:
    """The pattern of each row, its free characters filled from a number below the pattern's size."""

    patterns: Pattern
    pattern: Rows
    number: Rows

    def text(self) -> pa.Array:
        return self.patterns.fill(self.pattern, self.number)

    def slice(self, start: int, stop: int) -> "Filled":
        return Filled(self.patterns, self.pattern[start:stop], self.number[start:stop])


@dataclass(frozen=True, slots=True)
class Texts:
    """A text of its own in each row."""

    texts: pa.Array

    def text(self) -> pa.Array:
        return self.texts

    def slice(self, start: int, stop: int) -> "Texts":
        return Texts(self.texts.slice(start, stop - start))


Piece: TypeAlias = str | Gathered | Number | Filled | Texts


@dataclass(frozen=True, slots=True)
class Spelled:
    """A column of text as the pieces that follow one another in each of `length` rows; NULL where `nulls` says so."""

    pieces: tuple[Piece, ...]
    length: int
    nulls: Mask | None = None

    def text(self) -> pa.Array:
        """The column as a plain string array."""
        parts = [piece if isinstance(piece, str) else piece.text() for piece in self.pieces]
        if len(parts) == 1 and not isinstance(parts[0], str):
            whole = parts[0]
        elif all(isinstance(part, str) for part in parts):
            whole = pa.repeat(pa.scalar("".join(map(str, parts)), pa.string()), self.length)
        else:
            whole = pc.binary_join_element_wise(*parts, "")
        return whole if self.nulls is None else pc.if_else(pa.array(self.nulls), pa.scalar(None, pa.string()), whole)

    def slice(self, start: int, stop: int) -> "Spelled":
        """Rows `start` to `stop`."""
        pieces = tuple(piece if isinstance(piece, str) else piece.slice(start, stop) for piece in self.pieces)
        nulls = None if self.nulls is None else self.nulls[start:stop]
        return Spelled(pieces, min(stop, self.length) - start, nulls)

    def with_nulls(self, nulls: Mask) -> "Spelled":
        """NULL also where `nulls` is true."""
        return replace(self, nulls=nulls if self.nulls is None else self.nulls | nulls)


Column: TypeAlias = pa.Array | Spelled


def spell(*pieces: Piece, length: int) -> Spelled:
    """A column of `length` rows; neighbouring literals are one."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if isinstance(piece, str) and isinstance(last, str):
            merged[-1] = last + piece
        elif not isinstance(piece, str) or piece:
            merged.append(piece)
    return Spelled(tuple(merged), length)


@dataclass(frozen=True, slots=True)
class LooseBatch:
    """Rows of one table like a record batch's, whose columns of text may still be in pieces."""

    columns: tuple[Column, ...]
    schema: pa.Schema
    num_rows: int

    def record_batch(self) -> pa.RecordBatch:
        """The same rows as plain Arrow."""
        return pa.RecordBatch.from_arrays([text_of(column) for column in self.columns], schema=self.schema)

    def slice(self, start: int, stop: int) -> "LooseBatch":
        """Rows `start` to `stop`."""
        stop = min(stop, self.num_rows)
        columns = tuple(
            column.slice(start, stop) if isinstance(column, Spelled) else column.slice(start, stop - start)
            for column in self.columns
        )
        return LooseBatch(columns, self.schema, stop - start)


Batch: TypeAlias = pa.RecordBatch | LooseBatch


def loose(batch: pa.RecordBatch) -> LooseBatch:
    """A record batch in this form."""
    return LooseBatch(tuple(batch.columns), batch.schema, batch.num_rows)


def text_of(column: Column) -> pa.Array:
    """The column as Arrow."""
    return column.text() if isinstance(column, Spelled) else column


class Columns(MutableMapping[str, pa.Array]):
    """Arrays by name. A column that was set in pieces is put together when it is first read."""

    __slots__ = ("_arrays", "_columns")

    def __init__(self, columns: Mapping[str, Column] | None = None) -> None:
        self._columns: dict[str, Column] = dict(columns or {})
        self._arrays: dict[str, pa.Array] = {}

    def __getitem__(self, name: str) -> pa.Array:
        column = self._columns[name]
        if not isinstance(column, Spelled):
            return column
        if name not in self._arrays:
            self._arrays[name] = column.text()
        return self._arrays[name]

    def __setitem__(self, name: str, column: Column) -> None:
        self._columns[name] = column
        self._arrays.pop(name, None)

    def __delitem__(self, name: str) -> None:
        del self._columns[name]
        self._arrays.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def column(self, name: str) -> Column:
        """The column as it was set."""
        return self._columns[name]

    def some(self, names: tuple[str, ...]) -> "Columns":
        """Those of the columns that there are."""
        found = Columns({name: self._columns[name] for name in names if name in self._columns})
        found._arrays = self._arrays
        return found
