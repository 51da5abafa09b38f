"""What rows of a trade are like: homes, banks, schools, firms, fleets, sensors, desks of support."""

import datetime as dt

import pytest

from app.generator.domain import Domain
from tests.unit.meaning.tables import Table


def test_the_email_is_made_of_both_names_whatever_they_are_called() -> None:
    """`nom` beside `prenom` is the family's, `nome` beside `sobrenome` the given one."""
    for locale, first, last in (("fr_FR", "prenom", "nom"), ("pt_BR", "nome", "sobrenome")):
        made = Table("employes", {first: "text", last: "text", "email": "text"}, locale)
        assert made.choices["email"].options["first"] == first
        assert made.choices["email"].options["last"] == last


def test_a_manager_and_an_assignee_are_somebody_else() -> None:
    """Nobody is their own superior, nor answers their own question."""
    people = Table("employees", {"first_name": "text", "last_name": "text", "manager": "text"}).rows()
    assert sum(row["manager"] == f"{row['first_name']} {row['last_name']}" for row in people) < 5
    asked = Table("tickets", {"requester_name": "text", "assignee": "text"}).rows()
    assert sum(row["assignee"] == row["requester_name"] for row in asked) < 5


@pytest.mark.parametrize(
    ("locale", "table", "names"),
    [
        ("en_US", "listings", ("title", "property_type", "price", "bedrooms", "area_sqm")),
        ("de_DE", "immobilien", ("titel", "immobilientyp", "kaufpreis", "zimmer", "wohnflaeche")),
        ("fr_FR", "biens", ("titre", "type_bien", "prix", "nb_pieces", "surface_m2")),
        ("pt_BR", "imoveis", ("titulo", "tipo_imovel", "valor", "quartos", "area_m2")),
    ],
)
def test_homes_cost_and_measure_what_homes_do(locale: str, table: str, names: tuple[str, ...]) -> None:
    """Not what pencils cost, and they are not called like kitchen scales."""
    title, kind, price, rooms, area = names
    types = {title: "text", kind: "text", price: "numeric(12,2)", rooms: "int4", area: "numeric(7,2)"}
    made = Table(table, types, locale)
    assert made.choices[title].options == {"name": "home_titles"}
    columns = made.columns()
    assert all(90_000 <= value <= 900_000 for value in columns[price])
    assert all(1 <= value <= 7 for value in columns[rooms])
    assert all(25 <= value <= 220 for value in columns[area])
    assert len(set(columns[kind])) > 3
    assert "standard" not in columns[kind]


def test_movements_of_an_account_are_said_in_the_words_of_banks() -> None:
    """With the value date on the day or a few later, in the country's money."""
    types = {"date_operation": "date", "date_valeur": "date", "libelle": "text", "montant": "numeric(12,2)",
             "sens": "text", "solde_apres": "numeric(12,2)", "devise": "bpchar(3)"}  # fmt: skip
    rows = Table("operations", types, "fr_FR").rows()
    assert {row["sens"] for row in rows} == {"debit", "credit"}
    assert "Loyer" in {row["libelle"] for row in rows}
    assert sum(row["devise"] == "EUR" for row in rows) > 400
    both = [row for row in rows if row["date_valeur"] and row["date_operation"]]
    assert all(0 <= (row["date_valeur"] - row["date_operation"]).days <= 3 for row in both)


@pytest.mark.parametrize(("locale", "high"), [("pt_BR", 10), ("fr_FR", 20), ("de_DE", 5), ("en_US", 100)])
def test_grades_are_of_the_scale_of_the_country(locale: str, high: int) -> None:
    """Ten in Brazil, twenty in France."""
    made = Table("exam_results", {"student_name": "text", "final_grade": "numeric(5,2)"}, locale).columns()
    assert max(made["final_grade"]) <= high
    assert max(made["final_grade"]) > high / 2


def test_what_is_due_is_of_the_past_where_it_has_been_paid() -> None:
    """And was paid in the days before."""
    types = {"vencimento": "date", "data_pagamento": "date"}
    rows = [row for row in Table("mensalidades", types, "pt_BR").rows() if row["vencimento"] and row["data_pagamento"]]
    assert len(rows) > 200
    assert all(0 <= (row["vencimento"] - row["data_pagamento"]).days <= 12 for row in rows)


def test_licences_and_insurances_end_about_now() -> None:
    """However long ago their holder was hired."""
    table = Table("drivers", {"hired_on": "date", "date_of_birth": "date", "license_expires_on": "date"})
    today = table.contexts["hired_on"].reference.date()
    for day in table.columns()["license_expires_on"]:
        assert day is None or -91 <= (day - today).days <= 901
        assert day is None or isinstance(day, dt.date)


def test_firms_have_the_numbers_of_their_register() -> None:
    """Fourteen digits and nine."""
    made = Table("entreprises", {"siret": "text", "siren": "text"}, "fr_FR").columns()
    assert all(len(text) == 14 and text.isdigit() for text in made["siret"])
    assert all(len(text) == 9 and text.isdigit() for text in made["siren"])


def test_revenue_that_recurs_is_twelve_months_of_it() -> None:
    """And a month's is what is charged."""
    types = dict.fromkeys(("amount", "mrr", "arr"), "numeric(10,2)")
    for row in Table("subscriptions", types).rows():
        assert row["mrr"] == row["amount"]
        assert row["arr"] == 12 * row["mrr"]


def test_values_that_are_too_long_for_a_column_are_none_of_its() -> None:
    """One letter holds no A+, and three hold no word that is cut off."""
    made = Table("homes", {"energy_class": "bpchar(1)"}, energy_class=Domain(max_length=1)).columns()
    assert set(made["energy_class"]) <= set("ABCDEFG")
