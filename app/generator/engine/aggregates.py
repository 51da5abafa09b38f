"""Columns that sum up a row's children, exactly: an order's total is the sum of its lines.

The children of a parent stand in a row (see `fanout`), so that they are found and made again from the parent's row
number alone. Nothing is read back, and a total is the same in whatever company its row is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.errors import Fault, PlanRefused
from app.generator.arrow_types import arrow_type
from app.generator.engine.contexts import base_type
from app.generator.engine.fanout import Fanout, fanout_of
from app.generator.engine.nodes import Computed, Run
from app.generator.keys import Rows, make_key
from app.generator.plan import ColumnPlan, TablePlan

if TYPE_CHECKING:
    from app.generator.engine.programs import Programs

# Children that are made at once: memory stays bounded, however many a parent has.
_MOST_AT_ONCE = 1 << 18


@dataclass(slots=True)
class AggregateNode:
    """A column of the sum, count, least or largest of an expression over the rows of another table."""

    plan: ColumnPlan
    owner: TablePlan
    programs: "Programs"
    _source: "_Source | None" = field(default=None)
    _running: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        return (self.plan.name,)

    @property
    def needs(self) -> frozenset[str]:
        return frozenset()

    @property
    def needs_all(self) -> bool:
        return True

    @property
    def fixed(self) -> bool:
        return True

    def run(self, run: Run) -> None:
        if self._running:
            raise PlanRefused([self._fault("aggregate_cycle", "its rows depend on the total themselves")])
        if self._source is None:
            # The child comes after its parent in a plan, so it may not be there yet when the parent is compiled.
            self._source = _Source(self.plan, self.owner, self.programs)
        self._running = True
        try:
            run.arrays[self.plan.name] = self._in_type(self._source.totals(run.rows))
        finally:
            self._running = False

    def _in_type(self, values: pa.Array) -> pa.Array:
        wanted = arrow_type(self.plan.base)
        if pa.types.is_decimal(values.type) and pa.types.is_decimal(wanted) and values.type.scale > wanted.scale:
            values = pc.round(values, wanted.scale, round_mode="half_towards_infinity")
        if pa.types.is_integer(values.type) and pa.types.is_decimal(wanted):
            values = values.cast(pa.decimal128(38, 0))  # the numbers decide, not what int64 could hold
        try:
            return values.cast(wanted)
        except pa.ArrowInvalid as error:
            raise PlanRefused([self._fault("aggregate_too_large", f"it does not fit the column ({error})")]) from None

    def _fault(self, code: str, what: str) -> Fault:
        message = f"{self.owner.name}.{self.plan.name}: {self.plan.why or 'aggregate'}: {what}; override it"
        return Fault("/config/overrides", code, message, {"table": str(self.owner.name), "column": self.plan.name})


class _Source:
    """The children, and what of them is summed up."""

    def __init__(self, plan: ColumnPlan, owner: TablePlan, programs: "Programs") -> None:
        self._options = plan.options
        self._owner = owner
        self._programs = programs
        self._table = next(t for t in programs.plan.tables if str(t.name) == plan.options["table"])

    @cached_property
    def _fanout(self) -> Fanout:
        relation = next(r for r in self._table.relations if r.name == self._options["foreign_key"])
        assert relation.per_parent is not None
        name = self._table.name
        key = make_key(self._programs.plan.seed, name.schema, name.name, relation.name, "parent")
        return fanout_of(key, relation.per_parent, self._owner.rows)

    @cached_property
    def _expression(self) -> Computed:
        from app.generator.expressions import compile_value, parse_expression

        catalog = self._programs.plan.catalog
        types = {c.name: base_type(catalog, c.type) for c in self._table.columns}
        return compile_value(parse_expression(str(self._options["expression"])), types, catalog)

    def totals(self, parents: Rows) -> pa.Array:
        """One value for each of the parents."""
        firsts, counts = self._fanout.children_of(parents)
        if self._options["function"] == "count":
            return pa.array(counts)
        ends = np.cumsum(counts)
        pieces = [
            self._piece(np.arange(start, min(start + _MOST_AT_ONCE, int(ends[-1]))), firsts, counts, ends)
            for start in range(0, int(ends[-1]) if ends.size else 0, _MOST_AT_ONCE)
        ]
        return self._gathered(pieces, parents.size)

    def _piece(self, places: Rows, firsts: Rows, counts: Rows, ends: Rows) -> pa.Table:
        """The totals of some children by their parent's place, as far as these children go."""
        owners = np.searchsorted(ends, places, side="right")
        rows = firsts[owners] + places - (ends - counts)[owners]
        arrays = self._programs.of(self._table.name).evaluate(rows, self._expression.columns)
        values = self._expression.evaluate(arrays, rows.size)
        return self._grouped(pa.table({"owner": owners, "value": _summable(values)}))

    def _grouped(self, values: pa.Table) -> pa.Table:
        function = self._options["function"]
        # One thread: the order of floats in a sum must not depend on the machine.
        found = values.group_by("owner", use_threads=False).aggregate([("value", function)])
        return found.rename_columns({"owner": "owner", f"value_{function}": "value"})

    def _gathered(self, pieces: list[pa.Table], length: int) -> pa.Array:
        is_sum = self._options["function"] == "sum"
        if not pieces:
            return pa.array([0 if is_sum else None] * length, pa.int64() if is_sum else None)
        whole = pieces[0] if len(pieces) == 1 else self._grouped(pa.concat_tables(pieces))
        places = np.full(length, -1, np.int64)
        places[whole["owner"].to_numpy()] = np.arange(whole.num_rows)
        found = whole["value"].combine_chunks().take(pa.array(places, mask=places < 0))
        return pc.fill_null(found, pa.scalar(0).cast(found.type)) if is_sum else found


def _summable(values: pa.Array) -> pa.Array:
    """Values as Arrow sums them: money and wide numerics travel as text."""
    return values.cast(pa.decimal128(38, 6)) if pa.types.is_string(values.type) else values


def result_type(expression: Computed, columns: Mapping[str, pa.DataType]) -> pa.DataType:
    """The type of an expression's values."""
    empty = {name: pa.array([], columns[name]) for name in expression.columns}
    return expression.evaluate(empty, 0).type
