"""Columns that hold one of a few things: which list they have, and in which language."""

from pathlib import Path

import pytest

from app.generator.domain import Domain
from app.generator.meaning import choose, listing
from app.generator.meaning.listing import is_listed, listed
from app.generator.meaning.vocabulary import ONE_OF, POOLS
from app.generator.snapshot.model import Column, QName, TypeRef
from app.generator.values.context import ColumnContext
from tests.unit.meaning.tables import Table

_TEXT = TypeRef("pg_catalog", "text")
# What is made of more than the concept.
_SPOKEN = {"kind", "level", "direction", "result", "category", "tag"}
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


@pytest.mark.parametrize(
    ("table", "column", "others", "value"),
    [
        ("interventions_voirie", "priorite", ("rue", "date_debut", "libelle"), "basse"),
        ("articles", "unite", ("designation", "prix_ht", "libelle"), "pièce"),
        ("chambres", "type_chambre", ("etage", "prix_nuit", "libelle"), "familiale"),
        ("ordenes", "prioridad", ("calle", "fecha_inicio", "descripcion"), "baja"),
        ("turnos", "dia_semana", ("nombre", "hora_inicio", "descripcion"), "miércoles"),
        ("chamados", "prioridade", ("descricao", "data_abertura", "solicitante"), "média"),
        ("interventi", "priorita", ("indirizzo", "data_inizio", "descrizione"), "bassa"),
        ("wartungen", "dringlichkeitsprioritaet", ("strasse", "beginn", "beschreibung"), "niedrig"),
        ("kurse", "wochentag", ("bezeichnung", "beginn", "kursgebuehr"), "Mittwoch"),
        ("storingen", "prioriteit", ("straat", "begindatum", "omschrijving"), "spoed"),
        ("bestellingen", "betaalwijze", ("klant", "bedrag", "omschrijving"), "iDEAL"),
        ("assenze", "tipo_assenza", ("dipendente", "data_inizio", "note"), "malattia"),
    ],
)
def test_what_a_concept_is_one_of_is_in_the_language_of_the_table(
    table: str, column: str, others: tuple[str, ...], value: str
) -> None:
    """Priorities, units, rooms and days, whatever the locale."""
    assert value in _values(table, column, *others)


def test_german_is_written_with_the_umlauts_it_has_and_no_others() -> None:
    """A Steuer has none."""
    text = (_FOLDER / "listed_de.txt").read_text("utf-8")
    assert "aü" not in text
    assert "eü" not in text


def test_a_locale_of_the_language_has_pools_of_its_own() -> None:
    """Which hold more than a list of a few: where the locale is French, its days are."""
    types = {"jour_semaine": "text", "libelle": "text", "date_debut": "date", "rue": "text"}
    assert Table("permanences", types, "fr_FR").choices["jour_semaine"].generator == "pool"
    assert Table("permanences", types, "en_US").choices["jour_semaine"].generator == "one_of"


def test_flags_of_one_character_are_yes_in_the_language_of_the_table() -> None:
    """A Portuguese yes is an S, and a table's states are in its language too."""
    types = {"nm_func": "text", "dt_nasc": "date", "fl_ativo": "bpchar(1)", "situacao": "text", "nr_cpf": "text"}
    made = Table("cad_funcionarios", types).choices
    assert made["fl_ativo"].options["values"] == ["S", "N"]
    assert "ativo" in made["situacao"].options["values"]


def test_lists_of_several_words_come_before_those_of_one() -> None:
    """The region of a server is no region of a country, and a lone word has no list of several."""
    assert is_listed(("server", "region"))
    assert not is_listed(("region",))
    assert listed(("concrete", "grade")) != listed(("wood", "grade"))


@pytest.mark.parametrize("language", ["de", "nl", "fr", "es", "pt", "it"])
def test_each_list_of_a_language_has_one_in_english(language: str) -> None:
    """A list that no English word leads to would never be read; none has a value twice or an empty one."""

    def heads(name: str) -> dict[str, list[str]]:
        lines = (_FOLDER / name).read_text("utf-8").splitlines()
        parted = [line.partition(": ") for line in lines if not line.startswith("#")]
        assert len({head for head, *_ in parted}) == len(parted)
        return {head: values.split("; ") for head, _, values in parted}

    english, own = heads("listed.txt"), heads(f"listed_{language}.txt")
    of_concepts = {head for head in own if head.startswith("=")}
    assert own.keys() - of_concepts <= english.keys()
    assert {head[1:].partition(" ")[0] for head in of_concepts} <= {*POOLS, *ONE_OF, *_SPOKEN}
    assert len(own) > 200
    for head, values in own.items():
        assert len(set(values)) == len(values), head
        assert all(values), head


@pytest.mark.parametrize(
    ("table", "column", "locale", "value"),
    [
        ("netzanschluesse", "Ableseart", "de_DE", "Selbstablesung"),
        ("vereinsbuch", "Mitgl_Art", "de_DE", "Ehrenmitglied"),
        ("woz_objecten", "soort_obj", "nl_NL", "appartement"),
        ("verkooporders", "lev_wijze", "nl_NL", "afhalen"),
    ],
)
def test_types_of_trades_are_those_that_they_have(table: str, column: str, locale: str, value: str) -> None:
    """And not standard, premium and basic."""
    beside = {"de_DE": ("Kunde", "Strasse", "Rechnungsdatum"), "nl_NL": ("klant", "straat", "factuurdatum")}[locale]
    made = Table(table, {**dict.fromkeys(beside, "text"), column: "varchar(30)"}, locale).columns()[column]
    assert value in made
