"""The programs of a plan's tables, each of which looks at its parents'."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from app.generator.engine.program import TableProgram
from app.generator.keys import Rows
from app.generator.plan import Plan, RelationPlan
from app.generator.snapshot.model import QName

# A parent with at most so many rows is computed once and gathered from: cheaper than computing the same rows again.
_SMALL_PARENT_ROWS = 1 << 16


class NotSettled(Exception):
    """Values were asked of a table that has yet to join the plan: it closes a cycle by a deferrable key."""


class Programs:
    """The programs of a plan's tables, compiled at first use."""

    def __init__(
        self,
        plan: Plan,
        expected: Mapping[QName, int] | None = None,
        relations: Mapping[QName, Sequence[RelationPlan]] | None = None,
    ) -> None:
        """`expected` has the row counts of tables that are yet to join the plan, `relations` those of all tables."""
        self.plan = plan
        self._expected = expected or {}
        found = relations or {t.name: t.relations for t in plan.tables}
        self._parents = {n: {r.ref_table for r in rs if r.pick != "null"} for n, rs in found.items()}
        self._ancestors: dict[QName, set[QName]] = {}
        self._programs: dict[QName, TableProgram] = {}
        self._small: dict[tuple[QName, str], pa.Array] = {}

    def rows_of(self, name: QName) -> int:
        """How many rows a table has; while the plan is made, how many it is to have. One that is not made has none."""
        if self.plan.has(name):
            return self.plan.table(name).rows
        return self._expected.get(name, 0)

    def leads_to(self, table: QName, other: QName) -> bool:
        """Whether a table refers to another one, over whatever is between."""
        if table not in self._ancestors:
            found: set[QName] = set()
            todo = [table]
            while todo:
                for parent in self._parents.get(todo.pop(), ()):
                    if parent not in found:
                        found.add(parent)
                        todo.append(parent)
            self._ancestors[table] = found
        return other in self._ancestors[table]

    def shorten(self, name: QName, rows: int) -> None:
        """Gives a table fewer rows, while the plan is made."""
        tables = tuple(replace(t, rows=rows) if t.name == name else t for t in self.plan.tables)
        self.plan = replace(self.plan, tables=tables)
        self._programs.pop(name, None)
        self._small = {place: array for place, array in self._small.items() if place[0] != name}

    def of(self, name: QName) -> TableProgram:
        """The program of a table. Raises NotSettled while the plan is made without it."""
        if name not in self._programs:
            if not self.plan.has(name):
                raise NotSettled(name)
            from app.generator.engine.compiler import Compiler  # which needs the programs of parents

            compiler = Compiler(self, self.plan.table(name))
            program = self._programs[name] = compiler.compile()
            program.salts = compiler.ledger(program)
        return self._programs[name]

    def parent_columns(
        self, table: QName, rows: Rows, columns: Sequence[str], *, whole: bool = True
    ) -> Mapping[str, pa.Array]:
        """Columns of a parent at the given rows; with `whole` a small parent is computed once and kept."""
        program = self.of(table)
        if not whole or program.table.rows > _SMALL_PARENT_ROWS or rows.size == 0:
            return program.evaluate(rows, columns)
        missing = [c for c in columns if (table, c) not in self._small]
        if missing:
            made = program.evaluate(np.arange(program.table.rows, dtype=np.int64), missing)
            self._small.update({(table, c): made[c] for c in missing})
        indices = pa.array(rows)
        return {c: self._small[table, c].take(indices) for c in columns}
