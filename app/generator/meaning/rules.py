"""Which words mean what: rules by kind of column, the first that holds decides.

A rule is a concept and patterns. A pattern's words must all be in the name; `word$` must be its last one and `^word`
its first, `-word` must not be in it, `=word` is the whole name, `@entity` is what the table is about, and `<=n` bounds
the column's length. The files `*_rules.txt` hold them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.generator.meaning.naming import singular
from app.generator.meaning.words import ALIASES

_CANONICAL = frozenset(word for words in ALIASES.values() for word in words)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to say a concept."""

    words: frozenset[str]
    absent: frozenset[str]
    first: str | None
    last: str | None
    whole: tuple[str, ...] | None
    entity: str | None
    most: int | None

    def holds(self, found: Sequence[str], entities: frozenset[str], length: int | None) -> bool:
        """Whether a name's words, the table's entities and the column's length are as the pattern wants."""
        if self.entity is not None and self.entity not in entities:
            return False
        if self.most is not None and (length is None or length > self.most):
            return False
        if self.whole is not None:
            return tuple(found) == self.whole
        present = set(found)
        if not self.words <= present or self.absent & present:
            return False
        if self.first is not None and (not found or found[0] != self.first):
            return False
        return self.last is None or (bool(found) and found[-1] == self.last)


def _canonical(word: str) -> str:
    """A word of a pattern in the form that names are brought to."""
    return word if word in _CANONICAL else singular(word)


def _pattern(text: str) -> Pattern:
    words: set[str] = set()
    absent: set[str] = set()
    first: str | None = None
    last: str | None = None
    whole: list[str] | None = None
    entity: str | None = None
    most: int | None = None
    for word in text.split():
        if word.startswith("="):
            whole = [_canonical(word[1:])]
        elif whole is not None and word[0] not in "@<-":
            whole.append(_canonical(word))
        elif word.startswith("-"):
            absent.add(_canonical(word[1:]))
        elif word.startswith("@"):
            entity = word[1:]
        elif word.startswith("<="):
            most = int(word[2:])
        elif word.endswith("$"):
            last = _canonical(word[:-1])
            words.add(last)
        elif word.startswith("^"):
            first = _canonical(word[1:])
            words.add(first)
        else:
            words.add(_canonical(word))
    return Pattern(frozenset(words), frozenset(absent), first, last, tuple(whole) if whole else None, entity, most)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a kind of column. `by_word` holds each pattern, with its place, under one of its words."""

    by_word: Mapping[str, tuple[tuple[int, str, Pattern], ...]]

    def first_concept(self, found: tuple[str, ...], entities: frozenset[str], length: int | None) -> str | None:
        """The concept of the first rule that holds."""
        best: tuple[int, str] | None = None
        for word in set(found):
            for place, concept, pattern in self.by_word.get(word, ()):
                if best is not None and place >= best[0]:
                    break
                if pattern.holds(found, entities, length):
                    best = (place, concept)
                    break
        return None if best is None else best[1]


@lru_cache(maxsize=3)
def rules_for(kind: str) -> Rules:
    """The rules for columns of a kind: text, number or moment. Indented lines of the file continue the one before."""
    text = (Path(__file__).parent / f"{kind}_rules.txt").read_text("utf-8").replace("\n    ", " ")
    by_word: dict[str, list[tuple[int, str, Pattern]]] = {}
    place = 0
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        concept, _, patterns = line.partition(": ")
        for written in patterns.split(", "):
            pattern = _pattern(written.strip().rstrip(","))
            anchor = pattern.whole[0] if pattern.whole else min(pattern.words)
            by_word.setdefault(anchor, []).append((place, concept, pattern))
            place += 1
    return Rules({word: tuple(patterns) for word, patterns in by_word.items()})


@lru_cache(maxsize=16_384)
def first_concept(kind: str, found: tuple[str, ...], entities: frozenset[str], length: int | None) -> str | None:
    """The concept of the first rule for a kind of column that holds."""
    return rules_for(kind).first_concept(found, entities, length)
