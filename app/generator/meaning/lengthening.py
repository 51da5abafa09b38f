"""Names whose last word is cut shorter than anything else reads: pruef_erg for pruef_ergebnis; and unknown people.

Both are asked last. What a piece is the start of is told by a list of the words that are cut short most, in order;
one of four letters and more may be a word's consonants as well.
"""

from functools import lru_cache
from pathlib import Path

from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.shortened import bones
from app.generator.meaning.words import ALIASES, ENGLISH, PLAIN

_SHORTEST, _SHORTEST_BONES = 3, 3


@lru_cache(maxsize=1)
def _core() -> dict[str, tuple[str, ...]]:
    text = (Path(__file__).parent / "core_words.txt").read_text("utf-8").replace("\n    ", " ")
    parted = (line.partition(": ") for line in text.splitlines() if not line.startswith("#"))
    return {language: tuple(words.split()) for language, _, words in parted}


@lru_cache(maxsize=4096)
def lengthened(name: str, language: str | None) -> str | None:
    """The name with the word that its last piece is cut short of; None where it is not, or in other languages."""
    words = _core().get(language or "", ())
    *before, last = raw_tokens(name) or ("",)
    while before and last.isdigit():
        *before, last = before
    if not words or len(last) < _SHORTEST or last in ALIASES or last in ENGLISH or last in PLAIN or last in words:
        return None
    whole = next((word for word in words if word.startswith(last)), None) or (
        next((word for word in words if bones(word).startswith(last)), None) if bones(last) == last else None
    )
    return "_".join((*before, whole)) if whole else None


# How those end who do something, in languages that write words together.
_DOERS = {
    "de": ("er", "erin", "eur", "eurin", "ist", "istin", "ant", "antin", "mann", "frau", "kundige", "kundiger"),
    "nl": ("er", "ster", "eur", "euse", "aar", "ist", "iste", "man", "vrouw", "kundige", "ant"),
}
# What ends so and does nothing.
_THINGS = tuple(
    """nummer zimmer muster fenster filter zaehler behaelter schalter messer wasser alter winter sommer keller koerper
    futter puffer meter fehler ziffer charakter lager rechner drucker puter server router scanner tainer register
    ticker letter poster orchester kloster theater mester quartier papier tier revier bier dauer steuer feuer mauer
    kammer leder feder kinder bilder laender felder gelder eier ufer silber kupfer pulver zucker butter wetter
    blaetter raeder ueber unter hinter mixer trockner motor sensor faktor sektor restaurant garant konstant variant
    durchmesser parameter kamer zomer water dossier klavier plezier motief venster letter cijfer beker anker kelder
    zolder polder onder achter hoger lager later eerder verder jaar maar haar klaar waar paar fraude charter cluster
    master layer header footer folder marker trigger adapter center cover banner sticker answer tier color haus cluster
    list twist mist rist geist dienst frist kunst liste aantrant relevant""".split()
)
_SHORTEST_DOER = 6


@lru_cache(maxsize=4096)
def is_somebody(name: str, language: str | None) -> bool:
    """Whether the last piece of a name that nothing else reads ends like whoever does something: Aussteller, vakman."""
    *_, last = raw_tokens(name) or ("",)
    ends = _DOERS.get(language or "", ())
    return len(last) >= _SHORTEST_DOER and bool(ends) and last.endswith(ends) and not last.endswith(_THINGS)
