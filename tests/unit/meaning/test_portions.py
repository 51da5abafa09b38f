"""Rows of French, Spanish, Portuguese and Italian tables whose numbers are parts of each other, and their places."""

from decimal import Decimal

from tests.unit.meaning.tables import Table


def test_a_lorry_weighs_less_empty_than_full_and_is_unloaded_after_it_was_loaded() -> None:
    table = Table(
        "expedicion_transporte",
        {
            "pob_orig": "varchar(60)", "pob_dest": "varchar(60)", "peso_bruto": "numeric(9,2)",
            "peso_tara": "numeric(9,2)", "peso_neto": "numeric(9,2)", "fh_carga": "timestamp",
            "fh_descarga": "timestamp",
        },
        "es_ES",
    )  # fmt: skip
    rows = [row for row in table.rows() if None not in row.values()]
    assert len(rows) > 100
    assert all(0 < row["peso_tara"] < row["peso_bruto"] for row in rows)
    assert all(row["peso_neto"] == row["peso_bruto"] - row["peso_tara"] for row in rows)
    assert all(row["fh_carga"] <= row["fh_descarga"] for row in rows)
    assert sum(row["pob_orig"] != row["pob_dest"] for row in rows) > len(rows) / 2


def test_a_budget_is_committed_and_spent_in_part_and_the_rest_remains() -> None:
    columns = dict.fromkeys(("stanziamento", "impegnato", "liquidato", "residuo"), "numeric(14,2)")
    rows = Table("bilancio_comunale", {"capitolo": "varchar(10)", "esercizio": "int2", **columns}, "it_IT").rows()
    whole = [row for row in rows if None not in row.values()]
    assert all(row["liquidato"] <= row["impegnato"] <= row["stanziamento"] for row in whole)
    assert all(row["residuo"] == row["stanziamento"] - row["impegnato"] for row in whole)
    assert max(row["stanziamento"] for row in whole) > 10_000


def test_a_debt_remains_less_what_came_back_and_with_what_came_on_top() -> None:
    columns = dict.fromkeys(
        ("mt_principal", "interets_retard", "frais_relance", "encaisse", "reste_du"), "numeric(9,2)"
    )
    rows = Table("dossiers_recouvrement", {"debiteur": "varchar(80)", "creancier": "varchar(80)", **columns}).rows()
    for row in (row for row in rows if None not in row.values()):
        assert row["reste_du"] == row["mt_principal"] + row["interets_retard"] + row["frais_relance"] - row["encaisse"]


def test_land_and_house_are_worth_what_both_are_together() -> None:
    columns = dict.fromkeys(("valor_suelo", "valor_construccion", "valor_catastral"), "numeric(12,2)")
    rows = Table("fincas_catastro", {"titular": "varchar(80)", "municipio": "varchar(60)", **columns}, "es_ES").rows()
    for row in (row for row in rows if None not in row.values()):
        assert row["valor_catastral"] == row["valor_suelo"] + row["valor_construccion"]


def test_a_posting_is_a_debit_or_a_credit() -> None:
    columns = {"num_ecriture": "varchar(12)", "libelle": "varchar(80)", "date_ecriture": "date"}
    made = Table("ecritures_comptables", {**columns, "debit": "numeric(12,2)", "credit": "numeric(12,2)"}).choices
    assert made["debit"].options["null_rate"] == 0.5
    assert made["credit"].options["when"] == {"column": "debit", "words": [], "not": True}


def test_a_tax_is_a_part_of_what_is_paid_with_it_and_a_fee_of_a_price_by_its_rate() -> None:
    columns = {"motif": "varchar(80)", "date_depense": "date", "mt_ttc": "numeric(9,2)", "mt_tva": "numeric(9,2)"}
    for row in Table("notes_frais", columns).rows():
        if None not in (row["mt_ttc"], row["mt_tva"]):
            assert Decimal("0.05") * row["mt_ttc"] - 1 < row["mt_tva"] < row["mt_ttc"] / 5
    columns = {"vendeur": "varchar(80)", "px_net_vend": "numeric(12,2)", "tx_hono": "numeric(4,2)"}
    for row in Table("mandats_vente", {**columns, "hono_agence": "numeric(10,2)"}).rows():
        if None not in row.values():
            assert row["px_net_vend"] > 50_000
            assert abs(row["hono_agence"] - row["px_net_vend"] * row["tx_hono"] / 100) < 1


def test_departments_and_provinces_are_those_of_their_towns() -> None:
    columns = {"code_postal": "varchar(5)", "departement": "varchar(3)", "nom_departement": "varchar(40)"}
    rows = Table("adresses", {"rue": "varchar(80)", "ville": "varchar(60)", **columns}, "fr_FR").rows()
    for row in (row for row in rows if None not in row.values()):
        assert row["departement"] == row["code_postal"][:2]
        assert row["ville"] != "Lyon" or row["nom_departement"] == "Rhône"
    spanish = {"calle": "varchar(80)", "poblacion": "varchar(60)", "provincia": "varchar(40)"}
    known = {row["poblacion"]: row["provincia"] for row in Table("direcciones", spanish, "es_ES").rows()}
    assert known["Gijón"] == "Asturias"
    assert known["Bilbao"] == "Bizkaia"


def test_buses_leave_before_they_arrive_and_lessons_are_held_by_day() -> None:
    columns = {"capolinea": "varchar(60)", "autista": "varchar(60)", "ora_part": "time", "ora_arr": "time"}
    rows = [row for row in Table("corse_autobus", columns, "it_IT").rows() if None not in row.values()]
    assert all(row["ora_part"] < row["ora_arr"] for row in rows)
    lessons = Table("lecons", {"eleve": "varchar(60)", "professeur": "varchar(60)", "heure_cours": "time"}, "fr_FR")
    assert all(7 <= row["heure_cours"].hour < 20 for row in lessons.rows() if row["heure_cours"] is not None)


def test_why_somebody_left_travelled_or_was_away_is_told_in_its_language() -> None:
    columns = {"nombre": "varchar(40)", "apellidos": "varchar(60)", "motivo_baja": "varchar(80)"}
    assert "Impago" in Table("socios", columns, "es_ES").columns()["motivo_baja"]
    columns = {"nome_colaborador": "varchar(80)", "data_admissao": "date", "just_falta": "varchar(100)"}
    assert "Atestado médico" in Table("ponto_funcionarios", columns, "pt_BR").columns()["just_falta"]


def test_whoever_stays_comes_before_leaving_and_what_comes_back_was_bought_before() -> None:
    columns = {"hospPrincipal": "varchar(80)", "dtCheckin": "date", "dtCheckout": "date", "tarifaDia": "numeric(8,2)"}
    rows = [row for row in Table("hotelDiarias", columns, "pt_BR").rows() if None not in row.values()]
    assert all(row["dtCheckin"] < row["dtCheckout"] for row in rows)
    columns = {"skuArt": "varchar(20)", "fechaCompra": "date", "fechaDev": "date", "dependiente": "varchar(60)"}
    rows = [row for row in Table("tiendaDevoluciones", columns, "es_ES").rows() if None not in row.values()]
    assert all(row["fechaCompra"] <= row["fechaDev"] for row in rows)
    columns = {"apellido_pac": "varchar(40)", "motivo_consulta": "text", "fh_lleg": "timestamp", "fh_alta": "timestamp"}
    rows = [row for row in Table("hospital_urgencias", columns, "es_ES").rows() if None not in row.values()]
    assert all(row["fh_lleg"] <= row["fh_alta"] for row in rows)
