"""Generators for text, by concept."""

from collections.abc import Callable, Mapping
from typing import Any

from app.generator.meaning import farming, groups, sites, spoken
from app.generator.meaning.departments import department
from app.generator.meaning.identifying import FEW, IDENTIFYING
from app.generator.meaning.labels import label
from app.generator.meaning.listing import listed, said_in
from app.generator.meaning.lookups import called_like_its_table
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.persons import PERSONAL
from app.generator.meaning.reasons import reason
from app.generator.meaning.remarks import said_shortly, wished
from app.generator.meaning.rooms import text_room
from app.generator.meaning.states import states_of
from app.generator.meaning.surroundings import Surroundings
from app.generator.meaning.taxes import currency_of, home_of, usual_currency
from app.generator.meaning.vocabulary import (
    CHECKED,
    ONE_OF,
    PLAIN,
    POOLS,
)
from app.generator.pools import has_pool
from app.generator.values.statuses import status_weights

Chosen = tuple[str, dict[str, Any]]


# Concepts of which there are few, and whose columns may be unique all the same.
_ROOM_OF_FLATS, _ROOM_OF_NAMES = 9, 12
_ROOM_OF_ADDRESSES = 60
# What one letter tells, where words have no room.
_LETTERED = frozenset({"kind", "listed", "level", "category", "priority"})
_WARDS = frozenset({"fr", "es", "pt", "it"})
# Those that have a short code where there is room for nothing else.
_TYPED = frozenset({"kind", "plan", "listed", "category"})
_ROOM_OF_TYPES = 5
_FEW = frozenset({"listed", "result", "seat", "edition", "class_group"})


def choose_text(around: Surroundings) -> Chosen | None:
    """The generator of a text column; None when its concept says nothing."""
    listed_there = called_like_its_table(around)
    if isinstance(listed_there, Surroundings):
        return choose_text(listed_there)
    if listed_there:
        return "one_of", {"values": listed_there}
    chosen = _chosen(around)
    if chosen is not None and chosen[0] != "one_of" and (said := wished(around) or said_shortly(around)):
        return "one_of", {"values": said}
    if chosen is not None and chosen[0] == "one_of" and around.context.unique and around.concept.name in _FEW:
        return "type", {}  # A table may have more rows than there are habitats.
    if chosen is None or chosen[0] != "one_of":
        return chosen
    values, weights = chosen[1]["values"], chosen[1].get("weights")
    room = text_room(around.context)
    # What is too long for the column is none of its values: an energy class of one letter is no A+.
    fits = [n for n, value in enumerate(values) if room is None or len(str(value)) <= room]
    if not fits and room == 1 and around.concept.name in _LETTERED and not around.context.unique:
        return "one_of", {"values": list("ABCD"), "weights": [5, 4, 2, 1]}
    if not fits:
        coded = room is not None and room <= _ROOM_OF_TYPES and around.concept.name in _TYPED
        few = FEW[min(room or 1, max(FEW))] if coded and not around.context.unique else None
        return ("one_of", {"values": list(few)}) if few else ("type", {})
    kept = {"values": [values[n] for n in fits], **({"weights": [weights[n] for n in fits]} if weights else {})}
    return "one_of", {**chosen[1], **kept}


def _chosen(around: Surroundings) -> Chosen | None:
    concept = around.concept.name
    if (of_the_ill := _of_the_ill(around)) is not None:
        return of_the_ill
    special = _SPECIAL.get(concept)
    if special is not None:
        return special(around)
    own = () if around.context.unique else said_in(around.language, concept)
    if concept in POOLS:
        name = POOLS[concept]
        return ("one_of", {"values": list(own)}) if own and not _speaks(around, name) else ("pool", {"name": name})
    if concept in ONE_OF:
        values, weights = ONE_OF[concept]
        if own:
            values, weights = list(own), weights if weights and len(weights) == len(own) else None
        return "one_of", {"values": list(values), **({"weights": list(weights)} if weights else {})}
    if concept in CHECKED:
        return "checked_number", {"kind": _form(around) or CHECKED[concept]}
    if concept in PLAIN:
        return PLAIN[concept], {}
    return None


_GERMAN_TAX = ("steuerid", "steuerlicheid", "idnr", "steuerident", "steueridnr")
_HEALTH = ("nhs",)


def _form(around: Surroundings) -> str | None:
    """Which of the numbers of persons it is, where a country has several."""
    name = "".join(raw_tokens(around.context.column.name))
    if around.concept.name != "ssn":
        return None
    if around.context.locale.startswith("de") and name.startswith(_GERMAN_TAX):
        return "tax_id"
    return "nhs" if name.startswith(_HEALTH) else None


def _speaks(around: Surroundings, pool: str) -> bool:
    """Whether the locale is of the table's language and has that pool in it."""
    return around.context.locale[:2] == around.language and has_pool(around.context.locale, pool)


def place_options(around: Surroundings) -> dict[str, Any]:
    """Whose place it is, and whether the table's places are all over the world."""
    options = around.with_role({}, "place")
    countries = ("country", "country_code", "country_code3", "continent", "capital")
    if around.concept.name in (*countries, "time_zone") or around.sibling(*countries):
        home = home_of(around)
        return {**options, **({"countries": {home: 1}} if home else {"world": True})}
    return options


# Which countries things and people come from, where the codes of the locale's own places are of one country.
_ORIGINS = ("DE", "NL", "PL", "FR", "IT", "BE", "AT", "DK", "TR", "CN")
_FROM = ("herk", "herkunft", "ursprung", "oorsprong", "flagge", "vlag", "bestemm", "zielland", "exportland")


def _is_of_origin(around: Surroundings) -> bool:
    """Whether a German or Dutch code of a country says where something comes from or goes to, and not where it is."""
    here = around.sibling("city", "postal_code", "street", "address") or around.context.unique
    name = "".join(raw_tokens(around.context.column.name))
    return around.context.locale[:2] in ("de", "nl") and not here and any(word in name for word in _FROM)


def _isrc(around: Surroundings) -> Chosen:
    return "pattern", {"pattern": "XX???#######" if text_room(around.context) in (12, 13, 14) else "XX-???-##-#####"}


def _place(generator: str) -> Callable[[Surroundings], Chosen]:
    def choose(around: Surroundings) -> Chosen:
        if generator == "country" and "country" in around.entities and around.words in (("name",), ("country",)):
            return "country_name", {}
        if generator == "country_code" and _is_of_origin(around):
            return "one_of", {"values": list(_ORIGINS), "weights": [6, 5, 3, 3, 2, 2, 1, 1, 1, 1]}
        if generator.startswith("country_code") and "country" in around.entities:
            return "country_name", {"part": generator.removeprefix("country_")}
        return generator, place_options(around)

    return choose


def _region(part: str) -> Callable[[Surroundings], Chosen]:
    def choose(around: Surroundings) -> Chosen:
        options = place_options(around)
        generator, more = department(around) or (part, {})
        return (part, options) if "world" in options else (generator, {**options, **more})

    return choose


_MOBILE = frozenset("mobile cell handy mobil gsm whatsapp sms movil celular".split())


def _phone(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    options = place_options(around)
    if "mobile" in around.words or around.raw & _MOBILE:
        options["mobile"] = True
    return "phone", {**options, "format": "digits"} if room is not None and room < 14 else options


def _street(part: str) -> Callable[[Surroundings], Chosen]:
    def choose(around: Surroundings) -> Chosen:
        wanted = part
        options = place_options(around)
        options.pop("world", None)
        if around.sibling("house_number"):
            wanted = "street"
        elif part == "full" and around.sibling("city"):
            wanted = "line"
        elif part == "line" and around.words[-1:] == ("address",) and not around.sibling("city", "postal_code"):
            room = text_room(around.context)
            if room is None or room >= 90:
                wanted = "full"
        if wanted == "full" and (text_room(around.context) or _ROOM_OF_ADDRESSES) < _ROOM_OF_ADDRESSES:
            wanted = "line"  # A whole address would be cut off.
        return "street_address", {**({"part": wanted} if wanted != "line" else {}), **options}

    return choose


def _address2(around: Surroundings) -> Chosen:
    words = {"de": ["Hinterhaus ", "Etage "], "fr": ["Apt. ", "Bât. "], "es": ["Piso ", "Puerta "],
             "pt": ["Apto. ", "Bloco "], "nl": ["Etage ", "Unit "], "it": ["Int. ", "Scala "]}  # fmt: skip
    if {"house", "toev", "toevoeging"} & (set(around.words) | around.raw) and around.context.locale[:2] in ("de", "nl"):
        return "one_of", {"values": ["a", "b", "c", "d", "1", "2"], **_nulls(around, 0.7)}
    room = text_room(around.context)
    if room is not None and room < _ROOM_OF_FLATS:
        return "numbered", {"words": [""], "count": 40, **_nulls(around, 0.6)}
    chosen = words.get(around.context.locale[:2], ["Apt. ", "Suite ", "Unit "])
    chosen = ["Bât. "] if around.raw & {"bat", "batiment"} and around.context.locale[:2] == "fr" else chosen
    return "numbered", {"words": chosen, **_nulls(around, 0.6)}


def _nulls(around: Surroundings, rate: float) -> dict[str, Any]:
    return {"null_rate": rate} if around.nullable else {}


def _gender(around: Surroundings) -> Chosen:
    options = around.with_role({}, "person")
    room = text_room(around.context)
    values = around.context.domain.values
    if values is not None:
        return "gender", {**options, "words": [str(v) for v in values]}
    if room is not None and room < 6:
        options["words"] = ["F", "M"]
    return "gender", options


def _status(around: Surroundings) -> Chosen:
    values = states_of(around, around.words)
    room = text_room(around.context)
    kept = [value for value in values if room is None or len(value) <= room]
    if not kept:
        return "type", {}
    return "one_of", {"values": kept, "weights": status_weights(kept)}


def _file_name(around: Surroundings) -> Chosen:
    kind = "image" if "image" in around.words or "image" in around.entities else None
    return "file_name", {"kind": kind} if kind else {}


def _file_path(around: Surroundings) -> Chosen:
    return "file_name", {"folder": True}


def _slug(around: Surroundings) -> Chosen:
    for name in sorted(around.context.siblings):
        words = around.concepts[name]
        if words in ("headline", "work_title", "product", "category", "event_title", "label", "company", "course",
                     "project", "campaign", "tag", "team", "venue", "full_name", "dish") and name.lower() in (
                     "title", "name", "headline", "label", "titel", "titre", "titulo", "nome", "nombre", "nom", "naam",
                     "product_name", "display_name", "post_title"):  # fmt: skip
            return "slug", {"of": name}
    return "slug", {}


# In which languages customers of German and Dutch firms write, mostly.
_SPOKEN = {"de": ("de", "en", "fr", "nl", "it"), "nl": ("nl", "en", "de", "fr", "es")}


def _language(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    if room is not None and _ROOM_OF_CODES < room <= _ROOM_OF_NAMES and "code" not in around.words:
        return "language", {"part": "name"}
    told = around.language in _WARDS and (room is None or room >= _ROOM_OF_NAMES) and "code" not in around.words
    if told and not around.context.unique:
        return "language", {"part": "name"}
    spoken = _SPOKEN.get(around.language or "")
    if spoken and "language" not in around.entities and not around.context.unique:
        return "one_of", {"values": [*spoken], "weights": [12, 3, 2, 1, 1]}
    if (room is not None and room <= 5) or "code" in around.words or "language" not in around.entities:
        return "language", {}
    return "language", {"part": "name"}


def _locale(around: Surroundings) -> Chosen:
    if around.sibling("country", "country_code") and not around.context.unique:
        return "locale", place_options(around)
    return "pool", {"name": "locales"}


# Where codes of languages have room, and where names do, as long as nothing else is meant.
_ROOM_OF_CODES, _ROOM_OF_NAMES = 14, 60

# Whose country an amount's currency is of, where the row has no country of its own.
_PAYERS = frozenset({"shipping", "billing", "invoice", "delivery", "customer", "buyer", "ship", "bill"})


def _currency(around: Surroundings) -> Chosen:
    if "currency" in around.entities:
        return "currency_code", {}
    if around.sibling("country", "country_code"):
        return "currency", place_options(around)
    country = around.any_sibling("country", "country_code")
    if country and around.role_for(country) in _PAYERS:  # An order's country is where it goes to.
        return "currency", {"place": around.role_for(country), "world": True}
    if around.context.unique:
        return "currency_code", {}
    own = usual_currency(around.context.column.default) or currency_of(around.context.locale)
    others = [code for code in ("EUR", "USD", "GBP", "CHF") if code != own]
    return "one_of", {"values": [own, *others], "weights": [90, 4, 3, 2, 1][: 1 + len(others)]}


def _ip(around: Surroundings) -> Chosen:
    if around.raw & {"ipv6", "v6"}:
        return "ip_address", {"version": 6}
    return "ip_address", {"version": 4} if "ipv4" in around.raw or around.context.type.name != "inet" else {}


def _numbered(words: list[str], start: int = 1, count: int = 60) -> Callable[[Surroundings], Chosen]:
    def choose(around: Surroundings) -> Chosen:
        return "numbered", {"words": words, "start": start, "count": count}

    return choose


def _description(sentences: int) -> Callable[[Surroundings], Chosen]:
    def choose(around: Surroundings) -> Chosen:
        return "description", {"sentences": sentences}

    return choose


# How the ill are treated.
_TREATMENTS = {
    "fr": ("repos et hydratation", "antibiotiques 7 jours", "antalgiques si besoin", "kinésithérapie",
           "pansement quotidien", "régime et exercice"),
    "es": ("reposo e hidratación", "antibiótico 7 días", "analgésicos si precisa", "fisioterapia", "curas diarias",
           "dieta y ejercicio"),
    "pt": ("repouso e hidratação", "antibiótico por 7 dias", "analgésico se necessário", "fisioterapia",
           "curativo diário", "dieta e exercícios"),
    "it": ("riposo e idratazione", "antibiotico per 7 giorni", "antidolorifici al bisogno", "fisioterapia",
           "medicazione quotidiana", "dieta ed esercizio"),
}  # fmt: skip
_CURES = frozenset({"tratamiento", "traitement", "tratamento", "trattamento", "terapia", "therapie", "cura"})
_OF_FIRMS = frozenset({"administracion", "administrativo", "empresa"})
_OFFICES = frozenset({"servicio", "servizio", "servico", "service", "reparto", "serv", "svc"})


def _of_the_ill(around: Surroundings) -> Chosen | None:
    """How somebody is treated and in which ward, where the table is a hospital's; None elsewhere."""
    known, concept = around.raw, around.concept.name
    if "_medical" not in around.entities or around.context.unique:
        return None
    if concept == "department" and "ward" in known:
        return groups.ward(around)
    if around.language not in _WARDS:
        return None
    if concept == "service" and known & _CURES:
        return "one_of", {"values": list(_TREATMENTS[around.language])}
    ward = concept == "department" or (concept == "service" and known & _OFFICES)
    return ("pool", {"name": "specialties"}) if ward and known.isdisjoint(_OF_FIRMS) else None


def _content(around: Surroundings) -> Chosen:
    if "product" in around.entities:
        return "description", {"sentences": 5}
    return "article_text", {}


def _one_listed(around: Surroundings) -> Chosen:
    return "one_of", {"values": list(listed(around.words, around.language))}


def _icd(around: Surroundings) -> Chosen:
    """A code of a disease, without its point or its last digit where the column has no room for them."""
    room = text_room(around.context)
    forms = {3: "?##", 4: "?###"}
    return "pattern", {"pattern": "?##.#" if room is None else forms.get(room, "?##.#")}


_SPECIAL: Mapping[str, Callable[[Surroundings], Chosen]] = {
    **PERSONAL,
    **IDENTIFYING,
    "reason": reason,
    "comment": spoken.comment,
    "headline": spoken.headline,
    "product": spoken.product,
    "description": spoken.description,
    "kind": spoken.kind,
    "vat": spoken.vat,
    "level": spoken.level,
    "category": spoken.category,
    "message": spoken.message,
    "semester": spoken.semester,
    "education": spoken.education,
    "direction": spoken.direction,
    "digits": lambda around: ("pattern", {"pattern": "#" * (9 if "siren" in around.raw else 14)}),
    "class_group": groups.class_group,
    "allergy": spoken.allergy,
    "team": groups.team,
    "nationality": groups.nationality,
    "specialty": groups.specialty,
    "course": groups.course,
    "source": groups.source,
    "plan": groups.plan,
    "unit": groups.unit,
    "diagnosis": groups.diagnosis,
    "animal": farming.animal,
    "breed": farming.breed,
    "action": groups.action,
    "store": groups.store,
    "account_number": groups.account_number,
    "company": spoken.company,
    "tag": spoken.tag,
    "academic_title": spoken.academic_title,
    "listed": _one_listed,
    "result": spoken.result,
    "icd": _icd,
    "gender": _gender,
    "city": _place("city"),
    "region": _region("region"),
    "district": spoken.district,
    "region_code": _region("region_code"),
    "country": _place("country"),
    "country_code": _place("country_code"),
    "country_code3": _place("country_code3"),
    "continent": _place("continent"),
    "capital": lambda around: ("country_name", {"part": "capital"}),
    "time_zone": _place("time_zone"),
    "postal_code": _place("postal_code"),
    "latitude": _place("latitude"),
    "longitude": _place("longitude"),
    "geo": _place("geo_point"),
    "phone": _phone,
    "street": _street("line"),
    "address": _street("full"),
    "address2": _address2,
    "status": _status,
    "url": sites.url,
    "domain": sites.domain,
    "file_name": _file_name,
    "file_path": _file_path,
    "slug": _slug,
    "setting_key": lambda around: ("slug", {}),
    "setting_value": lambda around: ("words", {"count": 1}),
    "language": _language,
    "language_name": lambda around: ("language", {"part": "name"}),
    "locale": _locale,
    "currency": _currency,
    "currency_name": lambda around: ("currency_code", {"part": "name"}),
    "ip": _ip,
    "phone_extension": lambda around: ("pattern", {"pattern": "####"}),
    "room_number": _numbered([""], 101, 300),
    "floor": _numbered([""], 0, 12),
    "label": label,
    "summary": _description(1),
    "content": _content,
    "model": lambda around: ("pattern", {"pattern": "??-####"}),
    "text_clock": lambda around: ("time_of_day", {"min_hour": 6, "max_hour": 22, "precision": "minute"}),
    "json_text": lambda around: ("json", {}),
    "isrc": _isrc,
}
