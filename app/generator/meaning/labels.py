"""What rows are called whose names say nothing: by the table's name and a number."""

from typing import Any

from app.generator.meaning import spoken
from app.generator.meaning.heads import LANGUAGES
from app.generator.meaning.naming import canonical, raw_tokens, singular
from app.generator.meaning.rooms import text_room
from app.generator.meaning.surroundings import Surroundings
from app.generator.meaning.wordforms import singulars

# Endings of plurals in other languages that no English word has.
_ENDINGS = (("ionen", "ion"), ("ungen", "ung"), ("heiten", "heit"), ("keiten", "keit"), ("schaften", "schaft"),
            ("gruppen", "gruppe"), ("arten", "art"), ("typen", "typ"), ("stellen", "stelle"), ("groepen", "groep"),
            ("soorten", "soort"), ("plaatsen", "plaats"), ("saetze", "satz"), ("klassen", "klasse"), ("zeiten", "zeit"),
            ("objekte", "objekt"), ("objecten", "object"), ("vertraege", "vertrag"), ("auftraege", "auftrag"),
            ("contracten", "contract"), ("producten", "product"), ("projecten", "project"), ("projekte", "projekt"),
            ("gebaeude", "gebäude"), ("raeume", "raum"), ("ruimten", "ruimte"), ("geraete", "gerät"), ("kurse", "kurs"),
            ("cursussen", "cursus"), ("tarieven", "tarief"), ("tarife", "tarif"), ("kosten", "kosten"),
            ("aciones", "ación"), ("icoes", "ição"), ("acoes", "ação"), ("zioni", "zione"))  # fmt: skip
# Pieces of tables' names that say what is kept of a thing and not what it is.
_HOLLOW = frozenset("tbl tb t tab table dim fact stg raw data info master tmp ref lkp".split())
_SINGULARS = {
    "shelves": "shelf", "halves": "half", "leaves": "leaf", "lives": "life", "people": "person", "children": "child",
    "criteria": "criterion", "media": "medium", "indices": "index", "matrices": "matrix", "analyses": "analysis",
}  # fmt: skip
# What parts of a firm's country are called, by languages.
_COMPASS = {
    "fr": ("Nord", "Sud", "Est", "Ouest", "Centre"), "es": ("Norte", "Sur", "Este", "Oeste", "Centro"),
    "pt": ("Norte", "Sul", "Leste", "Oeste", "Centro"), "it": ("Nord", "Sud", "Est", "Ovest", "Centro"),
}  # fmt: skip
_SHORTEST_NAME = 3
_GOODS = frozenset("bez bez1 bezeichnung bezeichn name naam oms omschr omschrijving descr desc label nm".split())
# What says only that something is called so.
_NAMING = frozenset("name label title bez bezeichnung naam omschrijving text txt designation titel desc".split())
_ROOM_FOR_NUMBER = 8
_ROOM_OF_CODES = 6


def label(around: Surroundings) -> tuple[str, dict[str, Any]]:
    """The table's rows by number: Shelf 12. Words of a pool would say something, and something silly."""
    pieces = [piece for piece in raw_tokens(around.context.table.name) if not piece.isdigit() and piece not in _HOLLOW]
    named = _singular(pieces[-1]) if pieces else ""
    if around.raw & {"zona", "zone"} and not around.context.unique and around.language in _COMPASS:
        return "one_of", {"values": list(_COMPASS[around.language])}
    if around.any_sibling("sku", "ean", "upc") and around.raw & _GOODS and text_room(around.context) != 1:
        return "product", {}
    if spoken.moves_money(around):
        return "pool", {"name": "bank_texts"}
    if not pieces or len(named) < _SHORTEST_NAME:
        return "words", {"count": 2}
    word = " ".join([*pieces[:-1], named]).capitalize()
    if around.language in LANGUAGES:
        word = _own_noun(around) or _first_singular(pieces, around.language).capitalize()
    room = text_room(around.context)
    if room is not None and 1 < room <= _ROOM_OF_CODES and not around.context.unique:
        return "pattern", {"pattern": "?#"}
    if room is not None and room < len(word) + _ROOM_FOR_NUMBER:
        own = raw_tokens(around.context.column.name)[-1:]
        if not own or own[0] in _NAMING or len(own[0]) < _SHORTEST_NAME or room < len(own[0]) + _ROOM_FOR_NUMBER:
            return "words", {"count": 2}
        word = _singular(own[0]).capitalize()
    return "numbered", {"words": [f"{word} "], "count": 200}


# What says in languages that put the noun first only that something is called so.
_CALLED = frozenset(
    """nom lib libelle lbl designation desig intitule denomination titre texte nombre descripcion desc denominacion
    titulo nome nm ds dsc descricao denominacao descrizione descr des denominazione titolo testo texto label name
    cod code val valeur valor valore autre otro outro altro""".split()
)


def _own_noun(around: Surroundings) -> str:
    """The noun of a column that is called after something else than its table: Ruta, Section; "" for other columns."""
    first = raw_tokens(around.context.column.name)[0]
    noun = first not in _CALLED and len(first) > _SHORTEST_NAME and first.isalpha()
    return first.capitalize() if noun else ""


def _first_singular(pieces: list[str], language: str) -> str:
    """A table's name with its noun, which comes first, in the singular: type intervention of types_intervention."""
    forms = (form for form in singulars(pieces[0], language) if canonical(form) == canonical(pieces[0]))
    return " ".join([next(forms, singular(pieces[0])), *pieces[1:]])


def _singular(word: str) -> str:
    for many, one in _ENDINGS:
        if word.endswith(many):
            return word.removesuffix(many) + one
    return _SINGULARS.get(word, singular(word))
