"""Which columns are shaped after others, where checks ask for it (see `expressions.molds`)."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from app.generator.engine.constraints import Constraints
from app.generator.engine.nodes import ColumnNode, Computed, GeneratedNode, Node
from app.generator.keys import make_key
from app.generator.plan import RelationPlan
from app.generator.snapshot.model import QName
from app.generator.values.choice import OVERRIDE

if TYPE_CHECKING:
    from app.generator.expressions.molds import Mold


# Shapes that leave the rest of a text as it is.
_PARTIAL = frozenset({"text", "like"})


def free_molds(constraints: Constraints, relations: Sequence[RelationPlan], table: QName) -> "list[Mold]":
    """The ways to keep checks by shaping a column that no reference fills.

    None by which a row of the table would be shaped after another row's column that is shaped itself.
    """
    found = []
    for mold in constraints.molds:
        filled = any(mold.column in r.columns for r in relations)
        loop = any(
            r.ref_table == table and mold.column in r.ref_columns and not mold.value.columns.isdisjoint(r.columns)
            for r in relations
        )
        if not filled and not loop:
            found.append(mold)
    return found


def shaped_columns(molds: "Sequence[Mold]", computed: Container[str]) -> Mapping[str, Sequence[str]]:
    """For each check that may be kept so, by its name: the columns that may be shaped, the likeliest first."""
    found: dict[str, list[str]] = {}
    for mold in molds:
        if mold.column not in computed and (mold.of_text or mold.form == "within"):
            found.setdefault(mold.check, []).append(mold.column)
    return found


def computed_columns(
    constraints: Constraints, molds: "Sequence[Mold]", keyed: Container[str]
) -> Mapping[str, Computed]:
    """The columns that checks equate with an expression, but for those of which a column in no key is shaped instead.

    `keyed` are the columns of the table's keys. Days are shaped only after what these give: a year in a key.
    """
    instead = {
        m.instead
        for m in molds
        if m.instead and m.column not in keyed and (m.of_text or (m.of_day and m.instead in keyed))
    }
    return {name: value for name, value in constraints.equations.items() if name not in instead}


def shape(
    molds: "Iterable[Mold]",
    columns: Mapping[str, ColumnNode],
    keyed: Iterable[str],
    made: Sequence[Node],
    constraints: Constraints,
    place: tuple[str, ...],
) -> None:
    """Has nodes shape their texts: for each check the first of its columns that is free and not waited for.

    `keyed` are the columns that keys give, `made` the steps there are besides; `place` is the seed and the table.
    """
    needs = {output: node.needs for node in made for output in node.outputs if isinstance(node, GeneratedNode)}
    done: set[str] = set()
    beside: set[str] = set()
    taken = frozenset(keyed)
    for mold in molds:
        node = columns.get(mold.column)
        # Of a range within another one only the inner can be moved: each of a check's has its own way.
        settled = mold.check in done and mold.form != "inside"
        if settled or node is None or node.plan.why == OVERRIDE:
            continue
        # A text may begin with one column's value and end with another's.
        if node.shaping is not None and not (mold.form in _PARTIAL and mold.column in beside):
            continue
        follows = mold.of_day and mold.instead is not None and mold.instead not in taken
        if follows or (mold.form == "second" and not mold.value.columns & taken):
            continue
        if mold.column in taken or _waits(mold.value.columns, mold.column, needs):
            continue
        from app.generator.engine.molding import (  # a schema without such checks needs none of it
            OneAfterTheOther,
            molding_of,
        )

        key = make_key(*place, mold.column, "mold")
        shaping = molding_of(mold, node.plan.base, constraints.domain(mold.column), key)
        node.shaping = shaping if node.shaping is None else OneAfterTheOther((node.shaping, shaping))
        needs[mold.column] = needs.get(mold.column, frozenset()) | mold.value.columns
        if mold.form in _PARTIAL:
            beside.add(mold.column)
        done.add(mold.check)


def _waits(columns: Iterable[str], target: str, needs: Mapping[str, frozenset[str]]) -> bool:
    """Whether the target is among the columns, or among those that they are made from."""
    todo, seen = list(columns), set[str]()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += needs.get(name, ())
    return target in seen
