"""Programs that we did not write read the files: values compared with the Arrow batches they were made from."""

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pytest

from app.generator.formats.pgtext import input_form
from app.generator.formats.thrift import read_struct, write_struct
from app.generator.layout import Output, render_all, sizes
from tests.unit.formats.samples import batch_of, make_plan, rows_of, table_plan

ROWS = 3_000
# Types that both sides have.
COLUMNS = ["id", "text", "flag", "price", "ratio", "day", "at", "at_zone", "clock", "json"]
DUCK_TYPES = {
    "id": "BIGINT",
    "text": "VARCHAR",
    "flag": "BOOLEAN",
    "price": "DECIMAL(12,2)",
    "ratio": "DOUBLE",
    "day": "DATE",
    "at": "TIMESTAMP",
    "at_zone": "TIMESTAMPTZ",
    "clock": "TIME",
    "json": "VARCHAR",
}
TABLE = table_plan("t", ROWS, COLUMNS)


def written(form: str, compression: str | None = None) -> bytes:
    return b"".join(render_all(make_plan(TABLE), Output(form, compression), source=rows_of))


def comparable(value: Any) -> Any:
    """NaN is itself here."""
    return "NaN" if isinstance(value, float) and value != value else value


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """The rows as Python values."""
    return [tuple(map(comparable, row)) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]


EXPECTED = rows(pa.Table.from_batches([batch_of(TABLE, ROWS)]))


@pytest.mark.parametrize(("form", "compression"), [("csv", None), ("csv", "gzip"), ("csv", "zstd"), ("tsv", None)])
def test_duckdb_reads_delimited_files(tmp_path: Path, form: str, compression: str | None) -> None:
    """All values, NULL apart from the empty string, compressed or not."""
    path = tmp_path / "file"
    path.write_bytes(written(form, compression))
    delimiter = "," if form == "csv" else "\t"
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        # Without its own guessing; quoted or not tells NULL from the empty string.
        query = (
            f"select * from read_csv('{path}', columns = {DUCK_TYPES}, header = true, delim = '{delimiter}', "
            f"quote = '\"', escape = '\"', compression = '{compression or 'none'}', auto_detect = false, "
            "allow_quoted_nulls = false)"
        )
        assert rows(connection.sql(query).to_arrow_table()) == EXPECTED


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_duckdb_reads_json(tmp_path: Path, form: str) -> None:
    """All values, decimals to the last digit."""
    path = tmp_path / "file"
    path.write_bytes(written(form))
    kind = "array" if form == "json" else "newline_delimited"
    types = {**DUCK_TYPES, "ratio": "VARCHAR", "json": "JSON"}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        read = connection.sql(
            f"select * from read_json('{path}', columns = {types}, format = '{kind}')"
        ).to_arrow_table()
    names = {"NaN": "NaN", "Infinity": float("inf"), "-Infinity": float("-inf")}
    found = [
        tuple(
            names.get(v, float(v)) if name == "ratio" and v is not None else v
            for name, v in zip(COLUMNS, row, strict=True)
        )
        for row in rows(read)
    ]
    assert [row[:-1] for row in found] == [row[:-1] for row in EXPECTED]


# What Polars calls the types of COLUMNS. Its JSON reader knows decimals, times and moments as texts alone.
POLARS_TYPES: dict[str, Any] = {
    "id": polars.Int64,
    "text": polars.String,
    "flag": polars.Boolean,
    "price": polars.Decimal(12, 2),
    "ratio": polars.Float64,
    "day": polars.Date,
    "at": polars.Datetime("us"),
    "at_zone": polars.Datetime("us", "UTC"),
    "clock": polars.Time,
    "json": polars.String,
}
_AS_TEXT = ("price", "day", "at", "at_zone", "clock")


def typed(frame: polars.DataFrame) -> list[tuple[Any, ...]]:
    """A frame's rows, with what was read as text turned into what it says."""
    moments = [
        polars.col("price").cast(polars.Decimal(12, 2)),
        polars.col("day").str.to_date("%Y-%m-%d"),
        polars.col("at").str.replace("T", " ").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us"),
        polars.col("at_zone")
        .str.replace("T", " ")
        .str.replace(r"\+00(:00)?$", "+00:00")
        .str.to_datetime("%Y-%m-%d %H:%M:%S%.f%:z", time_unit="us", time_zone="UTC"),
        polars.col("clock").str.to_time("%H:%M:%S%.f"),
    ]
    return rows(frame.with_columns(moments).to_arrow())


@pytest.mark.parametrize(("form", "compression"), [("csv", None), ("csv", "gzip"), ("csv", "zstd"), ("tsv", None)])
def test_polars_reads_delimited_files(form: str, compression: str | None) -> None:
    """All values, NULL apart from the empty string, compressed or not."""
    types = {name: polars.String if name in _AS_TEXT else POLARS_TYPES[name] for name in COLUMNS}
    frame = polars.read_csv(
        io.BytesIO(written(form, compression)),
        separator="," if form == "csv" else "\t",
        schema=types,
    )
    assert typed(frame) == EXPECTED


def test_polars_reads_ndjson() -> None:
    """All values; documents as it writes them itself, since it reads no JSON without a type."""
    chosen = [name for name in COLUMNS if name not in ("json", "ratio")]
    types = {name: polars.String if name in _AS_TEXT and name != "price" else POLARS_TYPES[name] for name in chosen}
    frame = polars.read_ndjson(io.BytesIO(written("ndjson")), schema=types | {"price": polars.Float64})
    frame = frame.with_columns(polars.col("price").round(2).cast(polars.Decimal(12, 2)).cast(polars.String))
    places = [COLUMNS.index(name) for name in chosen]
    assert typed(frame) == [tuple(row[place] for place in places) for row in EXPECTED]


def test_polars_reads_parquet() -> None:
    """Every type that it has, lists of lists of them too."""
    frame = polars.read_parquet(io.BytesIO(written("parquet")))
    assert {name: POLARS_TYPES[name] for name in COLUMNS} == dict(frame.schema)
    assert rows(frame.to_arrow()) == EXPECTED


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_python_reads_csv(form: str) -> None:
    """Its reader knows texts alone: every type's value is the text that Postgres reads."""
    table = table_plan("t", 700)
    data = b"".join(render_all(make_plan(table), Output(form), source=rows_of)).decode()
    head, *found = csv.reader(io.StringIO(data, newline=""), dialect="excel" if form == "csv" else "excel-tab")
    batch = batch_of(table, 700)
    assert head == batch.schema.names
    texts = [input_form(batch.column(i), field) for i, field in enumerate(batch.schema)]
    texts = [
        pc.if_else(batch.column(i), "true", "false") if f.type == pa.bool_() else texts[i]
        for i, f in enumerate(batch.schema)
    ]
    assert found == [[text or "" for text in row] for row in zip(*(t.to_pylist() for t in texts), strict=True)]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many row groups in a small file."""
    monkeypatch.setattr(sizes, "_PIECE_ROWS", 700)


@pytest.mark.usefixtures("small_pieces")
def test_arrow_reads_parquet() -> None:
    """Every type, nested ones too, from row groups that were put together; statistics and places are right."""
    table = table_plan("t", ROWS)
    data = b"".join(render_all(make_plan(table), Output("parquet"), source=rows_of))
    file = pyarrow.parquet.ParquetFile(io.BytesIO(data), page_checksum_verification=True)
    expected = pa.Table.from_batches([batch_of(table, ROWS)])
    assert file.metadata.num_row_groups == 5
    # Parquet has its own name for a list's elements.
    assert [str(kind).replace("element:", "item:") for kind in file.read().schema.types] == [
        str(kind) for kind in expected.schema.types
    ]
    assert [f.metadata[b"pg"] for f in file.read().schema] == [f.metadata[b"pg"] for f in expected.schema]
    assert rows(file.read()) == rows(expected)
    assert rows(pa.concat_tables([file.read_row_group(group) for group in (4, 0)])) == rows(
        pa.concat_tables([expected.slice(2_800), expected.slice(0, 700)])
    )


def test_arrow_counts_rows_without_columns() -> None:
    """A table may have none, and has rows all the same."""
    batch = pa.record_batch([pa.array([1, 2, 3])], names=["x"]).select([])
    plan = make_plan(table_plan("t", 3, []))
    data = b"".join(render_all(plan, Output("parquet"), source=lambda *_: iter([batch])))
    assert pyarrow.parquet.read_table(io.BytesIO(data)).num_rows == 3


@pytest.mark.usefixtures("small_pieces")
def test_duckdb_reads_parquet(tmp_path: Path) -> None:
    """Another reader of the format, which skips row groups by their statistics; on its own and from an archive."""
    plan = make_plan(TABLE, table_plan("empty", 0, COLUMNS))
    with zipfile.ZipFile(io.BytesIO(b"".join(render_all(plan, Output("parquet"), source=rows_of)))) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "alone.parquet").write_bytes(written("parquet"))
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name in ("alone", "t"):
            found = connection.sql(f"from '{tmp_path}/{name}.parquet'")
            assert rows(found.to_arrow_table()) == EXPECTED
            filtered = connection.sql(f"select count(*) from '{tmp_path}/{name}.parquet' where id = 42")
            assert filtered.fetchall() == [(ROWS // 5,)]
        assert connection.sql(f"select count(*) from '{tmp_path}/empty.parquet'").fetchall() == [(0,)]


def test_footers_go_through_unchanged() -> None:
    """What we read of a footer is all of it: written again it is the same, byte for byte."""
    table = table_plan("t", ROWS)
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(pa.Table.from_batches([batch_of(table, ROWS)]), sink, write_page_index=True)
    data = sink.getvalue().to_pybytes()
    footer = data[-8 - int.from_bytes(data[-8:-4], "little") : -8]
    assert write_struct(read_struct(footer)) == footer


def test_arrow_reads_csv(tmp_path: Path) -> None:
    """Arrow's own reader, from an archive's file."""
    plan = make_plan(TABLE, table_plan("other", 1, ["id"]))
    with zipfile.ZipFile(io.BytesIO(b"".join(render_all(plan, Output("csv"), source=rows_of)))) as archive:
        data = archive.read("t.csv")
    options = pyarrow.csv.ConvertOptions(
        column_types={"id": pa.int64(), "text": pa.string(), "price": pa.decimal128(12, 2), "json": pa.string()},
        include_columns=["id", "text", "price", "json"],
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    parsing = pyarrow.csv.ParseOptions(newlines_in_values=True)
    read = pyarrow.csv.read_csv(io.BytesIO(data), parse_options=parsing, convert_options=options)
    assert read["price"].to_pylist()[:4] == [Decimal("0.00"), Decimal("-0.05"), Decimal("9999999999.99"), None]
    chosen = [COLUMNS.index(name) for name in ("id", "text", "price", "json")]
    assert rows(read) == [tuple(row[i] for i in chosen) for row in EXPECTED]
