"""What a comment says that a column is one of: `monthly or yearly`, `A = active, B = blocked`, `one of: low, high`."""

import re
from functools import lru_cache

_PREFIX = re.compile(
    r"^(?:(?:possible |allowed |valid )?values?(?: are)?|one of|enum|either|e\.?g\.?|such as|werte?|moegliche werte|"
    r"mögliche werte|eine[rs]? von|z\.? ?b\.?|mogelijke waarden|waarden|een van|bijv\.?)\s*[:=]?\s*",
    re.IGNORECASE,
)
_KEYED = re.compile(r"(?:^|[,;/|]\s*)\(?['\"]?([A-Za-z0-9]{1,12})['\"]?\)?\s*(?:=|:|->|–|—)\s*([^,;/|]{2,40})")
_APART = re.compile(r"\s*(?:[,;|]|(?<!\d)/|/(?!\d)|\bor\b|\boder\b|\bou\b)\s*", re.IGNORECASE)
# What joins values in Dutch joins a thing and its owner in English.
_DUTCH = re.compile(r"\bof\b", re.IGNORECASE)
_FEWEST, _MOST = 2, 12
_LONGEST_VALUE = 24
_MOST_WORDS = 2
_SENTENCES = re.compile(r"[.!?]\s|\bof the\b|\bin the\b|\bwhen\b|\bif\b|\bwird\b|\bwenn\b|\bals\b", re.IGNORECASE)
_WORDED = re.compile(r"[A-Za-z0-9À-ÿ][\w À-ÿ'&+.-]*|\d/\d")
# What begins a list that is only of examples, or stands for more.
_MORE = re.compile(r"\b(?:etc|usw|enz|and so on|among others)\b\.?", re.IGNORECASE)


@lru_cache(maxsize=1024)
def enumerated(comment: str, language: str | None = None) -> tuple[str, ...]:
    """The values in the comment's order; () where it does not list any. `language` is the table's."""
    text = _MORE.sub("", comment.strip()).rstrip(" .,;")
    if language == "nl":
        text = _DUTCH.sub(",", text)
    keyed = _KEYED.findall(text)
    if len(keyed) >= _FEWEST:
        return tuple(dict.fromkeys(key for key, _ in keyed))[:_MOST]
    listed = _PREFIX.sub("", text)
    after = listed.partition(":")[2] if ":" in listed and listed == text else listed
    found = _values(after.strip("() ")) or _bracketed(text)
    # Of two words without a comma or an `or` nothing says that there are others.
    return found if _FEWEST <= len(found) <= _MOST else ()


def _bracketed(text: str) -> tuple[str, ...]:
    inside = re.search(r"\(([^()]+)\)\s*$", text)
    return _values(_PREFIX.sub("", inside.group(1))) if inside is not None else ()


def _values(text: str) -> tuple[str, ...]:
    if _SENTENCES.search(text):
        return ()
    values = tuple(dict.fromkeys(value.strip("'\" ") for value in _APART.split(text)))
    fits = all(
        0 < len(value) <= _LONGEST_VALUE and len(value.split()) <= _MOST_WORDS and _WORDED.fullmatch(value)
        for value in values
    )
    return values if fits else ()
