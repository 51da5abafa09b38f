"""Generators for text, by concept."""

from collections.abc import Callable, Mapping
from typing import Any

from app.generator.meaning import sites, spoken
from app.generator.meaning.labels import label
from app.generator.meaning.listing import listed, said_in
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.rooms import text_room
from app.generator.meaning.states import states_of
from app.generator.meaning.surroundings import Surroundings, role_of
from app.generator.meaning.taxes import currency_of, home_of, usual_currency
from app.generator.meaning.vocabulary import (
    CHECKED,
    CODE_PATTERNS,
    ONE_OF,
    PLAIN,
    POOLS,
    SERIAL_PREFIXES,
)
from app.generator.pools import has_pool
from app.generator.values.statuses import status_weights

Chosen = tuple[str, dict[str, Any]]


# Concepts of which there are few, and whose columns may be unique all the same.
_FEW = frozenset({"listed", "result", "seat", "edition"})
_ENOUGH = 7


def choose_text(around: Surroundings) -> Chosen | None:
    """The generator of a text column; None when its concept says nothing."""
    chosen = _chosen(around)
    if chosen is not None and chosen[0] == "one_of" and around.context.unique and around.concept.name in _FEW:
        return "type", {}  # A table may have more rows than there are habitats.
    if chosen is None or chosen[0] != "one_of":
        return chosen
    values, weights = chosen[1]["values"], chosen[1].get("weights")
    room = text_room(around.context)
    # What is too long for the column is none of its values: an energy class of one letter is no A+.
    fits = [n for n, value in enumerate(values) if room is None or len(str(value)) <= room]
    if not fits:
        return "type", {}
    kept = {"values": [values[n] for n in fits], **({"weights": [weights[n] for n in fits]} if weights else {})}
    return "one_of", {**chosen[1], **kept}


def _chosen(around: Surroundings) -> Chosen | None:
    concept = around.concept.name
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
        return "checked_number", {"kind": CHECKED[concept]}
    if concept in PLAIN:
        return PLAIN[concept], {}
    return None


def _speaks(around: Surroundings, pool: str) -> bool:
    """Whether the locale is of the table's language and has that pool in it."""
    return around.context.locale[:2] == around.language and has_pool(around.context.locale, pool)


# What is said of an address of somebody, and not of whom it is.
_SAME_PERSON = frozenset(
    """work office business home contact alternate secondary second current previous old new billing shipping invoice
    mailing delivery permanent temporary legal""".split()
)


def person_options(around: Surroundings) -> dict[str, Any]:
    """The columns from which an email or a user name of the same person is made."""
    first, last = around.sibling("first_name"), around.sibling("last_name")
    options = around.with_role({}, "person")
    if around.role in _SAME_PERSON and not (first or last or around.sibling("full_name")):
        # The address at work is the row's person's, too.
        first, last = around.sibling("first_name", role=""), around.sibling("last_name", role="")
        options = {}
        if not (first or last) and (own := around.sibling("full_name", role="")):
            return {"name": own}
    if first and last:
        return {**options, "first": first, "last": last}
    name = around.sibling("full_name")
    if name and around.concept.name != "full_name":
        return {**options, "name": name}
    return {**options, **({"first": first} if first else {}), **({"last": last} if last else {})}


def place_options(around: Surroundings) -> dict[str, Any]:
    """Whose place it is, and whether the table's places are all over the world."""
    options = around.with_role({}, "place")
    countries = ("country", "country_code", "country_code3", "continent", "capital")
    if around.concept.name in (*countries, "time_zone") or around.sibling(*countries):
        home = home_of(around)
        return {**options, **({"countries": {home: 1}} if home else {"world": True})}
    return options


def _person(generator: str) -> Callable[[Surroundings], Chosen]:
    def choose(around: Surroundings) -> Chosen:
        options = around.with_role({}, "person")
        gender = _gender_of(around)
        if gender and generator in ("first_name", "full_name", "middle_name"):
            options["gender"] = gender
        return generator, options

    return choose


def _gender_of(around: Surroundings) -> str | None:
    if around.raw & {"mother", "wife", "sister", "madre", "mutter", "mere", "mae", "moeder", "aunt", "daughter"}:
        return "f"
    if around.raw & {"father", "husband", "brother", "padre", "vater", "pere", "pai", "vader", "uncle", "son"}:
        return "m"
    return None


# Words of a name's reading that say which name is read.
_GIVEN = frozenset({"first", "given", "mei"})
_FAMILY = frozenset({"last", "family", "sei"})


def _kana(around: Surroundings) -> Chosen:
    known = set(around.words) | around.raw
    part = "first" if known & _GIVEN else "last" if known & _FAMILY else "full"
    options = around.with_role({}, "person")
    if not around.context.locale.startswith("ja"):
        return f"{part}_name", options
    return "kana_name", {**options, "part": part}


def _full_name(around: Surroundings) -> Chosen:
    if around.words[-1:] == ("by",):  # whoever created the row is not whom it is about
        return "full_name", {"person": around.words[0]}
    options = person_options(around)
    if not ("first" in options and "last" in options):
        options = {key: value for key, value in options.items() if key == "person"}
        if not options and "name" not in around.words and "person" not in around.entities:
            options = {"person": around.context.column.name.lower()}
    elif "name" not in around.words and not around.role:
        # Beside the row's own name stands somebody else: the manager of an employee.
        options = {"person": around.context.column.name.lower()}
    gender = _gender_of(around)
    return "full_name", {**options, **({"gender": gender} if gender else {})}


def _email(around: Surroundings) -> Chosen:
    options = person_options(around)
    if not options.keys() - {"person"}:
        username = around.sibling("username")
        if username:
            options["name"] = username
    return "email", options


def _username(around: Surroundings) -> Chosen:
    return "username", person_options(around)


def _place(generator: str) -> Callable[[Surroundings], Chosen]:
    def choose(around: Surroundings) -> Chosen:
        if generator == "country" and "country" in around.entities and around.words in (("name",), ("country",)):
            return "country_name", {}
        if generator.startswith("country_code") and "country" in around.entities:
            return "country_name", {"part": generator.removeprefix("country_")}
        return generator, place_options(around)

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
        return "street_address", {**({"part": wanted} if wanted != "line" else {}), **options}

    return choose


def _address2(around: Surroundings) -> Chosen:
    words = {"de": ["Hinterhaus ", "Etage "], "fr": ["Apt. ", "Bât. "], "es": ["Piso ", "Puerta "],
             "pt": ["Apto. ", "Bloco "], "nl": ["Etage ", "Unit "], "it": ["Int. ", "Scala "]}  # fmt: skip
    chosen = words.get(around.context.locale[:2], ["Apt. ", "Suite ", "Unit "])
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


def _table_pieces(around: Surroundings) -> tuple[str, ...]:
    return raw_tokens(around.context.table.name)


def _serial(around: Surroundings) -> Chosen:
    pieces = [*around.words, *(piece.rstrip("s") for piece in _table_pieces(around))]
    prefix = next((SERIAL_PREFIXES[word] for word in pieces if word in SERIAL_PREFIXES), "N-")
    return "serial", {"prefix": prefix, "digits": 6}


def _sku(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    if room is not None and room < 8:
        return "code", {"length": room}
    return "pattern", {"pattern": "???-#####" if room is None or room >= 9 else "??-#####"}


def _code(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    known = around.raw | set(around.words)
    pattern = next((pattern for words, pattern in CODE_PATTERNS if words & known), None)
    free = pattern.count("#") + pattern.count("?") if pattern else 0
    if pattern is not None and (room is None or room >= len(pattern)) and (free > _ENOUGH or not around.context.unique):
        return "pattern", {"pattern": pattern}
    return "code", {"length": min(room or 6, 6)}


def _hash(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    lengths = (("md5", 32), ("sha512", 128), ("sha256", 64), ("crc32", 8), ("sha", 40), ("commit", 40))
    name = around.context.column.name.lower().replace("_", "")
    wanted = next((length for word, length in lengths if word in name), None)
    if wanted is None and room in (32, 40, 64, 128):
        wanted = room
    return "hash", {"length": wanted or 64}


def _token(around: Surroundings) -> Chosen:
    words = (("api", "key_"), ("secret", "sk_"), ("transaction", "txn_"), ("session", "ses_"), ("device", "dev_"))
    prefix = next((prefix for word, prefix in words if word in around.raw), "")
    return "token", {"length": 24, **({"prefix": prefix} if prefix else {})}


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


def _language(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    if (room is not None and room <= 5) or "code" in around.words or "language" not in around.entities:
        return "language", {}
    return "language", {"part": "name"}


def _locale(around: Surroundings) -> Chosen:
    if around.sibling("country", "country_code") and not around.context.unique:
        return "locale", place_options(around)
    return "pool", {"name": "locales"}


# Whose country an amount's currency is of, where the row has no country of its own.
_PAYERS = frozenset({"shipping", "billing", "invoice", "delivery", "customer", "buyer", "ship", "bill"})


def _currency(around: Surroundings) -> Chosen:
    if "currency" in around.entities:
        return "currency_code", {}
    if around.sibling("country", "country_code"):
        return "currency", place_options(around)
    country = around.any_sibling("country", "country_code")
    if country and role_of(country) in _PAYERS:  # An order's country is where it goes to.
        return "currency", {"place": role_of(country), "world": True}
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


def _content(around: Surroundings) -> Chosen:
    if "product" in around.entities:
        return "description", {"sentences": 5}
    return "article_text", {}


def _one_listed(around: Surroundings) -> Chosen:
    return "one_of", {"values": list(listed(around.words, around.language))}


_SPECIAL: Mapping[str, Callable[[Surroundings], Chosen]] = {
    "reason": spoken.reason,
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
    "class_group": lambda around: ("pattern", {"pattern": "#?"}),
    "allergy": spoken.allergy,
    "company": spoken.company,
    "tag": spoken.tag,
    "academic_title": spoken.academic_title,
    "listed": _one_listed,
    "result": spoken.result,
    "icd": lambda around: ("pattern", {"pattern": "?##.#"}),
    "first_name": _person("first_name"),
    "last_name": _person("last_name"),
    "middle_name": _person("middle_name"),
    "initials": _person("initials"),
    "honorific": lambda around: ("honorific", around.with_role({}, "person")),
    "kana": _kana,
    "middle_initial": lambda around: ("pattern", {"pattern": "?"}),
    "full_name": _full_name,
    "email": _email,
    "username": _username,
    "gender": _gender,
    "city": _place("city"),
    "region": _place("region"),
    "district": spoken.district,
    "region_code": _place("region_code"),
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
    "serial": _serial,
    "sku": _sku,
    "code": _code,
    "promo_code": lambda around: ("code", {"length": 8}),
    "hash": _hash,
    "token": _token,
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
    "text_clock": lambda around: ("time_of_day", {}),
    "json_text": lambda around: ("json", {}),
    "isrc": lambda around: ("pattern", {"pattern": "XX-???-##-#####"}),
}
