"""What a table is about, by its name: a person, a product, a country, ..."""

from functools import lru_cache

from app.generator.meaning.naming import canonical, raw_tokens, singular, tokens
from app.generator.meaning.words import ALIASES, LANGUAGE_OF

# Entity -> the words (canonical or plain, singular) that name it. The last word of a table's name decides first.
_ENTITIES = {
    "person": "person customer user employee profile contact author member persona",
    "company": "company organization brandowner account2 restaurant2",
    "product": "product menu2 sku part good variant catalog offering accessory",
    "country": "country",
    "city": "city",
    "region": "region",
    "continent": "continent",
    "language": "language",
    "currency": "currency",
    "category": "category genre2 taxonomy",
    "brand": "brand",
    "department": "department",
    "project": "project initiative",
    "task": "task todo ticket2 subtask story issue2 milestone activity assignment",
    "ticket": "ticket issue incident request2 case complaint incidencia averia chamado ocorrencia segnalazione reclami",
    "medication_order": "prescription",
    "event": "event conference meetup concert webinar festival show exhibition",
    "work": "film book album song track track2 episode playlist video game podcast movie artwork painting",
    "genre": "genre",
    "course": "course lesson module curriculum training",
    "school": "school university college faculty institution",
    "role": "role",
    "permission": "permission privilege scope",
    "tag": "tag topic keyword hashtag",
    "team": "team club squad",
    "pet": "pet animal",
    "dish": "dish recipe meal food",
    "ingredient": "ingredient",
    "restaurant": "restaurant cafe bar",
    "hotel": "hotel property resort lodging",
    "store": "store shop outlet branch",
    "warehouse": "warehouse depot storage",
    "file": "file image",
    "campaign": "campaign promotion",
    "plan": "plan tier subscription2 package",
    "article": "post article page news blog headline announcement document2 wiki",
    "comment": "comment reply review feedback note2 remark",
    "message": "message notification email chat conversation",
    "vehicle": "vehicle car truck bus fleet",
    "device": "device sensor machine equipment printer",
    "host": "host server node instance vm",
    "artist": "artist band musician",
    "job": "job_title occupation position job title2 vacancy",
    "skill": "skill competency",
    "industry": "industry",
    "bank": "bank",
    "carrier": "carrier shipper courier",
    "service": "service treatment procedure",
    "medication": "medication drug medicine",
    "diagnosis": "diagnosis disease condition",
    "specialty": "specialty speciality",
    "sport": "sport discipline",
    "color": "color",
    "unit": "unit",
    "airport": "airport",
    "building": "building venue site facility campus",
    "room": "room",
    "metric": "metric measurement indicator",
    "payment_method": "payment_method",
    "amenity": "amenity",
    "order": "order invoice",
    "setting": "setting config configuration preference option parameter flag toggle",
    "subject": "subject",
}
_BY_WORD = {word: entity for entity, words in _ENTITIES.items() for word in words.split()}
# Words that say how a table relates to another, not what it is about.
_HOLLOW = frozenset(
    "master data info detail table tbl list history archive view dim fact stg raw base main type log new old tmp temp "
    "record entry row item set map line".split()
)
# The same in languages that put the noun first.
_HOLLOW_FIRST = frozenset(
    """cad cadastro cadastros anagrafica anagrafiche anagrafe tabla tabela tabella tab ficha fichas fiche fiches scheda
    schede registro registros registri historico historial historique storico lista liste listado elenco dettaglio
    dettagli detalle detalles detalhe detalhes itens item items ligne lignes linea lineas linha linhas riga righe
    cabecera cabecalho entete testata datos dados donnees dati maestro mestre fichier fichero dossier dossiers
    expediente expedientes tb tbl t gestion gestao gestione param parametre parametres parametros parametri""".split()
)
_NOUN_FIRST = frozenset({"fr", "es", "pt", "it"})
_NOUN_LAST = frozenset({"de", "nl"})
# What a table is about that only belongs to what its name begins with: adresses_clients, precios_producto.
_OWNING = frozenset({"person", "product", "order", "vehicle", "country", "city", "bank"})
# A group of customers is no customer, and has no customer's name.
_THINGS = frozenset(
    """group segment feature form contract zone area rule policy status level class classification template agreement
    licence license certificate badge tier queue schedule calendar dashboard widget workflow pipeline stage bundle batch
    export import sequence quota limit""".split()
)
_ADJECTIVES = frozenset({"comptable", "comptables"})


@lru_cache(maxsize=4096)
def entity_of(table: str) -> str | None:
    """The entity that a table's rows are; None when its name does not say."""
    whole = "_".join(tokens(table))
    if whole in _BY_WORD:
        return _BY_WORD[whole]
    pieces = [piece for piece in raw_tokens(table) if not piece.isdigit()]
    words = [singular(piece) for piece in pieces]
    if words and words[-1] == "type" and len(words) > 1:
        return None
    solid = [n for n, word in enumerate(words) if word not in _HOLLOW] or list(range(len(words)))
    if words and words[solid[-1]] in _THINGS and len(solid) > 1 and _named(pieces[solid[-1]]) is None:
        return None
    if len(solid) > 1 and _is_noun_first(pieces) and (_are(pieces[solid[0]]) or not _are(pieces[solid[-1]])):
        return _of_first([pieces[place] for place in solid])
    return next((found for place in reversed(solid) if (found := _named(pieces[place]))), None)


def _named(piece: str) -> str | None:
    """The entity that one piece of a table's name says."""
    parts = canonical(piece)
    return next(
        (_BY_WORD[word] for word in (singular(piece), "".join(parts), parts[-1], parts[0]) if word in _BY_WORD), None
    )


def _are(piece: str) -> bool:
    """Whether a piece is a plural, and so what the rows are: the alumnos of an autoescuela."""
    return piece.endswith(("s", "x", "i"))


def _is_noun_first(pieces: list[str]) -> bool:
    """Whether a name is of a language that puts the noun before what it is of: clients_boutique."""
    tongues = {LANGUAGE_OF.get(piece) or LANGUAGE_OF.get(singular(piece)) for piece in pieces}
    return not _NOUN_FIRST.isdisjoint(tongues) and _NOUN_LAST.isdisjoint(tongues)


def _of_first(pieces: list[str]) -> str | None:
    """The entity of the first piece that says something; of what it belongs to, where it is none itself."""
    kept = [piece for piece in pieces if piece not in _HOLLOW_FIRST] or pieces
    first, *rest = kept
    if (found := _named(first)) or not rest:
        return found
    known = first in ALIASES or singular(first) in ALIASES
    entities = [entity for piece in reversed(rest) if piece not in _ADJECTIVES and (entity := _named(piece))]
    return next((entity for entity in entities if not known or entity in _OWNING), None)
