"""The kernel that writes lines: the same bytes as Arrow alone, whatever the columns are."""

import hashlib
from datetime import UTC, date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app.generator.kernel
from app.generator.formats.csv import CsvEncoder, TsvEncoder
from app.generator.kernel.lines import MOST_ROWS
from app.generator.plan import TablePlan
from app.generator.snapshot.model import QName
from app.generator.spelling import Filled, Gathered, LooseBatch, Number, Piece, Spelled, Texts, loose, spell
from app.generator.values.templates import Patterns

_TEXT = st.text(st.sampled_from('ab,\t"\n\r\\.é∂😀 x'), max_size=40)
_KINDS: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.int64(): st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(-10, 10**9),
    pa.int32(): st.integers(-(1 << 31), (1 << 31) - 1),
    pa.int16(): st.integers(-(1 << 15), (1 << 15) - 1),
    pa.bool_(): st.booleans(),
    pa.string(): _TEXT,
    pa.float64(): st.floats(),
    pa.date32(): st.dates(),
    pa.time64("us"): st.times(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("us", "UTC"): st.datetimes(timezones=st.just(UTC)),
    pa.timestamp("ms"): st.datetimes().map(lambda value: value.replace(microsecond=value.microsecond // 1000 * 1000)),
}


def _decimals(scale: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(-(10**places), 10**places).map(lambda units: Decimal(units).scaleb(-scale))


for _scale, _places in ((0, 19), (2, 15), (5, 9), (8, 18), (12, 30)):
    _KINDS[pa.decimal128(38, _scale)] = _decimals(_scale, _places)
_TABLE = TablePlan(QName("public", "t"), 0, ())
_ENCODERS = (CsvEncoder(_TABLE), TsvEncoder(_TABLE))


def _batch(*columns: Any) -> LooseBatch:
    kinds = [pa.string() if isinstance(column, Spelled) else column.type for column in columns]
    schema = pa.schema([pa.field(str(n), kind) for n, kind in enumerate(kinds)])
    length = columns[0].length if isinstance(columns[0], Spelled) else len(columns[0])
    return LooseBatch(columns, schema, length)


def _agree(batch: LooseBatch) -> None:
    for encoder in _ENCODERS:
        assert encoder.encode(batch) == encoder.encode_plainly(batch.record_batch())


@pytest.mark.parametrize("kind", _KINDS, ids=str)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_values_of_every_type_are_written_as_arrow_writes_them(kind: pa.DataType, data: st.DataObject) -> None:
    """Types the kernel knows and types it leaves to Arrow, with NULLs, from the middle of an array."""
    values = data.draw(st.lists(st.none() | _KINDS[kind], min_size=1, max_size=30))
    skipped = data.draw(st.integers(0, len(values) - 1))
    array = pa.array(values, kind).slice(skipped)
    _agree(_batch(array, pa.array(range(len(array)), pa.int64())))
    _agree(_batch(array))


@pytest.mark.parametrize(
    "array",
    [
        pa.array([date(1, 1, 1), date(9999, 12, 31), date(2000, 2, 29), date(1900, 3, 1), date(1969, 12, 31)]),
        pa.array([-719_163, 2_932_897, (1 << 31) - 1, -(1 << 31) + 1], pa.int32()).cast(pa.date32()),
        pa.array([-(1 << 63), (1 << 63) - 1, -1, 0, 1_500_000], pa.int64()).cast(pa.timestamp("us")),
        pa.array(["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "2024-02-29 00:00:00.00001"]).cast(
            pa.timestamp("us")
        ),
        pa.array([time(0), time(23, 59, 59, 999_999), time(12, 30, 0, 500_000)]),
        pa.array([86_400_000_000], pa.int64()).cast(pa.time64("us")),
        pa.array([10**n - 1 for n in range(19)] + [10**n for n in range(19)] + [-(1 << 63), (1 << 63) - 1]),
        pa.array([None, None], pa.string()),
        pa.array(["x" * 31, "y" * 32, "z" * 33, "," * 16, "é" * 500, '"' * 77]),
    ],
    ids=str,
)
def test_the_ends_of_every_range_are_written_as_arrow_writes_them(array: pa.Array) -> None:
    """First and last days, infinite moments, each number of digits, texts around the size of a copied block."""
    _agree(_batch(array))


@pytest.mark.parametrize("step", [1, 11, 97])
def test_every_day_of_the_calendar(step: int) -> None:
    """The calendar's arithmetic agrees with numpy's over four centuries and more, leap years included."""
    days = np.arange(-719_162 if step > 1 else -60_000, 2_932_897 if step > 1 else 60_000, step, dtype=np.int32)
    _agree(_batch(pa.array(days).cast(pa.date32())))


_PATTERNS = Patterns(("0##-?#?", "#########", "plain", "(##) ##", "?"))
_POOLS = (
    pa.array(["Ann", "Bob", "Zoë", "x" * 40]),
    pa.array(["", "a,b", 'q"q', "t\tt", "n\nn", "\\.", "\\"]),
    pa.array(["", "."]),
)


@st.composite
def _spelled(draw: st.DrawFn) -> Spelled:
    length = 7
    numbers = st.lists(st.integers(0, 10**6), min_size=length, max_size=length).map(np.array)

    def piece() -> Piece:
        match draw(st.integers(0, 4)):
            case 0:
                return draw(st.sampled_from(["-", ", ", '"', "\\", "", "a long literal of more than sixteen bytes"]))
            case 1:
                pool = draw(st.sampled_from(_POOLS))
                return Gathered(pool, draw(numbers) % len(pool))
            case 2:
                return Number(draw(numbers) - 500)
            case 3:
                pattern = draw(numbers) % len(_PATTERNS.patterns)
                return Filled(_PATTERNS, pattern, draw(numbers) % _PATTERNS.sizes[pattern])
            case _:
                return Texts(pa.array(draw(st.lists(_TEXT, min_size=length, max_size=length))))

    column = spell(*[piece() for _ in range(draw(st.integers(1, 5)))], length=length)
    nulls = draw(st.none() | st.lists(st.booleans(), min_size=length, max_size=length))
    return column if nulls is None else column.with_nulls(np.array(nulls))


@settings(max_examples=300, deadline=None)
@given(columns=st.lists(_spelled(), min_size=1, max_size=3))
def test_pieces_are_written_as_their_text_is(columns: list[Spelled]) -> None:
    """A field of pieces gets quotes exactly where the text they make would get them."""
    _agree(_batch(*columns))


def test_lines_do_not_depend_on_how_rows_are_cut() -> None:
    """More rows than the kernel takes at once, and slices that begin within a byte of the NULLs' bitmap."""
    rows = MOST_ROWS + 1_003
    numbers = np.arange(rows)
    pool = pa.array([f"entry {n}" for n in range(97)])
    batch = _batch(
        spell(Gathered(pool, numbers % 97), "/", Number(numbers), length=rows).with_nulls(numbers % 5 == 0),
        pa.array([None if n % 3 == 0 else n for n in range(rows)], pa.int32()),
    )
    whole = _ENCODERS[0].encode(batch)
    assert whole == _ENCODERS[0].encode_plainly(batch.record_batch())
    for size in (1, 13, 4_097):
        starts = range(0, rows if size > 1 else 40, size)
        cut = b"".join(_ENCODERS[0].encode(batch.slice(at, at + size)) for at in starts)
        assert cut == (whole if size > 1 else whole[: len(cut)])


def test_pools_that_come_and_go_are_told_apart() -> None:
    """A pool is known by itself, never by where it lay in memory: another may lie there later."""
    for n in range(300):
        pool = pa.array([f"{n}-{entry}" for entry in range(50)])
        batch = _batch(spell(Gathered(pool, np.arange(50)), length=50))
        assert _ENCODERS[0].encode(batch) == b"".join(b"%d-%d\n" % (n, entry) for entry in range(50))


def test_a_record_batch_is_taken_as_it_is() -> None:
    """Who has Arrow's own batches gets the same lines."""
    batch = pa.record_batch([pa.array([1, 2]), pa.array(["a", None])], names=["n", "t"])
    assert _ENCODERS[0].encode(batch) == _ENCODERS[0].encode(loose(batch)) == b"1,a\n2,\n"


def test_the_compiled_kernel_is_that_of_its_source() -> None:
    """`make kernel` wrote down which source it compiled to which code; a change of either alone is seen here."""
    folder = Path(app.generator.kernel.__file__).parent
    for line in (folder / "lines.sha256").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, f"{name}: run `make kernel`"
