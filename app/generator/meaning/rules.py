"""Which words mean what: rules by kind of column, the first that holds decides.

A rule is a concept and patterns. A pattern's words must all be in the name; `word$` must be its last one, `-word` must
not be in it, `=word` is the whole name, `@entity` is what the table is about, and
`<=n` bounds the column's length. The files `*_rules.txt` hold them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to say a concept."""

    words: frozenset[str]
    absent: frozenset[str]
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
        return self.last is None or (bool(found) and found[-1] == self.last)


def _pattern(text: str) -> Pattern:
    words: set[str] = set()
    absent: set[str] = set()
    last: str | None = None
    whole: list[str] | None = None
    entity: str | None = None
    most: int | None = None
    for word in text.split():
        if word.startswith("="):
            whole = [word[1:]]
        elif whole is not None and word[0] not in "@<-":
            whole.append(word)
        elif word.startswith("-"):
            absent.add(word[1:])
        elif word.startswith("@"):
            entity = word[1:]
        elif word.startswith("<="):
            most = int(word[2:])
        elif word.endswith("$"):
            last = word[:-1]
            words.add(last)
        else:
            words.add(word)
    return Pattern(frozenset(words), frozenset(absent), last, tuple(whole) if whole is not None else None, entity, most)


Rules = tuple[tuple[str, tuple[Pattern, ...]], ...]


@lru_cache(maxsize=3)
def rules_for(kind: str) -> Rules:
    """The rules for columns of a kind: text, number or moment. Indented lines of the file continue the one before."""
    text = (Path(__file__).parent / f"{kind}_rules.txt").read_text("utf-8").replace("\n    ", " ")
    found = []
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        concept, _, patterns = line.partition(": ")
        found.append((concept, tuple(_pattern(pattern) for pattern in patterns.split(", "))))
    return tuple(found)


def first_concept(
    rules: Rules,
    found: Sequence[str],
    entities: frozenset[str],
    length: int | None,
) -> str | None:
    """The concept of the first rule that holds."""
    for concept, patterns in rules:
        if any(pattern.holds(found, entities, length) for pattern in patterns):
            return concept
    return None
