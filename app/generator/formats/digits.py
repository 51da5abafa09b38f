"""Numbers, dates and times as text, a whole column at a time.

Each value is written into one row of a byte matrix; a mask says which bytes count, and what is left, read row by row,
is exactly the value buffer of an Arrow string array. Integers only, so every machine writes the same bytes.
"""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

_ZERO = 48
_LARGEST = np.iinfo(np.int64).max
_FIRST_DAY = -25_567  # 1900-01-01
_LAST_DAY = 47_481  # 2099-12-31
_DAY_US = 86_400_000_000
_INFINITY_US = np.iinfo(np.int64).max
_INFINITY_DAY = np.iinfo(np.int32).max


def integers(array: pa.Array, dtype: npt.DTypeLike) -> tuple[npt.NDArray[Any], Flags | None]:
    """The values of a fixed-width array and which of them are there (None: all). Absent ones read as 0."""
    values = np.frombuffer(array.buffers()[1], dtype)[array.offset : array.offset + len(array)]
    if array.null_count == 0:
        return values, None
    valid: Flags = array.is_valid().to_numpy(zero_copy_only=False)
    return np.where(valid, values, np.zeros(1, values.dtype)), valid


def strings(data: bytes | memoryview | Bytes, ends: npt.NDArray[np.int32], valid: Flags | None) -> pa.StringArray:
    """An Arrow string array from its bytes and the offsets 0, end of the first, end of the second, ..."""
    bitmap = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(data), bitmap)


def fixed_width(matrix: npt.NDArray[np.generic], width: int, valid: Flags | None) -> pa.StringArray:
    """Strings that are all `width` bytes long, one after the other in `matrix`."""
    return strings(matrix.view(np.uint8).ravel(), np.arange(0, (len(matrix) + 1) * width, width, dtype=np.int32), valid)


def kept(matrix: Bytes, keep: Flags, valid: Flags | None) -> pa.StringArray:
    """One string per row of `matrix`: the bytes whose flag in `keep` is set."""
    ends = np.zeros(len(matrix) + 1, np.int32)
    np.cumsum(keep.sum(axis=1, dtype=np.int32), out=ends[1:])
    return strings(matrix[keep], ends, valid)


def decimal_text(array: pa.Array) -> pa.Array:
    """decimal128 as plain digits with exactly `scale` decimals, never in scientific notation."""
    scale = array.type.scale
    halves = np.frombuffer(array.buffers()[1], np.int64)[2 * array.offset : 2 * (array.offset + len(array))]
    values, high = halves[::2], halves[1::2]
    valid: Flags | None = None
    if array.null_count:
        valid = array.is_valid().to_numpy(zero_copy_only=False)
        values, high = np.where(valid, values, 0), np.where(valid, high, 0)
    size = np.abs(values)
    most = int(size.max(initial=0))
    in_64_bits = bool(((values >> 63) == high).all()) and int(size.min(initial=0)) >= 0
    if not in_64_bits or not 0 <= scale <= 18 or most + 10**scale > _LARGEST:
        return _wide_decimal_text(array)
    if scale == 0:
        return _with_nulls(pa.array(values).cast(pa.string()), valid)
    return _with_point(values, size < 10**scale, scale, valid)


def _with_point(values: Integers, below_one: Flags, scale: int, valid: Flags | None) -> pa.Array:
    """Arrow prints the unscaled integers, in C++; then each gets its point, `scale` bytes before its end."""
    # Those below one are printed with a 1 in front, which keeps their zeros, and is made a 0 afterwards.
    negative = values < 0
    padded = values + np.where(below_one, np.where(negative, -(10**scale), 10**scale), 0) if below_one.any() else values
    digits = pa.array(padded).cast(pa.string())
    ends = np.frombuffer(digits.buffers()[1], np.int32)[: len(values) + 1]
    printed = np.frombuffer(digits.buffers()[2], np.uint8)[: ends[-1]]
    shifted = (ends + np.arange(len(values) + 1)).astype(np.int32)
    text = np.empty(int(shifted[-1]), np.uint8)
    points = shifted[1:] - (scale + 1)
    is_digit = np.ones(len(text), np.bool_)
    is_digit[points] = False
    text[is_digit] = printed
    text[points] = ord(".")
    if padded is not values:
        text[(points - 1)[below_one]] = _ZERO
    return strings(text, shifted, valid)


def _with_nulls(text: pa.Array, valid: Flags | None) -> pa.Array:
    return text if valid is None else pc.if_else(pa.array(valid), text, pa.scalar(None, pa.string()))


def _wide_decimal_text(array: pa.Array) -> pa.Array:
    """Decimals beyond 64 bits: Arrow prints the unscaled integer, and the point is put in as text."""
    scale = array.type.scale
    unscaled = pa.Array.from_buffers(
        pa.decimal128(38, 0), len(array), array.buffers(), array.null_count, array.offset
    ).cast(pa.string())
    if scale == 0:
        return unscaled
    if scale < 0:
        zeros = pc.binary_join_element_wise(unscaled, "0" * -scale, "")
        return pc.if_else(pc.equal(unscaled, "0"), unscaled, zeros)
    size = pc.utf8_lpad(pc.replace_substring(unscaled, "-", ""), scale + 1, "0")
    text = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(size, 0, -scale), pc.utf8_slice_codeunits(size, -scale), "."
    )
    negative = pc.starts_with(unscaled, "-")
    return pc.if_else(negative, pc.binary_join_element_wise("-", text, ""), text)


def _write_digits(into: Bytes, values: Integers) -> None:
    """The last digits of `values`, as many as `into` has columns, with leading zeros."""
    rest = values
    place = into.shape[1]
    while place > 0:
        if place >= 4:
            rest, low = _divide(rest, 10_000)
            into[:, place - 4 : place].view(np.uint32)[:, 0] = _four_digits()[low]
            place -= 4
        else:
            rest, low = _divide(rest, 10)
            into[:, place - 1] = low + _ZERO
            place -= 1


def _divide(values: Integers, by: int) -> tuple[Integers, Integers]:
    quotient = values // by  # twice as fast as np.divmod, whose remainder costs a second division
    return quotient, values - quotient * by


@cache
def _four_digits() -> npt.NDArray[np.uint32]:
    """`0000` ... `9999`, as four-byte words."""
    values = np.arange(10_000)
    digits = np.stack([values // 10**place % 10 + _ZERO for place in (3, 2, 1, 0)], axis=1)
    return digits.astype(np.uint8).view(np.uint32).ravel()


@cache
def _days() -> npt.NDArray[np.void]:
    """`1900-01-01` ... `2099-12-31`."""
    year, month, day = _civil(np.arange(_FIRST_DAY, _LAST_DAY + 1, dtype=np.int64))
    matrix = np.full((len(year), 10), ord("-"), np.uint8)
    _write_digits(matrix[:, 0:4], year)
    _write_digits(matrix[:, 5:7], month)
    _write_digits(matrix[:, 8:10], day)
    return matrix.view("V10").ravel()


@cache
def _seconds() -> npt.NDArray[np.uint64]:
    """`00:00:00` ... `24:00:00` (Postgres' time reaches the latter), as eight-byte words."""
    second = np.arange(86_401, dtype=np.int64)
    matrix = np.full((len(second), 8), ord(":"), np.uint8)
    _write_digits(matrix[:, 0:2], second // 3600)
    _write_digits(matrix[:, 3:5], second // 60 % 60)
    _write_digits(matrix[:, 6:8], second % 60)
    return matrix.view(np.uint64).ravel()


def _civil(days: Integers) -> tuple[Integers, Integers, Integers]:
    """Year (0 is 1 BC), month and day of days since 1970-01-01."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    return year, months.astype(np.int64) % 12 + 1, (dates - months).astype(np.int64) + 1


def _in_table(days: Integers) -> bool:
    return len(days) == 0 or (int(days.min()) >= _FIRST_DAY and int(days.max()) <= _LAST_DAY)


def date_text(array: pa.Array) -> pa.Array:
    """date32 as Postgres reads it: `2024-02-29`, `0044-03-15 BC`; the extreme values are infinity, as on its wire."""
    raw, valid = integers(array, np.int32)
    days = raw.astype(np.int64)
    if _in_table(days):
        return fixed_width(_days()[days - _FIRST_DAY], 10, valid)
    endless = np.abs(days + (days < 0)) == _INFINITY_DAY
    text = _moment_text(np.where(endless, 0, days), None, b"", valid)
    return _with_infinity(text, endless, days)


def timestamp_text(array: pa.Array, date_separator: str = " ", zone: str = "+00") -> pa.Array:
    """timestamp[us] as `2024-02-29 12:30:00.25`, and `+00` after it when the type has a time zone."""
    raw, valid = integers(array, np.int64)
    suffix = zone.encode() if array.type.tz is not None else b""
    values = raw.astype(np.int64, copy=False)
    endless = (values == _INFINITY_US) | (values == -_INFINITY_US - 1)
    if endless.any():
        text = _timestamp_text(np.where(endless, 0, values), date_separator, suffix, valid)
        return _with_infinity(text, endless, values)
    return _timestamp_text(values, date_separator, suffix, valid)


def _timestamp_text(values: Integers, separator: str, suffix: bytes, valid: Flags | None) -> pa.Array:
    days, of_day = _divide(values, _DAY_US)
    seconds, fraction = _divide(of_day, 1_000_000)
    if not _in_table(days):
        return _moment_text(days, of_day, suffix, valid, separator)
    exact = not fraction.any()
    fields = [("date", "V10"), ("separator", "u1"), ("time", "u8"), ("fraction", "V0" if exact else "V7")]
    out = np.empty(len(values), np.dtype([*fields, ("zone", f"V{len(suffix)}")]))
    out["date"] = _days()[days - _FIRST_DAY]
    out["separator"] = ord(separator)
    out["time"] = _seconds()[seconds]
    if suffix:
        out["zone"] = np.void(suffix)
    if exact:
        return fixed_width(out, out.itemsize, valid)
    matrix = out.view(np.uint8).reshape(len(out), out.itemsize)
    keep = np.ones(matrix.shape, np.bool_)
    _write_fraction(matrix[:, 19:26], keep[:, 19:26], fraction)
    return kept(matrix, keep, valid)


def time_text(array: pa.Array) -> pa.Array:
    """time64[us] as `12:30:00` or `12:30:00.25`."""
    raw, valid = integers(array, np.int64)
    seconds, fraction = _divide(raw.astype(np.int64, copy=False), 1_000_000)
    if not fraction.any():
        return fixed_width(_seconds()[seconds], 8, valid)
    matrix = np.empty((len(seconds), 15), np.uint8)
    keep = np.ones(matrix.shape, np.bool_)
    matrix[:, :8] = _seconds()[seconds].view(np.uint8).reshape(-1, 8)
    _write_fraction(matrix[:, 8:], keep[:, 8:], fraction)
    return kept(matrix, keep, valid)


def _write_fraction(into: Bytes, keep: Flags, fraction: Integers) -> None:
    """`.25` for 250000 microseconds: no trailing zeros, and nothing at all for 0."""
    into[:, 0] = ord(".")
    _write_digits(into[:, 1:7], fraction)
    # One value in ten has any trailing zero at all.
    short = np.flatnonzero(fraction % 10 == 0)
    rest = fraction[short]
    keep[short, 0] = rest != 0
    for place in range(6):
        keep[short, 1 + place] = rest % 10 ** (6 - place) != 0


def _moment_text(
    days: Integers, of_day: Integers | None, suffix: bytes, valid: Flags | None, separator: str = " "
) -> pa.Array:
    """The general form: any year, fractions of a second, BC."""
    year, month, day = _civil(days)
    before = year <= 0
    year = np.where(before, 1 - year, year)
    time_width = 0 if of_day is None else 16
    matrix = np.empty((len(days), 12 + time_width + len(suffix) + 3), np.uint8)
    keep = np.ones(matrix.shape, np.bool_)
    _write_digits(matrix[:, 0:6], year)
    keep[:, 0] = year >= 100_000
    keep[:, 1] = year >= 10_000
    matrix[:, (6, 9)] = ord("-")
    _write_digits(matrix[:, 7:9], month)
    _write_digits(matrix[:, 10:12], day)
    if of_day is not None:
        seconds, fraction = _divide(of_day, 1_000_000)
        matrix[:, 12] = ord(separator)
        matrix[:, 13:21] = _seconds()[seconds].view(np.uint8).reshape(-1, 8)
        _write_fraction(matrix[:, 21:28], keep[:, 21:28], fraction)
    matrix[:, 12 + time_width : -3] = np.frombuffer(suffix, np.uint8)
    matrix[:, -3:] = np.frombuffer(b" BC", np.uint8)
    keep[:, -3:] = before[:, None]
    return kept(matrix, keep, valid)


def _with_infinity(text: pa.Array, endless: Flags, values: Integers) -> pa.Array:
    sign = pc.if_else(pa.array(values > 0), "infinity", "-infinity")
    return pc.if_else(pc.and_(pa.array(endless), text.is_valid()), sign, text)
