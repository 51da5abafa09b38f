"""Which hash partition a row belongs to, as Postgres computes it.

Postgres' extended hash functions are part of what a dump can be restored by, and so stay as they are: Bob Jenkins'
lookup3 over 64-bit values cut in halves, or over the bytes of texts, seeded with one number for all partitions.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.generator.expressions.kinds import BOOL, Kind
from app.generator.expressions.moments import _YEAR_2000_MICROS as YEAR_2000_MICROS
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Frame, Operand, derived
from app.generator.expressions.vectors import Mask, Vector

Words = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]

NAME = "satisfies_hash_partition"
"""The function that a partition's bound calls: (a table's oid, modulus, remainder, key, ...)."""

_SEED = 0x7A5B22367996DCFD
_START = 0x9E3779B9 + 3_923_095
_COMBINING = 0x49A0F4DD15E5A8E3
_YEAR_2000_DAYS = 10_957
_SMALL = frozenset({"int2", "int4", "date"})
_LARGE = frozenset({"int8", "timestamp", "timestamptz", "time"})
_BYTES = frozenset({"text", "varchar", "bpchar", "uuid", "bytea"})
HASHED = _SMALL | _LARGE | _BYTES
"""The types of keys of which the partition can be told."""


def satisfies(arguments: Sequence[Operand]) -> Operand:
    """satisfies_hash_partition(0, modulus, remainder, key, ...). Raises ExpressionUnknown for keys of other types."""
    if len(arguments) < 4 or any(a.value is None or a.is_null for a in arguments[1:3]):
        raise ExpressionUnknown(NAME)
    modulus, remainder = (int(a.constant()) for a in arguments[1:3])
    keys = arguments[3:]
    functions = [_function_of(key.kind) for key in keys]

    def run(frame: Frame) -> Vector:
        whole = np.zeros(frame.length, dtype=np.uint64)
        failed: Mask | None = None
        for key, function in zip(keys, functions, strict=True):
            vector = key.run(frame)
            failed = vector.failed if failed is None else failed if vector.failed is None else failed | vector.failed
            combined = _combined(whole, np.broadcast_to(function(vector.data), frame.length))
            # A key that is NULL has no part in it.
            whole = combined if vector.valid is None else np.where(vector.valid, combined, whole)
        return Vector(whole % np.uint64(modulus) == np.uint64(remainder), None, failed)

    return derived(BOOL, run, keys)


def _combined(left: Hashes, right: Hashes) -> Hashes:
    mixed: Hashes = right + np.uint64(_COMBINING) + (left << np.uint64(54)) + (left >> np.uint64(7))
    return left ^ mixed


def _function_of(kind: Kind) -> Callable[[Any], Hashes]:
    name = kind.name
    if name in _SMALL:
        origin = _YEAR_2000_DAYS if name == "date" else 0
        return lambda data: _of_words((np.asarray(data, np.int64) - origin).astype(np.uint32))
    if name in _LARGE:
        origin = YEAR_2000_MICROS if name.startswith("timestamp") else 0
        return lambda data: _of_large(np.asarray(data, np.int64) - origin)
    if name in _BYTES:
        return lambda data: _of_values(data, _bytes_of(name))
    raise ExpressionUnknown(f"the hash of a key of type {kind}")


def _bytes_of(name: str) -> Callable[[Any], bytes]:
    if name == "bytea":
        return lambda value: value
    if name == "uuid":
        return lambda value: UUID(value).bytes
    if name == "bpchar":
        return lambda value: value.rstrip(" ").encode()
    return str.encode


def _of_values(data: Any, as_bytes: Callable[[Any], bytes]) -> Hashes:
    encoded = (data if isinstance(data, pa.Array) else pa.array(data)).dictionary_encode()
    hashes = [0 if value is None else _of_bytes(as_bytes(value)) for value in encoded.dictionary.to_pylist()]
    places = np.asarray(encoded.indices.fill_null(0), np.int64)
    return np.array(hashes or [0], dtype=np.uint64)[places]


def _of_large(values: npt.NDArray[np.int64]) -> Hashes:
    """The halves of a large number together, so that a small one has the hash that it has as a shorter type."""
    low = values.astype(np.uint32)
    high = (values >> 32).astype(np.uint32)
    return _of_words(low ^ np.where(values >= 0, high, ~high))


def _of_words(words: Words) -> Hashes:
    a, b, c = _seeded(4)
    return _final(np.uint32(a) + words, np.full(words.shape, b, np.uint32), np.full(words.shape, c, np.uint32))


_MASK = 0xFFFFFFFF


def _seeded(length: int) -> tuple[int, int, int]:
    start = (_START + length) & _MASK
    return _mixed((start + (_SEED >> 32)) & _MASK, (start + (_SEED & _MASK)) & _MASK, start)


def _turned(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK


def _mixed(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in ((4, 6, 8), (16, 19, 4)):
        a = ((a - c) & _MASK) ^ _turned(c, bits[0])
        c = (c + b) & _MASK
        b = ((b - a) & _MASK) ^ _turned(a, bits[1])
        a = (a + c) & _MASK
        c = ((c - b) & _MASK) ^ _turned(b, bits[2])
        b = (b + a) & _MASK
    return a, b, c


def _final(a: Any, b: Any, c: Any) -> Hashes:
    def turned(value: Any, bits: int) -> Any:
        return (value << np.uint32(bits)) | (value >> np.uint32(32 - bits))

    c = (c ^ b) - turned(b, 14)
    a = (a ^ c) - turned(c, 11)
    b = (b ^ a) - turned(a, 25)
    c = (c ^ b) - turned(b, 16)
    a = (a ^ c) - turned(c, 4)
    b = (b ^ a) - turned(a, 14)
    c = (c ^ b) - turned(b, 24)
    found: Hashes = (b.astype(np.uint64) << np.uint64(32)) | c
    return found


def _of_bytes(data: bytes) -> int:
    a, b, c = _seeded(len(data))
    place = 0
    while len(data) - place >= 12:
        words = [int.from_bytes(data[place + i : place + i + 4], "little") for i in (0, 4, 8)]
        a, b, c = _mixed(*((old + word) & _MASK for old, word in zip((a, b, c), words, strict=True)))
        place += 12
    rest = data[place:]
    a = (a + int.from_bytes(rest[:4], "little")) & _MASK
    b = (b + int.from_bytes(rest[4:8], "little")) & _MASK
    # The lowest byte of the third word is the length's.
    c = (c + (int.from_bytes(rest[8:], "little") << 8)) & _MASK
    return int(_final(*(np.array([word], dtype=np.uint32) for word in (a, b, c)))[0])
