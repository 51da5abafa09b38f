"""Programs that we did not write read the files: values compared with the Arrow batches they were made from."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

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
