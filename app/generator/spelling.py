"""Columns that have not been put together yet: which pieces each row's text is made of, where numbers come from.

A name from a pool is a number until somebody reads it, and that number a draw. Columns stay in this form on their way
from the generator to an encoder that can write the pieces where they belong, without making the text in between.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.draws import Chance, Draw, Index, Nulls, drawn, mask_of, scaled, sliced
from app.generator.keys import Rows, mix


class Pattern(Protocol):
    """Patterns with free characters, of which `free` has (place, base) from the right; base 10 or 23.

    See `app.generator.values.templates.Patterns`.
    """

    patterns: tuple[str, ...]
    free: tuple[tuple[tuple[int, int], ...], ...]
    sizes: npt.NDArray[np.int64]
    longest: int

    def fill(self, pattern: Rows, number: Rows) -> pa.Array: ...


@dataclass(frozen=True, slots=True)
class Gathered:
    """`pool[index]`; the pool has no NULLs."""

    pool: pa.Array
    index: Index

    def text(self) -> pa.Array:
        return self.pool.take(pa.array(drawn(self.index)))

    def slice(self, start: int, stop: int) -> "Gathered":
        return Gathered(self.pool, sliced(self.index, start, stop))


@dataclass(frozen=True, slots=True)
class Number:
    """Integers in decimal, as long as they are."""

    values: Index

    def text(self) -> pa.Array:
        return pc.cast(pa.array(drawn(self.values)), pa.string())

    def slice(self, start: int, stop: int) -> "Number":
        return Number(sliced(self.values, start, stop))


@dataclass(frozen=True, slots=True)
class Filled:
    """The pattern of each row, its free characters filled from a number below the pattern's size.

    Without numbers they are drawn with `key`; no pattern may then have more than 2^32 fillings.
    """

    patterns: Pattern
    pattern: Index
    number: Rows | None
    key: int = 0
    rows: Rows | None = None

    def text(self) -> pa.Array:
        pattern = drawn(self.pattern)
        if self.number is not None:
            return self.patterns.fill(pattern, self.number)
        assert self.rows is not None
        return self.patterns.fill(pattern, scaled(mix(self.key, self.rows), self.patterns.sizes[pattern]))

    def slice(self, start: int, stop: int) -> "Filled":
        number = None if self.number is None else self.number[start:stop]
        rows = None if self.rows is None else self.rows[start:stop]
        return Filled(self.patterns, sliced(self.pattern, start, stop), number, self.key, rows)


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
    nulls: Nulls | None = None

    def text(self) -> pa.Array:
        """The column as a plain string array."""
        parts = [piece if isinstance(piece, str) else piece.text() for piece in self.pieces]
        if len(parts) == 1 and not isinstance(parts[0], str):
            whole = parts[0]
        elif all(isinstance(part, str) for part in parts):
            whole = pa.repeat(pa.scalar("".join(map(str, parts)), pa.string()), self.length)
        else:
            whole = pc.binary_join_element_wise(*parts, "")
        return whole if self.nulls is None else _hide(whole, self.nulls)

    def slice(self, start: int, stop: int) -> "Spelled":
        """Rows `start` to `stop`."""
        pieces = tuple(piece if isinstance(piece, str) else piece.slice(start, stop) for piece in self.pieces)
        return Spelled(pieces, min(stop, self.length) - start, _cut(self.nulls, start, stop))

    def with_nulls(self, nulls: Nulls) -> "Spelled":
        """NULL also where `nulls` is true."""
        return replace(self, nulls=_either(self.nulls, nulls))


@dataclass(frozen=True, slots=True)
class Counted:
    """A column of numbers, dates or moments that are drawn when they are asked for; `render` gives them their type."""

    numbers: Draw
    type: pa.DataType
    render: Callable[[Rows], pa.Array]
    nulls: Nulls | None = None

    @property
    def length(self) -> int:
        """How many rows there are."""
        return len(self.numbers.rows)

    def array(self) -> pa.Array:
        """The column as Arrow."""
        whole = self.render(self.numbers.values())
        return whole if self.nulls is None else _hide(whole, self.nulls)

    def slice(self, start: int, stop: int) -> "Counted":
        """Rows `start` to `stop`."""
        return replace(self, numbers=self.numbers.slice(start, stop), nulls=_cut(self.nulls, start, stop))

    def with_nulls(self, nulls: Nulls) -> "Counted":
        """NULL also where `nulls` is true."""
        return replace(self, nulls=_either(self.nulls, nulls))


def _hide(array: pa.Array, nulls: Nulls) -> pa.Array:
    return pc.if_else(pa.array(mask_of(nulls)), pa.scalar(None, array.type), array)


def _cut(nulls: Nulls | None, start: int, stop: int) -> Nulls | None:
    return nulls.slice(start, stop) if isinstance(nulls, Chance) else None if nulls is None else nulls[start:stop]


def _either(some: Nulls | None, more: Nulls) -> Nulls:
    return more if some is None else mask_of(some) | mask_of(more)


Column: TypeAlias = pa.Array | Spelled | Counted


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
        return pa.RecordBatch.from_arrays([array_of(column) for column in self.columns], schema=self.schema)

    def slice(self, start: int, stop: int) -> "LooseBatch":
        """Rows `start` to `stop`."""
        stop = min(stop, self.num_rows)
        columns = tuple(
            column.slice(start, stop) if isinstance(column, Spelled | Counted) else column.slice(start, stop - start)
            for column in self.columns
        )
        return LooseBatch(columns, self.schema, stop - start)


Batch: TypeAlias = pa.RecordBatch | LooseBatch


def loose(batch: pa.RecordBatch) -> LooseBatch:
    """A record batch in this form."""
    return LooseBatch(tuple(batch.columns), batch.schema, batch.num_rows)


def array_of(column: Column) -> pa.Array:
    """The column as Arrow."""
    if isinstance(column, Spelled):
        return column.text()
    return column.array() if isinstance(column, Counted) else column


class Columns(MutableMapping[str, pa.Array]):
    """Arrays by name. A column that was set in pieces is put together when it is first read."""

    __slots__ = ("_arrays", "_columns")

    def __init__(self, columns: Mapping[str, Column] | None = None) -> None:
        self._columns: dict[str, Column] = dict(columns or {})
        self._arrays: dict[str, pa.Array] = {}

    def __getitem__(self, name: str) -> pa.Array:
        column = self._columns[name]
        if isinstance(column, pa.Array):
            return column
        if name not in self._arrays:
            self._arrays[name] = array_of(column)
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
