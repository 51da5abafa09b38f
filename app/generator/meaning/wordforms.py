"""Plural and feminine nouns of French, Spanish, Portuguese and Italian, brought to the form that a list has.

Endings alone tell, so what comes out may be no word at all: it is looked up, and then found or not.
"""

from collections.abc import Iterator
from functools import lru_cache

_Endings = tuple[tuple[str, str], ...]

# What a plural ends in, and what a singular ends in instead.
_PLURALS: dict[str, _Endings] = {
    "fr": (("aux", "al"), ("aux", "au"), ("eux", "eu"), ("s", "")),
    "es": (("ces", "z"), ("es", ""), ("s", "")),
    "pt": (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ois", "ol"), ("ns", "m"), ("es", ""),
           ("s", "")),
    "it": (("chi", "co"), ("ghi", "go"), ("che", "ca"), ("ghe", "ga"), ("ii", "io"), ("i", "o"), ("i", "e"),
           ("i", "io"), ("i", "a"), ("e", "a")),
}  # fmt: skip
# The same for somebody who is a woman, and a man.
_FEMININES: dict[str, _Endings] = {
    "fr": (("trice", "teur"), ("euse", "eur"), ("iere", "ier"), ("enne", "en"), ("onne", "on"), ("ive", "if"),
           ("e", "")),
    "es": (("triz", "tor"), ("ora", "or"), ("esa", ""), ("a", "o"), ("a", "")),
    "pt": (("triz", "tor"), ("ora", "or"), ("oa", "ao"), ("a", "o"), ("a", "")),
    "it": (("trice", "tore"), ("essa", "e"), ("a", "o"), ("a", "e")),
}  # fmt: skip
_SHORTEST_STEM = 3


def singulars(word: str, language: str) -> tuple[str, ...]:
    """What a word may be the plural of, the likeliest first."""
    return _ended(word, _PLURALS.get(language, ()))


@lru_cache(maxsize=4096)
def masculines(word: str, language: str) -> tuple[str, ...]:
    """What somebody is called who is a man, by what a woman or several people are called."""
    endings = _FEMININES.get(language, ())
    return tuple(dict.fromkeys(form for one in (word, *singulars(word, language)) for form in _ended(one, endings)))


def _ended(word: str, endings: _Endings) -> tuple[str, ...]:
    return tuple(_replaced(word, endings))


def _replaced(word: str, endings: _Endings) -> Iterator[str]:
    for end, other in endings:
        if word.endswith(end) and len(word) - len(end) >= _SHORTEST_STEM:
            yield word[: len(word) - len(end)] + other
