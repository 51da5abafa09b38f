"""A table's columns for any rows: the steps in order, and the redraw of rows that fail a check.

Everything here is a function of the row's number alone, so that a row comes out the same in whatever company it is
made. A check that is not kept by construction is kept by redrawing: the row's attempt is the first one at which all
its checks hold.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from app.errors import Fault, PlanRefused
from app.generator.engine.bending import BEND_FROM_ATTEMPT, Bend, approach
from app.generator.engine.conditions import RelationHolds
from app.generator.engine.nodes import MAX_ATTEMPTS, ColumnNode, GeneratedNode, Mask, Node, OrderedNode, Run
from app.generator.keys import Rows, bounded, draw, make_key
from app.generator.plan import TablePlan
from app.generator.spelling import Columns

# A row that no attempt gives what its checks want takes the values of one of these many, which lie past every table.
_LENT_FROM_ROW = np.int64(1 << 60)
_LENT_ENOUGH = 256
# Rows that are tried out where nothing else tells whether a check can be kept, and the attempts of each. They are what
# such a check costs at most before it is refused: a tenth of a second to a second, by how long a value takes to read.
_TRIED = {
    "plain": (2_048, tuple(range(64))),
    "texts": (512, tuple(range(64))),
    "parsed": (96, (*range(4), *range(12, 64))),
}
_PARSED = frozenset(
    """json jsonb hstore inet cidr daterange tsrange tstzrange int4range int8range numrange datemultirange tsmultirange
    tstzmultirange int4multirange int8multirange nummultirange interval point box circle polygon path lseg""".split()
)
# A row is refused this often before it is asked whether any row at all can be made.
_DOUBT_AT_ATTEMPT = 8
_LENT_KEY = make_key("lent values")


class Predicate(Protocol):
    """A compiled check."""

    @property
    def name(self) -> str:
        """The constraint's name."""

    @property
    def sql(self) -> str:
        """Its condition as the schema has it; nothing for what is no check."""

    @property
    def rule(self) -> str:
        """What it asks for, as a refusal has it."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""

    def failing(self, arrays: Mapping[str, pa.Array], length: int) -> Mask:
        """True for the rows that violate it."""


@dataclass(frozen=True, slots=True)
class Bendable:
    """A column that may be moved, and how; one that others move towards where it may not."""

    name: str
    bend: Bend | None


class Salts(Protocol):
    """The attempt from which a row starts, where a key needs it to differ (see `ledger`)."""

    def at(self, rows: Rows) -> Rows:
        """The first attempt of each row."""

    def room(self) -> int:
        """How many rows, from the first, have keys of their own."""

    @property
    def names(self) -> str:
        """The keys' names."""


@dataclass(slots=True)
class Stage:
    """Steps that are redrawn together, with the checks that decide; a single step when nothing is checked.

    `follows_ledger` for those whose first attempt the ledger decides. `pairs` are columns of one type that a check
    compares: after a few refusals they are moved together.
    """

    nodes: tuple[Node, ...]
    predicates: tuple[Predicate, ...]
    follows_ledger: bool = False
    pairs: tuple[tuple[Bendable, Bendable], ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """What the steps make."""
        return tuple(o for n in self.nodes for o in n.outputs)

    @property
    def needs(self) -> frozenset[str]:
        """What the steps and the checks read."""
        return frozenset().union(*(n.needs for n in self.nodes), *(p.columns for p in self.predicates))


class TableProgram:
    """The compiled steps of one table; see `app.generator.engine.compiler`."""

    def __init__(self, table: TablePlan, stages: Sequence[Stage]) -> None:
        self.table = table
        self.salts: Salts | None = None
        self._stages = tuple(stages)
        self._maker = {output: i for i, stage in enumerate(stages) for output in stage.outputs}
        self._closures: dict[frozenset[str], tuple[Stage, ...]] = {}
        self._lent: dict[int, dict[str, pa.Array] | None] = {}
        self._possible: dict[int, bool] = {}

    def evaluate(self, rows: Rows, wanted: Iterable[str]) -> dict[str, pa.Array]:
        """The wanted columns at `rows` (any row numbers, in any order). Raises PlanRefused for unkeepable checks."""
        names = frozenset(wanted)
        arrays = self.columns(rows, names)
        return {n: arrays[n] for n in names}

    def columns(self, rows: Rows, wanted: Iterable[str]) -> Columns:
        """As `evaluate`, where text may still be in pieces."""
        names = frozenset(wanted)
        stages = self._closure(names)
        follows = self.salts is not None and any(stage.follows_ledger for stage in stages)
        salts = self.salts.at(rows) if self.salts is not None and follows else None
        if salts is None or not salts.any():
            return self._run(stages, rows, 0)
        parts: list[Columns] = []
        places: list[Rows] = []
        for salt in np.unique(salts):
            members = np.flatnonzero(salts == salt)
            parts.append(self._run(stages, rows[members], int(salt)))
            places.append(members)
        return Columns({n: gather([p[n] for p in parts], places) for n in names})

    def evaluate_at(self, rows: Rows, wanted: Iterable[str], first_attempt: int) -> dict[str, pa.Array]:
        """As `evaluate`, from a given attempt on: what a ledger asks for while it settles the salts."""
        names = frozenset(wanted)
        arrays = self._run(self._closure(names), rows, first_attempt)
        return {n: arrays[n] for n in names}

    def _closure(self, names: frozenset[str]) -> tuple[Stage, ...]:
        if names not in self._closures:
            found: set[int] = set()
            todo = [self._maker[n] for n in names]
            while todo:
                i = todo.pop()
                if i not in found:
                    found.add(i)
                    todo += [self._maker[n] for n in self._stages[i].needs if n in self._maker]
            self._closures[names] = tuple(self._stages[i] for i in sorted(found))
        return self._closures[names]

    def _run(self, stages: Sequence[Stage], rows: Rows, first_attempt: int) -> Columns:
        # Attempts of different first attempts must not meet: a salt is (first attempt, attempt within it).
        base = first_attempt * MAX_ATTEMPTS
        run = Run(rows, 0)
        for stage in stages:
            run.salt = base if stage.follows_ledger else 0
            for node in stage.nodes:
                node.run(run)
            if stage.predicates:
                self._settle(stage, run, run.salt)
        return run.arrays

    def _settle(self, stage: Stage, run: Run, base: int) -> None:
        failing = _failing(stage, run)
        if not failing.size:
            return
        inputs = {n for n in stage.needs if n in run.arrays} - set(stage.outputs)
        parts: list[Run] = []
        places: list[Rows] = []
        pending = failing
        hopeless = False
        for attempt in range(1, MAX_ATTEMPTS):
            if attempt == _DOUBT_AT_ATTEMPT and not self._is_possible(stage, inputs):
                hopeless = True
                break
            taken = pa.array(pending)
            retry = Run(run.rows[pending], base + attempt, Columns({n: run.arrays[n].take(taken) for n in inputs}))
            for node in stage.nodes:
                node.run(retry)
            if attempt >= BEND_FROM_ATTEMPT:
                _move_together(stage, retry)
            still = _failing(stage, retry)
            good = np.setdiff1d(np.arange(pending.size), still, assume_unique=True)
            if good.size:
                kept = pa.array(good)
                parts.append(Run(pending[good], 0, Columns({o: retry.arrays[o].take(kept) for o in stage.outputs})))
                places.append(pending[good])
            pending = pending[still]
            if not pending.size:
                break
        if pending.size:
            found = None if hopeless else self._found(stage, inputs)
            if found is None:
                self._give_up(stage, run, pending)
            else:
                count = len(next(iter(found.values())))
                taken = pa.array(bounded(draw(_LENT_KEY, run.rows[pending], base), count))
                parts.append(Run(pending, 0, Columns({o: found[o].take(taken) for o in stage.outputs})))
                places.append(pending)
        whole = np.ones(run.rows.size, dtype=np.bool_)
        whole[failing] = False
        kept_rows = np.flatnonzero(whole)
        for output in stage.outputs:
            pieces = [run.arrays[output].take(pa.array(kept_rows)), *(p.arrays[output] for p in parts)]
            run.arrays[output] = gather(pieces, [kept_rows, *places])

    def _is_possible(self, stage: Stage, inputs: set[str]) -> bool:
        """Whether any of the rows that are tried out satisfies a stage's checks: no matter which row asks."""
        place = self._stages.index(stage)
        if place not in self._possible:
            self._possible[place] = any(len(good) for _, good in self._tries(stage, inputs))
        return self._possible[place]

    def _found(self, stage: Stage, inputs: set[str]) -> dict[str, pa.Array] | None:
        """Values that satisfy a stage's checks, for the rows that found none of their own: of what thousands tried.

        They are those of rows far past the table's end, so that they are the same for whichever row asks. None where
        a row cannot have another one's values: what a key or a reference gives is its own.
        """
        if _is_own(stage) or inputs:
            return None
        place = self._stages.index(stage)
        if place not in self._lent:
            self._lent[place] = self._search(stage, inputs)
        return self._lent[place]

    def _search(self, stage: Stage, inputs: set[str]) -> dict[str, pa.Array] | None:
        kept: dict[str, list[pa.Array]] = {output: [] for output in stage.outputs}
        count = 0
        for run, good in self._tries(stage, inputs):
            for output in stage.outputs:
                kept[output].append(run.arrays[output].take(good))
            count += len(good)
            if count >= _LENT_ENOUGH:
                break
        return {output: pa.concat_arrays(pieces) for output, pieces in kept.items()} if count else None

    def _tries(self, stage: Stage, inputs: set[str]) -> Iterator[tuple[Run, pa.Array]]:
        """Attempt after attempt at many rows, each with the places of those that satisfy the stage's checks.

        Of the table's own first rows where a key, a reference or another step has a part in the values.
        """
        tried, attempts = _TRIED[_effort(stage)]
        own = _is_own(stage) or bool(inputs)
        rows = np.arange(min(tried, self.table.rows) if own else tried, dtype=np.int64)
        rows = rows if own else rows + _LENT_FROM_ROW
        given = self._run(self._closure(frozenset(inputs)), rows, 0) if inputs else Columns()
        for attempt in attempts:
            run = Run(rows, attempt, Columns({name: given[name] for name in inputs}))
            for node in stage.nodes:
                node.run(run)
            if attempt >= BEND_FROM_ATTEMPT:
                _move_together(stage, run)
            good = np.setdiff1d(np.arange(rows.size), _failing(stage, run), assume_unique=True)
            yield run, pa.array(good)

    def _give_up(self, stage: Stage, run: Run, pending: Rows) -> None:
        faults = []
        for predicate in stage.predicates:
            count = int(predicate.failing(run.arrays, run.rows.size)[pending].sum())
            if count:
                columns = sorted(c for c in predicate.columns if not c.startswith("->"))
                columns = columns or sorted(predicate.keys if isinstance(predicate, RelationHolds) else ())
                message = (
                    f"{self.table.name}.{predicate.name}: no values were found that satisfy {predicate.rule} for "
                    f"{count:,} of {run.rows.size:,} rows, though thousands were tried; override {', '.join(columns)}"
                )
                facts = {"table": str(self.table.name), "constraint": predicate.name, "columns": ", ".join(columns)}
                facts["expression"] = predicate.sql or predicate.rule
                faults.append(Fault("/config/overrides", "check_not_satisfied", message, facts))
        raise PlanRefused(faults or [Fault("", "check_not_satisfied", f"{self.table.name}: a check cannot be kept")])


def _move_together(stage: Stage, run: Run) -> None:
    for place, (first, second) in enumerate(stage.pairs):
        # Either may have to be the larger one: they take turns, each pair at a pace of its own.
        upwards = (run.attempt >> place % 4) & 1
        low, high = (first, second) if upwards else (second, first)
        arrays = run.arrays
        if high.bend is not None and low.bend is not None:
            arrays[high.name] = approach(arrays[low.name], arrays[high.name], high.bend, run.rows, run.salt)
            continue
        moved, fixed = (high, low) if high.bend is not None else (low, high)
        if moved.bend is not None:
            side = 1 if upwards else -1
            arrays[moved.name] = approach(
                arrays[fixed.name], arrays[moved.name], moved.bend, run.rows, run.salt, side=side
            )
    if stage.pairs:
        # What is shaped after, or computed from, a column that was moved is so anew.
        moved_names = {member.name for pair in stage.pairs for member in pair if member.bend is not None}
        for node in stage.nodes:
            if isinstance(node, GeneratedNode):
                node.run(run)
            elif isinstance(node, ColumnNode) and node.plan.name in moved_names:
                node.reshape(run)


def _is_own(stage: Stage) -> bool:
    """Whether a key or a reference has a part in a stage's values, so that they are the row's own."""
    return any(not isinstance(node, ColumnNode | OrderedNode | GeneratedNode) or node.keyed for node in stage.nodes)


def _effort(stage: Stage) -> str:
    """How long the values of a stage take to make and to test."""
    plain = True
    for node in stage.nodes:
        for member in node.members if isinstance(node, OrderedNode) else (node,):
            if not isinstance(member, ColumnNode):
                continue
            if member.plan.base.name in _PARSED and not member.plan.base.array_dims:
                return "parsed"
            kind = member.generator.arrow_type
            plain = plain and not (pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_list(kind))
    return "plain" if plain else "texts"


def _failing(stage: Stage, run: Run) -> Rows:
    failing = np.zeros(run.rows.size, dtype=np.bool_)
    for predicate in stage.predicates:
        failing |= predicate.failing(run.arrays, run.rows.size)
    return np.flatnonzero(failing)


def gather(pieces: Sequence[pa.Array], places: Sequence[Rows]) -> pa.Array:
    """Puts pieces back in row order: piece i belongs at `places[i]`."""
    order = np.concatenate(places)
    inverse = np.empty(order.size, dtype=np.int64)
    inverse[order] = np.arange(order.size)
    return pa.concat_arrays(list(pieces)).take(pa.array(inverse))
