"""Foreign keys: which row of the parent a child row points at.

The parent's key is then computed from that row number, never looked up.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.errors import Fault, PlanRefused
from app.generator.arrow_types import arrow_type
from app.generator.engine.fanout import Fanout, fanout_of
from app.generator.keys import Rows, Words, bounded, chance, draw, make_key
from app.generator.permutation import Permutation
from app.generator.plan import RelationPlan, TablePlan
from app.generator.values.shares import Zipf

if TYPE_CHECKING:
    from app.generator.engine.programs import Programs

Mask = npt.NDArray[np.bool_]

NO_PARENT = -1
# So many rows of a tree have one root, the first of them (see `app.generator.planning.roots`).
ROWS_OF_ROOT = 6
_S32 = np.uint64(32)
_LOW_32 = np.uint64(0xFFFFFFFF)
# The word that is scaled to the last of any range.
_LAST = np.uint64(0xFFFFFFFFFFFFFFFF)
# A parent that is picked by shared columns is indexed in memory: 16 bytes a row.
MAX_INDEXED_PARENT_ROWS = 20_000_000


def bounded_each(words: Words, limits: Rows) -> Rows:
    """Words scaled to 0 <= value < limit, a limit per row (0 gives 0); for limits up to 2^63."""
    n = limits.astype(np.uint64)
    high, low = n >> _S32, n & _LOW_32
    word_high, word_low = words >> _S32, words & _LOW_32
    middle = word_high * low + (word_low * low >> _S32)
    carry = word_low * high + (middle & _LOW_32)
    scaled: Words = word_high * high + (middle >> _S32) + (carry >> _S32)
    return scaled.astype(np.int64)


def of_parent(relation: str, column: str) -> str:
    """The name under which a relation says what the parent has where the key has a computed column."""
    return f"-> {relation}.{column}"


def taken_over(table: TablePlan, relation: RelationPlan) -> tuple[tuple[str, str, pa.DataType], ...]:
    """What a relation takes from its parent: (name, the parent's column, type), the computed ones to be compared."""
    own = [pair for pair in zip(relation.columns, relation.ref_columns, strict=True) if pair[0] not in relation.shared]
    compared = zip(relation.computed, relation.computed_refs, strict=True)
    return (
        *((name, ref, arrow_type(table.column(name).base)) for name, ref in own),
        *((of_parent(relation.name, name), ref, arrow_type(table.column(name).base)) for name, ref in compared),
    )


class Picker:
    """Picks the parent rows of one relation."""

    def __init__(
        self,
        programs: "Programs",
        table: TablePlan,
        relation: RelationPlan,
        viable: Rows | None = None,
        *,
        spread: bool = False,
    ) -> None:
        """`viable` lists the parent's rows that may be picked, in order; None for all.

        `spread` has each parent picked once before any is picked twice.
        """
        self.relation = relation
        self._viable = viable
        self._programs = programs
        place = (table.name.schema, table.name.name, relation.name)
        self._pick_key = make_key(programs.plan.seed, *place, "parent")
        self._null_key = make_key(programs.plan.seed, *place, "null")
        self.is_self = relation.ref_table == table.name
        self.parent_rows = programs.rows_of(relation.ref_table)
        self.choices = self.parent_rows if viable is None else int(viable.size)
        self._fanout: Fanout | None = None
        # The first rows take the parents in turn, so that a key that only looking keeps is rarely met twice.
        self._turns = Permutation(self._pick_key, self.choices) if spread and self.choices else None

    def rows_at(self, index: Rows) -> Rows:
        """The parent's rows of the choices number `index`."""
        return index if self._viable is None else self._viable[index]

    def pick(self, rows: Rows, salt: int, index: Rows | None, arrays: Mapping[str, pa.Array]) -> tuple[Rows, Mask]:
        """The parent's row number (NO_PARENT where there is none), and whether that is allowed.

        `index` is the relation's index where a unique key decides.
        """
        valid = np.ones(rows.size, dtype=np.bool_)
        if self.relation.pick == "null" or self.choices == 0:
            return np.full(rows.size, NO_PARENT), valid
        if self.relation.pick == "same":
            # The parent's rows take turns (see `app.generator.planning.mates`), so that the two agree.
            return rows, valid
        if self.relation.pick == "root":
            return rows - rows % ROWS_OF_ROOT, valid
        if self.relation.shared and index is None:
            return self._pick_by_shared(rows, salt, arrays)
        parents = self._pick_freely(rows, salt) if index is None else index
        if self._viable is None:
            return parents, valid
        return np.where(parents < 0, NO_PARENT, self._viable[np.maximum(parents, 0)]), valid

    def nulls(self, rows: Rows, salt: int, forced: npt.NDArray[np.int8] | None, least_ppm: int = 0) -> Mask:
        """The rows that refer to nothing, though they could.

        `forced` is 1 where a check wants NULL, 0 where it wants a value, -1 where it says nothing. A share of
        `least_ppm` are NULL at least, where any may be.
        """
        if not self.relation.null_columns:
            return np.zeros(rows.size, dtype=np.bool_)
        rate = self.relation.null_ppm and max(self.relation.null_ppm, least_ppm)
        nulls = chance(draw(self._null_key, rows, salt), rate)
        return nulls if forced is None else np.where(forced >= 0, forced == 1, nulls)

    def _pick_freely(self, rows: Rows, salt: int) -> Rows:
        pick = self.relation.pick
        if pick == "per_parent":
            return self.fanout.parents_of(rows)[0]
        if pick == "zipf":
            return Zipf(Decimal(1)).draw(self._pick_key, rows, salt, self.choices)
        words = draw(self._pick_key, rows, salt)
        if pick == "previous":
            # A chain: each row points at the one before; the first at itself, or nowhere.
            return self._first_row(rows, rows - 1)
        if pick == "earlier":
            return self._first_row(rows, bounded_each(words, rows))
        if pick == "skewed":
            share = bounded(words, 1 << 30)
            return bounded(((share * share).astype(np.uint64)) << np.uint64(4), self.choices)
        free = bounded(words, self.choices)
        if pick == "turns":
            return np.where(rows < self.choices, rows, free)
        if self._turns is None or salt:
            return free
        return np.where(rows < self.choices, self._turns.at(np.minimum(rows, self.choices - 1)), free)

    def _first_row(self, rows: Rows, parents: Rows) -> Rows:
        root = NO_PARENT if self.relation.null_columns else 0
        return np.where(rows == 0, root, parents)

    @property
    def fanout(self) -> Fanout:
        """The children-per-parent index (pick `per_parent`)."""
        if self._fanout is None:
            assert self.relation.per_parent is not None
            self._fanout = fanout_of(self._pick_key, self.relation.per_parent, self.parent_rows)
        return self._fanout

    def _pick_by_shared(self, rows: Rows, salt: int, arrays: Mapping[str, pa.Array]) -> tuple[Rows, Mask]:
        given = [arrays[c] for c in self.relation.shared]
        words = draw(self._pick_key, rows, salt)
        if self.is_self and self.relation.pick == "previous":
            words = np.full(rows.size, _LAST)
        parents = self._shared_index.pick(given, words, rows if self.is_self else None)
        nothing_given = np.zeros(rows.size, dtype=np.bool_)
        for array in given:
            nothing_given |= np.asarray(array.is_null())
        missing = parents < 0
        if self.is_self and not self.relation.null_columns:
            parents = np.where(missing, rows, parents)  # the first of its group points at itself
            return parents, np.ones(rows.size, dtype=np.bool_)
        if self.relation.null_columns:
            return parents, np.ones(rows.size, dtype=np.bool_)
        # MATCH SIMPLE: with one NULL in it the key refers to nothing, and needs no parent.
        return parents, ~missing | nothing_given

    def serves(self, given: list[pa.Array], least: int = 1) -> Mask:
        """Whether there are that many parents for each tuple of shared values."""
        served: Mask = self._shared_index.counts_of(given) >= least
        return served

    @cached_property
    def _shared_index(self) -> "_SharedIndex":
        if self.parent_rows > MAX_INDEXED_PARENT_ROWS:
            message = (
                f"{self.relation.name}: shares {', '.join(self.relation.shared)} with another foreign key, which is "
                f"served for at most {MAX_INDEXED_PARENT_ROWS:,} rows of {self.relation.ref_table}"
            )
            raise PlanRefused([Fault("/config/rows", "parent_too_large", message)])
        positions = dict(zip(self.relation.columns, self.relation.ref_columns, strict=True))
        wanted = [positions[c] for c in self.relation.shared]
        parent = self._programs.of(self.relation.ref_table)
        rows = np.arange(self.parent_rows, dtype=np.int64) if self._viable is None else self._viable
        arrays = parent.evaluate(rows, wanted)
        return _SharedIndex([arrays[c] for c in wanted], rows)


class _SharedIndex:
    """Parent rows grouped by the values of some of their columns."""

    def __init__(self, columns: list[pa.Array], rows: Rows) -> None:
        self._dictionaries: list[pa.Array] = []
        size = len(columns[0])
        codes = np.zeros(size, dtype=np.int64)
        for column in columns:
            encoded = column.dictionary_encode()
            self._dictionaries.append(encoded.dictionary)
            part = np.asarray(encoded.indices.fill_null(-1)).astype(np.int64)
            codes = np.where((codes < 0) | (part < 0), -1, codes * len(encoded.dictionary) + part)
        self._groups, inverse = np.unique(codes, return_inverse=True)
        order = np.argsort(inverse, kind="stable").astype(np.int64)
        self._order = rows[order]
        self._groups_in_order = inverse[order].astype(np.int64)
        self._counts = np.bincount(inverse, minlength=self._groups.size).astype(np.int64)
        self._starts = np.cumsum(self._counts) - self._counts
        self._size = size
        self._stride = int(rows.max()) + 1 if size else 1

    def pick(self, given: list[pa.Array], words: Words, own_rows: Rows | None) -> Rows:
        """A row of the group with the given values, NO_PARENT where there is none; below `own_rows` where given."""
        if self._size == 0:
            return np.full(words.size, NO_PARENT)
        group, known = self._groups_of(given, words.size)
        limits = np.where(known, self._counts[group], 0)
        if own_rows is not None:
            limits = np.where(known, self._rank(group, own_rows), 0)
        place = self._starts[group] + bounded_each(words, limits)
        return np.where(limits > 0, self._order[np.minimum(place, self._size - 1)], NO_PARENT)

    def counts_of(self, given: list[pa.Array]) -> Rows:
        """How many rows have the given values."""
        if self._size == 0:
            return np.zeros(len(given[0]), dtype=np.int64)
        group, known = self._groups_of(given, len(given[0]))
        return np.where(known, self._counts[group], 0)

    def _groups_of(self, given: list[pa.Array], length: int) -> tuple[Rows, Mask]:
        """The number of each tuple's group, and whether it has one."""
        codes = np.zeros(length, dtype=np.int64)
        for dictionary, values in zip(self._dictionaries, given, strict=True):
            if len(dictionary) == 0:
                return np.zeros(length, dtype=np.int64), np.zeros(length, dtype=np.bool_)
            found = pc.index_in(values.cast(dictionary.type), value_set=dictionary).fill_null(-1)
            part = np.asarray(found).astype(np.int64)
            codes = np.where((codes < 0) | (part < 0), -1, codes * len(dictionary) + part)
        group = np.minimum(np.searchsorted(self._groups, codes), self._groups.size - 1)
        return group, (self._groups[group] == codes) & (codes >= 0)

    def _rank(self, groups: Rows, rows: Rows) -> Rows:
        """How many members of each row's group stand before it."""
        members = self._groups_in_order * self._stride + self._order
        return np.searchsorted(members, groups * self._stride + np.minimum(rows, self._stride)) - self._starts[groups]
