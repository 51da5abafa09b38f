"""Numbers of which only a few are usual: days until payment, minutes of an appointment, a policy's excess."""

from typing import Any

from app.generator.meaning.bounds import is_fraction
from app.generator.meaning.heads import LANGUAGES
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.rooms import text_room
from app.generator.meaning.spoken import table_words
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]

_MEETINGS = frozenset(
    """appointment meeting consultation lesson session class visit interview booking slot treatment termin termine
    afspraak afspraken sitzung sitzungen behandlung behandeling course cita consulta""".split()
)
_EXCESS = ("selbstbehalt", "selbstbeteiligung", "deductible", "ded", "sb", "eigenrisico", "eigris", "franquicia")
_EARLY = ("skonto", "betalingskorting", "escompte", "prontopago")
_TERMS = (
    "zahlungsziel",
    "zahlungsfrist",
    "betaaltermijn",
    "nettotage",
    "zahlziel",
    "zahlfrist",
    "betalingstermijn",
    "bettermijn",
)
# Tables of terms of payment, and what days are called in them.
_LISTED_TERMS = (
    "zahlungsbed",
    "zahlungsziel",
    "zahlungskond",
    "betaalvoorw",
    "betaalterm",
    "betaalcond",
    "paymentterm",
)
_BARE_DAYS = frozenset("days day tage dagen dgn frist termijn nettotage net".split())
_NOTICE = ("kuendigungsfrist", "kuendfrist", "opzegtermijn", "notice", "preavis", "preaviso", "preavviso")
_REMINDED = ("mahnstufe", "aanmaningsniveau", "dunning", "aanmaning", "mahnung")
_FIRST_READING = frozenset(
    "prev prior start begin old previous first anfang alt vorher beginn oud vorig anfangs".split()
)
_LAST_READING = frozenset("curr end new current last ende neu aktuell eind nieuw huidig schluss final".split())
_COUNTERS = frozenset("reading read odometer mileage meter counter".split())
_CENTS = 2
_WEEKDAYS = frozenset("ma di wo vr za zo mo mi fr mon tue wed thu fri monday tuesday wednesday thursday friday".split())
_EMPLOYING = frozenset({"contract", "vertrag", "dienstverband", "employment", "arbeitsvertrag"})
_WEEKLY = frozenset({"weekly", "wochenarbeitszeit", "arbeitszeit", "pw", "uren_wk", "weekuren", "contracturen"})


# The same in French, Spanish, Portuguese and Italian: what is said by how many percent, after how many days.
_DAYS_TO_PAY = frozenset(
    """ech+jrs ech+jours delai+paiement delai+regl delai+reglement jours+paiement gg+scad gg+pag giorni+pagamento
    giorni+scadenza dias+pago plazo+pago dias+pagto dias+pagamento prazo+pgto prazo+pagto prazo+pagamento""".split()
)
_OFF = frozenset("remise rem rabais ristourne dto descuento desc desconto sconto sct sc".split())
_WORKED = frozenset(
    """tps+trav temps+travail quotite+travail tx+emploi tx+activite taux+emploi taux+activite tpstrav pt+perc perc+pt
    perc+parttime""".split()
)
_INCOME_TAX = frozenset("irpf irrf irpef pas".split())
_EXCESSES = frozenset("franch franchise franchigia franquicia franquia franq".split())
_AT_FAULT = frozenset("resp responsabilite responsabilidad responsabilidade responsabilita".split())
_CLAIMS = frozenset("sinistre sinistres siniestro siniestros sinistro sinistros sinistri".split())
_RETAINED = frozenset("ret retencion retencao retenue rit ritenuta".split())
_RETAINING: dict[str, tuple[list[Any], list[int]]] = {
    "es": ([15, 7, 19], [6, 2, 1]), "it": ([20], [1]), "pt": ([1.5, 4.65, 11], [4, 3, 2]), "fr": ([5, 10], [2, 1]),
}  # fmt: skip


def _excess_of(around: Surroundings) -> Chosen | None:
    modifiers = around.context.type.modifiers
    few = bool(modifiers) and modifiers[0] - modifiers[-1] <= _CENTS
    return None if few else _one_of([150, 250, 300, 500, 1000, 2000], [3, 4, 3, 6, 3, 1])


def _latin(around: Surroundings) -> Chosen | None:
    if around.language not in LANGUAGES:
        return None
    concept, raw = around.concept.name, around.raw
    if concept in ("duration", "count", "number", "day") and _says(raw, _DAYS_TO_PAY):
        return _one_of([0, 15, 30, 45, 60, 90], [1, 1, 8, 3, 4, 1])
    if concept == "money" and raw & _EXCESSES:
        return _excess_of(around)
    if concept != "percentage" or is_fraction(around):
        return None
    if raw & _AT_FAULT and not _CLAIMS.isdisjoint(raw_tokens(around.context.table.name)):
        return _one_of([0, 50, 100], [5, 2, 4])
    if raw & {"remb", "remboursement"} and around.language == "fr":
        return _one_of([65, 30, 15, 100], [8, 4, 2, 2])
    if raw & _RETAINED:
        return _one_of(*_RETAINING[around.language or "it"])
    if _says(raw, _WORKED):
        return _one_of([100, 90, 80, 70, 60, 50], [14, 1, 4, 1, 1, 3])
    if raw & _INCOME_TAX:
        return _one_of([2, 8, 12, 15, 19, 24], [2, 4, 5, 5, 3, 1])
    return _one_of([0, 5, 10, 15, 20, 25, 30], [8, 6, 6, 3, 3, 1, 1]) if raw & _OFF else None


def _says(raw: frozenset[str], wanted: frozenset[str]) -> bool:
    return any(raw.issuperset(pieces.split("+")) for pieces in wanted)


def usual(around: Surroundings) -> Chosen | None:
    """The few values with their weights, where the name is of such a number; None for others."""
    concept = around.concept.name
    if around.context.unique:
        return None
    if (latin := _latin(around)) is not None:
        return latin
    match concept:
        case "duration" | "count" | "day" | "number":
            found = _days(around) or _guaranteed(around) or _minutes(around) or _at_work(around)
            return found or (_level(around) if concept == "count" else None)
        case "percentage":
            return _share(around)
        case "measure" | "count" if _begins(around, "kinderfreib", "kifrb"):
            return _one_of([0, 0.5, 1, 1.5, 2, 3], [8, 2, 3, 1, 3, 1])
        case "money" | "salary":
            return _excess(around)
        case "level":
            return _level(around)
        case "measure":
            return _fte(around) or _reading(around) or _used_up(around)
        case _:
            return None


def _begins(around: Surroundings, *starts: str) -> bool:
    name = "".join(raw_tokens(around.context.column.name))
    return any(start in name if len(start) > 3 else start in around.raw for start in starts)


def _days(around: Surroundings) -> Chosen | None:
    words = set(around.words)
    if _begins(around, *_EARLY):
        return _one_of([7, 8, 10, 14], [2, 2, 3, 4])
    table = "".join(raw_tokens(around.context.table.name))
    if around.raw <= _BARE_DAYS and any(term in table for term in _LISTED_TERMS):
        return _one_of([0, 7, 14, 30, 45, 60], [1, 1, 4, 8, 2, 2])
    if _begins(around, *_TERMS) or ({"payment", "net"} & words and {"term", "day"} <= words):
        return _one_of([7, 14, 30, 45, 60], [1, 4, 8, 2, 2])
    if _begins(around, *_NOTICE):
        by_day = {"day", "days", "tage", "dagen", "dgn"} & (words | around.raw)
        by_week = {"week", "weeks", "wochen", "weken"} & (words | around.raw)
        if by_day:
            return _one_of([14, 30, 60, 90], [2, 6, 2, 3])
        return _one_of([2, 4, 6, 12], [3, 5, 2, 2]) if by_week else _one_of([1, 2, 3, 6], [6, 2, 5, 1])
    return None


def _at_work(around: Surroundings) -> Chosen | None:
    """The hours that somebody works in a week."""
    if around.raw & _WEEKDAYS and len(around.raw) > 1 and around.context.type.name == "numeric":
        return _one_of([8, 7.5, 6, 4, 0], [8, 3, 2, 2, 2])
    weekly = set(around.words) >= {"hour", "week"} or around.raw & _WEEKLY or _begins(around, "wochenst", "wochstd")
    people = around.entities & {"person"} or table_words(around) & {
        "contract",
        "vertrag",
        "dienstverband",
        "employment",
    }
    if not weekly or not people or around.raw & {"overtime", "ueber", "over", "max", "min"}:
        return None
    fine = around.context.type.name == "numeric" and around.context.type.modifiers[1:] != (0,)
    return _one_of([40, 38.5 if fine else 38, 35, 32, 30, 20], [8, 3, 2, 2, 2, 3])


def _minutes(around: Surroundings) -> Chosen | None:
    known = set(around.words) | around.raw
    if not known & {"minute", "minutes", "min", "mins", "minuten", "duration"} or not table_words(around) & _MEETINGS:
        return None
    if known & {"hour", "hours", "day", "days", "second", "seconds", "night", "nights", "delay", "late", "wait"}:
        return None
    return _one_of([15, 20, 30, 45, 60, 90], [2, 3, 8, 4, 5, 1])


def _share(around: Surroundings) -> Chosen | None:
    if _begins(around, *_EARLY):
        return _one_of([2, 3, 0], [5, 3, 2])
    return _fte(around)


def _guaranteed(around: Surroundings) -> Chosen | None:
    """For how many months something is guaranteed."""
    known = set(around.words) | around.raw
    monthly = {"month", "months", "mos", "mo", "monate", "mon", "maanden", "mnd", "mth", "mths"} & known
    guaranteed = _begins(around, "garantie", "gewaehrl", "warranty", "guarantee", "warr")
    return _one_of([12, 24, 36, 60], [3, 8, 3, 2]) if monthly and guaranteed else None


_PHRASES = {
    "en": ["1 day", "2-3 days", "1 week", "2 weeks", "4 weeks"],
    "de": ["sofort lieferbar", "1-2 Werktage", "3-5 Werktage", "1 Woche", "2 Wochen"],
    "fr": ["24 h", "2-3 jours", "1 semaine", "2 semaines"],
    "es": ["24 h", "2-3 días", "1 semana", "2 semanas"],
    "pt": ["24 h", "2-3 dias", "1 semana", "2 semanas"],
    "nl": ["op voorraad", "1-2 werkdagen", "3-5 werkdagen", "1 week", "2 weken"],
    "it": ["24 ore", "2-3 giorni", "1 settimana", "2 settimane"],
}
_PERIODS = {"en": "Q", "de": "Q", "nl": "K", "fr": "T", "es": "T", "pt": "T", "it": "T"}
_ROOM_OF_PHRASES = 16


def phrases_of_time(around: Surroundings) -> Chosen | None:
    """How long something takes to arrive, in words, or which period it is of; None where a number says enough."""
    room = text_room(around.context)
    if (room is not None and room < _ROOM_OF_PHRASES) or around.context.unique:
        return None
    name = "".join(raw_tokens(around.context.column.name))
    language = around.context.locale[:2]
    if any(piece in name for piece in ("zeitraum", "period")) and "number" not in around.words:
        year, letter = around.context.reference.year - 1, _PERIODS.get(language, "Q")
        return "one_of", {"values": [f"{letter}{quarter} {year}" for quarter in range(1, 5)]}
    if set(around.words) & {"delivery", "lead", "shipping"} or name.startswith(("liefer", "lever")):
        return "one_of", {"values": list(_PHRASES.get(language, _PHRASES["en"]))}
    return None


_PART_TIME = ("deeltijd", "teilzeit", "beschgrad", "beschaeftigungsgrad", "stellenanteil", "dienstverbandpct", "dvpct",
              "werktijdfactor", "parttime", "beschaeftigungsumfang", "arbeitszeitanteil", "dvperc",
              "fteperc")  # fmt: skip


def _fte(around: Surroundings) -> Chosen | None:
    if "fte" not in around.raw and not _begins(around, *_PART_TIME):
        return None
    modifiers = around.context.type.modifiers
    whole = modifiers[0] - (modifiers[1] if len(modifiers) > 1 else 0) if modifiers else 3
    in_percent = around.concept.name == "percentage" and whole > 1
    shares = [1, 0.8, 0.75, 0.6, 0.5]
    return _one_of([round(share * 100) for share in shares] if in_percent else shares, [14, 4, 1, 2, 3])


def _excess(around: Surroundings) -> Chosen | None:
    modifiers = around.context.type.modifiers
    if not _begins(around, *_EXCESS) or (modifiers and modifiers[0] - modifiers[-1] <= _CENTS):
        return None
    if around.raw & {"met", "applied", "remaining", "paid", "used"}:
        return None
    return _one_of([150, 250, 300, 500, 1000, 2000], [3, 4, 3, 6, 3, 1])


def _level(around: Surroundings) -> Chosen | None:
    if around.words[-2:] == ("tax", "class"):
        return _one_of([1, 2, 3, 4, 5, 6], [8, 1, 3, 5, 3, 1])
    if not _begins(around, *_REMINDED) and "aanm" not in around.raw:
        return None
    return _one_of([0, 1, 2, 3], [12, 4, 2, 1])


def _reading(around: Surroundings) -> Chosen | None:
    """What a meter shows; at the end more than at the start."""
    words = set(around.words) | around.raw
    if not words & _COUNTERS or around.entities & {"device"} or around.raw & {"m", "meter", "meters"}:
        return None
    if words & _LAST_READING:
        first = next(
            (name for name in around.numbers() if {*around.said(name), *raw_tokens(name)} & _FIRST_READING
             and {*around.said(name), *raw_tokens(name)} & _COUNTERS),
            None,
        )  # fmt: skip
        if first is not None:
            return "share_of", {"of": first, "rates": [1.005, 1.01, 1.02, 1.04, 1.07]}
    if words & {"odometer", "mileage"}:
        return None
    modifiers = around.context.type.modifiers
    room = modifiers[0] - (modifiers[1] if len(modifiers) > 1 else 0) if modifiers else 9
    is_meter = words & (_FIRST_READING | _LAST_READING)
    return ("number", {"min": 1_000, "max": 90_000}) if is_meter and room > 4 else None


_USED = ("verbr", "consum", "usage", "used")


def _used_up(around: Surroundings) -> Chosen | None:
    """What a meter has counted from its first reading to its last."""
    if not any(piece.startswith(_USED) for piece in around.raw):
        return None
    said = {name: {*around.said(name), *raw_tokens(name)} for name in around.numbers()}
    read = {name: words for name, words in said.items() if words & _COUNTERS}
    first = next((name for name, words in read.items() if words & _FIRST_READING), None)
    last = next((name for name, words in read.items() if words & _LAST_READING), None)
    return ("sum_of", {"plus": [last], "minus": [first]}) if first and last else None


def _one_of(values: list[Any], weights: list[int]) -> Chosen:
    return "one_of", {"values": values, "weights": weights}
