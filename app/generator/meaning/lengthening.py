"""Names of German and Dutch whose last word is cut shorter than anything else reads: pruef_erg for pruef_ergebnis.

It is asked last. What a piece is the start of is told by a list of the words that are cut short most, in their order;
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
