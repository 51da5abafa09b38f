"""Addresses on the web: whose, and of what."""

from typing import Any

from app.generator.meaning.rooms import text_room
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]

# Words of an address that is a firm's own, and the room that one made of its name may need.
_HOMES = frozenset("website homepage web webseite site url domain sitio pagina webpage".split())
_ROOM_FOR_SITES = 80


def _site_of(around: Surroundings) -> dict[str, Any]:
    """The sibling with the name of the firm whose site it is."""
    room = text_room(around.context)
    company = around.sibling("company", role="") or around.sibling("company", role="company")
    is_own = around.raw <= _HOMES and not around.context.unique and (room is None or room >= _ROOM_FOR_SITES)
    return {"of": company} if company and is_own else {}


def domain(around: Surroundings) -> Chosen:
    """The name of a host: a firm's own, where the row has one."""
    return "domain_name", _site_of(around)


def url(around: Surroundings) -> Chosen:
    """An address on the web: of a picture, a file, a firm's own site, or of a page."""
    if "image" in around.words or around.raw & {"avatar", "logo", "photo", "picture", "thumbnail"}:
        return "url", {"path": "images", "extension": ".png"}
    if around.raw & {"pdf", "download", "file", "document", "attachment", "invoice"}:
        return "url", {"path": "files", "extension": ".pdf"}
    return "url", _site_of(around)
