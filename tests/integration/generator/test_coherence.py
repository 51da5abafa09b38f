"""What belongs together in a row agrees, in whole plans: names, times, states, places and amounts."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.scratch import ScratchDatabase
from app.generator import GeneratorConfig, batches, make_plan
from app.generator.pools import table as pool_table
from app.generator.pools.library import LOCALES
from app.generator.snapshot.model import QName, Snapshot
from tests.conftest import Server

Row = dict[str, Any]
# None where a row has nothing to compare.
Rule = Callable[[Row], bool | None]


def in_order(*names: str) -> Rule:
    """The moments that there are, each not before the one before it."""

    def rule(row: Row) -> bool | None:
        found = [row[name] for name in names if row[name] is not None]
        if any(not isinstance(moment, datetime) for moment in found):
            found = [moment.date() if isinstance(moment, datetime) else moment for moment in found]
        return all(a <= b for a, b in pairwise(found)) if len(found) > 1 else None

    return rule


def set_when(name: str, *states: str) -> Rule:
    """There, or true, exactly in these states."""
    return lambda row: (row[name] not in (None, False)) == (row["status"] in states)


def equal(result: Callable[[Row], Any], *names: str) -> Rule:
    """To the cent, where all the columns have a value."""
    return lambda row: None if any(row[name] is None for name in names) else abs(result(row)) <= Decimal("0.005")


def _age(row: Row) -> bool | None:
    born, today = row["date_of_birth"], date(2026, 1, 1)
    if born is None or row["age"] is None:
        return None
    return bool(row["age"] == today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


@cache
def _places() -> frozenset[tuple[str, ...]]:
    """Every place of every locale, and of the world in every language."""
    tables = [pool_table(locale, name) for locale in LOCALES for name in ("places", "world")]
    names = ("city", "region", "country_code")
    return frozenset(place for t in tables for place in zip(*(t[name].to_pylist() for name in names), strict=True))


def _known_place(row: Row) -> bool | None:
    place = (row["city"], row["state"], row["country_code"])
    return None if None in place else place in _places()


def _known_currency(row: Row) -> bool | None:
    of = pool_table("en_US", "country_currencies")
    countries, currencies = list(of.values())[:2]
    known = dict(zip(countries.to_pylist(), currencies.to_pylist(), strict=True))
    if row["country_code"] is None or row["currency"] is None:
        return None
    return bool(known[row["country_code"]] == row["currency"])


_SENT = ("shipped", "delivered", "returned")
RULES: dict[str, dict[str, Rule]] = {
    "users": {
        "full name": lambda r: None if None in (r["first_name"], r["last_name"], r["full_name"])
        else r["full_name"] == f"{r['first_name']} {r['last_name']}",
        "email": lambda r: r["email"].startswith(r["first_name"].lower()[:3]) if (r["first_name"] or "").isascii()
        and r["first_name"] else None,
        "age": _age,
        "life": in_order("created_at", "signed_up_at", "last_login_at", "updated_at"),
        "verified": in_order("created_at", "signed_up_at", "email_verified_at"),
        "deleted": lambda r: (r["deleted_at"] is not None) == r["is_deleted"],
        "deactivated": lambda r: r["deactivated_at"] is None if r["is_active"] else None,
    },
    "addresses": {"place": _known_place, "currency": _known_currency},
    "orders": {
        "chain": in_order("created_at", "ordered_at", "paid_at", "shipped_at", "delivered_at", "returned_at"),
        "cancelled": in_order("ordered_at", "cancelled_at"),
        "updated": in_order("created_at", "updated_at"),
        "shipped": set_when("shipped_at", *_SENT),
        "delivered": set_when("delivered_at", "delivered", "returned"),
        "paid": set_when("paid_at", "paid", *_SENT),
        "cancelled state": set_when("cancelled_at", "cancelled"),
        "total": equal(lambda r: r["total"] - r["subtotal"] - (r["tax_amount"] or 0) - (r["shipping_cost"] or 0)
                       + (r["discount_amount"] or 0)),
        "tax": equal(lambda r: r["tax_amount"] - r["subtotal"] * r["tax_rate"] / 100, "tax_amount", "tax_rate"),
        "discount": lambda r: None if r["discount_amount"] is None else r["discount_amount"] <= r["subtotal"],
    },
    "order_items": {
        "line": equal(lambda r: r["line_total"] - r["quantity"] * r["unit_price"] + (r["discount"] or 0)),
        "discount": equal(lambda r: r["discount"] - r["quantity"] * r["unit_price"] * r["discount_percent"] / 100,
                          "discount", "discount_percent"),
    },
    "parcels": {
        "shipped": set_when("ship_date", "Shipped", "Delivered"),
        "flag": lambda r: None if r["shipped"] is None else r["shipped"] == (r["status"] in ("Shipped", "Delivered")),
        "delivered": set_when("delivery_date", "Delivered"),
        "chain": in_order("order_date", "ship_date", "delivery_date"),
    },
    "subscriptions": {
        "period": in_order("started_at", "current_period_start", "current_period_end"),
        "trial": in_order("started_at", "trial_ends_at"),
        "end": in_order("started_at", "canceled_at", "ended_at"),
        "cancelled": set_when("canceled_at", "cancelled"),
    },
    "tasks": {
        "chain": in_order("created_at", "started_at", "completed_at"),
        "done": lambda r: r["completed_at"] is None if r["status"] != "done" else None,
        "flag": lambda r: None if r["completed"] is None else r["completed"] == (r["status"] == "done"),
    },
    "invoices": {
        "due": in_order("issue_date", "due_date"),
        "paid": set_when("paid_at", "paid"),
        "vat": equal(lambda r: r["vat_amount"] - r["net_amount"] * r["vat_rate"] / 100,
                     "vat_amount", "net_amount", "vat_rate"),
        "gross": equal(lambda r: r["gross_amount"] - r["net_amount"] - r["vat_amount"], "net_amount", "vat_amount"),
        "balance": equal(lambda r: r["balance_due"] - r["gross_amount"] + r["paid_amount"],
                         "balance_due", "gross_amount", "paid_amount"),
    },
    "employees": {
        "life": in_order("birth_date", "hire_date", "termination_date"),
        "grown": lambda r: None if r["birth_date"] is None else (r["hire_date"] - r["birth_date"]).days > 17 * 365,
    },
    "bestellungen": {
        "chain": in_order("erstellt_am", "bestelldatum", "bezahlt_am", "versendet_am", "geliefert_am"),
        "updated": in_order("erstellt_am", "geaendert_am"),
        "shipped": set_when("versendet_am", "versendet", "geliefert"),
        "delivered": set_when("geliefert_am", "geliefert"),
    },
    "bookings": {
        "nights": lambda r: None if r["nights"] is None else r["nights"] == (r["check_out"] - r["check_in"]).days,
        "total": equal(lambda r: r["total_price"] - r["nights"] * r["price_per_night"],
                       "total_price", "nights", "price_per_night"),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def schema(postgres: Server) -> Iterator[Snapshot]:
    """The tables whose rows are looked at."""
    with ScratchDatabase(postgres.url()) as scratch:
        scratch.load((Path(__file__).parent / "coherent.sql").read_text())
        with scratch.connect() as connection:
            yield introspect(connection)


@pytest.mark.parametrize(("seed", "locale"), [(1, "en_US"), (2, "de_DE"), (3, "ja_JP")])
def test_rows_hang_together(schema: Snapshot, seed: int, locale: str) -> None:
    """Every rule holds in every row that it speaks of, and it speaks of some."""
    plan = make_plan(schema, GeneratorConfig(rows=400, locale=locale), seed)
    broken = []
    for name, rules in RULES.items():
        rows: list[Row] = pa.Table.from_batches(batches(plan, QName("public", name))).to_pylist()
        for what, rule in rules.items():
            verdicts = [rule(row) for row in rows]
            if locale != "ja_JP" or (name, what) not in (("users", "full name"), ("users", "email")):
                assert any(verdict is not None for verdict in verdicts) or locale != "en_US", (name, what)
                broken += [f"{name}: {what}: {row}" for row, v in zip(rows, verdicts, strict=True) if v is False][:1]
    assert not broken, "\n".join(broken)
