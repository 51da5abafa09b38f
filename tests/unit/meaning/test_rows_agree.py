"""Rows whose columns have to agree, in the spellings that people use: German and Dutch, short forms, other people."""

import re

import pytest

from tests.unit.meaning.tables import Table


def test_days_of_an_early_payment_are_not_taken_off_a_sum() -> None:
    """Netto and MwStBetr make Brutto, whatever else is called after a discount; rates are the country's."""
    columns = {"Netto": "numeric(10,2)", "MwStSatz": "numeric(4,2)", "MwStBetr": "numeric(10,2)"}
    columns |= {"Brutto": "numeric(10,2)", "Skontofrist": "int2", "Skonto_proz": "numeric(4,2)", "ReNr": "varchar(20)"}
    for row in Table("rechnungen", columns, "de_DE").rows():
        assert row["Brutto"] == row["Netto"] + row["MwStBetr"]
        assert row["MwStSatz"] in (19, 7)
        assert row["Skontofrist"] <= 14
        assert row["ReNr"].startswith("RE-")


@pytest.mark.parametrize(
    ("table", "locale", "before", "after"),
    [
        ("rechnungen", "de_DE", "ReDat", "bez_am"),
        ("schadenmeldungen", "de_DE", "schadendatum", "gemeldet_am"),
        ("verzekerden", "nl_NL", "verzekerd_sinds", "opgezegd_per"),
        ("claims", "en_US", "loss_dt", "rpt_dt"),
        ("afspraken", "nl_NL", "afspraak_dat", "geannuleerd_op"),
        # Names that lost their capitals, since nothing quoted them.
        ("samples", "en_US", "creationdate", "changedate"),
        ("contracts", "en_US", "startdate", "enddate"),
        ("contracts", "en_US", "validfrom", "validto"),
        ("contracts", "en_US", "creation_date", "change_date"),
        ("permits", "en_US", "issuedate", "expiresat"),
        ("notes", "en_US", "createdon", "modifiedon"),
        ("shifts", "en_US", "begintime", "endtime"),
        ("prices", "en_US", "datefrom", "dateto"),
        # What is no total up to a day.
        ("absences", "en_US", "from_date", "to_date"),
        ("absences", "en_US", "fromdate", "todate"),
        ("absences", "en_US", "absent_from", "absent_to"),
        ("absences", "en_US", "vacancy_fromdate", "vacancy_todate"),
        ("accounts", "en_US", "open_date", "close_date"),
    ],
)
def test_what_was_done_later_is_later_in_every_spelling(table: str, locale: str, before: str, after: str) -> None:
    """Nothing is reported before it happened, nor cancelled before it was agreed."""
    rows = Table(table, {before: "date", after: "date", "naam": "text"}, locale).rows()
    both = [row for row in rows if row[before] is not None and row[after] is not None]
    assert both
    assert all(row[before] <= row[after] for row in both)


@pytest.mark.parametrize("kind", ["text", "varchar(30)", "bpchar(19)", "bpchar(10)", "varchar(10)"])
def test_what_was_done_later_is_later_where_it_is_written_as_text(kind: str) -> None:
    """Dates and time stamps in columns of text keep the order of a row's life, beside moments of their own type."""
    columns = {"created_at": "timestamptz", "start_date": kind, "end_date": kind, "updated_at": kind, "started_at": kind,
               "ended_at": kind, "code": "text"}  # fmt: skip
    rows = Table("encounters", columns).rows()
    for before, after in (("start_date", "end_date"), ("started_at", "ended_at"), ("started_at", "updated_at")):
        both = [(r[before].strip(), r[after].strip()) for r in rows if r[before] is not None and r[after] is not None]
        assert len(both) > len(rows) / 2
        assert all(one[:10] <= other[:10] for one, other in both)
    spelled = {len(r["updated_at"].strip()) for r in rows if r["updated_at"] is not None}
    assert spelled == {10 if "10" in kind else 19}  # an update is no date
    assert all(r["start_date"][:10] >= str(r["created_at"])[:10] for r in rows if r["start_date"] and r["created_at"])


def test_times_of_day_are_those_where_they_are_text() -> None:
    """When a shift begins is a time of the clock, not words and no number of minutes."""
    columns = {"time_in": "text", "time_out": "varchar(5)", "start_time": "varchar(8)", "opening_time": "text"}
    for row in Table("shifts", columns | {"cpu_time": "varchar(8)"}).rows():
        assert all(row[c] is None or re.fullmatch(r"(0[6-9]|1\d|2[01]):[0-5]\d", row[c]) for c in columns)
        assert row["cpu_time"] is None or ":" not in row["cpu_time"]


def test_who_changed_a_row_is_somebody_however_it_is_written() -> None:
    """createdby and modifiedby are numbers of people alike: none counts anything."""
    made = Table("notes", {"createdby": "int4", "modifiedby": "int4", "lastmodifiedby": "int8"}).columns()
    assert all(max(v for v in values if v is not None) > 1000 for values in made.values())


def test_two_people_of_a_row_are_not_one() -> None:
    """The adjuster is not the claimant, and nobody's email is of whoever revoked something."""
    made = Table("insurance_claims", {"adj_nm": "text", "clmt_nm": "text"}).columns()
    same = sum(one == other for one, other in zip(made["adj_nm"], made["clmt_nm"], strict=True))
    assert same < len(made["adj_nm"]) / 10
    columns = {"revoked_by": "text", "revoked_at": "timestamptz", "owner_email": "text", "owner_name": "text"}
    rows = Table("api_keys", columns).rows()
    assert all((row["revoked_by"] is None) == (row["revoked_at"] is None) for row in rows)
    known = [row for row in rows if row["owner_email"] and row["owner_name"]]
    assert known
    for row in known:
        assert row["owner_name"].split()[-1].lower()[:3] in row["owner_email"]


def test_what_stands_before_a_dutch_name_stands_in_its_own_column() -> None:
    """And is empty where there is none; the full name has it again."""
    columns = dict.fromkeys(("voornaam", "tussenvoegsel", "achternaam", "volledige_naam"), "text")
    rows = Table("klanten", columns, "nl_NL").rows()
    full = [row for row in rows if all(row[name] for name in ("voornaam", "achternaam", "volledige_naam"))]
    assert any(row["tussenvoegsel"] for row in full)
    assert any(row["tussenvoegsel"] is None for row in full)
    for row in full:
        parts = (row["voornaam"], row["tussenvoegsel"], row["achternaam"])
        assert row["volledige_naam"] == " ".join(part for part in parts if part)


def test_a_meter_ends_above_where_it_began() -> None:
    """By a little, at numbers that meters have."""
    for row in Table("afrekeningen", {"meterstand_begin": "int4", "meterstand_eind": "int4"}, "nl_NL").rows():
        assert 1_000 <= row["meterstand_begin"] <= row["meterstand_eind"] <= row["meterstand_begin"] * 1.1


def test_damage_is_not_praised() -> None:
    """What an insurer is told is no advertisement, and neither is what a role is for."""
    assert Table("claims", {"loss_desc": "text"}).choices["loss_desc"].options["name"] == "damage_texts"
    assert Table("roles", {"description": "text"}).choices["description"].options["name"] == "plain_texts"
    assert Table("wartungen", {"beschreibung": "text"}, "de_DE").choices["beschreibung"].options["name"] == "work_texts"
    assert Table("products", {"description": "text"}).choices["description"].generator == "description"


def test_no_more_is_shipped_than_was_ordered_and_the_rest_is_open() -> None:
    """qty_ord, qty_shp and qty_bo."""
    columns = dict.fromkeys(("qty_ord", "qty_shp", "qty_bo"), "int4")
    for row in Table("order_lines", columns).rows():
        assert row["qty_shp"] in (0, row["qty_ord"])
        assert row["qty_bo"] == row["qty_ord"] - row["qty_shp"]


def test_who_is_above_somebody_is_somebody_else() -> None:
    """Beside a first name alone neither the manager nor the address at work are of one person."""
    made = Table("mitarbeiter", {"Rufname": "text", "Vorges": "text", "MailDienstl": "text"}, "de_DE").rows()
    same = sum(row["Vorges"].startswith(row["Rufname"]) for row in made if row["Rufname"] and row["Vorges"])
    assert same < len(made) / 10
    for row in made:
        if row["Rufname"] and row["Rufname"].isascii() and row["Rufname"].isalpha():
            assert row["MailDienstl"].startswith(row["Rufname"].lower())


def test_sums_follow_from_what_is_short_for_their_parts() -> None:
    """`subtot`, `btw_bedr`, `verz_kosten` and `tot_incl`."""
    columns = dict.fromkeys(("subtot", "btw_bedr", "verz_kosten", "tot_incl"), "numeric(10,2)")
    for row in Table("orders", columns, "nl_NL").rows():
        assert row["tot_incl"] == row["subtot"] + row["btw_bedr"] + row["verz_kosten"]


def test_people_are_as_tall_and_warm_as_people() -> None:
    """In the unit that the name ends in."""
    made = Table(
        "patient_visits", {"temp_f": "numeric(4,1)", "ht_in": "numeric(4,1)", "wt_lbs": "numeric(5,1)"}
    ).columns()
    for name, low, high in (("temp_f", 96, 104), ("ht_in", 55, 80), ("wt_lbs", 90, 270)):
        assert all(low <= value <= high for value in made[name]), name


def test_amounts_with_and_without_tax_make_each_other() -> None:
    """`bedr_excl`, `btw_bedr`, `bedr_incl`, and what is still to be paid of it."""
    columns = dict.fromkeys(("bedr_excl", "btw_bedr", "bedr_incl", "openst_bedr"), "numeric(10,2)")
    for row in Table("facturen", columns, "nl_NL").rows():
        assert row["bedr_incl"] == row["bedr_excl"] + row["btw_bedr"]
        assert 0 <= row["openst_bedr"] <= row["bedr_incl"]


def test_a_name_beside_a_first_name_is_the_last() -> None:
    """PatName beside PatVorname; a code of a diagnosis where there is no room for one; wards, not firms."""
    columns = {"PatVorname": "text", "PatName": "text", "HauptDiag": "varchar(8)", "Station": "varchar(20)"}
    made = Table("krankenhausfaelle", columns, "de_DE")
    assert made.choices["PatName"].generator == "last_name"
    assert made.choices["HauptDiag"].generator == "pattern"
    assert "Intensiv" in made.columns()["Station"]


@pytest.mark.parametrize(
    ("table", "locale", "names"),
    [
        ("stays", "en_US", ("arr_dt", "dep_dt", "no_of_nights", "rate_per_night", "room_total")),
        ("buchungen_hotel", "de_DE", ("anreise", "abreise", "naechte", "preispronacht", "gesamtpreis")),
        ("verblijven", "nl_NL", ("aankomst", "vertrek", "aantal_nachten", "prijs_per_nacht", "totaalprijs")),
    ],
)
def test_who_stays_arrives_first_and_pays_by_the_night(table: str, locale: str, names: tuple[str, ...]) -> None:
    """Arrival, departure, nights, price of a night and of all."""
    types = ("date", "date", "int2", "numeric(8,2)", "numeric(10,2)")
    for row in Table(table, dict(zip(names, types, strict=True)), locale).rows():
        first, last, nights, price, total = (row[name] for name in names)
        if first is None or last is None:
            continue
        assert (last - first).days == nights
        assert total == nights * price


def test_columns_of_whom_the_table_is_about_are_of_one_person() -> None:
    """cust_full_nm is fst_nm and lst_nm in cust_mast, and cust_age is of brth_dt."""
    columns = dict.fromkeys(("fst_nm", "lst_nm", "cust_full_nm"), "text") | {"brth_dt": "date", "cust_age": "int2"}
    table = Table("cust_mast", columns)
    assert table.choices["cust_age"].options == {"birth": "brth_dt"}
    for row in table.rows():
        if row["fst_nm"] and row["lst_nm"] and row["cust_full_nm"]:
            assert row["cust_full_nm"] == f"{row['fst_nm']} {row['lst_nm']}"


def test_letters_that_all_names_begin_with_are_left_out() -> None:
    """filstr, filplz, filort of filialen; two addresses of a row are two places."""
    columns = dict.fromkeys(("filstr", "filplz", "filort", "filbundesland", "filtel"), "text")
    choices = Table("filialen", columns, "de_DE").choices
    generators = [choices[name].generator for name in columns]
    assert generators == ["street_address", "postal_code", "city", "region", "phone"]
    rows = Table("kunden", dict.fromkeys(("re_strasse", "re_ort", "li_strasse", "li_ort"), "text"), "de_DE").rows()
    assert sum(row["re_ort"] == row["li_ort"] for row in rows) < len(rows) / 3


def test_pay_is_kept_in_part_and_the_rest_is_paid_out() -> None:
    """Of a month's, in what payrolls are written in."""
    columns = dict.fromkeys(("Brutto", "LSt", "RV_AN", "Netto"), "numeric(10,2)")
    for row in Table("lohnabrechnung", columns, "de_DE").rows():
        assert 1_000 < row["Netto"] < row["Brutto"] < 10_000
        assert 0 < row["LSt"] < row["Brutto"] / 5


def test_what_is_paid_and_due_is_of_what_was_asked_for() -> None:
    """amt_pd, bal_due and inv_tot, with the freight in it."""
    columns = dict.fromkeys(
        ("sub_tot_amt", "frt_amt", "sales_tax_amt", "inv_tot", "amt_pd", "bal_due"), "numeric(12,2)"
    )
    for row in Table("invoices_hdr", columns).rows():
        assert row["inv_tot"] == row["sub_tot_amt"] + row["frt_amt"] + row["sales_tax_amt"]
        assert row["bal_due"] == row["inv_tot"] - row["amt_pd"]


def test_parents_are_not_their_child_and_flights_arrive_after_they_left() -> None:
    """Mutter_Name and Vater_Name beside KindVorname; dep_dt_tm, arr_dt_tm and the check-in before both."""
    names = ("KindVorname", "KindNachname", "Mutter_Name", "Vater_Name")
    for row in Table("kita_kinder", dict.fromkeys(names, "text"), "de_DE").rows()[:200]:
        if row["KindVorname"] and row["Mutter_Name"] and row["Vater_Name"]:
            assert row["Mutter_Name"] != row["Vater_Name"]
    columns = dict.fromkeys(("chk_in_ts", "dep_dt_tm", "arr_dt_tm"), "timestamp")
    for row in Table("bookings", columns).rows():
        if row["dep_dt_tm"] and row["arr_dt_tm"]:
            assert row["dep_dt_tm"] <= row["arr_dt_tm"]


def test_somebody_s_visa_is_not_the_state_of_an_application() -> None:
    """Reasons for a rejection do not hang on it."""
    table = Table("job_applications", {"visa_status": "text", "rejection_reason": "text"})
    assert "when" not in table.choices["rejection_reason"].options


def test_a_firm_s_email_is_of_whom_to_ask_for_there() -> None:
    """And not of the salesperson who serves it."""
    columns = dict.fromkeys(("bedrijfsnaam", "contactpers", "email", "vertegenw"), "text")
    choices = Table("debiteuren", columns, "nl_NL").choices
    assert choices["email"].options["name"] == "contactpers"


def test_goods_are_unloaded_elsewhere_than_they_were_loaded() -> None:
    """laadplaats and losplaats, Ladeort and Entladeort."""
    for first, last, locale in (("laadplaats", "losplaats", "nl_NL"), ("Ladeort", "Entladeort", "de_DE")):
        made = Table("ladingen", {first: "varchar(60)", last: "varchar(60)"}, locale).rows()
        assert sum(row[first] == row[last] for row in made) < len(made) / 4


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "nl_NL"])
def test_no_sentence_is_cut_off_where_there_is_room_for_a_few_words(locale: str) -> None:
    """A remark of twenty characters is a short one."""
    made = {
        row["opm"] for row in Table("klanten", {"naam": "text", "adres": "text", "opm": "varchar(20)"}, locale).rows()
    }
    assert all(len(value) < 20 for value in made)
    assert len(made) > 3


_SUM = "numeric(12,2)"


def test_what_is_before_tax_and_after_makes_one_bill() -> None:
    """However it is said that the tax is not in a sum: it is no tax itself."""
    columns = {"untaxed_amount": _SUM, "tax_amount": _SUM, "amount": _SUM}
    for row in Table("purchases", columns).rows():
        assert row["amount"] == row["untaxed_amount"] + row["tax_amount"] > row["tax_amount"] * 3
    columns = {"quantity": "int4", "unit_pretax_amount": _SUM, "pretax_amount": _SUM, "amount": _SUM}
    for row in Table("sale_items", columns).rows():
        assert row["pretax_amount"] == row["quantity"] * row["unit_pretax_amount"] <= row["amount"]
    columns = {"price_excl_tax": _SUM, "subtotal": _SUM, "tax": _SUM, "total": _SUM}
    assert all(row["total"] == row["subtotal"] + row["tax"] for row in Table("receipts", columns).rows())


def test_what_remains_of_a_budget_was_not_spent() -> None:
    """And nobody spends more than there was."""
    columns = {"budgeted_amount": _SUM, "spent_amount": _SUM, "remaining_amount": _SUM}
    for row in Table("grants", columns).rows():
        assert row["remaining_amount"] == row["budgeted_amount"] - row["spent_amount"] >= 0


def test_a_whole_is_its_halves_and_an_upper_limit_above_the_lower() -> None:
    """Boys and girls are the pupils."""
    columns = {"total_students": "int4", "boys": "int4", "girls": "int4", "lower_limit": "int4", "upper_limit": "int4"}
    columns |= {"rangefrom": _SUM, "rangeto": _SUM, "version": "int8", "revtype": "int2"}
    for row in Table("school_censuses", columns).rows():
        assert row["total_students"] == row["boys"] + row["girls"]
        assert row["lower_limit"] <= row["upper_limit"]
        assert row["rangefrom"] <= row["rangeto"]
        assert row["version"] <= 10
        assert row["revtype"] in (0, 1, 2)


def test_states_that_are_written_together_agree_with_their_dates() -> None:
    """Only what is deleted has been deleted one day; a sale's state is no part of the address whose key it has."""
    columns = {"isdeleted": "bool", "deleteddate": "timestamp", "closed": "bool", "closeddate": "timestamp"}
    for row in Table("documents", columns).rows():
        assert row["isdeleted"] == (row["deleteddate"] is not None)
        assert row["closed"] == (row["closeddate"] is not None)
    sales = Table("sales", {"number": "text", "state": "varchar(20)", "address_id": "int4", "amount": _SUM}).columns()
    assert len(set(sales["state"])) < 10
