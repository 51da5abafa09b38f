"""Rows that somebody of the trade would believe, in the languages that tables are named in."""

import pytest

from tests.unit.meaning.tables import Table


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("messwerte", ("temperatur", "puls", "blutdruck_systolisch", "blutdruck_diastolisch", "sauerstoffsaettigung")),
        ("signes", ("temperature", "pouls", "pression_systolique", "pression_diastolique", "saturation")),
        ("mediciones", ("temperatura", "pulso", "presion_sistolica", "presion_diastolica", "saturacion")),
        ("vitals", ("temperature", "pulse", "systolic", "diastolic", "oxygen_saturation")),
    ],
)
def test_what_is_measured_of_people_is_what_people_have(table: str, names: tuple[str, ...]) -> None:
    """A body's temperature beside a pulse, and blood pressure rather than the air's."""
    bounds = ((35, 40), (50, 115), (95, 155), (55, 100), (90, 100))
    made = Table(table, dict(zip(names, ("numeric(4,1)", "int4", "int4", "int4", "int4"), strict=True))).columns()
    for name, (low, high) in zip(names, bounds, strict=True):
        assert all(low <= value <= high for value in made[name]), name


@pytest.mark.parametrize(
    ("locale", "table", "net", "tax", "gross"),
    [
        ("de_DE", "rechnungen", "betrag_netto", "mwst_betrag", "betrag_brutto"),
        ("fr_FR", "factures", "montant_ht", "montant_tva", "montant_ttc"),
        ("es_ES", "facturas", "base_imponible", "importe_iva", "total"),
        ("it_IT", "fatture", "imponibile", "importo_iva", "totale"),
        ("en_GB", "invoices", "net_amount", "vat_amount", "gross_amount"),
    ],
)
def test_net_and_tax_make_gross(locale: str, table: str, net: str, tax: str, gross: str) -> None:
    """Whatever the language calls them."""
    made = Table(table, dict.fromkeys((net, tax, gross), "numeric(10,2)"), locale).rows()
    for row in made:
        assert row[net] + row[tax] == row[gross]


@pytest.mark.parametrize(("locale", "rates"), [("de_DE", {19, 7}), ("fr_FR", {20, 10, 5.5}), ("en_GB", {20, 5})])
def test_rates_of_tax_are_the_country_s(locale: str, rates: set[float]) -> None:
    """Nobody in Germany pays 21 %."""
    made = Table("products", {"name": "text", "vat_rate": "numeric(4,2)"}, locale).columns()
    assert {float(rate) for rate in made["vat_rate"]} == rates


def test_states_are_in_the_language_of_the_table_and_explain_its_dates() -> None:
    """`rechnungen` are bezahlt, `invoices` paid, also in Germany."""
    columns = {"status": "text", "rechnungsdatum": "date", "bezahlt_am": "date"}
    rows = Table("rechnungen", columns, "de_DE").rows()
    assert {"bezahlt", "entwurf"} < {row["status"] for row in rows}
    for row in rows:
        assert (row["bezahlt_am"] is not None) == (row["status"] == "bezahlt")
        assert row["bezahlt_am"] is None or row["bezahlt_am"] >= row["rechnungsdatum"]
    assert "paid" in Table("invoices", {"status": "text"}, "de_DE").columns()["status"]


def test_whoever_is_admitted_leaves_later_and_within_weeks() -> None:
    """Stays of days, appointments of hours."""
    names = {"aufnahmedatum": "timestamptz", "entlassungsdatum": "timestamptz", "status": "text"}
    stays = [row for row in Table("aufnahmen", names, "de_DE").rows() if row["entlassungsdatum"]]
    assert len(stays) > 100
    assert all(1 <= (row["entlassungsdatum"] - row["aufnahmedatum"]).days <= 14 for row in stays)
    visits = Table("termine", {"beginn": "timestamptz", "ende": "timestamptz"}, "de_DE").rows()
    assert all((row["ende"] - row["beginn"]).total_seconds() <= 4 * 3600 for row in visits if row["ende"])
    assert sum(row["ende"] is None for row in visits) < 25


def test_an_order_s_currency_is_that_of_the_country_it_goes_to() -> None:
    """An order to Hungary is paid in forints."""
    columns = {"shipping_country_code": "bpchar(2)", "shipping_city": "text", "currency": "bpchar(3)"}
    rows = Table("orders", columns).rows()
    paid = {row["shipping_country_code"]: row["currency"] for row in rows}
    assert len(paid) > 10
    assert all(paid[row["shipping_country_code"]] == row["currency"] for row in rows)
    assert paid["US"] == "USD"


def test_goods_cost_less_than_they_are_sold_for() -> None:
    """Whatever other prices stand beside."""
    columns = {"name": "text", "price": "numeric(10,2)", "compare_at_price": "numeric(10,2)", "cost": "numeric(10,2)"}
    for row in Table("products", columns).rows():
        assert row["cost"] < row["price"] <= row["compare_at_price"]


def test_who_is_called_in_an_emergency_is_somebody_else() -> None:
    """In one word or in three."""
    columns = {"vorname": "text", "nachname": "text", "notfallkontakt_name": "text"}
    rows = Table("patienten", columns, "de_DE").rows()
    same = sum(row["notfallkontakt_name"] == f"{row['vorname']} {row['nachname']}" for row in rows)
    assert same < 5


def test_nothing_was_given_back_before_the_day_on_which_it_was() -> None:
    """An amount that was refunded stands where the day of it does."""
    columns = {
        "amount": "numeric(10,2)",
        "status": "text",
        "refund_amount": "numeric(10,2)",
        "refunded_at": "timestamptz",
    }
    rows = Table("payments", columns).rows()
    assert any(row["refund_amount"] for row in rows)
    assert all((row["refund_amount"] is None) == (row["refunded_at"] is None) for row in rows)


def test_appointments_are_made_for_the_hours_of_work() -> None:
    """Nobody sees a doctor at night, nor on Sundays."""
    columns = {"patient_name": "text", "starts_at": "timestamptz", "reason": "text"}
    starts = [row["starts_at"] for row in Table("appointments", columns).rows() if row["starts_at"]]
    assert len(starts) > 400
    assert {start.hour for start in starts} <= set(range(8, 18))
    assert 6 not in {start.weekday() for start in starts}


def test_a_locale_is_that_of_the_country_beside_it() -> None:
    """Whoever lives in Brazil reads Portuguese."""
    rows = Table("users", {"country_code": "bpchar(2)", "locale": "text"}).rows()
    assert len({row["locale"] for row in rows}) > 10
    assert all(row["locale"][-2:] == row["country_code"] for row in rows)
    assert {row["locale"] for row in rows if row["country_code"] == "BR"} == {"pt-BR"}


def test_homes_cost_what_homes_cost() -> None:
    """Deposits are some rents, homes have the area of homes, and a house is worth a house."""
    columns = {
        "Mieter": "text",
        "Kaltmiete": "numeric(8,2)",
        "Kaution": "numeric(9,2)",
        "Wohnflaeche_qm": "numeric(7,2)",
    }
    for row in Table("mietvertraege", columns, "de_DE").rows():
        assert 300 < row["Kaltmiete"] < 2_000
        assert 400 < row["Kaution"] < 4_000
        assert 20 < row["Wohnflaeche_qm"] < 200
    dutch = {"straatnaam": "text", "eigenaar": "text", "woz_wrd": "numeric(12,2)", "gebr_opp": "int4"}
    assert all(100_000 < row["woz_wrd"] < 900_000 for row in Table("woz_objecten", dutch, "nl_NL").rows())


def test_what_a_meter_counted_is_what_was_used() -> None:
    """Zst_neu less Zst_alt."""
    columns = {
        "Zaehlernummer": "text",
        "Ablesedatum": "date",
        "Netzbetreiber": "text",
        **dict.fromkeys(("Zst_alt", "Zst_neu", "Verbr_kWh"), "numeric(12,1)"),
    }
    for row in Table("netzanschluesse", columns, "de_DE").rows():
        assert row["Zst_neu"] > row["Zst_alt"]
        assert row["Verbr_kWh"] == row["Zst_neu"] - row["Zst_alt"]


def test_an_amount_without_tax_and_the_tax_make_the_one_with_it() -> None:
    """bdr_excl and bdr_btw make bdr_incl."""
    columns = {"deb_naam": "text", "btw_perc": "numeric(4,2)"}
    amounts = dict.fromkeys(("bdr_excl", "bdr_btw", "bdr_incl"), "numeric(12,2)")
    for row in Table("verkooporders", {**columns, **amounts}, "nl_NL").rows():
        assert row["bdr_incl"] == row["bdr_excl"] + row["bdr_btw"]
        assert abs(row["bdr_btw"] - row["bdr_excl"] * row["btw_perc"] / 100) < 0.01


def test_cars_have_faults_and_guests_have_wishes() -> None:
    """A klacht at a garage is no fever, and a guest's wish no instruction to an office."""
    cars = {"kenteken": "text", "kmst": "int4", "klacht": "text", "monteur": "text"}
    assert "olielekkage" in Table("garage_opdrachten", cars, "nl_NL").columns()["klacht"]
    stays = {"Gast": "text", "Zimmernummer": "text", "Sonderwunsch": "text", "Uebernachtungspreis": "numeric(8,2)"}
    made = Table("hotelbuchungen", stays, "de_DE").columns()
    assert "Babybett" in made["Sonderwunsch"]
    assert all(50 < price < 300 for price in made["Uebernachtungspreis"])


def test_milk_and_bodies_are_measured_as_they_are() -> None:
    """Fat of milk in a few percent, blood pressure in two numbers, degrees of care up to five."""
    milk = {"veehouder": "text", "lev_dat": "date", "vet_pct": "numeric(4,2)", "vriespunt": "numeric(5,3)"}
    for row in Table("melkleveringen", milk, "nl_NL").rows():
        assert 3 < row["vet_pct"] < 5
        assert -0.6 < row["vriespunt"] < -0.5
    care = {
        "Bewohner": "text",
        "Zimmer": "text",
        "PflGrad": "int2",
        "RR_sys": "int2",
        "RR_dia": "int2",
        "Gew_kg": "int2",
    }
    for row in Table("pflegedokumentation", care, "de_DE").rows():
        assert 1 <= row["PflGrad"] <= 5
        assert 60 <= row["RR_dia"] <= 95 < row["RR_sys"] <= 150
        assert 45 <= row["Gew_kg"] <= 110
