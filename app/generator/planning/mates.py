"""References that lean on what other tables are given.

Tables that point at each other have to agree: a customer's main address is one of the customer's own.

customers (id, main_id) refers to addresses (customer_id, id), and addresses (customer_id) to customers (id). Neither
value can wait for the other: the first addresses go to the customers in turn, and each customer's main one is the
address that has the customer's number.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from app.generator.plan import RelationPlan
from app.generator.planning.overrides import PICKS
from app.generator.snapshot.model import QName, Table


def mated(relations: dict[QName, list[RelationPlan]]) -> dict[QName, list[RelationPlan]]:
    """The relations of each table, with those of such couples made to meet row by row."""
    found = {name: list(plans) for name, plans in relations.items()}
    for table in sorted(found):
        for place, plan in enumerate(found[table]):
            # What others fill and may be NULL has nothing to be redrawn for, so that nothing waits for it.
            if plan.pick != "uniform" or (plan.shared and plan.null_columns) or plan.ref_table == table:
                continue
            for at, back in enumerate(found.get(plan.ref_table, ())):
                common = _common(plan, back, table)
                # What is wholly taken from the other side has nothing left to meet by: that side is to come to it.
                turned = set(plan.columns) <= common and len(back.columns) > len(plan.columns)
                if common and set(plan.shared) <= common and not turned:
                    own = tuple(c for c in plan.columns if c in common)
                    nulls = tuple(c for c in plan.null_columns if c not in common)
                    ppm = plan.null_ppm if nulls else 0
                    found[table][place] = replace(plan, pick="same", shared=own, null_columns=nulls, null_ppm=ppm)
                    found[plan.ref_table][at] = replace(back, pick="turns", null_ppm=0, null_columns=())
                    break
    return found


def _common(plan: RelationPlan, back: RelationPlan, table: QName) -> set[str]:
    """The columns of `plan` that its parent takes from `table` by `back`: they cannot be taken from the parent."""
    if back.ref_table != table or back.pick != "uniform" or back.shared:
        return set()
    theirs = dict(zip(back.columns, back.ref_columns, strict=True))
    pairs = zip(plan.columns, plan.ref_columns, strict=True)
    return {column for column, ref in pairs if theirs.get(ref) == column}


def without_nulls_below(
    relations: Mapping[QName, list[RelationPlan]], tables: Mapping[QName, Table]
) -> dict[QName, list[RelationPlan]]:
    """The relations of each table, so that no column is NULL that a NOT NULL one of another table is taken from.

    (user_id, tenant_id) -> users (id, tenant_id) copies the tenant of a user, who may have none: not where each row
    below has to have one.
    """
    found = {name: list(plans) for name, plans in relations.items()}
    todo = [
        (plan.ref_table, ref)
        for name, plans in found.items()
        for plan in plans
        for column, ref in zip(plan.columns, plan.ref_columns, strict=True)
        if plan.pick != "null" and not tables[name].column(column).nullable
    ]
    # Nor where a reference beside it that may not be NULL has to agree in it: (staff, company) and (company, office).
    todo += [
        (name, shared)
        for name, plans in relations.items()
        for plan in plans
        for shared in plan.shared
        if plan.pick != "null"
        and any(not tables[name].column(c).nullable for c in plan.columns if c not in plan.shared)
    ]
    seen = set(todo)
    while todo:
        name, column = todo.pop()
        for place, plan in enumerate(found.get(name, ())):
            if plan.pick == "null" or column not in plan.columns or column in plan.shared:
                continue
            if column in plan.null_columns:
                found[name][place] = replace(plan, null_columns=(), null_ppm=0)
            above = (plan.ref_table, plan.ref_columns[plan.columns.index(column)])
            if above not in seen:
                seen.add(above)
                todo.append(above)
    return found


class Drafted(Protocol):
    """What is known of a table while the plan is made."""

    rows: int
    relations: list[RelationPlan]


def needs_parent(plan: RelationPlan, table: QName) -> bool:
    """Whether the table's rows cannot be without that reference."""
    return plan.pick != "null" and not plan.null_columns and plan.ref_table != table


def cut_off(relations: list[RelationPlan], drafts: Mapping[QName, Drafted]) -> None:
    """Leaves references NULL that lead to a table without rows: what of them has to be there is made by itself."""
    for place, plan in enumerate(relations):
        loose = plan.pick in PICKS and len(plan.null_columns) < len(set(plan.columns) - set(plan.shared))
        if loose and plan.null_columns and drafts[plan.ref_table].rows == 0:
            refs = tuple(plan.ref_columns[plan.columns.index(column)] for column in plan.null_columns)
            cut = RelationPlan(plan.name, plan.null_columns, plan.ref_table, refs, pick="null")
            relations[place] = replace(cut, null_columns=plan.null_columns)


def most_rows(plan: RelationPlan, table: QName, drafts: Mapping[QName, Drafted]) -> int:
    """How many rows a table may have for a reference's sake, apart from how many parents there are to choose from.

    Those that pick the same each need a parent of their own number, and no row can be made of a parent's columns that
    are NULL in all its rows, since it has nothing to refer to itself.
    """
    if plan.pick == "same":
        return drafts[plan.ref_table].rows
    fed_nulls = needs_parent(plan, table) and any(
        (above.pick == "null" or drafts[above.ref_table].rows == 0) and set(above.null_columns) & set(plan.ref_columns)
        for above in drafts[plan.ref_table].relations
    )
    return 0 if fed_nulls else sys.maxsize
