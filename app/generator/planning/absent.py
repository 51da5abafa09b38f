"""References that lead nowhere, since their tables are not asked for: which checks cannot do without them."""

from collections.abc import Collection, Sequence

import pyarrow as pa

from app.errors import Fault
from app.generator.arrow_types import arrow_type
from app.generator.engine.constraints import Constraints
from app.generator.engine.contexts import base_type
from app.generator.plan import RelationPlan
from app.generator.snapshot.model import QName, Table
from app.generator.types import TypeCatalog


def wanting_parents(
    table: Table,
    relations: Sequence[RelationPlan],
    made: Collection[QName],
    constraints: Constraints,
    types: TypeCatalog,
) -> list[Fault]:
    """A fault for each check that fails while those references are NULL: `num_nonnulls(a, b) = 1` without either."""
    nowhere = {c: r.ref_table for r in relations if r.pick == "null" and r.ref_table not in made for c in r.columns}
    if not nowhere or not constraints.has_checks:
        return []
    nulls = {c: pa.nulls(1, arrow_type(base_type(types, table.column(c).type))) for c in nowhere}
    faults = []
    for test in constraints.tests_of(frozenset(nowhere)):
        if test.accepts(nulls, 1).all():
            continue
        columns = sorted(test.columns)
        parents = " or ".join(sorted({str(nowhere[c]) for c in columns}))
        message = (
            f"{table.name}.{test.name}: CHECK ({test.sql}) cannot hold while {', '.join(columns)} refer to nothing; "
            f"ask for {parents} too"
        )
        facts = {
            "table": str(table.name),
            "constraint": test.name,
            "expression": test.sql,
            "columns": ", ".join(columns),
        }
        faults.append(Fault("/config/tables", "parents_not_asked_for", message, facts))
    return faults
