"""In French, Spanish, Portuguese and Italian the noun that a name begins with decides what the column holds."""

import pytest

from app.generator.meaning.concepts import recognise
from app.generator.meaning.heads import LANGUAGES, headed, nouns_of, unlinked, values_of
from tests.unit.meaning.tables import Table

_BESIDE = {
    "fr": ("nom", "adresse", "date_naissance", "ville", "numero"),
    "es": ("nombre", "direccion", "fecha_nacimiento", "ciudad", "numero"),
    "pt": ("nome", "endereco", "data_nascimento", "cidade", "numero"),
    "it": ("nome", "indirizzo", "data_nascita", "citta", "numero"),
}


def _concept(language: str, name: str, kind: str, table: str = "t1") -> str:
    beside = dict.fromkeys(_BESIDE[language], "text")
    return recognise(Table(table, {**beside, name: kind}).contexts[name]).name


@pytest.mark.parametrize(
    ("language", "name", "kind", "concept"),
    [
        ("fr", "chirurgien", "text", "full_name"),
        ("fr", "duree_traitement", "int4", "duration"),
        ("fr", "capital_restant_du", "numeric(12,2)", "money"),
        ("fr", "compte_rendu_operatoire", "text", "description"),
        ("es", "perito_asignado", "text", "full_name"),
        ("es", "saldo_retenido", "numeric(12,2)", "money"),
        ("es", "taller_reparador", "text", "company"),
        ("pt", "parcela_mensal", "numeric(10,2)", "money"),
        ("pt", "parcelas_pagas", "int4", "count"),
        ("pt", "vistoriador", "varchar(60)", "full_name"),
        ("it", "capitale_assicurato", "numeric(12,2)", "money"),
        ("it", "scadenza_prestito", "date", "future"),
        ("it", "magazziniere", "text", "full_name"),
    ],
)
def test_the_first_noun_decides_whatever_follows_it(language: str, name: str, kind: str, concept: str) -> None:
    """Also where the words after it mean something of their own."""
    assert _concept(language, name, kind) == concept


@pytest.mark.parametrize(
    ("language", "name", "concept"),
    [("fr", "tuteur_telephone", "phone"), ("es", "perito_email", "email"), ("it", "agente_telefono", "phone")],
)
def test_what_is_said_of_somebody_is_not_somebody(language: str, name: str, concept: str) -> None:
    """A guardian's phone is a phone."""
    assert _concept(language, name, "text") == concept


def test_hours_are_paid_where_there_is_room_for_cents_and_worked_elsewhere() -> None:
    """`horas_extras` is both."""
    assert _concept("es", "horas_extras", "numeric(10,2)") == "money"
    assert _concept("es", "horas_extras", "numeric(5,2)") == "duration"


def test_names_in_other_languages_are_read_as_before() -> None:
    """A French noun decides nothing in an English or a German table."""
    assert headed("text", "chirurgien", "fr") is not None
    assert headed("text", "chirurgien", "en") is None
    assert headed("text", "chirurgien", "de") is None
    english = Table("orders", {"first_name": "text", "city": "text", "address": "text", "plan": "text"})
    assert recognise(english.contexts["plan"]).name == "plan"


@pytest.mark.parametrize(
    ("language", "name", "some"),
    [
        ("fr", "chauffage", "gaz"),
        ("es", "calefaccion", "eléctrica"),
        ("pt", "telhado", "cerâmica"),
        ("it", "riscaldamento", "autonomo"),
    ],
)
def test_what_is_one_of_a_few_is_so_in_the_language_of_its_name(language: str, name: str, some: str) -> None:
    """Heated with gas where the column is called chauffage, and with gás where it is not English."""
    table = Table("t1", {**dict.fromkeys(_BESIDE[language], "text"), name: "varchar(60)"})
    assert some in table.choices[name].options["values"]


@pytest.mark.parametrize(
    ("language", "name", "concept"),
    [
        ("fr", "chirurgiennes", "full_name"),
        ("fr", "journaux", "label"),
        ("es", "directora_obra", "full_name"),
        ("pt", "vistoriadora", "full_name"),
        ("it", "geometri", "full_name"),
        ("pt", "nm_vistoriador", "full_name"),
        ("it", "den_officina", "company"),
        ("es", "desc_taller", "company"),
        ("pt", "vistoriad", "full_name"),
    ],
)
def test_nouns_are_known_in_other_forms(language: str, name: str, concept: str) -> None:
    """Their plurals and feminines by their ends, what has them for its name, and their beginnings."""
    assert _concept(language, name, "varchar(60)") == concept


@pytest.mark.parametrize(
    ("language", "name", "kind", "concept"),
    [
        ("pt", "nr_apolice", "varchar(20)", "serial"),
        ("es", "n_poliza", "varchar(20)", "serial"),
        ("it", "num_telefono", "varchar(20)", "phone"),
        ("fr", "num_voie", "varchar(6)", "house_number"),
        ("es", "pct_irpf", "numeric(5,2)", "percentage"),
        ("it", "aliq_irpef", "numeric(5,2)", "percentage"),
        ("pt", "qt_peso", "numeric(8,2)", "measure"),
        ("it", "data_cons_prev", "date", "future"),
        ("es", "fec_vto", "date", "future"),
        ("it", "lett_prec", "numeric(10,2)", "measure"),
        ("fr", "titre_num", "varchar(20)", "serial"),
        ("it", "cod_utente", "varchar(12)", "code"),
        ("es", "piezas_imp", "numeric(8,2)", "money"),
        ("it", "pot_imp", "numeric(6,2)", "measure"),
        ("es", "garantia_meses", "int2", "duration"),
        ("es", "cod_postal", "varchar(5)", "postal_code"),
        ("fr", "tarif_m2", "numeric(8,2)", "money"),
        ("es", "nivel_sonoro_db", "numeric(5,1)", "measure"),
        ("pt", "comissao_pct", "numeric(5,2)", "percentage"),
        ("es", "enfermera_ref", "varchar(80)", "full_name"),
    ],
)
def test_short_words_before_and_after_a_noun_are_read(language: str, name: str, kind: str, concept: str) -> None:
    """A number is a serial one where it is of nothing else, a share is one of whatever follows, what is due is ahead."""
    assert _concept(language, name, kind) == concept


@pytest.mark.parametrize(
    ("language", "name", "concept"),
    [
        ("pt", "mensagem_doador", "message"),
        ("pt", "mensagem", "message"),
        ("fr", "banque_domiciliataire", "bank"),
        ("it", "richiesto_da", "full_name"),
        ("it", "consegnato_a", "full_name"),
    ],
)
def test_a_noun_may_decide_only_where_more_follows(language: str, name: str, concept: str) -> None:
    """Alone it is read by its table as before; who did something is somebody."""
    assert _concept(language, name, "varchar(80)") == concept


def test_the_word_for_who_did_it_is_a_part_of_the_noun() -> None:
    """What has been asked for is nobody."""
    assert headed("text", "richiesto", "it") is None
    assert headed("text", "richiesto_da", "it") is not None
    assert headed("text", "mensagem", "pt") is None
    assert headed("text", "mensagem_x", "pt") is not None


def test_a_name_beside_the_other_part_of_it_is_a_part() -> None:
    """nome_ospite beside cognome_ospite is the given one, nom_tuteur beside prenom_tuteur the family's."""
    guests = {"cognome_ospite": "text", "nome_ospite": "text", "nome_agente": "text", "data_arrivo": "date"}
    table = Table("agriturismo_ospiti", guests)
    assert recognise(table.contexts["nome_ospite"]).name == "first_name"
    assert recognise(table.contexts["nome_agente"]).name == "full_name"
    pupils = {"nom_tuteur": "text", "prenom_tuteur": "text", "adresse": "text", "date_naissance": "date"}
    assert recognise(Table("eleves", pupils).contexts["nom_tuteur"]).name == "last_name"


def test_english_and_short_words_decide_in_tables_of_their_language_alone() -> None:
    """A table in no language has no year because its columns begin with `an`."""
    assert headed("number", "an_xid", None) is None
    assert headed("text", "evaluation_x", None) is None
    assert headed("number", "an_constr", "fr") is not None


def test_the_type_of_what_is_one_of_a_few_is_one_of_them() -> None:
    """tp_telhado and natureza_telhado as telhado."""
    table = Table("t1", {**dict.fromkeys(_BESIDE["pt"], "text"), "tp_telhado": "varchar(30)"})
    assert "cerâmica" in table.choices["tp_telhado"].options["values"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_is_of_several_different_things(language: str) -> None:
    """And none is so long that a usual column cuts it off."""
    for noun in nouns_of(language).listed:
        values = values_of((f"{language}:{noun}",))
        assert len(set(values)) == len(values) > 1, noun
        assert max(map(len, values)) <= 40, noun


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["text", "number", "moment"])
def test_every_concept_of_a_noun_is_made_of_something(language: str, kind: str) -> None:
    """A noun whose concept nobody knows would be as good as unknown."""
    types = {"text": "text", "number": "numeric(12,2)", "moment": "date"}
    for concept in set(nouns_of(language).meant[kind].values()):
        noun = next(n for n, found in nouns_of(language).meant[kind].items() if found == concept)
        name = noun.lstrip("=")
        choice = Table("t1", {name: types[kind], **dict.fromkeys(_BESIDE[language], "text")}).choices[name]
        # A number that is a code is as any number of its type.
        assert choice.generator != "type" or (kind, concept) == ("number", "code"), (noun, concept)


def test_what_nothing_reads_is_told_by_its_ends_its_type_and_its_siblings() -> None:
    """Who does something is somebody, a text without an end is a description, a whole number counts."""
    assert _concept("es", "trasquilador", "varchar(60)") == "full_name"
    assert _concept("fr", "patient_brinquebale", "varchar(60)") == "full_name"
    beside = {**dict.fromkeys(_BESIDE["pt"], "varchar(40)"), "brocardos": "text", "sobejos": "varchar(20)"}
    table = Table("t1", beside)
    assert recognise(table.contexts["brocardos"]).name == "description"
    assert recognise(table.contexts["sobejos"]).name == "kind"
    assert _concept("it", "sgabelli", "int4") == "count"


def test_what_follows_a_known_word_may_be_unknown() -> None:
    """A plan is a plan, whatever has been made of it, and a fine's state is no region."""
    assert _concept("es", "plan_contratado", "varchar(60)") == "plan"
    assert _concept("pt", "versao_brocardada", "varchar(20)") == "version"
    assert _concept("es", "estado_multa", "varchar(20)", "multas") == "status"
    assert _concept("es", "estado_nacimiento", "varchar(40)", "multas") == "region"


def test_a_state_beside_a_province_or_a_reason_is_a_status() -> None:
    """An order's province is a part of its address already, and a visit has no address."""
    order = {"ciudad": "text", "provincia": "text", "pais": "text", "estado": "text", "numero_pedido": "text"}
    assert recognise(Table("pedidos", order).contexts["estado"]).name == "status"
    visit = {"paciente": "text", "motivo_consulta": "text", "estado": "text", "fecha_hora": "timestamp"}
    assert recognise(Table("citas_medicas", visit).contexts["estado"]).name == "status"
    home = {"nombre": "text", "calle": "text", "ciudad": "text", "estado": "text"}
    assert recognise(Table("clientes", home).contexts["estado"]).name == "region"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nouns_are_written_as_they_are_looked_up(language: str) -> None:
    """A noun that is written with the small words between would never be found."""
    nouns = nouns_of(language)
    written = {noun for meant in nouns.meant.values() for noun in meant} | nouns.listed.keys()
    assert {noun for noun in written if unlinked(noun) != noun} == set()
