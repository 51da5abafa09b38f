"""What a row has on some occasion only is there on that occasion, and what is said twice in a row agrees."""

import json
import re
from datetime import datetime
from typing import Any

import pytest

from app.generator.domain import Domain
from app.generator.values.choice import Choice
from app.generator.values.registry import build
from tests.unit.meaning.tables import ROWS, Table

_STATES = Domain(values=("booked", "completed", "cancelled"))
_MEANS = Domain(values=("card", "cash", "bank_transfer", "debit_card"))


def _rows(table: str, columns: dict[str, str], **domains: Domain) -> list[dict[str, Any]]:
    return Table(table, columns, "en_US", defaults=None, **domains).rows()


def test_why_a_row_was_cancelled_is_said_of_those_that_were() -> None:
    """By the state, by the moment where there is no state, by a flag where there is neither."""
    by_state = _rows("appointments", {"status": "text", "cancellation_reason": "text"}, status=_STATES)
    assert {row["status"] == "cancelled" for row in by_state} == {True, False}
    assert all((row["cancellation_reason"] is not None) == (row["status"] == "cancelled") for row in by_state)
    by_moment = _rows("visits", {"cancelled_at": "timestamptz", "cancel_reason": "text"})
    assert all((row["cancel_reason"] is None) == (row["cancelled_at"] is None) for row in by_moment)
    by_flag = _rows("visits", {"is_rejected": "bool", "rejection_reason": "text"})
    assert all((row["rejection_reason"] is not None) == bool(row["is_rejected"]) for row in by_flag)
    assert any(row["rejection_reason"] for row in by_flag)


def test_a_card_is_that_of_who_pays_by_card() -> None:
    """Nobody who pays in cash has one, and an account is that of a transfer."""
    columns = {"method": "text", "card_last4": "bpchar(4)", "card_brand": "text", "iban": "text"}
    rows = _rows("payments", columns, method=_MEANS)
    for row in rows:
        by_card = row["method"] in ("card", "debit_card")
        assert (row["card_last4"] is not None) == (row["card_brand"] is not None) == by_card
        assert (row["iban"] is not None) == (row["method"] == "bank_transfer")
    assert {row["method"] for row in rows} == set(_MEANS.values or ())


def test_what_was_refunded_is_nothing_but_in_that_state() -> None:
    """And never more than was paid."""
    states = Domain(values=("pending", "succeeded", "refunded"))
    columns = {"amount_cents": "int8", "status": "text", "refunded_amount_cents": "int8"}
    rows = _rows("payments", columns, status=states)
    for row in rows:
        assert (row["refunded_amount_cents"] > 0) == (row["status"] == "refunded")
        assert row["refunded_amount_cents"] <= row["amount_cents"]
    assert any(row["refunded_amount_cents"] for row in rows)


def test_who_has_left_is_not_active() -> None:
    """Beside `is_active`, who is not has left."""
    rows = _rows("staff", {"hired_on": "date", "left_on": "date", "is_active": "bool"})
    assert {row["is_active"] for row in rows} == {True, False}
    assert all((row["left_on"] is None) == row["is_active"] for row in rows)


def test_nothing_arrives_that_was_not_sent() -> None:
    """Some of what was sent is on its way."""
    rows = Table("parcels", {"shipped_at": "timestamptz", "delivered_at": "timestamptz"})
    assert rows.choices["delivered_at"].options["null_rate"] > 0
    made = rows.rows()
    assert all(row["shipped_at"] is not None for row in made if row["delivered_at"] is not None)


@pytest.mark.parametrize("titles", [("Dr", "Mr", "Mrs", "Ms", "Miss"), ("Herr", "Frau", "Divers"), ("M.", "Mme")])
def test_titles_that_a_check_lists_agree_with_the_first_name(titles: tuple[str, ...]) -> None:
    """No Miss Michael; what is neither a woman's nor a man's is seldom."""
    columns = {"title": "text", "first_name": "text", "gender": "text"}
    rows = _rows("members", columns, title=Domain(values=titles), gender=Domain(values=("f", "m")))
    women = {"Mrs", "Ms", "Miss", "Frau", "Mme"}
    for row in rows:
        if row["title"] not in ("Dr", "Divers"):
            assert (row["title"] in women) == (row["gender"] == "f")
    assert {row["title"] for row in rows} == set(titles)
    assert sum(row["title"] in ("Dr", "Divers") for row in rows) < 80


def test_the_address_at_work_is_the_same_person_s() -> None:
    """Whose first and last name stand beside it; a manager's is somebody else's."""
    columns = {"first_name": "text", "last_name": "text", "work_email": "text", "manager_email": "text"}
    rows = _rows("contacts", columns)
    named = [row for row in rows if row["first_name"].isalpha() and row["last_name"].isalpha()]
    own = [row for row in named if row["work_email"].startswith(f"{row['first_name']}.{row['last_name']}".lower())]
    assert len(own) > 0.95 * len(named) > 100
    assert not any(row["manager_email"].startswith(row["work_email"].partition("@")[0]) for row in own[:100])


def test_a_firm_s_site_and_its_name_by_law_are_its_own() -> None:
    """Lumen Electronics Inc. is at lumen-electronics."""
    columns = {"name": "text", "legal_name": "text", "website": "text", "domain": "text"}
    for row in _rows("companies", columns):
        host = "-".join(row["name"].lower().replace("&", " ").replace(".", " ").replace("'", "").split()[:2])
        assert row["legal_name"] == row["name"]
        assert row["domain"].startswith(host)
        assert row["website"].startswith(f"https://www.{host}.")


def test_names_by_law_do_not_wait_for_each_other() -> None:
    """Where there is no plainer name, the plainest of them is what the others follow."""
    columns = {"legal_name": "text", "trade_name": "text", "official_trade_name": "text"}
    for row in _rows("operators", columns):
        assert row["legal_name"]
        assert row["trade_name"] == row["official_trade_name"]


def test_a_group_of_people_is_not_called_like_one_of_them() -> None:
    """Nor is a feature of organizations a firm, or a zone of a city the city."""
    for table in ("customer_groups", "organization_features", "city_zones", "patient_forms"):
        first = table.split("_", maxsplit=1)[0].capitalize()
        assert all(row["name"].startswith(first) for row in _rows(table, {"name": "text"}))


def test_what_is_outstanding_is_what_was_not_paid() -> None:
    """Whichever way round it is written; and texts called JSON are."""
    columns = {"total_amount": "numeric(10,2)", "amount_paid": "numeric(10,2)", "amount_outstanding": "numeric(10,2)"}
    for row in _rows("invoices", columns | {"json_request": "text"}):
        assert row["amount_outstanding"] == row["total_amount"] - row["amount_paid"]
        assert row["json_request"] is None or json.loads(row["json_request"])


def test_a_pet_is_born_before_it_is_registered() -> None:
    """By as many years as pets live."""
    rows = _rows("pets", {"name": "text", "date_of_birth": "date", "created_at": "timestamptz"})
    assert all(
        0 <= (row["created_at"].date() - row["date_of_birth"]).days < 16 * 366
        for row in rows
        if row["date_of_birth"] and row["created_at"]
    )


def test_hours_of_opening_and_of_appointments_are_round() -> None:
    """07:30, not 07:58:06; an appointment follows its booking all the same."""
    clinics = _rows("clinics", {"opening_time": "time", "closing_time": "time"})
    assert all(time.minute % 30 == time.second == time.microsecond == 0 for row in clinics for time in row.values())
    columns = {"created_at": "timestamptz", "starts_at": "timestamptz", "ends_at": "timestamptz"}
    for row in _rows("appointments", columns):
        moments = [row[name] for name in columns if row[name] is not None]
        assert moments == sorted(moments)
        assert all(moment.minute % 15 == moment.second == 0 for moment in moments[1:])


def test_a_document_has_the_form_that_its_name_and_default_say() -> None:
    """An address has a street, and what begins as an empty list is one."""
    made = Table("customers", {"billing_address": "jsonb"}).columns()["billing_address"]
    assert all(set(json.loads(text)) == {"street", "city", "postal_code", "country"} for text in made)
    assert len(set(made)) > 450


def test_statuses_of_answers_and_kinds_of_records_are_what_they_are_called() -> None:
    """`response_status` is a status of HTTP, `entity_type` the name of a thing."""
    deliveries = Table("webhook_deliveries", {"response_status": "int4"}).columns()["response_status"]
    assert 200 in deliveries
    assert all(100 <= code < 600 for code in deliveries)
    assert "order" in Table("audit_logs", {"entity_type": "text"}).columns()["entity_type"]
    days = Table("plans", {"trial_days": "int4"}).columns()["trial_days"]
    assert set(days) == {7, 14, 30}
    assert all(0 <= times <= 5 for times in Table("prescriptions", {"repeats": "int4"}).columns()["repeats"])


def test_what_a_country_or_a_currency_is_by_default_it_is() -> None:
    """And the row's city, postal code and phone are that country's; a literal that is no country is none."""
    columns = {"city": "text", "postcode": "text", "country": "bpchar(2)", "currency": "bpchar(3)"}
    made = Table("clinics", columns, "en_US", defaults={"country": "'GB'::bpchar", "currency": "'GBP'::bpchar"})
    rows = made.rows()
    assert {row["country"] for row in rows} == {"GB"}
    assert {"London", "Leeds"} <= {row["city"] for row in rows}
    assert all(row["postcode"][0].isalpha() for row in rows)
    currencies = [row["currency"] for row in rows]
    assert currencies.count("GBP") > 0.8 * len(currencies)
    elsewhere = Table("clinics", columns, "en_US", defaults={"country": "'ZZ'"}).columns()["country"]
    assert len(set(elsewhere)) > 10


def test_what_comes_next_does_so_within_a_year_or_so() -> None:
    """A vaccination is not due again within the month."""
    rows = _rows("vaccinations", {"given_on": "date", "next_due_on": "date"})
    gaps = [(row["next_due_on"] - row["given_on"]).days for row in rows if row["next_due_on"] and row["given_on"]]
    assert min(gaps) >= 90
    assert max(gaps) <= 400


def test_what_is_sent_is_sent_when_it_was_to_be() -> None:
    """`sent_at` is a participle, and no sentence."""
    rows = _rows("reminders", {"send_on": "date", "sent_at": "timestamptz"})
    assert all(
        0 <= (row["sent_at"].date() - row["send_on"]).days < 30 for row in rows if row["sent_at"] and row["send_on"]
    )


def test_what_is_valid_for_a_term_is_so_for_months() -> None:
    """A room is booked for hours, a subscription is not."""
    for table, column, days in (("subscriptions", "current_period", 30), ("room_bookings", "period", 0)):
        context = Table(table, {column: "tstzrange"}).contexts[column]
        text = build(Choice("type"), context).at(ROWS).to_pylist()
        first, second = (datetime.fromisoformat(end) for end in re.findall(r'"([^"]+)"', text[3]))
        assert (second - first).days == days


def test_few_keys_are_revoked() -> None:
    """And none before it was made."""
    rows = _rows("api_keys", {"created_at": "timestamptz", "revoked_at": "timestamptz"})
    assert Table("api_keys", {"revoked_at": "timestamptz"}).choices["revoked_at"].options["null_rate"] > 0.8
    assert all(row["revoked_at"] >= row["created_at"] for row in rows if row["revoked_at"] and row["created_at"])
