"""Generators for amounts: what they are by themselves, and how they follow from the row's other numbers."""

from typing import Any

from app.generator.meaning.billing import billed, times, withheld
from app.generator.meaning.bounds import by_word, span
from app.generator.meaning.heads import LANGUAGES
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.sizes import size_of, wage_of
from app.generator.meaning.spoken import table_words
from app.generator.meaning.surroundings import Surroundings
from app.generator.meaning.taxes import percentages
from app.generator.meaning.texts import Chosen
from app.generator.snapshot.model import TypeRef
from app.generator.values.statuses import states_after

_AMOUNTS = (
    ("tuition", 500, 15_000), ("damage", 200, 25_000), ("insured", 20_000, 500_000), ("lease", 180, 900),
    ("leasing", 180, 900), ("leasingrate", 180, 900), ("scholarship", 500, 10_000), ("aanneemsom", 50_000, 3_000_000),
    ("auftragssumme", 5_000, 900_000), ("bausumme", 50_000, 3_000_000), ("meerwerk", 500, 60_000),
    ("stundensatz", 45, 120), ("uurtarief", 45, 120), ("hourly", 15, 120),
    ("salary", 28_000, 140_000), ("revenue", 50_000, 9_000_000), ("income", 20_000, 150_000),
    ("budget", 5_000, 900_000), ("rev", 50_000, 9_000_000), ("balance", 0, 25_000),
    ("coverage", 20_000, 900_000), ("limit", 500, 20_000), ("bonus", 500, 20_000),
    ("loan", 1_000, 50_000), ("capital", 10_000, 5_000_000), ("deposit", 50, 5_000),
    ("freight", 60, 3_000), ("frt", 60, 3_000), ("vrachtprijs", 80, 2_500), ("frachtpreis", 80, 2_500),
    ("shipping", 0, 30),
    ("tip", 1, 30), ("prem", 60, 1_800), ("fee", 1, 80), ("rent", 400, 4_000),
    ("premium", 60, 1_800), ("donation", 5, 500),
    ("spend", 100, 50_000), ("discount", 0, 50), ("tax", 1, 150), ("total", 10, 1_500), ("subtotal", 10, 1_200),
    ("amount", 5, 1_000), ("payment", 5, 1_000), ("cost", 1, 300), ("rate", 15, 150),
)  # fmt: skip
_CENT = 100
_LEAST_FINE = 3
_DIGITS_OF_LARGE = 12
_PER_AREA = frozenset({"square", "meter", "m2", "qm", "sqm", "sqft", "ft", "foot", "feet"})
_FREIGHT = frozenset("shipment freight consignment load transport transportorder sendung zending fracht vracht".split())
_HOURLY = frozenset("price rate wage salary cost fee tariff stundensatz uurtarief uurloon".split())
# Tables of what is paid every month or two weeks.
_PAID_OUT = frozenset("payroll payslip payrun paycheck lohnabrechnung gehaltsabrechnung loonstrook loonstroken".split())
# Tables of what is charged by the unit, a tenth of a cent each.
_METERED = frozenset(
    """energy utility meter tariff electricity gas power energie energiecontract energiecontracten strom stromvertrag
    energievertrag tarif tarife tarief tarieven contract contracten usage consumption verbruik verbrauch""".split()
)
# Tables of what insurers pay for.
_CLAIMS = frozenset("claim claims schaden schaeden schadenfaelle schadensfaelle schade schades schadeclaims".split())
# What is agreed on between firms.
_DEALS = frozenset(
    "lead leads pipeline opportunity opportunite deal oportunidad oportunidade opportunita opportunitie angebot".split()
)
# Units of time by the words for them, and what is said of a rate for each.
_UNITS = {"night": "days", "day": "days", "hour": "hours", "minute": "minutes", "second": "seconds", "week": "weeks"}
_RATES = {"nightly": "night", "daily": "day", "hourly": "hour", "weekly": "week", "monthly": "month"}
# How long somebody stayed, in languages whose words for it are no days.
_STAYED = frozenset(
    "degenza sejour estancia estadia internacao permanenza permanencia notti nuits noches noites nuitees".split()
)
# Of what something is spent, the first found.
_GRANTED = ("budget", "budgeted", "allocated", "sanctioned", "granted")
_SPENT = frozenset({"spent", "used", "utilized", "utilised", "consumed", "expended"})
# The word that says what a price is for, and the one for how many there are.
_COUNTED = (*((word, word) for word in (*_UNITS, "month")), *_RATES.items())
_PRICES = frozenset({"price", "rate", "cost", "fee"})
# Words that may stand beside a unit in the name of a time that has passed.
_PLAIN = frozenset("los quantity duration total count number length stay elapsed of in rental".split())
_STARTS = (("admission",), ("start",), ("check", "in"), ("departure",), ("pickup",), ("from",), ("hire",))
_ENDS = (("discharged",), ("end",), ("check", "out"), ("arrival",), ("return",), ("dropoff",), ("to",))


def choose_money(around: Surroundings) -> Chosen:
    derived = _given_back(around) or _derived_money(around)
    if derived is not None:
        return derived
    generator, options = _plain_money(around)
    if generator == "number" and "refund" in around.words and around.nullable and not around.context.unique:
        back = next((name for name in around.moments() if "refund" in around.said(name)), None)
        if back is not None:  # Nothing was given back before the day on which it was.
            return generator, {**options, "when": {"column": back, "words": []}}
    return generator, options


def _given_back(around: Surroundings) -> Chosen | None:
    """What was refunded of an amount: nothing, unless the row's state says so."""
    status = around.any_sibling("status")
    if status is None or not {"refund", "refunded"} & (set(around.words) | around.raw):
        return None
    states = states_after("refunded", around.enum_labels(status))
    of = _total_of(around) or around.amount_named("amount", without=("refund", "refunded", "fee", "tax", "discount"))
    dated = around.nullable and any("refund" in around.said(name) for name in around.moments())
    if not states or of is None or dated or around.context.unique:
        return None
    rule = {"column": status, "words": list(states)}
    return "share_of", {"of": of, "rates": [1, 1, 1, 0.5, 0.25], "when": rule}


def _plain_money(around: Surroundings) -> Chosen:
    sized = size_of(around) or ("salary" in around.words and wage_of(around))
    if sized:
        return sized
    scale = _CENT if around.raw & {"cents", "cent", "minor"} else 1
    low_digits = _whole_digits(around)
    if around.words[-1:] in (("discount",), ("tax",)) and low_digits is not None and low_digits <= 2:
        return "number", span(0, 25)
    if (
        "vehicle" in around.entities
        and scale == 1
        and {"price", "value"} & set(around.words)
        and not {"fuel", "unit", "per"} & set(around.words)
    ):
        return "number", span(4_000, 80_000, "skewed")
    if "_estate" in around.entities and scale == 1 and not _PER_AREA & (known := set(around.words) | around.raw):
        if known & {
            "rent",
            "rental",
            "monthly",
            "month",
            "miete",
            "kaltmiete",
            "warmmiete",
            "loyer",
            "alquiler",
            "aluguel",
        }:
            return "number", span(450, 3_500, "skewed")
        if known & {"price", "value", "valor", "amount"} and (low_digits is None or low_digits > 5):
            return "number", span(90_000, 900_000, "skewed")
    if "_estate" in around.entities and scale == 1 and _PER_AREA & (set(around.words) | around.raw):
        return "number", span(80, 700) if {"sqft", "ft", "foot", "feet"} & around.raw else span(900, 8_000, "skewed")
    known = set(around.words) | around.raw
    if scale == 1 and known & _PAID_OUT | (table_words(around) & _PAID_OUT) and known & {"gross", "salary", "basic"}:
        return "number", span(1_900, 8_500, "skewed")
    if scale == 1 and known & {"hour", "hourly", "stundensatz", "uurtarief", "uurloon"} and known & _HOURLY:
        return "number", span(16, 130, "skewed")
    if _is_fine(around) and table_words(around) & _METERED and scale == 1:
        return "number", span(0.08, 0.42, "", 4)
    if around.words[-1:] != ("discount",) and ("price" in around.words or "price" in around.raw):
        return ("price", {}) if scale == 1 else ("number", span(100, 50_000, "skewed"))
    if around.raw & {"kaution", "borg", "waarborgsom", "deposit"} and "_estate" in around.entities and scale == 1:
        return "number", span(600, 5_000, "skewed")
    if "_estate" in around.entities and scale == 1 and "fee" in around.words:
        return "number", span(60, 600, "skewed")
    if around.raw & {"mrr", "arr"} and scale == 1:
        return "number", span(20, 900, "skewed")
    if scale == 1 and table_words(around) & _DEALS and set(around.words) & {"amount", "value", "price", "val"}:
        return "number", span(1_000, 120_000, "skewed")
    if around.raw & {"mrr", "arr"}:
        return "number", span(1_900, 90_000, "skewed")
    if scale == 1 and table_words(around) & _CLAIMS and around.raw.isdisjoint({"fee", "rate", "premium"}):
        return "number", span(200, 25_000, "skewed")
    if scale == 1 and "offer" in known and table_words(around) & {"job", "application", "candidate", "applicant"}:
        return "number", span(35_000, 140_000, "skewed")
    if scale == 1 and any(piece.startswith(("vracht", "fracht")) for piece in around.raw):
        return "number", span(80, 2_500, "skewed")
    if scale == 1 and "freight" in known and not table_words(around) & _FREIGHT:
        return "number", span(5, 60, "skewed")
    if scale == 1 and "_medical" in around.entities and known & {"total", "charge", "charges", "tot"}:
        return "number", span(300, 40_000, "skewed")
    found = by_word(_AMOUNTS, around)
    if found is None and scale == 1 and (low_digits or 0) >= _DIGITS_OF_LARGE and around.concept.by == "type":
        return "number", span(100, 250_000, "skewed")
    if found is None:
        return ("price", {}) if scale == 1 else ("number", span(100, 50_000, "skewed"))
    low, high = found
    if "rate" in around.words and around.entities & {"work", "vehicle", "product"}:
        low, high = 1, 10
    return "number", span(low * scale, high * scale, "skewed")


def _is_fine(around: Surroundings) -> bool:
    """Whether there are more digits after the point than money has, for what a unit costs."""
    modifiers = around.context.type.modifiers
    rated = {"rate", "tariff", "price", "cost", "charge"} & set(around.words) or around.raw & {"preis", "prijs"}
    return len(modifiers) > 1 and modifiers[1] > _LEAST_FINE and bool(rated)


def _whole_digits(around: Surroundings) -> int | None:
    modifiers = around.context.type.modifiers
    return modifiers[0] - (modifiers[1] if len(modifiers) > 1 else 0) if modifiers else None


def _derived_money(around: Surroundings) -> Chosen | None:
    words = set(around.words)
    if table_words(around) & _PAID_OUT:
        return _paid_out(around, words)
    recurring = _recurring(around)
    if recurring is not None:
        return recurring
    quantity, price = _quantity_and_price(around)
    subtotal = _subtotal(around)
    if (part_of_bill := billed(around, subtotal, _total_of(around))) is not None:
        return part_of_bill
    if subtotal == around.context.column.name:
        subtotal = None
    each = {"price", "unit", "cost"} if around.language in LANGUAGES else {"price", "unit"}
    own_price = words & each and "total" not in words and "extended" not in words
    is_total = bool(words & {"total", "amount", "subtotal", "extended", "line"}) and not own_price
    plain = not words & {"tax", "discount", "shipping", "fee", "paid", "due", "refund", "rate"}
    if quantity and price and is_total and plain and subtotal is None:
        return "product_of", {"of": [quantity, price], **_off(around, words)}
    part = _part_of(around, words, subtotal, quantity, price)
    if part is not None:
        return part
    if words & {"subtotal", "net"}:
        return None
    total = _total_of(around)
    if words & {"paid"} and total:
        return "share_of", {"of": total, **_paid(around)}
    if (words & {"due", "outstanding"} or "outstanding" in around.raw) and total:
        paid = around.amount_named("paid")
        left = {"of": total, "rates": [0, 0, 0, 1, 1, 0.5]}
        return ("sum_of", {"plus": [total], "minus": [paid]}) if paid else ("share_of", left)
    if subtotal and plain and (words & {"total", "gross"} or words == {"amount"}):
        others = (
            _tax_of(around),
            around.amount_named("shipping"),
            around.amount_named("freight"),
            around.amount_named("fee"),
        )
        plus = [subtotal, *(name for name in others if name)]
        discount = None if _is_after_discount(around, subtotal) else _discount_of(around)
        minus = [name for name in (discount, withheld(around)) if name]
        if len(plus) == 1 and not minus and "net" in around.said(subtotal):
            return "share_of", {"of": subtotal, "rates": [round(1 + rate, 4) for rate in _usual(around)]}
        return "sum_of", {"plus": plus, **({"minus": minus} if minus else {})}
    return _of_a_budget(around, words) or _beside_price(around, words, price)


def _of_a_budget(around: Surroundings, words: set[str]) -> Chosen | None:
    """What has been spent of a budget, and what remains."""
    budget = next((name for word in _GRANTED if (name := around.amount_named(word, without=("code", "id")))), None)
    if budget is None or budget == around.context.column.name:
        return None
    if around.raw & _SPENT:
        return "share_of", {"of": budget, "rates": [0.05, 0.2, 0.4, 0.55, 0.7, 0.85, 0.95, 1]}
    spent = next((name for name in around.numbers() if _SPENT & set(raw_tokens(name))), None)
    if spent is not None and words & {"remaining", "available", "left"}:
        return "sum_of", {"plus": [budget], "minus": [spent]}
    return None


def _is_after_discount(around: Surroundings, subtotal: str) -> bool:
    """Whether a sum is one of its line's quantity and price, from which the discount is already off."""
    said = around.said(subtotal)
    return "net" in said and "total" not in said and all(_quantity_and_price(around))


def _paid_out(around: Surroundings, words: set[str]) -> Chosen | None:
    """What is left of somebody's pay, and what is kept of it."""
    if any(piece.startswith(("std", "stund", "uur", "hr", "hour")) for piece in around.raw):
        return None  # what an hour is paid
    gross = around.amount_named("gross", without=("ytd",))
    if gross is None or gross == around.context.column.name or around.raw & {"ytd", "bonus"} or words & {"hour"}:
        return None
    net = around.amount_named("net", without=("ytd",))
    if net not in (None, around.context.column.name) and any(
        piece.startswith(("ausz", "uitb", "uitbet")) for piece in around.raw
    ):
        return "share_of", {"of": net, "rates": [1]}
    if words & {"net", "total"} or any(piece.startswith(("ausz", "uitb")) for piece in around.raw):
        return "share_of", {"of": gross, "rates": [0.58, 0.61, 0.64, 0.67, 0.7]}
    if "gross" in words or "salary" in words:
        return None
    return "share_of", {"of": gross, "rates": [0.01, 0.02, 0.05, 0.07, 0.09]}


def _quantity_and_price(around: Surroundings) -> tuple[str | None, str | None]:
    """How many of what price: pieces and unit price, nights and price per night, hours and hourly rate."""
    said = dict(around.said_of_numbers)
    # Of a table of hundreds of numbers few are prices.
    prices = [n for n, found in said.items() if found & _PRICES and not found & {"total", "tax", "discount"}]
    for word, unit in _COUNTED if prices else ():
        for name in prices:
            if word in said[name]:
                counted = next((n for n, found in said.items() if found - _PLAIN == {unit}), None)
                if counted is not None:
                    return counted, name
    if (spans := times(around)) is not None:
        return spans
    quantity = around.any_sibling("quantity")
    each = around.number_named("unit", "price")
    if each is None and "net" in around.words:
        each = around.amount_named("unit", "amount", "net")
    each = each or around.amount_named("unit", "amount")
    return quantity, each or around.number_named(
        "price", without=("total", "list", "compare", "original", "regular", "old", "recommended", "purchase", "cost")
    )


def _subtotal(around: Surroundings) -> str | None:
    return (
        around.amount_named("subtotal")
        or around.amount_named("net", "total")
        or around.amount_named("net", "amount", without=("unit",))
        or around.amount_named("sub", "total")
        or around.amount_named("net", without=("weight", "worth", "price", "unit", "cost"))
    )


def _off(around: Surroundings, words: set[str]) -> dict[str, Any]:
    """What a line's discount takes away; a subtotal is what it was before."""
    if "subtotal" in words:
        return {}
    amount, percent = _discount_of(around), _rate_of(around, "discount")
    if amount:
        return {"minus": [amount]}
    return {"off": percent} if percent else {}


def _part_of(
    around: Surroundings, words: set[str], subtotal: str | None, quantity: str | None, price: str | None
) -> Chosen | None:
    """A tax or a discount: by the row's rate where there is one, of the subtotal or of quantity times price."""
    kind = next((word for word in ("tax", "discount") if word in words), None)
    # A line's discount is of what it would cost without, which is no column of it.
    line = kind == "discount" and subtotal is not None and quantity and price and "net" in around.said(subtotal)
    subtotal = None if line else subtotal
    whole = subtotal or price
    if kind is None or whole is None or words & {"rate", "percent", "code", "id", "number"}:
        return None
    times = {} if subtotal or not quantity else {"times": [quantity]}
    if not subtotal and not quantity:
        return None
    rate = _rate_of(around, kind)
    usual = _usual(around) if kind == "tax" else [0, 0, 0, 0, 0.05, 0.1, 0.15, 0.2]
    return "share_of", {"of": whole, **times, **({"rate": rate} if rate else {"rates": usual})}


def _recurring(around: Surroundings) -> Chosen | None:
    """A month's revenue is what is charged, a year's twelve times that; a home is sold for about what was asked."""
    own = around.raw
    names = {tuple(around.said(name)): name for name in around.numbers()}
    plain = next((names[words] for words in (("amount",), ("price",)) if words in names), None)
    if "mrr" in own and plain:
        return "share_of", {"of": plain, "rates": [1]}
    month = next((name for name in around.numbers() if "mrr" in name.lower()), plain)
    if "arr" in own and month:
        return "share_of", {"of": month, "rates": [12]}
    if "_estate" in around.entities and "sold" in around.words and plain:
        return "share_of", {"of": plain, "rates": [0.93, 0.96, 0.98, 1, 1, 1.02, 1.05]}
    return None


def _usual(around: Surroundings) -> list[float]:
    rates, weights = percentages(around)
    return [round(rate / 100, 4) for rate, weight in zip(rates, weights, strict=True) for _ in range(weight)]


def _rate_of(around: Surroundings, kind: str) -> str | None:
    own = around.context.column.name
    names = (around.number_named(kind, "percent"), around.number_named(kind, "rate"))
    return next((name for name in names if name and name != own), None)


def _discount_of(around: Surroundings) -> str | None:
    return around.amount_named("discount", without=("percent", "rate", "code", "id"))


def _paid(around: Surroundings) -> dict[str, Any]:
    """All of it once the status says so; nothing before."""
    status = around.any_sibling("status")
    states = states_after("paid", around.enum_labels(status)) if status else ()
    if states:
        return {"rates": [1], "when": {"column": status, "words": list(states)}}
    return {"rates": [1, 1, 1, 1, 0.5, 0]}


def elapsed(around: Surroundings) -> Chosen | None:
    """Nights, hours or minutes between the row's start and end."""
    words = set(around.words)
    unit = next((unit for word, unit in _UNITS.items() if word in words), None)
    if unit is None and around.raw & _STAYED and around.concept.name in ("duration", "count", "quantity"):
        unit, words = "days", set()
    if unit is None or words - _PLAIN - set(_UNITS):
        return None
    moments = {name: (around.context.siblings[name], around.said(name)) for name in around.moments()}
    for start, end in zip(_STARTS, _ENDS, strict=True):
        first, last = _having(moments, start), _having(moments, end)
        if first and last:
            return "elapsed", {"from": first, "to": last, "unit": unit}
    return None


def _having(moments: dict[str, tuple[TypeRef, tuple[str, ...]]], wanted: tuple[str, ...]) -> str | None:
    return next((name for name, (_, words) in moments.items() if set(wanted) <= set(words)), None)


def _beside_price(around: Surroundings, words: set[str], price: str | None) -> Chosen | None:
    """Costs are below the price, list prices not."""
    if price is None or "total" in words:
        return None
    bought = any(piece.startswith(("ink", "einkauf", "ek", "purch", "aankoop")) for piece in around.raw)
    of_goods = "product" in around.entities or around.language in LANGUAGES
    if ("cost" in words or bought) and of_goods and price != around.context.column.name:
        return "share_of", {"of": price, "rates": [0.4, 0.5, 0.6, 0.7]}
    if around.raw & {"msrp", "rrp", "list", "original", "compare", "regular"} and "price" in words:
        own = around.context.column.name
        if price != own and "list" not in price and "original" not in price and "regular" not in price:
            return "share_of", {"of": price, "rates": [1, 1, 1.1, 1.25, 1.5]}
    return None


def _tax_of(around: Surroundings) -> str | None:
    none = ("rate", "percent", "number", "id")
    return around.amount_named("tax", without=(*none, "total")) or around.amount_named("tax", "total", without=none)


def _total_of(around: Surroundings) -> str | None:
    without = (
        "subtotal",
        "sub",
        "tax",
        "discount",
        "net",
        "paid",
        "due",
        "shipping",
        "count",
        "item",
        "quantity",
        "line",
    )
    return (
        around.amount_named("grand", "total", without=without)
        or around.amount_named("total", "amount", without=without)
        or around.amount_named("total", without=without)
        or around.amount_named("gross", without=without)
        or next((name for name in around.numbers() if around.said(name) in (("amount",), ("value",), ("price",))), None)
    )
