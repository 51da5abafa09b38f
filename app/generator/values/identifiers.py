"""Machine identifiers: UUIDs, bits and bytes, hashes, log positions."""

import numpy as np
import pyarrow as pa

from app.generator.keys import Rows, Words, draw
from app.generator.values.generator import MAX_CAPACITY, Indexed, Siblings, pick, word
from app.generator.values.strings import (
    HEX_DIGITS,
    binary_from_matrix,
    code,
    from_matrix,
    hexadecimal,
    join,
    number,
)

# Where the hyphens of a UUID stand, and where its 32 digits.
_UUID_WIDTH = 36
_UUID_HYPHENS = (8, 13, 18, 23)
_UUID_DIGITS = np.array([place for place in range(_UUID_WIDTH) if place not in _UUID_HYPHENS])
_UUID_MIX = 0x5EEDBED0
_NATURAL_BYTES = 16


class Uuids(Indexed):
    """Random-looking version 4 UUIDs (RFC 9562)."""

    arrow_type = pa.string()
    capacity = block = MAX_CAPACITY
    longest = shortest = _UUID_WIDTH

    def at(self, index: Rows) -> pa.Array:
        """The UUID number `index`: the mixed index (a bijection), whose version bits move to the second half."""
        high = draw(_UUID_MIX, index)
        low = draw(_UUID_MIX, index, 1)
        displaced = high >> np.uint64(12) & np.uint64(15)
        low = (low & np.uint64(0x03FFFFFFFFFFFFFF)) | displaced << np.uint64(58)
        return _uuid_text(high, low)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """122 drawn bits."""
        return _uuid_text(word(key, rows, salt), word(key, rows, salt, 1))


def _uuid_text(high: Words, low: Words) -> pa.Array:
    high = (high & np.uint64(0xFFFFFFFFFFFF0FFF)) | np.uint64(0x4000)
    low = (low & np.uint64(0x3FFFFFFFFFFFFFFF)) | np.uint64(0x8000000000000000)
    matrix = np.full((len(high), _UUID_WIDTH), ord("-"), np.uint8)
    digits = hexadecimal(high)
    matrix[:, 0:8], matrix[:, 9:13], matrix[:, 14:18] = digits[:, 0:8], digits[:, 8:12], digits[:, 12:16]
    digits = hexadecimal(low)
    matrix[:, 19:23], matrix[:, 24:36] = digits[:, 0:4], digits[:, 4:16]
    return from_matrix(matrix)


class BitStrings(Indexed):
    """bit(n) and varbit: strings of exactly `width` zeros and ones."""

    arrow_type = pa.string()

    def __init__(self, width: int) -> None:
        self._width = width
        self._counted = min(width, 62)
        self.capacity = self.block = 1 << self._counted
        self.longest = self.shortest = width

    def at(self, index: Rows) -> pa.Array:
        """The bits of `index`; what is wider than an index is filled up from a mix of it."""
        return self._text(index, draw(_UUID_MIX, index, 2))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Drawn bits."""
        return self._text(pick(key, rows, salt, self.capacity), word(key, rows, salt, 1))

    def _text(self, index: Rows, filler: Words) -> pa.Array:
        matrix = np.empty((len(index), self._width), np.uint8)
        matrix[:, : self._counted] = code(index, "01", self._counted)
        for place in range(self._counted, self._width):
            matrix[:, place] = ord("0") + (filler >> np.uint64(place % 64) & np.uint64(1)).astype(np.uint8)
        return from_matrix(matrix)


class Bytes(Indexed):
    """bytea of exactly `width` bytes."""

    arrow_type = pa.binary()

    def __init__(self, width: int = _NATURAL_BYTES) -> None:
        self._width = width
        self.capacity = self.block = min(256**width, MAX_CAPACITY)

    def at(self, index: Rows) -> pa.Array:
        """The index in the first eight bytes, a mix of it behind."""
        words = [index.astype(np.uint64)] + [draw(_UUID_MIX, index, n) for n in range(self._width // 8)]
        return self._join(words, scramble=False)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Drawn bytes; from the 121st on they repeat."""
        count = min(15, max(1, -(-self._width // 8)))
        return self._join([word(key, rows, salt, n) for n in range(count)], scramble=True)

    def _join(self, words: list[Words], *, scramble: bool) -> pa.Array:
        length = len(words[0])
        if self._width == 0:
            return binary_from_matrix(np.empty((length, 0), np.uint8))
        # Little-endian, so that a narrow column keeps the low bytes, where a small index is.
        octets = np.concatenate([w.astype("<u8").view(np.uint8).reshape(-1, 8) for w in words], axis=1)
        repeats = -(-self._width // octets.shape[1])
        return binary_from_matrix(np.tile(octets, (1, repeats))[:, : self._width])


class HexDigests(Indexed):
    """Lower-case hexadecimal text of `width` digits: hashes, tokens, object ids."""

    arrow_type = pa.string()

    def __init__(self, width: int) -> None:
        self._width = width
        self.capacity = self.block = min(16**width, MAX_CAPACITY)
        self.longest = self.shortest = width

    def at(self, index: Rows) -> pa.Array:
        """A mix of the index (a bijection where 16 digits show it whole, else the index itself)."""
        if self._width < 16:
            return from_matrix(code(index, HEX_DIGITS, self._width))
        return self._text([draw(_UUID_MIX, index, n) for n in range(-(-self._width // 16))])

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Drawn digits."""
        return self._text([word(key, rows, salt, n % 16) for n in range(-(-self._width // 16))])

    def _text(self, words: list[Words]) -> pa.Array:
        return from_matrix(np.concatenate([hexadecimal(w) for w in words], axis=1)[:, : self._width])


class LogPositions(Indexed):
    """pg_lsn, such as 2A/B374D848."""

    arrow_type = pa.string()
    capacity = 1 << 62
    block = 1 << 40
    longest, shortest = 17, 10

    def at(self, index: Rows) -> pa.Array:
        """The position of byte `index`."""
        low = from_matrix(code(index & 0xFFFFFFFF, HEX_DIGITS.upper(), 8))
        high = from_matrix(code(index >> 32, HEX_DIGITS.upper(), 8))
        return join(high, "/", low)


class TransactionSnapshots(Indexed):
    """txid_snapshot and pg_snapshot: xmin:xmax:running."""

    arrow_type = pa.string()
    # Below 2^32: a transaction id whose low half is zero is none.
    capacity = 1 << 31
    block = 1_000_000

    def at(self, index: Rows) -> pa.Array:
        """A snapshot with one transaction running."""
        return join(number(index + 10), ":", number(index + 14), ":", number(index + 12))


class TuplePositions(Indexed):
    """tid, such as (17,3)."""

    arrow_type = pa.string()
    capacity = (1 << 32) * 200
    block = 100_000

    def at(self, index: Rows) -> pa.Array:
        """The place of tuple `index`, 200 to a page."""
        return join("(", number(index // 200), ",", number(index % 200 + 1), ")")
