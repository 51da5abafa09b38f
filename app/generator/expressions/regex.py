"""Postgres' advanced regular expressions (ARE), read into a small tree.

Grammar: "POSIX Regular Expressions" in the PostgreSQL manual. Locale specific collating elements and the options that
change newline matching are not understood.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.generator.expressions.nodes import ExpressionUnknown

MAX_CHARACTERS = 5_000
MAX_REPEAT = 255
MAX_DEPTH = 40
LAST_CODE_POINT = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of ranges of code points and named classes, or none of them."""

    ranges: tuple[tuple[int, int], ...] = ()
    classes: frozenset[str] = frozenset()
    excluded_classes: frozenset[str] = frozenset()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AnyCharacter:
    """`.`"""


@dataclass(frozen=True, slots=True)
class Anchor:
    """`start`, `end`, or a word constraint: `m` start of a word, `M` end, `y` either, `Y` neither."""

    place: str


@dataclass(frozen=True, slots=True)
class Chain:
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Choice:
    options: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """`most` is None for no limit."""

    item: "Node"
    least: int
    most: int | None
    greedy: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """`number` is None for a group that does not capture."""

    item: "Node"
    number: int | None


@dataclass(frozen=True, slots=True)
class Look:
    item: "Node"
    ahead: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class BackReference:
    number: int


Node = Characters | AnyCharacter | Anchor | Chain | Choice | Repeat | Group | Look | BackReference

EMPTY = Chain(())


@dataclass(frozen=True, slots=True)
class Regex:
    node: Node
    ignore_case: bool
    groups: int


@lru_cache(maxsize=2048)
def parse_regex(text: str, ignore_case: bool = False) -> Regex:
    """Reads an ARE. Raises ExpressionUnknown for what is malformed or not understood."""
    if len(text) > MAX_CHARACTERS:
        raise ExpressionUnknown(f"a regular expression of more than {MAX_CHARACTERS} characters", text[:80])
    if text.startswith("***="):
        return Regex(Chain(tuple(_literal(char) for char in text[4:])), ignore_case, 0)
    body = text.removeprefix("***:")
    expanded = False
    if body.startswith("(?") and (end := body.find(")")) > 0 and body[2:end].isalpha():
        for option in body[2:end]:
            if option == "i":
                ignore_case = True
            elif option == "c":
                ignore_case = False
            elif option == "x":
                expanded = True
            elif option not in "ste":
                raise ExpressionUnknown(f"the option {option} of a regular expression", text)
        body = body[end + 1 :]
    reader = _Reader(body, expanded)
    node = reader.choice()
    if reader.position != len(body):
        raise reader.unknown("an unmatched parenthesis")
    return Regex(node, ignore_case, reader.groups)


def _literal(char: str) -> Characters:
    return Characters(((ord(char), ord(char)),))


_ESCAPES = {"a": "\a", "b": "\b", "B": "\\", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SHORTHANDS = {"d": "digit", "s": "space", "w": "word"}
_CONSTRAINTS = {"A": "start", "Z": "end", "m": "m", "M": "M", "y": "y", "Y": "Y"}
CLASSES = frozenset("alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit".split())


class _Reader:
    def __init__(self, text: str, expanded: bool) -> None:
        self.text = text
        self.position = 0
        self.groups = 0
        self._depth = 0
        self._expanded = expanded

    def unknown(self, what: str) -> ExpressionUnknown:
        return ExpressionUnknown(f"{what} in a regular expression", self.text)

    def _peek(self, size: int = 1) -> str:
        return self.text[self.position : self.position + size]

    def _next(self) -> str:
        if self.position >= len(self.text):
            raise self.unknown("an early end")
        self.position += 1
        return self.text[self.position - 1]

    def choice(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.unknown("such deep nesting")
        options = [self._branch()]
        while self._peek() == "|":
            self.position += 1
            options.append(self._branch())
        self._depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _branch(self) -> Node:
        items: list[Node] = []
        while True:
            if self._expanded:
                self._skip_space()
            if self._peek() in ("", "|", ")"):
                break
            item = self._atom()
            if item is not None:
                items.append(self._quantified(item))
        return items[0] if len(items) == 1 else Chain(tuple(items))

    def _skip_space(self) -> None:
        while self._peek().isspace() or self._peek() == "#":
            if self._next() == "#":
                while self._peek() not in ("", "\n"):
                    self.position += 1

    def _atom(self) -> Node | None:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._bracket()
        if char == ".":
            return AnyCharacter()
        if char == "^":
            return Anchor("start")
        if char == "$":
            return Anchor("end")
        if char == "\\":
            return self._escape()
        if char in "*+?" or (char == "{" and self._peek().isdigit()):
            raise self.unknown("a quantifier with nothing before it")
        return _literal(char)

    def _group(self) -> Node | None:
        look = {"?=": (True, False), "?!": (True, True)}.get(self._peek(2))
        behind = {"?<=": (False, False), "?<!": (False, True)}.get(self._peek(3))
        found: Node
        if self._peek(2) == "?#":
            end = self.text.find(")", self.position)
            if end < 0:
                raise self.unknown("a comment that is not closed")
            self.position = end + 1
            return None
        if look is not None:
            self.position += 2
            found = Look(self.choice(), *look)
        elif behind is not None:
            self.position += 3
            found = Look(self.choice(), *behind)
        elif self._peek(2) == "?:":
            self.position += 2
            found = Group(self.choice(), None)
        elif self._peek() == "?":
            raise self.unknown("a group of this kind")
        else:
            self.groups += 1
            number = self.groups
            found = Group(self.choice(), number)
        if self._peek() != ")":
            raise self.unknown("a parenthesis that is not closed")
        self.position += 1
        return found

    def _quantified(self, item: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return item
        if isinstance(item, Anchor | Look):
            raise self.unknown("a quantified constraint")
        greedy = self._peek() != "?"
        if not greedy:
            self.position += 1
        if self._peek() in ("*", "+", "?") and self._peek():
            raise self.unknown("two quantifiers in a row")
        least, most = bounds
        return Repeat(item, least, most, greedy)

    def _bounds(self) -> tuple[int, int | None] | None:
        char = self._peek()
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if char in simple:
            self.position += 1
            return simple[char]
        if char != "{" or not self._peek(2)[1:].isdigit():
            return None
        end = self.text.find("}", self.position)
        least, comma, most = self.text[self.position + 1 : end].partition(",")
        if end < 0 or not least.isdigit() or (most and not most.isdigit()):
            raise self.unknown("a malformed quantifier")
        self.position = end + 1
        low = int(least)
        high = None if comma and not most else int(most or least)
        if low > MAX_REPEAT or (high is not None and (high > MAX_REPEAT or high < low)):
            raise self.unknown("a quantifier out of range")
        return low, high

    def _escape(self) -> Node:
        char = self._next()
        if char in _CONSTRAINTS:
            return Anchor(_CONSTRAINTS[char])
        if char.lower() in _SHORTHANDS:
            name = frozenset((_SHORTHANDS[char.lower()],))
            return Characters(classes=name, negated=char.isupper())
        if char.isdigit() and char != "0":
            if self._peek().isdigit():
                raise self.unknown("a numeric escape")
            if int(char) > self.groups:
                raise self.unknown("a reference to a later group")
            return BackReference(int(char))
        return _literal(self._escaped(char))

    def _escaped(self, char: str) -> str:
        if char in _ESCAPES:
            return _ESCAPES[char]
        sizes = {"u": 4, "U": 8}
        if char in sizes:
            return self._code(self._take(sizes[char]))
        if char == "x":
            digits = ""
            while self._peek() and self._peek() in "0123456789abcdefABCDEF":
                digits += self._next()
            return self._code(digits[-8:])
        if char == "0":
            digits = ""
            while len(digits) < 2 and self._peek() and self._peek() in "01234567":
                digits += self._next()
            return chr(int(digits or "0", 8))
        if char == "c":
            return chr(ord(self._next()) & 31)
        if char.isalnum():
            raise self.unknown(f"the escape \\{char}")
        return char

    def _take(self, size: int) -> str:
        found = self._peek(size)
        self.position += size
        return found

    def _code(self, digits: str) -> str:
        try:
            return chr(int(digits, 16))
        except (ValueError, OverflowError):
            raise self.unknown("an escape by number") from None

    def _bracket(self) -> Characters:
        negated = self._peek() == "^"
        if negated:
            self.position += 1
        ranges: list[tuple[int, int]] = []
        classes: set[str] = set()
        excluded: set[str] = set()
        first = True
        while first or self._peek() != "]":
            first = False
            if self._peek(2) == "[:":
                classes.add(self._named_class())
                continue
            if self._peek() == "\\" and self._peek(2)[1:].lower() in _SHORTHANDS and len(self._peek(2)) == 2:
                shorthand = self._take(2)[1]
                (excluded if shorthand.isupper() else classes).add(_SHORTHANDS[shorthand.lower()])
                continue
            low = self._bracket_character()
            if self._peek() == "-" and self._peek(2) != "-]" and len(self._peek(2)) == 2:
                self.position += 1
                high = self._bracket_character()
                if high < low:
                    raise self.unknown("a range that runs backwards")
                ranges.append((ord(low), ord(high)))
            else:
                ranges.append((ord(low), ord(low)))
        self.position += 1
        return Characters(merged(ranges), frozenset(classes), frozenset(excluded), negated)

    def _named_class(self) -> str:
        end = self.text.find(":]", self.position)
        name = self.text[self.position + 2 : end]
        if end < 0 or name not in CLASSES:
            raise self.unknown(f"the class {name}")
        self.position = end + 2
        return name

    def _bracket_character(self) -> str:
        char = self._next()
        if char == "[" and self._peek() in (".", "="):
            raise self.unknown("a collating element")
        if char != "\\":
            return char
        return self._escaped(self._next())


def merged(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges in order, joined where they touch."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def children_of(node: Node) -> tuple[Node, ...]:
    """The direct parts of a node."""
    if isinstance(node, Chain):
        return node.items
    if isinstance(node, Choice):
        return node.options
    if isinstance(node, Repeat | Group | Look):
        return (node.item,)
    return ()
