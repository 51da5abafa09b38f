"""Columns as the pieces that the kernel writes to lines."""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.draws import Chance, Draw, Index
from app.generator.kernel.machine import Machine, Portion, Unavailable, machine
from app.generator.keys import Rows
from app.generator.spelling import (
    Column,
    Counted,
    Filled,
    Gathered,
    Number,
    Pattern,
    Piece,
    Spelled,
    Texts,
    array_of,
    spell,
)

_LONGEST_NUMBER = 20
_LONGEST_DECIMAL = 22
_LONGEST_MOMENT = 26
_MOST_SCALE = 8
(_LITERAL, _GATHER, _TEXT, _INTEGER, _DECIMAL, _DATE, _TIMESTAMP, _TIME, _TEMPLATE) = range(9)
(_INT16, _INT32, _INT64, _INT128, _UNIFORM, _WIDE, _HALVES) = range(7)
_SOURCES = {2: _INT16, 4: _INT32, 8: _INT64, 16: _INT128}
_MOST_SIZE = (1 << 63) - 1
_DIGITS_AT_ONCE = 8
# `piece` and `template` of lines.c.
_PIECE = struct.Struct("<QQqqQQQ10I")
_TEMPLATE_RECORD = struct.Struct("<QIIIIII")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How values are kept apart.

    `escape` makes a text whole that is no part of another: with quotes where it needs them. With `quoted` quotes are
    decided by the whole field, so that pieces of one need care; without, a text is escaped by its characters alone.
    """

    name: str
    delimiter: str
    null: str
    escape: Callable[[pa.Array], pa.Array]
    quoted: bool
    booleans: tuple[str, str]


PlainText = Callable[[pa.Array, int], tuple[pa.Array, bool]]


def write_lines(columns: Sequence[Column], dialect: Dialect, plain_text: PlainText, rows: int) -> Iterator[Portion]:
    """The lines of the columns' values, some at a time: first row, the row behind the last, and their bytes.

    None stands for bytes where the kernel cannot write those rows. `plain_text(array, i)` gives the text of a column
    that the kernel does not know, and whether it may need quotes or escapes.
    """
    try:
        return _Lines(machine(), dialect, rows).write(columns, plain_text)
    except Unavailable:
        return iter(((0, rows, None),))


@dataclass(frozen=True, slots=True)
class _Pool:
    """A pool in the kernel's memory: `special` when some entry cannot stand in a CSV field without quotes."""

    table: int
    characters: int
    longest: int
    shortest: int
    special: bool


# A piece as it is written: a pool that has the literals beside it in its entries, with the places in it; or itself.
_Step: TypeAlias = tuple[_Pool, Index] | str | Number | Filled


@dataclass(slots=True)
class _Record:
    """`piece` of lines.c, in its order."""

    key: int = 0
    count: int = 0
    start: int = 0
    step: int = 1
    null_key: int = 0
    null_limit: int = 0
    fill_key: int = 0
    kind: int = _LITERAL
    source: int = _INT64
    data: int = 0
    rows: int = 0
    table: int = 0
    characters: int = 0
    extra: int = 0
    valid: int = 0
    pieces: int = 0
    quoted: int = 0

    def packed(self) -> bytes:
        return _PIECE.pack(
            self.key, self.count, self.start, self.step, self.null_key, self.null_limit, self.fill_key,
            self.kind, self.source, self.data, self.rows, self.table, self.characters, self.extra, self.valid,
            self.pieces, self.quoted,
        )  # fmt: skip


class _Lines:
    def __init__(self, kernel: Machine, dialect: Dialect, rows: int) -> None:
        self._kernel, self._dialect, self._rows = kernel, dialect, rows
        self._records: list[_Record] = []
        self._addresses: dict[int, int] = {}
        self._row_bytes = 1

    def write(self, columns: Sequence[Column], plain_text: PlainText) -> Iterator[Portion]:
        self._kernel.trim()
        # First what stays in memory from batch to batch, below what is forgotten with each.
        steps = [self._arranged(column.pieces) if isinstance(column, Spelled) else None for column in columns]
        self._kernel.begin()
        for number, column in enumerate(columns):
            self._row_bytes += len(self._dialect.delimiter) + len(self._dialect.null)
            first = len(self._records)
            if not self._field(column, steps[number]):
                column = array_of(column)
                self._text(*plain_text(column, number))
            self._records[first].pieces = len(self._records) - first
            self._hide(self._records[first], column)
        pieces = b"".join([record.packed() for record in self._records])
        delimiter, null = self._dialect.delimiter, self._dialect.null
        return self._kernel.write_lines(pieces, len(self._records), self._rows, delimiter, null, self._row_bytes)

    def _field(self, column: Column, steps: list[_Step] | None) -> bool:
        """Adds a field; False for what the kernel does not write."""
        if isinstance(column, Spelled):
            for step in steps or ():
                self._step(step)
            return steps is not None
        if isinstance(column, Counted):
            return self._number(column.type, column.numbers)
        if pa.types.is_boolean(column.type):
            self._booleans(column)
            return True
        return self._number(column.type, column)

    def _hide(self, record: _Record, column: Column) -> None:
        """Where the field is NULL."""
        if not isinstance(column, Spelled | Counted):
            record.valid = self._valid_of(column)
        elif isinstance(column.nulls, Chance):
            record.null_key, record.null_limit = column.nulls.key, column.nulls.limit
            record.rows = self._rows_at(column.nulls.rows)
        elif column.nulls is not None:
            record.valid = self._kernel.put(np.packbits(~column.nulls, bitorder="little"))

    def _pool(
        self, gathered: Gathered, *, alone: bool, doubled: bool = False, around: tuple[str, str] = ("", "")
    ) -> _Pool:
        """A pool as entries that are a field of their own (`alone`), or as pieces of one with literals around them."""
        pool = gathered.pool
        key = (id(pool), self._dialect.name, alone, doubled, around)
        found = self._kernel.kept(key, pool)
        if found is not None:
            return found  # type: ignore[no-any-return]
        special = False
        entries = pool
        if alone:
            entries = self._dialect.escape(pool)
        elif self._dialect.quoted:
            special = bool(pc.any(pc.match_substring_regex(pool, f'["\\\\\r\n{self._dialect.delimiter}]')).as_py())
            entries = pc.replace_substring(pool, '"', '""') if doubled else pool
        shortest = pc.min(pc.binary_length(entries)).as_py() or 0
        if any(around):
            entries = pc.binary_join_element_wise(around[0], entries, around[1], "")
        if not alone and not self._dialect.quoted:
            entries = self._dialect.escape(entries)
        self._kernel.begin()
        table, start, lengths = self._strings(entries)
        made = _Pool(table, start, int(lengths.max(initial=0)), shortest, special)
        self._kernel.keep(key, pool, made)
        return made

    def _patterns(self, patterns: Pattern) -> tuple[int, int, str]:
        """Where the records of the patterns and their characters are, and which characters there are."""
        found = self._kernel.kept(id(patterns), patterns)
        if found is not None:
            return found  # type: ignore[no-any-return]
        self._kernel.begin()
        records = []
        characters = b""
        for pattern, free in zip(patterns.patterns, patterns.free, strict=True):
            wild = self._kernel.put(np.array([number for pair in free for number in pair], np.uint32))
            size = prod(base for _, base in free)
            digits = len(free) <= _DIGITS_AT_ONCE and all(base == 10 for _, base in free)
            records.append(
                _TEMPLATE_RECORD.pack(
                    min(size, _MOST_SIZE), len(characters), len(pattern), wild, len(free), int(digits), 0
                )
            )
            characters += pattern.encode("ascii")
        used = "".join(sorted(set(characters.decode())))
        made = self._kernel.put(b"".join(records)), self._kernel.put(characters), used
        self._kernel.keep(id(patterns), patterns, made)
        return made

    def _strings(self, array: pa.Array) -> tuple[int, int, Any]:
        """Addresses of a string array's offsets and of what they count from, and the lengths of its values."""
        buffers = array.buffers()
        ends = np.frombuffer(buffers[1], np.int32)[array.offset : array.offset + len(array) + 1]
        first, last = int(ends[0]), int(ends[-1])
        data = np.frombuffer(buffers[2], np.uint8)[first:last] if buffers[2] is not None else np.zeros(0, np.uint8)
        # Offsets need not begin at 0: 32 bits wrap around.
        return self._kernel.put(ends), (self._kernel.put(data) - first) & 0xFFFFFFFF, np.diff(ends)

    def _arranged(self, pieces: tuple[Piece, ...]) -> list[_Step] | None:
        """The pieces of a field as they are written; None where quotes depend on the row."""
        if not pieces or any(isinstance(piece, Texts) for piece in pieces):
            return None
        if len(pieces) == 1 and isinstance(pieces[0], Gathered):
            return [(self._pool(pieces[0], alone=True), pieces[0].index)]
        quote = ""
        if self._dialect.quoted:
            unquoted = [p for p in pieces if isinstance(p, str) and not _is_plain(p, self._dialect.delimiter)]
            pools = [self._pool(p, alone=False) for p in pieces if isinstance(p, Gathered)]
            quote = '"' if unquoted else ""
            patterns = [self._patterns(p.patterns)[2] for p in pieces if isinstance(p, Filled)]
            doubtful = not _is_plain("".join(patterns), self._dialect.delimiter)
            never_empty = any(isinstance(p, str | Number | Filled) for p in pieces) or any(p.shortest for p in pools)
            # A backslash asks for quotes only where `\.` is all there is.
            doubtful = doubtful or any("\\" in text for text in unquoted)
            if doubtful or not never_empty or (not quote and any(p.special for p in pools)):
                return None
        if quote:
            pieces = (quote, *(p.replace('"', '""') if isinstance(p, str) else p for p in pieces), quote)
        return self._merged(spell(*pieces, length=self._rows).pieces, doubled=bool(quote))

    def _merged(self, pieces: tuple[Piece, ...], *, doubled: bool) -> list[_Step]:
        """Literals become part of the pool beside them, of the one behind them first."""
        steps: list[_Step] = []
        before = ""
        for number, piece in enumerate(pieces):
            if isinstance(piece, str):
                before = piece
            elif isinstance(piece, Gathered):
                behind = pieces[number + 1] if number + 1 < len(pieces) else ""
                last = isinstance(behind, str) and not any(isinstance(p, Gathered) for p in pieces[number + 1 :])
                around = (before, str(behind) if last else "")
                steps.append((self._pool(piece, alone=False, doubled=doubled, around=around), piece.index))
                before = ""
                if last:
                    steps += self._bare(pieces[number + 2 :])
                    return steps
            else:
                steps += self._bare((before, piece))
                before = ""
        return steps + self._bare((before,))

    def _bare(self, pieces: tuple[Piece, ...]) -> list[_Step]:
        """Pieces that no pool is among."""
        for piece in pieces:
            if isinstance(piece, Filled):
                self._patterns(piece.patterns)
        return [piece for piece in pieces if piece and isinstance(piece, str | Number | Filled)]

    def _step(self, step: _Step) -> None:
        match step:
            case str():
                text = step if self._dialect.quoted else self._dialect.escape(pa.array([step])).to_pylist()[0]
                self._literal(text.encode())
            case Number():
                self._add(_INTEGER, step.values, _LONGEST_NUMBER)
            case Filled():
                record = self._add(_TEMPLATE, step.pattern, step.patterns.longest)
                record.table, record.characters, _ = self._patterns(step.patterns)
                if step.number is not None:
                    record.extra = self._kernel.put(step.number, np.int64)
                else:
                    assert step.rows is not None
                    record.fill_key, record.rows = step.key, self._rows_at(step.rows)
            case (pool, index):
                self._gather(pool, index)

    def _literal(self, text: bytes) -> None:
        self._records.append(_Record(data=self._kernel.put(text), extra=len(text)))
        self._row_bytes += len(text)

    def _gather(self, pool: _Pool, index: Index) -> None:
        record = self._add(_GATHER, index, pool.longest)
        record.table, record.characters = pool.table, pool.characters

    def _number(self, kind: pa.DataType, numbers: pa.Array | Draw) -> bool:
        """Adds a field of numbers, dates or times; False for types that the kernel does not write."""
        if pa.types.is_signed_integer(kind) and kind.bit_width > 8:
            self._add(_INTEGER, numbers, _LONGEST_NUMBER)
        elif pa.types.is_decimal128(kind) and 0 <= kind.scale <= _MOST_SCALE:
            self._add(_DECIMAL, numbers, _LONGEST_DECIMAL).extra = kind.scale
        elif pa.types.is_date32(kind):
            self._add(_DATE, numbers, _LONGEST_MOMENT)
        elif pa.types.is_timestamp(kind):
            if not isinstance(numbers, Draw):
                numbers = numbers.cast(pa.timestamp("us", kind.tz))
            self._add(_TIMESTAMP, numbers, _LONGEST_MOMENT).extra = ord(" ")
            if kind.tz is not None:
                self._literal(b"+00")
        elif pa.types.is_time(kind):
            self._add(_TIME, numbers if isinstance(numbers, Draw) else numbers.cast(pa.time64("us")), _LONGEST_MOMENT)
        else:
            return False
        return True

    def _booleans(self, array: pa.Array) -> None:
        text = "".join(self._dialect.booleans).encode()
        middle = len(self._dialect.booleans[0])
        table = self._kernel.put(np.array([0, middle, len(text)], np.uint32))
        pool = _Pool(table, self._kernel.put(text), len(text), 1, False)
        self._gather(pool, array.cast(pa.uint8()).fill_null(0).to_numpy())

    def _text(self, array: pa.Array, wordy: bool) -> None:
        if wordy and not self._dialect.quoted:
            array = self._dialect.escape(array)
        offsets, data, lengths = self._strings(array)
        quoted = wordy and self._dialect.quoted
        self._records.append(_Record(kind=_TEXT, data=offsets, characters=data, quoted=int(quoted)))
        # Every character may be a quote that is doubled.
        self._row_bytes += 2 * int(lengths.max(initial=0)) + 2 if quoted else int(lengths.max(initial=0))

    def _add(self, kind: int, numbers: pa.Array | Index, most: int) -> _Record:
        """Adds a piece that a number decides about, of at most `most` bytes."""
        record = _Record(kind=kind)
        self._records.append(record)
        self._row_bytes += most
        if isinstance(numbers, Draw):
            record.key, record.start, record.step = numbers.key, numbers.start, numbers.step
            record.rows = self._rows_at(numbers.rows)
            if numbers.second is None:
                record.count, record.source = numbers.count, _UNIFORM if numbers.count <= 1 << 32 else _WIDE
            else:
                record.count, record.source = numbers.count | numbers.second << 32, _HALVES
        elif isinstance(numbers, np.ndarray):
            # Places in pools and patterns have 32 bits; half of the bytes to copy.
            small = kind in (_GATHER, _TEMPLATE)
            record.data = self._kernel.put(numbers, np.int32 if small else np.int64)
            record.source = _INT32 if small else _INT64
        else:
            width = numbers.type.bit_width // 8
            record.source = _SOURCES[width]
            data = np.frombuffer(numbers.buffers()[1], np.uint8)
            record.data = self._kernel.put(data[numbers.offset * width : (numbers.offset + len(numbers)) * width])
        return record

    def _rows_at(self, rows: Rows) -> int:
        """Where the rows' numbers are: in memory once, however many columns draw from them."""
        known = rows.__array_interface__["data"][0]
        if known not in self._addresses:
            self._addresses[known] = self._kernel.put(rows, np.int64)
        return self._addresses[known]

    def _valid_of(self, array: pa.Array) -> int:
        if not array.null_count:
            return 0
        if array.offset:
            valid = array.is_valid().to_numpy(zero_copy_only=False)
            return self._kernel.put(np.packbits(valid, bitorder="little"))
        return self._kernel.put(np.frombuffer(array.buffers()[0], np.uint8)[: -(-len(array) // 8)])


def _is_plain(text: str, delimiter: str) -> bool:
    """Whether a text can stand within a CSV field without quotes."""
    return not any(character in text for character in ('"', "\\", "\r", "\n", delimiter))
