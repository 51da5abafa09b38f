"""Names that are cut short, end in a unit, or mean something in their table's language only; and what is of a list."""

import re
from dataclasses import replace

import pytest

from app.generator.meaning import choose
from app.generator.meaning.comments import spelled_out
from app.generator.meaning.cutting import cut_short
from app.generator.meaning.languages import language_of
from app.generator.meaning.shortened import expanded
from tests.unit.meaning.tables import Table


def _concepts(table: str, columns: dict[str, str]) -> dict[str, str]:
    made = Table(table, columns)
    return {column: choice.why.split(",")[0] for column, choice in made.choices.items()}


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        ("vorgesetz", ("person",)),  # its start
        ("trnsprtr", ("carrier",)),  # its consonants
        ("markenbez", ("brand", "label")),  # a known word with a short end
        ("vers", ()),  # of which there are many
        ("ward", ()),  # a word itself, and not short for a warden
        ("xq", ()),
    ],
)
def test_what_is_short_for_one_word_is_read_as_it(piece: str, words: tuple[str, ...]) -> None:
    """Not where two could be meant."""
    assert expanded(piece) == words


@pytest.mark.parametrize(
    ("kind", "name", "language", "concept"),
    [
        ("text", "form_jurid", "fr", "listed"),  # the starts of forme_juridique
        ("text", "nat_grd", "it", None),  # too few consonants to be giuridica
        ("number", "vitess_moyenne", "fr", "measure"),  # one of them alone
        ("text", "num_compte", "fr", None),  # a compte is a word of its own and no compteur
        ("text", "mod_acheminem", "pt", None),  # no words of this language
        ("text", "nom_clients", "fr", None),  # whose name it is others tell
        ("moment", "date_exp", "fr", None),
    ],
)
def test_nouns_of_several_words_are_read_where_each_is_cut_short(
    kind: str, name: str, language: str, concept: str | None
) -> None:
    """Each piece is the start of a word, or its consonants; a word that stands whole is meant itself."""
    found = cut_short(kind, name, language)
    assert (found and found[0]) == concept


def test_tables_of_cut_words_alone_are_of_the_language_that_few_of_them_tell() -> None:
    """What the table is called counts, where no piece is English; then each cut word is what that language cuts so."""
    columns = {"n_ot": "varchar(10)", "mat_veh": "varchar(10)", "mca": "varchar(25)", "aver_decl": "varchar(200)",
               "mo_horas": "numeric(5,2)", "imp_mo": "numeric(8,2)", "fec_ent_prev": "date",
               "mec_asig": "varchar(50)"}  # fmt: skip
    assert language_of(tuple(sorted(columns)), "taller_mecanico") == "es"
    made = _concepts("taller_mecanico", columns)
    assert made["mat_veh"] == "license plate"
    assert made["mca"] in ("brand", "car make")
    assert made["mec_asig"] == "full name"
    assert made["n_ot"] == "serial"


def test_well_known_codes_are_those_that_there_are_and_others_begin_like_their_thing() -> None:
    """An account of a ledger, a journal; the customer of a code."""
    columns = {"code_journal": "varchar(3)", "compte_general": "varchar(8)", "code_fournisseur": "varchar(12)",
               "code_naf": "bpchar(5)", "montant": "numeric(10,2)", "libelle": "varchar(60)"}  # fmt: skip
    made = Table("ecritures", columns, "fr_FR").columns()
    assert set(made["code_journal"]) <= {"AC", "VE", "BQ", "OD", "CA", "AN"}
    assert all(re.fullmatch("[1-7][0-9]{5}", code) for code in made["compte_general"])
    assert all(re.fullmatch("FOU[0-9]{4}", code) for code in made["code_fournisseur"])
    assert all(re.fullmatch("[0-9]{4}[A-Z]", code) for code in made["code_naf"])


def test_spellings_mean_what_the_table_s_language_reads() -> None:
    """`end` is an address among Portuguese columns, `time` a team, `stand` a reading among German ones."""
    portuguese = {"nm_func": "text", "nr_cpf": "text", "vl_sal": "numeric(10,2)", "nm_bairro": "text"}
    made = _concepts("cadastro", {**portuguese, "end_resid": "varchar(120)", "st_ativo": "bpchar(1)"})
    assert made["end_resid"] in ("street", "address")
    assert _concepts("ranges", {"end_number": "varchar(12)", "first_name": "text"})["end_number"] != "house number"
    assert language_of(("betrag", "datum", "kunde", "ort"), "rechnungen") == "de"
    assert language_of(("amount", "date", "customer", "city"), "invoices") == "en"
    german = {"zaehler_nr": "varchar(20)", "datum": "date", "stand": "numeric(10,1)", "lieferant": "text"}
    assert _concepts("zaehlerstaende", german)["stand"] == "measure"


def test_a_unit_at_the_end_says_what_a_number_is() -> None:
    """Where nothing before it does; what costs so much for a unit is money all the same."""
    types = {"ht_cm": "numeric(4,1)", "xyzzy_mv": "int4", "price_kg": "numeric(8,2)", "zork_hrs": "numeric(6,1)"}
    assert _concepts("things", types) == {
        "ht_cm": "measure",
        "xyzzy_mv": "measure",
        "price_kg": "money",
        "zork_hrs": "duration",
    }


def test_the_least_of_something_is_no_minute() -> None:
    """temp_min beside temp_max is a temperature, read_time_min a time."""
    made = Table("weather", {"temp_min": "numeric(4,1)", "temp_max": "numeric(4,1)", "read_time_min": "int2"})
    assert made.choices["temp_min"].why.startswith("temperature")
    assert made.choices["read_time_min"].why.startswith("duration")


def test_a_commission_of_thousands_is_an_amount() -> None:
    """And one of two digits a share."""
    assert _concepts("a", {"provision": "numeric(10,2)"})["provision"] == "money"
    assert _concepts("b", {"provision": "numeric(4,2)"})["provision"] == "percentage"


def test_how_far_something_is_lies_nowhere() -> None:
    """dunning_state is a status; billing_state and the state beside a city are parts of an address."""
    made = _concepts("tenants", {"dunning_state": "varchar(20)", "billing_state": "text", "billing_city": "text"})
    assert made["dunning_state"] == "status"
    assert made["billing_state"] == "region"


@pytest.mark.parametrize(
    ("table", "column", "looks"),
    [
        ("sightings", "habitat", "forest|wetland|grassland|river|lake|coast|urban|farmland|heath"),
        ("fields", "soil_type", "clay|loam|sandy loam|silt|sand|peat|chalk"),
        ("exams", "result", "passed|failed"),
        ("lab_samples", "result", "negative|positive|inconclusive"),
        ("bookings", "seat_no", r"\d{1,2}[A-F]"),
        ("prescriptions", "prescriber_npi", r"\d{10}"),
        ("products", "hs_code", r"\d{4}\.\d\d\.\d\d"),
        ("books", "edition", "1st|2nd|3rd|4th|5th|revised|special"),
    ],
)
def test_values_look_like_what_the_column_holds(table: str, column: str, looks: str) -> None:
    """Of a list that everybody knows, or of the form that a code has."""
    values = {value for value in Table(table, {column: "varchar(40)"}).columns()[column] if value is not None}
    assert len(values) > 1
    assert all(re.fullmatch(looks, value) for value in values)


def test_abbreviations_written_as_one_are_taken_apart_in_their_table_s_language() -> None:
    """CODCLI is the code of a client, FECVEN a day on which something is due, MTTVA an amount."""
    types = {
        "NUMFAC": "varchar(12)",
        "FECFAC": "date",
        "CODCLI": "varchar(10)",
        "FECVEN": "date",
        "FORPAG": "varchar(20)",
    }
    made = _concepts("FACTCAB", types)
    assert made["CODCLI"] in ("code", "serial")
    assert made["FORPAG"] == "payment method"
    assert made["FECVEN"] == "future"
    french = {
        "NUMFAC": "text",
        "MTTVA": "numeric(10,2)",
        "MODPAI": "text",
        "MTTTC": "numeric(10,2)",
        "TXREM": "numeric(4,2)",
    }
    made = _concepts("FACTENT", french)
    assert (made["MTTVA"], made["TXREM"], made["MODPAI"]) == ("money", "percentage", "payment method")


@pytest.mark.parametrize(
    ("column", "kind"), [("habitat", "text"), ("seat_no", "text"), ("result", "text"), ("mcc", "text")]
)
def test_a_unique_column_is_not_chosen_from_the_few_that_everybody_knows(column: str, kind: str) -> None:
    """A table has more rows than there are habitats."""
    context = replace(Table("things", {column: kind}).contexts[column], unique=True)
    assert choose(context).generator not in ("one_of", "pattern")


@pytest.mark.parametrize(
    ("name", "comment", "spelled"),
    [
        ("HK_Vorausz", "Heizkostenvorauszahlung je Monat", "Heizkostenvorauszahlung"),
        ("tsv", "tussenvoegsel", "tussenvoegsel"),
        ("Beanst", "Beanstandung Kunde", "Beanstandung"),  # the fewest words
        ("np_days", "notice period days", "notice_period_days"),
        ("AnrDat", "Anreise", None),  # of which the name has letters that it has not
        ("afgeh", "J = afgehandeld", None),
        ("betrag", "Betrag", None),
    ],
)
def test_a_comment_spells_out_what_a_name_is_short_for(name: str, comment: str, spelled: str | None) -> None:
    """Where it has all of the name's letters in their order, from the first on."""
    assert spelled_out(name, comment) == spelled


def test_a_name_that_its_comment_spells_out_is_read_as_that() -> None:
    """GewTreib is no fuel where the comment says whose trade it is."""
    table = Table("gewerbemeldungen", {"GewTreib": "varchar(80)", "Strasse": "text", "Ort": "text"}, "de_DE")
    context = table.contexts["GewTreib"]
    said = replace(context, column=replace(context.column, comment="Gewerbetreibender"), notes={})
    assert choose(said).why.startswith("full name")
