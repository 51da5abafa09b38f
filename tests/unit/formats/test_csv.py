"""CSV: what Postgres and everybody else reads back."""

import csv
import io

import pyarrow as pa
import pytest

from app.generator.formats import rows as rows_module
from app.generator.formats.csv import CsvEncoder
from app.generator.plan import TablePlan
from app.generator.snapshot.model import QName, TypeRef
from tests.unit.formats.samples import AWKWARD_NAME, HOSTILE_TEXTS, batch_of, column_plan, table_plan


def _texts(*values: str | None) -> bytes:
    table = table_plan("t", len(values), ["text"])
    batch = pa.RecordBatch.from_arrays([pa.array(values, pa.string())], schema=table.schema)
    return CsvEncoder(table).encode(batch)


def test_null_and_the_empty_string_stay_apart() -> None:
    """NULL is nothing at all between two commas, the empty string is two quotes: Postgres' own convention."""
    assert _texts(None, "", "x") == b'\n""\nx\n'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a,b", b'"a,b"\n'),
        ('a"b', b'"a""b"\n'),
        ("a\nb", b'"a\nb"\n'),
        ("a\rb", b'"a\rb"\n'),
        ("\\.", b'"\\."\n'),
        ("\\.x", b"\\.x\n"),
        (" a ", b" a \n"),
        ("é", "é\n".encode()),
    ],
)
def test_quotes_stand_only_where_they_are_needed(value: str, written: bytes) -> None:
    """A value is quoted for what is in it, never for what stands beside it."""
    assert _texts(value) == written
    assert _texts("plain", value, "plain") == b"plain\n" + written + b"plain\n"


def test_names_of_columns_are_quoted_like_values() -> None:
    """A name may hold anything that a value may."""
    table = TablePlan(QName("public", "t"), 0, (column_plan(AWKWARD_NAME, TypeRef("pg_catalog", "text")),))
    assert next(csv.reader(io.StringIO(CsvEncoder(table).header().decode(), newline=""))) == [AWKWARD_NAME]


def test_pythons_reader_finds_the_same_texts() -> None:
    """The csv module reads every hostile text back (it knows no NULL: that is read as an empty string)."""
    table = table_plan("t", 400, ["id", "text", "json"])
    data = (CsvEncoder(table).header() + CsvEncoder(table).encode(batch_of(table))).decode()
    header, *lines = csv.reader(io.StringIO(data, newline=""))
    assert header == ["id", "text", "json"]
    assert [line[1] for line in lines] == [HOSTILE_TEXTS[row % len(HOSTILE_TEXTS)] or "" for row in range(400)]


@pytest.mark.parametrize("size", [1, 7, 100, 399])
def test_batches_of_any_size_make_the_same_file(size: int) -> None:
    """Slices are encoded like batches of their own, whichever way of writing each of them takes."""
    table = table_plan("t", 400)
    batch, encoder = batch_of(table), CsvEncoder(table)
    pieces = [encoder.encode(batch.slice(start, size), start) for start in range(0, 400, size)]
    assert b"".join(pieces) == encoder.encode(batch)


def test_a_batch_too_large_for_one_buffer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrow's strings end at 2 GiB; a batch far below that is encoded in halves, to the same bytes."""
    table = table_plan("t", 400)
    whole = CsvEncoder(table).encode(batch_of(table))
    monkeypatch.setattr(rows_module, "_LARGEST_BATCH_BYTES", 1000)
    assert CsvEncoder(table).encode(batch_of(table)) == whole


def test_both_ways_of_writing_lines_agree() -> None:
    """The fast writer and the general one give the same bytes where both can be used."""
    columns = [pa.array(["a", None, "b"]), pa.array([None, "x", "y"])]
    fast = rows_module.join_lines(columns, ",", "", plain=True)
    assert fast == rows_module.join_lines(columns, ",", "", plain=False) == b"a,\n,x\nb,y\n"


def test_a_table_without_columns_has_a_line_for_each_row() -> None:
    """Nothing but line ends: the rows are counted all the same."""
    table = TablePlan(QName("public", "t"), 3, ())
    batch = pa.RecordBatch.from_struct_array(pa.array([{}, {}, {}], pa.struct([])))
    assert (CsvEncoder(table).header(), CsvEncoder(table).encode(batch)) == (b"", b"\n\n\n")
