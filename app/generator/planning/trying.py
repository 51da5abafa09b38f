"""Overrides tried before a plan is given out: what they make of the table's first rows, and of its last."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from app.errors import OptionProblem, PlanRefused
from app.generator.engine.program import TableProgram
from app.generator.plan import ColumnPlan

_SAMPLE_ROWS = 64
# What has just the values that somebody listed.
_LISTED = frozenset({"one_of", "constant"})
_MADE_OF_OTHERS = frozenset({"template", "expression"})


def problems_of_rows(
    program: TableProgram, columns: Sequence[ColumnPlan], rows: int
) -> list[tuple[str, OptionProblem]]:
    """What is wrong with the overridden columns of a table of so many rows, by column; [] when nothing is."""
    names = [column.name for column in columns]
    try:
        made = program.evaluate(np.arange(min(_SAMPLE_ROWS, rows)), names)
    except PlanRefused as refusal:
        return [(names[0], OptionProblem((), f"with this override, {fault.message}")) for fault in refusal.faults]
    except pa.ArrowInvalid as error:
        computed = next((column for column in columns if column.generator == "expression"), columns[0])
        return [(computed.name, OptionProblem((), f"{computed.generator}: {str(error).splitlines()[0]}"))]
    found = [(c.name, _too_few(rows)) for c in columns if _runs_out(c, made[c.name])]
    return found + list(_ended(program, [c for c in columns if c.generator == "sequence" and not c.null_ppm], rows))


def circles(columns: Sequence[ColumnPlan]) -> list[tuple[str, OptionProblem]]:
    """The overridden columns that are made of each other in a circle, so that none of them can come first."""
    reads = {column.name: _read_by(column) for column in columns if column.generator in _MADE_OF_OTHERS}

    def leads(start: str) -> list[str]:
        """The way back to where it starts; [] for none."""
        todo, seen = [[start]], set[str]()
        while todo:
            way = todo.pop()
            for name in sorted(reads.get(way[-1], ())):
                if name == start:
                    return way
                if name in reads and name not in seen:
                    seen.add(name)
                    todo.append([*way, name])
        return []

    found = []
    for column in columns:
        way = leads(column.name)
        if way:
            text = " -> ".join([*way, column.name])
            message = f"{column.generator}: it is made of itself ({text}), so that none of these can come first"
            found.append((column.name, OptionProblem((column.generator,), message)))
    return found


def _read_by(column: ColumnPlan) -> frozenset[str]:
    """The columns that a template or an expression reads; none of one that is not understood."""
    text = str(column.options.get(column.generator, ""))
    if column.generator == "template":
        return frozenset(re.findall(r"\{([^{}]+)\}", text.replace("{{", "").replace("}}", "")))
    from app.generator.expressions import ExpressionUnknown, columns_of, parse_expression

    try:
        return columns_of(parse_expression(text))
    except ExpressionUnknown:
        return frozenset()


def _runs_out(column: ColumnPlan, values: pa.Array) -> bool:
    """Whether a unique column was left NULL where its list was used up."""
    return column.unique and column.generator in _LISTED and not column.null_ppm and values.null_count > 0


def _too_few(rows: int) -> OptionProblem:
    return OptionProblem(
        (), f"the column is unique, and {rows:,} rows are asked: list more values, or give a nullRate for the others"
    )


def _ended(program: TableProgram, columns: Iterable[ColumnPlan], rows: int) -> Iterable[tuple[str, OptionProblem]]:
    """Sequences that the column's type or checks end before the last row, where they would begin anew."""
    for column in columns:
        start, step = int(column.options.get("start", 1)), int(column.options.get("step", 1))
        last = program.evaluate(np.array([rows - 1]), [column.name])[column.name][0].as_py()
        wanted = start + (rows - 1) * step
        if last is not None and str(last) != str(wanted) and int(last) != wanted:
            message = f"sequence: the {rows:,} rows lead to {wanted}, which the column does not take"
            yield column.name, OptionProblem((), message)
