"""Generators for numbers, by concept and by what the other columns of the row are."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from app.generator.meaning.naming import tokens
from app.generator.meaning.surroundings import Surroundings
from app.generator.meaning.texts import Chosen, place_options
from app.generator.values.kinds import INTEGER_LIMITS

# By word of the name, natural bounds of counts; the first that is found decides.
_COUNTS = (
    ("adult", 1, 4), ("night", 1, 14), ("door", 2, 5), ("renewal", 0, 5), ("copy", 0, 20), ("edition", 1, 10),
    ("attendance", 500, 60_000), ("nps", 0, 10), ("horsepower", 60, 500), ("cover", 1, 12), ("track", 1, 20),
    ("chapter", 1, 40), ("population", 1_000, 9_000_000), ("view", 0, 50_000), ("impression", 0, 100_000),
    ("download", 0, 20_000), ("follower", 0, 20_000), ("like", 0, 3_000), ("click", 0, 5_000), ("stock", 0, 500),
    ("inventory", 0, 500), ("reorder", 5, 50), ("capacity", 10, 500), ("seat", 1, 50), ("guest", 1, 8),
    ("customer", 1, 8), ("attempt", 0, 5), ("retry", 0, 5), ("page", 40, 900), ("employee", 1, 5_000),
    ("member", 2, 200), ("bedroom", 1, 6), ("bathroom", 1, 4), ("bed", 1, 4), ("goal", 0, 6), ("score", 0, 6),
    ("credit", 1, 6), ("episode", 1, 24), ("season", 1, 12), ("child", 0, 4), ("word", 200, 3_000),
    ("vacation", 20, 30), ("warranty", 6, 36), ("cpu", 1, 64), ("max", 10, 1_000), ("limit", 10, 1_000),
    ("jersey", 1, 99), ("serving", 1, 8), ("vote", 0, 500), ("comment", 0, 200), ("item", 1, 20),
    ("point", 0, 5_000), ("experience", 0, 30), ("space", 0, 4), ("coin", 0, 50_000), ("gem", 0, 5_000),
    ("gold", 0, 50_000), ("refill", 0, 6), ("usage", 0, 500), ("star", 0, 5_000),
)  # fmt: skip
_MEASURES = (
    ("systolic", 100, 150), ("diastolic", 60, 95), ("heart", 55, 110), ("pulse", 55, 110), ("respiratory", 12, 20),
    ("saturation", 93, 100), ("bmi", 18, 35), ("rssi", -90, -30), ("signal", -90, -30), ("square", 300, 5_000),
    ("gram", 50, 5_000), ("direction", 0, 359), ("temperature", -10, 35),
    ("elevation", 0, 3_000), ("altitude", 0, 3_000), ("mileage", 0, 200_000),
    ("odometer", 0, 200_000), ("calorie", 80, 1_200), ("distance", 1, 1_000), ("speed", 0, 130), ("area", 10, 5_000),
    ("pressure", 950, 1_050), ("memory", 2, 128), ("voltage", 1, 240), ("weight", 1, 50), ("height", 1, 200),
    ("width", 1, 200), ("length", 1, 200), ("depth", 1, 100), ("volume", 1, 500),
)  # fmt: skip
_DURATIONS = (
    ("ms", 5, 5_000), ("millisecond", 5, 5_000), ("second", 30, 7_200), ("minute", 5, 180), ("hour", 1, 40),
    ("day", 1, 60), ("week", 1, 26), ("month", 1, 36), ("year", 1, 40),
)  # fmt: skip
_AMOUNTS = (
    ("salary", 28_000, 140_000), ("revenue", 50_000, 9_000_000), ("income", 20_000, 150_000),
    ("budget", 5_000, 900_000), ("balance", 0, 25_000), ("limit", 500, 20_000), ("bonus", 500, 20_000),
    ("loan", 1_000, 50_000), ("capital", 10_000, 5_000_000), ("deposit", 50, 5_000), ("shipping", 0, 30),
    ("tip", 1, 30), ("fee", 1, 80), ("rent", 400, 4_000), ("premium", 20, 900), ("donation", 5, 500),
    ("spend", 100, 50_000), ("discount", 0, 50), ("tax", 1, 150), ("total", 10, 1_500), ("subtotal", 10, 1_200),
    ("amount", 5, 1_000), ("payment", 5, 1_000), ("cost", 1, 300), ("rate", 15, 150),
)  # fmt: skip
_CENT = 100
_LOWER = frozenset({"min", "minimum", "low", "lowest", "from"})
_UPPER = frozenset({"max", "maximum", "high", "highest", "to"})


def choose_number(around: Surroundings) -> Chosen | None:
    """The generator of a column of numbers; None when its concept says nothing."""
    above = _above_minimum(around)
    if above is not None:
        return above
    found = _CONCEPTS.get(around.concept.name)
    return found(around) if found else None


def _above_minimum(around: Surroundings) -> Chosen | None:
    """A maximum beside a minimum lies above it: salary_max beside salary_min."""
    own = ["minimum" if word in _UPPER else word for word in around.words]
    if own == list(around.words):
        return None
    for name in around.numbers():
        if ["minimum" if word in _LOWER else word for word in tokens(name)] == own:
            return "share_of", {"of": name, "rates": [1.1, 1.2, 1.3, 1.5, 1.75, 2]}
    return None


def _whole(around: Surroundings) -> bool:
    return around.context.type.name in INTEGER_LIMITS


def _small_range(around: Surroundings) -> bool:
    """Whether the type has room for fractions of one only, such as numeric(5,4)."""
    modifiers = around.context.type.modifiers
    high = around.context.domain.high
    if high is not None and not isinstance(high, str) and high <= 1:
        return True
    return len(modifiers) > 1 and modifiers[0] - modifiers[1] <= 1


def _range(low: float, high: float, distribution: str = "", decimals: int | None = None) -> dict[str, Any]:
    options: dict[str, Any] = {"min": low, "max": high}
    if distribution:
        options["distribution"] = distribution
    if decimals is not None:
        options["decimals"] = decimals
    return options


def _fixed(low: float, high: float, distribution: str = "", decimals: int | None = None) -> Callable[..., Chosen]:
    return lambda around: ("number", _range(low, high, distribution, decimals))


def _by_word(table: tuple[tuple[str, int, int], ...], around: Surroundings) -> tuple[int, int] | None:
    known = set(around.words) | {word.rstrip("s") for word in around.raw}
    return next(((low, high) for word, low, high in table if word in known), None)


def _age(around: Surroundings) -> Chosen:
    birth = around.sibling("birth_date") or around.any_sibling("birth_date")
    return "age", {"birth": birth} if birth else {}


def _year(around: Surroundings) -> Chosen:
    last = around.context.reference.year - 1
    start = 1930 if around.entities & {"work", "company"} else 1995
    return "number", _range(start, last)


def _percentage(around: Surroundings) -> Chosen:
    if _small_range(around):
        return "number", _range(0, 1)
    high = 30 if around.raw & {"interest", "tax", "vat", "mwst", "tva", "iva", "btw", "discount", "commission",
                               "disc", "margin"} else 100  # fmt: skip
    return "number", _range(0, high)


def _rating(around: Surroundings) -> Chosen:
    high = 10 if "imdb" in around.raw or "score" in around.words else 5
    bound = around.context.domain.high
    if bound is not None and not isinstance(bound, str) and 1 < bound <= 100:
        high = int(bound)
    return "number", _range(1, high, "", 0 if _whole(around) else 1)


def _quantity(around: Surroundings) -> Chosen:
    return "number", _range(1, 20, "zipf", 0)


def _count(around: Surroundings) -> Chosen:
    low, high = _by_word(_COUNTS, around) or (0, 1_000)
    return "number", _range(low, high, "skewed" if high > 50 else "", 0)


def _measure(around: Surroundings) -> Chosen:
    if "person" in around.entities and around.raw & {"weight", "gewicht", "peso", "poids"}:
        return "number", _range(45, 120, "normal")
    if "person" in around.entities and around.raw & {"height", "groesse", "altura", "taille"}:
        return "number", _range(150, 200, "normal")
    if "image" in " ".join(around.entities | around.raw) or "file" in around.entities:
        return "number", _range(200, 4_000)
    low, high = _by_word(_MEASURES, around) or (0, 100)
    return "number", _range(low, high)


def _duration(around: Surroundings) -> Chosen:
    if "rental" in around.raw:
        return "number", _range(3, 7)
    if "work" in around.entities and around.raw & {"length", "runtime", "duration", "minutes"}:
        return "number", _range(62, 195)
    if around.raw & {"milliseconds"} and "work" in around.entities:
        return "number", _range(120_000, 420_000)
    found = _by_word(_DURATIONS, around) or (1, 120)
    return "number", _range(*found, "skewed" if found[1] > 1_000 else "")


def _money(around: Surroundings) -> Chosen:
    derived = _derived_money(around)
    if derived is not None:
        return derived
    scale = _CENT if around.raw & {"cents", "cent", "minor"} else 1
    low_digits = _whole_digits(around)
    if around.words[-1:] in (("discount",), ("tax",)) and low_digits is not None and low_digits <= 2:
        return "number", _range(0, 25)
    if around.words[-1:] != ("discount",) and ("price" in around.words or "price" in around.raw):
        return ("price", {}) if scale == 1 else ("number", _range(100, 50_000, "skewed"))
    found = _by_word(_AMOUNTS, around)
    if found is None:
        return ("price", {}) if scale == 1 else ("number", _range(100, 50_000, "skewed"))
    low, high = found
    if "rate" in around.words and around.entities & {"work", "vehicle", "product"}:
        low, high = 1, 10
    return "number", _range(low * scale, high * scale, "skewed")


def _whole_digits(around: Surroundings) -> int | None:
    modifiers = around.context.type.modifiers
    return modifiers[0] - (modifiers[1] if len(modifiers) > 1 else 0) if modifiers else None


def _derived_money(around: Surroundings) -> Chosen | None:
    words = set(around.words)
    quantity = around.any_sibling("quantity")
    price = around.number_named("unit", "price") or around.number_named("price", without=("total", "list"))
    subtotal = (
        around.number_named("subtotal")
        or around.number_named("net", "total")
        or around.number_named("net", "amount")
        or around.number_named("sub", "total")
        or around.number_named("net", without=("weight", "worth"))
    )
    own_price = "price" in words and "total" not in words and "extended" not in words
    is_total = bool(words & {"total", "amount", "subtotal", "extended", "line"}) and not own_price
    if quantity and price and is_total and not words & {"tax", "discount", "shipping", "fee", "paid", "due"}:
        return "product_of", {"of": [quantity, price]}
    if words & {"subtotal", "net"}:
        return None
    if subtotal and words & {"tax"} and not words & {"rate", "percent"}:
        return "share_of", {"of": subtotal, "rates": [0.05, 0.07, 0.1, 0.19, 0.2]}
    if subtotal and words & {"discount"}:
        return "share_of", {"of": subtotal, "rates": [0, 0, 0, 0, 0.05, 0.1, 0.15, 0.2]}
    total = _total_of(around)
    if words & {"paid"} and total:
        return "share_of", {"of": total, "rates": [1, 1, 1, 1, 0.5, 0]}
    if words & {"due", "outstanding"} and total:
        paid = around.number_named("paid")
        return ("sum_of", {"plus": [total], "minus": [paid]}) if paid else None
    if subtotal and words & {"total", "gross"} and not words & {"tax", "discount", "shipping"}:
        others = (_tax_of(around), around.number_named("shipping"), around.number_named("fee"))
        plus = [subtotal, *(name for name in others if name)]
        discount = around.number_named("discount", without=("percent", "rate", "code"))
        return "sum_of", {"plus": plus, **({"minus": [discount]} if discount else {})}
    return _beside_price(around, words, price)


def _beside_price(around: Surroundings, words: set[str], price: str | None) -> Chosen | None:
    """Costs are below the price, list prices not."""
    if price is None or "total" in words:
        return None
    if "cost" in words and "product" in around.entities:
        return "share_of", {"of": price, "rates": [0.4, 0.5, 0.6, 0.7]}
    if around.raw & {"msrp", "rrp", "list", "original", "compare", "regular"} and "price" in words:
        own = around.context.column.name
        if price != own and "list" not in price and "original" not in price and "regular" not in price:
            return "share_of", {"of": price, "rates": [1, 1, 1.1, 1.25, 1.5]}
    return None


def _tax_of(around: Surroundings) -> str | None:
    return around.number_named("tax", without=("rate", "percent", "number", "total", "id"))


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
        around.number_named("grand", "total", without=without)
        or around.number_named("total", "amount", without=without)
        or around.number_named("total", without=without)
    )


def _salary(around: Surroundings) -> Chosen:
    return "number", _range(28_000, 140_000, "skewed")


def _place(generator: str) -> Callable[[Surroundings], Chosen]:
    return lambda around: (generator, place_options(around))


def _http_status(around: Surroundings) -> Chosen:
    return "one_of", {"values": [200, 201, 204, 301, 400, 404, 500], "weights": [70, 8, 5, 4, 5, 6, 2]}


def _port(around: Surroundings) -> Chosen:
    return "one_of", {"values": [22, 80, 443, 3000, 5432, 6379, 8000, 8080, 8443, 9090]}


def _future_year(around: Surroundings) -> Chosen:
    year = around.context.reference.year
    return "number", _range(year, year + 5)


def _birth_year(around: Surroundings) -> Chosen:
    year = around.context.reference.year
    return "number", _range(year - 75, year - 18)


def _epoch(around: Surroundings) -> Chosen | None:
    if around.context.type.name not in ("int8", "int4"):
        return None
    if around.words[-1:] not in (("at",), ("timestamp",), ("time",), ("on",), ("date",), ("epoch",)):
        return None
    days = timedelta(days=3 * 365).days
    return "timestamp", {"days_ago": days}


_CONCEPTS: Mapping[str, Callable[[Surroundings], Chosen | None]] = {
    "flag_number": _fixed(0, 1),
    "latitude": _place("latitude"),
    "longitude": _place("longitude"),
    "age": _age,
    "birth_year": _birth_year,
    "year": _year,
    "future_year": _future_year,
    "month": _fixed(1, 12),
    "day": _fixed(1, 28),
    "weekday_number": _fixed(1, 7),
    "hour": _fixed(0, 23),
    "http_status": _http_status,
    "port": _port,
    "percentage": _percentage,
    "exchange_rate": _fixed(0.5, 1.8),
    "gpa": _fixed(1.5, 4, "normal"),
    "grade_points": _fixed(35, 100, "normal"),
    "rating": _rating,
    "score": _fixed(0, 100),
    "file_size": _fixed(1_000, 50_000_000, "skewed", 0),
    "salary": _salary,
    "quantity": _quantity,
    "money": _money,
    "duration": _duration,
    "temperature": _fixed(-10, 35, "normal"),
    "position": _fixed(1, 20),
    "priority": _fixed(1, 5),
    "level": _fixed(1, 10),
    "measure": _measure,
    "count": _count,
    "epoch": _epoch,
}
