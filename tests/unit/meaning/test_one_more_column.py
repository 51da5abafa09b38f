"""What a column means does not hang on how many others there are."""

import csv
from pathlib import Path

import pytest

from app.generator.domain import Domain
from app.generator.meaning.concepts import recognise
from app.generator.meaning.languages import language_of
from app.generator.snapshot.model import Column, QName
from app.generator.values.context import ColumnContext
from tests.unit.meaning.tables import type_of

_FOLDER = Path(__file__).parent
# Of nothing that the tables are about, and with English words: they speak against no language.
_ADDED = {"remark": "text", "position": "int4", "width_mm": "int4"}
_PLAIN = "remark width size weight color height owner flag priority created_at updated_at email name status kind number"
# Of the labelled tables every so manieth.
_STEP = 12


def _concepts(table: str, columns: dict[str, str], of: dict[str, str]) -> dict[str, str]:
    """What the columns `of` a table with those columns are about."""
    types = {name: type_of(kind) for name, kind in columns.items()}
    return {
        name: recognise(
            ColumnContext(QName("public", table), Column(name, types[name]), types[name], Domain(), siblings=types)
        ).name
        for name in of
    }


def _labelled() -> list[tuple[str, dict[str, str]]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name in ("public_names.csv", "own_names.csv"):
        with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if "[]" not in row["type"]:
                    kind = row["type"].replace("char(", "bpchar(").replace("varbpchar", "varchar")
                    found.setdefault((row["set"] + name, row["table"]), {})[row["column"]] = kind
    return [(table, columns) for (_, table), columns in found.items()][::_STEP]


def test_one_more_column_changes_what_no_other_one_means() -> None:
    """In tables of all languages, with prefixes and without."""
    tables = _labelled()
    assert len(tables) > 100
    for table, columns in tables:
        before = _concepts(table, columns, columns)
        for name, kind in _ADDED.items():
            if name not in columns:
                assert _concepts(table, {**columns, name: kind}, columns) == before, (table, name)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("qualidade", "nome descricao prioridade bairro"),
        ("kunde", "strName lngPunkte dblSaldo dtmGeburt"),
        ("filiales", "filnom filrue filville filtel"),
        ("serveurs", "vehi_nom vehi_ville vehi_tel vehi_rue"),
    ],
)
def test_no_share_of_a_tables_columns_decides(table: str, columns: str) -> None:
    """What all of the names have in common they still have when they are a few of many."""
    few = dict.fromkeys(columns.split(), "text")
    many = few | dict.fromkeys(_PLAIN.split(), "text")
    assert _concepts(table, many, few) == _concepts(table, few, few)
    assert language_of(tuple(many), table) == language_of(tuple(few), table)


def test_ids_are_ids_however_many_there_are() -> None:
    """A piece with a meaning of its own is not what the names of a table merely share: user_id is no count of users."""
    columns = {"user_id": "int8", "post_id": "int8", "photo_id": "int8", "comment_id": "int8", "owner_id": "int8"}
    assert "count" not in _concepts("reactions", columns, columns).values()
    assert "money" not in _concepts("payments", columns | {"payment_id": "int8"}, {"payment_id": ""}).values()
