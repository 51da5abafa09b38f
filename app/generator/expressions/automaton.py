"""Several regular expressions at once as one deterministic automaton over a small alphabet.

Thompson's construction and subsets, for the conjunction of all patterns: a text is accepted when every positive one
matches somewhere in it and no negated one does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from app.generator.domain import Pattern
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
    Repeat,
    children_of,
    parse_regex,
)

MAX_STATES = 3_000
_MAX_NODES = 10_000
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_DIGITS = "0123456789"
_SYMBOLS = "_.-!#%&*,:;/?$()[]{}<>|~^'@+= "
_ALNUM = frozenset(_LOWER + _UPPER + _DIGITS)
# What each class may be drawn from, plain characters first: readable text rather than every possible one.
_CLASS_CHARACTERS = {
    "alnum": _LOWER + _UPPER + _DIGITS,
    "alpha": _LOWER + _UPPER,
    "ascii": _LOWER + _UPPER + _DIGITS + " ",
    "blank": " ",
    "cntrl": "\t",
    "digit": _DIGITS,
    "graph": _LOWER + _UPPER + _DIGITS,
    "lower": _LOWER,
    "print": _LOWER + _UPPER + _DIGITS + " ",
    "punct": "!#$%&*,.-/:;?_",
    "space": " ",
    "upper": _UPPER,
    "word": _LOWER + _UPPER + _DIGITS + "_",
    "xdigit": _DIGITS + "abcdefABCDEF",
}
_CLASS_TESTS: Mapping[str, Callable[[str], bool]] = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "ascii": lambda c: ord(c) < 128,
    "blank": lambda c: c in " \t",
    "cntrl": lambda c: ord(c) < 32 or ord(c) == 127,
    "digit": lambda c: c in _DIGITS,
    "graph": lambda c: c.isprintable() and c != " ",
    "lower": str.islower,
    "print": str.isprintable,
    "punct": lambda c: c.isprintable() and not c.isalnum() and c != " ",
    "space": str.isspace,
    "upper": str.isupper,
    "word": lambda c: c.isalnum() or c == "_",
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
}


@dataclass(frozen=True, slots=True)
class Automaton:
    """`steps[state, group]` is the next state; state 0 accepts nothing, state 1 is the start.

    `groups` are characters that no pattern tells apart.
    """

    groups: tuple[str, ...]
    steps: npt.NDArray[np.int32]
    accepting: npt.NDArray[np.bool_]


def build(patterns: Sequence[Pattern], case: str | None = None) -> Automaton:
    """The automaton of the conjunction. `case` leaves out letters of the other case.

    Raises ExpressionUnknown for look-around inside a pattern, back references, and automata that grow too large.
    """
    trees: list[tuple[Node, bool, bool]] = []
    for pattern in patterns:
        regex = parse_regex(pattern.regex, pattern.ignore_case)
        trees.extend(_without_looks(regex.node, regex.ignore_case, pattern.negated))
    alphabet = _alphabet([node for node, _, _ in trees], case)
    machines = [_Machine(node, fold, alphabet) for node, fold, _ in trees]
    groups = _groups(alphabet, machines)
    return _determined(machines, [negated for _, _, negated in trees], groups)


def _without_looks(node: Node, fold: bool, negated: bool) -> list[tuple[Node, bool, bool]]:
    """`^(?=A)(?!B)C` as ^C, ^A and not ^B."""
    items = node.items if isinstance(node, Chain) else (node,)
    if not any(isinstance(part, Look) for part in items):
        return [(node, fold, negated)]
    if negated or items[0] != Anchor("start"):
        raise ExpressionUnknown("look-around that does not follow ^")
    looks: list[tuple[Node, bool, bool]] = []
    rest: list[Node] = [items[0]]
    leading = True
    for item in items[1:]:
        if leading and isinstance(item, Look) and item.ahead:
            looks.append((Chain((items[0], Group(item.item, None))), fold, item.negated))
        elif isinstance(item, Look):
            raise ExpressionUnknown("look-around inside a pattern")
        else:
            leading = False
            rest.append(item)
    return [(Chain(tuple(rest)), fold, False), *looks]


def _alphabet(nodes: Sequence[Node], case: str | None) -> str:
    """Letters and digits, and those other characters without which some part of a pattern could not be written."""
    found = dict.fromkeys(_LOWER + _UPPER + _DIGITS)
    for node in nodes:
        for part in _walk(node):
            if isinstance(part, Characters) and not any(_holds(part, char) for char in _ALNUM):
                found.update(dict.fromkeys(_members(part)))
    dropped = {"lower": str.isupper, "upper": str.islower}.get(case or "")
    return "".join(char for char in found if dropped is None or not dropped(char))


def _members(part: Characters) -> str:
    """Characters of a set that has no letters and digits, a readable choice of them."""
    if part.negated:
        return "".join(char for char in _SYMBOLS if _holds(part, char)) or "".join(_others(part))
    found: dict[str, None] = {}
    for name in sorted(part.classes):
        found.update(dict.fromkeys(_CLASS_CHARACTERS[name]))
    for low, high in part.ranges:
        if high - low < 128:
            found.update(dict.fromkeys(map(chr, range(low, high + 1))))
        else:
            found.update(dict.fromkeys(char for char in _LOWER + _UPPER + _DIGITS if low <= ord(char) <= high))
            found.update(dict.fromkeys(map(chr, range(max(low, 0xC0), min(high, max(low, 0xC0) + 40) + 1))))
    if not found and part.excluded_classes:
        found.update(dict.fromkeys(c for c in _LOWER + _UPPER + _DIGITS + " .-_" if _holds(part, c)))
    return "".join(char for char in found if char.isprintable() or char in "\t\n")


def _others(part: Characters) -> list[str]:
    """The first few letters beyond ASCII that a negated set leaves."""
    letters = (chr(code) for code in range(0xC0, 0x2000))
    return list(islice((char for char in letters if char.isprintable() and _holds(part, char)), 40))


def _holds(part: Characters, char: str) -> bool:
    code = ord(char)
    inside = (
        any(low <= code <= high for low, high in part.ranges)
        or any(_CLASS_TESTS[name](char) for name in part.classes)
        or any(not _CLASS_TESTS[name](char) for name in part.excluded_classes)
    )
    return inside != part.negated


def _walk(node: Node) -> list[Node]:
    found, pending = [], [node]
    while pending:
        part = pending.pop()
        found.append(part)
        pending.extend(children_of(part))
    return found


class _Machine:
    """A nondeterministic automaton of one pattern, matching anywhere in a text."""

    def __init__(self, node: Node, fold: bool, alphabet: str) -> None:
        self._fold = fold
        self._alphabet = alphabet
        self._known: dict[Characters | AnyCharacter, frozenset[str]] = {}
        self.moves: list[tuple[int, frozenset[str], int]] = []
        self.free: list[list[int]] = []
        self.at_start: list[list[int]] = []
        self.at_end: list[list[int]] = []
        self.start = self._state()
        self.final = self._state()
        everything = frozenset(alphabet)
        self.moves += [(self.start, everything, self.start), (self.final, everything, self.final)]
        self._add(node, self.start, self.final)
        self.by_state: list[list[tuple[frozenset[str], int]]] = [[] for _ in self.free]
        for source, characters, target in self.moves:
            self.by_state[source].append((characters, target))
        # What is reached from several states is what is reached from each: of a state it is found once.
        self._reached: dict[tuple[int, str], frozenset[int]] = {}
        self._stepped: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._ending: dict[tuple[int, bool], bool] = {}

    def _state(self) -> int:
        if len(self.free) > _MAX_NODES:
            raise ExpressionUnknown("a regular expression that grows so large")
        self.free.append([])
        self.at_start.append([])
        self.at_end.append([])
        return len(self.free) - 1

    def _add(self, node: Node, source: int, target: int) -> None:
        if isinstance(node, Characters | AnyCharacter):
            self.moves.append((source, self._characters(node), target))
        elif isinstance(node, Group):
            self._add(node.item, source, target)
        elif isinstance(node, Choice):
            for option in node.options:
                self._add(option, source, target)
        elif isinstance(node, Chain):
            current = source
            for item in node.items:
                following = self._state()
                self._add(item, current, following)
                current = following
            self.free[current].append(target)
        elif isinstance(node, Repeat):
            self._repeat(node, source, target)
        elif isinstance(node, Anchor) and node.place in ("start", "end"):
            (self.at_start if node.place == "start" else self.at_end)[source].append(target)
        else:
            raise ExpressionUnknown("word boundaries, look-around and back references")

    def _repeat(self, node: Repeat, source: int, target: int) -> None:
        current = source
        for _ in range(node.least):
            following = self._state()
            self._add(node.item, current, following)
            current = following
        if node.most is None:
            loop = self._state()
            self.free[current].append(loop)
            self._add(node.item, loop, loop)
            self.free[loop].append(target)
            return
        for _ in range(node.most - node.least):
            self.free[current].append(target)
            following = self._state()
            self._add(node.item, current, following)
            current = following
        self.free[current].append(target)

    def _characters(self, node: Characters | AnyCharacter) -> frozenset[str]:
        if node not in self._known:
            self._known[node] = self._chosen(node)
        return self._known[node]

    def _chosen(self, node: Characters | AnyCharacter) -> frozenset[str]:
        if isinstance(node, AnyCharacter):
            return frozenset(self._alphabet)
        if self._fold:
            return frozenset(
                c for c in self._alphabet if _holds(node, c) or _holds(node, c.lower()) or _holds(node, c.upper())
            )
        return frozenset(c for c in self._alphabet if _holds(node, c))

    def closure(self, states: frozenset[int], *, at_start: bool = False, at_end: bool = False) -> frozenset[int]:
        """The states reached without a character."""
        found, pending = set(states), list(states)
        while pending:
            state = pending.pop()
            following = list(self.free[state])
            if at_start:
                following += self.at_start[state]
            if at_end:
                following += self.at_end[state]
            for target in following:
                if target not in found:
                    found.add(target)
                    pending.append(target)
        return frozenset(found)

    def step(self, states: frozenset[int], char: str) -> frozenset[int]:
        """The states after a character."""
        found = self._stepped.get((states, char))
        if found is None:
            found = frozenset[int]().union(*(self._after(state, char) for state in states))
            self._stepped[states, char] = found
        return found

    def _after(self, state: int, char: str) -> frozenset[int]:
        found = self._reached.get((state, char))
        if found is None:
            found = self.closure(frozenset(t for characters, t in self.by_state[state] if char in characters))
            self._reached[state, char] = found
        return found

    def accepts(self, states: frozenset[int], at_start: bool) -> bool:
        return any(self._ends(state, at_start) for state in states)

    def _ends(self, state: int, at_start: bool) -> bool:
        found = self._ending.get((state, at_start))
        if found is None:
            found = self.final in self.closure(frozenset((state,)), at_start=at_start, at_end=True)
            self._ending[state, at_start] = found
        return found


def _groups(alphabet: str, machines: Sequence[_Machine]) -> tuple[str, ...]:
    """The alphabet in groups that every move takes whole."""
    sets = list({characters for machine in machines for _, characters, _ in machine.moves})
    grouped: dict[tuple[bool, ...], list[str]] = {}
    for char in alphabet:
        grouped.setdefault(tuple(char in members for members in sets), []).append(char)
    return tuple("".join(chars) for chars in grouped.values())


def _determined(machines: Sequence[_Machine], negated: Sequence[bool], groups: tuple[str, ...]) -> Automaton:
    start = tuple(machine.closure(frozenset((machine.start,)), at_start=True) for machine in machines)
    # The first state is apart from equal ones later: anchors hold there.
    numbers: dict[tuple[frozenset[int], ...], int] = {}
    states: list[tuple[frozenset[int], ...]] = [start]
    steps: list[list[int]] = [[0] * len(groups)]
    accepting = [False]
    position = 0
    while position < len(states):
        state = states[position]
        accepting.append(
            all(
                machine.accepts(part, position == 0) != flipped
                for machine, part, flipped in zip(machines, state, negated, strict=True)
            )
        )
        row = []
        for group in groups:
            following = tuple(machine.step(part, group[0]) for machine, part in zip(machines, state, strict=True))
            number = numbers.get(following)
            if number is None:
                if len(states) >= MAX_STATES:
                    raise ExpressionUnknown("regular expressions that grow so large together")
                states.append(following)
                number = numbers[following] = len(states)
            row.append(number)
        steps.append(row)
        position += 1
    return Automaton(groups, np.array(steps, dtype=np.int32).reshape(len(states) + 1, len(groups)), np.array(accepting))
