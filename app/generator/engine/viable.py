"""Which of a parent's rows a reference may lead to: those that agree with the checks, and with what has to follow."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from app.errors import Fault, PlanRefused
from app.generator.arrow_types import arrow_type
from app.generator.engine.constraints import Constraints
from app.generator.engine.programs import Programs
from app.generator.engine.relations import MAX_INDEXED_PARENT_ROWS, Picker
from app.generator.keys import Rows
from app.generator.plan import RelationPlan, TablePlan

if TYPE_CHECKING:
    from app.generator.expressions import Predicate

# So many of a parent's rows are looked at in one go.
_AT_A_TIME = 1 << 18


def viable_rows(
    programs: Programs,
    table: TablePlan,
    constraints: Constraints,
    relation: RelationPlan,
    picker: Callable[[RelationPlan], Picker],
) -> Rows | None:
    """The parent's rows for which the relations that follow find parents that agree, in order; None for all.

    Raises PlanRefused where there is none and there has to be one.
    """
    if relation.pick not in ("uniform", "skewed", "zipf") or relation.ref_table == table.name:
        return None
    if programs.leads_to(relation.ref_table, table.name):
        return None  # a cycle over a deferred key: to know the parent's rows, this table's would have to be there
    tests = constraints.tests_of(frozenset(relation.columns)) if table.checks else ()
    later = table.relations[table.relations.index(relation) + 1 :]
    followers = [
        f
        for f in later
        if f.shared and not f.null_columns and f.ref_table != table.name and f.pick != "null"
        if not programs.leads_to(f.ref_table, table.name)
        if set(f.shared) <= set(relation.columns)
    ]
    refs = dict(zip(relation.columns, relation.ref_columns, strict=True))
    parent = programs.plan.table(relation.ref_table)
    types = {column.name: column.type for column in parent.columns}
    asked = constraints.parent_tests(refs, parent.name, types) if table.checks else {}
    if not followers and not tests and not asked:
        return None
    if has_too_many(programs, relation):
        if not followers and not asked:
            return None
        raise PlanRefused([_too_large(table, relation, [*(f.name for f in followers), *_rules(tests, asked)])])

    def kept(rows: Rows) -> Rows:
        for test in tests:
            wanted = [refs[c] for c in sorted(test.columns)]
            arrays = programs.parent_columns(relation.ref_table, rows, wanted)
            given = {c: as_own(table, arrays[refs[c]], c) for c in test.columns}
            rows = rows[test.accepts(given).astype(np.bool_)]
        for look in asked.values():
            found = dict(programs.parent_columns(relation.ref_table, rows, sorted(look.columns)))
            rows = rows[look.accepts(found, rows.size).astype(np.bool_)]
        for follower in followers:
            wanted = [refs[c] for c in follower.shared]
            arrays = programs.parent_columns(relation.ref_table, rows, wanted)
            least = _different(follower, [relation, *followers], constraints) if table.checks else 1
            rows = rows[picker(follower).serves([arrays[c] for c in wanted], least)]
        return rows

    # Some at a time, so that of a large table no whole column has to be there.
    starts = range(0, max(parent.rows, 1), _AT_A_TIME)
    rows = np.concatenate([kept(np.arange(at, min(at + _AT_A_TIME, parent.rows), dtype=np.int64)) for at in starts])
    if not rows.size and table.rows and not relation.null_columns:
        rules = " and ".join([*(f.name for f in followers), *_rules(tests, asked)])
        message = (
            f"{table.name}.{relation.name}: no row of {relation.ref_table} can be referred to that agrees "
            f"with {rules}; ask for more rows of {relation.ref_table}, or override its "
            f"{', '.join(relation.ref_columns)}"
        )
        facts = {"table": str(table.name), "constraint": relation.name, "expression": rules}
        facts["columns"] = ", ".join(relation.ref_columns)
        raise PlanRefused([Fault("/config/rows", "no_common_parent", message, facts)])
    return rows


def has_too_many(programs: Programs, relation: RelationPlan) -> bool:
    """Whether a relation's parent has too many rows to look through: what the checks refuse is drawn again."""
    return programs.rows_of(relation.ref_table) > MAX_INDEXED_PARENT_ROWS


def _rules(tests: "Iterable[Predicate]", asked: Iterable[str]) -> list[str]:
    return [f"CHECK ({sql})" for sql in (*(test.sql for test in tests if test.sql), *asked)]


def _too_large(table: TablePlan, relation: RelationPlan, rules: Sequence[str]) -> Fault:
    text = " and ".join(rules)
    message = (
        f"{table.name}.{relation.name}: which rows of {relation.ref_table} agree with {text} is found out for at most "
        f"{MAX_INDEXED_PARENT_ROWS:,} of them; ask for fewer rows of {relation.ref_table}"
    )
    facts = {"table": str(table.name), "constraint": relation.name, "expression": text}
    return Fault("/config/rows", "parent_too_large", message, facts)


def as_own(table: TablePlan, values: pa.Array, column: str) -> pa.Array:
    """A parent's values as the table's own column has them."""
    kind = arrow_type(table.column(column).base)
    return values if values.type == kind else values.cast(kind)


def _different(follower: RelationPlan, others: Sequence[RelationPlan], constraints: Constraints) -> int:
    """How many different rows of one group references of a row need: first, second and third choice three."""

    def group(relation: RelationPlan) -> dict[str, str]:
        refs = zip(relation.columns, relation.ref_columns, strict=True)
        return {column: ref for column, ref in refs if column in follower.shared}

    def own(relation: RelationPlan) -> list[str]:
        return [column for column in relation.columns if column not in follower.shared]

    chosen = own(follower)
    for other in others if len(chosen) == 1 else ():
        column = own(other)
        alike = other is not follower and other.ref_table == follower.ref_table and group(other) == group(follower)
        if alike and len(column) == 1 and all(_compared(constraints, column[0], known) for known in chosen):
            chosen += column
    return len(chosen) or 1


def _compared(constraints: Constraints, first: str, second: str) -> bool:
    return not {constraints.compared(first, second), constraints.compared(second, first)}.isdisjoint({"<", "<>"})
