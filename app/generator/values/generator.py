"""What a generator of one column's values is, and the base of those that can count their values."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Protocol, cast, runtime_checkable

import pyarrow as pa

from app.generator.draws import Draw
from app.generator.keys import Rows, Words, bounded, draw, word_key
from app.generator.spelling import Column, Columns, Gathered, Spelled

MAX_CAPACITY = 1 << 62
# A generator may draw this many words for one cell and one attempt without meeting the next attempt's.
DRAWS_PER_ATTEMPT = 16
# From this attempt on a draw leaves its natural range for all that the column may hold: the rows that get here
# were refused by rules between columns, so that width helps and believability has been tried.
WIDE_FROM_ATTEMPT = 6

Siblings = Mapping[str, pa.Array]


class Generator(Protocol):
    """Makes the values of one column. Everything is a pure function of the arguments; values are never null.

    `needs` names the sibling columns whose arrays `draw` wants. `capacity` is how many distinct values `at` yields,
    distinct even after lower() and trimming; None when there is no `at`. `block` is how many of the first indexes
    are the natural ones: a planner that needs distinct values takes `index = row // block * block + permuted(row %
    block)`, so that small tables get the natural values and a larger row count changes no earlier row.
    """

    @property
    def arrow_type(self) -> pa.DataType:
        """The type of the arrays that `at` and `draw` return."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The sibling columns that `draw` reads."""

    @property
    def capacity(self) -> int | None:
        """How many distinct values `at` yields, at most 2^62."""

    @property
    def block(self) -> int | None:
        """How many of the first indexes are natural; at least 1 and at most `capacity`."""

    def at(self, index: Rows) -> pa.Array:
        """The values number `index`, each within 0..capacity-1; injective."""

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """One value per row, with the column's natural distribution. `salt` is the attempt: 0, 1, 2, ..."""


@runtime_checkable
class Tagging(Protocol):
    """A generator whose distinct values can still follow the row's siblings: an email of this row's name.

    The value carries `index`, so that distinct indexes give distinct values whatever the siblings are. Use
    `draw_distinct`, which asks for this where it is there.
    """

    def tag(self, index: Rows, key: int, rows: Rows, siblings: Siblings) -> pa.Array:
        """The row's natural value, told apart by `index` (0..capacity-1)."""


def draw_distinct(generator: Generator, index: Rows, key: int, rows: Rows, siblings: Siblings) -> pa.Array:
    """Distinct values for distinct `index`: by `tag` where the generator has it, else by `at`."""
    if isinstance(generator, Tagging):
        return generator.tag(index, key, rows, siblings)
    return generator.at(index)


class Spelling(Protocol):
    """A generator whose text can be had in pieces; `draw` gives the same text put together."""

    def spell(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> Column:
        """What `draw` would give, in pieces."""


class SpelledTagging(Protocol):
    """A `Tagging` whose text can be had in pieces."""

    def spell_tag(self, index: Rows, key: int, rows: Rows, siblings: Siblings) -> Spelled:
        """What `tag` would give, in pieces."""


def spell_drawn(generator: Generator, key: int, rows: Rows, siblings: Siblings, salt: int) -> Column:
    """The generator's draw, in pieces where it can be had so."""
    if _speaks(type(generator), "spell", "draw"):
        return cast(Spelling, generator).spell(key, rows, siblings, salt)
    return generator.draw(key, rows, siblings, salt)


def spell_distinct(generator: Generator, index: Rows, key: int, rows: Rows, siblings: Siblings) -> Column:
    """As `draw_distinct`, in pieces where they can be had."""
    if _speaks(type(generator), "spell_tag", "tag"):
        return cast(SpelledTagging, generator).spell_tag(index, key, rows, siblings)
    return draw_distinct(generator, index, key, rows, siblings)


def spelled_pool(siblings: Siblings, name: str) -> Gathered | None:
    """The pool that a sibling's values are gathered from, where it is known and nothing is NULL."""
    column = siblings.column(name) if isinstance(siblings, Columns) else None
    if isinstance(column, Spelled) and column.nulls is None and len(column.pieces) == 1:
        piece = column.pieces[0]
        return piece if isinstance(piece, Gathered) else None
    return None


@cache
def _speaks(kind: Hashable, spelled: str, plain: str) -> bool:
    """Whether the pieces are those of the class that makes the text: a subclass may have a draw of its own."""
    makers = (vars(base) for base in cast(type, kind).__mro__)
    return next((spelled in made for made in makers if spelled in made or plain in made), False)


def word(key: int, rows: Rows, salt: int, n: int = 0) -> Words:
    """The word number `n` (0..15) of a cell's attempt `salt`."""
    return draw(key, rows, salt * DRAWS_PER_ATTEMPT + n)


def pick(key: int, rows: Rows, salt: int, count: int, n: int = 0) -> Rows:
    """0 <= value < count, uniform, from the word number `n` of the attempt."""
    return bounded(word(key, rows, salt, n), count)


def lazily(key: int, rows: Rows, salt: int, count: int, n: int = 0) -> Draw:
    """What `pick` gives, when it is asked for."""
    return Draw(word_key(key, salt * DRAWS_PER_ATTEMPT + n), rows, count)


class Indexed(ABC):
    """A generator that is all `at`: its free draw takes one of the natural values, each as likely."""

    arrow_type: pa.DataType
    needs: tuple[str, ...] = ()
    capacity: int
    block: int

    @abstractmethod
    def at(self, index: Rows) -> pa.Array:
        """The values number `index`."""

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """One of the natural values; of all values once `salt` says that those were refused often."""
        count = self.block if salt < WIDE_FROM_ATTEMPT else self.capacity
        return self.at(pick(key, rows, salt, count))


class Drawn(ABC):
    """A generator without an `at`: its values cannot be counted."""

    arrow_type: pa.DataType
    needs: tuple[str, ...] = ()
    capacity: None = None
    block: None = None

    def at(self, index: Rows) -> pa.Array:
        """Never to be called: there is no capacity."""
        raise TypeError(f"{type(self).__name__} has no numbered values")

    @abstractmethod
    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """One value per row."""
