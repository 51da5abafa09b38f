"""Words of names whose columns hold one of a few things that everybody knows: habitats, gearboxes, verdicts."""

from functools import lru_cache
from pathlib import Path

_WIDEST = 3
_TYPES = frozenset({"type", "kind", "class", "mode", "category", "classification"})
# What says nothing of the thing before it.
_ASIDE = frozenset({"name", "system", "option", "preference", "setting", "used"})


@lru_cache(maxsize=1)
def _lists() -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in (Path(__file__).parent / "listed.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            head, _, values = line.partition(": ")
            found[tuple(head.split())] = tuple(values.split("; "))
    return found


@lru_cache(maxsize=8192)
def listed(words: tuple[str, ...]) -> tuple[str, ...]:
    """What a column whose name has those words holds one of; () for none. Words that only say `type` are left out."""
    lists = _lists()
    said = tuple(word for word in words if word not in _TYPES and word not in _ASIDE) or words
    for width in range(min(_WIDEST, len(said)), 0, -1):
        key = said[-width:]
        found = lists.get(key) or (lists.get((f"~{key[0]}", *key[1:])) if _TYPES & set(words) else None)
        if found:
            return found
    return ()
