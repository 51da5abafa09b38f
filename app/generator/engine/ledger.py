"""Unique keys that no construction covers: duplicates are redrawn until there are none.

Of two rows with the same key the lower one keeps it, whatever the attempt, so that the outcome is what making the
rows one after the other would give, and more rows change no earlier row. It needs the keys of all rows in memory.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.errors import Fault, PlanRefused
from app.generator.engine.nodes import Computed
from app.generator.engine.program import TableProgram
from app.generator.keys import Rows

MAX_LEDGER_ROWS = 20_000_000
_MAX_ROUNDS = 400
# So many rounds in which no row finds a value of its own say that there is none left.
_PATIENCE_ROUNDS = 100
# From this round on, so few rows that still look for a value are made together.
_TOGETHER_FROM_ROUND, _MOST_TOGETHER = 4, 2_048
_FEW_LOSERS = 32
_NO_KEY = np.uint64(0)
_NULL, _SPREAD = 0x5BD1E995, 0x9E3779B97F4A7C15
_FEW_TEXTS = 4_096
_Digests = npt.NDArray[np.uint64]


class Condition(Protocol):
    """The predicate of a partial index."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""

    def holds(self, arrays: dict[str, pa.Array], length: int) -> npt.NDArray[np.bool_]:
        """True for the rows that the index covers."""


class LedgerKey:
    """One key: its elements as compiled expressions, and the rows that it covers."""

    def __init__(
        self,
        name: str,
        elements: Sequence[Computed],
        condition: Condition | None,
        nulls_not_distinct: bool,
        sql: str = "",
    ) -> None:
        """`sql` is the key as the schema has it, for whom it has to be told."""
        self.name = name
        self.sql = sql
        self._elements = tuple(elements)
        self._condition = condition
        self._nulls_not_distinct = nulls_not_distinct

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""
        own = frozenset().union(*(e.columns for e in self._elements))
        return own | self._condition.columns if self._condition else own

    def digests(self, arrays: dict[str, pa.Array], length: int) -> npt.NDArray[np.uint64]:
        """A 64-bit digest of each row's key, 0 for rows that may be repeated.

        Two keys with one digest would only be redrawn for nothing.
        """
        out = np.full(length, _SPREAD, dtype=np.uint64)
        free = np.zeros(length, dtype=np.bool_)
        for element in self._elements:
            values = element.evaluate(arrays, length)
            if not self._nulls_not_distinct:
                free |= np.asarray(values.is_null())
            out = (out ^ _digest(values)) * np.uint64(0xBF58476D1CE4E5B9)
            out ^= out >> np.uint64(29)
        if self._condition is not None:
            free |= ~self._condition.holds(arrays, length)
        out[out == _NO_KEY] = np.uint64(1)
        out[free] = _NO_KEY
        return out


def _digest(values: pa.Array) -> npt.NDArray[np.uint64]:
    if pa.types.is_nested(values.type):
        # Arrow counts no distinct lists; as Python writes them, equal ones are equal.
        return np.array([_NULL if v is None else _hash(v) for v in values.to_pylist()], dtype=np.uint64)
    if _is_counted(values.type):
        return _mixed(values)
    encoded = values.dictionary_encode()
    # Numeric equality ignores trailing zeros and text is compared byte by byte; Arrow's text form has both.
    texts = pc.cast(encoded.dictionary, pa.string(), safe=False) if _castable(values.type) else encoded.dictionary
    hashed = _hash_noted if len(texts) <= _FEW_TEXTS else _hash
    digests = np.array([hashed(t) for t in texts.to_pylist()] + [_NULL], dtype=np.uint64)
    indices = np.asarray(encoded.indices.fill_null(len(encoded.dictionary))).astype(np.int64)
    return digests[indices]


def _is_counted(kind: pa.DataType) -> bool:
    """Whether values are whole numbers underneath, which are equal where those are."""
    return bool(pa.types.is_integer(kind) or pa.types.is_date32(kind) or pa.types.is_timestamp(kind))


def _mixed(values: pa.Array) -> npt.NDArray[np.uint64]:
    """A digest of each whole number, by arithmetic alone: no two numbers have the same."""
    wide = (
        values.cast(pa.int32()).cast(pa.int64())
        if pa.types.is_date32(values.type)
        else values.cast(pa.int64(), safe=False)
    )
    numbers = np.asarray(pc.fill_null(wide, 0)).astype(np.int64).view(np.uint64)
    digests = (numbers ^ (numbers >> np.uint64(32)) ^ np.uint64(_SPREAD)) * np.uint64(0xD6E8FEB86659FD93)
    digests ^= digests >> np.uint64(32)
    return np.where(np.asarray(values.is_null()), np.uint64(_NULL), digests) if values.null_count else digests


def _castable(kind: pa.DataType) -> bool:
    return not pa.types.is_binary(kind)


def _hash(value: object) -> int:
    data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


_hash_noted = lru_cache(maxsize=1 << 15)(_hash)  # rows that keep losing come to the same few texts again and again


class _Tries:
    """What rows come to at attempts, made for many rows at once: a few take as long. It depends on nothing else."""

    def __init__(self, make: Callable[[int, Rows], list[_Digests]]) -> None:
        self._make = make
        self._made: dict[int, tuple[Rows, list[_Digests]]] = {}
        self._expected: Rows = np.zeros(0, dtype=np.int64)

    def expect(self, rows: Rows) -> bool:
        """Takes in which rows, in order, are to be made; False when there are too many for any to be made ahead."""
        if rows.size > _MOST_TOGETHER:
            return False
        joined = np.union1d(self._expected, rows)
        self._expected = joined if joined.size <= _MOST_TOGETHER else rows
        return True

    def at(self, salt: int, rows: Rows) -> list[_Digests]:
        """The digests of some rows at an attempt, all of which are expected."""
        known, digests = self._made.get(salt, (rows[:0], []))
        if not np.isin(rows, known).all():
            new = np.setdiff1d(self._expected, known, assume_unique=True)
            try:
                made = self._make(salt, new)
            except PlanRefused:  # of a row, it may be, that never comes to this attempt
                return self._make(salt, rows)
            known = np.concatenate([known, new])
            order = np.argsort(known)
            joined = [np.concatenate(pair) for pair in zip(digests, made, strict=True)] if digests else made
            known, digests = self._made[salt] = known[order], [digest[order] for digest in joined]
        places = np.searchsorted(known, rows)
        return [digest[places] for digest in digests]


class Ledger:
    """The first attempt of every row of a table, settled at first use."""

    def __init__(self, program: TableProgram, keys: Sequence[LedgerKey]) -> None:
        self._program = program
        self._keys = tuple(keys)
        self._salts: Rows | None = None
        self._settling: Rows | None = None
        self._looks_at_itself = False

    def at(self, rows: Rows) -> Rows:
        """The first attempt of each row. Raises PlanRefused when some row finds no key of its own."""
        if self._salts is None and self._settling is not None:
            self._looks_at_itself = True
            return self._settling[rows]  # a reference of the table to itself, within the key
        if self._salts is None:
            salts, losers = self._settle()
            if losers.size:
                what = f"{losers.size:,} of {salts.size:,} rows found no value of their own"
                raise PlanRefused([self._fault("key_not_satisfied", what)])
            self._salts = salts
        return self._salts[rows]

    def room(self) -> int:
        """How many rows, from the first, have keys of their own: found by making them all."""
        if self._salts is None:
            salts, losers = self._settle()
            if losers.size:
                return int(losers[0])
            self._salts = salts
        return int(self._salts.size)

    @property
    def names(self) -> str:
        """The keys' names."""
        return ", ".join(k.name for k in self._keys)

    def _settle(self) -> tuple[Rows, Rows]:
        """The first attempt of each row, and the rows that found no key of their own, in order."""
        count = self._program.table.rows
        if count > MAX_LEDGER_ROWS:
            raise PlanRefused([self._fault("ledger_too_large", f"is served for at most {MAX_LEDGER_ROWS:,} rows")])
        wanted = frozenset().union(*(k.columns for k in self._keys))
        salts = self._settling = np.zeros(count, dtype=np.int64)
        digests = [np.zeros(count, dtype=np.uint64) for _ in self._keys]
        redraw = losers = np.arange(count, dtype=np.int64)
        fewest, patience, sure = count + 1, _PATIENCE_ROUNDS, False
        tries = _Tries(lambda salt, rows: self._digests(rows, wanted, salt))
        for turn in range(_MAX_ROUNDS):
            # The few that keep losing come to the same attempts one after the other: each attempt is made for all.
            together = turn >= _TOGETHER_FROM_ROUND and not self._looks_at_itself and tries.expect(redraw)
            for salt in np.unique(salts[redraw]).tolist():
                members = redraw[salts[redraw] == salt]
                found = tries.at(salt, members) if together else self._digests(members, wanted, salt)
                for known, digest in zip(digests, found, strict=True):
                    known[members] = digest
            losers = np.unique(np.concatenate([_losers(d) for d in digests]))
            patience = _patience(losers.size) if losers.size < fewest else patience - 1
            fewest = min(fewest, losers.size)
            if not losers.size and self._looks_at_itself and not sure:
                # A row made before the one it refers to was redrawn has to be looked at again.
                redraw, fewest, sure = np.arange(count, dtype=np.int64), count + 1, True
                continue
            if not losers.size or not patience:
                break
            salts[losers] += 1
            redraw, sure = losers, False
        self._settling = None
        return salts, losers

    def _digests(self, rows: Rows, wanted: frozenset[str], salt: int) -> list[_Digests]:
        """The digests of the rows' keys at that attempt, a list for each key."""
        arrays = self._program.evaluate_at(rows, wanted, salt)
        return [key.digests(arrays, rows.size) for key in self._keys]

    def _fault(self, code: str, what: str) -> Fault:
        table = self._program.table.name
        rules = " and ".join(key.sql for key in self._keys if key.sql)
        columns = ", ".join(sorted(frozenset().union(*(key.columns for key in self._keys))))
        message = f"{table}.{self.names}: {what} under {rules or self.names}; ask for fewer rows or override {columns}"
        facts = {"table": str(table), "constraint": self.names, "columns": columns}
        return Fault("/config/rows", code, message, facts | ({"expression": rules} if rules else {}))


def _patience(losers: int) -> int:
    """The rounds without success after which none is to come: where many lose, each round tries as many values."""
    return _PATIENCE_ROUNDS if losers <= _FEW_LOSERS else _PATIENCE_ROUNDS // 4


def _losers(digests: npt.NDArray[np.uint64]) -> Rows:
    """The rows whose key a lower row has."""
    order = np.argsort(digests, kind="stable")
    ordered = digests[order]
    repeated = np.zeros(digests.size, dtype=np.bool_)
    repeated[1:] = (ordered[1:] == ordered[:-1]) & (ordered[1:] != _NO_KEY)
    return order[repeated]
