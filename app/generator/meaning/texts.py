"""Generators for text, by concept."""

from collections.abc import Callable, Mapping
from typing import Any

from app.generator.meaning.concepts import text_room
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.surroundings import Surroundings
from app.generator.values.statuses import status_weights

Chosen = tuple[str, dict[str, Any]]

_POOLS = {
    "brand": "brands", "category": "categories", "department": "departments", "industry": "industries",
    "slogan": "slogans", "marital_status": "marital_statuses", "blood_type": "blood_types",
    "nationality": "nationalities", "honorific": "honorifics", "name_suffix": "name_suffixes", "color": "colours",
    "tag": "tags", "skill": "skills", "unit": "units", "payment_method": "payment_methods",
    "card_brand": "card_brands", "bank": "banks", "carrier": "carriers", "operating_system": "operating_systems",
    "browser": "browsers", "device": "devices", "platform": "platforms", "genre": "genres", "level": "levels",
    "size": "sizes", "season": "seasons", "weekday": "weekdays", "month_name": "months", "log_level": "log_levels",
    "http_method": "http_methods", "environment": "environments", "role": "roles", "permission": "permissions",
    "event_kind": "events", "action": "events", "service": "services", "plan": "plans", "project": "projects",
    "course": "courses", "school_subject": "subjects", "school": "schools", "dish": "dishes",
    "ingredient": "ingredients", "animal": "animals", "breed": "breeds", "pet_name": "pet_names",
    "car_make": "car_makes", "car_model": "car_models", "vehicle_type": "vehicle_types", "fuel": "fuels",
    "diagnosis": "diagnoses", "medication": "medications", "specialty": "specialties", "instrument": "instruments",
    "sport": "sports", "team": "teams", "metric": "metrics", "amenity": "amenities", "room_type": "room_types",
    "venue": "buildings", "player_position": "positions", "relationship": "relationships", "source": "sources",
    "reason": "reasons", "condition": "conditions", "weather": "weather", "task": "tasks", "event_title":
    "events_titles", "campaign": "campaigns", "warehouse": "warehouses", "material": "product_materials",
}  # fmt: skip
_ONE_OF: dict[str, tuple[list[str], list[int] | None]] = {
    "kind": (["standard", "premium", "basic", "custom", "internal", "external"], None),
    "currency_symbol": (["$", "€", "£", "¥", "Fr", "kr", "zł", "R$"], None),
    "film_rating": (["G", "PG", "PG-13", "R", "NC-17"], None),
    "semester": (["Fall 2024", "Spring 2025", "Summer 2025", "Fall 2025"], None),
    "grade": (["A", "B", "C", "D", "F"], [25, 35, 25, 10, 5]),
    "queue": (["default", "mailers", "low", "high", "exports", "imports"], None),
    "channel": (["email", "sms", "push", "web", "phone"], None),
    "branch": (["main", "develop", "master", "staging"], [8, 1, 1, 1]),
    "cuisine": (["Italian", "Thai", "Mexican", "Indian", "French", "Japanese", "Greek", "Spanish"], None),
    "email_type": (["home", "work", "other"], [5, 4, 1]),
    "dosage": (["5 mg", "10 mg", "20 mg", "50 mg", "100 mg", "250 mg", "500 mg", "1 g"], None),
    "allergy": (["none", "pollen", "peanuts", "penicillin", "lactose", "shellfish", "latex"], [6, 1, 1, 1, 1, 1, 1]),
    "hobby": (["reading", "cycling", "cooking", "chess", "hiking", "photography", "gardening", "swimming"], None),
    "airport_code": ([f"X{a}{b}" for a in "ABCDEFGH" for b in "JKLMNPQR"], None),
    "calling_code": (["1", "44", "49", "33", "34", "55", "31", "39", "81", "91", "61", "41"], None),
    "icon": (["star", "heart", "home", "user", "bell", "cart", "tag", "folder", "gear", "map"], None),
    "symbol": ([f"{a}{b}X{c}" for a in "ABDE" for b in "CKMR" for c in "QTZ"], None),
    "http_status": (["200", "201", "204", "301", "400", "404", "500"], [70, 8, 5, 4, 5, 6, 2]),
    "quantity_text": (["12 boxes", "24 bottles", "10 kg bag", "6 x 330 ml", "1 piece", "50 sheets", "20 bags"], None),
    "flag_text": (["Y", "N"], [4, 1]),
    "rarity": (["common", "uncommon", "rare", "epic", "legendary"], [50, 25, 15, 7, 3]),
    "priority": (["low", "medium", "high", "urgent"], [3, 5, 3, 1]),
}
_CHECKED = {
    "card_number": "card", "card_last4": "card_last4", "cvv": "cvv", "iban": "iban", "bic": "bic", "vat": "vat",
    "ssn": "ssn", "passport": "passport", "license_plate": "license_plate", "vin": "vin", "imei": "imei",
    "isbn": "isbn13", "issn": "issn", "upc": "upc", "ean": "ean13", "tracking": "tracking",
    "routing_number": "routing", "account_number": "account", "flight_number": "flight",
}  # fmt: skip
_PLAIN = {
    "password": "password_hash", "user_agent": "user_agent", "hostname": "host_name", "mime_type": "mime_type",
    "extension": "file_extension", "url_path": "url_path", "version": "version", "color_code": "colour_code",
    "job_title": "job_title", "company": "company", "store": "company", "restaurant": "company", "hotel": "company",
    "product": "product", "work_title": "work_title", "headline": "headline", "bio": "bio", "note": "note",
    "comment": "comment", "message": "message", "error": "error_message", "ticket": "ticket", "subject": "ticket",
    "domain": "domain_name", "house_number": "house_number", "artist": "full_name", "commit_message": "headline",
    "uuid": "uuid", "mac": "mac_address", "ip": "ip_address",
}  # fmt: skip
_SERIAL_PREFIXES = {
    "order": "ORD-", "invoice": "INV-", "customer": "C-", "person": "P-", "ticket": "T-", "booking": "BK-",
    "reservation": "R-", "case": "CASE-", "receipt": "RC-", "contract": "CT-", "policy": "PL-", "payment": "PAY-",
    "shipping": "SH-", "delivery": "DN-", "batch": "B-", "lot": "LOT-", "serial": "SN-", "employee": "E-",
    "personnel": "E-", "product": "PN-", "project": "PRJ-", "claim": "CL-", "quote": "Q-", "return": "RMA-",
}  # fmt: skip
_STATUSES = {
    "order": ["pending", "processing", "shipped", "delivered", "cancelled", "returned"],
    "task": ["todo", "in_progress", "in_review", "done", "cancelled"],
    "ticket": ["open", "in_progress", "waiting", "resolved", "closed"],
    "person": ["active", "inactive", "pending", "suspended"],
    "article": ["draft", "in_review", "published", "archived"],
    "project": ["planned", "active", "on_hold", "completed", "cancelled"],
    "event": ["scheduled", "completed", "cancelled"],
    "payments": ["pending", "paid", "failed", "refunded"],
    "plan": ["trialing", "active", "past_due", "cancelled"],
    "message": ["queued", "sent", "delivered", "failed"],
    "vehicle": ["available", "in_use", "maintenance", "retired"],
    "device": ["online", "offline", "maintenance"],
}
_STATUS_WORDS = (
    ("order", {"order", "bestellung", "commande", "pedido", "bestelling"}),
    ("payments", {"payment", "invoice", "transaction", "refund"}),
    ("plan", {"subscription", "plan", "trial"}),
    ("message", {"message", "email", "notification", "delivery"}),
)


def choose_text(around: Surroundings) -> Chosen | None:
    """The generator of a text column; None when its concept says nothing."""
    concept = around.concept.name
    special = _SPECIAL.get(concept)
    if special is not None:
        return special(around)
    if concept in _POOLS:
        return "pool", {"name": _POOLS[concept]}
    if concept in _ONE_OF:
        values, weights = _ONE_OF[concept]
        return "one_of", {"values": list(values), **({"weights": list(weights)} if weights else {})}
    if concept in _CHECKED:
        return "checked_number", {"kind": _CHECKED[concept]}
    if concept in _PLAIN:
        return _PLAIN[concept], {}
    return None


def person_options(around: Surroundings) -> dict[str, Any]:
    """The columns from which an email or a user name of the same person is made."""
    first, last = around.sibling("first_name"), around.sibling("last_name")
    options = around.with_role({}, "person")
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
        options["world"] = True
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


def _full_name(around: Surroundings) -> Chosen:
    options = person_options(around)
    if not ("first" in options and "last" in options):
        options = {key: value for key, value in options.items() if key == "person"}
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


def _phone(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    options = place_options(around)
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
    values = _statuses_of(around)
    room = text_room(around.context)
    kept = [value for value in values if room is None or len(value) <= room]
    if not kept:
        return "type", {}
    return "one_of", {"values": kept, "weights": status_weights(kept)}


def _statuses_of(around: Surroundings) -> list[str]:
    words = set(around.words) | around.entities
    pieces = {piece.rstrip("s") for piece in _table_pieces(around)} | set(words)
    for key, known in _STATUS_WORDS:
        if known & pieces:
            return _STATUSES[key]
    for entity in sorted(around.entities):
        if entity in _STATUSES:
            return _STATUSES[entity]
    return ["active", "inactive", "pending", "archived"]


def _table_pieces(around: Surroundings) -> tuple[str, ...]:
    return raw_tokens(around.context.table.name)


def _serial(around: Surroundings) -> Chosen:
    pieces = [*around.words, *(piece.rstrip("s") for piece in _table_pieces(around))]
    prefix = next((_SERIAL_PREFIXES[word] for word in pieces if word in _SERIAL_PREFIXES), "N-")
    return "serial", {"prefix": prefix, "digits": 6}


def _sku(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    if room is not None and room < 8:
        return "code", {"length": room}
    return "pattern", {"pattern": "???-#####" if room is None or room >= 9 else "??-#####"}


def _code(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    return "code", {"length": min(room or 6, 6)}


def _promo(around: Surroundings) -> Chosen:
    return "code", {"length": 8}


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


def _url(around: Surroundings) -> Chosen:
    if "image" in around.words or around.raw & {"avatar", "logo", "photo", "picture", "thumbnail"}:
        return "url", {"path": "images", "extension": ".png"}
    if "file" in around.words or around.raw & {"pdf", "download"}:
        return "url", {"path": "files", "extension": ".pdf"}
    return "url", {}


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


def _currency(around: Surroundings) -> Chosen:
    if "currency" in around.entities or not around.sibling("country", "country_code"):
        return "currency_code", {}
    return "currency", place_options(around)


def _ip(around: Surroundings) -> Chosen:
    if around.raw & {"ipv6", "v6"}:
        return "ip_address", {"version": 6}
    return "ip_address", {"version": 4} if "ipv4" in around.raw or around.context.type.name != "inet" else {}


def _numbered(words: list[str], start: int = 1, count: int = 60) -> Callable[[Surroundings], Chosen]:
    def choose(around: Surroundings) -> Chosen:
        return "numbered", {"words": words, "start": start, "count": count}

    return choose


def _label(around: Surroundings) -> Chosen:
    return "words", {"count": 2}


def _description(sentences: int) -> Callable[[Surroundings], Chosen]:
    def choose(around: Surroundings) -> Chosen:
        return "description", {"sentences": sentences}

    return choose


def _content(around: Surroundings) -> Chosen:
    return "description", {"sentences": 5}


_SPECIAL: Mapping[str, Callable[[Surroundings], Chosen]] = {
    "first_name": _person("first_name"),
    "last_name": _person("last_name"),
    "middle_name": _person("middle_name"),
    "initials": _person("initials"),
    "middle_initial": lambda around: ("pattern", {"pattern": "?"}),
    "full_name": _full_name,
    "email": _email,
    "username": _username,
    "gender": _gender,
    "city": _place("city"),
    "region": _place("region"),
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
    "promo_code": _promo,
    "hash": _hash,
    "token": _token,
    "url": _url,
    "file_name": _file_name,
    "file_path": _file_path,
    "slug": _slug,
    "setting_key": lambda around: ("slug", {}),
    "setting_value": lambda around: ("words", {"count": 1}),
    "language": _language,
    "language_name": lambda around: ("language", {"part": "name"}),
    "locale": lambda around: ("pool", {"name": "locales"}),
    "currency": _currency,
    "currency_name": lambda around: ("currency_code", {"part": "name"}),
    "ip": _ip,
    "phone_extension": lambda around: ("pattern", {"pattern": "####"}),
    "room_number": _numbered([""], 101, 300),
    "label": _label,
    "description": _description(2),
    "summary": _description(1),
    "content": _content,
    "model": lambda around: ("pattern", {"pattern": "??-####"}),
    "isrc": lambda around: ("pattern", {"pattern": "XX-???-##-#####"}),
}
