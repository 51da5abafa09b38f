"""Names of two cut words: what somebody has and whose it is, in either order; what comes before any thing."""

import pytest

from app.generator.meaning.concepts import recognise
from tests.unit.meaning.tables import Table

_FRENCH = {"date_naissance": "date", "libelle": "varchar(80)", "montant_ttc": "numeric(10,2)"}
_SPANISH = {"fecha_alta": "date", "descripcion": "varchar(80)", "importe_total": "numeric(10,2)"}
_PORTUGUESE = {"data_cadastro": "date", "descricao": "varchar(80)", "valor_total": "numeric(10,2)"}
_ITALIAN = {"data_inserimento": "date", "descrizione": "varchar(80)", "importo_totale": "numeric(10,2)"}


def _concept(table: str, others: dict[str, str], name: str, kind: str, **beside: str) -> str:
    return recognise(Table(table, {name: kind, **others, **beside}).contexts[name]).name


@pytest.mark.parametrize(
    ("table", "others", "name", "kind", "wanted"),
    [
        ("dossiers", _FRENCH, "elv_cp", "bpchar(5)", "postal_code"),
        ("dossiers", _FRENCH, "civ_prop", "varchar(5)", "honorific"),
        ("dossiers", _FRENCH, "nom_four", "varchar(60)", "company"),
        ("dossiers", _FRENCH, "ville_dep", "varchar(60)", "city"),
        ("expedientes", _SPANISH, "pac_ape", "varchar(60)", "last_name"),
        ("expedientes", _SPANISH, "dom_resp", "varchar(90)", "address"),
        ("expedientes", _SPANISH, "pob_orig", "varchar(60)", "city"),
        ("cadastros", _PORTUGUESE, "resp_cep", "bpchar(8)", "postal_code"),
        ("cadastros", _PORTUGUESE, "nm_mot", "varchar(60)", "full_name"),
        ("pratiche", _ITALIAN, "cf_benef", "bpchar(16)", "ssn"),
        ("pratiche", _ITALIAN, "com_nasc", "varchar(60)", "city"),
        ("pratiche", _ITALIAN, "dip_dt_nasc", "date", "birth_date"),
    ],
)
def test_what_somebody_has_is_read_in_either_order(
    table: str, others: dict[str, str], name: str, kind: str, wanted: str
) -> None:
    assert _concept(table, others, name, kind) == wanted
    turned = "_".join(reversed(name.split("_"))) if name.count("_") == 1 else name
    assert _concept(table, others, turned, kind) == wanted


def test_of_two_parts_of_one_name_each_is_its_own() -> None:
    """A name is the last one beside a first one of the same person only, who need be nobody that is known."""
    assert _concept("dossiers", _FRENCH, "nom_xyl", "varchar(50)", pren_xyl="varchar(50)") == "last_name"
    assert _concept("pratiche", _ITALIAN, "nome_ass", "varchar(50)", cogn_ass="varchar(50)") == "first_name"
    assert _concept("dossiers", _FRENCH, "nom_elv", "varchar(50)", pren_tut="varchar(50)") == "full_name"


def test_who_is_asked_is_somebody_and_what_is_asked_for_is_a_code() -> None:
    assert _concept("dossiers", _FRENCH, "prof_ref", "varchar(60)") == "full_name"
    assert _concept("dossiers", _FRENCH, "cli_ref", "varchar(15)") == "code"


@pytest.mark.parametrize(
    ("table", "others", "name", "kind", "wanted"),
    [
        ("dossiers", _FRENCH, "id_cde", "int4", "code"),
        ("dossiers", _FRENCH, "elv_id", "int4", "code"),
        ("dossiers", _FRENCH, "obs_serv", "text", "note"),
        ("dossiers", _FRENCH, "xqz", "varchar(12)", "code"),
        ("dossiers", _FRENCH, "xqzabo", "varchar(12)", "kind"),
        ("expedientes", _SPANISH, "tienda_dev", "varchar(40)", "store"),
        ("expedientes", _SPANISH, "n_plazos", "int2", "count"),
        ("expedientes", _SPANISH, "resp_art", "varchar(60)", "full_name"),
        ("expedientes", _SPANISH, "anio_obra", "int2", "year"),
        ("cadastros", _PORTUGUESE, "st_conv", "varchar(15)", "status"),
        ("cadastros", _PORTUGUESE, "ds_ped", "varchar(80)", "description"),
        ("cadastros", _PORTUGUESE, "st_civil", "varchar(15)", "marital_status"),
        ("pratiche", _ITALIAN, "stato_veic", "varchar(15)", "status"),
        ("pratiche", _ITALIAN, "capitolo", "varchar(10)", "code"),
    ],
)
def test_what_stands_before_any_thing_decides(
    table: str, others: dict[str, str], name: str, kind: str, wanted: str
) -> None:
    assert _concept(table, others, name, kind) == wanted


def test_a_name_in_a_table_called_after_a_school_is_its_pupils() -> None:
    """Beside another part of a name; a school's own is whole."""
    assert _concept("scuola_mensa", _ITALIAN, "nome", "varchar(40)", cognome="varchar(40)") == "first_name"
    assert _concept("club_plongee_licencies", _FRENCH, "nom", "varchar(50)", pnom="varchar(50)") == "last_name"
    assert _concept("scuole", _ITALIAN, "nome", "varchar(40)", indirizzo="varchar(90)") == "school"


def test_pieces_that_english_shortens_otherwise_are_read_as_the_table_is() -> None:
    """A util is a user and no utilization, what is said before a thing is no revenue; who is cut short has a name."""
    assert _concept("dossiers", _FRENCH, "arr_xqz", "varchar(20)") == "kind"
    assert _concept("dossiers", _FRENCH, "h_mo", "numeric(5,2)") == "duration"
    assert _concept("expedientes", _SPANISH, "tut_1", "varchar(80)") == "full_name"
    assert _concept("pratiche", _ITALIAN, "potenz_acq", "varchar(80)") == "full_name"
    assert _concept("expedientes", _SPANISH, "ape_nino", "varchar(60)", nom_nino="varchar(40)") == "last_name"
