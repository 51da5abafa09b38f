"""Columns whose distinct values are 1, 2, 3, ...: where they begin, and which of them go hand in hand.

A reference of a table to itself that has to lead to the number before (`prev = version - 1`) leads to the row before,
once the numbers are counted; columns that are unique and in order (`lft < rgt`) take turns: 1 and 2, 3 and 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.generator.domain import Domain
from app.generator.engine.constraints import Constraints
from app.generator.engine.contexts import base_type
from app.generator.engine.stages import chains
from app.generator.meaning import Choice
from app.generator.plan import RelationPlan
from app.generator.planning.outlines import Tree
from app.generator.snapshot.model import Column, QName, Table
from app.generator.types import TypeCatalog

_COUNTING_TYPES = frozenset({"int2", "int4", "int8", "numeric", "oid"})


def counts_up(types: TypeCatalog, column: Column) -> bool:
    """Whether the column's natural distinct values are 1, 2, 3, ...: whole numbers without another meaning."""
    base = base_type(types, column.type)
    whole = base.name != "numeric" or (len(base.modifiers) > 1 and base.modifiers[1] == 0) or len(base.modifiers) == 1
    if base.name == "numeric" and not base.modifiers:
        whole = column.name.lower() in ("id", "oid") or column.name.lower().endswith("_id")
    return not base.array_dims and base.name in _COUNTING_TYPES and whole


def is_span(domain: Domain) -> bool:
    """Whether a domain allows every positive whole number between its bounds."""
    holes = [v for v in domain.excluded if isinstance(v, int | Decimal) and v > 0]
    return domain.values is None and domain.multiple_of is None and not holes


@dataclass(frozen=True, slots=True)
class Counting:
    """How the columns of one table count.

    `first` has what the first number has to be where checks say so, `beside` each column's place among those that
    take turns and how many they are. `numbered` columns count the rows of a line, each of which leads to the one
    before it. `outlines` are columns of a tree whose keys begin with those above them.
    """

    first: Mapping[str, int] = field(default_factory=dict)
    beside: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    numbered: frozenset[str] = frozenset()
    outlines: Mapping[str, Choice] = field(default_factory=dict)

    def along(self, tree: Tree) -> "Counting":
        """The same with the numbers of a tree, which count too."""
        return replace(self, numbered=self.numbered | {tree.number}, outlines=tree.choices())

    def choice(self, column: str, domain: Domain) -> Choice:
        """The generator of a key that counts up within the domain."""
        if column in self.outlines:
            return self.outlines[column]
        low, high = domain.low, domain.high
        start = max(1, int(low)) if isinstance(low, int | Decimal) else 1
        if isinstance(high, int | Decimal) and high < start:
            start = int(low) if isinstance(low, int | Decimal) else int(high)
        start = self.first.get(column, start)
        place, step = self.beside.get(column, (0, 1))
        options = {"start": start + place} if step == 1 else {"start": start + place, "step": step}
        return Choice("sequence", options, "a key that counts up")


def counting_of(table: Table, constraints: Constraints, types: TypeCatalog) -> Counting:
    """Reads a table's keys, references to itself and checks."""
    first: dict[str, int] = {}
    numbered: set[str] = set()
    for key in table.foreign_keys if constraints.successions or constraints.modes else ():
        if key.ref_table != table.name:
            continue
        for column, ref in zip(key.columns, key.ref_columns, strict=True):
            begins = _beginning(constraints, column, ref)
            if begins is not None:
                first[ref] = begins
            if begins is not None or (column, ref) in constraints.successions:
                numbered.add(ref)
    return Counting(first, _beside(table, constraints, types), frozenset(numbered))


def _beside(table: Table, constraints: Constraints, types: TypeCatalog) -> dict[str, tuple[int, int]]:
    """Columns that are unique by themselves and in an order, each with its place in that order and their number."""
    alone = {k.columns[0] for k in table.keys if k.columns and len(k.columns) == 1 and k.predicate is None}
    alone -= {column for key in table.foreign_keys for column in key.columns}
    after: dict[str, set[str]] = {}
    for low, high, _ in constraints.orders if len(alone) > 1 else ():
        if low != high and {low, high} <= alone and all(counts_up(types, table.column(n)) for n in (low, high)):
            after.setdefault(low, set()).add(high)
    return {name: (place, len(chain)) for chain in chains(after) for place, name in enumerate(chain)}


def _beginning(constraints: Constraints, column: str, ref: str) -> int | None:
    """The number that the first of a line has: 1 for `(version = 1) = (prev IS NULL)`. None where no check says it."""
    found: set[int] = set()
    for group in constraints.modes:
        for alternative in group.alternatives if {column, ref} <= set(group.columns) else ():
            if column in alternative and alternative[column].null_only:
                number = _only(alternative.get(ref, Domain()))
                if number is None:
                    return None
                found.add(number)
    return found.pop() if len(found) == 1 else None


def _only(domain: Domain) -> int | None:
    values = domain.values if domain.values is not None else (domain.low, domain.high)
    value = values[0] if len(set(values)) == 1 else None
    return int(value) if isinstance(value, int | Decimal) and value == int(value) else None


def in_line(name: QName, plan: RelationPlan, constraints: Constraints, counting: Counting) -> RelationPlan:
    """A reference of a table to itself, made to lead to the row before where its rows are numbered in a line.

    So are those that are NULL when such a one is: the hash of the row before, beside its number.
    """
    if plan.ref_table != name or plan.pick not in ("uniform", "earlier") or not counting.numbered:
        return plan
    if plan.pick == "uniform" and not plan.shared:
        return plan
    leads = counting.numbered & set(plan.ref_columns)
    if leads or any(counting.numbered & _with(constraints, column) for column in plan.null_columns):
        return replace(plan, pick="previous", null_ppm=0)
    return plan


def _with(constraints: Constraints, column: str) -> frozenset[str]:
    """The columns that checks tie to a column's being NULL."""
    return frozenset(name for group in constraints.modes if column in group.columns for name in group.columns)
