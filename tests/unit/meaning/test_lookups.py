"""Tables of types: their rows are called what a column would hold that was called like the table."""

import pytest

from tests.unit.meaning.tables import Table


@pytest.mark.parametrize(
    ("table", "column", "locale", "value"),
    [
        ("zahlungsarten", "bezeichnung", "de_DE", "Lastschrift"),
        ("kostenstellen", "bez", "de_DE", "Verwaltung"),
        ("mwst_saetze", "bez", "de_DE", "steuerfrei"),
        ("betaalwijzen", "omschrijving", "nl_NL", "iDEAL"),
        ("btw_tarieven", "oms", "nl_NL", "vrijgesteld"),
        ("departments", "dept_desc", "en_GB", "Procurement"),
        ("payment_terms", "descr", "en_US", "NET30"),
        ("vat_codes", "descr", "en_GB", "Zero rate"),
    ],
)
def test_rows_of_types_are_called_like_the_types(table: str, column: str, locale: str, value: str) -> None:
    """And not by a sentence, or by the table's name and a number."""
    columns = {"code": "varchar(6)", column: "varchar(40)"}
    assert value in Table(table, columns, locale).columns()[column]


def test_a_description_beside_a_name_is_none() -> None:
    """Where the row has a name, what describes it is a sentence."""
    made = Table("payment_methods", {"name": "varchar(40)", "description": "varchar(100)"}).columns()
    assert any("card" in value.lower() for value in made["name"])
    assert all(len(value.split()) > 2 for value in made["description"])


def test_rates_of_a_tax_are_those_that_there_are() -> None:
    """Also where only the table says of what tax."""
    made = Table("mwst_saetze", {"bez": "varchar(40)", "satz": "numeric(4,2)"}, "de_DE").columns()
    assert set(made["satz"]) == {7, 19}
    assert set(Table("payment_terms", {"descr": "varchar(40)", "days": "int4"}).columns()["days"]) <= {
        0,
        7,
        14,
        30,
        45,
        60,
    }
