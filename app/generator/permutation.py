"""A keyed permutation of 0..n-1: distinct values without remembering any.

A balanced Feistel network over the smallest even number of bits that holds n, walked until it lands below n
(Black and Rogaway, "Ciphers with arbitrary finite domains", 2002). The walk ends, since a permutation's cycles return.
"""

from functools import cached_property

import numpy as np

from app.generator.keys import Rows, Words, make_key

_ROUNDS = 4
# So many images are worked out once and looked up.
_MOST_KNOWN = 4_096
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_S29, _S32 = np.uint64(29), np.uint64(32)


class Permutation:
    """A bijection of 0..n-1 onto itself, for n up to 2^62; `at` maps an array of positions."""

    def __init__(self, key: int, n: int) -> None:
        if not 0 < n <= 1 << 62:
            raise ValueError(f"a permutation needs 1 to 2^62 places, not {n}")
        self.n = n
        half_bits = max(1, ((n - 1).bit_length() + 1) // 2)
        self._half_bits = np.uint64(half_bits)
        self._half_mask = np.uint64((1 << half_bits) - 1)
        self._round_keys = [np.uint64(make_key(f"{key:x}", "permutation", str(i))) for i in range(_ROUNDS)]

    def at(self, positions: Rows) -> Rows:
        """The images of `positions`, each of which must be within 0..n-1."""
        if self.n <= _MOST_KNOWN:
            return self._images[positions]
        return self._walk(positions)

    @cached_property
    def _images(self) -> Rows:
        """All of them, where there are few."""
        return self._walk(np.arange(self.n))

    def _walk(self, positions: Rows) -> Rows:
        x = self._network(positions.astype(np.uint64))
        outside = np.flatnonzero(x >= np.uint64(self.n))
        while outside.size:
            walked = self._network(x[outside])
            x[outside] = walked
            outside = outside[walked >= np.uint64(self.n)]
        return x.astype(np.int64)

    def _network(self, x: Words) -> Words:
        left, right = x >> self._half_bits, x & self._half_mask
        for key in self._round_keys:
            mixed = right + key
            mixed *= _MULTIPLIER
            mixed ^= mixed >> _S32
            mixed *= _MULTIPLIER
            mixed >>= _S29
            mixed &= self._half_mask
            mixed ^= left
            left, right = right, mixed
        left = left << self._half_bits
        left |= right
        return left
