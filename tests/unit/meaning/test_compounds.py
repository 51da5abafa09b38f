"""In German and Dutch the noun that a name ends with decides what the column holds, in English where no rule does."""

import pytest

from app.generator.meaning.compounds import LANGUAGES, ended, last_noun, speaking
from app.generator.meaning.concepts import recognise
from app.generator.meaning.heads import nouns_of
from app.generator.meaning.languages import language_of
from app.generator.meaning.rules import rules_for
from tests.unit.meaning.tables import Table

_BESIDE = {
    "de": ("vorname", "strasse", "geburtsdatum", "ort"),
    "nl": ("voornaam", "straat", "geboortedatum", "woonplaats"),
    "en": ("first_name", "street", "birth_date", "city"),
}


def _concept(language: str, name: str, kind: str, table: str = "t1") -> str:
    beside = dict.fromkeys(_BESIDE[language], "varchar(60)")
    return recognise(Table(table, {**beside, name: kind}).contexts[name]).name


@pytest.mark.parametrize(
    ("language", "name", "kind", "concept"),
    [
        ("de", "bestattungszuschlag", "numeric(8,2)", "money"),
        ("de", "Nachtfahrtenkassenpruefer", "text", "full_name"),
        ("de", "orchideenfachverband", "varchar(80)", "company"),
        ("de", "pegelschwellenwert", "numeric(5,1)", "measure"),
        ("de", "widerspruchsbindefrist", "date", "future"),
        ("de", "pilzvergiftungsauffälligkeiten", "text", "note"),
        ("de", "hochwasserstabsstelle", "varchar(40)", "department"),
        ("nl", "bijenvolktoeslag", "numeric(8,2)", "money"),
        ("nl", "kastanjekweker", "text", "full_name"),
        ("nl", "dijkbewakingswaterschap", "varchar(80)", "company"),
        ("nl", "orgelonderhoudsinterval", "int4", "duration"),
        ("nl", "paddenstoelenherkomstland", "varchar(40)", "country"),
        ("en", "zymurgy", "varchar(60)", "label"),
        ("en", "second_phlebotomist", "varchar(60)", "full_name"),
        ("en", "levee", "varchar(60)", "label"),
        ("en", "est_val", "numeric(12,2)", "money"),
    ],
)
def test_the_last_noun_decides_whatever_precedes_it(language: str, name: str, kind: str, concept: str) -> None:
    """Also in compounds that nobody has listed; what ends like nothing that is known stays a word."""
    assert _concept(language, name, kind) == concept


@pytest.mark.parametrize(
    ("language", "name", "kind", "concept"),
    [
        ("de", "orgelhinw", "varchar(80)", "note"),
        ("de", "herkunftsspr", "varchar(30)", "language"),
        ("de", "auslobungsbeg", "varchar(80)", "label"),
        ("de", "beanstand", "text", "description"),
        ("de", "pruefstand_neu", "numeric(8,1)", "measure"),
        ("de", "orgelpauschale_mtl", "numeric(8,2)", "money"),
        ("de", "fehlstd_unentsch", "int2", "count"),
        ("nl", "vooropl", "varchar(40)", "kind"),
        ("nl", "spreekkmr", "varchar(6)", "room_number"),
        ("nl", "aantal_te_laat", "int2", "count"),
        ("nl", "projectduur_mnd", "int2", "duration"),
        ("en", "deft_nm", "varchar(60)", "full_name"),
        ("de", "jahreseink", "numeric(10,2)", "money"),
        ("de", "raupenverbot_mon", "int2", "duration"),
        ("de", "imkervereinsname", "varchar(60)", "company"),
        ("nl", "medewnaam", "varchar(60)", "full_name"),
        ("nl", "rupsensrt", "varchar(20)", "kind"),
        ("de", "versicherten_name", "varchar(60)", "full_name"),
        ("de", "orgelleihfrist", "date", "future"),
        ("nl", "staat_artikel", "varchar(20)", "condition"),
        ("nl", "aantal_retour", "int2", "count"),
        ("en", "prscr_nm", "varchar(60)", "full_name"),
        ("en", "phlebot_name", "varchar(60)", "full_name"),
        ("nl", "garantie_jn", "bpchar(1)", "flag_text"),
        ("en", "bus_rte", "varchar(6)", "label"),
        ("en", "prscrbr", "varchar(60)", "full_name"),
        ("en", "bldg_sf", "int4", "measure"),
        ("de", "standort_kz", "varchar(8)", "code"),
        ("de", "standort_kz", "varchar(3)", "flag_text"),
    ],
)
def test_nouns_are_known_cut_short_and_before_words_that_say_nothing(
    language: str, name: str, kind: str, concept: str
) -> None:
    """By the end or the start of them that is left; what is left of no noun says nothing."""
    assert _concept(language, name, kind) == concept


def test_tables_speak_a_language_by_what_their_columns_end_in() -> None:
    """Though no word of them is in the lexicon; words of English speak for none."""
    assert language_of(("raupenschlepper", "zwetschgenkonzession"), "t1") == "de"
    assert language_of(("rupsenbestrijdingsontheffing", "tulpenkweker"), "t1") == "nl"
    assert speaking("chapter") == speaking("smart") == ()


def test_small_numbers_among_amounts_are_shares() -> None:
    """What is unknown and has room for a hundred; among measurements it is one."""
    columns = {"price": "numeric(10,2)", "zymurgy": "numeric(5,2)"}
    assert recognise(Table("t1", columns).contexts["zymurgy"]).name == "percentage"
    columns = {"weight_kg": "numeric(8,2)", "height_cm": "numeric(8,2)", "zymurgy": "numeric(5,2)"}
    assert recognise(Table("t1", columns).contexts["zymurgy"]).name == "measure"


def test_the_longest_end_decides() -> None:
    """A Buchwert is an amount, though a Wert of one digit after the point is measured."""
    assert ended("number", "gesamtbuchwert", "de") == ("money", ("de:buchwert",))
    assert ended("number", "faktenwert", "de") == ("measure", ("de:wert",))


def test_what_the_lexicon_knows_is_left_to_the_rules() -> None:
    """A Blutgruppe is a blood type, though a Gruppe is a kind of things."""
    assert _concept("de", "blutgruppe", "varchar(5)") == "blood_type"
    assert ended("text", "blutgruppe", "de") is None
    assert ended("text", "blutgruppe", "de", known=True) == ("kind", ("de:gruppe",))


def test_words_are_found_without_their_umlauts() -> None:
    """A Gebuehr is written Gebühr, Gebuehr and Gebuhr."""
    assert {ended("number", f"orgel{end}", "de") for end in ("gebühr", "gebuehr")} == {("money", ("de:gebuehr",))}
    assert ended("number", "orgelgebuhr", "de") == ("money", ("de:gebuhr",))


@pytest.mark.parametrize("name", ["status", "art", "chapter", "smart", "order"])
def test_english_names_are_read_as_before(name: str) -> None:
    """Short ends and words that English has too decide nothing in its tables."""
    assert ended("text", name, "en") is None


def test_the_languages_with_the_noun_first_have_no_last_one() -> None:
    """A French table's `taxe` stands first."""
    assert ended("text", "nom_praktikant", "fr") is None


def test_a_person_called_by_name_is_that_person() -> None:
    """`bauherr_name` is the builder, `massnahme_name` is no measure."""
    assert ended("text", "kassenwart_name", "de", known=True) == ("full_name", ("de:kassenwart",))
    assert ended("text", "abweichung_name", "de", known=True) is None


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_every_noun_means_something_that_a_rule_could_say(language: str) -> None:
    """A misspelt concept would be made like a word."""
    said = {
        concept
        for kind in ("text", "number", "moment")
        for patterns in rules_for(kind).by_word.values()
        for _, concept, _ in patterns
    }
    nouns = nouns_of(language)
    assert sum(map(len, nouns.meant.values())) > 2500
    for kind, meant in nouns.meant.items():
        assert {concept for concept in meant.values() if concept not in said | {"listed", "text_clock"}} == set(), kind


def test_the_last_two_pieces_of_an_english_name_are_one_noun() -> None:
    """`site_police_station` is a place, a station alone is not."""
    assert last_noun("text", "site_police_station") == ("venue", ("en:police_station",))


@pytest.mark.parametrize(
    ("language", "name", "kind", "concept"),
    [
        ("de", "Bearbtr", "varchar(60)", "full_name"),  # Bearbeiter, with letters left out
        ("de", "RA_Name", "varchar(80)", "full_name"),
        ("de", "KredBez", "varchar(80)", "company"),
        ("de", "LagerK", "numeric(9,2)", "money"),  # what it costs
        ("nl", "opdrgvr", "varchar(60)", "company"),
        ("nl", "deb_naam", "varchar(80)", "company"),
        ("nl", "art_oms", "varchar(80)", "product"),  # of an article: an Art is a kind in German only
        ("nl", "fnc_oms", "varchar(60)", "job_title"),
        ("nl", "hgt", "numeric(6,2)", "measure"),  # the consonants of a hoogte
        ("nl", "getuig_nm", "varchar(60)", "full_name"),  # of what more people than firms are called
        ("nl", "zork_txt", "varchar(200)", "description"),  # written, whatever of
        ("nl", "slag_p", "numeric(5,2)", "percentage"),
        ("de", "Schulltg", "varchar(60)", "full_name"),
    ],
)
def test_cut_words_are_read_in_the_language_of_their_table(language: str, name: str, kind: str, concept: str) -> None:
    """By their start, their consonants, or what is left of their letters."""
    assert _concept(language, name, kind) == concept


@pytest.mark.parametrize(
    ("language", "name", "kind", "concept"),
    [
        ("de", "FachAmt", "varchar(60)", "department"),  # a compound, wherever it is cut
        ("de", "RechtsF", "varchar(20)", "listed"),
        ("nl", "gegund_aan", "varchar(100)", "company"),
        ("nl", "geleverd_aan", "varchar(100)", "full_name"),
        ("nl", "retour_voor", "date", "future"),
        ("nl", "valrisico", "varchar(10)", "level"),
    ],
)
def test_names_say_by_their_last_letters_what_is_in_them(language: str, name: str, kind: str, concept: str) -> None:
    """The second part of a compound, whom something went to, before when it has to be back."""
    assert _concept(language, name, kind) == concept


def test_a_long_word_tells_its_language_by_what_it_begins_with() -> None:
    """Where the end of it is a word of others too."""
    assert language_of(("massn", "puls", "sturzrisiko", "bez"), "pflegedokumentation") == "de"
    assert language_of(("dat", "termijn", "reserve"), "schadedossiers") == "nl"
