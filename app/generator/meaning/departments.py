"""French departments and Spanish provinces: by their names, or by what their postal codes begin with."""

from typing import Any

from app.generator.meaning.rooms import text_room
from app.generator.meaning.surroundings import Surroundings

# What calls them so; in Italy provinces have codes of their own.
_CALLED = {
    "fr_FR": frozenset("dep dept departement dpt".split()),
    "es_ES": frozenset("prov provincia provinc".split()),
}
_DIGITS, _ROOM_OF_DIGITS = 2, 3


def department(around: Surroundings) -> tuple[str, dict[str, Any]] | None:
    """The generator of a department and its options; None for another region."""
    if around.context.unique or around.raw.isdisjoint(_CALLED.get(around.context.locale, ())):
        return None
    room = text_room(around.context)
    if room is not None and room <= _ROOM_OF_DIGITS:
        return "postal_code", {"characters": _DIGITS}
    return "province", {}
