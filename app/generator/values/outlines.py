"""Numbers of an outline: 1, 2, 1.1, 1.2, 2.1, 1.1.1 and so on, where what stands above each comes before it.

They are keys of trees whose rows' keys begin with their parents': `code LIKE parent || '.%'`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.keys import Rows
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, family, invalid
from app.generator.values.generator import Generator, Indexed, Siblings

NUMBERS, PARENTS = "outline", "outline_parent"
COUNTING = frozenset({"sequence", NUMBERS})
"""The generators that count the rows."""
_ALPHABETS = {
    "digits": "0123456789",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "code": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
STYLES: tuple[tuple[str, int], ...] = (
    ("digits", 0),
    *((name, width) for width in (2, 1, 3, 4) for name in _ALPHABETS),
    *(("digits", width) for width in (5, 6)),
)
"""An alphabet and a width, 0 for numbers of any length that count from 1."""
DEEPEST = 12
# Four numbers between dots would look like an address on the net.
_USUAL_DEPTH = 3
_MOST_SIBLINGS = 99_999
# The first so many siblings, and how many times more there are in each next part of the tree.
_FIRST, _GROWTH = 3, 3
_ENOUGH = 1 << 40


def size_of(style: tuple[str, int]) -> int:
    """How many different parts of that style there are."""
    alphabet, width = style
    if not width:
        return _MOST_SIBLINGS
    size: int = len(_ALPHABETS[alphabet]) ** width
    return min(_MOST_SIBLINGS, size - 1 if alphabet == "digits" else size)  # people count from one


def part(style: tuple[str, int], number: int) -> str:
    """The part number `number`, from 0 on."""
    alphabet, width = style
    if not width:
        return str(number + 1)
    letters = _ALPHABETS[alphabet]
    number = number + 1 if alphabet == "digits" else number
    found = ""
    for _ in range(width):
        number, place = divmod(number, len(letters))
        found = letters[place] + found
    return found


@dataclass(frozen=True, slots=True)
class Form:
    """How an outline is written: `lead` stands before all, `separator` between the parts."""

    root: tuple[str, int]
    child: tuple[str, int]
    lead: str
    separator: str
    depth: int

    def written(self, parts: Sequence[int]) -> str:
        """The number with these parts."""
        below = (part(self.child, number) for number in parts[1:])
        return self.lead + self.separator.join((part(self.root, parts[0]), *below))

    def above(self, number: str) -> str | None:
        """What stands above a number; None for one at the top."""
        if self.separator:
            above, found, _ = number.removeprefix(self.lead).rpartition(self.separator)
            return self.lead + above if found else None
        rest = number[: len(number) - self.child[1]]
        return rest if len(rest) >= len(self.lead) + self.root[1] else None

    def options(self) -> dict[str, Any]:
        """As a plan has it."""
        root, child = ([alphabet, width] for alphabet, width in (self.root, self.child))
        return {"root": root, "child": child, "lead": self.lead, "separator": self.separator, "depth": self.depth}


@dataclass(frozen=True, slots=True)
class _Block:
    """Numbers that are alike: all parts before `turn` below the old counts, that part above it, the rest any."""

    start: int
    counts: tuple[int, ...]
    shift: tuple[int, ...]

    @property
    def size(self) -> int:
        return int(np.prod([float(c) for c in self.counts])) if self.counts else 0


def _blocks(form: Form, depth: int) -> list[_Block]:
    roots, children = size_of(form.root), size_of(form.child)
    found: list[_Block] = []
    start, old, width = 0, (0, 0), _FIRST
    while start < _ENOUGH and old != (roots, children):
        new = (min(roots, width), min(children, width))
        for levels in range(1, depth + 1):
            before = (old[0], *(old[1],) * (levels - 1))
            after = (new[0], *(new[1],) * (levels - 1))
            for turn in range(levels):
                counts = (*before[:turn], after[turn] - before[turn], *after[turn + 1 :])
                if all(counts) and start < _ENOUGH:
                    block = _Block(start, counts, (*(0,) * turn, before[turn], *(0,) * (levels - turn - 1)))
                    found.append(block)
                    start += block.size
        old, width = new, width * _GROWTH
    return found


class Outline(Indexed):
    """The numbers of an outline, each after the one that stands above it."""

    arrow_type = pa.string()

    def __init__(self, form: Form) -> None:
        self._form = form
        self._blocks = _blocks(form, min(form.depth, _USUAL_DEPTH))
        if self._capacity() < _ENOUGH and form.depth > _USUAL_DEPTH:
            self._blocks = _blocks(form, form.depth)
        self._starts = np.array([block.start for block in self._blocks], dtype=np.int64)
        self.capacity = self.block = min(self._capacity(), 1 << 62)
        levels = max(len(block.counts) for block in self._blocks)
        last = (size_of(form.root) - 1, *[size_of(form.child) - 1] * (levels - 1))
        self.longest, self.shortest = len(form.written(last)), len(form.written((0,)))

    def _capacity(self) -> int:
        return self._blocks[-1].start + self._blocks[-1].size

    def at(self, index: Rows) -> pa.Array:
        """The number at each place."""
        places = (np.searchsorted(self._starts, index, "right") - 1).tolist()
        return pa.array(map(self._number, index.tolist(), places), pa.string())

    def _number(self, index: int, place: int) -> str:
        block = self._blocks[place]
        rest = index - block.start
        parts = []
        for count, shift in zip(reversed(block.counts), reversed(block.shift), strict=True):
            rest, digit = divmod(rest, count)
            parts.append(digit + shift)
        return self._form.written(parts[::-1])


class Above:
    """What stands above the outline's number of the row; NULL at the top."""

    arrow_type = pa.string()
    capacity: None = None
    block: None = None

    def __init__(self, column: str, form: Form) -> None:
        self.needs = (column,)
        self._form = form

    def at(self, index: Rows) -> pa.Array:
        """Never to be called: there is no capacity."""
        raise TypeError("what stands above a number has no numbers of its own")

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """One for each row."""
        if self.needs[0] not in siblings:
            return pa.nulls(rows.size, pa.string())
        numbers = siblings[self.needs[0]].to_pylist()
        return pa.array([None if n is None else self._form.above(n) for n in numbers], pa.string())


def form_of(options: Mapping[str, Any]) -> Form:
    """The form that options describe. Raises OptionInvalid."""
    styles = []
    for name in ("root", "child"):
        alphabet, width = (*options.get(name, ("digits", 0)), 0)[:2]
        if (alphabet, width) not in STYLES:
            raise invalid(f"an outline's {name} is one of {', '.join(_ALPHABETS)} with a width, such as ['digits', 2]")
        styles.append((str(alphabet), int(width)))
    depth, separator = int(options.get("depth", _USUAL_DEPTH)), str(options.get("separator", "."))
    if not 1 <= depth <= DEEPEST:
        raise invalid(f"an outline is 1 to {DEEPEST} levels deep")
    if not separator and not all(width for _, width in styles):
        raise invalid("an outline without separators needs parts of one width")
    return Form(styles[0], styles[1], str(options.get("lead", "")), separator, depth)


def _outline(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    if family(context) != "text" and context.type.name != "ltree":
        raise invalid(f"{context.type.name} cannot hold an outline's number")
    return Outline(form_of(options))


def _above(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Above(str(options["of"]), form_of({name: value for name, value in options.items() if name != "of"}))


_OPTIONS = {
    "root": Option("list", "how parts at the top are written: digits, lower, upper or code, and how many"),
    "child": Option("list", "how parts below are written"),
    "lead": Option("string", "what stands before all"),
    "separator": Option("string", "what stands between parts"),
    "depth": Option("integer", "how many levels there are at most"),
}

ENTRIES = (
    Entry(NUMBERS, "Number in an outline, after the one above it: 1, 1.2, 1.2.1", ("any",), _outline, _OPTIONS),
    Entry(
        PARENTS,
        "What stands above the row's number in an outline; NULL at the top",
        ("any",),
        _above,
        {"of": Option("column", "the column of the numbers", True), **_OPTIONS},
        {"of": "title"},
    ),
)
