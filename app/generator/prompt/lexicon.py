"""The words of prompts: the part they play in a sentence, and the English noun that they mean."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_LONGEST_PHRASE = 4


def _entries(file: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in (_FOLDER / file).read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace():
            found[-1][1].extend(line.split())
        else:
            head, _, rest = line.partition(":")
            found.append((head, rest.split()))
    return found


@cache
def roles() -> Mapping[tuple[str, ...], frozenset[str]]:
    """The parts that a word, or several in a row, may play."""
    found: dict[tuple[str, ...], set[str]] = {}
    for role, words in _entries("words.txt"):
        for word in words:
            found.setdefault(tuple(part for part in word.split("*") if part), set()).add(role)
    return {words: frozenset(parts) for words, parts in found.items()}


@cache
def nouns() -> Mapping[tuple[str, ...], str]:
    """The noun that a word, or several in a row, mean; the first line that has a word decides."""
    found: dict[tuple[str, ...], str] = {}
    for noun, words in _entries("nouns.txt"):
        for word in (noun, *words):
            found.setdefault(tuple(word.split("*")), noun)
    return found


def noun_of(words: tuple[str, ...]) -> str:
    """What a word means, in English and in the singular where it is known; else the word itself, in the singular."""
    from app.generator.meaning.naming import singular

    known = nouns()
    if words in known:
        return known[words]
    if len(words) == 1:
        single = singular(words[0])
        return known.get((single,), single)
    return "_".join((*words[:-1], noun_of(words[-1:])))


def longest_role(words: tuple[str, ...]) -> tuple[int, frozenset[str]]:
    """How many of the first words make up a known phrase, and the parts that it may play; (0, nothing) for none."""
    known = roles()
    for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        if words[:length] in known:
            return length, known[words[:length]]
    return 0, frozenset()
