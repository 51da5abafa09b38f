"""What somebody, a firm or a place has, in names of two cut words in either order: cp_elv and elv_cp, com_nasc.

`owned.txt` has the words by language. Of whom nobody has told is somebody too, where another column of the table has
something of theirs: nome_x beside cogn_x.
"""

from functools import lru_cache

from app.generator.meaning.heads import LANGUAGES
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.spellings import by_language

Words = tuple[str, ...]

# What places have, and what people alone do.
_OF_PLACES = frozenset("address address2 postal_code city region region_code country district".split())
_OF_PEOPLE = frozenset("first_name last_name phone email ssn moment gender honorific".split())
# Who is asked by others, so that what follows says so: a prof_ref is a teacher.
_ASKED = frozenset("prof med tech techn anim ens enseign interv gest conj agt vend tut cond".split())
# What stands beside medicines rather than doctors.
_DRUGS = frozenset("ean lote lot lotto principio princ posologie posologia dosage dose".split())
_LONGEST_OWNER = 2
_SHORTEST_UNKNOWN = 3
# Which part of a name stands beside a bare one, and which part that one then is.
_OTHER_PART = {"fr": ("first_name", "last_name")}
_PART = ("last_name", "first_name")


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    return by_language("owned.txt")


def owned(kind: str, name: str, language: str | None, names: Words) -> str | None:
    """The concept of what a name of two words says that somebody or something has; None for other names.

    `kind` is text or moment, `language` the table's, `names` those of all the table's columns.
    """
    if language not in LANGUAGES or kind not in ("text", "moment"):
        return None
    for what, whose in _parted(name, language):
        if (what == "moment") is not (kind == "moment"):
            continue
        owner = _kind_of_owner(what, whose, language) or _unknown_owner(what, whose, language, names)
        if owner is None:
            continue
        if what == "name":
            if whose == ("med",) and _DRUGS & {piece for other in names for piece in raw_tokens(other)}:
                return "medication"
            part = _part_of_name(whose, language, names)
            return "company" if owner == "company" and part == "full_name" else part
        return "birth_date" if what == "moment" else what
    return None


@lru_cache(maxsize=16_384)
def _parted(name: str, language: str) -> tuple[tuple[str, Words], ...]:
    """The ways to part a name in what is had and whose it is."""
    had = _words()[language]
    pieces = raw_tokens(name)
    second = "2" in pieces
    pieces = tuple(piece for piece in pieces if not piece.isdigit())
    found = []
    for size in range(1, min(_LONGEST_OWNER, len(pieces) - 1) + 1):
        for whose, rest in ((pieces[-size:], pieces[:-size]), (pieces[:size], pieces[size:])):
            what = had.get("_".join(rest))
            if what is not None and not (whose[0] in _ASKED and pieces[-1] == "ref"):
                found.append(("address2" if what == "address" and second else what, whose))
    return tuple(found)


def _kind_of_owner(what: str, whose: Words, language: str) -> str | None:
    one = "_".join(whose)
    for kind in ("company", "person") if what == "vat" else ("person", "company"):
        if one in _words()[f"{language}.{kind}"]:
            return kind
    return "place" if what in _OF_PLACES and one in _words()[f"{language}.place"] else None


def _unknown_owner(what: str, whose: Words, language: str, names: Words) -> str | None:
    """A person, where a column of the table has something else of the same one that only people have."""
    if len(whose) > 1 or len(whose[0]) < _SHORTEST_UNKNOWN or what in ("status", "serial", "code", "note"):
        return None
    beside = {other for name in names for other, of in _parted(name, language) if of == whose}
    beside -= {what}
    known = beside & _OF_PEOPLE or (what in ("first_name", "last_name") and "name" in beside)
    return "person" if known and whose[0] not in _words()[language] else None


# What has room for somebody's whole name.
_ROOM_OF_NAMES = 40


def is_of_somebody(name: str, language: str | None, room: int | None) -> bool:
    """Whether a text that nothing else reads names somebody: one of its pieces, or all of it but a number, says whom.

    tut_1, potenz_acq. `room` is how many characters there are, enough for a name.
    """
    if language not in LANGUAGES or room is None or room < _ROOM_OF_NAMES:
        return False
    pieces = tuple(piece for piece in raw_tokens(name) if not piece.isdigit())
    persons = _words()[f"{language}.person"]
    return bool(pieces) and (pieces[-1] in persons or pieces[0] in persons)


def _part_of_name(whose: Words, language: str, names: Words) -> str:
    other, part = _OTHER_PART.get(language, _PART)
    beside = {what for name in names for what, of in _parted(name, language) if of == whose}
    return part if other in beside else "full_name"
