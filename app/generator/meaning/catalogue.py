"""The catalogue of meanings: a column's concept, and the generator with options that it calls for."""

from typing import Any

from app.generator.meaning.enumerated import enumerated
from app.generator.meaning.heads import LANGUAGES
from app.generator.meaning.moments import choose_moment
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.numbers import choose_number
from app.generator.meaning.occasions import occasion
from app.generator.meaning.rooms import text_room
from app.generator.meaning.spoken import table_words
from app.generator.meaning.surroundings import Surroundings
from app.generator.meaning.texts import Chosen, choose_text, place_options
from app.generator.meaning.usual import phrases_of_time
from app.generator.meaning.written import choose_written
from app.generator.snapshot.model import EnumType
from app.generator.values.appellations import are_titles
from app.generator.values.choice import Choice
from app.generator.values.context import ColumnContext
from app.generator.values.entries import family
from app.generator.values.statuses import states_after

# How often a flag is true, by words of its name.
_SELDOM = frozenset(
    """deleted archived blocked banned spam cancelled canceled locked discontinued failed admin hidden expired test demo
    suspended disabled superuser staff internal flagged reported private draft fraud lost void gift""".split()
)
_MOSTLY = frozenset(
    """active enabled verified confirmed published visible available valid approved public subscribed allow allowed
    taxable accepted current aktiv actif activo ativo actief in""".split()
)

# Words of a point that lies on the earth rather than in a plane.
_EARTHLY = frozenset("location geo gps coordinate coordinates city address latlng lnglat latlong place geom".split())


def choose(context: ColumnContext) -> Choice:
    """The generator that the column's name, type, comment and table call for; `why` says what decided."""
    around = Surroundings(context)
    generator, options = _chosen(around)
    rule = occasion(around) if "when" not in options else None
    if rule is not None:
        options = {**{name: value for name, value in options.items() if name != "null_rate"}, "when": rule}
    return Choice(generator, options, _why(around, generator))


def _why(around: Surroundings, generator: str) -> str:
    concept = around.concept
    if generator == "type" or concept.by == "type":
        return f"type {around.context.type.name}"
    return f"{concept.name.replace('_', ' ')}, by its {concept.by}"


def _chosen(around: Surroundings) -> Chosen:
    context = around.context
    allowed = context.domain.values
    kind = family(context)
    if isinstance(context.user_type, EnumType):
        labels = list(context.user_type.labels)
        if around.concept.name == "gender":
            return "gender", around.with_role({"words": labels}, "person")
        if are_titles(labels):
            return "honorific", around.with_role({}, "person")
        return "status", {"values": labels}
    if around.concept.name == "gender" and kind == "text":
        return choose_text(around) or ("type", {})
    if allowed is not None and kind == "text" and are_titles([str(value) for value in allowed]):
        return "honorific", around.with_role({}, "person")
    if allowed is not None:
        return ("status", {}) if kind == "text" else ("type", {})
    if kind == "text" and (said := _said_to_be(around)):
        return "one_of", {"values": said}
    match kind:
        case "text":
            return choose_text(around) or _like_number(around) or ("type", {})
        case "number":
            return choose_number(around) or ("type", {})
        case "moment":
            return choose_moment(around)
        case "boolean":
            return "boolean", _flag(around)
        case _:
            return _by_type(around)


# Concepts of which a comment tells better which there are; not of what has names.
_OF_SOME = frozenset(
    """kind listed status word label flag_text level priority frequency plan code category role channel source shift
    visibility direction condition severity side grade result reason bed_type meal_plan room_type service_type course
    payment_method position marital_status gender environment platform size protocol""".split()
)


def _said_to_be(around: Surroundings) -> list[str]:
    """The values that the column's comment lists, where all of them fit."""
    comment = around.context.column.comment
    if not comment or around.context.unique or around.concept.name not in _OF_SOME:
        return []
    room = text_room(around.context)
    values = enumerated(comment, around.language)
    return list(values) if all(room is None or len(value) <= room for value in values) else []


def _like_number(around: Surroundings) -> Chosen | None:
    """A number or a moment written as text."""
    name = around.concept.name
    if {"blood", "pressure"} <= set(around.words):
        return "one_of", {"values": ["110/70", "118/76", "120/80", "125/82", "130/85", "135/88", "142/90", "150/95"]}
    if name == "duration" and (lasting := phrases_of_time(around)):
        return lasting
    if name.startswith("text_"):
        return ("birth_date", {}) if name == "text_birth_date" else choose_written(around)
    return choose_number(around)


def _flag(around: Surroundings) -> dict[str, Any]:
    """How often a flag is set: as the row's status says, where it says so, else by the flag's name."""
    status = around.any_sibling("status")
    for word in (*around.words, *sorted(around.raw)) if status is not None else ():
        states = states_after(word, around.enum_labels(status or ""))
        if states:
            return {"when": {"column": status, "words": list(states)}}
    return {"true": _share_of_true(around)}


# The same of German and Dutch, where what is said is written onto other words.
_SELDOM_BEGUN = (
    "gesperr", "geblok", "gebl", "geloesch", "loesch", "verwijder", "storn", "annul", "geannul", "gekuend", "opgezegd",
    "inakt", "inact", "mahnsperr", "liefersperr", "auskunftssperr", "sperr", "archiv", "gearchiv", "verstorb",
    "overled", "betwist", "bestritt", "fraud", "insolv", "failliet", "schwerbeh", "vorbestraf", "test",
)  # fmt: skip
_MOSTLY_BEGUN = (
    "gueltig", "geldig", "freigeg", "goedgek", "genehm", "bestaet", "bevest", "verfuegb", "beschikb", "hauptwohn",
    "versich", "verzek", "akkoord",
)  # fmt: skip


def _share_of_true(around: Surroundings) -> float:
    known = set(around.words) | around.raw
    joined = "".join(raw_tokens(around.context.column.name))
    if known & _SELDOM or joined.removeprefix("is").removeprefix("ist").startswith(_SELDOM_BEGUN):
        return 0.05
    if joined.startswith(_MOSTLY_BEGUN):
        return 0.85
    return 0.85 if known & _MOSTLY else 0.5


def _by_type(around: Surroundings) -> Chosen:
    name = around.context.type.name
    domain = around.context.domain
    if domain.networks or domain.masks is not None:
        return "type", {}
    if name in ("inet", "macaddr", "macaddr8", "cidr"):
        found: dict[str, Any] = {"version": 6} if "ipv6" in around.raw else {}
        return ("mac_address", {}) if name.startswith("mac") else ("ip_address", found)
    if name in ("geometry", "geography") or (name == "point" and _EARTHLY & (set(around.words) | around.raw)):
        return "geo_point", place_options(around)
    if name in ("json", "jsonb"):
        return "json", _json_form(around)
    if name == "uuid":
        return "uuid", {}
    if name in ("time", "timetz"):
        return "time_of_day", _hours(around)
    if name == "interval":
        return "duration", _seconds(around)
    return "type", {}


def _json_form(around: Surroundings) -> dict[str, Any]:
    known = set(around.words) | around.raw
    if known & {"settings", "preferences", "options", "config", "configuration"}:
        return {"form": "settings"}
    if known & {"tag", "tags", "labels", "categories", "keywords", "skills"}:
        return {"form": "tags"}
    if known & {"payload", "event", "body", "request", "response"}:
        return {"form": "payload"}
    if "dimensions" in known:
        return {"form": "dimensions"}
    if known & {"address", "adresse", "anschrift", "direccion", "endereco", "indirizzo", "adres"}:
        return {"form": "address"}
    # What begins as an empty list is one.
    return {"form": "tags"} if (around.context.column.default or "").startswith("'[]'") else {}


# When people come to work and go.
_COMING = frozenset(
    """entrata entrada entree ent entr part partenza depart dep deb debut ini inizio inicio ouv ouverture apertura
    abertura hd kommt kommen beg begin beginn aanvang anfang""".split()
)
_GOING = frozenset(
    """uscita salida saida sortie sai sor usc arr arrivee arrivo lleg llegada cheg chegada fin fim fine ferm
    chius hf geht gehen ende einde eind""".split()
)
# What happens at any hour, so that a day's hours say nothing.
_AT_ANY_HOUR = frozenset(
    """evenement naissance nais deces sinistre accident ocorr ocorrencia oc nascimento obito siniestro suceso
    nacimiento defuncion evento nascita decesso incidente alerte appel alarme""".split()
)
_BY_DAY = frozenset(
    """course cursus cursussen cursusinschrijving cursusinschrijvingen lesson class appointment meeting termin termine
    afspraak afspraken lesrooster stundenplan timetable schedule interview consultation kurs kurse booking""".split()
)


def _hours(around: Surroundings) -> dict[str, Any]:
    if (around.raw | set(around.words)) & {"opening", "open", "opens", "start", "from", *_COMING}:
        return {"min_hour": 6, "max_hour": 11, "precision": "half_hour"}
    if (around.raw | set(around.words)) & {"closing", "close", "closes", "end", "until", *_GOING}:
        return {"min_hour": 16, "max_hour": 23, "precision": "half_hour"}
    if table_words(around) & _BY_DAY:
        return {"min_hour": 8, "max_hour": 20, "precision": "half_hour"}
    if around.language not in LANGUAGES:
        return {}
    if around.raw & _AT_ANY_HOUR:
        return {"precision": "minute"}
    return {"min_hour": 7, "max_hour": 20, "precision": "quarter_hour"}


def _seconds(around: Surroundings) -> dict[str, Any]:
    if around.raw & {"prep", "cook", "cooking", "runtime", "length", "time"}:
        return {"min_seconds": 300, "max_seconds": 10_800}
    return {}
