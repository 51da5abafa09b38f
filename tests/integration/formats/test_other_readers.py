"""Programs that we did not write read the files: values compared with the Arrow batches they were made from."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pytest

from app.generator.layout import Output, render_all
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
