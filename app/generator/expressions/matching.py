"""Regular expressions applied to arrays of text.

RE2, through Arrow, runs in time linear in the text. Look-around and back references, which it lacks, go to Python's
`re`, once per distinct value, and only for patterns that cannot backtrack without bound.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from unicodedata import category

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.regex import (
    Anchor,
    AnyCharacter,
    Chain,
    Characters,
    Choice,
    Group,
    Look,
    Node,
    Regex,
    Repeat,
    children_of,
    merged,
    parse_regex,
)
from app.generator.expressions.vectors import Mask, as_bools

_MAX_PYTHON_PATTERN = 1_000
_MAX_UNBOUNDED_IN_SEQUENCE = 4


@lru_cache(maxsize=1024)
def matcher(pattern: str, ignore_case: bool) -> Callable[[pa.Array], Mask]:
    """A function that says which texts hold a match. Raises ExpressionUnknown for patterns that cannot be run."""
    regex = parse_regex(pattern, ignore_case)
    linear = to_re2(regex)
    if linear is not None:
        return lambda texts: as_bools(pc.match_substring_regex(texts, linear))
    compiled = to_python_regex(regex, pattern)
    return lambda texts: _match_distinct(compiled, texts)


def _match_distinct(compiled: "re.Pattern[str]", texts: pa.Array) -> Mask:
    encoded = texts.dictionary_encode()
    hits = [compiled.search(text) is not None for text in encoded.dictionary.to_pylist()]
    table = np.array([*hits, False], dtype=np.bool_)
    codes = pc.fill_null(encoded.indices, len(hits)).to_numpy(zero_copy_only=False)
    found: Mask = table[codes]
    return found


@lru_cache(maxsize=1024)
def to_re2(regex: Regex) -> str | None:
    """The pattern in RE2's syntax; None when RE2 cannot run it."""
    try:
        text = ("(?si)" if regex.ignore_case else "(?s)") + _Writer(_re2_characters, "\\z").write(regex.node)
        pc.match_substring_regex(pa.array([""]), text)
    except (_Unwritable, pa.ArrowInvalid):
        return None
    return text


@lru_cache(maxsize=1024)
def to_python_regex(regex: Regex, pattern: str) -> "re.Pattern[str]":
    """The pattern for Python's `re`. Raises ExpressionUnknown for one that could take exponential time."""
    if len(pattern) > _MAX_PYTHON_PATTERN or _backtracks(regex.node):
        raise ExpressionUnknown("a regular expression that could run for very long", pattern)
    flags = re.DOTALL | (re.IGNORECASE if regex.ignore_case else 0)
    try:
        return re.compile(_Writer(_python_characters, "\\Z", look=True).write(regex.node), flags)
    except (re.error, _Unwritable, OverflowError):
        raise ExpressionUnknown("a regular expression of this kind", pattern) from None


def _backtracks(node: Node) -> bool:
    """Whether repeats without limit are nested, or stand in long rows: what makes backtracking explode."""
    unbounded_here = 0
    for part in _parts(node):
        if isinstance(part, Repeat) and (part.most is None or part.most > 20):
            unbounded_here += 1
            if any(isinstance(inner, Repeat) and inner.most != 1 for inner in _parts(part.item)):
                return True
            if any(isinstance(inner, Choice) and not _is_told_apart(inner) for inner in _parts(part.item)):
                return True
    return unbounded_here > _MAX_UNBOUNDED_IN_SEQUENCE


def _is_told_apart(choice: Choice) -> bool:
    """Whether the first character says which of the options it is, so that none is tried in vain."""
    firsts = [option.items[0] if isinstance(option, Chain) and option.items else option for option in choice.options]
    taken: list[tuple[int, int]] = []
    for first in firsts:
        if not isinstance(first, Characters) or first.negated or first.excluded_classes:
            return False
        own = [*first.ranges, *(span for name in first.classes for span in _class_ranges(name))]
        if any(low <= last and start <= high for low, high in own for start, last in taken):
            return False
        taken += own
    return True


def _parts(node: Node) -> list[Node]:
    found, pending = [], [node]
    while pending:
        part = pending.pop()
        found.append(part)
        pending.extend(children_of(part))
    return found


class _Unwritable(Exception):
    """The target syntax has no such thing."""


class _Writer:
    def __init__(self, characters: Callable[[Characters], str], end: str, look: bool = False) -> None:
        self._characters = characters
        self._end = end
        self._look = look

    def write(self, node: Node) -> str:
        if isinstance(node, Characters):
            return self._characters(node)
        if isinstance(node, AnyCharacter):
            return "."
        if isinstance(node, Chain):
            return "".join(self._item(item) for item in node.items)
        if isinstance(node, Choice):
            return "|".join(self.write(option) for option in node.options)
        if isinstance(node, Group):
            return f"({'' if node.number is not None else '?:'}{self.write(node.item)})"
        if isinstance(node, Repeat):
            return self._atom(node.item) + _bounds(node) + ("" if node.greedy else "?")
        if isinstance(node, Anchor):
            return self._anchor(node.place)
        if not self._look:
            raise _Unwritable
        if isinstance(node, Look):
            kind = ("" if node.ahead else "<") + ("!" if node.negated else "=")
            return f"(?{kind}{self.write(node.item)})"
        return f"(?:\\{node.number})"

    def _item(self, node: Node) -> str:
        text = self.write(node)
        return f"(?:{text})" if isinstance(node, Choice) else text

    def _atom(self, node: Node) -> str:
        text = self.write(node)
        return text if isinstance(node, Characters | AnyCharacter | Group) else f"(?:{text})"

    def _anchor(self, place: str) -> str:
        if place in ("start", "end"):
            return "\\A" if place == "start" else self._end
        if place in ("y", "Y"):
            return "\\b" if place == "y" else "\\B"
        if not self._look:
            raise _Unwritable
        return "\\b(?=\\w)" if place == "m" else "\\b(?<=\\w)"


def _bounds(node: Repeat) -> str:
    simple = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((node.least, node.most))
    if simple:
        return simple
    if node.most is None:
        return f"{{{node.least},}}"
    return f"{{{node.least}}}" if node.least == node.most else f"{{{node.least},{node.most}}}"


_RE2_CLASSES = {
    "alnum": r"\pL\pM0-9",
    "alpha": r"\pL\pM",
    "ascii": r"\x00-\x7f",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e\pL\pM\pN\pP\pS",
    "lower": r"\p{Ll}",
    "print": r"\x20-\x7e\pL\pM\pN\pP\pS\p{Zs}",
    "punct": r"\pP\pS",
    "space": r"\t\n\v\f\r \x{85}\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200A}\x{2028}\x{2029}\x{205F}\x{3000}",
    "upper": r"\p{Lu}",
    "word": r"\pL\pM0-9_",
    "xdigit": "0-9A-Fa-f",
}


def _re2_characters(node: Characters) -> str:
    inner = "".join(_RE2_CLASSES[name] for name in sorted(node.classes))
    inner += "".join(
        f"\\x{{{low:X}}}-\\x{{{high:X}}}" if low != high else f"\\x{{{low:X}}}" for low, high in node.ranges
    )
    if node.excluded_classes:
        # Of negated classes inside brackets only one, alone, is written easily.
        if inner or len(node.excluded_classes) > 1:
            raise _Unwritable
        (name,) = node.excluded_classes
        return f"[{'' if node.negated else '^'}{_RE2_CLASSES[name]}]"
    return f"[{'^' if node.negated else ''}{inner}]"


def _python_characters(node: Characters) -> str:
    ranges = list(node.ranges)
    for name in node.classes:
        ranges.extend(_class_ranges(name))
    for name in node.excluded_classes:
        ranges.extend(_complement(_class_ranges(name)))
    inner = "".join(f"\\U{low:08X}-\\U{high:08X}" for low, high in merged(ranges))
    return f"[{'^' if node.negated else ''}{inner}]"


def _complement(ranges: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    found, start = [], 0
    for low, high in ranges:
        if start < low:
            found.append((start, low - 1))
        start = high + 1
    return [*found, (start, 0x10FFFF)]


_CATEGORIES = {
    "alnum": ("L", "M", "Nd-ascii"),
    "alpha": ("L", "M"),
    "word": ("L", "M", "Nd-ascii"),
    "graph": ("L", "M", "N", "P", "S"),
    "print": ("L", "M", "N", "P", "S", "Zs"),
    "punct": ("P", "S"),
    "lower": ("Ll",),
    "upper": ("Lu",),
}
_FIXED_RANGES = {
    "ascii": [(0, 127)],
    "blank": [(32, 32), (9, 9)],
    "cntrl": [(0, 31), (127, 127)],
    "digit": [(48, 57)],
    "xdigit": [(48, 57), (65, 70), (97, 102)],
    "space": [
        *((9, 13), (32, 32), (0x85, 0x85), (0x1680, 0x1680), (0x2000, 0x2006), (0x2008, 0x200A)),
        *((0x2028, 0x2029), (0x205F, 0x205F), (0x3000, 0x3000)),
    ],
}


@lru_cache(maxsize=32)
def _class_ranges(name: str) -> tuple[tuple[int, int], ...]:
    """A class's code points in the basic plane: Python's `re` knows no \\p{L}."""
    if name in _FIXED_RANGES:
        return merged(_FIXED_RANGES[name])
    wanted = _CATEGORIES[name]
    found = [(48, 57)] if "Nd-ascii" in wanted else []
    if name == "word":
        found.append((95, 95))
    for code in range(0x10000):
        kind = category(chr(code))
        if kind in wanted or kind[0] in wanted:
            found.append((code, code))
    return merged(found)


def replacement_for_re2(text: str) -> str | None:
    """A regexp_replace replacement in RE2's syntax: \\1 and \\& are known to both, other escapes are not."""
    found, i = [], 0
    while i < len(text):
        char = text[i]
        if char == "\\":
            i += 1
            following = text[i : i + 1]
            if following == "&":
                found.append("\\0")
            elif following.isdigit() and following != "0":
                found.append("\\" + following)
            elif following == "\\":
                found.append("\\\\")
            else:
                return None
        else:
            found.append(char)
        i += 1
    return "".join(found)


def picks_longest(regex: Regex) -> bool:
    """Whether POSIX' longest match may differ from RE2's first one: alternatives, or mixed greediness."""
    parts: list[Any] = _parts(regex.node)
    lazy = {part.greedy for part in parts if isinstance(part, Repeat)}
    return any(isinstance(part, Choice) for part in parts) or len(lazy) > 1
