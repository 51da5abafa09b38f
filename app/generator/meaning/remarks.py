"""Remarks of a few words: where there is no room for a sentence, of guests, and of what is wrong with a car."""

from app.generator.meaning.listing import listed
from app.generator.meaning.naming import raw_tokens, tokens
from app.generator.meaning.rooms import text_room
from app.generator.meaning.surroundings import Surroundings

# What is said to be wrong, and what stands beside it where it is so of a car.
_FAULTS = frozenset("complaint fault defect klacht beanst beanstandung mangel maengel defekt gebrek symptom".split())
_ON_WHEELS = frozenset({"mileage", "odometer", "odo", "vin", "plate", "license", "kmstd", "kmst", "kentek", "mot"})


def faults_of_cars(around: Surroundings) -> list[str]:
    """What is said to be wrong with a car, in the table's language; nothing where the row is of none."""
    wrong = _FAULTS & {*around.words, *around.raw}
    return list(listed(("complaint", "car"), around.language)) if wrong and _ON_WHEELS & beside_of(around) else []


_RISKS = {"en": ["low", "medium", "high"], "de": ["niedrig", "mittel", "hoch"], "nl": ["laag", "midden", "hoog"]}


def risks_of(around: Surroundings) -> list[str]:
    """How high a risk may be; nothing for what is none."""
    risk = "".join(raw_tokens(around.context.column.name)).endswith(("risiko", "risico", "risk"))
    return _RISKS.get(around.context.locale[:2], _RISKS["en"]) if risk else []


def beside_of(around: Surroundings) -> set[str]:
    """The words of a row's other columns, as they are written and in canonical words."""
    names = around.context.siblings
    return {word for name in names for word in (*tokens(name), *around.said(name), *raw_tokens(name))}


# What is noted where a sentence would be cut off.
_SHORTLY = {
    "en": ["see attachment", "by phone", "on request", "checked", "call back", "urgent", "to be confirmed", "as agreed",
           "ok", "open", "follow up", "not available", "standard", "no remarks", "see file"],
    "de": ["siehe Anlage", "telefonisch", "auf Wunsch", "geprüft", "Rückruf erbeten", "dringend", "in Klärung",
           "wie vereinbart", "ok", "offen", "nach Absprache", "wird nachgereicht", "ohne Befund", "keine",
           "siehe Akte"],
    "nl": ["zie bijlage", "telefonisch", "op verzoek", "gecontroleerd", "terugbellen", "spoed", "in overleg",
           "zoals afgesproken", "ok", "open", "volgt nog", "niet aanwezig", "geen", "akkoord", "zie dossier"],
    "fr": ["voir pièce jointe", "par téléphone", "sur demande", "vérifié", "à rappeler", "urgent", "à confirmer", "RAS",
           "en attente", "voir dossier", "néant"],
    "es": ["ver adjunto", "por teléfono", "a petición", "revisado", "volver a llamar", "urgente", "por confirmar",
           "sin novedad", "pendiente", "ver expediente", "ok"],
    "pt": ["ver anexo", "por telefone", "a pedido", "conferido", "retornar ligação", "urgente", "a confirmar",
           "sem observações", "pendente", "ver processo", "ok"],
    "it": ["vedi allegato", "per telefono", "su richiesta", "verificato", "richiamare", "urgente", "da confermare",
           "nulla da segnalare", "in attesa", "vedi pratica", "ok"],
}  # fmt: skip
_SENTENCES = frozenset({"description", "note", "comment", "message", "content", "summary"})
_ROOM_OF_SENTENCES, _LEAST_SAID = 36, 4


# What guests wish for.
_WISHES = {
    "en": ["quiet room", "high floor", "baby cot", "late arrival", "feather-free bedding", "twin beds"],
    "de": ["ruhiges Zimmer", "hohes Stockwerk", "Babybett", "späte Anreise", "Allergikerbettwäsche"],
    "nl": ["rustige kamer", "hoge verdieping", "babybedje", "late aankomst", "allergievrij beddengoed"],
}  # fmt: skip
_WISHED = ("sonderwunsch", "sonderwuensch", "wunsch", "wuensch", "wens", "specialreq", "gastwunsch", "kamerwens")
_LODGED = frozenset({"hotel", "room", "guest", "night", "stay", "lodging", "reservation"})


def wished(around: Surroundings) -> list[str]:
    """What guests wish for, where a row is of a stay."""
    name = "".join(raw_tokens(around.context.column.name))
    if around.context.unique or not name.startswith(_WISHED):
        return []
    lodged = _LODGED & {*tokens(around.context.table.name), *beside_of(around)}
    return list(_WISHES.get(around.context.locale[:2], ())) if lodged else []


def said_shortly(around: Surroundings) -> list[str]:
    """What says in a few words what has no room for a sentence; nothing where there is, or in other languages."""
    room = text_room(around.context)
    if around.concept.name not in _SENTENCES or room is None or room >= _ROOM_OF_SENTENCES or around.context.unique:
        return []
    language = around.language if around.language in _SHORTLY else around.context.locale[:2]
    said = [phrase for phrase in _SHORTLY.get(language or "", ()) if len(phrase) <= room]
    return said if len(said) >= _LEAST_SAID else []
