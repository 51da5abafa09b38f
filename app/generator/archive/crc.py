"""CRC-32 of a whole from the CRC-32s of its pieces.

Appending n bytes multiplies the first piece's remainder by x^(8n) modulo the polynomial; the method and the bit order
are those of zlib's `crc32_combine` (Mark Adler).
"""

from functools import cache, lru_cache

from zlib_ng.zlib_ng import crc32

__all__ = ["combine_crc32", "crc32"]

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31  # x^0: the highest bit is the lowest power


def combine_crc32(first: int, second: int, second_bytes: int) -> int:
    """The CRC-32 of two pieces of data, one after the other, from theirs and the length of the second."""
    return _multiply(_power_of_x(8 * second_bytes), first) ^ second


def _multiply(a: int, b: int) -> int:
    product = 0
    while a:
        if a & _ONE:
            product ^= b
        a = (a << 1) & 0xFFFFFFFF
        b = (b >> 1) ^ _POLYNOMIAL if b & 1 else b >> 1
    return product


@lru_cache(maxsize=1024)
def _power_of_x(exponent: int) -> int:
    power = _ONE  # x^0
    for place in range(exponent.bit_length()):
        if exponent >> place & 1:
            power = _multiply(_square(place), power)
    return power


@cache
def _square(times: int) -> int:
    """x^1 squared so many times."""
    if times == 0:
        return 1 << 30
    before = _square(times - 1)
    return _multiply(before, before)
