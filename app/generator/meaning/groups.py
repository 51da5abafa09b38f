"""Generators for groups of people and places of firms: teams, branches; for what is done, and accounts."""

from typing import Any

from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.rooms import text_room
from app.generator.meaning.spoken import district, table_words
from app.generator.meaning.surroundings import Surroundings

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
_DONE = ["create", "update", "delete", "login", "logout", "export", "approve", "invite"]
_BRANCHES = frozenset({"branch", "brnch", "filiale", "filiaal", "vestiging", "zweigstelle", "agence", "sucursal"})
_NATIONAL = ("en", "ja", "pt_BR")
_ROOM_OF_IBANS = 24


def team(around: Surroundings) -> Chosen:
    """A team that plays, where the table is of sports, else one of a firm."""
    known = table_words(around) | around.entities | (around.raw | set(around.words)) - {"team"}
    beside = {piece for name in around.context.siblings for piece in raw_tokens(name)}
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
    if (around.raw | set(around.words)) & _BRANCHES and not around.context.unique:
        return district(around)
    return "company", {}


def account_number(around: Surroundings) -> Chosen:
    """The digits of an account; where accounts have an IBAN and there is room, that."""
    room = text_room(around.context)
    national = around.context.locale.replace("-", "_").startswith(_NATIONAL)
    if national or room is None or room < _ROOM_OF_IBANS or around.sibling("iban"):
        return "checked_number", {"kind": "account"}
    return "checked_number", {"kind": "iban"}
