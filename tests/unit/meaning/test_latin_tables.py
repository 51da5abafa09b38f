"""French, Spanish, Portuguese and Italian tables: what decides beside the words, and how much things usually are."""

import pytest

from app.generator.domain import Domain
from app.generator.meaning.concepts import recognise
from app.generator.meaning.entities import entity_of
from app.generator.snapshot.model import Column, QName
from app.generator.values.context import ColumnContext
from tests.unit.meaning.tables import Table, type_of


def _concept(table: str, columns: dict[str, str], comment: str | None = None) -> str:
    """The concept of the first column of a table; the others stand beside it."""
    name, *others = columns
    types = {column: type_of(kind) for column, kind in columns.items()}
    context = ColumnContext(
        QName("public", table),
        Column(name, types[name], comment=comment),
        types[name],
        Domain(),
        siblings={other: types[other] for other in others},
    )
    return recognise(context).name


@pytest.mark.parametrize(
    ("table", "entity"),
    [
        ("clients_boutique", "person"),  # customers of a shop
        ("dipendenti_comune", "person"),  # employees of a town
        ("autoescuela_alumnos", "person"),  # several are what the rows are
        ("ecritures_comptables", None),  # comptable says how they are
        ("lignes_commande", "order"),
        ("cad_clientes", "person"),
        ("precios_producto", "product"),
        ("customer_orders", "order"),
    ],
)
def test_a_table_is_about_what_its_name_begins_with(table: str, entity: str | None) -> None:
    """Where the noun comes first; of several nouns the plural is what the rows are."""
    assert entity_of(table) == entity


@pytest.mark.parametrize(
    ("table", "columns", "concept"),
    [
        ("bairros", {"nome": "varchar(60)", "cidade": "varchar(60)"}, "district"),
        ("metodos_pago", {"nombre": "varchar(40)", "descripcion": "text", "activo": "bool"}, "payment_method"),
        ("profissoes", {"descricao": "varchar(60)", "codigo": "varchar(8)", "ativo": "bool"}, "job_title"),
        ("farmaci_magazzino", {"denominazione": "varchar(90)", "dosaggio": "varchar(20)"}, "medication"),
        ("pacientes", {"nome": "varchar(90)", "nome_social": "varchar(90)", "dt_nascimento": "date"}, "full_name"),
        ("fornecedores", {"end_bairro": "varchar(60)", "end_rua": "varchar(90)", "cnpj": "varchar(18)"}, "district"),
        ("movimientos", {"oficina": "bpchar(4)", "importe": "numeric(10,2)", "fecha": "date"}, "code"),
        ("articulos_almacen", {"ubicacion": "varchar(15)", "ean13": "varchar(13)", "precio": "numeric(8,2)"}, "code"),
        ("nominas", {"periodo": "varchar(7)", "empleado": "varchar(80)", "importe": "numeric(8,2)"}, "text_moment"),
        ("multas_trafico", {"matricula": "varchar(10)", "importe": "numeric(8,2)", "calle": "varchar(60)"},
         "license_plate"),
        ("alumnos", {"matricula": "varchar(10)", "nombre": "varchar(60)", "apellidos": "varchar(60)"}, "serial"),
        ("reservas_hotel", {"regimen": "varchar(20)", "noches": "int2", "huesped": "varchar(80)"}, "meal_plan"),
        ("articulos", {"stock_min": "numeric(10,2)", "precio": "numeric(8,2)", "familia": "varchar(40)"}, "quantity"),
        ("lotes_producao", {"perda_kg": "numeric(8,2)", "produto": "varchar(60)", "quantidade": "int4"}, "measure"),
        ("bulletins_paie", {"prelev_source": "numeric(10,2)", "net_paye": "numeric(10,2)", "mois": "int2"}, "money"),
        ("copropriete", {"type_lot": "varchar(30)", "etage": "varchar(9)", "coproprietaire": "varchar(90)"}, "kind"),
        ("polizze", {"sinistri_5anni": "int2", "targa": "varchar(8)", "scadenza": "date"}, "count"),
        ("note", {"comunicazione": "text", "data_invio": "date", "oggetto": "varchar(90)"}, "note"),
    ],
)  # fmt: skip
def test_type_table_and_siblings_decide_between_meanings(table: str, columns: dict[str, str], concept: str) -> None:
    """A word with two meanings has the one that stands beside its table's other columns."""
    assert _concept(table, columns) == concept


@pytest.mark.parametrize(
    ("name", "kind", "comment", "concept"),
    [
        ("champ1", "varchar(60)", "Nom de famille", "last_name"),
        ("lib1", "varchar(80)", "Intitulé du poste", "job_title"),
        ("campo_b", "varchar(14)", "CPF", "ssn"),
        ("dt1", "date", "Date de naissance", "birth_date"),
        ("codice1", "varchar(10)", None, "code"),
    ],
)
def test_comments_say_what_numbered_columns_hold(name: str, kind: str, comment: str | None, concept: str) -> None:
    """A name that only numbers columns says less than its comment in the table's language."""
    assert _concept("dati", {name: kind, "note": "text"}, comment) == concept


@pytest.mark.parametrize(
    ("locale", "table", "column", "kind", "low", "high", "beside"),
    [
        ("it_IT", "immobili", "canone_mensile", "numeric(10,2)", 350, 1800, "superficie_mq"),
        ("pt_BR", "imoveis", "vl_iptu", "numeric(10,2)", 150, 2500, "area_util"),
        ("pt_BR", "funcionarios", "vl_salario_base", "numeric(10,2)", 1600, 15000, "dt_admissao"),
        ("it_IT", "dipendenti", "ral", "numeric(10,2)", 18000, 75000, "data_assunzione"),
        ("es_ES", "vehiculos_flota", "cilindrada", "int4", 900, 3000, "matricula"),
        ("es_ES", "empleados", "horas_semana", "numeric(4,1)", 20, 40, "apellidos"),
        ("it_IT", "studenti", "voto_laurea", "int2", 66, 110, "corso_laurea"),
        ("fr_FR", "expeditions", "nb_colis", "int4", 1, 20, "transporteur"),
        ("it_IT", "pazienti", "altezza", "int2", 150, 195, "diagnosi_ingresso"),
        ("fr_FR", "declarations_impots", "taux_pers", "numeric(4,1)", 0, 20, "commune_fiscale"),
        ("es_ES", "pedidos_restaurante", "precio_ud", "numeric(8,2)", 3, 35, "nombre_camarero"),
        ("fr_FR", "contrats", "prime", "numeric(4,2)", 0, 99.99, "assure"),
    ],
)
def test_numbers_are_as_large_as_such_things_usually_are(
    locale: str, table: str, column: str, kind: str, low: float, high: float, beside: str
) -> None:
    """Rents, wages of a month, cubic centimetres and marks lie where people would look for them."""
    made = Table(table, {column: kind, beside: "varchar(60)", "note": "text", "data_ord": "date"}, locale).columns()
    values = [value for value in made[column] if value is not None]
    assert low <= min(values)
    assert max(values) <= high
    assert len(set(values)) > 1


def test_letters_and_numbers_of_a_country_are_as_people_write_them() -> None:
    """F or J for a person in Brazil, eleven digits for an Italian firm, letters for a class, one year after another."""
    columns = {"tp_pessoa": "bpchar(1)", "nm_cliente": "varchar(80)", "nr_cpf": "varchar(14)", "bairro": "varchar(40)"}
    person = Table("cad_clientes", columns)
    assert set(person.columns()["tp_pessoa"]) == {"F", "J"}
    firm = Table("clienti", {"p_iva": "bpchar(11)", "rag_soc": "varchar(80)", "indirizzo": "varchar(80)"}, "it_IT")
    assert all(value.isdigit() and len(value) == 11 for value in firm.columns()["p_iva"])
    pupils = {"sezione": "bpchar(2)", "anno_scolastico": "varchar(9)", "alunno": "varchar(80)", "voto": "int2"}
    made = Table("alunni", pupils, "it_IT").columns()
    assert set(made["sezione"]) <= set("ABCDE")
    assert all(int(value[5:]) == int(value[:4]) + 1 for value in made["anno_scolastico"])


def test_what_is_read_last_is_a_little_more_than_what_was_read_first() -> None:
    """A meter, and a car, count upwards."""
    car = {"km_salida": "int4", "km_llegada": "int4", "matricula": "varchar(10)", "conductor": "varchar(80)"}
    rows = Table("alquileres_coches", car, "es_ES").rows()
    assert all(row["km_salida"] <= row["km_llegada"] <= row["km_salida"] * 1.1 for row in rows)
