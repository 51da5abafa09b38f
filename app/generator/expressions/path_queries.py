"""Conditions on paths of labels (ltree), lquery among them, as regular expressions over their text."""

import re

from app.generator.expressions.nodes import ExpressionUnknown

_ANY = "[A-Za-z0-9_]+"
_STAR = re.compile(r"\*(?:\{(\d*)(,?)(\d*)\})?")
_LABELS = re.compile(r"([A-Za-z0-9_@*|]+)(?:\{(\d*)(,?)(\d*)\})?")
# One level of the query: what a label looks like, and how many there may be; None for any number.
_Level = tuple[str, int, int | None]


def lquery_to_regex(query: str) -> str:
    """An lquery as an anchored ARE over whole paths. Raises ExpressionUnknown for one with negations or word parts."""
    levels = [_level(level, query) for level in query.split(".")]
    return f"^(?:{_joined(levels)})$"


def below(path: str) -> str:
    """The paths at or below a path, as an anchored ARE."""
    labels = "[.]".join(path.split("."))
    return f"^{labels}(?:[.]{_ANY})*$" if path else f"^{_ANY}(?:[.]{_ANY})*$"


def ending_in(path: str) -> str:
    """The paths whose last labels are these, as an anchored ARE."""
    return f"^(?:{_ANY}[.])*{'[.]'.join(path.split('.'))}$"


def with_levels(least: int, most: int | None) -> str:
    """The paths of so many labels, at least one, as an anchored ARE."""
    return f"^(?:{_ANY}[.]){_count(max(least - 1, 0), None if most is None else most - 1)}{_ANY}$"


def _level(text: str, query: str) -> _Level:
    star = _STAR.fullmatch(text)
    if star is not None:
        return (_ANY, *_times(star, 1, (0, None)))
    found = _LABELS.fullmatch(text)
    if found is None:
        raise ExpressionUnknown(f"the level {text} of a query for paths", query)
    options = [_label(option) for option in found[1].split("|")]
    return ("(?:" + "|".join(options) + ")", *_times(found, 2, (1, 1)))


def _times(found: "re.Match[str]", first: int, default: tuple[int, int | None]) -> tuple[int, int | None]:
    low, comma, high = found[first], found[first + 1], found[first + 2]
    if low is None:
        return default
    least = int(low or 0)
    return least, (int(high) if high else None) if comma else least


def _label(text: str) -> str:
    name = text.rstrip("@*")
    flags = text[len(name) :]
    body = "".join(f"[{char.lower()}{char.upper()}]" if "@" in flags and char.isalpha() else char for char in name)
    return body + ("[A-Za-z0-9_]*" if "*" in flags else "")


def _joined(levels: list[_Level]) -> str:
    """The levels with dots between labels: whole labels with their dots, and a last one without."""
    if not levels:
        return ""
    label, least, most = levels[-1]
    before = "".join(f"(?:{one}[.]){_count(low, high)}" for one, low, high in levels[:-1])
    ending = before + f"(?:{label}[.]){_count(max(least - 1, 0), None if most is None else most - 1)}{label}"
    if most == 0:
        return _joined(levels[:-1])
    return ending if least else f"{ending}|{_joined(levels[:-1])}"


def _count(least: int, most: int | None) -> str:
    return f"{{{least},{'' if most is None else most}}}"
