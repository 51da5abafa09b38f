"""Generators for numbers, by concept and by what the other columns of the row are."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from app.generator.meaning.bounds import by_word, is_fraction, span
from app.generator.meaning.lookups import is_of_taxes
from app.generator.meaning.money import choose_money, elapsed
from app.generator.meaning.naming import raw_tokens, tokens
from app.generator.meaning.payslips import paid_out
from app.generator.meaning.portions import portion
from app.generator.meaning.sizes import size_of, wage_of
from app.generator.meaning.spoken import table_words
from app.generator.meaning.surroundings import Surroundings
from app.generator.meaning.taxes import tax_rates
from app.generator.meaning.texts import Chosen, place_options
from app.generator.meaning.usual import usual
from app.generator.values.kinds import INTEGER_LIMITS

# By word of the name, natural bounds of counts; the first that is found decides.
_COUNTS = (
    ("week", 1, 52), ("failed", 0, 5),
    ("xp", 0, 50_000), ("seitenzahl", 40, 700), ("seiten", 40, 700), ("pagina", 40, 700),
    ("adult", 1, 4), ("house", 1, 200), ("floor", 0, 12), ("round", 1, 12), ("lap", 1, 60),
    ("night", 1, 14), ("door", 2, 5), ("renewal", 0, 5), ("copy", 0, 20), ("edition", 1, 10),
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
    ("gold", 0, 50_000), ("refill", 0, 6), ("reopened", 0, 4), ("reopen", 0, 4), ("usage", 0, 500), ("star", 0, 5_000),
    ("repeat", 0, 5), ("line", 1, 20),
    ("claim", 0, 4), ("schaden", 0, 4), ("person", 1, 6),
    ("package", 1, 8), ("pakete", 1, 8), ("parcel", 1, 8), ("kinder", 0, 4), ("kinderzahl", 0, 4), ("kinderen", 0, 4),
    ("dependent", 0, 4), ("parking", 0, 3), ("stellplaetze", 0, 3), ("parkeerplaatsen", 0, 3), ("storey", 1, 8),
    ("reminder", 0, 3), ("warning", 0, 3), ("deregistered", 0, 5),
)  # fmt: skip
_MEASURES = (
    ("systolic", 100, 150), ("diastolic", 60, 95), ("heart", 55, 110), ("pulse", 55, 110), ("respiratory", 12, 20),
    ("saturation", 93, 100),
    ("glucose", 70, 160), ("cholesterol", 130, 260), ("creatinine", 1, 2),
    ("bmi", 18, 35), ("rssi", -90, -30), ("signal", -90, -30), ("square", 300, 5_000),
    ("gram", 50, 5_000), ("direction", 0, 359), ("temperature", -10, 35),
    ("elevation", 0, 3_000), ("alt", 0, 3_000), ("altitude", 0, 3_000), ("mileage", 0, 200_000),
    ("odometer", 0, 200_000), ("calorie", 80, 1_200), ("distance", 1, 1_000), ("speed", 0, 130), ("area", 10, 5_000),
    ("pressure", 950, 1_050),
    ("rpm", 500, 6_000), ("ppm", 300, 1_500), ("dioxide", 400, 1_600), ("light", 0, 1_000), ("lux", 0, 1_000),
    ("noise", 30, 90), ("db", 30, 90), ("pm25", 2, 60), ("pm10", 5, 90),
    ("memory", 2, 128), ("voltage", 1, 240), ("weight", 1, 50), ("height", 1, 200),
    ("width", 1, 200), ("length", 1, 200), ("depth", 1, 100), ("volume", 1, 500),
)  # fmt: skip
_DURATIONS = (
    ("ms", 5, 5_000), ("millisecond", 5, 5_000), ("second", 30, 7_200), ("minute", 5, 180), ("hour", 1, 40),
    ("day", 1, 60), ("week", 1, 26), ("month", 1, 36), ("year", 1, 40),
)  # fmt: skip
_TAX_WORDS = frozenset("tax vat mwst tva iva btw ust gst".split())
_STARS = 5
_HUNDRED = 100
_LOWER = frozenset({"min", "minute", "minimum", "minimal", "low", "lower", "lowest", "from"})
_UPPER = frozenset({"max", "maximum", "maximal", "high", "upper", "highest", "to"})
# Of which two a whole is made, where both are counted.
_HALVES = (("male", "female"), ("man", "woman"), ("men", "women"), ("boy", "girl"), ("success", "failed"),
           ("success", "failure"), ("passed", "failed"), ("adult", "child"))  # fmt: skip


def choose_number(around: Surroundings) -> Chosen | None:
    """The generator of a column of numbers; None when its concept says nothing."""
    if around.context.column.name.lower() == "revtype":  # of an audited row: added, changed, deleted
        return "one_of", {"values": [0, 1, 2], "weights": [50, 42, 8]}
    above = _above_minimum(around) or _both(around) or elapsed(around) or usual(around) or paid_out(around)
    above = above or portion(around)
    if above is not None:
        return above
    found = _CONCEPTS.get(around.concept.name)
    sized = size_of(around) if found not in (None, choose_money) else None
    return sized or (found(around) if found else None)


def _above_minimum(around: Surroundings) -> Chosen | None:
    """A maximum beside a minimum lies above it: salary_max beside salary_min."""
    own = ["minimum" if word in _UPPER else word for word in around.words]
    if own == list(around.words):
        return None
    for name in around.numbers():
        if ["minimum" if word in _LOWER else word for word in tokens(name)] == own:
            return "share_of", {"of": name, "rates": [1.1, 1.2, 1.3, 1.5, 1.75, 2]}
    return None


def _both(around: Surroundings) -> Chosen | None:
    """A total beside the two that it is made of: males and females, boys and girls."""
    words = set(around.words)
    if "total" not in words or around.context.type.name not in INTEGER_LIMITS:
        return None
    said = around.said_of_numbers
    for one, other in _HALVES:
        if words & {one, other}:
            return None
        found = [[name for name, words in said if half in words and "total" not in words] for half in (one, other)]
        if all(len(names) == 1 for names in found):
            return "sum_of", {"plus": [found[0][0], found[1][0]]}
    return None


def _whole(around: Surroundings) -> bool:
    return around.context.type.name in INTEGER_LIMITS


def _fixed(low: float, high: float, distribution: str = "", decimals: int | None = None) -> Callable[..., Chosen]:
    return lambda around: ("number", span(low, high, distribution, decimals))


def _age(around: Surroundings) -> Chosen:
    if around.raw & {"fsk", "usk", "pegi", "kijkwijzer", "leeftijdsgrens"}:
        return "one_of", {"values": [0, 6, 12, 16, 18], "weights": [3, 4, 6, 4, 2]}
    birth = around.sibling("birth_date") or around.any_sibling("birth_date")
    return "age", {"birth": birth} if birth else {}


def _year(around: Surroundings) -> Chosen:
    last = around.context.reference.year - 1
    words = set(around.words)
    old = around.entities & {"work", "company"} or words & {"founded", "established"}
    start = (
        1930
        if old
        else 1960
        if words & {"construction", "built"} and not _is_of_machines(around)
        else 2003
        if "vehicle" in around.entities
        else last - 9
    )
    return "number", span(start, last)


# What is not built but made, and soon replaced.
_MACHINES = ("anlage", "geraet", "ger", "maschin", "apparaat", "machine", "device", "equipment", "asset", "install")


def _is_of_machines(around: Surroundings) -> bool:
    """Whether a table is of machines and the like, which are younger than houses."""
    return any(piece.startswith(_MACHINES) for piece in raw_tokens(around.context.table.name))


# Of what hardly anything takes more than a third.
_SMALL_SHARES = frozenset("interest tax vat mwst tva iva btw discount commission disc margin fee bonus".split())


# What the rate of a tax is called where the table says of what.
_RATES = frozenset("satz rate perc percentage pct percent proz prozent prozentsatz tarief tarif steuersatz".split())
_LENT = frozenset("interest apr apy zins zinssatz rente rentepercentage mortgage nominalzins sollzins".split())


def _percentage(around: Surroundings) -> Chosen:
    named = set(raw_tokens(around.context.table.name)) if len(around.raw) == 1 else set()  # tx of ref_tva
    if (around.raw | set(around.words) | named) & _TAX_WORDS and around.context.domain.high is None:
        return "one_of", tax_rates(around)
    if is_of_taxes(around) and around.raw <= _RATES and around.context.domain.high is None:
        return "one_of", tax_rates(around)
    if is_fraction(around):
        return "number", span(0, 1)
    if "attendance" in around.words or ("frequency" in around.words and "_school" in around.entities):
        return "number", span(60, 100)
    known = around.raw | set(around.words)
    if known & {"kd", "kda"}:
        return "number", span(0.3, 3.5)
    if known & {"fat", "koerperfett", "vetpercentage"}:
        return "number", span(8, 38)
    if any(piece.startswith(("aanw", "anwes", "attend")) for piece in around.raw):
        return "number", span(60, 100)
    if known & _LENT:
        return "number", span(0.5, 9.5)
    if known & {"prov", "provision", "courtage", "provisie", "absence", "verzuim", "krankenstand", "royalty"}:
        return "number", span(1, 8)
    return "number", span(0, 30 if known & _SMALL_SHARES else 100)


def _rating(around: Surroundings) -> Chosen:
    high = 10 if "imdb" in around.raw or "score" in around.words else 5
    bound = around.context.domain.high
    if bound is not None and not isinstance(bound, str) and 1 < bound <= 100:
        high = int(bound)
    if high == _STARS and _whole(around):
        return "one_of", {"values": [1, 2, 3, 4, 5], "weights": [6, 7, 14, 32, 41]}
    if high == _STARS:
        return "number", span(2.4, 5, "normal", 1)
    return "number", span(1, high, "", 0 if _whole(around) else 1)


# What becomes of what was ordered: as much of it, mostly, and the rest of it.
_DONE_WITH = frozenset({"shipping", "shipped", "delivery", "delivered", "received", "invoiced", "picked", "packed"})
_WANTED = ("order", "ordered", "requested", "required", "planned")
_NOT_DONE = frozenset({"bo", "backorder", "backordered", "open", "remaining", "outstanding", "rest", "rueckstand"})


def _batch_size(around: Surroundings) -> Chosen:
    return "one_of", {"values": [8, 16, 32, 64, 128, 256], "weights": [1, 2, 4, 4, 2, 1]}


def _quantity(around: Surroundings) -> Chosen:
    if {"batch", "size"} <= set(around.words) and around.context.type.name in INTEGER_LIMITS:
        return _batch_size(around)
    return _of_order(around) or ("number", span(1, 20, "zipf", 0))


def _of_order(around: Surroundings) -> Chosen | None:
    """How much has become of what was ordered."""
    known = around.raw | set(around.words)
    ordered = next((name for word in _WANTED if (name := around.number_named("quantity", word))), None)
    if ordered is not None and known & _DONE_WITH:
        return "share_of", {"of": ordered, "rates": [1, 1, 1, 1, 1, 0]}
    if ordered is not None and known & _NOT_DONE:
        done = next((name for word in sorted(_DONE_WITH) if (name := around.number_named("quantity", word))), None)
        if done is not None:
            return "sum_of", {"plus": [ordered], "minus": [done]}
    return None


def _count(around: Surroundings) -> Chosen:
    if {"batch", "sz"} <= around.raw:
        return _batch_size(around)
    if (ordered := _of_order(around)) is not None:
        return ordered
    if "_estate" in around.entities and set(around.words) & {"room", "piece"}:
        return "number", span(1, 7, "", 0)
    if "bed" in around.words and table_words(around) & {
        "station",
        "ward",
        "hospital",
        "clinic",
        "department",
        "stationen",
    }:
        return "number", span(8, 40, "", 0)
    if "trial" in around.words and "day" in around.words:
        return "one_of", {"values": [7, 14, 30], "weights": [1, 5, 3]}
    if "absence" in around.words:
        return "number", span(0, 20, "skewed", 0)
    low, high = by_word(_COUNTS, around) or _many(around)
    return "number", span(low, high, "skewed" if high > 50 else "", 0)


# What there are thousands of.
_THOUSANDS = frozenset(
    """record row request event message hit token byte subscriber reader household resident inhabitant read write query
    call packet character line_of_code einwohner inwoner haushalt huishouden aufruf zugriff total loyalty balance
    circulation stock gas block xp score step""".split()
)


def _many(around: Surroundings) -> tuple[int, int]:
    """Bounds of a count of which nothing is known: most things there are a few of."""
    known = set(around.words) | {word.rstrip("s") for word in around.raw}
    return (0, 20_000) if known & _THOUSANDS or around.context.type.name == "int8" else (0, 60)


def _measure(around: Surroundings) -> Chosen:
    if around.entities & {"person", "_medical"} and (body := _body(around)):
        return body
    if "product" in around.entities and "weight" in around.words and not around.raw & {"g", "gram", "grams", "mg"}:
        return "number", span(0.05, 25, "skewed")
    if "image" in " ".join(around.entities | around.raw) or "file" in around.entities:
        return "number", span(200, 4_000)
    known = around.raw | set(around.words)
    if "_estate" in around.entities and known & {"area", "sqft", "sqm", "square", "m2", "qm", "sf"}:
        low, high = (400, 3_500) if known & {"sqft", "ft", "sf", "feet"} else (25, 220)
        plot = 4 if known & {"lot", "plot", "land", "grundstueck", "terrain", "terreno", "perceel"} else 1
        return "number", span(low * plot, high * plot, "skewed")
    if {"annual", "mileage"} <= known:
        return "number", span(5_000, 35_000, "skewed")
    if known & {"acre", "acres", "ac"}:
        return "number", span(0.1, 5, "skewed")
    if "vehicle" in around.entities and known & {"capacity", "payload", "load"}:
        return "number", span(500, 18_000, "skewed")
    if known & {"battery", "batt"} and known & {"voltage", "v", "volt", "spannung"}:
        return "number", span(3, 4.2)
    if "vehicle" in around.entities and {"co", "2"} <= around.raw:
        return "number", span(90, 230)
    if "weight" in known and table_words(around) & _FREIGHT and "item" not in known:
        return "number", span(20, 18_000, "skewed")
    if set(around.words) & {"leave", "vacation"}:
        return "number", span(0, 30)
    low, high = by_word(_MEASURES, around) or (0, 100)
    return "number", span(low, high)


# Tables of what goes by lorry, ship or train.
_FREIGHT = frozenset(
    "shipment freight transport transportorder consignment load waybill container "
    "sendung sendungen fracht zending vracht".split()
)


def _body(around: Surroundings) -> Chosen | None:
    """What people weigh and how tall they are, in the unit that the name ends in."""
    known = around.raw | set(around.words)
    if known & {"weight", "gewicht", "peso", "poids"} and not known & {"birth", "package", "item"}:
        return "number", span(100, 265, "normal") if known & {"lb", "lbs", "pounds"} else span(45, 120, "normal")
    if known & {"height", "groesse", "altura", "taille", "lengte"}:
        if known & {"in", "inch", "inches"}:
            return "number", span(58, 77, "normal")
        modifiers = around.context.type.modifiers
        in_metres = len(modifiers) > 1 and modifiers[0] - modifiers[1] == 1
        return "number", span(1.5, 2, "normal") if in_metres else span(150, 200, "normal")
    return None


# What is measured of people, so that a temperature beside it is a body's.
_VITAL = frozenset({"systolic", "diastolic", "pulse", "heart", "saturation", "respiratory", "bmi", "glucose", "blood"})


def _temperature(around: Surroundings) -> Chosen:
    beside = {word for name in (*around.context.siblings, around.context.column.name) for word in tokens(name)}
    body = beside & _VITAL or around.raw & {"body", "koerper", "corporal", "corporelle", "corporea"}
    if (body or around.entities & {"_medical"}) and around.raw & {"f", "fahrenheit"}:
        return "number", span(96.4, 102.9, "skewed", 1)
    if body or around.entities & {"_medical"}:
        return "number", span(35.8, 39.4, "skewed", 1)
    return "number", span(-10, 35, "normal")


# Of what grades are made where a language is spoken; elsewhere of a hundred points.
_GRADES = {"pt": (3, 10), "es": (3, 10), "it": (4, 10), "nl": (4, 10), "fr": (5, 20), "de": (1, 5)}


def _grade_points(around: Surroundings) -> Chosen:
    low, high = _GRADES.get(around.context.locale[:2], (35, 100))
    modifiers = around.context.type.modifiers
    if not modifiers or 10 ** (modifiers[0] - (modifiers[1] if len(modifiers) > 1 else 0)) > high:
        return "number", span(low, high, "normal", None if high == _HUNDRED or _whole(around) else 1)
    return "number", span(1, 10 ** (modifiers[0] - modifiers[-1]) - 1, "normal")


def _duration(around: Surroundings) -> Chosen:
    if "rental" in around.raw:
        return "number", span(3, 7)
    if set(around.words) & {"leave", "vacation"}:
        return "number", span(0, 30)
    if any(piece.startswith(("overtime", "overur", "ueberst")) for piece in (*around.words, *around.raw)):
        return "number", span(0, 12, "skewed")
    if "work" in around.entities and around.raw & {"length", "runtime", "duration", "minutes"}:
        return "number", span(62, 195)
    if around.raw & {"milliseconds"} and "work" in around.entities:
        return "number", span(120_000, 420_000)
    found = by_word(_DURATIONS, around) or (1, 120)
    return "number", span(*found, "skewed" if found[1] > 1_000 else "")


# Tables of what is paid every month or two weeks.
_PAID_OUT = frozenset("payroll payslip payrun paycheck lohnabrechnung gehaltsabrechnung abrechnung loonstrook".split())


def _salary(around: Surroundings) -> Chosen:
    gross = around.number_named("gross")
    if "ytd" in around.raw and gross is not None:
        return "share_of", {"of": gross, "rates": list(range(1, 13))}
    if table_words(around) & _PAID_OUT or around.raw & {"monthly", "monat", "maand", "mnd", "mtl", "monatlich"}:
        return "number", span(1_900, 8_500, "skewed")
    return wage_of(around) or ("number", span(28_000, 140_000, "skewed"))


def _place(generator: str) -> Callable[[Surroundings], Chosen]:
    return lambda around: (generator, place_options(around))


def _http_status(around: Surroundings) -> Chosen:
    return "one_of", {"values": [200, 201, 204, 301, 400, 404, 500], "weights": [70, 8, 5, 4, 5, 6, 2]}


def _port(around: Surroundings) -> Chosen:
    return "one_of", {"values": [22, 80, 443, 3000, 5432, 6379, 8000, 8080, 8443, 9090]}


def _future_year(around: Surroundings) -> Chosen:
    year = around.context.reference.year
    return "number", span(year, year + 5)


def _birth_year(around: Surroundings) -> Chosen:
    year = around.context.reference.year
    return "number", span(year - 75, year - 18)


def _epoch(around: Surroundings) -> Chosen | None:
    if around.context.type.name not in ("int8", "int4"):
        return None
    if around.words[-1:] not in (("at",), ("timestamp",), ("time",), ("on",), ("date",), ("epoch",)):
        return None
    days = timedelta(days=3 * 365).days
    return "timestamp", {"days_ago": days}


def _digits(generator: str) -> Callable[[Surroundings], Chosen | None]:
    """What is written as text elsewhere, as a number: where nothing but the type bounds it."""

    def choose(around: Surroundings) -> Chosen | None:
        context = around.context
        domain = context.domain
        bounded = domain.low is not None or domain.high is not None or context.unique
        if bounded or context.type.name not in ("int4", "int8"):
            return None
        return generator, place_options(around)

    return choose


_CONCEPTS: Mapping[str, Callable[[Surroundings], Chosen | None]] = {
    "flag_number": _fixed(0, 1),
    "phone": _digits("phone"),
    "postal_code": _digits("postal_code"),
    "house_number": _fixed(1, 200, "skewed", 0),
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
    "grade_points": _grade_points,
    "rating": _rating,
    "score": _fixed(0, 100),
    "file_size": _fixed(1_000, 50_000_000, "skewed", 0),
    "salary": _salary,
    "quantity": _quantity,
    "money": choose_money,
    "duration": _duration,
    "temperature": _temperature,
    "position": _fixed(1, 20),
    "priority": _fixed(1, 5),
    "level": _fixed(1, 10, decimals=0),
    "status": _fixed(0, 4),
    "kind": _fixed(1, 5),
    "gender": _fixed(0, 2),
    "measure": _measure,
    "count": _count,
    "epoch": _epoch,
}
