"""Beasts of farms, in French, Spanish, Portuguese and Italian tables: what they are, and of which breed."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.generator.meaning.listing import said_in
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]

# What tables of farms say.
_FARMED = frozenset(
    """rebanho gado bovino bovinos bovin bovins cheptel troupeau elevage elevages exploitation exploitations exploit
    ganado ganaderia ganadera explotacion explotaciones rega crotal brinco allevamento allevamenti capi bovini mandria
    boucle velage parto partos lactation leche leite latte lait cab cabezas cabecas tetes fazenda granja""".split()
)
_KEPT = {
    "fr": ("bovin", "ovin", "caprin", "porcin", "équin", "volaille"),
    "es": ("vacuno", "ovino", "caprino", "porcino", "equino", "avícola"),
    "pt": ("bovino", "ovino", "caprino", "suíno", "equino", "aves"),
    "it": ("bovini", "ovini", "caprini", "suini", "equini", "avicoli"),
}
_BREEDS = {
    "fr": ("Prim'Holstein", "Charolaise", "Limousine", "Montbéliarde", "Normande", "Blonde d'Aquitaine"),
    "es": ("Frisona", "Retinta", "Rubia Gallega", "Limusín", "Avileña", "Charolés"),
    "pt": ("Nelore", "Girolando", "Angus", "Gir", "Holandesa", "Senepol"),
    "it": ("Frisona", "Chianina", "Marchigiana", "Piemontese", "Bruna", "Pezzata Rossa"),
}


def is_farmed(around: Surroundings) -> bool:
    """Whether a table is of the beasts of a farm."""
    names = (around.context.table.name, around.context.column.name, *around.context.siblings)
    return around.language in _KEPT and not _FARMED.isdisjoint(piece for name in names for piece in raw_tokens(name))


def animal(around: Surroundings) -> Chosen:
    """Which beast: of a farm, or any."""
    return _of(_KEPT, "animal", "animals", around)


def breed(around: Surroundings) -> Chosen:
    """Of which breed: cattle on a farm, or pets."""
    return _of(_BREEDS, "breed", "breeds", around)


def _of(farmed: Mapping[str, Sequence[str]], concept: str, pool: str, around: Surroundings) -> Chosen:
    if around.context.unique:
        return "pool", {"name": pool}
    own = farmed[around.language or ""] if is_farmed(around) else said_in(around.language, concept)
    return ("one_of", {"values": list(own)}) if own else ("pool", {"name": pool})
