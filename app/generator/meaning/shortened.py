"""Shortened words that no list has: the start of one known word, its consonants, or a known word with a short end."""

import re
from bisect import bisect_left
from functools import lru_cache

from app.generator.meaning.naming import canonical, singular
from app.generator.meaning.words import ALIASES, ENGLISH, KNOWN, PLAIN

Words = tuple[str, ...]

_SHORTEST_START, _LONGEST_START = 4, 9
_SHORTEST_BONES = 4
_LEAST_LEFT_OUT = 2
_SHORTEST_BEFORE_END = 3
_TWICE = re.compile(r"(.)\1+")
_SOMEBODY = frozenset({("person",), ("contact",), ("employee",), ("manager",), ("user",), ("customer",)})
_VOWELS = str.maketrans("", "", "aeiouy")
# Ends that are written onto another word, in the languages that do so: klantnm, bouwjr, artikelbez.
_ENDS = {
    "nm": "name", "nam": "name", "bez": "label", "nr": "number", "num": "number", "dat": "date", "dt": "date",
    "jr": "year", "opp": "area", "fl": "area", "bedr": "amount", "betr": "amount", "lbl": "label", "anz": "quantity",
    "std": "hour", "tg": "day", "mng": "quantity", "pr": "price", "prs": "price", "kst": "cost", "geb": "fee",
    "gew": "weight", "tel": "phone", "str": "street", "cd": "code", "kz": "code", "tp": "type", "stat": "status",
    "grp": "group", "kat": "category", "adr": "address", "txt": "description",
}  # fmt: skip


@lru_cache(maxsize=1)
def _vocabulary() -> list[str]:
    """Every known word of some length, sorted."""
    return sorted(word for word in {*ALIASES, *KNOWN, *ENGLISH, *PLAIN} if len(word) >= _SHORTEST_START)


@lru_cache(maxsize=64)
def _by_bones(letter: str) -> dict[str, list[str]]:
    """The known words that begin with a letter, by it and the consonants after it."""
    found: dict[str, list[str]] = {}
    words = _vocabulary()
    for word in words[bisect_left(words, letter) : bisect_left(words, chr(ord(letter) + 1))]:
        found.setdefault(bones(word), []).append(word)
    return found


def bones(word: str) -> str:
    """A word's first letter and the consonants after it, none of them twice."""
    rest = singular(word)[1:].translate(_VOWELS)
    return word[0] + _TWICE.sub(r"\1", rest)


@lru_cache(maxsize=8192)
def expanded(piece: str) -> Words:
    """What a piece that nothing else knows is short for; () where no word or more than one could be meant."""
    known = piece in KNOWN or not PLAIN.isdisjoint((piece, singular(piece))) or piece in ENGLISH
    if known or canonical(piece) != (singular(piece),) or not piece.isalpha():
        return ()
    return _started(piece) or _boned(piece) or _ended(piece)


def _started(piece: str) -> Words:
    if not _SHORTEST_START <= len(piece) <= _LONGEST_START or piece[-1] in "aeiou":
        return ()
    words = _vocabulary()
    found: list[str] = []
    for word in words[bisect_left(words, piece) :]:
        if not word.startswith(piece):
            break
        # What begins with a word that is found is made of it: an eenheidsprijs beside an eenheid.
        if len(word) >= len(piece) + _LEAST_LEFT_OUT and not any(word.startswith(other) for other in found):
            found.append(word)
    meant = {canonical(word) for word in found}
    if len(meant) > 1 and meant <= _SOMEBODY:
        return ("person",)
    return meant.pop() if len(meant) == 1 else ()


def _boned(piece: str) -> Words:
    if len(piece) < _SHORTEST_BONES or piece[1:].translate(_VOWELS) != piece[1:]:
        return ()
    meant = {canonical(word) for word in _by_bones(piece[0]).get(bones(piece), ())}
    return meant.pop() if len(meant) == 1 else ()


def _ended(piece: str) -> Words:
    for end, word in _ENDS.items():
        head = piece.removesuffix(end)
        if head != piece and len(head) >= _SHORTEST_BEFORE_END:
            known = ALIASES.get(head) or ((head,) if head in KNOWN else ()) or ALIASES.get(head.removesuffix("s"), ())
            known = known or (len(head) >= _SHORTEST_START and _started(head)) or ()
            if known:
                return (*known, word)
    return ()
