"""What the rows of a table of types are called: payment methods in zahlungsarten, reasons in reason_codes.

The name of such a row is what a column would hold that was called like the table, in the singular.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.generator.meaning.listing import said_in
from app.generator.meaning.naming import raw_tokens, singular, tokens
from app.generator.meaning.rooms import text_room
from app.generator.meaning.surroundings import Surroundings

# What a column is read as that may be all that its row is called by.
_BARE = frozenset({"label", "description", "word", "kind", "content", "category", "listed", "full_name"})
_CALLED = frozenset("bez bezeichnung bezeichng bezeichn name nm naam label lbl benennung benaming titel title".split())
_DESCRIBED = frozenset(
    "oms omschr omschrijving beschr beschreibung desc descr description dsc text txt tekst kurztext langtext".split()
)
_NAMING = _CALLED | _DESCRIBED
_LONGEST = 120
# What says that a table lists something, and not what.
_LISTING = frozenset(
    """code codes cd master mst lookup lkp lu ref list liste lijst tab tabelle tabel stamm stam def catalog
    katalog""".split()
)
# Ends of plurals with those of singulars.
_PLURALS = {
    "de": (("saetze", "satz"), ("gruende", "grund"), ("aeter", "at"), ("staende", "stand"), ("en", "e"), ("en", ""),
           ("n", ""), ("e", ""), ("er", ""), ("s", "")),
    "nl": (("zen", "s"), ("ven", "f"), ("lden", "ld"), ("eren", "er"), ("en", ""), ("'s", ""), ("s", ""), ("n", "")),
}  # fmt: skip
# What has names of its own that a table of it lists.
_LISTED = frozenset(
    """payment_method listed reason department status priority vehicle_type job_title category specialty unit carrier
    diagnosis medication color material frequency level plan channel source region district city bank brand industry
    course school_subject room_type animal breed crop fuel skill relationship marital_status sport genre amenity
    warehouse allergy vaccine meal_plan education severity ingredient dish service result""".split()
)
_PLACES = frozenset({"district", "city", "region"})
# What firms count their costs by is called like what makes them.
_DEPARTMENTS = ("kostenstelle", "kostst", "kostenplaats", "kpl", "costcent", "costctr", "profitcenter", "orgeinheit")
# What goods are put in groups by.
_GOODS = (
    "warengr",
    "artikelgr",
    "produktgr",
    "productgr",
    "artikelgroep",
    "prodgrp",
    "itemgroup",
    "itemgrp",
    "prodgroup",
)
_TAXES = ("mwst", "ust", "umsatzsteuer", "steuersa", "steuercode", "steuerschl", "btw", "vat", "taxcode", "taxrate")
_TAX_NAMES = {
    "de": ["Regelsatz 19 %", "ermäßigt 7 %", "steuerfrei", "innergemeinschaftlich"],
    "nl": ["hoog tarief 21%", "laag tarief 9%", "nultarief", "vrijgesteld", "verlegd"],
    "en": ["Standard rate", "Reduced rate", "Zero rate", "Exempt", "Outside the scope"],
}


def is_of_taxes(around: Surroundings) -> bool:
    """Whether a table lists the rates of a tax on sales."""
    return "".join(raw_tokens(around.context.table.name)).startswith(_TAXES)


def called_like_its_table(around: Surroundings) -> Surroundings | list[str] | None:
    """The column that a table's name would be, which tells what its rows are called; or what they are; None elsewhere.

    Only where nothing else of a column's name than of its table's stands before the word for a name, and where a
    description is all that a row is called by.
    """
    context = around.context
    *before, last = raw_tokens(context.column.name) or ("",)
    if last not in _NAMING or context.unique or around.concept.name not in _BARE:
        return None
    table = "".join(raw_tokens(context.table.name))
    if not all(_is_within(piece, table) for piece in before):
        return None
    room = text_room(context)
    if last in _DESCRIBED and (room is None or room > _LONGEST or not _has_no_name(around)):
        return None
    language = context.locale[:2]
    if is_of_taxes(around) and language in _TAX_NAMES:
        return [name for name in _TAX_NAMES[language] if room is None or len(name) <= room]
    if any(word in table for word in _DEPARTMENTS):
        return _as(around, "department")
    if any(word in table for word in _GOODS):
        return _as(around, "category")
    for thing in _things(around):
        column = _as(around, thing)
        found = column.concept.name
        if found in _PLACES and "_" in thing:
            continue  # A zone of a city is not called like a quarter.
        if found in _LISTED or (found == "kind" and said_in(around.language, "kind", *tokens(thing)[:1])):
            return column
    return None


def _as(around: Surroundings, name: str) -> Surroundings:
    context = around.context
    return Surroundings(replace(context, column=replace(context.column, name=name, comment=None)))


def _things(around: Surroundings) -> Iterator[str]:
    """What a row may be, by the table's name: the likeliest singular first."""
    pieces = [piece for piece in raw_tokens(around.context.table.name) if piece not in _LISTING and piece.isalpha()]
    if not pieces:
        return
    *first, last = pieces
    ends = _PLURALS.get(around.language or "", ())
    forms = [last.removesuffix(end) + instead for end, instead in ends if last.endswith(end)] or [singular(last)]
    for form in dict.fromkeys((*forms, singular(last), last)):
        yield "_".join((*first, form))


def _is_within(piece: str, table: str) -> bool:
    """Whether a table's name has a piece's letters in their order."""
    letters = iter(table)
    return all(letter in letters for letter in piece)


def _has_no_name(around: Surroundings) -> bool:
    named = {word for name in around.context.siblings for word in (*raw_tokens(name), *tokens(name))}
    return named.isdisjoint({"name", "label", "title", *_CALLED})
