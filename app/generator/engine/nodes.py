"""The steps by which a table's columns come about. Each fills some columns for any set of rows, from what it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.draws import Chance, Nulls, mask_of
from app.generator.engine.axes import NO_PLACE
from app.generator.engine.bending import BEND_FROM_ATTEMPT, Bend, shrink
from app.generator.engine.modes import ModeChoice
from app.generator.engine.relations import NO_PARENT, Picker
from app.generator.keys import Rows, word_key
from app.generator.plan import ColumnPlan
from app.generator.snapshot.model import QName
from app.generator.spelling import Column, Columns, Counted, Spelled, array_of
from app.generator.values.generator import Generator, spell_distinct, spell_drawn

MAX_ATTEMPTS = 256
# From this attempt on every other row's value is pieced together from what its checks are made of: see `guessing`.
GUESS_FROM_ATTEMPT = 12
# From this attempt on a column that may be NULL is so for every third row: what no value satisfies, NULL often does.
GIVE_WAY_FROM_ATTEMPT = 48
_GIVING_WAY_PPM = 333_333
# From this attempt on a table's first row may be its own parent.
OWN_PARENT_FROM_ATTEMPT = 16

Mask = npt.NDArray[np.bool_]


class Index(Protocol):
    """What gives each row its index on each axis of a key."""

    @property
    def fixed(self) -> bool:
        """Whether a row has the same index at every attempt."""

    def at(self, rows: Rows, salt: int) -> dict[str, Rows]:
        """Axis -> index, NO_PLACE where the axis is used up."""


def relation_axis(name: str) -> str:
    """The axis name of a relation; no column's name is taken, since a column's axis is its bare name."""
    return f"-> {name}"


def validity(name: str) -> str:
    """The name under which a relation says whether its pick is valid."""
    return f"-> {name}?"


@dataclass(slots=True)
class Run:
    """One evaluation: rows, attempt, and what has been computed so far."""

    rows: Rows
    salt: int
    arrays: Columns = field(default_factory=Columns)
    _indexes: dict[str, dict[str, Rows]] = field(default_factory=dict)
    _modes: dict[int, Rows] = field(default_factory=dict)

    @property
    def attempt(self) -> int:
        """The attempt within the row's first one (see `TableProgram`)."""
        return self.salt % MAX_ATTEMPTS

    def index(self, key: Index, name: str, axis: str) -> Rows:
        """The index on one axis of a key, computed once for all its axes."""
        if name not in self._indexes:
            self._indexes[name] = key.at(self.rows, self.salt)
        return self._indexes[name][axis]

    def siblings(self, names: tuple[str, ...]) -> Columns:
        """Those of the columns that have been made: the same ones whatever else is asked for."""
        return self.arrays.some(names)

    def mode(self, choice: ModeChoice) -> Rows:
        """The alternative each row follows."""
        if choice.key not in self._modes:
            self._modes[choice.key] = choice.at(self.rows, self.salt, self.arrays)
        return self._modes[choice.key]


class Guesses(Protocol):
    """Pieces values together from what a column's checks are made of."""

    def altered(self, values: pa.Array, rows: Rows, salt: int) -> pa.Array:
        """The values, every other one of them pieced together."""


class Shaping(Protocol):
    """Shapes texts after other columns of their rows."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""

    def shaped(self, values: pa.Array, arrays: Mapping[str, pa.Array], rows: Rows, salt: int) -> pa.Array:
        """The values as the other columns want them."""


class Node(Protocol):
    """A step. It runs after those that make its `needs`, and makes its `outputs`."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns (and validity flags) it makes."""

    @property
    def needs(self) -> frozenset[str]:
        """The columns it reads."""

    @property
    def needs_all(self) -> bool:
        """Whether it cannot do without one of them; a generator takes the siblings that there are."""

    @property
    def fixed(self) -> bool:
        """Whether every attempt gives the same values, so that a redraw may leave the step alone."""

    def run(self, run: Run) -> None:
        """Adds its outputs to `run.arrays`."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A column under one alternative of a check: a generator for its narrower domain; always or never NULL."""

    generator: Generator
    null: bool | None = None


@dataclass(slots=True)
class ColumnNode:
    """A column with values of its own."""

    plan: ColumnPlan
    generator: Generator
    key: int
    null_key: int
    index: tuple[Index, str, str] | None = None
    modes: tuple[ModeChoice, Sequence[Variant]] | None = None
    bend: Bend | None = None
    projection: "Computed | None" = None
    """What a check wants the column to be equal to, of the column alone: `initcap(x)` for `x = initcap(x)`."""
    guessing: "Guesses | None" = None
    null_modes: tuple[ModeChoice, Sequence[int]] | None = None
    """Of a column that a key leads: whether it is NULL under each alternative of a check; -1 where that is open."""
    shaping: "Shaping | None" = None
    """What a check wants of a text, by other columns: `path LIKE parent || '%'`."""

    @property
    def outputs(self) -> tuple[str, ...]:
        return (self.plan.name,)

    @property
    def keyed(self) -> bool:
        """Whether a key decides on the values, so that they are the row's own."""
        return self.index is not None

    @property
    def needs(self) -> frozenset[str]:
        variants = self.modes[1] if self.modes else ()
        given = self.modes[0].needs if self.modes else self.null_modes[0].needs if self.null_modes else ()
        given = (*given, *(self.shaping.columns if self.shaping is not None else ()))
        return frozenset(self.generator.needs).union(given, *(v.generator.needs for v in variants))

    @property
    def needs_all(self) -> bool:
        return self.shaping is not None

    @property
    def fixed(self) -> bool:
        nulls = self.plan.null_ppm or self.null_modes is not None
        return self.index is not None and self.index[0].fixed and not nulls

    def run(self, run: Run) -> None:
        values = self._values(run)
        if self.guessing is not None and self.index is None and run.attempt >= GUESS_FROM_ATTEMPT:
            values = self._guessed(array_of(values), run)
        run.arrays[self.plan.name] = values
        self.reshape(run)

    def reshape(self, run: Run) -> None:
        """Shapes the values that there are after the other columns."""
        if self.shaping is not None and self.shaping.columns <= run.arrays.keys():
            values = array_of(run.arrays[self.plan.name])
            run.arrays[self.plan.name] = self.shaping.shaped(values, run.arrays, run.rows, run.salt)

    def _guessed(self, values: pa.Array, run: Run) -> pa.Array:
        assert self.guessing is not None
        made = self.guessing.altered(values, run.rows, run.salt)
        return pc.if_else(pc.is_valid(values), made, values) if values.null_count else made

    def _values(self, run: Run) -> Column:
        nulls: Nulls | None = self._natural_nulls(run)
        if self.index is not None:
            if self.null_modes is not None:
                choice, wishes = self.null_modes
                wished = np.asarray(wishes, dtype=np.int8)[run.mode(choice)]
                own = np.zeros(run.rows.size, dtype=np.bool_) if nulls is None else mask_of(nulls)
                nulls = np.where(wished >= 0, wished == 1, own)
            index = run.index(*self.index)
            used_up = index == NO_PLACE
            if nulls is None and not used_up.any():
                return spell_distinct(self.generator, index, self.key, run.rows, run.siblings(self.generator.needs))
            siblings = run.siblings(self.generator.needs)
            values = spell_distinct(self.generator, np.where(used_up, 0, index), self.key, run.rows, siblings)
            nulls = used_up if nulls is None else mask_of(nulls) | used_up
        elif self.modes is not None:
            return self._by_mode(run, None if nulls is None else mask_of(nulls))
        else:
            values = spell_drawn(self.generator, self.key, run.rows, run.siblings(self.generator.needs), run.salt)
            if self.bend is not None and run.attempt >= BEND_FROM_ATTEMPT:
                values = shrink(array_of(values), self.bend, run.rows, run.salt)
            if self.projection is not None and run.attempt >= BEND_FROM_ATTEMPT:
                values = self._projected(array_of(values))
        return values if nulls is None else with_nulls(values, nulls)

    def _projected(self, values: pa.Array) -> pa.Array:
        assert self.projection is not None
        made = self.projection.evaluate({self.plan.name: values}, len(values))
        made = made if made.type == values.type else made.cast(values.type, safe=False)
        return pc.if_else(pc.is_valid(made), made, values)

    def _natural_nulls(self, run: Run) -> Chance | None:
        if not self.plan.null_ppm:
            return None
        rate = self.plan.null_ppm if run.attempt < GIVE_WAY_FROM_ATTEMPT else max(self.plan.null_ppm, _GIVING_WAY_PPM)
        return Chance(word_key(self.null_key, run.salt), run.rows, rate)

    def _by_mode(self, run: Run, nulls: Mask | None) -> pa.Array:
        assert self.modes is not None
        choice, variants = self.modes
        modes = run.mode(choice)
        pieces: list[pa.Array] = []
        order = np.empty(run.rows.size, dtype=np.int64)
        start = 0
        for number, variant in enumerate(variants):
            members = np.flatnonzero(modes == number)
            if not members.size:
                continue
            siblings = {n: run.arrays[n].take(pa.array(members)) for n in variant.generator.needs if n in run.arrays}
            values = variant.generator.draw(self.key, run.rows[members], siblings, run.salt)
            if variant.null is not None:
                piece_nulls = np.full(members.size, variant.null)
            else:
                piece_nulls = nulls[members] if nulls is not None else np.zeros(members.size, dtype=np.bool_)
            pieces.append(with_nulls(values, piece_nulls) if piece_nulls.any() else values)
            order[members] = np.arange(start, start + members.size)
            start += members.size
        return pa.concat_arrays(pieces).take(pa.array(order)) if pieces else self.generator.at(run.rows)


@dataclass(slots=True)
class RelationNode:
    """A foreign key: picks the parent's row and computes the parent's columns for it."""

    picker: Picker
    programs: "Evaluator"
    columns: tuple[tuple[str, str, pa.DataType], ...]
    key: int
    index: tuple[Index, str, str] | None = None
    modes: tuple[ModeChoice, Sequence[int]] | None = None
    may_be_own: bool = False
    """Whether the table's first row may refer to itself, where its checks want a reference and no row is before it."""

    @property
    def outputs(self) -> tuple[str, ...]:
        return (*(name for name, _, _ in self.columns), validity(self.picker.relation.name))

    @property
    def needs(self) -> frozenset[str]:
        return frozenset((*self.picker.relation.shared, *(self.modes[0].needs if self.modes else ())))

    @property
    def needs_all(self) -> bool:
        return True

    @property
    def fixed(self) -> bool:
        relation = self.picker.relation
        settled = relation.pick in ("per_parent", "previous", "same", "root", "null") or (
            self.index is not None and self.index[0].fixed
        )
        never_null = not relation.null_columns or (
            relation.pick == "previous" and not relation.null_ppm and self.modes is None
        )
        return settled and never_null and not relation.shared

    def run(self, run: Run) -> None:
        relation = self.picker.relation
        forced = None
        if self.modes is not None:
            choice, wishes = self.modes
            forced = np.asarray(wishes, dtype=np.int8)[run.mode(choice)]
        index = run.index(*self.index) if self.index else None
        parents, valid = self.picker.pick(run.rows, run.salt, index, run.arrays)
        if self.may_be_own and run.attempt >= OWN_PARENT_FROM_ATTEMPT and run.attempt % 2:
            parents = np.where(run.rows == 0, 0, parents)
        nowhere = parents == NO_PARENT
        # A column that may not be NULL keeps its part of the parent's key where the reference as a whole is NULL.
        least_ppm = _GIVING_WAY_PPM if run.attempt >= GIVE_WAY_FROM_ATTEMPT else 0
        nulls = self.picker.nulls(run.rows, run.salt, forced, least_ppm) | nowhere
        run.arrays[validity(relation.name)] = pa.array(valid | nulls if relation.null_columns else valid)
        if not self.columns:
            return
        found = self._parent_values(parents)
        for name, _, _ in self.columns:
            hidden = nulls if name in relation.null_columns else nowhere
            run.arrays[name] = with_nulls(found[name], hidden) if hidden.any() else found[name]

    def _parent_values(self, parents: Rows) -> dict[str, pa.Array]:
        """The columns at the parents' rows; NULL for NO_PARENT."""
        table = self.picker.relation.ref_table
        wanted = [ref for _, ref, _ in self.columns]
        if self.picker.parent_rows == 0 or self.picker.relation.pick == "null":
            return {name: pa.nulls(parents.size, kind) for name, _, kind in self.columns}
        if not self.picker.is_self:
            made = self.programs.parent_columns(table, np.maximum(parents, 0), wanted)
            return {name: _as_type(made[ref], kind) for name, ref, kind in self.columns}
        # Up the table's own ancestors: each once, and none for rows without, or it would never end.
        nowhere = parents == NO_PARENT
        known, places = np.unique(parents[~nowhere], return_inverse=True)
        if not known.size:
            return {name: pa.nulls(parents.size, kind) for name, _, kind in self.columns}
        made = self.programs.parent_columns(table, known, wanted, whole=False)
        at = np.zeros(parents.size, dtype=np.int64)
        at[~nowhere] = places
        indices = pa.array(at, mask=nowhere)
        return {name: _as_type(made[ref], kind).take(indices) for name, ref, kind in self.columns}


class Evaluator(Protocol):
    """Computes columns of another table at given rows."""

    def parent_columns(
        self, table: QName, rows: Rows, columns: Sequence[str], *, whole: bool = True
    ) -> Mapping[str, pa.Array]:
        """The columns at those rows. With `whole` a small parent may be computed whole, to be gathered from again."""


class Computed(Protocol):
    """A compiled expression over columns."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""

    def evaluate(self, arrays: Mapping[str, pa.Array], length: int) -> pa.Array:
        """Its value in each row."""


@dataclass(slots=True)
class GeneratedNode:
    """A column that Postgres computes: computed here too, where a key, a check or a child needs it."""

    name: str
    expression: Computed
    arrow_type: pa.DataType

    @property
    def outputs(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def keyed(self) -> bool:
        """What it is computed from may be keyed, but is asked itself."""
        return False

    @property
    def needs(self) -> frozenset[str]:
        return self.expression.columns

    @property
    def needs_all(self) -> bool:
        return True

    @property
    def fixed(self) -> bool:
        return False

    def run(self, run: Run) -> None:
        values = self.expression.evaluate(run.arrays, run.rows.size)
        run.arrays[self.name] = values if values.type == self.arrow_type else values.cast(self.arrow_type, safe=False)


@dataclass(slots=True)
class OrderedNode:
    """Columns that a check wants in order (starts_at <= ends_at): made freely, then put in order within the row."""

    members: tuple[ColumnNode, ...]
    pairs: tuple[tuple[str, str], ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(m.plan.name for m in self.members)

    @property
    def keyed(self) -> bool:
        """Whether a key decides on one of the members."""
        return any(member.keyed for member in self.members)

    @property
    def needs(self) -> frozenset[str]:
        own = set(self.outputs)
        return frozenset(n for m in self.members for n in m.needs if n not in own)

    @property
    def needs_all(self) -> bool:
        return False

    @property
    def fixed(self) -> bool:
        return False

    def run(self, run: Run) -> None:
        for member in self.members:
            member.run(run)
        for low, high in self.pairs:
            a, b = run.arrays[low], run.arrays[high]
            swap = pc.fill_null(pc.greater(a, b), False)
            if pc.any(swap).as_py():
                run.arrays[low], run.arrays[high] = pc.if_else(swap, b, a), pc.if_else(swap, a, b)


def _as_type(values: pa.Array, kind: pa.DataType) -> pa.Array:
    return values if values.type == kind else values.cast(kind)


def with_nulls(values: Column, nulls: Nulls) -> Column:
    """The values with NULL where `nulls` is true."""
    if isinstance(values, Spelled | Counted):
        return values.with_nulls(nulls)
    return pc.if_else(pa.array(mask_of(nulls)), pa.scalar(None, values.type), values)
