"""What is chosen for the columns of a table, and that it all fits together."""

import numpy as np
import pytest

from app.generator.domain import Domain
from app.generator.meaning import Choice, choose, null_rate
from app.generator.snapshot.model import Column, EnumType, QName, TypeRef
from app.generator.types import TypeCatalog
from app.generator.values.context import DEFAULT_REFERENCE, ColumnContext
from app.generator.values.registry import build
from tests.unit.meaning.tables import ROWS, Table

_BUILTIN = "pg_catalog"


def test_a_customer_hangs_together() -> None:
    """Names, address and moments of one row."""
    table = Table(
        "customers",
        {
            "email": "varchar(120)", "full_name": "text", "first_name": "text", "last_name": "text", "username": "text",
            "city": "text", "country": "text", "country_code": "bpchar(2)", "updated_at": "timestamptz",
            "created_at": "timestamptz", "birth_date": "date", "age": "int4", "deleted_at": "timestamptz",
        },
    )  # fmt: skip
    rows = table.columns()
    for n in range(len(ROWS)):
        row = {column: values[n] for column, values in rows.items()}
        assert row["full_name"] == f"{row['first_name']} {row['last_name']}"
        local = f"{row['first_name']}.{row['last_name']}".lower().replace("'", "").replace(" ", "")
        assert row["email"].partition("@")[0] == local
        assert row["created_at"] <= row["updated_at"] <= DEFAULT_REFERENCE
        assert row["deleted_at"] >= row["updated_at"]
        assert 17 <= row["age"] <= 81
    places = set(zip(rows["city"], rows["country"], rows["country_code"], strict=True))
    assert len({city for city, *_ in places}) == len(places)


def test_an_order_adds_up_and_its_status_explains_its_dates() -> None:
    """Totals are sums, and only shipped orders have a ship date."""
    states = ("pending", "paid", "shipped", "delivered", "cancelled")
    table = Table(
        "orders",
        {
            "status": "text", "subtotal": "numeric(10,2)", "tax": "numeric(10,2)", "shipping": "numeric(8,2)",
            "discount": "numeric(8,2)", "total": "numeric(10,2)", "ordered_at": "timestamptz", "paid_at": "timestamptz",
            "shipped_at": "timestamptz", "delivered_at": "timestamptz", "cancelled_at": "timestamptz",
        },
        status=Domain(values=states),
    )  # fmt: skip
    rows = table.columns()
    seen = set()
    for n in range(len(ROWS)):
        row = {column: values[n] for column, values in rows.items()}
        seen.add(row["status"])
        assert row["total"] == row["subtotal"] + row["tax"] + row["shipping"] - row["discount"]
        assert (row["shipped_at"] is not None) == (row["status"] in ("shipped", "delivered"))
        assert (row["delivered_at"] is not None) == (row["status"] == "delivered")
        assert (row["cancelled_at"] is not None) == (row["status"] == "cancelled")
        moments = [row[c] for c in ("ordered_at", "paid_at", "shipped_at", "delivered_at") if row[c] is not None]
        assert moments == sorted(moments)
    assert seen == set(states)


def test_an_order_line_multiplies() -> None:
    """Quantity times unit price is the line's total."""
    table = Table("order_items", {"quantity": "int4", "unit_price": "numeric(10,2)", "line_total": "numeric(12,2)"})
    rows = table.columns()
    assert rows["line_total"] == [q * p for q, p in zip(rows["quantity"], rows["unit_price"], strict=True)]


def test_flags_and_their_moments_agree() -> None:
    """completed_at is there when completed is true."""
    rows = Table("tasks", {"completed": "bool", "completed_at": "timestamptz", "created_at": "timestamptz"}).columns()
    assert [v is not None for v in rows["completed_at"]] == rows["completed"]


def test_periods_end_after_they_start() -> None:
    """Whatever they are called."""
    for start, end in (("start_date", "end_date"), ("starts_at", "ends_at"), ("check_in", "check_out"),
                       ("valid_from", "valid_until"), ("hired_on", "terminated_on"), ("departure_at", "arrival_at"),
                       ("invoice_date", "due_date"), ("bestelldatum", "lieferdatum")):  # fmt: skip
        kind = "timestamptz" if end.endswith("_at") else "date"
        rows = Table("bookings", {end: kind, start: kind}).columns()
        assert all(s <= e for s, e in zip(rows[start], rows[end], strict=True) if e is not None), (start, end)


def test_enums_get_natural_shares() -> None:
    """Delivered orders outnumber lost ones."""
    labels = ("pending", "delivered", "lost")
    enum = EnumType(QName("public", "state"), labels)
    kind = TypeRef("public", "state")
    context = ColumnContext(
        QName("public", "orders"), Column("state", kind), kind, Domain(), user_type=enum, types=TypeCatalog((enum,))
    )
    values = build(choose(context), context).draw(1, np.arange(5000), {}, 0).to_pylist()
    assert values.count("delivered") > 2 * values.count("pending") > 2 * values.count("lost") > 0


def test_german_tables_speak_german() -> None:
    """Words and places follow the locale."""
    kinds = {"vorname": "text", "ort": "text", "plz": "bpchar(5)", "land": "text", "telefon": "text"}
    table = Table("kunden", kinds, "de_DE")
    rows = table.columns()
    assert set(rows["land"]) == {"Deutschland"}
    assert all(len(p) == 5 and p.isdigit() for p in rows["plz"])
    assert {"Berlin", "Hamburg", "Köln"} & set(rows["ort"])


def test_why_names_the_reason() -> None:
    """The plan tells people by what a column was recognised."""
    assert choose(Table("t", {"email": "text"}).contexts["email"]).why == "email, by its name"
    context = Table("t", {"c1": "text"}).contexts["c1"]
    commented = ColumnContext(
        context.table, Column("c1", context.type, comment="E-mail of the owner"), context.type, Domain()
    )
    assert choose(commented) == Choice("email", {}, "email, by its comment")
    assert choose(context).why == "type text"


@pytest.mark.parametrize(
    ("name", "kind", "low", "high"),
    [
        ("deleted_at", "timestamptz", 900_000, 1_000_000),
        ("middle_name", "text", 400_000, 800_000),
        ("phone", "text", 50_000, 200_000),
        ("email", "text", 0, 50_000),
    ],
)
def test_nulls_are_as_frequent_as_is_natural(name: str, kind: str, low: int, high: int) -> None:
    """Mostly null where it mostly is, and never where it may not be."""
    context = Table("users", {name: kind}).contexts[name]
    choice = choose(context)
    assert low <= null_rate(choice, context) <= high
    strict = ColumnContext(context.table, Column(name, context.type, nullable=False), context.type, Domain())
    assert null_rate(choose(strict), strict) == 0


def test_no_table_waits_for_itself() -> None:
    """Every pair of names that lean on each other can be made in some order."""
    columns = {
        "name": "text", "title": "text", "slug": "text", "email": "text", "username": "text", "first_name": "text",
        "last_name": "text", "created_at": "timestamptz", "updated_at": "timestamptz", "start_date": "date",
        "end_date": "date", "due_date": "date", "paid_at": "timestamptz", "status": "text", "price": "numeric(10,2)",
        "cost": "numeric(10,2)", "list_price": "numeric(10,2)", "quantity": "int4", "total": "numeric(10,2)",
        "subtotal": "numeric(10,2)", "tax": "numeric(10,2)", "discount": "numeric(10,2)", "amount": "numeric(10,2)",
        "amount_paid": "numeric(10,2)", "amount_due": "numeric(10,2)", "net_amount": "numeric(10,2)",
        "gross_amount": "numeric(10,2)", "price_min": "numeric(8,2)", "price_max": "numeric(8,2)", "year": "int4",
        "birth_date": "date", "age": "int4", "gender": "text", "completed": "bool", "completed_at": "timestamptz",
    }  # fmt: skip
    for table in ("products", "orders", "users", "projects", "things"):
        assert len(Table(table, columns).columns()) == len(columns)


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "es_ES", "pt_BR", "nl_NL", "it_IT"])
def test_titles_agree_with_the_persons_gender(locale: str) -> None:
    """No Frau is called Herr, in any locale whose titles tell women from men."""
    rows = Table("customers", {"salutation": "text", "first_name": "text", "gender": "text"}, locale).columns()
    women, men = (
        {title for title, gender in zip(rows["salutation"], rows["gender"], strict=True) if gender in words}
        for words in ({"female", "weiblich", "femme", "mujer", "feminino", "vrouw", "femmina"},
                      {"male", "männlich", "homme", "hombre", "masculino", "man", "maschio"})
    )  # fmt: skip
    assert len(women) > 1
    assert len(men) > 1
    assert not women & men - {"Dr.", "Dr", "Prof.", "Pr"}


def test_japanese_names_are_read_in_kana() -> None:
    """The reading is in katakana, and that of the whole name is made of those of its parts."""
    names = {"last_name": "text", "first_name": "text", "last_name_kana": "text", "first_name_kana": "text"}
    rows = Table("customers", {**names, "furigana": "text"}, "ja_JP").columns()
    for last, first, whole in zip(rows["last_name_kana"], rows["first_name_kana"], rows["furigana"], strict=True):
        assert whole == f"{last} {first}"
        assert all("\u30a0" <= letter <= "\u30ff" for letter in last + first)


@pytest.mark.parametrize(
    ("locale", "start"), [("en_GB", "07700 900"), ("fr_FR", "06 39 98"), ("ja_JP", "090-0"), ("nl_NL", "06 0")]
)
def test_mobile_numbers_look_like_mobile_numbers(locale: str, start: str) -> None:
    """Where a country tells them apart, in ranges that reach nobody."""
    rows = Table("customers", {"mobile": "text", "city": "text"}, locale).columns()
    assert all(number.startswith(start) for number in rows["mobile"])


@pytest.mark.parametrize("kind", ["int4", "int8"])
def test_numbers_of_telephones_and_places_fit_whole_numbers(kind: str) -> None:
    """A phone number or postal code that is kept as an integer has as many digits as the type holds."""
    table = Table("kunden", {"telnr": kind, "plz": kind, "hausnr": kind, "ort": "text"}, "de_DE")
    assert table.choices["telnr"].generator == "phone"
    assert table.choices["plz"].generator == "postal_code"
    rows = table.columns()
    assert all(100_000 < number < 10**18 for number in rows["telnr"])
    assert all(1_000 <= code <= 99_999 for code in rows["plz"])


def test_rows_without_a_meaning_of_their_own_are_numbered() -> None:
    """The name of a shelf is Shelf 12, in every locale: two words of a pool would say something silly."""
    rows = Table("tbl_shelves", {"name": "text"}, "fr_FR").columns()
    assert all(name.startswith("Shelf ") for name in rows["name"])


@pytest.mark.parametrize("name", ["名前", "%", "  ", "'\"", "1", "é"])
@pytest.mark.parametrize("kind", ["text", "int4", "int2", "numeric(10,2)", "date", "bool"])
def test_names_of_no_letters_are_read_too(name: str, kind: str) -> None:
    """A column may be called anything that Postgres takes."""
    assert Table("日本", {name: kind}).choices[name].generator
