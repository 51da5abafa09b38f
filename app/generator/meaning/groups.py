"""Generators for groups of people and places of firms: teams, branches; for what is done, and accounts."""

from typing import Any

from app.generator.meaning.listing import listed, said_in
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.rooms import text_room
from app.generator.meaning.spoken import district, table_words
from app.generator.meaning.surroundings import Surroundings
from app.generator.pools import has_pool

Chosen = tuple[str, dict[str, Any]]

_PLAYED = frozenset(
    """game match player season league fixture roster tournament club coach standing goal score stadium team squad
    spiel spiele verein vereine wedstrijd wedstrijden speler spelers partido jogo partita equipo
    equipe squadra""".split()
)
_SIDES = frozenset({"home", "away", "opponent", "guest", "winner", "loser", "club", "favorite"})
_AT_WORK = {
    "en": ["Platform", "Payments", "Growth", "Data", "Mobile", "Customer Success", "Infrastructure", "Operations"],
    "de": ["Team Nord", "Team Süd", "Innendienst", "Plattform", "Kundenservice", "Logistik", "Einkauf"],
    "fr": ["Plateforme", "Paiements", "Support", "Logistique", "Équipe Nord", "Équipe Sud"],
    "es": ["Plataforma", "Pagos", "Soporte", "Logística", "Equipo Norte", "Equipo Sur"],
    "pt": ["Plataforma", "Pagamentos", "Suporte", "Logística", "Equipe Norte", "Equipe Sul"],
    "nl": ["Team Noord", "Team Zuid", "Binnendienst", "Platform", "Klantenservice", "Logistiek", "Inkoop"],
    "it": ["Piattaforma", "Pagamenti", "Assistenza", "Logistica", "Team Nord", "Team Sud"],
}
# The sides that a club has of its own.
_OF_CLUBS = {
    "en": ["First Team", "Second Team", "Women's Team", "U18", "U15 A", "U15 B", "U12", "Veterans"],
    "de": ["1. Herren", "2. Herren", "1. Damen", "A-Jugend", "B-Jugend", "C-Jugend", "D-Jugend", "Alte Herren"],
    "nl": ["Heren 1", "Heren 2", "Dames 1", "JO17-1", "JO15-1", "JO13-2", "MO15-1", "Veteranen"],
}
_CLUBS = (
    "sportclub",
    "sportverein",
    "voetbal",
    "fussball",
    "handbal",
    "hockey",
    "vereinsmitgl",
    "clublid",
    "turnverein",
)
_DONE = ["create", "update", "delete", "login", "logout", "export", "approve", "invite"]
_BRANCHES = frozenset(
    {
        "branch",
        "brnch",
        "filiale",
        "filiaal",
        "vestiging",
        "zweigstelle",
        "zweigst",
        "vest",
        "vestig",
        "agence",
        "sucursal",
    }
)
_HOSPITAL = frozenset("krankenhausfaelle krankenhaus fall faelle patient hospital admission aufnahme opname".split())
_ROOM_OF_CODES = 10
_ROOM_OF_COUNTRIES = 3
_NATIONAL = ("en", "ja", "pt_BR")
_ROOM_OF_IBANS = 24


def team(around: Surroundings) -> Chosen:
    """A team that plays, where the table is of sports, else one of a firm."""
    known = table_words(around) | around.entities | (around.raw | set(around.words)) - {"team"}
    beside = {piece for name in around.context.siblings for piece in raw_tokens(name)}
    of_club = _OF_CLUBS.get(around.context.locale[:2])
    if of_club and not around.context.unique and "".join(raw_tokens(around.context.table.name)).startswith(_CLUBS):
        return "one_of", {"values": list(of_club)}
    if known & (_PLAYED | _SIDES) or beside & {"score", "goals", "coach", "league", "wins", "jersey"}:
        return "pool", {"name": "teams"}
    values = _AT_WORK.get(around.context.locale[:2], _AT_WORK["en"])
    return ("pool", {"name": "teams"}) if around.context.unique else ("one_of", {"values": list(values)})


def action(around: Surroundings) -> Chosen:
    """What was done: to records, in a log of changes, or by visitors."""
    if not around.context.unique and table_words(around) & {"audit", "changelog", "history", "protokoll", "trail"}:
        return "one_of", {"values": list(_DONE), "weights": [4, 8, 2, 6, 3, 1, 1, 1]}
    return "pool", {"name": "events"}


def store(around: Surroundings) -> Chosen:
    """A shop, or a firm's branch, which is known by its quarter."""
    if {"station", "ward"} & (around.raw | set(around.words)) and not around.context.unique:
        if "_medical" in around.entities or table_words(around) & _HOSPITAL:
            return ward(around)
        return "numbered", {"words": ["Station "], "count": 40}
    if (around.raw | set(around.words)) & _BRANCHES and not around.context.unique:
        return district(around)
    return "company", {}


def ward(around: Surroundings) -> Chosen:
    """Where in a hospital somebody lies."""
    return "one_of", {"values": list(_WARDS.get(around.context.locale[:2], _WARDS["en"]))}


_WARDS = {
    "en": ["Ward 1A", "Ward 2B", "Surgery", "Intensive Care", "Maternity", "Paediatrics", "Neurology"],
    "de": ["Innere 1", "Innere 2", "Chirurgie", "Intensiv", "Kinderstation", "Geburtshilfe", "Neurologie"],
    "nl": ["Interne 1", "Interne 2", "Chirurgie", "IC", "Kinderafdeling", "Kraamafdeling", "Neurologie"],
}


_REWARDED = frozenset({"rank", "league", "loyalty", "member", "vip", "reward", "player", "guest"})


def plan(around: Surroundings) -> Chosen:
    """What somebody has subscribed to; of players, members and guests a metal, of hotels a rate."""
    known = table_words(around) | set(around.words) | around.raw
    if (
        known & {"rank", "league", "loyalty", "member", "vip", "reward", "player", "guest"}
        and not around.context.unique
    ):
        if known & {"rate", "tarif"}:
            return "one_of", {"values": ["flexible", "non-refundable", "advance purchase", "corporate", "package"]}
        metals = said_in(around.language, "loyalty", "tier") or listed(("loyalty", "tier"), around.language)
        return "one_of", {"values": list(metals), "weights": [8, 5, 3, 1]}
    own = () if around.context.unique else said_in(around.language, "plan")
    spoken_here = around.context.locale[:2] == around.language and has_pool(around.context.locale, "plans")
    return ("one_of", {"values": list(own)}) if own and not spoken_here else ("pool", {"name": "plans"})


def unit(around: Surroundings) -> Chosen:
    """What something is counted or measured in."""
    if around.entities & {"device", "metric"} or table_words(around) & {"reading", "measurement", "messwert"}:
        return "one_of", {"values": ["°C", "%", "hPa", "V", "ppm", "lux", "m/s"]}
    own = () if around.context.unique else said_in(around.language, "unit")
    return ("one_of", {"values": list(own)}) if own else ("pool", {"name": "units"})


def diagnosis(around: Surroundings) -> Chosen:
    """What somebody has, or its code where there is no room for more."""
    room = text_room(around.context)
    if room is not None and room <= _ROOM_OF_CODES:
        return "pattern", {"pattern": "?##.#" if room > len("A00") + 1 else "?##"}
    return "pool", {"name": "diagnoses"}


_TRADES = {
    "en": ["Electrical", "Plumbing", "Carpentry", "Painting", "Roofing", "HVAC", "Masonry"],
    "de": ["Elektro", "Sanitär", "Heizung", "Maler", "Trockenbau", "Dachdecker", "Fliesen"],
    "nl": ["Elektra", "Loodgieter", "Timmerwerk", "Schilderwerk", "Dakwerk", "Verwarming", "Tegelwerk"],
}
_COURSES = {
    "en": ["starter", "main", "dessert", "drink", "side"],
    "de": ["Vorspeise", "Hauptgang", "Dessert", "Getränk", "Beilage"],
    "nl": ["voorgerecht", "hoofdgerecht", "nagerecht", "drank", "bijgerecht"],
}


def specialty(around: Surroundings) -> Chosen:
    """What somebody is a specialist in: a trade of builders, else a branch of medicine."""
    if around.raw & {"gewerk", "trade", "vakgebied", "gewerke", "trades"} and not around.context.unique:
        return "one_of", {"values": list(_TRADES.get(around.context.locale[:2], _TRADES["en"]))}
    return "pool", {"name": "specialties"}


def course(around: Surroundings) -> Chosen:
    """What is taught, or eaten first and last."""
    if around.entities & {"_dining", "_menu", "dish", "restaurant"} and not around.context.unique:
        return "one_of", {"values": list(_COURSES.get(around.context.locale[:2], _COURSES["en"]))}
    if around.raw & {"curso", "grado"} and "_school" in around.entities and around.language == "es":
        return "one_of", {"values": ["1.º ESO", "2.º ESO", "3.º ESO", "4.º ESO", "1.º Bach.", "2.º Bach."]}
    own = () if around.context.unique else said_in(around.language, "course")
    return ("one_of", {"values": list(own)}) if own else ("pool", {"name": "courses"})


_CAME_FROM = ["emergency room", "physician referral", "transfer", "clinic", "self-referral"]


def nationality(around: Surroundings) -> Chosen:
    """Where somebody is a citizen, or the country's code where there is room for no more."""
    room = text_room(around.context)
    if room is not None and room <= _ROOM_OF_COUNTRIES:
        part = "country_code" if room < _ROOM_OF_COUNTRIES else "country_code3"
        return part, {**around.with_role({}, "place"), "world": True}
    own = () if around.context.unique else said_in(around.language, "nationality")
    if own and not (around.context.locale[:2] == around.language and has_pool(around.context.locale, "nationalities")):
        return "one_of", {"values": list(own)}
    return "pool", {"name": "nationalities"}


def source(around: Surroundings) -> Chosen:
    """Where somebody heard of a firm, or from where patients come."""
    if "_medical" in around.entities and not around.context.unique and around.language in (None, "en"):
        return "one_of", {"values": list(_CAME_FROM)}
    own = () if around.context.unique else said_in(around.language, "source")
    return ("one_of", {"values": list(own)}) if own else ("pool", {"name": "sources"})


def account_number(around: Surroundings) -> Chosen:
    """The digits of an account; where accounts have an IBAN and there is room, that."""
    room = text_room(around.context)
    national = around.context.locale.replace("-", "_").startswith(_NATIONAL)
    if national or room is None or room < _ROOM_OF_IBANS or around.sibling("iban"):
        return "checked_number", {"kind": "account"}
    return "checked_number", {"kind": "iban"}


_FEW_LETTERS = 2
# What is one of a year's classes, which letters tell.
_PARALLEL = frozenset("sezione seccion secao section grupo paralelo".split())


# What classes are called, by languages.
_CLASSES = {
    "fr": "CP CE1 CE2 CM1 CM2 6eA 6eB 5eA 5eC 4eB 3eA 3eC 2nde1 1reS2 TermA",
    "es": "1A 1B 2A 2B 3A 3C 4A 4B 5A 6B",
    "pt": "1A 2B 3A 4B 5A 6A 6B 7A 8B 9A 9C",
    "it": "1A 1B 2A 2C 3A 3B 4A 4D 5A 5B",
}


def class_group(around: Surroundings) -> Chosen:
    """A class of a school, by its letter where there is room for no more."""
    room = text_room(around.context)
    if room == 1 or (room is not None and room <= _FEW_LETTERS and around.raw & _PARALLEL):
        return "one_of", {"values": list("ABCDE"), "weights": [5, 5, 4, 2, 1]}
    own = "" if around.context.unique else _CLASSES.get(around.language or "", "")
    return "one_of", {"values": own.split() or [f"{year}{letter}" for year in range(1, 11) for letter in "abc"]}
