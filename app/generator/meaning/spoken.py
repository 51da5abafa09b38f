"""Text that depends on what the table is about as much as on its column: reasons, remarks, titles, insurers."""

from typing import Any

from app.generator.meaning.naming import raw_tokens, tokens
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]

_MEDICAL = frozenset({"patient", "consultation", "visit", "appointment", "admission", "doctor", "termin", "termine"})
_LEAVES = frozenset({"leave", "absence", "vacation", "holiday", "urlaub", "conge", "ausencia", "verlof", "assenza"})
# Of what people say something in public; elsewhere a comment is a note of somebody at work.
_OPINIONS = frozenset(
    """review feedback rating testimonial reply post article survey complaint message comment thread forum blog photo
    video evaluation question answer opinion discussion track episode bewertung avis resena avaliacao
    recensione""".split()
)
_REVIEWS = frozenset({"review", "rating", "testimonial", "feedback", "evaluation"})
# Nothing first, and most often.
_ALLERGIES = {
    "en": ["none", "pollen", "peanuts", "penicillin", "lactose", "shellfish", "latex"],
    "de": ["keine", "Pollen", "Erdnüsse", "Penicillin", "Laktose", "Schalentiere", "Latex"],
    "fr": ["aucune", "pollen", "arachides", "pénicilline", "lactose", "crustacés", "latex"],
    "es": ["ninguna", "polen", "cacahuetes", "penicilina", "lactosa", "mariscos", "látex"],
    "pt": ["nenhuma", "pólen", "amendoim", "penicilina", "lactose", "frutos do mar", "látex"],
    "nl": ["geen", "pollen", "pinda's", "penicilline", "lactose", "schaaldieren", "latex"],
    "it": ["nessuna", "pollini", "arachidi", "penicillina", "lattosio", "crostacei", "lattice"],
}
_INSURERS = {
    "en": [
        "Northway Health",
        "Harbor Mutual",
        "Clearview Insurance",
        "Summit Care",
        "Evergreen Mutual",
        "Unity Health",
    ],
    "de": ["Nordlicht Krankenkasse", "Elbtal BKK", "Weserbund Krankenkasse", "Süddeutsche Vorsorge", "Rheinhafen BKK"],
    "fr": ["Mutuelle du Rivage", "Assurances Clairval", "Mutuelle Horizon Bleu", "Prévoyance des Alpes"],
    "es": ["Seguros La Ribera", "Mutua del Norte", "Salud Horizonte", "Aseguradora Sol y Mar"],
    "pt": ["Saúde Horizonte", "Seguros Boa Vista", "Vida Plena Saúde", "Seguradora Rio Claro"],
    "nl": ["Zorgverzekering De Linde", "Noordzee Zorg", "Hart van Holland Zorg", "Verzekeraar De Brug"],
    "it": ["Assicurazioni Riviera", "Mutua del Levante", "Salute Serena", "Assicurazioni Monte Chiaro"],
}
_GOODS = ["new", "sale", "bestseller", "limited", "eco", "gift", "outdoor", "kids", "premium", "handmade", "clearance"]
_PROVIDERS = ["stripe", "paypal", "adyen", "mollie", "square", "braintree"]
_TITLES = ["Dr.", "Prof. Dr.", "Prof.", "Dipl.-Ing."]


def reason(around: Surroundings) -> Chosen:
    """Why somebody came, stays away, or sends something back."""
    words = table_words(around)
    if words & _LEAVES:
        return "pool", {"name": "leave_reasons"}
    if (words & _MEDICAL or "_medical" in around.entities) and "cancel" not in around.raw | set(around.words):
        return "pool", {"name": "visit_reasons"}
    return "pool", {"name": "reasons"}


def comment(around: Surroundings) -> Chosen:
    """What somebody says: an opinion where the table is of opinions, else a note."""
    said = (table_words(around) | set(around.words) | around.entities) - {"comment"}
    own = {"comment", "comments"} & set(raw_tokens(around.context.table.name))
    return ("comment", {}) if said & _OPINIONS or own else ("note", {})


def headline(around: Surroundings) -> Chosen:
    """A title: of a review, or of something that is read."""
    return ("pool", {"name": "review_titles"}) if table_words(around) & _REVIEWS else ("headline", {})


def allergy(around: Surroundings) -> Chosen:
    """None, mostly."""
    values = _by_language(_ALLERGIES, around)
    return "one_of", {"values": values, "weights": [6, *[1] * (len(values) - 1)]}


def company(around: Surroundings) -> Chosen:
    """A firm: of insurance or of payments where the name says so."""
    known = set(around.words) | around.raw
    if "insurance" in known or known & _INSURES:
        return "one_of", {"values": _by_language(_INSURERS, around)}
    pays = "payment" in known or "_payments" in around.entities
    if pays and known & {"provider", "gateway", "processor", "psp"}:
        return "one_of", {"values": list(_PROVIDERS)}
    return "company", {}


_INSURES = frozenset({"krankenkasse", "versicherer", "versicherung", "assureur", "mutuelle", "aseguradora",
                      "seguradora",
                      "verzekeraar", "zorgverzekeraar", "assicurazione", "assicuratore", "insurer"})  # fmt: skip


def tag(around: Surroundings) -> Chosen:
    """A tag: of goods, or of anything."""
    return ("one_of", {"values": list(_GOODS)}) if "product" in around.entities else ("pool", {"name": "tags"})


def academic_title(around: Surroundings) -> Chosen:
    """What stands before the names of a few."""
    rate = {"null_rate": 0.7} if around.nullable else {}
    return "one_of", {"values": list(_TITLES), "weights": [12, 2, 1, 1], **rate}


def table_words(around: Surroundings) -> set[str]:
    """The words of the table's name, as they are written and in canonical words."""
    name = around.context.table.name
    return {piece.rstrip("s") for piece in raw_tokens(name)} | set(tokens(name))


def _by_language(lists: dict[str, list[str]], around: Surroundings) -> list[str]:
    return list(lists.get(around.context.locale[:2], lists["en"]))
