"""Tables of kinds: a child whose check lists what it may refer to says what its parent has to hold.

`kind text REFERENCES kinds CHECK (kind IN ('book', 'toy'))` can refer to nothing unless there is a row for a book or a
toy. So this is the one thing about a table that its parent's values follow.
"""

from collections.abc import Mapping

from app.generator.domain import Value
from app.generator.engine.constraints import Constraints
from app.generator.planning.selection import root_of
from app.generator.snapshot.model import Check, QName, Table
from app.generator.types import TypeCatalog, quote_name

_TEXTS = frozenset({"text", "varchar", "bpchar", "citext", "name", "uuid"})
_MOST_VALUES = 1_000


def listed_for_parents(
    constraints: Mapping[QName, Constraints],
    own: Mapping[QName, Constraints],
    tables: Mapping[QName, Table],
    types: TypeCatalog,
) -> dict[QName, tuple[Check, ...]]:
    """A check with the list, for each column of text that children's checks list and the table's own do not.

    Where several children list, the parent has what any of them does. `constraints` are those with the lists that are
    known so far, `own` those without.
    """
    wanted: dict[tuple[QName, str], dict[Value, None]] = {}
    for name in sorted(constraints):
        for key in sorted(tables[name].foreign_keys, key=lambda key: key.name):
            parent = root_of(tables, key.ref_table)
            if len(key.columns) != 1 or not key.enforced or parent == name or parent not in constraints:
                continue
            place = (parent, key.ref_columns[0])
            values = constraints[name].domain(key.columns[0]).values
            if values and len(values) <= _MOST_VALUES and _is_open(tables[parent], place[1], types):
                wanted.setdefault(place, {}).update(dict.fromkeys(values))
    found: dict[QName, tuple[Check, ...]] = {}
    for (parent, ref), listed in sorted(wanted.items()):
        if own[parent].domain(ref).values is None:
            literals = ", ".join("'" + str(value).replace("'", "''") + "'" for value in listed)
            check = Check(f"{ref}: what children list", f"{quote_name(ref)} IN ({literals})")
            found[parent] = (*found.get(parent, ()), check)
    return found


def _is_open(table: Table, name: str, types: TypeCatalog) -> bool:
    """Whether any text may stand in a column."""
    kind = types.resolve(table.column(name).type).base
    return kind.name in _TEXTS and not kind.array_dims and table.column(name).generated is None
