"""Rows of French, Spanish, Portuguese and Italian tables: amounts that add up, and moments in their order."""

from decimal import Decimal

import pytest

from tests.unit.meaning.tables import Table

_MONEY = "numeric(10,2)"
_CENT = Decimal("0.02")


def test_a_line_costs_quantity_times_price_less_its_discount_and_its_tax_is_of_that() -> None:
    """What is off is taken from the net amount once, not from the gross amount again."""
    columns = {"qte": "int2", "pu_ht": _MONEY, "tx_rem": "numeric(5,2)", "mnt_rem": _MONEY, "mnt_ht": _MONEY,
               "tx_tva": "numeric(4,2)", "mnt_tva": _MONEY, "mnt_ttc": _MONEY, "desig": "varchar(90)"}  # fmt: skip
    for row in Table("facture_lig", columns, "fr_FR").rows():
        whole = row["qte"] * row["pu_ht"]
        assert abs(row["mnt_rem"] - whole * row["tx_rem"] / 100) <= _CENT
        assert abs(row["mnt_ht"] - (whole - row["mnt_rem"])) <= _CENT
        assert abs(row["mnt_tva"] - row["mnt_ht"] * row["tx_tva"] / 100) <= _CENT
        assert row["mnt_ttc"] == row["mnt_ht"] + row["mnt_tva"]


def test_a_stay_costs_its_nights_and_what_is_due_is_what_was_not_paid_in_advance() -> None:
    """The nights are those between arrival and departure."""
    columns = {"dt_arrivee": "date", "dt_depart": "date", "nb_nuits": "int2", "prix_nuit": _MONEY, "total_ttc": _MONEY,
               "acompte": _MONEY, "solde_du": _MONEY, "nom_client": "varchar(60)"}  # fmt: skip
    for row in Table("reservations", columns, "fr_FR").rows():
        assert row["nb_nuits"] == (row["dt_depart"] - row["dt_arrivee"]).days
        assert row["total_ttc"] == row["nb_nuits"] * row["prix_nuit"]
        assert row["solde_du"] == row["total_ttc"] - row["acompte"]


def test_a_spanish_invoice_has_its_tax_and_what_is_kept_back_off_its_total() -> None:
    """By the rates that stand beside them."""
    columns = {"base_imp": _MONEY, "pct_iva": "numeric(4,2)", "cuota_iva": _MONEY, "pct_ret": "numeric(4,2)",
               "imp_ret": _MONEY, "tot_fac": _MONEY, "fec_fac": "date", "cli_nom": "varchar(80)"}  # fmt: skip
    for row in Table("facturas", columns, "es_ES").rows():
        assert abs(row["cuota_iva"] - row["base_imp"] * row["pct_iva"] / 100) <= _CENT
        assert abs(row["imp_ret"] - row["base_imp"] * row["pct_ret"] / 100) <= _CENT
        assert row["tot_fac"] == row["base_imp"] + row["cuota_iva"] - row["imp_ret"]


@pytest.mark.parametrize(
    ("table", "columns", "locale", "plus", "minus", "left"),
    [
        ("folha_pagamento", "sal_base vl_hextra vl_inss vl_irrf vl_liquido", "pt_BR", "sal_base vl_hextra",
         "vl_inss vl_irrf", "vl_liquido"),
        ("cedolini", "paga_base straord lordo inps irpef netto", "it_IT", "lordo", "inps irpef", "netto"),
        ("nominas", "sal_base plus_conv imp_irpf imp_ss liq_total", "es_ES", "sal_base plus_conv", "imp_irpf imp_ss",
         "liq_total"),
    ],
)  # fmt: skip
def test_a_payslip_pays_out_what_is_not_kept(
    table: str, columns: str, locale: str, plus: str, minus: str, left: str
) -> None:
    """A month's pay, not a year's, with what is added to it."""
    words = {"pt_BR": "cargo", "it_IT": "nominativo", "es_ES": "apenom"}
    made = Table(table, {**dict.fromkeys(columns.split(), _MONEY), words[locale]: "varchar(60)"}, locale)
    for row in made.rows():
        paid = sum(row[name] for name in plus.split()) - sum(row[name] for name in minus.split())
        assert row[left] == paid
        assert 800 < row[left] < 20_000


@pytest.mark.parametrize(
    ("table", "columns", "locale"),
    [
        ("sinistres", ["dt_surv", "dt_decl", "dt_cloture"], "fr_FR"),
        ("patients", ["dt_entree", "dt_sortie"], "fr_FR"),
        ("ingresos_hospital", ["fec_ing", "fec_alta"], "es_ES"),
        ("ricoveri", ["data_ingr", "data_dim"], "it_IT"),
        ("internacoes", ["dt_entrada", "dt_saida"], "pt_BR"),
        ("empleados", ["fec_antig", "fec_baja"], "es_ES"),
    ],
)
def test_what_is_done_later_is_dated_later(table: str, columns: list[str], locale: str) -> None:
    """By the nouns of each language; an alta is when somebody leaves a hospital."""
    made = dict.fromkeys(columns, "timestamp")
    named = {"fr_FR": {"montant": _MONEY, "prenom": "varchar(40)"}, "es_ES": {"apellidos": "varchar(60)", "nhc": "text"},
             "it_IT": {"cognome": "varchar(40)", "diagnosi": "text"}, "pt_BR": {"nm_paciente": "text", "cid": "text"}}  # fmt: skip
    for row in Table(table, {**made, **named[locale]}, locale).rows():
        moments = [row[name] for name in columns if row[name] is not None]
        assert moments == sorted(moments)


def test_a_meter_has_used_what_lies_between_its_readings() -> None:
    """And is read last higher than first."""
    columns = {"idx_deb": "int4", "idx_fin": "int4", "conso_kwh": "int4", "pdl": "varchar(14)", "montant": _MONEY}
    for row in Table("releves_compteur", columns, "fr_FR").rows():
        assert row["conso_kwh"] == row["idx_fin"] - row["idx_deb"] >= 0
        assert row["idx_deb"] >= 1_000


def test_the_second_of_two_last_names_is_another_one() -> None:
    """After somebody's mother."""
    made = Table("alumnos", {"nombre": "varchar(40)", "apellido1": "varchar(40)", "apellido2": "varchar(40)"}, "es_ES")
    same = sum(row["apellido1"] == row["apellido2"] for row in made.rows())
    assert same < 50
