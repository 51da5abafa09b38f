"""Words of names whose columns hold one of a few things that everybody knows: habitats, gearboxes, verdicts.

`listed.txt` has the things in English; `listed_de.txt` and the like have them for tables that are named in another
language. There, `=concept` is what a concept is one of whose words are English ones elsewhere: priorities, units, days.
"""

from functools import lru_cache
from pathlib import Path

from app.generator.meaning.compounds import ended_values
from app.generator.meaning.heads import values_of
from app.generator.meaning.naming import tokens

_WIDEST = 3
_TYPES = frozenset({"type", "kind", "class", "mode", "category", "classification", "method"})
# What says nothing of the thing before it.
_ASIDE = frozenset({"name", "system", "option", "preference", "setting", "used"})
Lists = dict[tuple[str, ...], tuple[str, ...]]


@lru_cache(maxsize=16)
def _lists(language: str | None = None) -> Lists:
    found: Lists = {}
    file = Path(__file__).parent / (f"listed_{language}.txt" if language else "listed.txt")
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        if not line.startswith("#"):
            head, _, values = line.partition(": ")
            words, kept = tuple(head.split()), tuple(values.split("; "))
            found[words] = kept
            if len(words) > 1 and not head.startswith("="):
                found.setdefault(tokens("_".join(words)), kept)
    return found


@lru_cache(maxsize=8192)
def listed(words: tuple[str, ...], language: str | None = None) -> tuple[str, ...]:
    """What a column whose name has those words holds one of, in that language where it has the list; () for none.

    Words that only say `type` are left out, unless a list is of them.
    """
    own = values_of(words) or ended_values(words)
    if own:
        return own
    key = _key(words)
    return _lists(language).get(key) or _lists().get(key, ())


def said_in(language: str | None, *concept: str) -> tuple[str, ...]:
    """What a concept is one of, as tables of a language say it: a flag is S or N; () where its file does not tell.

    More words tell a kind of the concept: `kind`, `leave`.
    """
    return _lists(language).get((f"={concept[0]}", *concept[1:]), ()) if language else ()


@lru_cache(maxsize=8192)
def is_listed(words: tuple[str, ...]) -> bool:
    """Whether there is a list for the last words of a name together, and not only for one of them."""
    lists = _lists()
    return any(words[-width:] in lists for width in range(2, min(_WIDEST, len(words)) + 1))


def _key(words: tuple[str, ...]) -> tuple[str, ...]:
    """The longest end of a name that has a list; () where none has."""
    lists = _lists()
    if len(words) > 1:
        for width in range(min(_WIDEST, len(words)), 1, -1):
            if words[-width:] in lists:
                return words[-width:]
    said = tuple(word for word in words if word not in _TYPES and word not in _ASIDE) or words
    for width in range(min(_WIDEST, len(said)), 0, -1):
        key = said[-width:]
        if key in lists:
            return key
        typed = (f"~{key[0]}", *key[1:])
        if typed in lists and _TYPES & set(words):
            return typed
    return ()
