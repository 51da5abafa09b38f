"""The kernel that writes lines: the same bytes as Arrow alone, whatever the columns are."""

import hashlib
from datetime import UTC, date, time
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app.generator.kernel
from app.generator.draws import Chance, Draw, Index, Nulls
from app.generator.formats.copy import CopyEncoder
from app.generator.formats.csv import CsvEncoder, TsvEncoder
from app.generator.kernel.lines import write_lines
from app.generator.kernel.machine import Unavailable, machine
from app.generator.keys import Rows
from app.generator.plan import TablePlan
from app.generator.snapshot.model import QName
from app.generator.spelling import Counted, Filled, Gathered, LooseBatch, Number, Piece, Spelled, Texts, loose, spell
from app.generator.values.numbers import decimals
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
# Few rows are left to Arrow until there is a machine.
machine()
_TABLE = TablePlan(QName("public", "t"), 0, ())
_ENCODERS = (CsvEncoder(_TABLE), TsvEncoder(_TABLE), CopyEncoder(_TABLE))


def _batch(*columns: Any) -> LooseBatch:
    kinds = [pa.string() if isinstance(column, Spelled) else column.type for column in columns]
    schema = pa.schema([pa.field(str(n), kind) for n, kind in enumerate(kinds)])
    length = columns[0].length if isinstance(columns[0], Spelled | Counted) else len(columns[0])
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


_ROWS = np.array([0, 1, 2, 5_000, 10**10, (1 << 62) + 1, 3])
_COUNTS = (
    st.integers(1, 1 << 32) | st.integers(1, 1 << 58) | st.sampled_from([1, (1 << 32) - 1, 1 << 32, (1 << 32) + 1])
)


@st.composite
def _spelled(draw: st.DrawFn) -> Spelled:
    length = 7
    numbers = st.lists(st.integers(0, 10**6), min_size=length, max_size=length).map(np.array)
    keys = st.integers(0, (1 << 64) - 1)

    def index(count: int) -> Index:
        """Places given, drawn evenly, or drawn in two halves."""
        match draw(st.integers(0, 2)):
            case 0:
                return draw(numbers) % count
            case 1:
                return Draw(draw(keys), _ROWS, count)
            case _:
                first = draw(st.integers(1, count - 1))
                return Draw(draw(keys), _ROWS, first, second=count - first)

    def piece() -> Piece:
        match draw(st.integers(0, 4)):
            case 0:
                return draw(st.sampled_from(["-", ", ", '"', "\\", "", "a long literal of more than sixteen bytes"]))
            case 1:
                pool = draw(st.sampled_from(_POOLS))
                return Gathered(pool, index(len(pool)))
            case 2:
                count, start, step = draw(_COUNTS), draw(st.integers(-1000, 1000)), draw(st.integers(1, 9))
                return (
                    Number(draw(numbers) - 500)
                    if draw(st.booleans())
                    else Number(Draw(draw(keys), _ROWS, count, start, step))
                )
            case 3:
                if draw(st.booleans()):
                    return Filled(_PATTERNS, index(len(_PATTERNS.patterns)), None, draw(keys), _ROWS)
                pattern = draw(numbers) % len(_PATTERNS.patterns)
                return Filled(_PATTERNS, pattern, draw(numbers) % _PATTERNS.sizes[pattern])
            case _:
                return Texts(pa.array(draw(st.lists(_TEXT, min_size=length, max_size=length))))

    column = spell(*[piece() for _ in range(draw(st.integers(1, 5)))], length=length)
    nulls = draw(st.none() | st.lists(st.booleans(), min_size=length, max_size=length).map(np.array))
    if nulls is None:
        return column
    return column.with_nulls(nulls if draw(st.booleans()) else Chance(draw(keys), _ROWS, draw(st.integers(0, 10**6))))


@settings(max_examples=300, deadline=None)
@given(columns=st.lists(_spelled(), min_size=1, max_size=3))
def test_pieces_are_written_as_their_text_is(columns: list[Spelled]) -> None:
    """A field of pieces gets quotes exactly where the text they make would get them."""
    _agree(_batch(*columns))


_COUNTED: list[tuple[pa.DataType, int, int]] = [
    (pa.int64(), -(10**15), 1 << 55),
    (pa.int32(), -5, 1000),
    (pa.int16(), 0, 30_000),
    (pa.date32(), -25_000, 50_000),
    (pa.date32(), 2_932_000, 2_000),
    (pa.timestamp("us", "UTC"), -(10**15), 1 << 51),
    (pa.timestamp("us"), 0, 1),
    (pa.decimal128(15, 2), -500, 10_000_000),
    (pa.decimal128(12, 11), 1, 1_000),
]


@pytest.mark.parametrize(("kind", "start", "count"), _COUNTED, ids=str)
@pytest.mark.parametrize("nulls", [None, Chance(9, np.arange(500), 300_000), np.arange(500) % 3 == 0], ids=repr)
def test_numbers_are_drawn_in_the_kernel_as_they_are_outside(
    kind: pa.DataType, start: int, count: int, nulls: Nulls | None
) -> None:
    """The same numbers, the same NULLs; and what the kernel cannot write it leaves to Arrow, unchanged."""

    def render(numbers: Rows) -> pa.Array:
        if pa.types.is_decimal(kind):
            return decimals(numbers, 1, 0, kind)
        return pa.array(numbers.astype(np.int32)).view(kind) if kind.bit_width == 32 else pa.array(numbers).cast(kind)

    column = Counted(Draw(1 << 63 | 5, np.arange(500), count, start, 1), kind, render, nulls)
    _agree(_batch(column, spell(Number(np.arange(500)), length=500)))


def test_lines_do_not_depend_on_how_rows_are_cut() -> None:
    """More rows than the kernel takes at once, and slices that begin within a byte of the NULLs' bitmap."""
    rows = 60_003
    numbers = np.arange(rows)
    pool = pa.array([f"entry {n}" for n in range(97)])
    batch = _batch(
        spell(Gathered(pool, Draw(3, numbers, 97)), length=rows).with_nulls(Chance(4, numbers, 500_000)),
        spell(Gathered(pool, numbers % 97), "/", Number(numbers), length=rows).with_nulls(numbers % 5 == 0),
        pa.array([None if n % 3 == 0 else n for n in range(rows)], pa.int32()),
    )
    whole = _ENCODERS[0].encode(batch)
    assert whole == _ENCODERS[0].encode_plainly(batch.record_batch())
    for size in (1, 13, 4_097):
        starts = range(0, rows if size > 1 else 40, size)
        cut = b"".join(_ENCODERS[0].encode(batch.slice(at, at + size)) for at in starts)
        assert cut == (whole if size > 1 else whole[: len(cut)])


def test_two_files_may_be_written_in_turns() -> None:
    """Portions of one batch are its own, whatever else is written before the next is asked for."""
    numbers = np.arange(100_000)
    one = _batch(spell("one ", Number(Draw(1, numbers, 10**9)), length=100_000))
    two = _batch(spell("two ", Number(Draw(2, numbers, 10**9)), length=100_000))
    expected = [_ENCODERS[0].encode_plainly(batch.record_batch()) for batch in (one, two)]
    found = [b"", b""]
    for portions in zip_longest(_ENCODERS[0].portions(one), _ENCODERS[0].portions(two), fillvalue=b""):
        found = [so_far + portion for so_far, portion in zip(found, portions, strict=True)]
    assert found == expected


def test_rows_that_the_kernel_declines_stand_where_they_belong() -> None:
    """A moment beyond all calendars in the middle of many: what is around it is written as ever."""
    moments = np.arange(80_000, dtype=np.int64) * 1_000_003
    moments[41_234] = (1 << 63) - 1
    _agree(_batch(pa.array(moments).cast(pa.timestamp("us")), spell(Number(moments), length=80_000)))


def test_the_kernel_is_what_writes() -> None:
    """Where it runs at all, no row of such columns is left to Arrow: the comparisons above compare two things."""
    machine()
    columns = (spell(Gathered(_POOLS[0], Draw(1, np.arange(9), 4)), length=9), pa.array(range(9)))
    encoder = _ENCODERS[0]
    portions = list(write_lines(columns, encoder.dialect, lambda array, number: (array, True), 9))
    assert [(first, stop) for first, stop, lines in portions if lines is not None] == [(0, 9)]


def test_without_the_kernel_the_same_lines_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform without WebAssembly is slower and no different."""
    batch = _batch(spell(Gathered(_POOLS[1], Draw(1, np.arange(99), 7)), length=99), pa.array(range(99)))
    quick = _ENCODERS[0].encode(batch)

    def unavailable() -> None:
        raise Unavailable

    monkeypatch.setattr("app.generator.kernel.lines.machine", unavailable)
    assert _ENCODERS[0].encode(batch) == quick


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
