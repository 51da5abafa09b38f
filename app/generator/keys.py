"""Keys and draws: where every random-looking value comes from.

A cell is addressed, not sequenced: a 64-bit key for (engine version, seed, table, column, purpose) is mixed with the
row number. There is no state, so any row can be made at any time, in any order, on any machine. Integers only.

The mixer is the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014)
over a Weyl sequence, as published with its constants by Sebastiano Vigna.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.generator.version import ENGINE_VERSION

Rows = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S32 = (np.uint64(n) for n in (27, 30, 31, 32))
_LOW_32 = np.uint64(0xFFFFFFFF)


@lru_cache(maxsize=4096)
def make_key(seed: str, *path: str) -> int:
    """A 64-bit key for a place such as (table, column, purpose).

    Each name is hashed with its length before it, so that ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.blake2b(digest_size=8, person=b"seedbed")
    for name in _names(seed, path):
        data = name.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big"))
        digest.update(data)
    return int.from_bytes(digest.digest(), "big")


def _names(seed: str, path: Iterable[str]) -> Iterable[str]:
    yield str(ENGINE_VERSION)
    yield seed
    yield from path


def draw(key: int, rows: Rows, salt: int = 0) -> Words:
    """One 64-bit word per row, uniform. `salt` tells several draws of one cell apart (0, 1, 2, ...)."""
    return mix(word_key(key, salt), rows)


def word_key(key: int, salt: int) -> int:
    """The key of one of a cell's words."""
    return (key + salt * 0xD1342543DE82EF95) & 0xFFFFFFFFFFFFFFFF


def mix(key: int, rows: Rows) -> Words:
    """The word of that key in each row."""
    x = rows.astype(np.uint64)  # a copy, mixed in place: chunks fit the cache, temporaries would not
    x *= _GAMMA
    x += np.uint64(key)
    x ^= x >> _S30
    x *= _MIX_1
    x ^= x >> _S27
    x *= _MIX_2
    x ^= x >> _S31
    return x


def bounded(words: Words, n: int) -> Rows:
    """Words scaled to 0 <= value < n, by the high half of a product; for n up to 2^63.

    The bias is below n / 2^32 for n < 2^32 and below n / 2^64 above.
    """
    if n <= 0:
        raise ValueError("n must be positive")
    if n <= 1 << 32:
        return ((words >> _S32) * np.uint64(n) >> _S32).astype(np.int64)
    high, low = np.uint64(n >> 32), np.uint64(n & 0xFFFFFFFF)
    word_high, word_low = words >> _S32, words & _LOW_32
    middle = word_high * low + (word_low * low >> _S32)
    carry = word_low * high + (middle & _LOW_32)
    scaled: Rows = (word_high * high + (middle >> _S32) + (carry >> _S32)).astype(np.int64)
    return scaled


def chance(words: Words, per_million: int) -> npt.NDArray[np.bool_]:
    """True for `per_million` of a million words."""
    return bounded(words, 1_000_000) < per_million
