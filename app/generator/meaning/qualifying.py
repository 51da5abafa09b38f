"""What the last word of a name makes of the thing that stands before it: its type, its code, its number."""

from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.readings import Words

# What has a name of its own, so that provider_name is the provider.
NAMED = frozenset(
    """company full_name product city region country school team hotel restaurant course project campaign bank carrier
    brand medication diagnosis service venue store warehouse department crop vaccine dish skill sport work_title
    artist breed animal carrier""".split()
)
# Text concepts that say so little that a number or a date is the better guess.
WEAK = frozenset({None, "label", "kind"})
# What several words name, the last of which may be its type rather than itself: address_type.
_TYPED = frozenset(
    """street address address2 city company full_name phone email ssn passport license_plate product url bank
    account_number service course project school medication""".split()
)
# What comes first in French, Spanish, Portuguese and Italian, and what has types without being one.
_TYPING = frozenset("type typ tipo tipologia".split())
_NO_TYPES = frozenset("serial code token mime_type content note description phone percentage money".split())
# What a method or a mode is of, without being it.
_REACHED = frozenset({"username", "email", "password", "phone", "address", "street", "url", "city"})
# What goes a way: in Italian, via is a street.
_SENT = frozenset({"shipping", "sent", "delivery", "delivered", "received", "contacted", "shipped"})
# Whose numbers are no places and no things of their own.
_NUMBERED = NAMED - {"city", "region", "country"} | {"job_title", "industry"}


def qualified(found: str | None, words: Words, name: str) -> str | None:
    """What a name's last word makes of the thing before it: its type, its code, its number, whom it went to."""
    if words[-1] == "type" and found in _TYPED:
        return "kind"
    pieces = raw_tokens(name)
    if pieces[0] in _TYPING and found in _NO_TYPES:
        return "kind"  # type_lot, tipo_doc
    if found == "mime_type" and pieces[:1] in (("document",), ("doc",), ("dok",), ("dokument",)):
        return "kind"
    if found == "carrier" and raw_tokens(name)[-1] == "mode":
        return "kind"
    if words[-1] in ("method", "mode") and found in _REACHED:
        return "kind"
    if raw_tokens(name)[-1:] == ("via",) and words[0] in _SENT:
        return "carrier" if words[0] == "shipping" else "channel"
    if words[-1] in ("code", "number") and found in _NUMBERED:
        return "code" if words[-1] == "code" else "serial"
    if pieces[-1] == "site" and found == "url" and pieces[-2] not in ("web", "home", "internet"):
        return "venue"  # collection_site
    if words[-1] == "to" and found in WEAK and _went(name):
        return "full_name"
    return found


# What a name of somebody is called by the part that stands beside it: nome_ospite beside cognome_ospite.
_BESIDE = {
    "prenom": ("nom", "last_name"), "pren": ("nom", "last_name"), "prn": ("nom", "last_name"),
    "cognome": ("nome", "first_name"), "cogn": ("nome", "first_name"), "sobrenome": ("nome", "first_name"),
    "apellidos": ("nombre", "first_name"), "apellido": ("nombre", "first_name"), "ape": ("nombre", "first_name"),
    "ap": ("nombre", "first_name"), "apell": ("nombre", "first_name"),
}  # fmt: skip
_SHORT_NAMES = {"nom": "nombre nome", "nomb": "nombre", "nm": "nome"}


def part_of_name(found: str, name: str, names: Words) -> str:
    """Which part of a name a full one is, where the other part stands beside it; other concepts are as they were."""
    if found != "full_name":
        return found
    first, *rest = raw_tokens(name) or ("",)
    if rest and (part := _PART_AFTER.get(rest[-1])) and _has_other_part(raw_tokens(name), names):
        return part
    for other in names:
        piece, *others = raw_tokens(other) or ("",)
        whole, part = _BESIDE.get(piece, ("", ""))
        if rest and others == rest and whole in (first, *_SHORT_NAMES.get(first, "").split()):
            return part
    return found


# Which part of a name one is that ends in a word: client_nom beside client_prenom; and what the other part ends in.
_PART_AFTER = {"nom": "last_name", "nome": "first_name", "nombre": "first_name"}
_OTHER_PARTS = {
    "nom": frozenset({"prenom"}), "nome": frozenset({"cognome", "sobrenome"}),
    "nombre": frozenset({"apellido", "apellidos", "ape"}),
}  # fmt: skip


def _has_other_part(pieces: Words, names: Words) -> bool:
    *whose, last = pieces
    others = [raw_tokens(other) for other in names]
    return any(other[-1] in _OTHER_PARTS[last] for other in others if other and whose == list(other[:-1]))


def is_of_a_kind(words: Words) -> bool:
    """Whether words say which type or way of something: type_piece, login_method."""
    return words[0] == "type" or words[-1] in ("type", "method", "mode")


def _went(name: str) -> bool:
    """Whether a name ends like escalated_to."""
    pieces = raw_tokens(name)
    return len(pieces) > 1 and pieces[-1] == "to" and pieces[-2].endswith("ed")
