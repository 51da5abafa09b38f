"""Which language a table's columns are in, and what the spellings mean that only it reads so.

`end_resid` is an end in English and an address in Portuguese; `stand` is a state of things in general and what a meter
reads in German. A table of one language says which.
"""

from bisect import bisect_left
from collections import Counter
from functools import lru_cache
from pathlib import Path

from app.generator.meaning.compounds import speaking
from app.generator.meaning.cutting import long_name
from app.generator.meaning.heads import LANGUAGES, marks, nouns_of
from app.generator.meaning.naming import canonical, raw_tokens, singular, tokens
from app.generator.meaning.readings import unmarked
from app.generator.meaning.words import ALIASES, ENGLISH, KNOWN, LANGUAGE_OF, PLAIN

Words = tuple[str, ...]

_SHORTEST_PARTED = 5
_SHORT = 2
# So many votes a language needs; a word of its own has as many as its letters make it sure. It is no share of all
# pieces, which one more column would change.
_LEAST_VOTES = 4
# Languages that write words together.
_JOINING = frozenset({"de", "nl"})
# So many are enough where no other language has any, and the table is called in this one too.
_FEWEST_VOTES = 3
_SURE_VOTES, _SHORTEST_SURE, _LONG = 2, 4, 12
# What French has taken over into English, or English from it.
_ENGLISH_TOO = ("tion", "sion", "tions", "sions")
# Languages that put the noun before what it is of.
_SHORTEST_ENDING = 5
_NOUN_FIRST = frozenset({"fr", "es", "pt", "it"})
_FIRST = frozenset(
    """location date amount address number code quantity rate percent status type acronym_code description name
    serial_number label average direction altitude kind phone unit temperature weight hour value flag salary""".split()
)


def _lines(name: str) -> list[tuple[str, list[str]]]:
    text = (Path(__file__).parent / name).read_text("utf-8").replace("\n    ", " ")
    parted = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return [(head, tail.split()) for head, _, tail in parted]


@lru_cache(maxsize=1)
def _markers() -> dict[str, tuple[str, ...]]:
    """Languages by the pieces that speak for them."""
    found: dict[str, tuple[str, ...]] = {}
    for language, words in _lines("markers.txt"):
        for word in words:
            found[word] = (*found.get(word, ()), language)
    return {**marks(), **found}


@lru_cache(maxsize=1)
def _own_words() -> dict[str, dict[str, str]]:
    """English words, joined by _, by language and spelling."""
    found: dict[str, dict[str, str]] = {}
    for head, spellings in _lines("own_words.txt"):
        language, _, meaning = head.partition(" ")
        # What all languages read so needs no other word, and would no longer be known for a foreign noun.
        new = [spelling for spelling in spellings if ALIASES.get(spelling) != tokens(meaning)]
        found.setdefault(language, {}).update(dict.fromkeys(new, meaning.replace(" ", "_")))
    return found


@lru_cache(maxsize=1)
def _firsts() -> dict[str, frozenset[str]]:
    """The spellings by language, of the nouns that stand before what they are of: cd_setor, vl_frete."""
    found: dict[str, set[str]] = {}
    for head, spellings in _lines("own_words.txt"):
        language, _, meaning = head.partition(" ")
        if meaning.replace(" ", "_") in _FIRST:
            found.setdefault(language, set()).update(spellings)
    return {language: frozenset(spellings) for language, spellings in found.items()}


@lru_cache(maxsize=1)
def _parts() -> dict[str, frozenset[str]]:
    """The spellings by language, of which words may be written together."""
    found: dict[str, set[str]] = {}
    for head, spellings in _lines("own_words.txt"):
        found.setdefault(head.partition(" ")[0], set()).update(spellings)
    return {language: frozenset(spellings) for language, spellings in found.items()}


@lru_cache(maxsize=1024)
def language_of(names: tuple[str, ...], table: str) -> str | None:
    """The language that most pieces of a table's names speak for, English where too few speak for another.

    None where two have as many. Words that English has too speak for none, and against none: one more column with an
    English name must not change what the others are.
    """
    votes: Counter[str] = Counter()
    for piece in {piece for name in (*names, table) for piece in raw_tokens(name)}:
        for language, count in _votes(piece):
            votes[language] += count
    most = votes.most_common(2)
    called = {language for piece in raw_tokens(table) for language, _ in _votes(piece)}
    alone = len(most) == 1 and most[0][0] in _NOUN_FIRST & called
    least = _FEWEST_VOTES if alone else _LEAST_VOTES
    if not most or most[0][1] < least:
        return "en"
    return most[0][0] if len(most) == 1 or most[1][1] < most[0][1] else None


@lru_cache(maxsize=8192)
def _votes(piece: str) -> tuple[tuple[str, int], ...]:
    """The languages that a piece speaks for, each with how many votes."""
    own, marked = LANGUAGE_OF.get(piece), _markers().get(piece, ())
    found = (own,) if own else marked or _speaking(piece) or _beginning(piece) if own is None or marked else ()
    english = len(piece) <= _SHORT or "en" in found or ((own or marked) and piece.endswith(_ENGLISH_TOO))
    if english or any(word in ENGLISH or word in PLAIN for word in (piece, singular(piece))):
        return ()
    if not own and not marked and (begun := _begun_in(piece) or _ending_like(piece)):
        return tuple((language, 1) for language in sorted(begun))
    whole = bool(own or marked) or any(piece in words for words in _parts().values())
    count = _SURE_VOTES if len(piece) >= (_SHORTEST_SURE if whole else _LONG) else 1
    return tuple((language, count) for language in found)


# How words of one language alone end, among those that put the noun first.
_ENDINGS = {
    "fr": ("ere", "eres", "euse", "euses", "eux", "ement", "ements", "ee", "ees", "eur", "eurs", "eau", "eaux"),
    "es": ("cion", "ciones", "miento", "mientos", "idad", "idades", "illo", "illa"),
    "pt": ("cao", "coes", "dade", "dades", "eiro", "eira", "agem", "agens", "inho", "inha"),
    "it": ("zione", "zioni", "aggio", "aggi", "ezza", "atore", "atrice", "imento", "imenti", "iere"),
}


def _ending_like(piece: str) -> frozenset[str]:
    if len(piece) < _SHORTEST_ENDING or piece in ALIASES or piece in KNOWN:
        return frozenset()
    return frozenset(language for language, ends in _ENDINGS.items() if piece.endswith(ends))


@lru_cache(maxsize=1)
def _all_words() -> list[tuple[str, str]]:
    """The words of every language, "en" for those of English and "" for those of several, sorted."""
    words = [(word, language) for word, language in LANGUAGE_OF.items() if len(word) >= _SHORTEST_SURE]
    words += [(word, "en") for word in {*ENGLISH, *PLAIN} if len(word) >= _SHORTEST_SURE]
    words += [(word, languages[0] if len(languages) == 1 else "") for word, languages in _markers().items()]
    for language in LANGUAGES:
        words += [(noun, language) for noun in nouns_of(language).meant["text"] if noun.isalpha()]
    return sorted(words)


@lru_cache(maxsize=8192)
def _begun_in(piece: str) -> frozenset[str]:
    """The languages with words that begin so, where all of those put the noun first; none where others have some."""
    if not _SHORTEST_ENDING <= len(piece) < _LONG or piece in ALIASES:
        return frozenset()
    words, languages, piece = _all_words(), set(), piece.removesuffix("s") if len(piece) > _SHORTEST_SURE else piece
    for word, language in words[bisect_left(words, (piece, "")) :]:
        if not word.startswith(piece):
            break
        languages.add(language)
    return frozenset(languages) if languages <= _NOUN_FIRST else frozenset()


_SHORTEST_COMPOUND, _SHORTEST_FIRST, _SHORTEST_REST = 9, 5, 3


def _beginning(piece: str) -> Words:
    """The language whose own word a long piece begins with: schadedossiers, pflegedokumentation."""
    if len(piece) < _SHORTEST_COMPOUND:
        return ()
    for cut in range(len(piece) - _SHORTEST_REST, _SHORTEST_FIRST - 1, -1):
        head = piece[:cut]
        if head in ENGLISH or head in PLAIN:
            return ()
        if head in LANGUAGE_OF or head in _markers():  # The longest decides: an adresse is no adres.
            own = LANGUAGE_OF.get(head) or "".join(_markers().get(head, ()))
            return (own,) if own in _JOINING else ()
    return ()


@lru_cache(maxsize=8192)
def _speaking(piece: str) -> Words:
    """The languages that a piece speaks for: the one whose own long word it is, or those in which it is two words."""
    own = tuple(language for language, words in _parts().items() if piece in words)
    if len(own) == 1 and len(piece) >= _SHORTEST_PARTED:
        return own
    if piece in ENGLISH or piece in PLAIN or singular(piece) in PLAIN:
        return ()
    return speaking(piece) or tuple(language for language in _parts() if len(_parted(piece, language)) > 1)


@lru_cache(maxsize=8192)
def _parted(piece: str, language: str | None) -> Words:
    """A piece that nothing knows in the two short words that it is written of: codcli, numtva, forpag."""
    own = _parts().get(language or "", frozenset())
    known_words = piece in own or piece in KNOWN or piece in ENGLISH or piece in PLAIN or singular(piece) in PLAIN
    if len(piece) < _SHORTEST_PARTED or known_words or canonical(piece) not in ((piece,), (singular(piece),)):
        return (piece,)
    for cut in range(len(piece) - 2, 1, -1):
        head, tail = piece[:cut], piece[cut:]
        known = [part in own for part in (head, tail)]
        listed = [(part in ALIASES or part in KNOWN) and len(part) > _SHORT for part in (head, tail)]
        if any(known) and (known[0] or listed[0]) and (known[1] or listed[1]):
            return (head, tail)
    return (piece,)


@lru_cache(maxsize=8192)
def localised(name: str, language: str | None) -> str:
    """The name with the spellings that only this language reads so in English; as it is for other languages."""
    own = _own_words().get(language or "")
    joined = "".join(raw_tokens(name))
    if not own or (joined in ALIASES and joined not in own):
        return name
    pieces = tuple(part for piece in raw_tokens(name) for part in _parted(piece, language))
    firsts = _firsts().get(language or "", frozenset())
    turned = language in _NOUN_FIRST and len(pieces) > 1 and pieces[0] in firsts and pieces[-1] not in firsts
    if turned:
        pieces = (*pieces[1:], pieces[0])
    if own.keys().isdisjoint({*pieces, joined}):
        return name if pieces == raw_tokens(name) else "_".join(pieces)
    if joined in own and pieces[-1] != "id":  # An inc_id is no incid.
        return own[joined] or name
    meant = [own.get(piece, piece) for piece in pieces]
    return "_".join(piece for piece in meant if piece)


def is_own(name: str, language: str | None) -> bool:
    """Whether a name is, all of it, one that only this language reads so."""
    return "".join(raw_tokens(name)) in _own_words().get(language or "", {})


def bare_name(name: str, table: str, names: Words) -> str:
    """A name without the mark of its type, and with what only its table's language reads so in English."""
    tongue = language_of(names, table)
    plain = localised(long_name(unmarked(name, names), tongue), tongue)
    if plain.lower().endswith("min") and f"{name[:-3]}{'MAX' if name.endswith('MIN') else 'max'}" in names:
        return f"{plain[:-3]}minimum"
    return plain
