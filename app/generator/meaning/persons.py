"""Generators for what names people: whose name it is, and which columns of the row are of the same person."""

from collections.abc import Callable, Mapping
from typing import Any

from app.generator.meaning.heads import LANGUAGES
from app.generator.meaning.naming import canonical, raw_tokens, singular
from app.generator.meaning.rooms import text_room
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]

# Pieces of a name that say only that somebody is called so.
_CALLED = frozenset(
    "name nm nam naam names full fullname vollname volledige volledig complete display bez nome nombre nom".split()
)
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
    name = _named(around) if around.concept.name != "full_name" else None
    if name and (_is_bare(name, around) or not (first or last)):
        return {**options, "name": name}
    return {**options, **({"first": first} if first else {}), **({"last": last} if last else {})}


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


# Where no name fits whole, somebody has a mark.
_ROOM_OF_MARKS = 12


def _full_name(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    if room is not None and 3 < room <= _ROOM_OF_MARKS and around.language in LANGUAGES and not around.context.unique:
        letters = "".join(raw_tokens(around.context.column.name)[:1])[:3].upper()
        return "pattern", {"pattern": letters + "#" * min(3, room - len(letters))}
    if around.words[-1:] == ("by",):  # whoever created the row is not whom it is about
        return "full_name", {"person": around.words[0]}
    options = person_options(around)
    own = "name" in around.words or around.role
    if around.sibling("name_infix") and own:
        options = {key: value for key, value in options.items() if key == "person"}  # None of it stands in one column.
    elif not ("first" in options and "last" in options):
        options = {key: value for key, value in options.items() if key == "person"}
        if not options and not _is_the_rows(around):
            options = {"person": around.context.column.name.lower()}
    elif "name" not in around.words and not around.role:
        # Beside the row's own name stands somebody else: the manager of an employee.
        options = {"person": around.context.column.name.lower()}
    gender = _gender_of(around)
    return "full_name", {**options, **({"gender": gender} if gender else {})}


def _is_the_rows(around: Surroundings) -> bool:
    """Whether a full name is that of whom the row is about: it says nothing else, or there is no other beside it."""
    own = around.context.column.name
    if _is_bare(own, around):
        return True
    if "name" not in around.words and ("person" not in around.entities or around.sibling("first_name", "last_name")):
        return False
    return not any(
        concept == "full_name" and not around.role_for(name) and around.said(name)[-1:] != ("by",)
        for name, concept in around.concepts.items()
    )


def _is_bare(name: str, around: Surroundings) -> bool:
    """Whether a name says of whom it is no more than the table's own does: name, kunde_name in kunden."""
    parts = {
        word for part in raw_tokens(around.context.table.name) for word in (part, singular(part), *canonical(part))
    }
    rest = [piece for piece in raw_tokens(name) if piece not in _CALLED]
    parts.discard("person")  # Nearly anybody is one: a teacher beside pupils.
    return all({piece, singular(piece), canonical(piece)[0]} & parts for piece in rest)


# Who is to be asked for at a firm, and who serves those that a table is of.
_CONTACTS = ("contactp", "anspr", "kontaktp", "contact", "contp", "cntp", "asp")
_SERVING = (
    "vertegenw", "vertreter", "sachb", "bearb", "betreuer", "kundenbetr", "verkaeuf", "verkoper", "accountm", "acctm",
    "salesp", "salesr", "slsrep", "adviseur", "behand", "planner", "monteur", "docent", "huisarts", "hausarzt",
    "angelegt", "chauff", "fahrer", "mentor", "lehrer", "leidingg", "vorges", "aussendienst", "disponent",
)  # fmt: skip


def _named(around: Surroundings) -> str | None:
    """The full name of whom the column is of: of the same role, sharing most pieces with it, else the row's own."""
    own = set(raw_tokens(around.context.column.name))
    found = []
    contacts = []
    for name, concept in around.concepts.items():
        if concept != "full_name" or around.context.siblings[name].array_dims:
            continue
        if around.role == "" and raw_tokens(name)[0].startswith(_CONTACTS):
            contacts.append(name)
        if around.role_for(name) != around.role:
            continue
        if not around.role and raw_tokens(name)[0].startswith(_SERVING) and not _is_bare(name, around):
            continue  # A customer's email is not that of their salesperson.
        shared = len(own & set(raw_tokens(name)) - _CALLED)
        if shared or around.said(name)[-1:] != ("by",):
            found.append((-shared, not _is_bare(name, around), name))
    return min(found)[2] if found else min(contacts, default=None)


def _honorific(around: Surroundings) -> Chosen:
    """How somebody is addressed; in German either of two ways, titles stand elsewhere."""
    options = around.with_role({}, "person")
    if around.raw & {"anrede", "anr", "anrd"} and around.context.locale.startswith("de"):
        return "gender", {**options, "words": ["Frau", "Herr"]}
    return "honorific", options


# What says that a last name is the second that somebody has, after their mother.
_SECOND = frozenset({"2", "segundo", "materno", "apellido2", "ap2", "ape2"})


def _last_name(around: Surroundings) -> Chosen:
    generator, options = _person("last_name")(around)
    if around.raw & _SECOND and around.any_sibling("last_name") is not None:
        options = {**options, "person": "mother"}
    return generator, {**options, **({"infix": "apart"} if around.sibling("name_infix") else {})}


def _name_infix(around: Surroundings) -> Chosen:
    """What stands before the last name beside it; alone, one of those that there are."""
    if around.sibling("last_name") is None or not around.context.locale.startswith("nl"):
        values = ["van", "de", "van der", "van den", "van de", "ter", "den", "te"]
        weights = [9, 8, 6, 4, 4, 1, 1, 1]
        return "one_of", {"values": values, "weights": weights, **({"null_rate": 0.6} if around.nullable else {})}
    return "last_name", {**around.with_role({}, "person"), "infix": "only"}


def _email(around: Surroundings) -> Chosen:
    options = person_options(around)
    if not options.keys() - {"person"}:
        username = around.sibling("username")
        if username:
            options["name"] = username
    return "email", options


def _username(around: Surroundings) -> Chosen:
    return "username", person_options(around)


PERSONAL: Mapping[str, Callable[[Surroundings], Chosen]] = {
    "first_name": _person("first_name"),
    "last_name": _last_name,
    "name_infix": _name_infix,
    "middle_name": _person("middle_name"),
    "initials": _person("initials"),
    "honorific": _honorific,
    "kana": _kana,
    "middle_initial": lambda around: ("pattern", {"pattern": "?"}),
    "full_name": _full_name,
    "email": _email,
    "username": _username,
}
