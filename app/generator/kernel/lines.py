"""Columns as the pieces that the kernel writes to lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.kernel.machine import Full, Machine, machine
from app.generator.spelling import Column, Filled, Gathered, Number, Pattern, Piece, Spelled, Texts

# So many rows are written at once: their columns stay in the processor's cache.
MOST_ROWS = 16_384
_LONGEST_NUMBER = 20
_LONGEST_DECIMAL = 22
_LONGEST_MOMENT = 26
_MOST_SCALE = 8
(_LITERAL, _GATHER, _TEXT, _INT64, _INT32, _INT16, _DECIMAL, _DATE, _TIMESTAMP, _TIME, _TEMPLATE) = range(11)
_INTEGERS = {pa.int64(): (_INT64, 8), pa.int32(): (_INT32, 4), pa.int16(): (_INT16, 2)}


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


def write_lines(
    columns: Sequence[Column], dialect: Dialect, plain_text: Callable[[pa.Array, int], tuple[pa.Array, bool]], rows: int
) -> bytes | None:
    """`rows` lines of the columns' values, or None where the kernel cannot write them.

    `plain_text(array, i)` gives the text of a column that the kernel does not know, and whether it may need quotes or
    escapes.
    """
    try:
        return _Lines(machine(), dialect, rows).write(columns, plain_text)
    except Full:
        return None


@dataclass(frozen=True, slots=True)
class _Pool:
    """A pool in the kernel's memory: `special` when some entry cannot stand in a CSV field without quotes."""

    table: int
    bytes: int
    longest: int
    shortest: int
    special: bool


class _Lines:
    def __init__(self, kernel: Machine, dialect: Dialect, rows: int) -> None:
        self._kernel, self._dialect, self._rows = kernel, dialect, rows
        self._pieces: list[tuple[int, ...]] = []
        self._row_bytes = 1
        self._batch_bytes = 0

    def write(
        self, columns: Sequence[Column], plain_text: Callable[[pa.Array, int], tuple[pa.Array, bool]]
    ) -> bytes | None:
        self._keep_pools(columns)
        self._kernel.begin()
        for number, column in enumerate(columns):
            self._row_bytes += len(self._dialect.delimiter) + len(self._dialect.null)
            if not (self._spelled(column) if isinstance(column, Spelled) else self._array(column)):
                array = column.text() if isinstance(column, Spelled) else column
                self._text(*plain_text(array, number))
        pieces = np.array(self._pieces, np.uint32)
        most = self._rows * self._row_bytes + self._batch_bytes
        return self._kernel.write_lines(pieces, self._rows, self._dialect.delimiter, self._dialect.null, most)

    def _keep_pools(self, columns: Sequence[Column]) -> None:
        """Pools stay in memory from batch to batch, below what is forgotten with each."""
        self._kernel.trim()
        for column in columns:
            for piece in column.pieces if isinstance(column, Spelled) else ():
                if isinstance(piece, Gathered):
                    alone = len(column.pieces) == 1
                    self._pool(piece.pool, alone=alone)
                    if not alone:
                        self._pool(piece.pool, alone=False, doubled=True)
                elif isinstance(piece, Filled):
                    self._patterns(piece.patterns)

    def _pool(self, pool: pa.Array, *, alone: bool, doubled: bool = False) -> _Pool:
        """A pool as entries that are a field of their own (`alone`), or as pieces of one."""
        key = (id(pool), self._dialect.name, alone, doubled)
        found = self._kernel.kept(key, pool)
        if found is not None:
            return found  # type: ignore[no-any-return]
        special = False
        entries = pool
        if alone or not self._dialect.quoted:
            entries = self._dialect.escape(pool)
        elif doubled:
            entries = pc.replace_substring(pool, '"', '""')
        else:
            special = bool(pc.any(pc.match_substring_regex(pool, f'["\\\\\r\n{self._dialect.delimiter}]')).as_py())
        self._kernel.begin()
        table, start, lengths = self._strings(entries)
        shortest, longest = int(lengths.min(initial=0)), int(lengths.max(initial=0))
        made = _Pool(table, start, longest, shortest, special)
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
            records.append((len(characters), len(pattern), wild, len(free)))
            characters += pattern.encode("ascii")
        used = "".join(sorted(set(characters.decode())))
        made = self._kernel.put(np.array(records, np.uint32)), self._kernel.put(characters), used
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

    def _spelled(self, column: Spelled) -> bool:
        """Adds a field of pieces; False where quotes depend on the row."""
        pieces = column.pieces
        if not pieces or any(isinstance(piece, Texts) for piece in pieces):
            return False
        if len(pieces) == 1 and isinstance(pieces[0], Gathered):
            gathered = pieces[0]
            self._gather(self._pool(gathered.pool, alone=True), gathered.index, self._valid(column), 1)
            return True
        around = ""
        if self._dialect.quoted:
            unquoted = [p for p in pieces if isinstance(p, str) and not _is_plain(p, self._dialect.delimiter)]
            pools = [self._pool(p.pool, alone=False) for p in pieces if isinstance(p, Gathered)]
            around = '"' if unquoted else ""
            patterns = [self._patterns(p.patterns)[2] for p in pieces if isinstance(p, Filled)]
            doubtful = not _is_plain("".join(patterns), self._dialect.delimiter)
            never_empty = any(isinstance(p, str | Number | Filled) for p in pieces) or any(p.shortest for p in pools)
            # A backslash asks for quotes only where `\.` is all there is.
            doubtful = doubtful or any("\\" in text for text in unquoted)
            if doubtful or not never_empty or (not around and any(p.special for p in pools)):
                return False
            if around:
                pieces = (around, *(p.replace('"', '""') if isinstance(p, str) else p for p in pieces), around)
        first = len(self._pieces)
        for piece in pieces:
            self._piece(piece, doubled=bool(around))
        self._pieces[first] = (*self._pieces[first][:5], self._valid(column), len(pieces), 0)
        return True

    def _piece(self, piece: Piece, *, doubled: bool) -> None:
        match piece:
            case str():
                text = piece if self._dialect.quoted else self._dialect.escape(pa.array([piece])).to_pylist()[0]
                data = text.encode()
                self._add(_LITERAL, self._kernel.put(data), extra=len(data), most=len(data))
            case Gathered():
                self._gather(self._pool(piece.pool, alone=False, doubled=doubled), piece.index, 0, 0)
            case Number():
                self._add(_INT64, self._kernel.put(piece.values, np.int64), most=_LONGEST_NUMBER)
            case Filled():
                records, characters, _ = self._patterns(piece.patterns)
                index, numbers = self._kernel.put(piece.pattern, np.uint32), self._kernel.put(piece.number, np.int64)
                self._add(_TEMPLATE, index, records, characters, numbers, most=piece.patterns.longest)

    def _gather(self, pool: _Pool, index: Any, valid: int, pieces: int) -> None:
        data = self._kernel.put(index, np.uint32)
        self._add(_GATHER, data, pool.table, pool.bytes, valid=valid, pieces=pieces, most=pool.longest)

    def _array(self, array: pa.Array) -> bool:
        """Adds a field with an array's values; False for types that the kernel does not write."""
        kind = array.type
        if kind in _INTEGERS:
            code, width = _INTEGERS[kind]
            self._fixed(array, code, width, most=_LONGEST_NUMBER)
        elif pa.types.is_decimal128(kind) and 0 <= kind.scale <= _MOST_SCALE:
            self._fixed(array, _DECIMAL, 16, extra=kind.scale, most=_LONGEST_DECIMAL)
        elif pa.types.is_date32(kind):
            self._fixed(array, _DATE, 4, most=_LONGEST_MOMENT)
        elif pa.types.is_timestamp(kind):
            self._fixed(array.cast(pa.timestamp("us", kind.tz)), _TIMESTAMP, 8, extra=ord(" "), most=_LONGEST_MOMENT)
            if kind.tz is not None:
                self._pieces[-1] = (*self._pieces[-1][:6], 2, 0)
                self._add(_LITERAL, self._kernel.put(b"+00"), extra=3, most=3)
        elif pa.types.is_time(kind):
            self._fixed(array.cast(pa.time64("us")), _TIME, 8, most=_LONGEST_MOMENT)
        elif pa.types.is_boolean(kind):
            self._booleans(array)
        else:
            return False
        return True

    def _booleans(self, array: pa.Array) -> None:
        text = "".join(self._dialect.booleans).encode()
        middle = len(self._dialect.booleans[0])
        table = self._kernel.put(np.array([0, middle, len(text)], np.uint32))
        pool = _Pool(table, self._kernel.put(text), len(text), 1, False)
        self._gather(pool, array.cast(pa.uint8()).fill_null(0).to_numpy(), self._valid_of(array), 1)

    def _fixed(self, array: pa.Array, code: int, width: int, *, extra: int = 0, most: int) -> None:
        data = np.frombuffer(array.buffers()[1], np.uint8)
        at = self._kernel.put(data[array.offset * width : (array.offset + len(array)) * width])
        self._add(code, at, extra=extra, valid=self._valid_of(array), pieces=1, most=most)

    def _text(self, array: pa.Array, wordy: bool) -> None:
        if wordy and not self._dialect.quoted:
            array = self._dialect.escape(array)
        offsets, data, lengths = self._strings(array)
        quoted = wordy and self._dialect.quoted
        self._batch_bytes += int(lengths.sum()) * (2 if quoted else 1)
        self._add(_TEXT, offsets, 0, data, valid=self._valid_of(array), pieces=1, quoted=quoted, most=2)

    def _valid(self, column: Spelled) -> int:
        return 0 if column.nulls is None else self._kernel.put(np.packbits(~column.nulls, bitorder="little"))

    def _valid_of(self, array: pa.Array) -> int:
        if not array.null_count:
            return 0
        if array.offset:
            valid = array.is_valid().to_numpy(zero_copy_only=False)
            return self._kernel.put(np.packbits(valid, bitorder="little"))
        return self._kernel.put(np.frombuffer(array.buffers()[0], np.uint8)[: -(-len(array) // 8)])

    def _add(
        self, kind: int, data: int, table: int = 0, characters: int = 0, extra: int = 0, *, valid: int = 0,
        pieces: int = 0, quoted: bool = False, most: int,
    ) -> None:  # fmt: skip
        self._row_bytes += most
        self._pieces.append((kind, data, table, characters, extra, valid, pieces, int(quoted)))


def _is_plain(text: str, delimiter: str) -> bool:
    """Whether a text can stand within a CSV field without quotes."""
    return not any(character in text for character in ('"', "\\", "\r", "\n", delimiter))
