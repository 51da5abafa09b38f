"""Names of German and Dutch cut at their end, and what a name or a comment says a number is counted in."""

import pytest

from app.generator.domain import Domain
from app.generator.meaning.concepts import recognise
from app.generator.meaning.naming import raw_tokens
from app.generator.snapshot.model import Column, QName
from app.generator.values.context import ColumnContext
from tests.unit.meaning.tables import type_of

_AROUND = {
    "de": ("pruefungen", {"vorgangsnummer": "varchar(20)", "strasse": "varchar(60)", "bemerkung": "text"}),
    "nl": (
        "keuringen",
        {"dossiernummer": "varchar(20)", "straat": "varchar(60)", "opmerking": "text", "gemeente": "varchar(40)"},
    ),
    "en": ("measurements", {"street": "varchar(60)", "remarks": "text"}),
}


def _concept(language: str, column: str, kind: str, comment: str | None = None) -> str:
    table, others = _AROUND[language]
    ref = type_of(kind)
    siblings = {name: type_of(other) for name, other in others.items()}
    return recognise(
        ColumnContext(QName("public", table), Column(column, ref, comment=comment), ref, Domain(), siblings=siblings)
    ).name


@pytest.mark.parametrize(
    ("language", "column", "kind", "concept"),
    [
        ("de", "mess_erg", "varchar(30)", "status"),
        ("de", "zweigst", "varchar(40)", "store"),
        ("de", "bank_verb", "varchar(34)", "iban"),
        ("de", "freig_durch", "varchar(40)", "full_name"),
        ("nl", "goedgek_dr", "varchar(40)", "full_name"),
        ("nl", "iban_eig", "varchar(34)", "iban"),
    ],
)
def test_what_is_cut_short_is_read(language: str, column: str, kind: str, concept: str) -> None:
    """An Erg is an Ergebnis, a Zweigst a Zweigstelle, and who did it stands before `von` and `dr`."""
    assert _concept(language, column, kind) == concept


@pytest.mark.parametrize(
    ("language", "column", "kind", "comment", "concept"),
    [
        ("en", "budget_burn", "numeric(5,2)", "percent of the monthly budget", "percentage"),
        ("en", "xbq", "numeric(6,1)", "in days", "duration"),
        ("de", "xbq", "numeric(6,2)", "Angabe in Minuten", "duration"),
        ("nl", "xbq", "numeric(6,3)", "in euro", "money"),
        ("de", "xbq", "numeric(6,3)", "in kg", "measure"),
        ("en", "price", "numeric(8,2)", "in days", "money"),
        ("en", "visits", "int4", "in Germany", "count"),
    ],
)
def test_a_comment_says_what_a_number_is_counted_in(
    language: str, column: str, kind: str, comment: str, concept: str
) -> None:
    """Where the name does not say more; what is only spelled like a unit is none."""
    assert _concept(language, column, kind, comment) == concept


def test_units_of_capitals_are_one_word() -> None:
    """`kW` is no k and no W, also written on; a name in which letters meet so is cut as others are."""
    assert raw_tokens("Leist_kW") == ("leist", "kw")
    assert raw_tokens("VerbrauchkWh") == ("verbrauch", "kwh")
    assert raw_tokens("GraphHeight") == ("graph", "height")
    assert _concept("de", "Leist_kW", "numeric(8,2)") == "measure"


@pytest.mark.parametrize(
    ("language", "column", "kind", "concept"),
    [
        ("de", "Quorxmann", "varchar(60)", "full_name"),
        ("nl", "vaartuigkundige", "varchar(60)", "full_name"),
        ("nl", "xqbr", "varchar(10)", "code"),
        ("de", "EinsProWo", "int2", "count"),
        ("de", "aangevr_via", "varchar(15)", "channel"),
    ],
)
def test_the_least_wrong_guess(language: str, column: str, kind: str, concept: str) -> None:
    """An unknown word is somebody if it ends so and there is room for a name; else its room says what it may be."""
    assert _concept(language, column, kind) == concept
