"""Names that are nouns of several words cut short: form_jur for forme_juridique, typ_carb for type_carburant.

Each piece has to be the start of the noun's word in its place, or its consonants, and all such nouns have to mean the
same. It is asked where a name is no noun as it stands; which language it is in its table's other columns tell.
"""

from functools import lru_cache

from app.generator.meaning.heads import LANGUAGES, nouns_of, unlinked
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.shortened import bones
from app.generator.meaning.spellings import by_language
from app.generator.meaning.words import ALIASES

Words = tuple[str, ...]

_SHORTEST = 3
_NARROWEST, _WIDEST = 2, 3
_LONG = 5
# What stands before the type of something in two letters.
_TYPES = {"tp": {"fr": "type", "es": "tipo", "pt": "tipo", "it": "tipo"}}
_NAMES = frozenset({"nom", "nombre", "nome", "nomb"})


@lru_cache(maxsize=16_384)
def cut_short(kind: str, name: str, language: str | None) -> tuple[str, Words] | None:
    """The concept of the nouns that a name is cut short of, and the key of the list for one that has one."""
    if language not in LANGUAGES or not name or kind == "moment":
        return None  # Of a moment more than its noun is asked.
    pieces = tuple(unlinked("_".join(raw_tokens(name))).split("_"))
    while len(pieces) > 1 and pieces[-1].isdigit():
        pieces = pieces[:-1]
    if pieces[0] in _TYPES:
        pieces = (_TYPES[pieces[0]][language], *pieces[1:])
    if not _NARROWEST <= len(pieces) <= _WIDEST or min(map(len, pieces)) < _SHORTEST:
        return None
    if pieces[0] in _NAMES:
        return None  # Whose name it is others tell.
    some = _by_start(kind, language).get((len(pieces), pieces[0][:_SHORTEST]), ())
    nouns = [noun for noun in some if all(map(_is_short, pieces, noun))]
    meant = nouns_of(language)
    found = {(concept := meant.meant[kind]["_".join(noun)], _list_of(meant.listed, noun, concept)) for noun in nouns}
    if len(found) != 1:
        return None
    return found.pop()[0], (f"{language}:{'_'.join(nouns[0])}",)


@lru_cache(maxsize=1)
def _cut_words() -> dict[str, dict[str, str]]:
    """Words by language and by what they are cut to."""
    return by_language("cut_words.txt")


@lru_cache(maxsize=16_384)
def settled(name: str, language: str | None) -> str:
    """A name that is known as a whole, or by its first two pieces, with the word for them: matricula for mat_veh."""
    cuts = _cut_words().get(language or "")
    pieces = raw_tokens(name) if cuts else ()
    if not cuts or not pieces:
        return name
    if whole := cuts.get(f"={'_'.join(pieces)}"):
        return whole
    two = cuts.get("_".join(pieces[:2])) if len(pieces) > 1 else None
    return "_".join((two, *pieces[2:])) if two else name


@lru_cache(maxsize=16_384)
def long_name(name: str, language: str | None) -> str:
    """The same, or a name whose first piece is usually cut to, with the word for it: averia_decl."""
    known = settled(name, language)
    pieces = raw_tokens(name)
    one = _cut_words().get(language or "", {}).get(pieces[0]) if known == name and pieces else None
    return "_".join((one, *pieces[1:])) if one else known


def _list_of(listed: dict[str, tuple[str, ...]], noun: Words, concept: str) -> tuple[str, ...]:
    return listed.get("_".join(noun), ()) if concept == "listed" else ()


def _is_short(piece: str, word: str) -> bool:
    if len(piece) >= _LONG and piece in ALIASES:
        return piece == word  # A compte is no compteur.
    if word.startswith(piece):
        return True
    whole = bones(word)
    return piece == whole or (len(piece) > _SHORTEST and bones(piece) == piece and whole.startswith(piece))


@lru_cache(maxsize=16)
def _by_start(kind: str, language: str) -> dict[tuple[int, str], tuple[Words, ...]]:
    """The nouns of several long words, by how many those are and by the first one's first letters.

    Those whose first word is known by its consonants alone begin with other letters: they stand under those too.
    """
    found: dict[tuple[int, str], list[Words]] = {}
    for noun in nouns_of(language).meant.get(kind, {}):
        words = tuple(noun.strip("=+").split("_"))
        if "=" in noun or "+" in noun or not _NARROWEST <= len(words) <= _WIDEST or min(map(len, words)) < _SHORTEST:
            continue
        for start in {words[0][:_SHORTEST], bones(words[0])[:_SHORTEST]}:
            if len(start) == _SHORTEST:
                found.setdefault((len(words), start), []).append(words)
    return {key: tuple(nouns) for key, nouns in found.items()}
