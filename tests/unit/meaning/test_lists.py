"""Columns that hold one of a few things: which list they have, and in which language."""

from pathlib import Path

import pytest

from app.generator.domain import Domain
from app.generator.meaning import choose, listing
from app.generator.meaning.listing import is_listed, listed
from app.generator.snapshot.model import Column, QName, TypeRef
from app.generator.values.context import ColumnContext

_TEXT = TypeRef("pg_catalog", "text")
_FOLDER = Path(listing.__file__).parent


def _values(table: str, column: str, *others: str) -> list[str]:
    context = ColumnContext(
        QName("public", table), Column(column, _TEXT), _TEXT, Domain(), siblings=dict.fromkeys(others, _TEXT)
    )
    choice = choose(context)
    assert choice.generator == "one_of", choice
    return list(choice.options["values"])


@pytest.mark.parametrize(
    ("table", "column", "others", "value"),
    [
        ("fahrzeuge", "antriebsart", ("kennzeichen", "lackfarbe", "bemerkung"), "Allrad"),
        ("lagerbestand", "palettentyp", ("artikel", "menge", "lieferant"), "Europalette"),
        ("unfaelle", "strassenzustand", ("strasse", "datum", "beschreibung"), "nass"),
        ("woningen", "dakbedekking", ("straat", "woonplaats", "bouwjaar"), "dakpannen"),
        ("dossiers", "rechtsgebied", ("klant", "omschrijving", "behandelaar"), "huurrecht"),
        ("vehicles", "drivetrain", ("make", "model", "owner_name"), "all-wheel"),
        ("accidents", "road_surface", ("street", "date", "description"), "wet"),
        ("shipments", "charging_port", ("driver", "plate"), "CCS"),
    ],
)
def test_lists_are_in_the_language_of_the_table(table: str, column: str, others: tuple[str, ...], value: str) -> None:
    """What a table calls by its own language's name is one of that language's things."""
    assert value in _values(table, column, *others)


def test_lists_of_several_words_come_before_those_of_one() -> None:
    """The region of a server is no region of a country, and a lone word has no list of several."""
    assert is_listed(("server", "region"))
    assert not is_listed(("region",))
    assert listed(("concrete", "grade")) != listed(("wood", "grade"))


@pytest.mark.parametrize("language", ["de", "nl"])
def test_each_list_of_a_language_has_one_in_english(language: str) -> None:
    """A list that no English word leads to would never be read; none has a value twice or an empty one."""

    def heads(name: str) -> dict[str, list[str]]:
        lines = (_FOLDER / name).read_text("utf-8").splitlines()
        parted = [line.partition(": ") for line in lines if not line.startswith("#")]
        assert len({head for head, *_ in parted}) == len(parted)
        return {head: values.split("; ") for head, _, values in parted}

    english, own = heads("listed.txt"), heads(f"listed_{language}.txt")
    assert own.keys() <= english.keys()
    assert len(own) > 200
    for head, values in own.items():
        assert len(set(values)) == len(values), head
        assert all(values), head
