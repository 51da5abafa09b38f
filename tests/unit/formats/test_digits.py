"""Numbers, dates and times as text, against Python's own."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.generator.formats.digits import date_text, decimal_text, time_text, timestamp_text
from app.generator.formats.pgtext import float_text, hex_text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("precision", "scale"), [(1, 0), (5, 2), (12, 2), (18, 18), (18, 0), (19, 4), (38, 4), (38, 30)]
)
@given(data=st.data())
def test_decimals_have_all_their_digits(precision: int, scale: int, data: st.DataObject) -> None:
    """Plain digits, exactly `scale` of them behind the point, whatever the size: never `1E-7`."""
    most = 10**precision - 1
    unscaled = data.draw(st.lists(st.one_of(st.none(), st.integers(-most, most)), min_size=1, max_size=20))
    values = [None if n is None else Decimal(f"{n}E-{scale}") for n in unscaled]
    array = pa.array([None, *values], pa.decimal128(precision, scale))[1:]
    assert decimal_text(array).to_pylist() == [None if v is None else f"{v:.{scale}f}" for v in values]


def test_decimals_of_a_negative_scale_have_their_zeros() -> None:
    """Postgres 15 has numeric(5, -2)."""
    array = pa.Array.from_buffers(pa.decimal128(5, -2), 2, pa.array([12, 0], pa.decimal128(5, 0)).buffers())
    assert decimal_text(array).to_pylist() == ["1200", "0"]


@given(st.lists(st.one_of(st.none(), st.dates()), max_size=30))
def test_dates_are_iso(days: list[date | None]) -> None:
    """Four digits of the year, for all of Python's years."""
    assert date_text(pa.array(days, pa.date32())).to_pylist() == [d and d.isoformat() for d in days]


@given(st.lists(st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))), max_size=30))
def test_time_stamps_are_iso_in_utc(moments: list[datetime | None]) -> None:
    """No trailing zeros in the fraction, `+00` behind it."""
    array = pa.array(moments, pa.timestamp("us", tz="UTC"))
    assert timestamp_text(array).to_pylist() == [m and _iso(m) + "+00" for m in moments]
    naive = array.cast(pa.timestamp("us"))
    assert timestamp_text(naive, "T").to_pylist() == [m and _iso(m).replace(" ", "T") for m in moments]


def _iso(moment: datetime) -> str:
    text = moment.replace(tzinfo=None).isoformat(" ")
    return text.rstrip("0") if moment.microsecond else text


@given(st.lists(st.one_of(st.none(), st.times()), max_size=30))
def test_times_are_iso(clocks: list[time | None]) -> None:
    """No trailing zeros in the fraction."""
    texts = [c and (c.isoformat().rstrip("0") if c.microsecond else c.isoformat()) for c in clocks]
    assert time_text(pa.array(clocks, pa.time64("us"))).to_pylist() == texts


def test_the_last_time_of_a_day_is_not_its_first() -> None:
    """Postgres' time ends with 24:00:00."""
    assert time_text(pa.array([86_400_000_000], pa.int64()).view(pa.time64("us"))).to_pylist() == ["24:00:00"]


def test_one_odd_value_changes_no_other() -> None:
    """A fraction, a far year or an infinity takes the column another way, to the same text for the rest."""
    plain = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    micros = int((plain - EPOCH) / timedelta(microseconds=1))
    text = timestamp_text(pa.array([micros]).cast(pa.timestamp("us", tz="UTC"))).to_pylist()[0]
    for odd in (micros + 1, 10**17, -(10**17), 2**63 - 1, -(2**63), None):
        array = pa.array([micros, odd, micros], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
        first, _, last = timestamp_text(array).to_pylist()
        assert (first, last) == (text, text)


@given(st.lists(st.one_of(st.none(), st.floats(), st.floats(width=32)), max_size=30))
def test_floats_read_back_as_themselves(numbers: list[float | None]) -> None:
    """The shortest text that is the same number again, in either width; the three that are none by name."""
    for kind, numpy_type in ((pa.float64(), np.float64), (pa.float32(), np.float32)):
        with np.errstate(over="ignore"):
            narrowed = [None if n is None else numpy_type(n) for n in numbers]
        array = pa.array(narrowed, kind)
        for number, text in zip(narrowed, float_text(array).to_pylist(), strict=True):
            if number is None or not np.isfinite(number):
                assert text == (
                    number if number is None else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(number)]
                )
            else:
                read = numpy_type(text)
                assert read == number
                assert np.signbit(read) == np.signbit(number)


@given(st.lists(st.one_of(st.none(), st.binary(max_size=9)), max_size=20), st.integers(0, 3))
def test_bytes_are_hex_wherever_a_slice_begins(blobs: list[bytes | None], start: int) -> None:
    """Slices share their buffers with what they were cut from."""
    array = pa.array(blobs, pa.binary()).slice(start)
    assert hex_text(array).to_pylist() == [None if b is None else b.hex() for b in blobs[start:]]
