"""Strings made by the array: gathered, joined and written digit by digit, nothing per cell in Python."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows

Bytes = npt.NDArray[np.uint8]

LOWER_LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
HEX_DIGITS = "0123456789abcdef"
LOWER_CODE = DIGITS + LOWER_LETTERS
# From here on Arrow writes small decimals with an exponent.
_MOST_PLAIN_SCALE = 6
_INT64_DIGITS = 19
# Without the letters and digits that people mix up.
UPPER_CODE = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def strings(values: list[str] | tuple[str, ...]) -> pa.Array:
    """A string array of `values`."""
    return pa.array(values, pa.string())


def gather(pool: pa.Array, index: Rows) -> pa.Array:
    """`pool[index]`."""
    return pool.take(pa.array(index))


def join(*parts: pa.Array | str, separator: str = "") -> pa.Array:
    """The parts of each row one after the other; a `str` is the same in every row."""
    merged: list[pa.Array | str] = []
    for part in parts:
        # Two literals in a row cost as much as one.
        if isinstance(part, str) and merged and isinstance(merged[-1], str) and not separator:
            merged[-1] += part
        else:
            merged.append(part)
    return pc.binary_join_element_wise(*merged, separator)


def repeat(text: str, length: int) -> pa.Array:
    """`text`, `length` times."""
    return pa.repeat(pa.scalar(text, pa.string()), length)


def from_matrix(matrix: Bytes) -> pa.Array:
    """A row of ASCII bytes per string, all equally long."""
    length, width = matrix.shape
    offsets = np.arange(0, (length + 1) * width, width, dtype=np.int32) if width else np.zeros(length + 1, np.int32)
    data = np.ascontiguousarray(matrix)
    return pa.StringArray.from_buffers(length, pa.py_buffer(offsets), pa.py_buffer(data))


def binary_from_matrix(matrix: Bytes) -> pa.Array:
    """A row of bytes per value, all equally long, as Arrow binary."""
    length, width = matrix.shape
    offsets = np.arange(0, (length + 1) * width, width, dtype=np.int32) if width else np.zeros(length + 1, np.int32)
    data = np.ascontiguousarray(matrix)
    return pa.Array.from_buffers(pa.binary(), length, [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def number(values: Rows) -> pa.Array:
    """Integers in decimal, as long as they are."""
    return pc.cast(pa.array(values), pa.string())


def digits(values: Rows, width: int) -> Bytes:
    """Non-negative integers below 10^width, as a matrix of ASCII digits with leading zeros."""
    groups = max(1, -(-width // 4))
    # Four digits are looked up at once, as one 32-bit word of their bytes.
    out = np.empty((len(values), groups), np.uint32)
    table = _four_digits()
    rest = values
    for group in range(groups - 1, 0, -1):
        upper = rest // 10_000
        out[:, group] = table[rest - upper * 10_000]
        rest = upper
    out[:, 0] = table[rest]
    return out.view(np.uint8)[:, 4 * groups - width :]


def padded(values: Rows, width: int) -> pa.Array:
    """Non-negative integers below 10^width, with leading zeros."""
    return from_matrix(digits(values, width))


@lru_cache(maxsize=1)
def _four_digits() -> npt.NDArray[np.uint32]:
    places: Rows = np.arange(10_000)[:, None] // np.array([1000, 100, 10, 1]) % 10
    return np.ascontiguousarray((places + ord("0")).astype(np.uint8)).view(np.uint32).reshape(-1)


def code(values: Rows, alphabet: str, width: int) -> Bytes:
    """Integers below len(alphabet)^width in that positional system, as a matrix of ASCII bytes."""
    symbols = np.frombuffer(alphabet.encode("ascii"), np.uint8)
    base = len(symbols)
    out = np.empty((len(values), width), np.uint8)
    rest = values
    for place in range(width - 1, -1, -1):
        upper = rest // base
        out[:, place] = symbols[rest - upper * base]
        rest = upper
    return out


def hexadecimal(words: npt.NDArray[np.uint64]) -> Bytes:
    """64-bit words as a matrix of 16 hexadecimal digits."""
    quarters = words.astype(">u8").view(">u2").reshape(-1, 4)
    found: Bytes = _four_hex_digits()[quarters].view(np.uint8)
    return found


@lru_cache(maxsize=1)
def _four_hex_digits() -> npt.NDArray[np.uint32]:
    symbols = np.frombuffer(HEX_DIGITS.encode("ascii"), np.uint8)
    places = np.arange(1 << 16)[:, None] >> np.array([12, 8, 4, 0]) & 15
    return np.ascontiguousarray(symbols[places]).view(np.uint32).reshape(-1)


def fixed_point(values: Rows, scale: int) -> pa.Array:
    """Integers as decimals with `scale` digits after the point: (-1234, 2) -> -12.34."""
    if scale == 0:
        return number(values)
    if scale <= _MOST_PLAIN_SCALE:
        words = np.empty((len(values), 2), np.int64)
        words[:, 0] = values
        np.right_shift(values, 63, out=words[:, 1])
        exact = pa.Array.from_buffers(pa.decimal128(38, scale), len(values), [None, pa.py_buffer(words)])
        return pc.cast(exact, pa.string())
    magnitude = np.abs(values)
    sign = gather(strings(("", "-")), (values < 0).astype(np.int64))
    if scale >= _INT64_DIGITS:
        return join(sign, "0.", padded(magnitude, scale))
    unit = 10**scale
    whole = magnitude // unit
    return join(sign, number(whole), ".", padded(magnitude - whole * unit, scale))


def as_text(array: pa.Array) -> pa.Array:
    """Any plain array in the text form that both Arrow and Postgres read."""
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        return join(pc.cast(pc.cast(array, pa.timestamp("us")), pa.string()), "+00")
    if pa.types.is_binary(array.type):
        raise TypeError("binary has no text form here")
    return pc.cast(array, pa.string())
